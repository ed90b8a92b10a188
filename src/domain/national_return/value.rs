//! One answer as the text of one cell.

use std::fmt::Write;

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Europe::London;

use super::layout::{Column, ColumnKind};
use crate::domain::form::Answer;

/// Writes an answer as `column` holds it. Several choices give the first of the column's list: a
/// cell never holds two. Returns whether anything was written.
pub(super) fn cell(answer: &Answer, column: &Column, into: &mut String) -> bool {
    let before = into.len();
    match answer {
        Answer::NotKnown => into.push_str(&column.not_known),
        Answer::Choices(codes) => {
            let first = column.values.iter().find(|value| codes.contains(value));
            into.push_str(first.or(codes.first()).map_or("", String::as_str));
        }
        Answer::DateTime(moment) if column.kind == ColumnKind::Date => {
            push(into, moment.date());
        }
        Answer::Rows(_) => {}
        _ => plain(answer, into),
    }
    into.len() > before
}

/// Writes a single value: dates and times in ISO 8601, numbers without separators.
pub(super) fn plain(answer: &Answer, into: &mut String) {
    match answer {
        Answer::Text(text) => into.push_str(text),
        Answer::Choice(code) => into.push_str(code),
        Answer::Date(date) => push(into, date),
        Answer::DateTime(moment) => local(*moment, into),
        Answer::Time(time) => push(into, time.format("%H:%M:%S")),
        Answer::Boolean(yes) => push(into, yes),
        Answer::Integer(n) => push(into, n),
        Answer::Decimal(n) => push(into, n),
        Answer::NotKnown => into.push_str("not_known"),
        Answer::Choices(_) | Answer::Rows(_) => {}
    }
}

/// A moment in London, without its offset: `2026-03-27T14:05:00`.
pub(super) fn moment(at: DateTime<Utc>, into: &mut String) {
    local(at.with_timezone(&London).naive_local(), into);
}

fn local(at: NaiveDateTime, into: &mut String) {
    push(into, at.format("%Y-%m-%dT%H:%M:%S"));
}

/// Appends what `value` displays; a `String` takes everything.
pub(super) fn push(into: &mut String, value: impl std::fmt::Display) {
    let _ = write!(into, "{value}");
}
