//! Openings of restricted cases, for an auditor to review. Must not show what the case holds.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use crate::casework::{Context, Error, openings as work};
use crate::domain::calendar::london;
use crate::domain::form::Problem;
use crate::domain::restriction::{Finding, Why};
use crate::store::openings::Opening;
use crate::web::app::see_other;
use crate::web::cases::moment;
use crate::web::{App, Fault, Page, Post, Visit};

type Data = web::Data<Arc<App>>;

/// Openings shown.
const MOST: i64 = 200;

/// A review that was not taken.
struct Typed {
    id: String,
    finding: String,
    words: String,
    problems: Vec<Problem>,
}

/// `GET /admin/audit/openings`.
pub async fn openings(app: Data, visit: Visit) -> Page {
    show(&app, &visit, StatusCode::OK, None).await
}

async fn show(app: &Data, visit: &Visit, status: StatusCode, typed: Option<Typed>) -> Page {
    let (found, ctx) = app
        .read(visit, |conn, ctx| {
            Ok((work::list(conn, ctx, MOST)?, ctx.clone()))
        })
        .await?;
    let rows: Vec<Value> = found
        .iter()
        .map(|(row, reference)| described(&ctx, row, reference, typed.as_ref()))
        .collect();
    let errors = typed.as_ref().map(|typed| {
        let of = |p: &Problem| context! { text => &p.message, href => format!("#{}-{}", p.field, typed.id) };
        typed.problems.iter().map(of).collect::<Vec<Value>>()
    });
    let page = context! { title => "Openings of restricted cases", rows, errors };
    app.page(visit, status, "admin/openings.html", page)
}

fn described(ctx: &Context, row: &Opening, reference: &str, typed: Option<&Typed>) -> Value {
    let typed = typed.filter(|typed| typed.id == row.id);
    let at = |field: &str| {
        let mut here = typed?.problems.iter().filter(|p| p.field == field);
        here.next().map(|p| p.message.clone())
    };
    let chosen = typed.map_or("", |typed| typed.finding.as_str());
    let findings: Vec<Value> = Finding::ALL
        .iter()
        .map(|finding| context! { value => finding.as_str(), text => finding.label(), checked => finding.as_str() == chosen })
        .collect();
    let finding = row
        .outcome
        .as_deref()
        .and_then(|code| code.parse::<Finding>().ok());
    context! {
        id => &row.id, reference, own => work::is_own(ctx, row), by => &row.opened_by, at => moment(london(row.opened_at.and_utc())),
        until => moment(london(row.ends_at.and_utc())), why => row.why.parse::<Why>().map_or("", Why::label),
        words => &row.words, findings, reviewed => row.reviewed_at.map(|at| moment(london(at.and_utc()))),
        reviewer => &row.reviewed_by, finding => finding.map(Finding::label), review => &row.review,
        typed => typed.map(|typed| &typed.words), wrong => context! { finding => at("finding"), reason => at("reason") },
    }
}

/// `POST /admin/audit/openings/{id}` with `finding` and `reason`.
pub async fn review(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    let (finding, words) = (
        post.text("finding").to_owned(),
        post.text("reason").to_owned(),
    );
    let (of, said) = (id.clone(), words.clone());
    let chosen = finding.parse::<Finding>().ok();
    let done = app
        .write(&visit, move |tx, ctx| {
            work::review(tx, ctx, &of, chosen, &said)
        })
        .await;
    match done {
        Ok(()) => Ok(see_other("/admin/audit/openings")),
        Err(Fault::Work(Error::Invalid(problems))) => {
            let typed = Typed {
                id,
                finding,
                words,
                problems,
            };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show(&app, &visit, status, Some(typed)).await
        }
        Err(fault) => Err(fault),
    }
}
