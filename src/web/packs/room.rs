//! The reading room: one page that reads from top to bottom, its print, the same words form by form, private notes, and what
//! a member asks. Must not know what was taken out.

use serde_json::Value;

use super::{Data, Page, Path2, Post, Typed, Visit, base, see_other, typed};
use actix_web::http::StatusCode;
use actix_web::web;

use crate::casework::packs::{self as work, Door, Room};
use crate::casework::{Context, Error, Outcome, letters};
use crate::domain::account::{Block, Part};
use crate::store::Conn;
use crate::web::Fault;

/// How a paper is to be handled, on each printed page.
const CLASSIFICATION: &str =
    "OFFICIAL – SENSITIVE. Anonymised for the child death overview panel. Do not copy or pass on.";

/// `GET /panels/{id}/pack/{item}`.
pub async fn page(app: Data, visit: Visit, path: Path2) -> Page {
    show(&app, &visit, path.into_inner(), Typed::default()).await
}

async fn show(app: &Data, visit: &Visit, at: (String, String), typed: Typed) -> Page {
    let status = typed.status;
    let (page, door) = app
        .read(visit, move |conn, ctx| {
            let room = work::room(conn, ctx, (&at.0, &at.1), false)?;
            Ok((view(conn, ctx, &at, &room, &typed)?, room.door))
        })
        .await?;
    shown(app, visit, status, door, page, "packs/room.html")
}

/// A shut door is said with its status, and nothing of the paper.
fn shown(
    app: &Data,
    visit: &Visit,
    status: StatusCode,
    door: Door,
    page: Value,
    template: &str,
) -> Page {
    match door {
        Door::Open => app.page(visit, status, template, page),
        _ => app.page(visit, StatusCode::FORBIDDEN, "packs/shut.html", page),
    }
}

fn head(ctx: &Context, at: &(String, String), room: &Room) -> Value {
    context! {
        title => format!("Case {}", room.item.pack_number), pack => &room.item.pack_number, panel => &room.row.id,
        when => letters::when(room.row.starts_at, room.row.minutes_long), base => base(at), door => room.door.words(),
        undeclared => room.door == Door::Undeclared, item_page => format!("/panels/{}/items/{}", at.0, at.1),
        classification => CLASSIFICATION, reader => ctx.actor.label(), number => room.number, keeps => room.keeps,
        printed_on => ctx.today().to_string(),
    }
}

fn view(
    conn: &mut Conn,
    ctx: &Context,
    at: &(String, String),
    room: &Room,
    typed: &Typed,
) -> Outcome<Value> {
    let (errors, wrong) = crate::web::said::said(&typed.problems);
    let questions = if room.door == Door::Open {
        work::questions_of(conn, ctx, &room.item.id, false)?
    } else {
        Vec::new()
    };
    let note = room.note.as_ref().filter(|_| room.door == Door::Open);
    Ok(context! {
        head => head(ctx, at, room), title => format!("Case {}", room.item.pack_number),
        parts => room.parts.iter().map(|part| part_of(ctx, part)).collect::<Vec<Value>>(),
        typed => typed.text("body").or(typed.text("question")), own_note => room.note.as_ref().filter(|_| room.door == Door::NotReleased).map(|note| &note.body),
        has_read => room.has_read, note => typed.text("body").or(note.map(|note| note.body.as_str())), note_version => note.map_or(0, |note| note.version),
        kept_note => note.map(|note| &note.body).filter(|_| typed.status == StatusCode::CONFLICT),
        question => typed.text("question"),
        asks => work::in_time(ctx, &room.row, &room.item), questions => questions.iter().map(|(q, state, _)| context! {
            question => Some(&q.question).filter(|words| !words.is_empty()), worded => &q.worded, told => &q.told, state => state.label(),
        }).collect::<Vec<Value>>(),
        errors, at => wrong, refused => &typed.refused,
    })
}

fn part_of(ctx: &Context, part: &Part) -> Value {
    let mut forms: Vec<&str> = part
        .blocks
        .iter()
        .filter_map(|b| b.form.as_deref())
        .collect();
    forms.dedup();
    let mut once: Vec<&str> = Vec::new();
    for form in forms {
        if !once.contains(&form) {
            once.push(form);
        }
    }
    context! {
        code => &part.code, heading => &part.heading, note => &part.note,
        blocks => part.blocks.iter().map(block).collect::<Vec<Value>>(),
        forms => once.iter().map(|form| context! { code => form, label => label(ctx, form) }).collect::<Vec<Value>>(),
    }
}

fn block(block: &Block) -> Value {
    context! { label => &block.label, text => &block.text }
}

fn label(ctx: &Context, form: &str) -> String {
    crate::casework::gather::form_label(ctx, form)
}

/// `GET /panels/{id}/pack/{item}/print`.
pub async fn print(app: Data, visit: Visit, path: Path2) -> Page {
    let at = path.into_inner();
    let (page, door) = app
        .read(&visit, move |conn, ctx| {
            let room = work::room(conn, ctx, (&at.0, &at.1), true)?;
            Ok((view(conn, ctx, &at, &room, &Typed::default())?, room.door))
        })
        .await?;
    shown(&app, &visit, StatusCode::OK, door, page, "packs/print.html")
}

/// `GET /panels/{id}/pack/{item}/source/{form}`: the same words as they stand in one form.
pub async fn source(app: Data, visit: Visit, path: web::Path<(String, String, String)>) -> Page {
    let (panel, item, form) = path.into_inner();
    let (page, door) = app
        .read(&visit, move |conn, ctx| {
            let at = (panel, item);
            let room = work::room(conn, ctx, (&at.0, &at.1), false)?;
            let of_form = |b: &&Block| b.form.as_deref() == Some(form.as_str());
            let parts: Vec<Value> = room
                .parts
                .iter()
                .filter(|part| part.blocks.iter().any(|b| of_form(&b)))
                .map(|part| {
                    let blocks: Vec<Value> = part.blocks.iter().filter(of_form).map(block).collect();
                    context! { code => &part.code, heading => &part.heading, note => &part.note, blocks }
                })
                .collect();
            if parts.is_empty() && room.door == Door::Open {
                return Err(Error::NotFound);
            }
            let form = label(ctx, &form);
            let page =
                context! { head => head(ctx, &at, &room), title => &form, form => &form, parts };
            Ok((page, room.door))
        })
        .await?;
    shown(
        &app,
        &visit,
        StatusCode::OK,
        door,
        page,
        "packs/source.html",
    )
}

/// `POST /panels/{id}/pack/{item}/note`.
pub async fn note(app: Data, visit: Visit, path: Path2, post: Post) -> Page {
    let at = path.into_inner();
    let (of, said) = (at.clone(), post.clone());
    let done = app
        .write(&visit, move |tx, ctx| {
            work::note(
                tx,
                ctx,
                (&of.0, &of.1),
                said.number("version"),
                said.text("body"),
            )
        })
        .await;
    after(&app, &visit, at, post, done, "#note").await
}

/// `POST /panels/{id}/pack/{item}/read`.
pub async fn mark_read(app: Data, visit: Visit, path: Path2, post: Post) -> Page {
    let at = path.into_inner();
    let (of, seen) = (at.clone(), post.number("number"));
    let done = app
        .write(&visit, move |tx, ctx| {
            work::mark_read(tx, ctx, (&of.0, &of.1), seen)
        })
        .await;
    after(&app, &visit, at, post, done, "#read").await
}

/// `POST /panels/{id}/pack/{item}/question`.
pub async fn ask(app: Data, visit: Visit, path: Path2, post: Post) -> Page {
    let at = path.into_inner();
    let (of, said) = (at.clone(), post.text("question").to_owned());
    let done = app
        .write(&visit, move |tx, ctx| {
            work::ask(tx, ctx, (&of.0, &of.1), &said)
        })
        .await;
    after(&app, &visit, at, post, done, "#questions").await
}

async fn after(
    app: &Data,
    visit: &Visit,
    at: (String, String),
    post: Post,
    done: Result<(), Fault>,
    place: &str,
) -> Page {
    match done {
        Ok(()) => Ok(see_other(&format!("{}{place}", base(&at)))),
        Err(fault) => {
            let typed = typed(post, fault)?;
            let words = typed.text("body").or(typed.text("question"));
            let words = words.map(str::to_owned);
            let panel = at.0.clone();
            match show(app, visit, at, typed).await {
                // The room was shut meanwhile: what was typed is given back.
                Err(Fault::Work(Error::Rule(why))) if words.is_some() => {
                    let head = context! { panel, door => why };
                    let page =
                        context! { title => "The reading room is shut", head, typed => words };
                    let status = StatusCode::UNPROCESSABLE_ENTITY;
                    app.page(visit, status, "packs/shut.html", page)
                }
                other => other,
            }
        }
    }
}
