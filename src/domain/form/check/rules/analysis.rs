//! The rules of the analysis form: AN-1 to AN-5 and AN-9.

use super::super::carries;
use super::super::judge::Judge;
use super::super::term::Rule;
use crate::domain::form::answer::Row;
use crate::domain::form::phrase::quoted;
use crate::domain::form::{Answer, Field, Problem, Severity, Stage, derive};

/// AN-1: each factor stands in its own row with a grade; lists in one row are asked about.
/// AN-3: a factor graded 0 or 1 is rarely one that could be modified.
pub(super) fn one_line_per_factor(
    judge: &Judge,
    table: &Field,
    answer: Option<&Answer>,
    found: &mut Vec<Problem>,
) {
    for (number, row) in answer.map_or(&[][..], Answer::rows).iter().enumerate() {
        let named = format!("Factor {} under {}", number + 1, quoted(table));
        let mut tell = |rule: &str, severity, column: &str, words: String| {
            let mut problem =
                Problem::stop(&table.id, rule, words).in_cell(&table.id, number, column);
            problem.severity = severity;
            found.push(problem);
        };
        let described = filled(row, "factor_code") || filled(row, "description");
        if judge.stage == Stage::Final && !described {
            let words = format!("{named}: choose the factor or describe it");
            tell("AN-1", Severity::Stop, "factor_code", words);
        }
        if judge.stage == Stage::Final && !filled(row, "influence") {
            let words = format!("{named}: choose its influence, 0, 1 or 2");
            tell("AN-1", Severity::Stop, "influence", words);
        }
        if is_list(row) {
            let words =
                format!("{named} may hold more than one factor. Give each factor its own line");
            tell("AN-1", Severity::Warn, "description", words);
        }
        let graded_low = matches!(choice(row, "influence"), Some("0" | "1"));
        if graded_low && choice(row, "modifiable") == Some("yes") {
            let words = format!(
                "{named} is marked modifiable but its influence is not 2. Check that both are right"
            );
            tell("AN-3", Severity::Warn, "modifiable", words);
        }
    }
}

fn filled(row: &Row, column: &str) -> bool {
    row.get(column)
        .is_some_and(|answer| !answer.is_blank() && !answer.is_not_known())
}

fn choice<'r>(row: &'r Row, column: &str) -> Option<&'r str> {
    match row.get(column)? {
        Answer::Choice(code) => Some(code),
        _ => None,
    }
}

fn is_list(row: &Row) -> bool {
    match row.get("description") {
        Some(Answer::Text(text)) => text.contains(';') || text.to_lowercase().contains(" and "),
        _ => false,
    }
}

/// AN-2: a domain has factors, or says that it has none; not both.
pub(super) fn factors_or_none(
    judge: &Judge,
    table: &Field,
    answer: Option<&Answer>,
) -> Option<Problem> {
    let none_id = format!("no_{}", table.id);
    let none_field = judge.sight.form.field(&none_id)?;
    let none = judge.sight.answers.boolean(&none_id) == Some(true);
    let some = !answer.map_or(&[][..], Answer::rows).is_empty();
    let words = match (some, none) {
        (true, true) => format!(
            "{} has factors, and {} is ticked too. Remove one or the other",
            quoted(table),
            quoted(none_field)
        ),
        (false, false) if judge.stage == Stage::Final => {
            format!(
                "Add a factor under {}, or tick {}",
                quoted(table),
                quoted(none_field)
            )
        }
        _ => return None,
    };
    Some(Problem::stop(&table.id, "AN-2", words))
}

/// AN-4: of the categories ticked, the lowest number is primary and the others are secondary.
pub(super) fn lowest_is_primary(
    judge: &Judge,
    field: &Field,
    answer: Option<&Answer>,
) -> Option<Problem> {
    let ticked = judge.sight.answers.choices("categories_all");
    let lowest = derive::lowest(ticked);
    let words = match answer? {
        Answer::Choice(primary) if Some(primary.as_str()) != lowest => match lowest {
            Some(lowest) => format!(
                "The primary category must be {lowest}, the lowest-numbered category ticked"
            ),
            None => "Tick the categories that apply: the lowest is the primary one".to_owned(),
        },
        Answer::Choices(secondary) => {
            let stray = secondary
                .iter()
                .find(|code| Some(code.as_str()) == lowest || !ticked.contains(code))?;
            if Some(stray.as_str()) == lowest {
                format!("Category {stray} is the primary category, so it cannot be secondary too")
            } else {
                format!("Category {stray} is secondary but is not among the categories ticked")
            }
        }
        _ => return None,
    };
    Some(Problem::stop(&field.id, "AN-4", words))
}

/// AN-5: the sub-category belongs to the primary category.
pub(super) fn within_primary(
    judge: &Judge,
    field: &Field,
    answer: Option<&Answer>,
) -> Option<Problem> {
    let Some(Answer::Choice(code)) = answer else {
        return None;
    };
    let primary = judge.sight.value("primary_category")?;
    let Answer::Choice(primary) = primary.as_ref() else {
        return None;
    };
    let sub = judge.dict.code(field.codes.as_deref()?, code)?;
    (sub.parent.as_ref() != Some(primary)).then(|| {
        let words = format!(
            "“{}” does not belong to category {primary}. Choose a sub-category of category {primary}",
            sub.label
        );
        Problem::stop(&field.id, "AN-5", words)
    })
}

/// AN-9: modifiable factors were found exactly when some factor is marked modifiable; inadequate
/// information is explained. What is still missing counts only when the form is sent.
pub(super) fn modifiability(
    judge: &Judge,
    field: &Field,
    answer: Option<&Answer>,
) -> Option<Problem> {
    let sight = judge.sight;
    let some = sight
        .form
        .fields()
        .filter(|table| carries(table, Rule::An1) && sight.shows(table))
        .flat_map(|table| sight.answers.rows(&table.id))
        .any(|row| choice(row, "modifiable") == Some("yes"));
    let last = judge.stage == Stage::Final;
    let chosen = match answer? {
        Answer::Choice(code) => code.as_str(),
        _ => return None,
    };
    let words = match (chosen, some) {
        ("modifiable", false) if last => {
            "No factor is marked modifiable. Mark at least one, or choose another answer"
        }
        ("none" | "inadequate", true) => {
            "At least one factor is marked modifiable, so choose “Modifiable factors identified” or change the factor"
        }
        ("inadequate", false) if last && !sight.answers.is_answered("modifiable_comment") => {
            let words = "Explain why the information is inadequate";
            return Some(Problem::stop("modifiable_comment", "AN-9", words));
        }
        _ => return None,
    };
    Some(Problem::stop(&field.id, "AN-9", words))
}
