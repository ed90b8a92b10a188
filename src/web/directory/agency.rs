//! One agency of the directory: its contacts, and whether reminders to it are held. Must not know any case.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use super::{Data, shown};
use crate::casework::directory::{self, Held, Listed};
use crate::casework::{Context, Error, gather};
use crate::domain::form::Problem;
use crate::domain::permission::{Facts, Verb, may};
use crate::store::agency_holds::Hold;
use crate::web::app::see_other;
use crate::web::sign_in::told;
use crate::web::{Fault, Page, Post, Visit, dated, letter};

/// The agency with its contacts and holds.
pub async fn page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    show(&app, &visit, &path, None, &[]).await
}

async fn show(
    app: &Data,
    visit: &Visit,
    code: &str,
    post: Option<&Post>,
    problems: &[Problem],
) -> Page {
    let of = code.to_owned();
    let (all, holds, ctx) = app
        .read(visit, move |conn, ctx| {
            let holds = directory::holds(conn, ctx, &of)?;
            let all = directory::list(conn, ctx, &of, "")?;
            ctx.note_page()?;
            Ok((all, holds, ctx.clone()))
        })
        .await?;
    let faults: BTreeMap<&str, &str> = problems
        .iter()
        .map(|p| (p.field.as_str(), p.message.as_str()))
        .collect();
    let errors: Vec<Value> = problems
        .iter()
        .map(|p| {
            told(
                if p.field == "last_day" {
                    "last_day-day"
                } else {
                    &p.field
                },
                &p.message,
            )
        })
        .collect();
    let text = |name: &str| {
        post.map(|post| post.text(name).to_owned())
            .unwrap_or_default()
    };
    let page = context! {
        title => gather::agency_label(&ctx, code), code, rows => all.iter().map(|one| shown(&ctx, one)).collect::<Vec<_>>(),
        holds => holds.iter().map(|one| context! { of_nobody => one.of_nobody, hold => held(&ctx, &one.hold, one.now) }).collect::<Vec<_>>(),
        organisations => organisations(&all), faults, errors => Some(errors).filter(|e| !e.is_empty()),
        typed => context! { organisation => text("organisation"), reason => text("reason"), last_day => dated::boxes(post, "last_day", None) },
        may_keep => may(&ctx.actor, Verb::KeepDirectory, &Facts::default()),
        may_hold => may(&ctx.actor, Verb::HoldAgency, &Facts::default()),
    };
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    app.page(visit, status, "directory/agency.html", page)
}

/// Names to choose from: those the directory knows of the agency. Another can be typed.
fn organisations(all: &[Listed]) -> BTreeSet<String> {
    all.iter()
        .filter_map(|one| one.contact.organisation.clone())
        .collect()
}

/// A hold as pages show it.
pub(in crate::web) fn held(ctx: &Context, hold: &Hold, now: bool) -> Value {
    let organisation = hold.organisation.as_deref();
    context! {
        id => &hold.id, organisation => organisation.map(|text| ctx.house.organisation_name(text).unwrap_or(text)),
        why => may(&ctx.actor, Verb::ReadCase, &Facts::default()).then_some(&hold.why), by => &hold.held_by, since => letter::moment(hold.held_at),
        last_day => hold.last_day.map(|day| day.to_string()), ended_by => &hold.ended_by,
        ended_at => hold.ended_at.map(letter::moment), now,
        href => may(&ctx.actor, Verb::SeeDirectory, &Facts::default()).then(|| format!("/directory/agencies/{}", hold.agency)),
    }
}

/// Holds the reminders to an agency, or lets them go.
pub async fn hold(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let code = path.into_inner();
    let mut problems = Vec::new();
    let typed = Held {
        organisation: post.text("organisation").trim().to_owned(),
        reason: post.text("reason").to_owned(),
        last_day: dated::day(&post, "last_day", "Last day", &mut problems),
    };
    let (of, id, releases) = (
        code.clone(),
        post.text("hold").to_owned(),
        post.text("do") == "release",
    );
    let unread = problems.clone();
    let done = app
        .write(&visit, move |tx, ctx| {
            ctx.allow(Verb::HoldAgency, &Facts::default())?;
            if releases {
                return directory::release(tx, ctx, &of, &id);
            }
            if unread.is_empty() {
                return directory::hold(tx, ctx, &of, &typed);
            }
            Err(Error::Invalid(unread))
        })
        .await;
    match done {
        Ok(()) => Ok(see_other(&format!("/directory/agencies/{code}"))),
        Err(Fault::Work(Error::Invalid(problems))) => {
            show(&app, &visit, &code, Some(&post), &problems).await
        }
        Err(fault) => Err(fault),
    }
}
