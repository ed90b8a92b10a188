//! Answers as JSON: how they are stored and how other systems send them.
//!
//! ISO dates, "HH:MM" times, "2026-03-27T14:05" date-times (with an offset they are brought to
//! London time), numbers, true and false, choices as codes, several choices as an array, a table
//! as an array of objects, and `not_known` for any field.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use serde_json::{Map, Number, Value};

use super::{Answer, Answers, Row};
use crate::domain::calendar::london;
use crate::domain::form::input::MOST_ROWS;
use crate::domain::form::parse::{self, Misread, Read};
use crate::domain::form::phrase::{quoted, start};
use crate::domain::form::{Dictionary, Field, Form, Kind, Problem};

impl Answers {
    /// Reads an object of answers. Unknown names and nulls are ignored; a value that does not fit
    /// is left out and reported. Text that is too long is reported but kept, so that a stored
    /// record loses nothing. What the system answers is read too: see [`Answers::only`].
    pub fn from_json(form: &Form, dict: &Dictionary, v: &Value) -> (Answers, Vec<Problem>) {
        let mut answers = Answers::default();
        let mut problems = Vec::new();
        let Value::Object(given) = v else {
            if !v.is_null() {
                problems.push(Problem::stop(
                    "",
                    "answers",
                    "The answers must be an object of field names and values",
                ));
            }
            return (answers, problems);
        };
        for field in form.fields() {
            let Some(value) = given.get(&field.id).filter(|value| !value.is_null()) else {
                continue;
            };
            if let Some(answer) = read_field(dict, field, value, &mut problems) {
                answers.set(&field.id, answer);
            }
        }
        (answers, problems)
    }

    pub fn to_json(&self) -> Value {
        let named = self
            .0
            .iter()
            .map(|(id, answer)| (id.clone(), answer.to_json()));
        Value::Object(named.collect())
    }
}

impl Answer {
    pub fn to_json(&self) -> Value {
        match self {
            Answer::Text(text) | Answer::Choice(text) => text.as_str().into(),
            Answer::Date(date) => date.format("%Y-%m-%d").to_string().into(),
            Answer::DateTime(moment) => moment.format("%Y-%m-%dT%H:%M").to_string().into(),
            Answer::Time(time) => time.format("%H:%M").to_string().into(),
            Answer::Boolean(yes) => (*yes).into(),
            Answer::Integer(number) => (*number).into(),
            Answer::Decimal(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
            Answer::Choices(codes) => codes.iter().map(String::as_str).collect(),
            Answer::Rows(rows) => rows.iter().map(row_to_json).collect(),
            Answer::NotKnown => "not_known".into(),
        }
    }
}

fn row_to_json(row: &Row) -> Value {
    Value::Object(
        row.iter()
            .map(|(id, answer)| (id.clone(), answer.to_json()))
            .collect(),
    )
}

fn read_field(
    dict: &Dictionary,
    field: &Field,
    value: &Value,
    problems: &mut Vec<Problem>,
) -> Option<Answer> {
    if value == "not_known" {
        return Some(parse::not_known(dict, field));
    }
    if value.as_str().is_some_and(|text| text.trim().is_empty()) {
        return None;
    }
    if field.kind == Kind::Table {
        return read_rows(dict, field, value, problems);
    }
    match read_value(dict, field, value) {
        Ok((answer, long)) => {
            problems.extend(long.map(|m| Problem::stop(&field.id, m.rule, m.message)));
            Some(answer)
        }
        Err(misread) => {
            problems.push(Problem::stop(&field.id, misread.rule, misread.message));
            None
        }
    }
}

fn read_rows(
    dict: &Dictionary,
    table: &Field,
    value: &Value,
    problems: &mut Vec<Problem>,
) -> Option<Answer> {
    let Value::Array(given) = value else {
        let words = format!(
            "{} must be an array of objects, one for each entry",
            quoted(table)
        );
        problems.push(Problem::stop(&table.id, "table", words));
        return None;
    };
    if given.len() > MOST_ROWS {
        let words = format!("{} can have at most {MOST_ROWS} entries", quoted(table));
        problems.push(Problem::stop(&table.id, "rows", words));
    }
    let mut rows = Vec::new();
    for (number, value) in given.iter().enumerate() {
        let Value::Object(cells) = value else {
            let words = format!(
                "Entry {} under {} must be an object",
                number + 1,
                quoted(table)
            );
            problems.push(Problem {
                row: Some(number),
                ..Problem::stop(&table.id, "table", words)
            });
            continue;
        };
        let row = read_row(dict, table, number, cells, problems);
        if !row.is_empty() {
            rows.push(row);
        }
    }
    Some(Answer::Rows(rows))
}

fn read_row(
    dict: &Dictionary,
    table: &Field,
    number: usize,
    cells: &Map<String, Value>,
    problems: &mut Vec<Problem>,
) -> Row {
    let mut row = Row::new();
    for column in &table.columns {
        let Some(value) = cells.get(&column.id).filter(|value| !value.is_null()) else {
            continue;
        };
        let mut found = Vec::new();
        let answer = read_field(dict, column, value, &mut found);
        problems.extend(
            found
                .into_iter()
                .map(|p| p.in_cell(&table.id, number, &column.id)),
        );
        if let Some(answer) = answer.filter(|answer| !answer.is_blank()) {
            row.insert(column.id.clone(), answer);
        }
    }
    row
}

/// The answer, and what is to be said of text that is kept though it is too long.
fn read_value(dict: &Dictionary, field: &Field, value: &Value) -> Read<(Answer, Option<Misread>)> {
    let answer = match (field.kind, value) {
        (Kind::Text | Kind::LongText, Value::String(raw)) => {
            let text = parse::clean(field, raw);
            let text = if text.is_empty() {
                text
            } else {
                parse::canonical(field, text)?
            };
            let long = parse::too_long(field, &text);
            return Ok((Answer::Text(text), long));
        }
        (Kind::Boolean, Value::Bool(yes)) => Answer::Boolean(*yes),
        (Kind::Boolean, Value::String(text)) => parse::boolean(field, text)?,
        (Kind::YesNoUnknown, Value::Bool(yes)) => {
            parse::choice(dict, field, if *yes { "yes" } else { "no" })?
        }
        (Kind::SingleChoice | Kind::YesNoUnknown, Value::String(code)) => {
            parse::choice(dict, field, code)?
        }
        (Kind::SingleChoice, Value::Number(code)) => parse::choice(dict, field, &code.to_string())?,
        (Kind::MultiChoice, Value::Array(codes)) => several(dict, field, codes)?,
        (Kind::MultiChoice, Value::String(code)) => parse::choices(dict, field, &[code.as_str()])?,
        (Kind::Integer | Kind::Decimal, value) => number(field, value)?,
        (Kind::Date, Value::String(text)) => Answer::Date(iso_date(field, text)?),
        (Kind::Time, Value::String(text)) => Answer::Time(parse::time(field, text)?),
        (Kind::DateTime, Value::String(text)) => Answer::DateTime(moment(field, text)?),
        _ => return Err(wrong_kind(field)),
    };
    Ok((answer, None))
}

fn several(dict: &Dictionary, field: &Field, codes: &[Value]) -> Read<Answer> {
    let codes: Option<Vec<&str>> = codes.iter().map(Value::as_str).collect();
    parse::choices(dict, field, &codes.ok_or_else(|| wrong_kind(field))?)
}

fn number(field: &Field, value: &Value) -> Read<Answer> {
    match (field.kind, value) {
        (Kind::Integer, Value::Number(number)) => {
            parse::integer(field, &number.to_string()).map(Answer::Integer)
        }
        (Kind::Integer, Value::String(text)) => parse::integer(field, text).map(Answer::Integer),
        (_, Value::Number(number)) => {
            parse::decimal(field, &number.to_string()).map(Answer::Decimal)
        }
        (_, Value::String(text)) => parse::decimal(field, text).map(Answer::Decimal),
        _ => Err(wrong_kind(field)),
    }
}

/// A date-time to the minute; with an offset, brought to London time.
fn moment(field: &Field, text: &str) -> Read<NaiveDateTime> {
    let text = text.trim();
    let given = DateTime::parse_from_rfc3339(text)
        .map(|m| london(m.with_timezone(&Utc)))
        .ok();
    let moment = if let Some(moment) = given.or_else(|| text.parse().ok()) {
        moment
    } else {
        let (day, time) = text
            .split_once(['T', ' '])
            .ok_or_else(|| wrong_kind(field))?;
        iso_date(field, day)?.and_time(parse::time(field, time)?)
    };
    let minute = NaiveTime::from_hms_opt(moment.hour(), moment.minute(), 0);
    let day = iso_date(field, &moment.format("%Y-%m-%d").to_string())?;
    Ok(day.and_time(minute.unwrap_or(moment.time())))
}

/// Year first: other systems' `3/4/2026` could be either day.
fn iso_date(field: &Field, text: &str) -> Read<NaiveDate> {
    match text.trim().split_once('-') {
        Some((year, _)) if year.len() == 4 => parse::date(field, text),
        _ => Err(wrong_kind(field)),
    }
}

fn wrong_kind(field: &Field) -> Misread {
    let name = start(field);
    let (rule, words) = match field.kind {
        Kind::Date => (
            "date",
            format!("{name} must be a date such as \"2026-03-27\""),
        ),
        Kind::Time => ("time", format!("{name} must be a time such as \"14:05\"")),
        Kind::DateTime => (
            "date",
            format!("{name} must be a date and time such as \"2026-03-27T14:05\""),
        ),
        Kind::Boolean => ("boolean", format!("{name} must be true or false")),
        Kind::Integer => ("number", format!("{name} must be a whole number")),
        Kind::Decimal => ("number", format!("{name} must be a number")),
        Kind::MultiChoice => ("choice", format!("{name} must be an array of codes")),
        Kind::SingleChoice | Kind::YesNoUnknown => {
            ("choice", format!("{name} must be a code from its list"))
        }
        Kind::Text | Kind::LongText | Kind::Table => ("text", format!("{name} must be text")),
    };
    Misread {
        rule,
        message: words,
    }
}
