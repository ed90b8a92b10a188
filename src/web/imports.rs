//! Notifications from a file, as the coordinator takes them over: checking one, seeing row by row what would become of it,
//! taking it over and undoing it. Must not know how a file is read.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use serde::Deserialize;
use serde_json::Value;

use super::app::see_other;
use super::sign_in::told;
use super::upload::{UPLOADS, read, sound, turn};
use super::{App, Fault, Page, Post, Visit, letter};
use crate::casework::imports::{self, Became, Line};
use crate::casework::{Context, Error};
use crate::domain::permission::{Facts, Verb};
use crate::store::imports::Import;

type Data = web::Data<Arc<App>>;

/// Rows of a file on one page.
const SHOWN: usize = 500;
/// Bytes of a file.
const LARGEST: usize = 8 * 1024 * 1024;

/// The files of late, and the form that takes another.
pub async fn list(app: Data, visit: Visit) -> Page {
    show_list(&app, &visit, StatusCode::OK, &[]).await
}

async fn show_list(app: &Data, visit: &Visit, status: StatusCode, wrong: &[String]) -> Page {
    let all = app
        .read(visit, |conn, ctx| {
            let all = imports::list(conn, ctx)?;
            ctx.note_page()?;
            Ok(all)
        })
        .await?;
    let rows: Vec<Value> = all.iter().map(shown).collect();
    let errors: Vec<Value> = wrong.iter().map(|words| told("file", words)).collect();
    let page = context! {
        title => "Notifications from a file", rows, fault => wrong.first(),
        errors => Some(errors).filter(|e| !e.is_empty()),
    };
    app.page(visit, status, "imports/list.html", page)
}

fn shown(row: &Import) -> Value {
    let removed = row.created.saturating_sub(row.kept);
    context! {
        id => &row.id, state => &row.state, created => row.created, matched => row.matched, refused => row.refused,
        kept => row.kept, removed, made_by => &row.made_by, at => letter::moment(row.created_at),
        committed_at => row.committed_at.map(letter::moment), undone_at => row.undone_at.map(letter::moment),
    }
}

/// The text of an uploaded CSV file, or what is wrong with it.
pub(super) async fn csv_of(
    app: &Data,
    visit: &Visit,
    request: &HttpRequest,
    body: web::Payload,
) -> Result<Result<String, String>, Fault> {
    app.read(visit, |_, ctx| {
        ctx.allow(Verb::ImportNotifications, &Facts::default())
    })
    .await?;
    sound(request)?;
    let place = turn(&UPLOADS).await?;
    let upload = read(request, body, "file").await?;
    drop(place);
    let bytes = upload
        .file
        .and_then(|file| file.bytes)
        .filter(|bytes| !bytes.is_empty() && bytes.len() <= LARGEST);
    let Some(bytes) = bytes else {
        return Ok(Err("Choose a CSV file of 8 MB or less".to_owned()));
    };
    Ok(String::from_utf8(bytes.to_vec()).map_err(|_| {
        "The letters of the file cannot be read: save it as CSV with Unicode letters".to_owned()
    }))
}

/// Checks a file and leads to what would become of it.
pub async fn check(app: Data, visit: Visit, request: HttpRequest, body: web::Payload) -> Page {
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let text = match csv_of(&app, &visit, &request, body).await? {
        Ok(text) => text,
        Err(words) => return show_list(&app, &visit, refused, &[words]).await,
    };
    let done = app
        .write(&visit, move |tx, ctx| imports::check(tx, ctx, &text))
        .await;
    match done {
        Ok(id) => Ok(see_other(&format!("/imports/{id}"))),
        Err(Fault::Work(Error::Invalid(problems))) => {
            let words: Vec<String> = problems.into_iter().map(|p| p.message).collect();
            show_list(&app, &visit, refused, &words).await
        }
        Err(fault) => Err(fault),
    }
}

/// Which rows are wanted.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    show: String,
    #[serde(default)]
    from: usize,
}

/// A file with what becomes of each row.
pub async fn import(
    app: Data,
    visit: Visit,
    path: web::Path<String>,
    query: web::Query<Wanted>,
) -> Page {
    let id = path.into_inner();
    let (row, lines) = app
        .read(&visit, move |conn, ctx: &Context| {
            let row = imports::get(conn, ctx, &id)?;
            ctx.note_page()?;
            let lines = imports::shown_lines(conn, ctx, &row)?;
            Ok((row, lines))
        })
        .await?;
    let Wanted { show, from } = query.into_inner();
    let wanted = |line: &&Line| show.is_empty() || code(line.became) == show;
    let all: Vec<&Line> = lines.iter().filter(wanted).collect();
    let rows: Vec<Value> = all
        .iter()
        .skip(from)
        .take(SHOWN)
        .map(|l| told_of(l))
        .collect();
    let last = from.saturating_add(rows.len());
    let page = context! {
        title => "Notifications from a file", import => shown(&row), rows, show, total => all.len(), from => from + 1,
        last, earlier => (from > 0).then(|| from.saturating_sub(SHOWN)), later => (last < all.len()).then_some(last),
    };
    app.ok(&visit, "imports/import.html", page)
}

const fn code(became: Became) -> &'static str {
    match became {
        Became::Created => "created",
        Became::Matched => "matched",
        Became::Refused => "refused",
    }
}

fn told_of(line: &Line) -> Value {
    let beside: Vec<Value> = line
        .like
        .iter()
        .map(|l| context! { reference => &l.reference, row => l.row, words => &l.words })
        .collect();
    let faults: Vec<Value> = line
        .faults
        .iter()
        .map(|f| context! { column => &f.column, words => &f.words })
        .collect();
    let (id, reference) = line.notification.clone().unzip();
    context! {
        number => line.number, became => code(line.became), complete => line.complete, like => beside, faults, id, reference,
    }
}

/// Takes over what is new, forgets the file, or undoes what it brought.
async fn change<F>(app: &Data, visit: &Visit, id: String, to: &'static str, verb: F) -> Page
where
    F: FnOnce(&mut crate::store::Tx<'_>, &Context, &str) -> Result<(), Error> + Send + 'static,
{
    let place = if to.is_empty() {
        format!("/imports/{id}")
    } else {
        to.to_owned()
    };
    app.write(visit, move |tx, ctx| verb(tx, ctx, &id)).await?;
    Ok(see_other(&place))
}

pub async fn commit(app: Data, visit: Visit, path: web::Path<String>, _: Post) -> Page {
    change(&app, &visit, path.into_inner(), "", imports::commit).await
}

pub async fn discard(app: Data, visit: Visit, path: web::Path<String>, _: Post) -> Page {
    change(
        &app,
        &visit,
        path.into_inner(),
        "/imports",
        imports::discard,
    )
    .await
}

pub async fn undo(app: Data, visit: Visit, path: web::Path<String>, _: Post) -> Page {
    change(&app, &visit, path.into_inner(), "", imports::undo).await
}
