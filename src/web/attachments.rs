//! The files of an agency's answer: the list with the form that adds one, and taking one off again before sending.
//! Must not know what makes a file sound, nor how it is sealed.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use serde_json::Value;

use super::app::see_other;
use super::documents::{forget, keep, size, sound, told};
use super::respond::{Held, held, write};
use super::said::said;
use super::upload::{self, Sent};
use super::{App, Fault, Page, Post, Visit};
use crate::casework::attachments;
use crate::casework::documents::{Opened, Told, content_index, problems};
use crate::domain::document::{self, Kind};
use crate::domain::form::Problem;

type Data = web::Data<Arc<App>>;

/// `GET /requests/{token}/files`.
pub async fn list(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let held = held(&app, &visit, &path).await?;
    show(&app, &visit, held, &Told::default(), &[]).await
}

async fn show(app: &Data, visit: &Visit, held: Held, told: &Told, found: &[Problem]) -> Page {
    let (home, ctx, id) = (held.home(), held.ctx, held.work.request.id);
    let open = !matches!(held.work.request.state.as_str(), "answered" | "accepted");
    let files = app
        .open_read(visit, move |conn, _| attachments::list(conn, &ctx, &id))
        .await?;
    let files: Vec<Value> = files.iter().map(|file| item(&home, file)).collect();
    let (errors, at) = said(found);
    let status = if found.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let typed = context! { title => &told.title, distressing => told.distressing, content_note => &told.content_note };
    let page = context! {
        title => "Files with your answer", home, files, open, errors, at, typed, accept => document::accepted(),
    };
    app.page(visit, status, "requests/files.html", page)
}

fn item(home: &str, file: &Opened) -> Value {
    let row = &file.row;
    let words = file.words.as_ref();
    context! {
        title => words.map_or("A damaged file", |w| &w.title), name => words.map(|w| &w.file_name),
        kind => row.kind.parse::<Kind>().map_or("", Kind::label), size => size(row.size),
        at => row.uploaded_at.and_utc().to_rfc3339(), sent => row.handed_in_at.is_some(),
        checking => row.state == "checking", refused => row.state == "infected",
        remove => format!("{home}/files/{}/remove", row.id),
    }
}

/// `POST /requests/{token}/files`. Who may is asked before the body is read.
pub async fn add(
    app: Data,
    visit: Visit,
    path: web::Path<String>,
    req: HttpRequest,
    body: web::Payload,
) -> Page {
    let now = held(&app, &visit, &path).await?;
    upload::sound(&req)?;
    let _turn = upload::turn(&upload::AGENCY_UPLOADS).await?;
    let mut upload = upload::read(&req, body, "file").await?;
    let told = told(&upload);
    match take(&app, &visit, &path, &told, upload.file.take()).await? {
        Ok(()) => Ok(see_other(&format!("{}/files", now.home()))),
        Err(found) => show(&app, &visit, now, &told, &found).await,
    }
}

/// Checks a file and what was said of it; keeps it when nothing is wrong.
async fn take(
    app: &Data,
    visit: &Visit,
    id: &str,
    told: &Told,
    file: Option<Sent>,
) -> Result<Result<(), Vec<Problem>>, Fault> {
    let found = problems(told);
    let said = async |refusal, size| {
        let of = id.to_owned();
        write(app, visit, id, move |tx, ctx| {
            attachments::refused(tx, ctx, &of, refusal, size)
        })
        .await
    };
    let (file, bytes) = match sound(file, found, said).await? {
        Ok(sound) => sound,
        Err(found) => return Ok(Err(found)),
    };
    let (of, read) = (id.to_owned(), bytes.clone());
    let place = write(app, visit, id, move |tx, ctx| {
        let key = attachments::key_to_add(tx, ctx, &of)?;
        Ok((key, ctx.new_id(), content_index(ctx, &read)))
    })
    .await?;
    let (of, told) = (id.to_owned(), told.clone());
    keep(app, (file, bytes), place, async |kept| {
        write(app, visit, id, move |tx, ctx| {
            attachments::add(tx, ctx, &of, &told, &kept)
        })
        .await
    })
    .await
}

/// `POST /requests/{token}/files/{id}/remove`.
pub async fn remove(app: Data, visit: Visit, path: web::Path<(String, String)>, _: Post) -> Page {
    let (id, file) = path.into_inner();
    let (of, which) = (id.clone(), file.clone());
    write(&app, &visit, &id, move |tx, ctx| {
        attachments::remove(tx, ctx, &of, &which)
    })
    .await?;
    forget(&app, file).await?;
    Ok(see_other(&format!("/requests/{id}/files")))
}
