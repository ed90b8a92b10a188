//! Every row of the database in one portable form, the same for both engines, read table by table and put back the same
//! way. What is sealed stays sealed. Must not know what any row means, nor where the lines go.
//!
//! A row is a list of its columns in the order of `schema.rs`, which is also the order of the tables: each stands after
//! those it refers to. Bytes are hexadecimal, moments `2026-03-27 14:05:00.000000`, what is true or false 1 or 0.

use std::sync::OnceLock;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{self as sql, Nullable};
use diesel::sqlite::Sqlite;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::connection::{Engine, Purpose, Target, migrate_to, open};
use super::{Conn, StoreError};

/// How a moment is written.
const MOMENT: &str = "%Y-%m-%d %H:%M:%S%.6f";
/// How the embedded engine may hold one.
const HELD: &str = "%Y-%m-%d %H:%M:%S%.f";
/// The table whose rows a fresh database has by itself.
const OWN: &str = "settings";

/// A table as `schema.rs` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    /// By which its rows are read in stretches.
    pub key: Vec<String>,
    pub columns: Vec<Column>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Text,
    Binary,
    Bool,
    Integer,
    BigInt,
    Timestamp,
    Date,
}

impl Kind {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "Text" => Self::Text,
            "Binary" => Self::Binary,
            "Bool" => Self::Bool,
            "Integer" => Self::Integer,
            "BigInt" => Self::BigInt,
            "Timestamp" => Self::Timestamp,
            "Date" => Self::Date,
            _ => return None,
        })
    }

    /// A column of the embedded engine as a value of JSON.
    fn on_sqlite(self, column: &str) -> String {
        match self {
            Self::Binary => {
                format!("CASE WHEN {column} IS NULL THEN NULL ELSE lower(hex({column})) END")
            }
            _ => column.to_owned(),
        }
    }

    /// The same on a server.
    fn on_postgres(self, column: &str) -> String {
        match self {
            Self::Binary => format!("encode({column}, 'hex')"),
            Self::Bool => format!("{column}::int"),
            Self::Timestamp => format!("to_char({column}, 'YYYY-MM-DD HH24:MI:SS.US')"),
            Self::Date => format!("to_char({column}, 'YYYY-MM-DD')"),
            _ => column.to_owned(),
        }
    }
}

/// Every table, in the order in which a restore fills them.
pub fn tables() -> &'static [Table] {
    static ALL: OnceLock<Vec<Table>> = OnceLock::new();
    ALL.get_or_init(|| parsed(include_str!("schema.rs")))
}

fn parsed(text: &str) -> Vec<Table> {
    let mut all: Vec<Table> = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if line != "diesel::table! {" {
            continue;
        }
        let head = lines.next().unwrap_or_default();
        let (name, key) = head.split_once(" (").unwrap_or((head, ""));
        let key = key.trim_end_matches(") {").split(", ");
        let columns = lines.by_ref().take_while(|line| *line != "}");
        let columns = columns.filter_map(|line| {
            let (name, kind) = line.trim_end_matches(',').split_once(" -> ")?;
            let kind = kind.trim_start_matches("Nullable<").trim_end_matches('>');
            Some(Column {
                name: name.to_owned(),
                kind: Kind::of(kind)?,
            })
        });
        all.push(Table {
            name: name.to_owned(),
            columns: columns.collect(),
            key: key.map(str::to_owned).collect(),
        });
    }
    all
}

impl Table {
    /// The place of a column in each row.
    pub fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == column)
    }

    fn kind(&self, column: &str) -> Kind {
        let found = self.columns.iter().find(|c| c.name == column);
        found.map_or(Kind::Text, |c| c.kind)
    }

    /// Whether its names can stand in a statement: they come from a file.
    pub fn is_sound(&self) -> bool {
        let plain = |name: &String| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        plain(&self.name) && !self.columns.is_empty() && self.columns.iter().all(|c| plain(&c.name))
    }

    fn select(&self, postgres: bool, after: bool, most: u32) -> String {
        let cells: Vec<String> = self
            .columns
            .iter()
            .map(|c| {
                let name = format!("\"{}\"", c.name);
                if postgres {
                    c.kind.on_postgres(&name)
                } else {
                    c.kind.on_sqlite(&name)
                }
            })
            .collect();
        let (list, cast) = if postgres {
            ("json_build_array", "::text")
        } else {
            ("json_array", "")
        };
        let key: Vec<String> = self.key.iter().map(|name| format!("\"{name}\"")).collect();
        let key = key.join(", ");
        let bound: Vec<String> = (1..=self.key.len()).map(|n| format!("${n}")).collect();
        let later = if after {
            format!(" WHERE ({key}) > ({})", bound.join(", "))
        } else {
            String::new()
        };
        format!(
            "SELECT {list}({}){cast} AS line FROM \"{}\"{later} ORDER BY {key} LIMIT {most}",
            cells.join(", "),
            self.name
        )
    }

    fn insert(&self) -> String {
        let names: Vec<String> = self
            .columns
            .iter()
            .map(|c| format!("\"{}\"", c.name))
            .collect();
        let bound: Vec<String> = (1..=self.columns.len()).map(|n| format!("${n}")).collect();
        format!(
            "INSERT INTO \"{}\" ({}) VALUES ({})",
            self.name,
            names.join(", "),
            bound.join(", ")
        )
    }
}

/// One value as it is bound.
enum Cell {
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Truth(Option<bool>),
    Int(Option<i32>),
    Big(Option<i64>),
    Moment(Option<NaiveDateTime>),
    Day(Option<NaiveDate>),
}

/// A value that is not of its column's kind.
fn odd() -> StoreError {
    StoreError::Unavailable("a row does not fit its table".into())
}

impl Cell {
    fn of(kind: Kind, value: &Value) -> Result<Self, StoreError> {
        let text = || match value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.as_str())),
            _ => Err(odd()),
        };
        let number = || match value {
            Value::Null => Ok(None),
            other => other.as_i64().map(Some).ok_or_else(odd),
        };
        Ok(match kind {
            Kind::Text => Self::Text(text()?.map(str::to_owned)),
            Kind::Binary => Self::Bytes(text()?.map(unhex).transpose()?),
            Kind::Bool => Self::Truth(number()?.map(|n| n != 0)),
            Kind::Integer => {
                let int = |n: i64| i32::try_from(n).map_err(|_| odd());
                Self::Int(number()?.map(int).transpose()?)
            }
            Kind::BigInt => Self::Big(number()?),
            Kind::Timestamp => Self::Moment(text()?.map(moment).transpose()?),
            Kind::Date => {
                let day = |text: &str| text.parse().map_err(|_| odd());
                Self::Day(text()?.map(day).transpose()?)
            }
        })
    }
}

fn moment(text: &str) -> Result<NaiveDateTime, StoreError> {
    NaiveDateTime::parse_from_str(text, HELD).map_err(|_| odd())
}

fn unhex(text: &str) -> Result<Vec<u8>, StoreError> {
    let half = |digit: &u8| char::from(*digit).to_digit(16);
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return Err(odd());
    };
    pairs
        .iter()
        .map(|[high, low]| u8::try_from(half(high)? << 4 | half(low)?).ok())
        .collect::<Option<Vec<u8>>>()
        .ok_or_else(odd)
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = sql::Text)]
    line: String,
}

/// A statement for one engine with its values bound: neither the number nor the kinds are known before.
macro_rules! bound {
    ($engine:ty, $sql:expr, $cells:expr) => {{
        let mut statement = diesel::sql_query($sql).into_boxed::<$engine>();
        for cell in $cells {
            statement = match cell {
                Cell::Text(v) => statement.bind::<Nullable<sql::Text>, _>(v),
                Cell::Bytes(v) => statement.bind::<Nullable<sql::Binary>, _>(v),
                Cell::Truth(v) => statement.bind::<Nullable<sql::Bool>, _>(v),
                Cell::Int(v) => statement.bind::<Nullable<sql::Integer>, _>(v),
                Cell::Big(v) => statement.bind::<Nullable<sql::BigInt>, _>(v),
                Cell::Moment(v) => statement.bind::<Nullable<sql::Timestamp>, _>(v),
                Cell::Day(v) => statement.bind::<Nullable<sql::Date>, _>(v),
            };
        }
        statement
    }};
}

/// The next rows of a table after the one that was read last.
pub fn stretch(
    conn: &mut Conn,
    table: &Table,
    last: Option<&[Value]>,
    most: u32,
) -> Result<Vec<Vec<Value>>, StoreError> {
    let mut cells = Vec::new();
    for name in last.iter().flat_map(|_| &table.key) {
        let value = table
            .place(name)
            .and_then(|at| last?.get(at))
            .ok_or_else(odd)?;
        cells.push(Cell::of(table.kind(name), value)?);
    }
    let lines: Vec<Line> = match conn.engine() {
        Engine::Sqlite(c) => {
            bound!(Sqlite, table.select(false, last.is_some(), most), cells).load(c)?
        }
        Engine::Postgres(c) => {
            bound!(Pg, table.select(true, last.is_some(), most), cells).load(c)?
        }
    };
    lines.iter().map(|line| row(table, &line.line)).collect()
}

/// A row as it is written, whatever the engine.
fn row(table: &Table, line: &str) -> Result<Vec<Value>, StoreError> {
    let mut row: Vec<Value> = serde_json::from_str(line).map_err(|_| odd())?;
    for (column, value) in table.columns.iter().zip(&mut row) {
        if let (Kind::Timestamp, Value::String(text)) = (column.kind, &*value) {
            *value = moment(text)?.format(MOMENT).to_string().into();
        }
    }
    Ok(row)
}

/// How many rows each table has, by name.
fn is_filled(engine: &mut Engine, table: &Table) -> Result<bool, StoreError> {
    let statement = format!("SELECT 'x' AS line FROM \"{}\" LIMIT 1", table.name);
    let found: Vec<Line> =
        crate::each_engine!(engine, |c| diesel::sql_query(statement).load::<Line>(c))?;
    Ok(!found.is_empty())
}

/// Why nothing can be put back here.
#[derive(Debug, thiserror::Error)]
pub enum NotEmpty {
    /// Something is there already.
    #[error("something is there already")]
    Filled,
    /// The backup was made by a later version.
    #[error("the backup was made by a later version")]
    Later,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A database without rows, in one transaction until everything is there.
pub struct Fresh {
    engine: Engine,
}

impl Fresh {
    /// Brings an empty place to this schema. What is there already is left as it is, and refused.
    pub fn open(target: &Target, schema: &str) -> Result<Self, NotEmpty> {
        let mut engine = open(target, Purpose::Write)?;
        if !migrate_to(&mut engine, schema)? {
            return Err(NotEmpty::Later);
        }
        for table in tables().iter().filter(|t| t.name != OWN) {
            if is_filled(&mut engine, table).unwrap_or(false) {
                return Err(NotEmpty::Filled);
            }
        }
        crate::each_engine!(&mut engine, |c| AnsiTransactionManager::begin_transaction(
            c
        ))
        .map_err(StoreError::Engine)?;
        let clear = format!("DELETE FROM \"{OWN}\"");
        crate::each_engine!(&mut engine, |c| diesel::sql_query(clear).execute(c))
            .map_err(StoreError::Engine)?;
        Ok(Self { engine })
    }

    /// Puts one row back.
    pub fn insert(&mut self, table: &Table, row: &[Value]) -> Result<(), StoreError> {
        if row.len() != table.columns.len() {
            return Err(odd());
        }
        let cells = table.columns.iter().zip(row);
        let cells = cells
            .map(|(column, value)| Cell::of(column.kind, value))
            .collect::<Result<Vec<Cell>, StoreError>>()?;
        match &mut self.engine {
            Engine::Sqlite(c) => bound!(Sqlite, table.insert(), cells).execute(c)?,
            Engine::Postgres(c) => bound!(Pg, table.insert(), cells).execute(c)?,
        };
        Ok(())
    }

    /// Keeps what was put back; without this nothing of it stays.
    pub fn keep(mut self) -> Result<(), StoreError> {
        crate::each_engine!(&mut self.engine, |c| {
            AnsiTransactionManager::commit_transaction(c)
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_those_of_the_schema_with_every_column() {
        let text = include_str!("schema.rs");
        let all = tables();
        assert_eq!(all.len(), text.matches("diesel::table! {").count());
        let columns: usize = all.iter().map(|t| t.columns.len()).sum();
        assert_eq!(
            columns,
            text.matches(" -> ").count() - text.matches("joinable!").count()
        );
        for table in all {
            assert!(table.is_sound(), "{}", table.name);
            assert!(
                table.key.iter().all(|k| table.place(k).is_some()),
                "{}",
                table.name
            );
        }
        assert_eq!(all.iter().filter(|t| t.name == OWN).count(), 1);
    }

    #[test]
    fn names_from_a_file_cannot_leave_their_place() {
        let mut table = tables()[0].clone();
        table.name = "users\"; DROP TABLE users; --".into();
        assert!(!table.is_sound());
    }
}
