//! The door of a restricted case, for the few who may open one without being named: it asks for a reason and a
//! fresh code, and shows nothing of the case. Must not read the case.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use crate::casework::Error;
use crate::casework::openings::{self, Door};
use crate::domain::form::Problem;
use crate::domain::restriction::Why;
use crate::web::app::see_other;
use crate::web::resume::{KEPT, Next, ours};
use crate::web::said::said;
use crate::web::{App, Fault, Page, Post, Visit};

type Data = web::Data<Arc<App>>;

/// What was typed and what is wrong with it.
#[derive(Default)]
struct Typed {
    /// Where to go once the case is open, when something typed was kept meanwhile.
    next: String,
    why: String,
    words: String,
    problems: Vec<Problem>,
}

/// `GET /cases/{reference}/open`.
pub async fn door(
    app: Data,
    visit: Visit,
    path: web::Path<String>,
    next: web::Query<Next>,
) -> Page {
    let typed = Typed {
        next: next.into_inner().next,
        ..Typed::default()
    };
    show(&app, &visit, &path, typed).await
}

/// The page to go to once the case is open: what was kept, or the case.
fn onward(reference: &str, next: &str) -> String {
    if next.starts_with(KEPT) && ours(next) {
        next.to_owned()
    } else {
        format!("/cases/{reference}")
    }
}

async fn show(app: &Data, visit: &Visit, reference: &str, typed: Typed) -> Page {
    if standing(app, visit, reference).await? == Door::Open {
        return Ok(see_other(&onward(reference, &typed.next)));
    }
    let status = if typed.problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let reasons: Vec<Value> = Why::ALL
        .iter()
        .map(|why| context! { value => why.as_str(), text => why.label() })
        .collect();
    let (errors, wrong) = said(&typed.problems);
    let page = context! {
        title => "This case is restricted", reference, reasons, why => &typed.why, reason => &typed.words,
        wrong, errors, next => typed.next.starts_with(KEPT).then_some(&typed.next),
    };
    app.page(visit, status, "cases/door.html", page)
}

async fn standing(app: &Data, visit: &Visit, reference: &str) -> Result<Door, Fault> {
    let reference = reference.to_owned();
    app.read(visit, move |conn, ctx| {
        openings::door(conn, ctx, &reference)
    })
    .await
}

/// `POST /cases/{reference}/open` with `why` and `reason`.
pub async fn open(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let reference = path.into_inner();
    if standing(&app, &visit, &reference).await? == Door::Open {
        return Ok(see_other(&onward(&reference, post.text("next"))));
    }
    app.step_up(&visit).await?;
    let mut typed = Typed {
        next: post.text("next").to_owned(),
        why: post.text("why").to_owned(),
        words: post.text("reason").to_owned(),
        problems: Vec::new(),
    };
    let (of, why, words) = (
        reference.clone(),
        typed.why.parse::<Why>().ok(),
        typed.words.clone(),
    );
    let done = app
        .write(&visit, move |tx, ctx| {
            openings::open(tx, ctx, &of, why, &words)
        })
        .await;
    match done {
        Ok(()) => Ok(see_other(&onward(&reference, &typed.next))),
        Err(Fault::Work(Error::Invalid(problems))) => {
            typed.problems = problems;
            show(&app, &visit, &reference, typed).await
        }
        Err(fault) => Err(fault),
    }
}
