//! Cases that went to another panel or came from one: the list, opening another panel's file, and taking the case over
//! or refusing it. Must not know how a file is laid out.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use serde_json::Value;

use super::app::see_other;
use super::cases::transfer_row;
use super::documents::{block, forget};
use super::said::said;
use super::upload::{UPLOADS, Upload, read_up_to, sound, turn};
use super::{App, Fault, Page, Post, Visit};
use crate::casework::people::problem;
use crate::casework::transfer::{self, Locked, Look, Ready, unlock};
use crate::casework::{Context, Error};
use crate::domain::action::State::Open;
use crate::domain::form::Problem;
use crate::domain::meeting::Purpose;
use crate::domain::permission::{Facts, Verb, may};
use crate::domain::transfer::{LARGEST, Package, Unreadable};
use crate::store::transfers::Transfer;
use crate::store::vault::CaseKey;

type Data = web::Data<Arc<App>>;

/// `GET /transfers`.
pub async fn list(app: Data, visit: Visit) -> Page {
    show_list(&app, &visit, &[]).await
}

async fn show_list(app: &Data, visit: &Visit, problems: &[Problem]) -> Page {
    let (rows, takes) = app
        .read(visit, |conn, ctx| {
            let rows = transfer::list(conn, ctx)?;
            ctx.note_page()?;
            let takes = may(&ctx.actor, Verb::TakeTransfer, &Facts::default());
            Ok((rows, takes))
        })
        .await?;
    let rows: Vec<Value> = rows
        .iter()
        .map(|(row, ours)| context! { row => transfer_row(row), ours })
        .collect();
    let (errors, wrong) = said(problems);
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = context! { title => "Transfers", rows, takes, errors, wrong };
    app.page(visit, status, "transfers/list.html", page)
}

/// `POST /transfers`: opens a file. Nothing of it is written but that it was opened.
pub async fn open(app: Data, visit: Visit, request: HttpRequest, body: web::Payload) -> Page {
    let ctx = app
        .read(&visit, |_, ctx| {
            ctx.allow(Verb::TakeTransfer, &Facts::default())?;
            Ok(ctx.clone())
        })
        .await?;
    sound(&request)?;
    let turn = turn(&UPLOADS).await?;
    let upload = read_up_to(&request, body, "file", LARGEST).await?;
    let opened = keep(&app, &visit, ctx, upload).await;
    drop(turn);
    match opened {
        Ok(id) => Ok(see_other(&format!("/transfers/{id}"))),
        Err(Fault::Work(Error::Invalid(problems))) => show_list(&app, &visit, &problems).await,
        Err(fault) => Err(fault),
    }
}

fn at(field: &str, words: &str) -> Problem {
    problem(field, "file", words)
}

/// Opens what was sent, checks it and keeps it sealed until it is decided. Gives its id.
async fn keep(app: &Data, visit: &Visit, ctx: Context, upload: Upload) -> Result<String, Fault> {
    let passphrase = upload.text("passphrase").trim().to_owned();
    let mut problems = Vec::new();
    let file = upload.file.map(|file| file.bytes);
    match &file {
        None => problems.push(at("file", "Choose the file that the other panel sent")),
        Some(None) => problems.push(at("file", "The file must be smaller than 60 MB")),
        Some(Some(_)) => {}
    }
    if passphrase.is_empty() {
        problems.push(at("passphrase", "Enter the passphrase of the file"));
    }
    let bytes = file.flatten().unwrap_or_default();
    if !problems.is_empty() {
        return Err(Error::Invalid(problems).into());
    }
    let (id, key, vault) = (ctx.new_id(), CaseKey::random(), app.vault.clone());
    let (place, with) = (id.clone(), key.clone());
    let about = block(move || {
        let json = unlock(&passphrase, &bytes).map_err(locked)?;
        let package = Package::read(&json).map_err(|e| locked(Locked::File(e)))?;
        transfer::ready(&ctx, &package)?;
        vault.keep(&place, &with, &json).map_err(Error::from)?;
        Ok((package.about, bytes.len()))
    })
    .await?;
    let at = id.clone();
    let kept = app
        .write(visit, move |tx, ctx| {
            transfer::keep(tx, ctx, &at, &about.0, about.1, &key)
        })
        .await;
    if kept.is_err() {
        forget(app, id.clone()).await?;
    }
    kept.map(|()| id)
}

fn locked(why: Locked) -> Error {
    Error::Invalid(vec![match why {
        Locked::Passphrase => at(
            "passphrase",
            "This passphrase does not open the file. Have it read to you again",
        ),
        Locked::File(Unreadable::Damaged) => at("file", &Unreadable::Damaged.words()),
        Locked::File(other) => at("file", &other.words()),
        Locked::TooLarge => at("file", "The file must be smaller than 60 MB"),
    }])
}

/// What lies under a transfer that waits to be decided.
async fn contents(
    app: &Data,
    visit: &Visit,
    id: &str,
) -> Result<(Transfer, Package, Ready, Context), Fault> {
    let wanted = id.to_owned();
    let (row, key, ctx) = app
        .read(visit, move |conn, ctx| {
            let (row, key) = transfer::looked_at(conn, ctx, &wanted)?;
            ctx.note_page()?;
            Ok((row, key, ctx.clone()))
        })
        .await?;
    let vault = app.vault.clone();
    block(move || {
        let damaged = || Error::Damaged {
            table: "transfers",
            row: row.id.clone(),
        };
        let json = vault.read(&row.id, &key).map_err(|_| damaged())?;
        let package = Package::read(&json).map_err(|_| damaged())?;
        let ready = transfer::ready(&ctx, &package)?;
        Ok((row, package, ready, ctx))
    })
    .await
}

/// `GET /transfers/{id}`: what a file holds, beside what is known here.
pub async fn page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    show(&app, &visit, &path, None, &[], StatusCode::OK).await
}

async fn show(
    app: &Data,
    visit: &Visit,
    id: &str,
    post: Option<&Post>,
    problems: &[Problem],
    status: StatusCode,
) -> Page {
    let (row, package, ready, _) = contents(app, visit, id).await?;
    let look = app
        .read(visit, move |conn, ctx| {
            let look = transfer::look(conn, ctx, &ready)?;
            Ok((look, child(&ready)))
        })
        .await?;
    let (errors, wrong) = said(problems);
    let page = context! {
        title => "A case from another panel", row => transfer_row(&row), about => &package.about, counts => counts(app, &package),
        child => look.1, alike => alike(&look.0), sure => look.0.sure, errors, wrong,
        reason => post.map(|p| p.text("reason")), chosen => post.map(|p| p.text("do")),
    };
    app.page(visit, status, "transfers/look.html", page)
}

fn child(ready: &Ready) -> Value {
    let who = ready.child();
    context! { name => who.name, nhs_number => who.nhs_number, born => who.born, died => who.died }
}

fn alike(look: &Look) -> Vec<Value> {
    look.alike
        .iter()
        .map(|like| context! { reference => &like.reference, words => &like.words })
        .collect()
}

/// The outline of a file: how much of each kind, and which forms.
fn counts(app: &App, package: &Package) -> Vec<Value> {
    let parts = &package.parts;
    let dict = app.house.dictionary();
    let label = |code: &str| {
        dict.form(code)
            .map_or_else(|| code.to_owned(), |f| f.label.clone())
    };
    let forms: Vec<String> = parts.records.iter().map(|r| label(&r.form)).collect();
    let agencies: Vec<&str> = parts
        .requests
        .iter()
        .map(|r| dict.label("agency", &r.agency).unwrap_or(&r.agency))
        .collect();
    let beside: Vec<&str> = parts
        .processes
        .iter()
        .map(|p| app.house.processes.label(&p.kind))
        .collect();
    let met: Vec<&str> = parts
        .meetings
        .iter()
        .map(|m| m.purpose.parse().map_or("", Purpose::label))
        .collect();
    let open = parts
        .actions
        .iter()
        .filter(|a| a.state == Open.as_str())
        .count();
    let titles: Vec<&str> = parts.documents.iter().map(|d| d.title.as_str()).collect();
    let line = |what: &str, n: usize, which: String| context! { what, n, which };
    vec![
        line("Agreed forms", forms.len(), forms.join(", ")),
        line(
            "Agencies that answered",
            agencies.len(),
            agencies.join(", "),
        ),
        line("Lines about the family", parts.family.len(), String::new()),
        line(
            "Processes beside the review",
            beside.len(),
            beside.join(", "),
        ),
        line("Meetings that were held", met.len(), met.join(", ")),
        line(
            "Actions and recommendations",
            parts.actions.len(),
            format!("{open} open"),
        ),
        line("Documents", titles.len(), titles.join(", ")),
    ]
}

/// `POST /transfers/{id}` with `version`, `do` and `reason`.
pub async fn decide(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    let reason = post.text("reason").to_owned();
    let version = post.number("version");
    let done = match post.text("do") {
        "accept" => accept(&app, &visit, &id, version, reason).await,
        "refuse" => {
            let of = id.clone();
            app.write(&visit, move |tx, ctx| {
                transfer::refuse(tx, ctx, &of, version, &reason)
            })
            .await
            .map(|()| "/transfers".to_owned())
        }
        _ => Err(Error::Invalid(vec![at("do", "Say whether the case is taken over")]).into()),
    };
    match done {
        Ok(to) => {
            forget(&app, id).await?;
            Ok(see_other(&to))
        }
        Err(Fault::Work(Error::Invalid(problems))) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show(&app, &visit, &id, Some(&post), &problems, status).await
        }
        Err(fault) => Err(fault),
    }
}

async fn accept(
    app: &Data,
    visit: &Visit,
    id: &str,
    version: i32,
    reason: String,
) -> Result<String, Fault> {
    let turn = turn(&UPLOADS).await?;
    let (_, package, ready, ctx) = contents(app, visit, id).await?;
    let (vault, scanned) = (app.vault.clone(), app.scanned);
    let (ready, filed) = block(move || {
        let filed = ready.file(&ctx, &vault, scanned)?;
        Ok((ready, filed))
    })
    .await?;
    drop(turn);
    let (places, of) = (filed.ids(), id.to_owned());
    let done = app
        .write(visit, move |tx, ctx| {
            transfer::accept(tx, ctx, (&of, version), &package, (&ready, &filed), &reason)
        })
        .await;
    match done {
        Ok(reference) => Ok(format!("/cases/{reference}")),
        Err(fault) => {
            // A row may name them when it is not certain that nothing was saved.
            if super::documents::refused(&fault) {
                for place in places {
                    forget(app, place).await?;
                }
            }
            Err(fault)
        }
    }
}
