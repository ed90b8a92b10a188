//! Who is assigned to a case: read by everybody who reads the case, changed by the coordinator. Must not
//! decide what an assigned person sees.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use super::head::head;
use crate::casework::assign::{self, Assigned};
use crate::casework::picture::Picture;
use crate::casework::{Context, Error, Outcome, access};
use crate::domain::calendar::london;
use crate::domain::permission::{Verb, may};
use crate::store::Conn;
use crate::web::again::Sheet;
use crate::web::app::see_other;
use crate::web::{App, Fault, Page, Post, Visit};

type Data = web::Data<Arc<App>>;

/// What was chosen and what is wrong with it.
#[derive(Clone, Default)]
struct Chosen {
    person: String,
    error: Option<String>,
    stale: bool,
}

const PAGE: Sheet<str, Chosen> = Sheet {
    template: "cases/people.html",
    view,
};

/// `GET /cases/{reference}/people`.
pub async fn people(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    PAGE.show(&app, &visit, &path, Chosen::default(), StatusCode::OK)
        .await
}

fn view(conn: &mut Conn, ctx: &Context, reference: &str, chosen: &Chosen) -> Outcome<Value> {
    let (case, facts) = access::reach(conn, ctx, reference, Verb::ReadCase)?;
    let known = Picture::shown(conn, ctx, &case, facts)?;
    let assigns = may(&ctx.actor, Verb::AssignCase, &facts);
    let candidates = if assigns {
        assign::candidates(conn, ctx, &case)?
    } else {
        Vec::new()
    };
    let choices: Vec<Value> = candidates
        .iter()
        .map(|(id, name, role)| context! { value => id, text => format!("{name}, {role}") })
        .collect();
    let people: Vec<Value> = assign::on_case(conn, &case)?.iter().map(person).collect();
    let errors = chosen.error.as_ref();
    let errors = errors.map(|text| vec![context! { text, href => "#person" }]);
    Ok(context! {
        title => "People", case => head(ctx, facts, &case, &known), people, assigns, choices, errors,
        chosen => &chosen.person, wrong => &chosen.error, stale => chosen.stale,
    })
}

fn person(person: &Assigned) -> Value {
    context! {
        id => &person.user_id, name => &person.name, role => person.role.label(), by => &person.by,
        since => london(person.since.and_utc()).date(),
    }
}

/// `POST /cases/{reference}/people` with `version` and `person` or `remove`.
pub async fn change_people(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let reference = path.into_inner();
    let (of, version) = (reference.clone(), post.number("version"));
    let chosen = post.text("person").to_owned();
    let (person, removed) = (chosen.clone(), post.get("remove").map(str::to_owned));
    let done = app
        .write(&visit, move |tx, ctx| match &removed {
            Some(gone) => assign::unassign(tx, ctx, &of, gone, version),
            None => assign::assign(tx, ctx, &of, &person, version),
        })
        .await;
    let mut chosen = Chosen {
        person: chosen,
        ..Chosen::default()
    };
    match done {
        Ok(()) => Ok(see_other(&format!("/cases/{reference}/people"))),
        Err(Fault::Work(Error::Invalid(problems))) => {
            chosen.error = problems.into_iter().next().map(|p| p.message);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            PAGE.show(&app, &visit, &reference, chosen, status).await
        }
        Err(Fault::Work(Error::Stale)) => {
            chosen.stale = true;
            PAGE.show(&app, &visit, &reference, chosen, StatusCode::CONFLICT)
                .await
        }
        Err(fault) => Err(fault),
    }
}
