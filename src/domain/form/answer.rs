//! Typed answers to one form.

mod json;

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::{AnsweredBy, Form};

/// One row of a table: column id to answer. A cell that is not answered is not there.
pub type Row = BTreeMap<String, Answer>;

/// One typed answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Text(String),
    Date(NaiveDate),
    /// London time.
    DateTime(NaiveDateTime),
    Time(NaiveTime),
    Boolean(bool),
    Integer(i64),
    Decimal(f64),
    /// A code.
    Choice(String),
    /// Codes, in the list's order.
    Choices(Vec<String>),
    Rows(Vec<Row>),
    /// A fair answer to any question.
    NotKnown,
}

impl Answer {
    /// An answer that says nothing counts as none: blank text, no codes, no rows.
    pub fn is_blank(&self) -> bool {
        match self {
            Answer::Text(text) => text.trim().is_empty(),
            Answer::Choice(code) => code.is_empty(),
            Answer::Choices(codes) => codes.is_empty(),
            Answer::Rows(rows) => rows.is_empty(),
            _ => false,
        }
    }

    /// "Not known", whether given as such or by a list's own code for it.
    pub fn is_not_known(&self) -> bool {
        match self {
            Answer::NotKnown => true,
            Answer::Choice(code) => says_not_known(code),
            Answer::Choices(codes) => !codes.is_empty() && codes.iter().all(|c| says_not_known(c)),
            _ => false,
        }
    }

    /// The number in an integer or decimal answer.
    pub fn number(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "answers are far below 2^53")]
            Answer::Integer(n) => Some(*n as f64),
            Answer::Decimal(n) => Some(*n),
            _ => None,
        }
    }

    /// The date in a date or date-time answer.
    pub fn day(&self) -> Option<NaiveDate> {
        match self {
            Answer::Date(date) => Some(*date),
            Answer::DateTime(moment) => Some(moment.date()),
            _ => None,
        }
    }

    pub fn rows(&self) -> &[Row] {
        match self {
            Answer::Rows(rows) => rows,
            _ => &[],
        }
    }
}

/// The codes by which lists say "not known".
pub(super) fn says_not_known(code: &str) -> bool {
    matches!(code, "not_known" | "unknown")
}

/// The answers given to one form, by field id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers(pub BTreeMap<String, Answer>);

impl Answers {
    pub fn get(&self, id: &str) -> Option<&Answer> {
        self.0.get(id)
    }

    /// A blank answer clears.
    pub fn set(&mut self, id: impl Into<String>, answer: Answer) {
        let id = id.into();
        if answer.is_blank() {
            self.0.remove(&id);
        } else {
            self.0.insert(id, answer);
        }
    }

    pub fn remove(&mut self, id: &str) -> Option<Answer> {
        self.0.remove(id)
    }

    /// "Not known" is an answer.
    pub fn is_answered(&self, id: &str) -> bool {
        self.get(id).is_some_and(|answer| !answer.is_blank())
    }

    pub fn text(&self, id: &str) -> Option<&str> {
        match self.get(id)? {
            Answer::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A date, or the date of a date-time.
    pub fn date(&self, id: &str) -> Option<NaiveDate> {
        self.get(id)?.day()
    }

    pub fn choice(&self, id: &str) -> Option<&str> {
        match self.get(id)? {
            Answer::Choice(code) => Some(code),
            _ => None,
        }
    }

    /// The codes ticked; none when not answered.
    pub fn choices(&self, id: &str) -> &[String] {
        match self.get(id) {
            Some(Answer::Choices(codes)) => codes,
            _ => &[],
        }
    }

    pub fn integer(&self, id: &str) -> Option<i64> {
        match self.get(id)? {
            Answer::Integer(n) => Some(*n),
            _ => None,
        }
    }

    pub fn boolean(&self, id: &str) -> Option<bool> {
        match self.get(id)? {
            Answer::Boolean(yes) => Some(*yes),
            _ => None,
        }
    }

    /// Only what these people answer: what another system sends must not hold what staff decide
    /// or the system works out.
    #[must_use]
    pub fn only(mut self, form: &Form, of: &[AnsweredBy]) -> Answers {
        self.0.retain(|id, _| {
            form.field(id)
                .is_some_and(|field| of.contains(&field.answered_by))
        });
        self
    }

    /// The rows of a table; none when not answered.
    pub fn rows(&self, id: &str) -> &[Row] {
        self.get(id).map_or(&[], Answer::rows)
    }
}
