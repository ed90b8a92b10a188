//! What a check finds, and what it may look at beside the form itself.

use chrono::{NaiveDate, NaiveDateTime};

use super::Answer;

/// Whether a form can be sent with the problem in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Cannot be sent.
    Stop,
    /// Can be sent once looked at.
    Warn,
}

/// One thing that is wrong or missing, in words for the person who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The question, or the table.
    pub field: String,
    /// The table's row, from 0: as posted when reading a post, as stored when checking.
    pub row: Option<usize>,
    pub column: Option<String>,
    /// Stable name of the rule: `required`, `range`, `on_or_after:date_of_death`, `AN-1`.
    pub rule: String,
    pub severity: Severity,
    pub message: String,
}

impl Problem {
    pub(super) fn stop(
        field: &str,
        rule: impl Into<String>,
        message: impl Into<String>,
    ) -> Problem {
        Problem {
            field: field.to_owned(),
            row: None,
            column: None,
            rule: rule.into(),
            severity: Severity::Stop,
            message: message.into(),
        }
    }

    pub(super) fn in_cell(mut self, table: &str, row: usize, column: &str) -> Problem {
        table.clone_into(&mut self.field);
        self.row = Some(row);
        self.column = Some(column.to_owned());
        self
    }
}

/// What lies around one form: the moment, and the case's other forms.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    pub today: NaiveDate,
    /// London time.
    pub now: NaiveDateTime,
    /// The answer to a field of the same case on another form.
    pub elsewhere: &'a dyn Fn(&str) -> Option<Answer>,
}

/// How complete a form must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Only faults in what was given; nothing is missing yet.
    Draft,
    /// Everything: what is required is asked for, minimum numbers count.
    Final,
}
