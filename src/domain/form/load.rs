//! Reads dictionary files and reports every fault in them at once.

use std::fmt;

use super::Library;

/// Something wrong in a dictionary file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Such as `2022-04-r1/notification.csv`.
    pub file: String,
    /// From 1; the header is line 1.
    pub line: u64,
    /// The column's name; empty when the whole line or file is meant.
    pub column: String,
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.column.is_empty() {
            write!(f, "column {}: ", self.column)?;
        }
        f.write_str(&self.message)
    }
}

pub(super) fn library<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Library, Vec<Fault>> {
    let _ = files.into_iter().count();
    Err(Vec::new())
}
