//! A CSV file of notifications as answers: the first row names questions of the form, each further row is one death.
//! Must not know whether an answer holds, nor whether a death is known.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::casework::people::problem;
use crate::casework::{Error, notify};
use crate::domain::form::{AnsweredBy, Dictionary, Field, Form, Kind, Problem};

/// More rows than this are not read.
const MOST: usize = 10_000;

/// A column of the file.
struct Column<'a> {
    name: String,
    field: &'a Field,
    /// The table that the question is a column of, and which entry, from 1.
    within: Option<(&'a str, usize)>,
}

/// One row, not judged yet.
pub struct Row {
    /// As a spreadsheet counts: the names of the columns stand in row 1.
    pub number: usize,
    /// Nothing when it has another number of cells than there are columns.
    pub answers: Option<Value>,
    /// For each table, the entries that hold anything.
    entries: BTreeMap<String, Vec<usize>>,
}

/// A file that could be read.
pub struct File<'a> {
    columns: Vec<Column<'a>>,
    pub rows: Vec<Row>,
}

fn unreadable(words: &str) -> Error {
    Error::Invalid(vec![problem("file", "format", words)])
}

/// Reads a file whole.
pub fn read<'a>(dict: &'a Dictionary, form: &'a Form, text: &str) -> Result<File<'a>, Error> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let names = reader
        .headers()
        .map_err(|_| unreadable("The file is not CSV"))?;
    let columns = columns(form, names)?;
    let mut rows = Vec::new();
    for (number, record) in (2..).zip(reader.records()) {
        let record = record.map_err(|_| unreadable("The file is not CSV"))?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() == MOST {
            return Err(unreadable("The file must have 10,000 rows or fewer"));
        }
        rows.push(row(dict, &columns, number, &record));
    }
    if rows.is_empty() {
        return Err(unreadable("The file holds no row below its first"));
    }
    Ok(File { columns, rows })
}

/// Every name is looked at before any is refused.
fn columns<'a>(form: &'a Form, names: &csv::StringRecord) -> Result<Vec<Column<'a>>, Error> {
    let mut found: Vec<Column<'a>> = Vec::new();
    let mut wrong = Vec::new();
    for name in names {
        let name = name.to_lowercase();
        match column(form, &name) {
            None => wrong.push(format!(
                "Column “{name}” is no question of the notification form"
            )),
            Some(_) if found.iter().any(|c| c.name == name) => {
                wrong.push(format!("Column “{name}” stands in the file twice"));
            }
            Some((field, within)) => found.push(Column {
                name,
                field,
                within,
            }),
        }
    }
    if wrong.is_empty() {
        return Ok(found);
    }
    let faults = wrong.iter().map(|words| problem("file", "column", words));
    Err(Error::Invalid(faults.collect()))
}

/// `question`, `table.column` for a table's first entry, or `table.2.column`.
fn column<'a>(form: &'a Form, name: &str) -> Option<(&'a Field, Option<(&'a str, usize)>)> {
    let mut parts = name.splitn(3, '.');
    let field = form.field(parts.next()?)?;
    if field.answered_by != AnsweredBy::Notifier && !notify::OF_STAFF.contains(&field.id.as_str()) {
        return None;
    }
    match (parts.next(), parts.next()) {
        (None, _) if field.kind != Kind::Table => Some((field, None)),
        (Some(column), None) => Some((field.column(column)?, Some((&field.id, 1)))),
        (Some(entry), Some(column)) => {
            let entry: usize = entry.parse().ok().filter(|n| (1..=50).contains(n))?;
            Some((field.column(column)?, Some((&field.id, entry))))
        }
        _ => None,
    }
}

fn row(
    dict: &Dictionary,
    columns: &[Column<'_>],
    number: usize,
    record: &csv::StringRecord,
) -> Row {
    let mut entries: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    if record.len() != columns.len() {
        return Row {
            number,
            answers: None,
            entries,
        };
    }
    let mut answers = Map::new();
    let mut tables: BTreeMap<(&str, usize), Map<String, Value>> = BTreeMap::new();
    for (column, cell) in columns.iter().zip(record).filter(|(_, c)| !c.is_empty()) {
        let value = value(dict, column.field, cell);
        match column.within {
            None => {
                answers.insert(column.field.id.clone(), value);
            }
            Some(place) => {
                let entry = tables.entry(place).or_default();
                entry.insert(column.field.id.clone(), value);
            }
        }
    }
    for ((table, entry), cells) in tables {
        entries.entry(table.to_owned()).or_default().push(entry);
        let rows = answers.entry(table).or_insert_with(|| Value::Array(vec![]));
        if let Value::Array(rows) = rows {
            rows.push(Value::Object(cells));
        }
    }
    Row {
        number,
        answers: Some(Value::Object(answers)),
        entries,
    }
}

/// A cell as other systems write it: a choice may stand in words, several with semicolons between, a date day first.
fn value(dict: &Dictionary, field: &Field, cell: &str) -> Value {
    let of_list = |text: &str| -> String {
        let codes = field
            .codes
            .as_deref()
            .map_or(&[][..], |list| dict.codes(list));
        let text = text.trim();
        let named = codes
            .iter()
            .find(|c| c.code.eq_ignore_ascii_case(text))
            .or_else(|| {
                codes
                    .iter()
                    .find(|c| c.label.to_lowercase() == text.to_lowercase())
            });
        match named {
            Some(code) => code.code.clone(),
            None if text.eq_ignore_ascii_case("not known") => "not_known".to_owned(),
            None => text.to_owned(),
        }
    };
    match field.kind {
        Kind::SingleChoice | Kind::YesNoUnknown => of_list(cell).into(),
        Kind::MultiChoice => {
            let codes: Vec<String> = cell
                .split(';')
                .map(of_list)
                .filter(|c| !c.is_empty())
                .collect();
            match codes.as_slice() {
                [one] => one.as_str().into(),
                several => several.iter().map(String::as_str).collect(),
            }
        }
        Kind::Date => year_first(cell).into(),
        Kind::DateTime => match cell.split_once([' ', 'T']) {
            Some((day, time)) => format!("{}T{}", year_first(day), minutes(time.trim())).into(),
            None => cell.into(),
        },
        Kind::Time => minutes(cell).into(),
        _ => cell.into(),
    }
}

/// `27/03/2026` as `2026-03-27`: spreadsheets here write the day first.
fn year_first(text: &str) -> String {
    let parts: Vec<&str> = text.trim().split(['/', '.']).collect();
    match parts.as_slice() {
        [day, month, year] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => text.trim().to_owned(),
    }
}

/// Without the seconds that a spreadsheet adds.
fn minutes(text: &str) -> String {
    match text.rsplit_once(':') {
        Some((rest, seconds)) if rest.contains(':') && seconds.len() == 2 => rest.to_owned(),
        _ => text.to_owned(),
    }
}

impl File<'_> {
    /// The name of the column that a fault is in, as the file has it where it has it.
    pub fn column_of(&self, row: &Row, fault: &Problem) -> String {
        let Some(column) = &fault.column else {
            return fault.field.clone();
        };
        let entries = row.entries.get(&fault.field);
        let at = fault.row.unwrap_or(0);
        let entry = entries.and_then(|e| e.get(at)).copied().unwrap_or(at + 1);
        let held = self.columns.iter().find(|c| {
            c.field.id == *column && c.within.is_some_and(|w| w == (fault.field.as_str(), entry))
        });
        held.map_or_else(
            || format!("{}.{entry}.{column}", fault.field),
            |c| c.name.clone(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{minutes, year_first};

    #[test]
    fn a_date_may_stand_day_first_and_a_time_with_seconds() {
        assert_eq!(year_first("7/3/2026"), "2026-03-07");
        assert_eq!(year_first("27.03.2026"), "2026-03-27");
        assert_eq!(year_first("2026-03-27"), "2026-03-27");
        assert_eq!(year_first("27/03/26"), "27/03/26");
        assert_eq!(minutes("14:05:00"), "14:05");
        assert_eq!(minutes("14:05"), "14:05");
    }
}
