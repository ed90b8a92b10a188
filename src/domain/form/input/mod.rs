//! HTML posts in, typed answers out, and back (`contracts.md`, "Form posts").
//!
//! A date is `<id>-day`, `<id>-month`, `<id>-year`; a date-time adds `<id>-hour` and
//! `<id>-minute`; a time is `<id>`, or those two; a multiple choice repeats its name; a table's
//! cell is `<table>-<row>-<column>`, rows from 0; `<id>-not_known=yes` says so for any question.

mod cell;
mod table;
mod write;

use std::collections::HashMap;

use super::{AnsweredBy, Answers, Dictionary, Field, Form, Kind, Problem};

pub(super) use table::MOST_ROWS;
pub use table::table_rows;
pub use write::write;

/// The names and values of a form post, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posted(pub Vec<(String, String)>);

impl Posted {
    /// The first value posted under a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let pairs = self.0.iter();
        let mut found = pairs.filter(|(n, _)| n == name).map(|(_, v)| v.as_str());
        found.next()
    }
}

/// Reads exactly the given fields of the form. A blank clears; a fault leaves the old answer and
/// is reported, with what was typed still in the post for the page to show. What the system
/// answers is never read.
pub fn read(
    dict: &Dictionary,
    form: &Form,
    fields: &[&Field],
    posted: &Posted,
    into: &mut Answers,
) -> Vec<Problem> {
    let post = Post::of(posted);
    let mut problems = Vec::new();
    let asked = fields
        .iter()
        .filter(|field| field.answered_by != AnsweredBy::System && form.field(&field.id).is_some());
    for field in asked {
        let answer = match field.kind {
            Kind::Table => table::read(dict, field, &post),
            _ => cell::read(dict, field, &field.id, &post)
                .map_err(|misread| vec![Problem::stop(&field.id, misread.rule, misread.message)]),
        };
        match answer {
            Ok(Some(answer)) => into.set(&field.id, answer),
            Ok(None) => drop(into.remove(&field.id)),
            Err(mut faults) => problems.append(&mut faults),
        }
    }
    problems
}

/// A post by name.
struct Post<'p>(HashMap<&'p str, Vec<&'p str>>);

impl<'p> Post<'p> {
    fn of(posted: &'p Posted) -> Post<'p> {
        let mut names: HashMap<&str, Vec<&str>> = HashMap::new();
        for (name, value) in &posted.0 {
            names.entry(name).or_default().push(value);
        }
        Post(names)
    }

    fn all(&self, name: &str) -> &[&'p str] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// The last value that is not blank (a ticked box after its hidden "no"), or "".
    fn one(&self, name: &str) -> &'p str {
        self.all(name)
            .iter()
            .rev()
            .find(|value| !value.trim().is_empty())
            .copied()
            .unwrap_or("")
    }

    fn part(&self, name: &str, part: &str) -> &'p str {
        self.one(&format!("{name}-{part}"))
    }

    fn says_not_known(&self, name: &str) -> bool {
        matches!(
            self.part(name, "not_known"),
            "yes" | "true" | "on" | "not_known"
        )
    }
}

#[cfg(test)]
mod tests;
