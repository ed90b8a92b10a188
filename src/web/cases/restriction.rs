//! Restricting a case to named people: who is named, changing that, lifting it. Must not decide who may.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use super::head::head;
use crate::casework::picture::Picture;
use crate::casework::restrict::{self, Person};
use crate::casework::{Context, Error, Outcome, access};
use crate::domain::form::Problem;
use crate::domain::permission::Verb;
use crate::store::Conn;
use crate::web::again::Sheet;
use crate::web::app::see_other;
use crate::web::said::said;
use crate::web::{App, Fault, Page, Post, Visit};

type Data = web::Data<Arc<App>>;

/// What was typed and what is wrong with it.
#[derive(Clone, Default)]
struct Typed {
    /// The accounts that were ticked; none when nothing was posted.
    people: Option<Vec<String>>,
    reason: String,
    problems: Vec<Problem>,
    stale: bool,
}

const PAGE: Sheet<str, Typed> = Sheet {
    template: "cases/restriction.html",
    view,
};

/// `GET /cases/{reference}/restriction`.
pub async fn restriction(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    PAGE.show(&app, &visit, &path, Typed::default(), StatusCode::OK)
        .await
}

fn view(conn: &mut Conn, ctx: &Context, reference: &str, typed: &Typed) -> Outcome<Value> {
    let (case, facts) = access::reach(conn, ctx, reference, Verb::RestrictCase)?;
    let known = Picture::shown(conn, ctx, &case, facts)?;
    let standing = restrict::standing(conn, ctx, &case)?;
    let me = ctx.actor.user_id().unwrap_or_default();
    let ticked = |person: &Person, named: bool| match &typed.people {
        Some(people) => people.contains(&person.user_id),
        // Whoever restricts a case is named unless they take the tick away.
        None => named || (standing.restriction.is_none() && person.user_id == me),
    };
    let item = |person: &Person, named: bool| {
        context! {
            value => &person.user_id, text => format!("{}, {}", person.name, person.role),
            checked => ticked(person, named),
        }
    };
    let mut items: Vec<Value> = standing.named.iter().map(|p| item(p, true)).collect();
    items.extend(standing.others.iter().map(|p| item(p, false)));
    let (errors, wrong) = said(&typed.problems);
    let restriction = standing.restriction.map(|row| {
        context! { since => row.since.and_utc().to_rfc3339(), by => row.restricted_by, reason => row.reason }
    });
    Ok(context! {
        title => "Restriction", case => head(ctx, facts, &case, &known), restriction, items,
        reason => &typed.reason, wrong, errors, stale => typed.stale,
    })
}

/// `POST /cases/{reference}/restriction` with `version`, `do`, `person` and `reason`.
pub async fn change_restriction(
    app: Data,
    visit: Visit,
    path: web::Path<String>,
    post: Post,
) -> Page {
    let reference = path.into_inner();
    let what = post.text("do").to_owned();
    let mut typed = Typed {
        people: (what != "lift").then(|| post.all("person")),
        reason: post.text("reason").to_owned(),
        ..Typed::default()
    };
    let (of, version, said) = (reference.clone(), post.number("version"), typed.clone());
    let done = app
        .write(&visit, move |tx, ctx| {
            let people = said.people.unwrap_or_default();
            match what.as_str() {
                "lift" => restrict::lift(tx, ctx, &of, version, &said.reason),
                "names" => restrict::rename(tx, ctx, &of, version, &people),
                _ => restrict::restrict(tx, ctx, &of, version, &people, &said.reason),
            }
        })
        .await;
    match done {
        Ok(()) => Ok(see_other(&format!("/cases/{reference}/restriction"))),
        Err(Fault::Work(Error::Invalid(problems))) => {
            typed.problems = problems;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            PAGE.show(&app, &visit, &reference, typed, status).await
        }
        Err(Fault::Work(Error::Stale)) => {
            let typed = Typed {
                stale: true,
                ..Typed::default()
            };
            PAGE.show(&app, &visit, &reference, typed, StatusCode::CONFLICT)
                .await
        }
        Err(fault) => Err(fault),
    }
}
