//! Data files line by line, with everything in them that cannot be right named by file, line and column. Must not know
//! what any file is about.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

/// One line being read.
pub(super) struct Line<'a> {
    file: &'a str,
    number: u64,
    cells: BTreeMap<&'a str, &'a str>,
    faults: Vec<String>,
}

/// Hands over each line of a file; gives every fault that was found, in order.
pub(super) fn lines(file: &str, text: &str, mut take: impl FnMut(&mut Line<'_>)) -> Vec<String> {
    let mut faults = Vec::new();
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let names = reader.headers().cloned().unwrap_or_default();
    for row in reader.records() {
        let row = match row {
            Ok(row) => row,
            Err(fault) => {
                faults.push(format!("{file}: {fault}"));
                continue;
            }
        };
        let mut line = Line {
            file,
            number: row.position().map_or(0, csv::Position::line),
            cells: names.iter().zip(row.iter()).collect(),
            faults: Vec::new(),
        };
        if row.len() > names.len() {
            let more = format!("has {} cells for {} columns", row.len(), names.len());
            line.fault(&more);
        }
        take(&mut line);
        faults.append(&mut line.faults);
    }
    faults
}

impl Line<'_> {
    fn fault(&mut self, what: &str) {
        self.faults
            .push(format!("{}:{}: {what}", self.file, self.number));
    }

    pub fn wrong(&mut self, column: &str, what: &str) {
        self.fault(&format!("column {column}: {what}"));
    }

    /// Whether nothing was wrong with it so far.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    pub fn text(&mut self, column: &str) -> String {
        if let Some(text) = self.cells.get(column) {
            text.trim().to_owned()
        } else {
            self.wrong(column, "is missing");
            String::new()
        }
    }

    /// The text of a column that a file may leave out.
    pub fn optional(&self, column: &str) -> String {
        let text = self.cells.get(column).copied().unwrap_or_default();
        text.trim().to_owned()
    }

    /// One of the words that a column takes; the fault names them.
    pub fn coded<T: FromStr<Err: Display>>(&mut self, column: &str, text: &str) -> Option<T> {
        match text.parse() {
            Ok(code) => Some(code),
            Err(known) => {
                self.wrong(column, &format!("“{text}” {known}"));
                None
            }
        }
    }
}
