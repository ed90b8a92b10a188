//! Reads the layout files and says every fault in them at once.

use csv::StringRecord;

use super::{Column, ColumnKind, File, Layout, List, ListCode, Place, Table};
use crate::domain::form::{Dictionary, Fault, Kind};
use crate::domain::national_return::fact::Fact;

const COLUMNS: &str = "return/columns.csv";
const CODES: &str = "return/codes.csv";

pub(super) fn layout(
    columns: &str,
    codes: &str,
    dictionary: &Dictionary,
) -> Result<Layout, Vec<Fault>> {
    let mut faults = Vec::new();
    let lists = lists(codes, &mut faults);
    let tables = tables(columns, &lists, dictionary, &mut faults);
    for file in File::ALL {
        if !tables.iter().any(|table| table.file == file) {
            faults.push(fault(
                COLUMNS,
                1,
                "file",
                format!("{} has no columns", file.name()),
            ));
        }
    }
    if faults.is_empty() {
        Ok(Layout { tables, lists })
    } else {
        Err(faults)
    }
}

fn fault(file: &str, line: u64, column: &str, message: String) -> Fault {
    Fault {
        file: file.to_owned(),
        line,
        column: column.to_owned(),
        message,
    }
}

/// The rows of a file with their line numbers; a row that cannot be read is a fault.
fn records(file: &str, text: &str, faults: &mut Vec<Fault>) -> Vec<(u64, StringRecord)> {
    let mut rows = Vec::new();
    for record in csv::Reader::from_reader(text.as_bytes()).into_records() {
        match record {
            Ok(record) => rows.push((record.position().map_or(0, csv::Position::line), record)),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                faults.push(fault(file, line, "", "this row cannot be read".to_owned()));
            }
        }
    }
    rows
}

fn lists(text: &str, faults: &mut Vec<Fault>) -> Vec<List> {
    let mut lists: Vec<List> = Vec::new();
    for (line, record) in records(CODES, text, faults) {
        let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
        let confidence = match record.get(6) {
            Some("seen") => "seen",
            Some("recalled") => "from_knowledge",
            Some("inferred") => "inferred",
            _ => {
                let message = "the basis is seen, recalled or inferred".to_owned();
                faults.push(fault(CODES, line, "basis", message));
                continue;
            }
        };
        let name = cell(0);
        let code = ListCode {
            code: cell(3),
            label: cell(4),
            parent: cell(5),
            confidence,
        };
        match lists.iter_mut().find(|list| list.name == name) {
            Some(list) => list.codes.push(code),
            None => lists.push(List {
                name,
                codes: vec![code],
            }),
        }
    }
    lists
}

fn tables(
    text: &str,
    lists: &[List],
    dictionary: &Dictionary,
    faults: &mut Vec<Fault>,
) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for (line, record) in records(COLUMNS, text, faults) {
        let mut complain = |column: &str, message: String| {
            faults.push(fault(COLUMNS, line, column, message));
        };
        let name = record.get(0).unwrap_or_default();
        let Some(file) = File::of(name) else {
            complain("file", format!("the return has no file {name}"));
            continue;
        };
        let column = column(file, &record, lists, dictionary, &mut complain);
        match tables.iter_mut().find(|table| table.file == file) {
            Some(table) => table.columns.extend(column),
            None => tables.push(Table {
                file,
                columns: column.into_iter().collect(),
            }),
        }
    }
    tables
}

fn column(
    file: File,
    record: &StringRecord,
    lists: &[List],
    dictionary: &Dictionary,
    complain: &mut dyn FnMut(&str, String),
) -> Option<Column> {
    let cell = |at: usize| record.get(at).unwrap_or_default();
    let Some(kind) = ColumnKind::ALL
        .into_iter()
        .find(|kind| kind.name() == cell(2))
    else {
        complain("type", format!("{} is no type of a column", cell(2)));
        return None;
    };
    let codes = Some(cell(4).to_owned()).filter(|list| !list.is_empty());
    let values = codes
        .as_deref()
        .map_or(Vec::new(), |list| values(list, lists, dictionary));
    if codes.is_some() && values.is_empty() {
        complain("codes", format!("there is no code list {}", cell(4)));
    }
    let mut places = Vec::new();
    for source in cell(5).split('|') {
        match place(file, source, kind, dictionary) {
            Ok(place) => places.push(place),
            Err(message) => complain("source", message),
        }
    }
    let own = ["not_known", "unknown", "99"]
        .into_iter()
        .find(|code| values.iter().any(|v| v == code));
    Some(Column {
        name: cell(1).to_owned(),
        kind,
        required: cell(3) == "yes",
        codes,
        not_known: own.unwrap_or("not_known").to_owned(),
        values,
        places,
        description: cell(6).to_owned(),
    })
}

/// The codes of a list, the return's own first.
fn values(list: &str, lists: &[List], dictionary: &Dictionary) -> Vec<String> {
    match lists.iter().find(|held| held.name == list) {
        Some(own) => own.codes.iter().map(|code| code.code.clone()).collect(),
        None => dictionary
            .codes(list)
            .iter()
            .map(|code| code.code.clone())
            .collect(),
    }
}

fn place(
    file: File,
    source: &str,
    kind: ColumnKind,
    dictionary: &Dictionary,
) -> Result<Place, String> {
    let none = || format!("there is nothing called {source}");
    let (form, name) = source.split_once('.').ok_or_else(none)?;
    if matches!(form, "case" | "derived") {
        return match Fact::of(source) {
            Some(fact) => Ok(Place::Fact(fact)),
            None if form == "derived" && !file.is_driven() => Ok(Place::Own),
            None => Err(none()),
        };
    }
    let held = dictionary.form(form).ok_or_else(none)?;
    let form = form.to_owned();
    let (field, place) = match name.split_once('.') {
        None => (
            held.field(name),
            Place::Answer {
                form,
                field: name.to_owned(),
            },
        ),
        Some((table, column)) => {
            let field = held.field(table).and_then(|table| table.column(column));
            let (table, column) = (table.to_owned(), column.to_owned());
            (
                field,
                Place::Cell {
                    form,
                    table,
                    column,
                },
            )
        }
    };
    if fits(field.ok_or_else(none)?.kind, kind) {
        return Ok(place);
    }
    Err(format!("{source} gives no {}", kind.name()))
}

/// Whether answers of one kind can stand in a column of another.
fn fits(asked: Kind, kind: ColumnKind) -> bool {
    match kind {
        ColumnKind::String => asked != Kind::Table,
        ColumnKind::Integer => asked == Kind::Integer,
        ColumnKind::Number => matches!(asked, Kind::Integer | Kind::Decimal),
        ColumnKind::Boolean => asked == Kind::Boolean,
        ColumnKind::Date => matches!(asked, Kind::Date | Kind::DateTime),
        ColumnKind::DateTime => asked == Kind::DateTime,
        ColumnKind::Time => asked == Kind::Time,
    }
}
