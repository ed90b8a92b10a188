//! `datapackage.json`: every file and column described as a Data Package (version 2), so that any
//! tool that knows the standard can check and load the return.

use std::io::{self, Write};

use chrono::SecondsFormat;
use serde_json::{Map, Value, json};

use super::Part;
use crate::domain::national_return::layout::{Column, ColumnKind, File, Layout, SCHEMA_VERSION};
use crate::domain::national_return::order::Order;

pub(super) const NAME: &str = "datapackage.json";

const PACKAGE: &str = "https://datapackage.org/profiles/2.0/datapackage.json";
const RESOURCE: &str = "https://datapackage.org/profiles/2.0/dataresource.json";
const DIALECT: &str = "https://datapackage.org/profiles/2.0/tabledialect.json";
const SCHEMA: &str = "https://datapackage.org/profiles/2.0/tableschema.json";

pub(super) fn write(
    order: &Order,
    layout: &Layout,
    forms_version: &str,
    parts: &[Part],
    out: &mut dyn Write,
) -> io::Result<()> {
    let (from, to) = (order.period.from, order.period.to);
    let resources: Vec<Value> = parts.iter().map(|part| resource(part, layout)).collect();
    let package = json!({
        "$schema": PACKAGE,
        "name": order.stem().to_lowercase(),
        "title": format!("Child death review return, {from} to {to}"),
        "description": format!(
            "Kind of return: {}. Layout {SCHEMA_VERSION}, forms {forms_version}. A blank cell is \
             not answered; not_known is an answer. Dates are ISO 8601, times Europe/London.",
            order.kind.code()
        ),
        "version": SCHEMA_VERSION,
        "created": order.stamp.to_rfc3339_opts(SecondsFormat::Secs, true),
        "resources": resources,
    });
    let mut out = io::BufWriter::new(out);
    serde_json::to_writer_pretty(&mut out, &package)?;
    out.write_all(b"\n")?;
    out.flush()
}

fn resource(part: &Part, layout: &Layout) -> Value {
    let file = part.file.name();
    let fields: Vec<Value> = layout.columns(part.file).iter().map(field).collect();
    let mut schema = json!({ "$schema": SCHEMA, "fields": fields, "missingValues": [""] });
    if let (Value::Object(schema), Some(key)) = (&mut schema, primary_key(part.file)) {
        schema.insert("primaryKey".to_owned(), json!(key));
    }
    json!({
        "$schema": RESOURCE,
        "name": file.trim_end_matches(".csv"),
        "type": "table",
        "path": file,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": part.bytes,
        "hash": format!("sha256:{}", part.sha256),
        "dialect": {
            "$schema": DIALECT,
            "header": true,
            "delimiter": ",",
            "lineTerminator": "\r\n",
            "quoteChar": "\"",
            "doubleQuote": true,
        },
        "schema": schema,
    })
}

/// What tells the rows of a file apart, where that costs its reader little memory.
fn primary_key(file: File) -> Option<&'static [&'static str]> {
    match file {
        File::Manifest => Some(&["name"]),
        File::Case => Some(&["case_id", "version"]),
        File::CodeList => Some(&["list", "code"]),
        _ => None,
    }
}

fn field(column: &Column) -> Value {
    let mut field = Map::new();
    field.insert("name".to_owned(), json!(column.name));
    field.insert("type".to_owned(), json!(column.kind.name()));
    field.insert("description".to_owned(), json!(column.description));
    let mut constraints = Map::new();
    if column.required {
        constraints.insert("required".to_owned(), json!(true));
    }
    if !column.values.is_empty() {
        constraints.insert("enum".to_owned(), json!(column.values));
    }
    if !constraints.is_empty() {
        field.insert("constraints".to_owned(), Value::Object(constraints));
    }
    let typed = column.kind != ColumnKind::String;
    let lacks_it = !column.values.is_empty() && !column.values.contains(&column.not_known);
    if typed || lacks_it {
        // Any question may be answered "not known", a date or a number too.
        field.insert("missingValues".to_owned(), json!(["", "not_known"]));
    }
    Value::Object(field)
}
