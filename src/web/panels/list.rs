//! The page on which a case is listed for a panel: what it must have, and the route. Must not judge what was typed.

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use super::Data;
use crate::casework::panels::{self as work, Listing, Reasons};
use crate::casework::{Context, Error, Outcome};
use crate::domain::form::Problem;
use crate::domain::panel::{Must, Standing};
use crate::domain::permission::Verb;
use crate::store::Conn;
use crate::web::app::see_other;
use crate::web::{Fault, Page, Post, Visit};

/// What a page is opened with.
#[derive(serde::Deserialize)]
pub struct Wanted {
    reference: Option<String>,
}

#[derive(Clone, Default)]
struct Typed {
    listing: Listing,
    problems: Vec<Problem>,
    refused: Option<String>,
    posted: bool,
}

/// `GET /panels/{id}/list`.
pub async fn list_page(
    app: Data,
    visit: Visit,
    path: web::Path<String>,
    query: web::Query<Wanted>,
) -> Page {
    let reference = query.into_inner().reference.unwrap_or_default();
    let typed = Typed {
        listing: Listing {
            reference,
            ..Listing::default()
        },
        ..Typed::default()
    };
    show(&app, &visit, &path, typed).await
}

async fn show(app: &Data, visit: &Visit, id: &str, typed: Typed) -> Page {
    let id = id.to_owned();
    let (page, status) = app
        .read(visit, move |conn, ctx| view(conn, ctx, &id, typed))
        .await?;
    app.page(visit, status, "panels/list.html", page)
}

fn view(conn: &mut Conn, ctx: &Context, id: &str, typed: Typed) -> Outcome<(Value, StatusCode)> {
    let row = work::reach(conn, ctx, id, Verb::KeepPanel)?;
    let Typed {
        listing,
        mut problems,
        refused,
        posted,
    } = typed;
    let mut found = None;
    if !listing.reference.trim().is_empty() {
        match work::propose(conn, ctx, id, &listing.reference, &Reasons::new()) {
            Ok(proposal) => found = Some(proposal),
            Err(Error::Invalid(wrong)) if !posted => problems = wrong,
            Err(Error::Invalid(_)) => {}
            Err(other) => return Err(other),
        }
    }
    let (errors, at) = crate::web::said::said(&problems);
    let status = if problems.is_empty() && refused.is_none() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let proposal = found.map(|found| {
        let chosen = if posted { listing.route.as_str() } else { found.route.code.as_str() };
        let routes: Vec<Value> = ctx.house.routes.all().iter().map(|route| context! {
            value => &route.code, text => format!("{}, {} minutes", route.label, route.minutes), checked => route.code == chosen,
        }).collect();
        let gate: Vec<Value> = found.gate.iter().map(|(must, standing)| {
            let field = format!("waive-{}", must.as_str());
            let missing = match standing { Standing::Holding(words) => Some(words.as_str()), _ => None };
            context! {
                what => must.label(), missing, error => at.get(&field), field,
                why => listing.waived.get(must.as_str()),
            }
        }).collect();
        context! {
            reference => &found.case.reference, name => &found.case.display_name, proposed => &found.route.label,
            because => &found.route.reason, routes, gate, reason => &listing.reason,
        }
    });
    let page = context! {
        title => "List a case", id, when => crate::casework::letters::when(row.starts_at, row.minutes_long), proposal,
        reference => &listing.reference, errors, at, refused,
    };
    Ok((page, status))
}

/// `POST /panels/{id}/list`.
pub async fn list(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    let mut waived = Reasons::new();
    for must in Must::ALL {
        let why = post.text(&format!("waive-{}", must.as_str())).to_owned();
        waived.insert(must.as_str().to_owned(), why);
    }
    let listing = Listing {
        reference: post.text("reference").to_owned(),
        route: post.text("route").to_owned(),
        reason: post.text("reason").to_owned(),
        waived,
    };
    let (of, given) = (id.clone(), listing.clone());
    let done = app
        .write(&visit, move |tx, ctx| work::list(tx, ctx, &of, &given))
        .await;
    let mut typed = Typed {
        listing,
        posted: true,
        ..Typed::default()
    };
    match done {
        Ok(_) => return Ok(see_other(&format!("/panels/{id}#items"))),
        Err(Fault::Work(Error::Invalid(problems))) => typed.problems = problems,
        Err(Fault::Work(Error::Rule(words))) => typed.refused = Some(words),
        Err(fault) => return Err(fault),
    }
    show(&app, &visit, &id, typed).await
}
