//! The page of a meeting's minutes: the outline of its purpose, who was there, and recording that it was held. Must not
//! know what the forms take from them.

use actix_web::web;
use serde_json::Value;

use super::Data;
use crate::casework::meetings::{self as work, Said, stored_minutes};
use crate::casework::picture::Picture;
use crate::casework::{Context, Error, Outcome};
use crate::domain::form::Problem;
use crate::domain::meeting::{Asks, Attendance, State};
use crate::store::Conn;
use crate::store::meetings::people_of;
use crate::web::again::status;
use crate::web::app::see_other;
use crate::web::{Fault, Page, Post, Visit, cases};

#[derive(Clone, Default)]
struct Typed {
    post: Option<Post>,
    problems: Vec<Problem>,
    refused: Option<String>,
    stale: bool,
}

/// `GET /meetings/{id}/minutes`.
pub async fn minutes_page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    show(&app, &visit, &path, Typed::default()).await
}

async fn show(app: &Data, visit: &Visit, id: &str, typed: Typed) -> Page {
    let status = status(
        typed.stale,
        !typed.problems.is_empty() || typed.refused.is_some(),
    );
    let id = id.to_owned();
    let page = app
        .read(visit, move |conn, ctx| view(conn, ctx, &id, &typed))
        .await?;
    app.page(visit, status, "meetings/minutes.html", page)
}

fn view(conn: &mut Conn, ctx: &Context, id: &str, typed: &Typed) -> Outcome<Value> {
    let (row, about) = work::reach_to_keep(conn, ctx, id)?;
    let case = match &about {
        Some((case, facts)) => {
            let known = Picture::shown(conn, ctx, case, *facts)?;
            Some(cases::head(ctx, *facts, case, &known))
        }
        None => None,
    };
    let (purpose, kept) = (work::purpose_of(&row)?, stored_minutes(&row));
    let (errors, at) = crate::web::said::said(&typed.problems);
    let mut clash: Vec<[String; 3]> = Vec::new();
    let parts: Vec<Value> = ctx
        .house
        .outlines
        .of(purpose)
        .map(|part| {
            let now = kept.get(&part.code).cloned().unwrap_or_default();
            let text = typed.post.as_ref().map_or_else(|| now.clone(), |post| post.text(&part.code).to_owned());
            if typed.stale && now != text.replace("\r\n", "\n") {
                clash.push([part.label.clone(), part.shown(&text).to_owned(), part.shown(&now).to_owned()]);
            }
            let codes = match &part.asks {
                Asks::One(codes) => Some(codes),
                Asks::Line | Asks::Lines => None,
            };
            let choices: Option<Vec<Value>> = codes.map(|codes| {
                let none = context! { value => "", text => "Not said", selected => text.is_empty() };
                let all = codes.iter().map(|(code, label)| context! { value => code, text => label, selected => *code == text });
                std::iter::once(none).chain(all).collect()
            });
            context! {
                code => &part.code, label => &part.label, hint => &part.hint, text, error => at.get(&part.code),
                choices, one_line => part.asks == Asks::Line,
            }
        })
        .collect();
    let people: Vec<Value> = people_of(conn, id)?
        .iter()
        .map(|p| {
            let name = format!("attendance-{}", p.id);
            let now = typed.post.as_ref().map_or(p.attendance.as_str(), |post| post.text(&name));
            let choices: Vec<Value> = Attendance::ALL
                .iter()
                .map(|a| context! { value => a.as_str(), text => a.label(), checked => now == a.as_str() })
                .collect();
            context! { id => &p.id, name => &p.name, role => &p.role, field => name, choices }
        })
        .collect();
    Ok(context! {
        title => "Minutes", purpose => purpose.label(), case, id,
        version => row.version, planned => work::state_of(&row)? == State::Planned, signed => row.signed_at.is_some(),
        when => crate::casework::letters::when(row.starts_at, row.minutes_long), parts, people, errors, at,
        held_back => work::held_back(conn, &row, purpose)?,
        reason => typed.post.as_ref().map(|post| post.text("reason").to_owned()),
        stale => typed.stale, clash, refused => &typed.refused,
    })
}

fn said(post: &Post) -> Said {
    let mut said = Said {
        reason: post.text("reason").to_owned(),
        ..Said::default()
    };
    for (name, text) in &post.0.0 {
        match name.strip_prefix("attendance-") {
            Some(person) => {
                said.attendance
                    .extend(text.parse().ok().map(|there| (person.to_owned(), there)));
            }
            None => {
                said.parts.insert(name.clone(), text.clone());
            }
        }
    }
    said
}

/// `POST /meetings/{id}/minutes`.
pub async fn save_minutes(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    let (of, said, version) = (id.clone(), said(&post), post.number("version"));
    let holds = post.text("do") == "hold";
    let done = app
        .write(&visit, move |tx, ctx| {
            if holds {
                work::hold(tx, ctx, &of, version, &said)
            } else {
                work::save_minutes(tx, ctx, &of, version, &said)
            }
        })
        .await;
    let mut typed = Typed {
        post: Some(post),
        ..Typed::default()
    };
    match done {
        Ok(()) => return Ok(see_other(&format!("/meetings/{id}"))),
        Err(Fault::Work(Error::Invalid(problems))) => typed.problems = problems,
        Err(Fault::Work(Error::Rule(words))) => typed.refused = Some(words),
        Err(Fault::Work(Error::Stale)) => typed.stale = true,
        Err(fault) => return Err(fault),
    }
    show(&app, &visit, &id, typed).await
}
