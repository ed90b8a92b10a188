//! The rows of a table in a post: cells named `<table>-<row>-<column>`.

use std::collections::BTreeSet;

use super::{Post, Posted, cell};
use crate::domain::form::answer::Row;
use crate::domain::form::phrase::quoted;
use crate::domain::form::{Answer, Dictionary, Field, Problem};

/// The most rows a table takes.
pub(in crate::domain::form) const MOST_ROWS: usize = 50;

/// How many rows a post carries for a table, counting up to its last one; at most fifty.
pub fn table_rows(field: &Field, posted: &Posted) -> usize {
    let rows = posted.0.iter().filter_map(|(name, _)| row_of(field, name));
    rows.max()
        .map_or(0, |last| last.saturating_add(1))
        .min(MOST_ROWS)
}

/// The row that a name belongs to, if it is a cell of this table.
fn row_of(field: &Field, name: &str) -> Option<usize> {
    let (row, column) = name
        .strip_prefix(field.id.as_str())?
        .strip_prefix('-')?
        .split_once('-')?;
    let column = column
        .split_once('-')
        .map_or(column, |(column, _part)| column);
    field.column(column)?;
    if row.is_empty() || !row.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // A number too long to hold is a row beyond every limit.
    Some(row.parse().unwrap_or(usize::MAX))
}

/// Rows that are empty throughout are dropped. One fault keeps the whole old table.
pub(super) fn read(
    dict: &Dictionary,
    table: &Field,
    post: &Post,
) -> Result<Option<Answer>, Vec<Problem>> {
    let mut numbers = BTreeSet::new();
    for (name, values) in &post.0 {
        let filled = values.iter().any(|value| !value.trim().is_empty());
        if let Some(row) = row_of(table, name).filter(|_| filled) {
            numbers.insert(row);
        }
    }
    if numbers.last().is_some_and(|last| *last >= MOST_ROWS) {
        let words = format!("{} can have at most {MOST_ROWS} entries", quoted(table));
        return Err(vec![Problem::stop(&table.id, "rows", words)]);
    }
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    for number in numbers {
        let row = row(dict, table, number, post, &mut problems);
        if !row.is_empty() {
            rows.push(row);
        }
    }
    match (
        problems.is_empty(),
        rows.is_empty(),
        post.says_not_known(&table.id),
    ) {
        (false, ..) => Err(problems),
        (true, false, true) => {
            let words = format!(
                "Add entries under {}, or say that they are not known, but not both",
                quoted(table)
            );
            Err(vec![Problem::stop(&table.id, "not_known", words)])
        }
        (true, true, true) => Ok(Some(Answer::NotKnown)),
        (true, true, false) => Ok(None),
        (true, false, false) => Ok(Some(Answer::Rows(rows))),
    }
}

fn row(
    dict: &Dictionary,
    table: &Field,
    number: usize,
    post: &Post,
    problems: &mut Vec<Problem>,
) -> Row {
    let mut row = Row::new();
    for column in &table.columns {
        let name = format!("{}-{number}-{}", table.id, column.id);
        match cell::read(dict, column, &name, post) {
            Ok(Some(answer)) => drop(row.insert(column.id.clone(), answer)),
            Ok(None) => {}
            Err(misread) => problems.push(
                Problem::stop(&table.id, misread.rule, misread.message)
                    .in_cell(&table.id, number, &column.id),
            ),
        }
    }
    row
}
