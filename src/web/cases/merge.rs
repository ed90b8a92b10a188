//! Putting a case under another one and taking it out again. Must not decide which cases fit.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use super::head::head;
use crate::casework::picture::Picture;
use crate::casework::{Context, Error, Outcome, access, merge};
use crate::domain::form::Problem;
use crate::domain::permission::Verb;
use crate::store::cases::Case;
use crate::store::{Conn, requests};
use crate::web::again::Sheet;
use crate::web::app::see_other;
use crate::web::said::said;
use crate::web::{App, Fault, Page, Post, Visit, letter};

type Data = web::Data<Arc<App>>;

/// What was typed and what is wrong with it.
#[derive(Clone, Default)]
struct Typed {
    into: String,
    reason: String,
    problems: Vec<Problem>,
    /// A rule that refuses it, or that somebody was faster.
    refused: Option<String>,
}

const PAGE: Sheet<str, Typed> = Sheet {
    template: "cases/merge.html",
    view,
};

/// `GET /cases/{reference}/merge`.
pub async fn merge_page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    PAGE.show(&app, &visit, &path, Typed::default(), StatusCode::OK)
        .await
}

fn view(conn: &mut Conn, ctx: &Context, reference: &str, typed: &Typed) -> Outcome<Value> {
    let (case, facts) = access::reach(conn, ctx, reference, Verb::MergeCases)?;
    let known = Picture::shown(conn, ctx, &case, facts)?;
    let above = merge::above(conn, ctx, &case)?.map(|(row, other)| {
        context! {
            reference => other.reference, since => letter::moment(row.since), by => row.merged_by, reason => row.reason,
        }
    });
    let (errors, wrong) = said(&typed.problems);
    let refused = typed.refused.as_ref();
    let errors =
        errors.or_else(|| refused.map(|text| vec![context! { text, href => "#main-content" }]));
    Ok(context! {
        title => "Merge", case => head(ctx, facts, &case, &known), above, into => &typed.into,
        reason => &typed.reason, wrong, errors,
    })
}

/// `POST /cases/{reference}/merge` with `version`, `do`, `into` and `reason`.
pub async fn change_merge(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let reference = path.into_inner();
    let undo = post.text("do") == "unmerge";
    let mut typed = Typed {
        into: post.text("into").to_owned(),
        reason: post.text("reason").to_owned(),
        ..Typed::default()
    };
    let (of, version, now) = (reference.clone(), post.number("version"), typed.clone());
    let done = app
        .write(&visit, move |tx, ctx| {
            if undo {
                merge::unmerge(tx, ctx, &of, version, &now.reason)
            } else {
                merge::merge(tx, ctx, &of, version, &now.into, &now.reason)
            }
        })
        .await;
    let status = match done {
        Ok(()) => return Ok(see_other(&format!("/cases/{reference}"))),
        Err(Fault::Work(Error::Invalid(problems))) => {
            typed.problems = problems;
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(Fault::Work(Error::Rule(words))) => {
            typed.refused = Some(words);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(Fault::Work(Error::Stale)) => {
            typed.refused =
                Some("This case changed while you had it open. Nothing was saved.".into());
            StatusCode::CONFLICT
        }
        Err(fault) => return Err(fault),
    };
    PAGE.show(&app, &visit, &reference, typed, status).await
}

/// What stands on the page of a case of those that are read under it, and of the one that it went under.
pub(super) fn beside(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Value> {
    let above = merge::above(conn, ctx, case)?.map(|(_, other)| other.reference);
    let mut under = Vec::new();
    for one in merge::under(conn, ctx, case)? {
        let asked: Vec<Value> = requests::of_case(conn, &one.id)?
            .iter()
            .map(|r| {
                let label = ctx.house.dictionary().label("agency", &r.agency);
                context! { agency => label.unwrap_or(&r.agency), id => &r.id }
            })
            .collect();
        under.push(context! { reference => one.reference, asked });
    }
    Ok(context! { above, under })
}
