//! One function a file: the rows a case has in it.

pub(super) mod answer;
pub(super) mod category;
pub(super) mod code_list;
pub(super) mod event;
pub(super) mod factor;
pub(super) mod learning_action;
pub(super) mod person;
pub(super) mod timeline;

use std::io;

use super::layout::{ColumnKind, File};
use super::sheet::Sheet;
use super::view::View;

/// A row of `case.csv` or `lscb1_child.csv`: each column from its sources.
pub(super) fn driven(
    file: File,
    view: &View,
    sheet: &mut Sheet,
    cell: &mut String,
) -> io::Result<()> {
    for column in view.context.layout.columns(file) {
        cell.clear();
        view.fill(column, cell);
        if column.kind == ColumnKind::String && column.codes.is_none() {
            sheet.text(cell)?;
        } else {
            sheet.value(cell)?;
        }
    }
    sheet.end()
}
