//! Answers to other systems, and the problem documents when there is none. Must not repeat what was sent, nor
//! the words of a parser.

use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::casework::Error;
use crate::domain::form::Problem;
use crate::domain::permission::Verb;
use crate::web::error::of_status;
use crate::web::{Fault, Visit};

/// Why a call was not answered with what was asked.
#[derive(Debug)]
pub enum Refusal {
    /// No token, or one that is not ours or not in force.
    NoToken { given: bool },
    /// The token's scopes do not reach this.
    Scope(&'static str),
    /// Something about the request itself.
    Request(StatusCode, &'static str),
    /// A rule refuses it, in words.
    Rule(String),
    /// What was given does not hold, field by field.
    Faults(Vec<Problem>),
    /// Anything else; the status says what.
    Other(StatusCode),
}

impl Refusal {
    /// From the work, whose verb tells which scope was missing.
    pub fn of(fault: Fault, verb: Verb) -> Self {
        match fault {
            Fault::Work(Error::Forbidden) => Self::Scope(scope(verb)),
            Fault::Work(Error::Invalid(problems)) => Self::Faults(problems),
            Fault::Work(Error::Rule(why)) => Self::Rule(why),
            other => {
                if let Fault::Work(Error::Internal(cause)) = &other {
                    tracing::error!(%cause, "a call failed");
                }
                Self::Other(other.status_code())
            }
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NoToken { .. } => StatusCode::UNAUTHORIZED,
            Self::Scope(_) => StatusCode::FORBIDDEN,
            Self::Request(status, _) | Self::Other(status) => *status,
            Self::Rule(_) | Self::Faults(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::NoToken { given: false } => {
                "Give a token of this service: Authorization: Bearer …".into()
            }
            Self::NoToken { given: true } => {
                "The token is not one of this service, has run out or was revoked.".into()
            }
            Self::Scope(scope) => format!("The token needs the scope {scope}."),
            Self::Request(_, words) => (*words).into(),
            Self::Rule(why) => why.clone(),
            Self::Faults(_) => {
                "Some answers are missing or do not hold. Nothing was stored.".into()
            }
            Self::Other(StatusCode::NOT_FOUND) => "There is no such thing here.".into(),
            Self::Other(status) => of_status(*status).text.into(),
        }
    }

    fn title(&self) -> &'static str {
        match self.status() {
            StatusCode::UNAUTHORIZED => "No token that holds",
            StatusCode::FORBIDDEN => "Not allowed with this token",
            StatusCode::NOT_FOUND => "Not found",
            StatusCode::UNPROCESSABLE_ENTITY => "Not taken",
            status => of_status(status).title,
        }
    }

    /// The problem document (RFC 9457) with the challenge of RFC 6750 where a token is at fault.
    pub fn answer(self, visit: &Visit) -> HttpResponse {
        let status = self.status();
        let mut document = json!({
            "type": "about:blank", "title": self.title(), "status": status.as_u16(),
            "detail": self.detail(), "instance": visit.correlation,
        });
        let mut response = HttpResponse::build(status);
        match &self {
            Self::NoToken { given: false } => {
                response.insert_header(("WWW-Authenticate", "Bearer realm=\"cdr\""));
            }
            Self::NoToken { given: true } => {
                let challenge = "Bearer realm=\"cdr\", error=\"invalid_token\"";
                response.insert_header(("WWW-Authenticate", challenge));
            }
            Self::Scope(scope) => {
                let challenge = format!(
                    "Bearer realm=\"cdr\", error=\"insufficient_scope\", scope=\"{scope}\""
                );
                response.insert_header(("WWW-Authenticate", challenge));
            }
            Self::Faults(problems) => {
                if let Some(document) = document.as_object_mut() {
                    document.insert("errors".into(), errors(problems));
                }
            }
            Self::Request(..) | Self::Rule(_) | Self::Other(_) => {}
        }
        response
            .content_type("application/problem+json")
            .body(document.to_string())
    }
}

const fn scope(verb: Verb) -> &'static str {
    use crate::domain::actor::ApiScope;
    match verb {
        Verb::ApiNotify => ApiScope::NotificationsWrite.as_str(),
        Verb::ApiReadCases => ApiScope::CasesRead.as_str(),
        Verb::ApiReadReturns => ApiScope::ReturnsRead.as_str(),
        _ => ApiScope::ReferenceRead.as_str(),
    }
}

/// The faults. An answer that could not be read is not called missing as well.
fn errors(problems: &[Problem]) -> Value {
    let misread = |field: &str| {
        problems
            .iter()
            .any(|p| p.field == field && p.rule != "required")
    };
    problems
        .iter()
        .filter(|p| p.rule != "required" || p.row.is_some() || !misread(&p.field))
        .map(fault)
        .collect()
}

/// One fault; a table's cell is `table.row.column`, rows from 0.
fn fault(problem: &Problem) -> Value {
    let mut field = problem.field.clone();
    if let Some(row) = problem.row {
        field = format!("{field}.{row}");
    }
    if let Some(column) = &problem.column {
        field = format!("{field}.{column}");
    }
    json!({ "field": field, "rule": problem.rule, "message": problem.message })
}

/// What was asked, or why not.
pub fn answer(visit: &Visit, found: Result<Value, Refusal>) -> HttpResponse {
    match found {
        Ok(value) => HttpResponse::Ok().json(value),
        Err(refusal) => refusal.answer(visit),
    }
}
