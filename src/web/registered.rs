//! A list of registered deaths beside what was notified. The page shows what was found once, and nothing of the list is
//! kept. Must not know how two deaths are compared.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use serde_json::Value;

use super::imports::csv_of;
use super::sign_in::told;
use super::{App, Fault, Page, Visit};
use crate::casework::Error;
use crate::casework::imports::{self, Registered, Standing};
use crate::domain::permission::{Facts, Verb};

type Data = web::Data<Arc<App>>;

/// The page that takes a list.
pub async fn page(app: Data, visit: Visit) -> Page {
    app.read(&visit, |_, ctx| {
        ctx.allow(Verb::ImportNotifications, &Facts::default())
    })
    .await?;
    show(&app, &visit, StatusCode::OK, None, &[])
}

fn show(
    app: &Data,
    visit: &Visit,
    status: StatusCode,
    rows: Option<&[Registered]>,
    wrong: &[String],
) -> Page {
    let found = rows.map(|rows| {
        let count = |standing: Standing| rows.iter().filter(|r| r.standing == standing).count();
        let told: Vec<Value> = rows.iter().map(row).collect();
        context! {
            rows => told, notified => count(Standing::Notified), not_notified => count(Standing::NotNotified),
            not_ours => count(Standing::NotOurs), refused => count(Standing::Refused),
        }
    });
    let errors: Vec<Value> = wrong.iter().map(|words| told("file", words)).collect();
    let page = context! {
        title => "Registered deaths", found, fault => wrong.first(),
        errors => Some(errors).filter(|e| !e.is_empty()),
    };
    app.page(visit, status, "imports/registered.html", page)
}

fn row(row: &Registered) -> Value {
    let standing = match row.standing {
        Standing::Notified => "Notified",
        Standing::NotNotified => "Not notified",
        Standing::NotOurs => "Not ours",
        Standing::Refused => "Cannot be read",
    };
    let beside: Vec<Value> = row
        .like
        .iter()
        .map(|l| context! { reference => &l.reference, words => &l.words })
        .collect();
    let faults: Vec<Value> = row
        .faults
        .iter()
        .map(|f| context! { column => &f.column, words => &f.words })
        .collect();
    context! { number => row.number, standing, like => beside, faults, sure => row.standing == Standing::Notified }
}

/// Compares a list.
pub async fn compare(app: Data, visit: Visit, request: HttpRequest, body: web::Payload) -> Page {
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let text = match csv_of(&app, &visit, &request, body).await? {
        Ok(text) => text,
        Err(words) => return show(&app, &visit, refused, None, &[words]),
    };
    let done = app
        .write(&visit, move |tx, ctx| imports::compare(tx, ctx, &text))
        .await;
    match done {
        Ok(rows) => show(&app, &visit, StatusCode::OK, Some(&rows), &[]),
        Err(Fault::Work(Error::Invalid(problems))) => {
            let words: Vec<String> = problems.into_iter().map(|p| p.message).collect();
            show(&app, &visit, refused, None, &words)
        }
        Err(fault) => Err(fault),
    }
}
