//! The clocks of the area itself: the national year end and the annual report of each year, and what was recorded of
//! them. Must not know when one is due.

use std::sync::Arc;

use actix_web::web;
use serde_json::Value;

use super::again::status;
use super::app::see_other;
use super::dated::{boxes, day};
use super::said::said;
use super::{App, Fault, Page, Post, Visit, letter};
use crate::casework::years::{self as work, Said, Shown};
use crate::casework::{Error, people::problem};
use crate::domain::clock::Outcome;
use crate::domain::form::Problem;
use crate::domain::permission::{Facts, Verb, may};

type Data = web::Data<Arc<App>>;

/// `GET /years`.
pub async fn list(app: Data, visit: Visit) -> Page {
    let all = app.write(&visit, work::list).await?;
    let rows: Vec<Value> = all.iter().map(described).collect();
    app.ok(
        &visit,
        "years/list.html",
        context! { title => "Years", rows },
    )
}

fn described(year: &Shown) -> Value {
    let row = &year.row;
    let (state, colour) = match (year.stands, year.late) {
        (Outcome::Running, true) => ("Late", "govuk-tag--red"),
        (Outcome::Running, false) => ("Running", "govuk-tag--blue"),
        (Outcome::Missed, _) => ("Done late", "govuk-tag--yellow"),
        _ => ("Done", "govuk-tag--green"),
    };
    context! {
        name => &year.definition.name, ends_on => row.ends_on, state, colour, due => year.due, left => year.left,
        note => &year.definition.note, basis => year.definition.basis.as_str(), done => row.stopped_on,
        cut_off => row.agreed_on, words => &row.words, by => &row.said_by, at => row.said_at.map(letter::moment),
        href => format!("/years/{}", row.id), has_cut_off => year.has_cut_off(),
        reminded => year.reminded.iter().filter(|r| r.state == "sent").map(|r| letter::moment(r.done_at)).collect::<Vec<_>>(),
    }
}

/// What was posted and not taken.
#[derive(Default)]
struct Typed {
    post: Option<Post>,
    problems: Vec<Problem>,
    stale: bool,
}

/// `GET /years/{id}`.
pub async fn page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    show(&app, &visit, &path, Typed::default()).await
}

async fn show(app: &Data, visit: &Visit, id: &str, typed: Typed) -> Page {
    let id = id.to_owned();
    let (year, keeps) = app
        .write(visit, move |tx, ctx| {
            let all = work::list(tx, ctx)?;
            let year = all.into_iter().find(|year| year.row.id == id);
            let keeps = may(&ctx.actor, Verb::KeepYear, &Facts::default());
            Ok((year.ok_or(Error::NotFound)?, keeps))
        })
        .await?;
    let status = status(typed.stale, !typed.problems.is_empty());
    let action = typed
        .post
        .as_ref()
        .map(|post| post.text("action").to_owned());
    let of = |name: &str| {
        typed
            .post
            .as_ref()
            .filter(|_| action.as_deref() == Some(name))
    };
    // Two forms ask for a day, so each has a name of its own on the page.
    let (_, at) = said(&typed.problems);
    let errors: Vec<Value> = typed
        .problems
        .iter()
        .map(|p| {
            let place = match (p.field.as_str(), action.as_deref()) {
                ("on", Some("cut_off")) => "cut_off-day",
                ("on", _) => "on-day",
                ("reason", _) => "reason",
                _ => "state",
            };
            context! { text => &p.message, href => format!("#{place}") }
        })
        .collect();
    let page = context! {
        title => format!("{}, year to {}", year.definition.name, year.row.ends_on.format("%-d %B %Y")), year => described(&year),
        version => year.row.version, keeps, stale => typed.stale,
        errors => Some(errors).filter(|all| !all.is_empty()),
        cut_off => boxes(of("cut_off"), "cut_off", year.row.agreed_on), on => boxes(of("done"), "on", None),
        words => of("done").map(|post| post.text("reason").to_owned()),
        cut_off_error => of("cut_off").map(|_| at.get("on").cloned()), on_error => of("done").map(|_| at.get("on").cloned()),
        reason_error => of("done").map(|_| at.get("reason").cloned()),
    };
    app.page(visit, status, "years/year.html", page)
}

/// `POST /years/{id}` with `action`.
pub async fn change(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    let mut problems = Vec::new();
    let said = match post.text("action") {
        "cut_off" => {
            let on = day(&post, "cut_off", "The last day", &mut problems);
            for problem in &mut problems {
                "on".clone_into(&mut problem.field);
            }
            Some(Said::CutOff(on))
        }
        "done" => {
            let on = day(&post, "on", "The day", &mut problems);
            Some(Said::Done(on, post.text("reason").to_owned()))
        }
        "not_done" => Some(Said::NotDone),
        _ => None,
    };
    let version = post.text("version").parse().ok();
    let (of, unread) = (id.clone(), !problems.is_empty());
    let done = app
        .write(&visit, move |tx, ctx| {
            ctx.allow(Verb::KeepYear, &Facts::default())?;
            if unread {
                return Err(Error::Invalid(Vec::new()));
            }
            let said = said.ok_or_else(|| Error::Rule("Choose what to record".into()))?;
            work::say(tx, ctx, &of, version, &said)
        })
        .await;
    let mut typed = Typed::default();
    match done {
        Ok(()) => return Ok(see_other(&format!("/years/{id}"))),
        Err(Fault::Work(Error::Invalid(found))) => {
            problems.extend(found);
            typed.problems = problems;
        }
        Err(Fault::Work(Error::Rule(words))) => {
            typed.problems = vec![problem("state", "rule", &words)];
        }
        Err(Fault::Work(Error::Stale)) => typed.stale = true,
        Err(fault) => return Err(fault),
    }
    typed.post = Some(post);
    show(&app, &visit, &id, typed).await
}
