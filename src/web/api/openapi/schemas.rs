//! The shapes of what is sent and answered. The notification's answers are made from the dictionary.

use serde_json::{Map, Value, json};

use crate::domain::case::{Stage, State};
use crate::domain::form::{AnsweredBy, Dictionary, Field, Form, Kind};

/// Longest texts, in characters.
const SHORT: u32 = 200;
const LONG: u32 = 20_000;

/// Every schema by its name.
pub fn all(dict: &Dictionary) -> Value {
    json!({
        "Notification": notification(dict),
        "Answers": answers(dict),
        "Taken": object(&["reference"], json!({
            "reference": { "type": "string", "description": "Quote it to the team; it says nothing about the child." },
        })),
        "CaseStatus": case_status(),
        "Ledger": object(&["returns"], json!({
            "returns": { "type": "array", "items": { "$ref": "#/components/schemas/LedgerEntry" } },
        })),
        "LedgerEntry": ledger_entry(),
        "Form": form(),
        "FormField": form_field(),
        "Code": object(&["code", "label"], json!({
            "code": { "type": "string" }, "label": { "type": "string" }, "parent": { "type": ["string", "null"] },
        })),
        "Problem": problem(),
    })
}

fn object(required: &[&str], properties: Value) -> Value {
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    schema.insert("required".into(), json!(required));
    schema.insert("properties".into(), properties);
    Value::Object(schema)
}

fn notification(dict: &Dictionary) -> Value {
    object(
        &["form", "answers"],
        json!({
            "form": { "const": "notification" },
            "version": {
                "type": "string", "examples": [dict.version],
                "description": "The version of the form that was answered; the one in use when left out.",
            },
            "answers": { "$ref": "#/components/schemas/Answers" },
        }),
    )
}

/// Only what the notifier answers: anything else is ignored when it is sent.
fn answers(dict: &Dictionary) -> Value {
    let asked: Vec<&Field> = dict
        .form("notification")
        .into_iter()
        .flat_map(Form::fields)
        .filter(|field| field.answered_by == AnsweredBy::Notifier)
        .collect();
    let properties: Map<String, Value> = asked
        .iter()
        .map(|field| (field.id.clone(), answer(dict, field)))
        .collect();
    let required: Vec<&str> = asked
        .iter()
        .filter(|field| field.required && field.show_when.is_none() && !has_way_round(field))
        .map(|field| field.id.as_str())
        .collect();
    let mut schema = object(&required, Value::Object(properties));
    if let Some(schema) = schema.as_object_mut() {
        schema.insert(
            "description".into(),
            "Field ids and answers. Unknown names are ignored. Which questions follow from which answers, and the \
             checks on them, are in the form itself."
                .into(),
        );
    }
    schema
}

/// An NHS number may be left out when the reason is given instead (ID-4).
fn has_way_round(field: &Field) -> bool {
    field.checks.iter().any(|check| check.text == "nhs_number")
}

fn answer(dict: &Dictionary, field: &Field) -> Value {
    let mut schema = Map::new();
    schema.insert("title".into(), field.label.as_str().into());
    if let Some(condition) = &field.show_when {
        let words = format!("Asked only when: {}", condition.text);
        schema.insert("description".into(), words.into());
    }
    schema.insert(
        "anyOf".into(),
        json!([value(dict, field), { "const": "not_known" }]),
    );
    if let Some(unit) = &field.unit {
        schema.insert("x-unit".into(), unit.as_str().into());
    }
    Value::Object(schema)
}

fn value(dict: &Dictionary, field: &Field) -> Value {
    let codes = || -> Vec<&str> {
        let list = field.codes.as_deref().unwrap_or_default();
        dict.codes(list).iter().map(|c| c.code.as_str()).collect()
    };
    match field.kind {
        Kind::Text => json!({ "type": "string", "maxLength": SHORT }),
        Kind::LongText => json!({ "type": "string", "maxLength": LONG }),
        Kind::Date => json!({ "type": "string", "format": "date", "examples": ["2026-03-27"] }),
        Kind::DateTime => json!({ "type": "string", "examples": ["2026-03-27T14:05"] }),
        Kind::Time => json!({ "type": "string", "examples": ["14:05"] }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Integer => json!({ "type": "integer" }),
        Kind::Decimal => json!({ "type": "number" }),
        Kind::YesNoUnknown | Kind::SingleChoice => json!({ "type": "string", "enum": codes() }),
        Kind::MultiChoice => {
            json!({ "type": "array", "uniqueItems": true, "items": { "type": "string", "enum": codes() } })
        }
        Kind::Table => {
            let columns: Map<String, Value> = field
                .columns
                .iter()
                .filter(|column| column.answered_by != AnsweredBy::System)
                .map(|column| (column.id.clone(), answer(dict, column)))
                .collect();
            json!({ "type": "array", "items": { "type": "object", "properties": columns } })
        }
    }
}

fn case_status() -> Value {
    let states: Vec<&str> = State::ALL.iter().map(|state| state.as_str()).collect();
    let groups: Vec<&str> = Stage::ALL.iter().map(|stage| stage.as_str()).collect();
    object(
        &["reference", "state", "stage", "open"],
        json!({
            "reference": { "type": "string" },
            "state": { "type": "string", "enum": states },
            "state_label": { "type": "string" },
            "stage": { "type": "string", "enum": groups },
            "stage_label": { "type": "string" },
            "open": { "type": "boolean" },
            "due": { "type": ["string", "null"], "format": "date-time", "description": "When the next thing is owed." },
            "due_what": { "type": ["string", "null"] },
            "requests_sent": { "type": "integer" },
            "requests_answered": { "type": "integer" },
            "return_version": { "type": "integer" },
            "updated_at": { "type": "string", "format": "date-time" },
        }),
    )
}

fn ledger_entry() -> Value {
    object(
        &[
            "id",
            "kind",
            "from",
            "to",
            "created_at",
            "sha256",
            "rows",
            "cases",
        ],
        json!({
            "id": { "type": "string" },
            "kind": { "type": "string" },
            "from": { "type": "string", "format": "date" },
            "to": { "type": "string", "format": "date" },
            "created_at": { "type": "string", "format": "date-time" },
            "file": { "type": "string" },
            "sha256": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
            "rows": { "type": "integer" },
            "cases": { "type": "integer" },
            "identified": { "type": "boolean" },
            "receiver_answer": { "type": ["string", "null"], "enum": ["accepted", "refused", null] },
            "answered_at": { "type": ["string", "null"], "format": "date-time" },
        }),
    )
}

fn form() -> Value {
    object(
        &["version", "form", "label", "kind", "sections", "code_lists"],
        json!({
            "version": { "type": "string" },
            "form": { "type": "string" },
            "label": { "type": "string" },
            "kind": { "type": "string", "enum": ["notification", "reporting", "supplementary", "cdrm_jar", "analysis", "local"] },
            "sections": { "type": "array", "items": object(&["id", "label", "fields"], json!({
                "id": { "type": "string" },
                "label": { "type": "string" },
                "fields": { "type": "array", "items": { "$ref": "#/components/schemas/FormField" } },
            })) },
            "code_lists": {
                "type": "object",
                "additionalProperties": { "type": "array", "items": { "$ref": "#/components/schemas/Code" } },
            },
        }),
    )
}

fn form_field() -> Value {
    object(
        &["id", "label", "type", "required", "answered_by"],
        json!({
            "id": { "type": "string" },
            "label": { "type": "string" },
            "type": { "type": "string", "enum": Kind::ALL.map(Kind::name) },
            "codes": { "type": ["string", "null"], "description": "Name of the code list." },
            "unit": { "type": ["string", "null"] },
            "required": { "type": "boolean" },
            "answered_by": { "type": "string", "enum": ["notifier", "respondent", "staff", "system"] },
            "show_when": { "type": ["string", "null"] },
            "checks": { "type": "array", "items": { "type": "string" } },
            "national": { "type": "boolean" },
            "identifies": { "type": "string", "enum": ["direct", "indirect", "free_text", "none"] },
            "basis": { "type": "string", "enum": ["seen", "recalled", "inferred"] },
            "note": { "type": "string" },
            "source": { "type": "string" },
            "columns": { "type": "array", "items": { "$ref": "#/components/schemas/FormField" } },
        }),
    )
}

fn problem() -> Value {
    object(
        &["type", "title", "status"],
        json!({
            "type": { "type": "string", "format": "uri-reference" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "instance": { "type": "string", "description": "The number of the request in the service's log." },
            "errors": { "type": "array", "items": object(&["field", "rule", "message"], json!({
                "field": { "type": "string", "description": "A field id, or `table.row.column` with rows from 0." },
                "rule": { "type": "string" },
                "message": { "type": "string" },
            })) },
        }),
    )
}
