//! A table's rows: each a group of questions with its own names, with buttons to add and remove
//! that are plain submits, so they work without scripts.

use super::{Cell, Page, Question, messages};
use crate::domain::form::{AnsweredBy, Field, Problem};
use serde::Serialize;

/// One row as shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// From 1, for people.
    pub number: usize,
    /// Posted as `remove`: the table and the row as shown.
    pub remove: String,
    pub questions: Vec<Question>,
    /// What is wrong with the row as a whole.
    pub errors: Vec<String>,
}

impl Page<'_> {
    pub(super) fn rows(&self, table: &Field) -> Vec<Row> {
        let sources = self.sources(table);
        let added = self.adds(&table.id);
        let last = sources.len().saturating_sub(1);
        let rows = sources.iter().enumerate();
        rows.map(|(shown, source)| {
            let mut row = self.row(Cell {
                table,
                shown,
                source: *source,
            });
            if added
                && shown == last
                && self.problems.is_empty()
                && let Some(first) = row.questions.first_mut()
            {
                first.autofocus = true;
            }
            row
        })
        .collect()
    }

    /// Which rows of the post, or of the answers, to show: without one removed, with one more
    /// where it was asked for, and an empty one rather than none.
    fn sources(&self, table: &Field) -> Vec<usize> {
        let held = self.values.rows(&table.id);
        let removed = self
            .values
            .first("remove")
            .strip_prefix(&format!("{}-", table.id));
        let removed = removed.and_then(|row| row.parse::<usize>().ok());
        let mut sources: Vec<usize> = (0..held).filter(|row| Some(*row) != removed).collect();
        if sources.is_empty() || self.adds(&table.id) {
            sources.push(held);
        }
        sources
    }

    fn adds(&self, table: &str) -> bool {
        self.options.add == Some(table) || self.values.first("add") == table
    }

    fn row(&self, cell: Cell) -> Row {
        let columns = cell
            .table
            .columns
            .iter()
            .filter(|c| c.answered_by != AnsweredBy::System);
        let whole = |p: &&Problem| {
            p.field == cell.table.id && p.row == Some(cell.source) && p.column.is_none()
        };
        Row {
            number: cell.shown + 1,
            remove: format!("{}-{}", cell.table.id, cell.shown),
            questions: columns
                .map(|column| self.question(column, Some(cell)))
                .collect(),
            errors: messages(&self.problems.iter().filter(whole).collect::<Vec<_>>()),
        }
    }
}
