//! The list of what is wrong, at the top of the page, with a link to each place.

use super::first_input;
use crate::domain::form::{Form, Problem, Severity};
use serde::Serialize;

/// For the template: `title`, and the `items` as `govukErrorSummary` wants them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorSummary {
    pub title: &'static str,
    pub items: Vec<SummaryItem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryItem {
    pub text: String,
    /// `#` and the id of the first input.
    pub href: String,
}

/// What is posted as `confirm` when a warning is right: `<field>:<rule>`, for a table's cell
/// `<table>.<row>.<column>:<rule>`.
pub fn confirm_key(problem: &Problem) -> String {
    let mut place = problem.field.clone();
    if let Some(row) = problem.row {
        place = format!("{place}.{row}");
    }
    if let Some(column) = &problem.column {
        place = format!("{place}.{column}");
    }
    format!("{place}:{}", problem.rule)
}

/// The summary of some problems, or none where there are none. Leave out the warnings already
/// confirmed. Each message stands once for each place.
pub fn error_summary(form: &Form, problems: &[Problem]) -> Option<ErrorSummary> {
    let mut items: Vec<SummaryItem> = Vec::new();
    for problem in problems {
        let item = SummaryItem {
            text: problem.message.clone(),
            href: href(form, problem),
        };
        if !items.contains(&item) {
            items.push(item);
        }
    }
    let stops = problems
        .iter()
        .any(|problem| problem.severity == Severity::Stop);
    let title = if stops {
        "There is a problem"
    } else {
        "Check your answers"
    };
    (!items.is_empty()).then_some(ErrorSummary { title, items })
}

fn href(form: &Form, problem: &Problem) -> String {
    let field = form.field(&problem.field);
    let id = match (field, problem.row, &problem.column) {
        (Some(table), Some(row), Some(column)) => {
            let name = format!("{}-{row}-{column}", problem.field);
            table
                .column(column)
                .map_or(name.clone(), |c| first_input(c.kind, &name))
        }
        (_, Some(row), None) => format!("{}-{row}", problem.field),
        (Some(field), None, _) => first_input(field.kind, &field.id),
        _ => problem.field.clone(),
    };
    format!("#{id}")
}
