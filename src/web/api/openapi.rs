//! The `OpenAPI` 3.1 description, made from the dictionary in use so that it cannot say anything else than the
//! forms do. Must not know of requests or rows.

mod schemas;

use serde_json::{Value, json};

use crate::domain::actor::ApiScope;
use crate::domain::form::Dictionary;

/// The whole document.
pub fn document(dict: &Dictionary, base_url: &str) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "cdr: child death review",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT", "identifier": "MIT" },
            "description": format!(
                "Notifications of a child's death in; the state of a case, the ledger of returns and the forms out. \
                 Made from version {} of the forms. Dates are ISO 8601; a date and time without an offset is \
                 London's. \"not_known\" is a fair answer to any question.", dict.version),
        },
        "servers": [{ "url": base_url }],
        "security": [{ "bearer": [] }],
        "paths": {
            "/api/v1/notifications": { "post": notify() },
            "/api/v1/cases/{reference}": { "get": case() },
            "/api/v1/returns": { "get": returns() },
            "/api/v1/forms/{version}/{form}": { "get": form(dict) },
            "/api/openapi.json": { "get": openapi() },
        },
        "components": {
            "securitySchemes": { "bearer": {
                "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "A token issued by the operator with `cdr token issue`. Each call names the scope it needs.",
            } },
            "schemas": schemas::all(dict),
            "responses": {
                "Unauthorised": problem("No token, or one that does not hold; `WWW-Authenticate` says which."),
                "Forbidden": problem("The token does not have the scope."),
                "NotFound": problem("There is no such thing."),
                "Busy": problem("The service cannot take the call just now; try again."),
            },
        },
    })
}

fn problem(description: &str) -> Value {
    json!({
        "description": description,
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    })
}

fn found(description: &str, schema: &str) -> Value {
    json!({
        "description": description,
        "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } },
    })
}

fn needs(scope: ApiScope) -> Value {
    json!([{ "bearer": [scope.as_str()] }])
}

fn shared(name: &str) -> Value {
    json!({ "$ref": format!("#/components/responses/{name}") })
}

fn notify() -> Value {
    json!({
        "operationId": "notify",
        "summary": "Send a notification",
        "description": "Nothing in the answer tells whether the death was known already.",
        "security": needs(ApiScope::NotificationsWrite),
        "parameters": [{
            "name": "Idempotency-Key", "in": "header", "required": true,
            "description": "A value of the sender's own. The same key with the same notification gives the same \
                            answer and no second notification.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
        }],
        "requestBody": {
            "required": true,
            "description": "At most 1 MiB.",
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Notification" } } },
        },
        "responses": {
            "201": found("The notification was taken, or had been taken before with this key.", "Taken"),
            "400": problem("No Idempotency-Key, or a body that is not JSON."),
            "401": shared("Unauthorised"),
            "403": shared("Forbidden"),
            "413": problem("The body is larger than 1 MiB."),
            "415": problem("The body is not application/json."),
            "422": problem("Some answers are missing or do not hold (`errors` says which), or the key was used \
                            before with another notification."),
            "503": shared("Busy"),
        },
    })
}

fn case() -> Value {
    json!({
        "operationId": "caseStatus",
        "summary": "Where a case stands",
        "description": "Nothing that tells who the child is.",
        "security": needs(ApiScope::CasesRead),
        "parameters": [{
            "name": "reference", "in": "path", "required": true, "example": "KM-2026-0001",
            "schema": { "type": "string" },
        }],
        "responses": {
            "200": found("The case.", "CaseStatus"),
            "401": shared("Unauthorised"), "403": shared("Forbidden"), "404": shared("NotFound"), "503": shared("Busy"),
        },
    })
}

fn returns() -> Value {
    json!({
        "operationId": "returns",
        "summary": "What was sent to the national database",
        "security": needs(ApiScope::ReturnsRead),
        "responses": {
            "200": found("The packages, the newest first, at most 500.", "Ledger"),
            "401": shared("Unauthorised"), "403": shared("Forbidden"), "503": shared("Busy"),
        },
    })
}

fn form(dict: &Dictionary) -> Value {
    let codes: Vec<&str> = dict.forms.iter().map(|form| form.code.as_str()).collect();
    json!({
        "operationId": "form",
        "summary": "A form as data",
        "security": needs(ApiScope::ReferenceRead),
        "parameters": [
            { "name": "version", "in": "path", "required": true, "schema": { "type": "string" }, "example": dict.version },
            { "name": "form", "in": "path", "required": true, "schema": { "type": "string", "examples": codes } },
        ],
        "responses": {
            "200": found("The form.", "Form"),
            "401": shared("Unauthorised"), "403": shared("Forbidden"), "404": shared("NotFound"), "503": shared("Busy"),
        },
    })
}

fn openapi() -> Value {
    json!({
        "operationId": "openapi",
        "summary": "This document",
        "security": [],
        "responses": { "200": {
            "description": "The description of this API.",
            "content": { "application/json": { "schema": { "type": "object" } } },
        } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::casework::{House, secrets::Secrets};

    #[test]
    fn every_reference_leads_somewhere_and_every_notifier_question_is_described() {
        let house = House::load(Secrets::random(), "http://127.0.0.1", None).unwrap();
        let dict = house.dictionary();
        let document = document(dict, "http://127.0.0.1");
        let text = document.to_string();
        for part in text.split("\"$ref\":\"#").skip(1) {
            let pointer = part.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
        let answers = document
            .pointer("/components/schemas/Answers/properties")
            .unwrap();
        for field in dict.form("notification").unwrap().fields() {
            let asked = field.answered_by == crate::domain::form::AnsweredBy::Notifier;
            assert_eq!(answers.get(&field.id).is_some(), asked, "{}", field.id);
        }
    }
}
