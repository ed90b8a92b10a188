//! A CSV file as lines of named cells.

use super::fault::Faults;

/// One line: its number, and a cell for each expected column.
pub(super) struct Line<'c> {
    pub number: u64,
    columns: &'c [&'c str],
    cells: Vec<String>,
}

impl Line<'_> {
    /// The trimmed text under a column; empty for a column that is not expected.
    pub fn cell(&self, column: &str) -> &str {
        let place = self.columns.iter().position(|name| *name == column);
        place
            .and_then(|place| self.cells.get(place))
            .map_or("", String::as_str)
    }

    /// The text under a column that must not be empty.
    pub fn filled(&self, column: &str, path: &str, faults: &mut Faults) -> String {
        let text = self.cell(column);
        if text.is_empty() {
            faults.at(path, self.number, column, "must not be empty");
        }
        text.to_owned()
    }
}

/// Splits a file. A file without its columns gives no lines, a line of the wrong length is left
/// out; both are faults.
pub(super) fn lines<'c>(
    path: &str,
    text: &str,
    columns: &'c [&'c str],
    faults: &mut Faults,
) -> Vec<Line<'c>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let header: Vec<String> = match records.next() {
        Some(Ok(record)) => record.iter().map(|name| name.trim().to_owned()).collect(),
        _ => Vec::new(),
    };
    if !header_fits(path, &header, columns, faults) {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for record in records {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                faults.at(path, line, "", "this line is not UTF-8 text in CSV form");
                continue;
            }
        };
        let number = record.position().map_or(0, csv::Position::line);
        if record.len() != header.len() {
            let words = format!(
                "has {} cells; there are {} columns",
                record.len(),
                header.len()
            );
            faults.at(path, number, "", words);
            continue;
        }
        let cell = |column: &&str| {
            let place = header.iter().position(|name| name == column);
            place
                .and_then(|place| record.get(place))
                .unwrap_or("")
                .trim()
                .to_owned()
        };
        lines.push(Line {
            number,
            columns,
            cells: columns.iter().map(cell).collect(),
        });
    }
    lines
}

fn header_fits(path: &str, header: &[String], columns: &[&str], faults: &mut Faults) -> bool {
    let before = faults.0.len();
    for column in columns {
        if !header.iter().any(|name| name == column) {
            faults.at(path, 1, column, "this column is missing");
        }
    }
    for name in header {
        if !columns.contains(&name.as_str()) {
            faults.at(path, 1, name, "this column is not known");
        }
    }
    faults.0.len() == before
}
