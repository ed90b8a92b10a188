//! What is wrong in a dictionary file, and where.

use std::fmt;

/// Something wrong in a dictionary file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// As the file was named: `2022-04-r1/notification.csv`.
    pub file: String,
    /// From 1, the header; 0 when the whole file is meant.
    pub line: u64,
    /// The column's name; empty when the whole line or file is meant.
    pub column: String,
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file)?;
        if self.line > 0 {
            write!(f, "{}:", self.line)?;
        }
        if !self.column.is_empty() {
            write!(f, " column {}:", self.column)?;
        }
        write!(f, " {}", self.message)
    }
}

impl std::error::Error for Fault {}

/// Every fault found so far.
#[derive(Debug, Default)]
pub(super) struct Faults(pub Vec<Fault>);

impl Faults {
    pub fn at(&mut self, file: &str, line: u64, column: &str, message: impl Into<String>) {
        self.0.push(Fault {
            file: file.to_owned(),
            line,
            column: column.to_owned(),
            message: message.into(),
        });
    }
}
