//! The documents of a case: the list with the form that adds one, a document's own page with its note, the
//! download, withdrawing. Must not know what makes a file sound, nor how it is sealed.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use super::app::see_other;
use super::cases::head;
use super::said::said;
use super::upload::{self, Sent, Upload};
use super::{App, Fault, Page, Post, Visit, headers};
use crate::casework::access::facts;
use crate::casework::documents::{self, Kept, Opened, Told, content_index};
use crate::casework::people::problem;
use crate::casework::picture::Picture;
use crate::casework::{Context, Error, Outcome};
use crate::domain::document::{self, Checked, Kind, Refusal};
use crate::domain::form::Problem;
use crate::domain::permission::Verb;
use crate::store::Conn;
use crate::store::cases::Case;
use crate::store::documents::Document;
use crate::store::vault::{CaseKey, Lost};

type Data = web::Data<Arc<App>>;
type At = web::Path<(String, i32)>;

/// `GET /cases/{reference}/documents`.
pub async fn list(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    show_list(&app, &visit, &path, &Told::default(), &[]).await
}

async fn show_list(
    app: &Data,
    visit: &Visit,
    reference: &str,
    told: &Told,
    problems: &[Problem],
) -> Page {
    let reference = reference.to_owned();
    let (case, rows, damaged) = app
        .read(visit, move |conn, ctx| {
            let case = documents::case_for(conn, ctx, &reference, Verb::ReadDocuments)?;
            let rows = documents::list(conn, ctx, &case)?;
            let damaged: Vec<String> = rows
                .iter()
                .filter(|r| r.words.is_none())
                .map(|r| r.row.id.clone())
                .collect();
            let items: Vec<Value> = rows.iter().map(|r| item(&case, r)).collect();
            Ok((top(conn, ctx, &case)?, items, damaged))
        })
        .await?;
    for id in damaged {
        app.write(visit, move |tx, ctx| documents::found_damaged(tx, ctx, &id))
            .await?;
    }
    let (errors, at) = said(problems);
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let typed = context! { title => &told.title, distressing => told.distressing, content_note => &told.content_note };
    app.page(
        visit,
        status,
        "documents/list.html",
        context! { title => "Documents", case, rows, errors, at, typed, accept => document::accepted() },
    )
}

fn top(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Value> {
    let facts = facts(conn, ctx, case)?;
    let known = Picture::shown(conn, ctx, case, facts)?;
    Ok(head(ctx, facts, case, &known))
}

/// A document as lists and its own page show it.
pub(super) fn item(case: &Case, opened: &Opened) -> Value {
    let (row, words) = (&opened.row, opened.words.as_ref());
    let (state, colour) = match (words, row.state.as_str()) {
        (None, _) | (_, "damaged") => ("Damaged", "govuk-tag--red"),
        (_, "checking") => ("Being checked", "govuk-tag--yellow"),
        (_, "infected") => ("Refused by the scanner", "govuk-tag--red"),
        (_, "withdrawn") => ("Withdrawn", "govuk-tag--grey"),
        _ => ("Can be read", "govuk-tag--green"),
    };
    context! {
        number => row.number, version => row.version, state, colour,
        href => format!("/cases/{}/documents/{}", case.reference, row.number),
        meeting => row.meeting_id.as_ref().map(|id| format!("/meetings/{id}")),
        title => words.map(|w| &w.title), file_name => words.map(|w| &w.file_name),
        note => words.and_then(|w| w.content_note.as_ref()),
        reason => words.and_then(|w| w.withdrawn_reason.as_ref()),
        kind => row.kind.parse::<Kind>().map_or("", Kind::label), size => size(row.size),
        by => words.map(|w| &w.uploaded_by), at => row.uploaded_at.and_utc().to_rfc3339(),
        withdrawn => row.withdrawn_at.map(|t| t.and_utc().to_rfc3339()),
        code => if words.is_some() { row.state.as_str() } else { "damaged" },
    }
}

pub(super) fn size(bytes: i64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// `POST /cases/{reference}/documents`. Who may is asked before the body is read.
pub async fn add(
    app: Data,
    visit: Visit,
    path: web::Path<String>,
    req: HttpRequest,
    body: web::Payload,
) -> Page {
    let reference = path.into_inner();
    let asked = reference.clone();
    app.read(&visit, move |conn, ctx| {
        documents::case_for(conn, ctx, &asked, Verb::AddDocument).map(|_| ())
    })
    .await?;
    upload::sound(&req)?;
    let _turn = upload::turn(&upload::UPLOADS).await?;
    let mut upload = upload::read(&req, body, "file").await?;
    let told = told(&upload);
    match take(&app, &visit, &reference, &told, upload.file.take()).await? {
        Ok(number) => Ok(see_other(&format!("/cases/{reference}/documents/{number}"))),
        Err(problems) => show_list(&app, &visit, &reference, &told, &problems).await,
    }
}

pub(super) fn told(upload: &Upload) -> Told {
    Told {
        title: upload.text("title").to_owned(),
        distressing: upload.text("distressing") == "yes",
        content_note: upload.text("content_note").to_owned(),
    }
}

/// Checks a file and what was said of it; keeps it when nothing is wrong.
async fn take(
    app: &Data,
    visit: &Visit,
    reference: &str,
    told: &Told,
    file: Option<Sent>,
) -> Result<Result<i32, Vec<Problem>>, Fault> {
    let found = documents::problems(told);
    let said = async |refusal, size| {
        let reference = reference.to_owned();
        app.write(visit, move |tx, ctx| {
            documents::refused(tx, ctx, &reference, refusal, size)
        })
        .await
    };
    let (file, bytes) = match sound(file, found, said).await? {
        Ok(sound) => sound,
        Err(problems) => return Ok(Err(problems)),
    };
    let (asked, read) = (reference.to_owned(), bytes.clone());
    let place = app
        .write(visit, move |tx, ctx| {
            let key = documents::key_to_add(tx, ctx, &asked)?;
            Ok((key, ctx.new_id(), content_index(ctx, &read)))
        })
        .await?;
    let (asked, told) = (reference.to_owned(), told.clone());
    keep(app, (file, bytes), place, async |kept| {
        app.write(visit, move |tx, ctx| {
            documents::add(tx, ctx, &asked, &told, &kept)
        })
        .await
    })
    .await
}

/// The file when nothing is wrong with it, nor with what was `found` of the rest of the page. `said` notes that a
/// file was refused.
pub(super) async fn sound(
    file: Option<Sent>,
    mut found: Vec<Problem>,
    said: impl AsyncFnOnce(Refusal, usize) -> Result<(), Fault>,
) -> Result<Result<(Checked, Bytes), Vec<Problem>>, Fault> {
    match checked(file).await? {
        Ok(sound) if found.is_empty() => return Ok(Ok(sound)),
        // A browser does not send a chosen file back with the page.
        Ok(_) => found.push(problem(
            "file",
            "again",
            "Choose the file again: it was not kept",
        )),
        Err(None) => found.insert(0, problem("file", "required", "Choose a file")),
        Err(Some((refusal, size))) => {
            said(refusal, size).await?;
            found.insert(0, problem("file", refusal.code(), &refusal.words()));
        }
    }
    Ok(Err(found))
}

type Judged = Result<(Checked, Bytes), Option<(Refusal, usize)>>;

async fn checked(file: Option<Sent>) -> Result<Judged, Fault> {
    let Some(sent) = file else {
        return Ok(Err(None));
    };
    let Some(bytes) = sent.bytes else {
        return Ok(Err(Some((Refusal::TooLarge, document::LARGEST))));
    };
    block(move || {
        Ok(match document::inspect(&sent.name, &bytes) {
            Ok(checked) => Ok((checked, bytes)),
            Err(refusal) => Err(Some((refusal, bytes.len()))),
        })
    })
    .await
}

/// What a file is kept with: the case's key, the id it gets, and the keyed index of its bytes.
pub(super) type Place = (CaseKey, String, String);

/// Seals the bytes first and has the row written after; without a row the bytes go again.
pub(super) async fn keep<T>(
    app: &Data,
    (file, bytes): (Checked, Bytes),
    (key, id, content_index): Place,
    add: impl AsyncFnOnce(Kept) -> Result<T, Fault>,
) -> Result<Result<T, Vec<Problem>>, Fault> {
    let size = bytes.len();
    let (vault, place) = (app.vault.clone(), id.clone());
    block(move || Ok(vault.keep(&place, &key, &bytes)?)).await?;
    let kept = Kept {
        id: id.clone(),
        file,
        size,
        content_index,
        to_scan: app.scanned,
    };
    let added = add(kept).await;
    if added.as_ref().is_err_and(refused) {
        forget(app, id).await?;
    }
    match added {
        Ok(done) => Ok(Ok(done)),
        Err(Fault::Work(Error::Invalid(problems))) => Ok(Err(problems)),
        Err(fault) => Err(fault),
    }
}

/// Throws away bytes that no row names.
pub(super) async fn forget(app: &Data, id: String) -> Result<(), Fault> {
    let vault = app.vault.clone();
    block(move || Ok(vault.forget(&id)?)).await
}

/// Whether a fault says for certain that nothing was saved. Where it does not, the bytes stay: a row may name them.
pub(super) fn refused(fault: &Fault) -> bool {
    !matches!(
        fault,
        Fault::Work(Error::Unavailable | Error::Internal(_) | Error::Damaged { .. })
    )
}

pub(super) async fn block<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    web::block(work)
        .await
        .map_err(|_| Fault::from(Error::Internal("work on a document stopped".into())))?
}

/// `GET /cases/{reference}/documents/{number}`: what it is, and the note that stands before it.
pub async fn page(app: Data, visit: Visit, path: At) -> Page {
    let (reference, number) = path.into_inner();
    show(&app, &visit, &reference, number, "", &[]).await
}

async fn show(
    app: &Data,
    visit: &Visit,
    reference: &str,
    number: i32,
    reason: &str,
    problems: &[Problem],
) -> Page {
    let reference = reference.to_owned();
    let (case, document, damaged) = app
        .read(visit, move |conn, ctx| {
            let (case, found) = documents::one(conn, ctx, &reference, number)?;
            let damaged = found.words.is_none().then(|| found.row.id.clone());
            Ok((top(conn, ctx, &case)?, item(&case, &found), damaged))
        })
        .await?;
    if let Some(id) = damaged {
        app.write(visit, move |tx, ctx| documents::found_damaged(tx, ctx, &id))
            .await?;
    }
    let (errors, at) = said(problems);
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    app.page(
        visit,
        status,
        "documents/page.html",
        context! { title => format!("Document {number}"), case, document, errors, at, reason },
    )
}

/// `GET /cases/{reference}/documents/{number}/file`.
pub async fn download(app: Data, visit: Visit, path: At, req: HttpRequest) -> Page {
    let (reference, number) = path.into_inner();
    let _turn = upload::turn(&upload::DOWNLOADS).await?;
    let asked = reference.clone();
    let (case, opened, key) = app
        .read(&visit, move |conn, ctx| {
            let (case, opened) = documents::one(conn, ctx, &asked, number)?;
            let key = documents::key(conn, ctx, &case.id)?;
            Ok((case, opened, key.and_then(Result::ok)))
        })
        .await?;
    let Some(words) = opened.words else {
        return damaged(&app, &visit, &reference, opened.row).await;
    };
    let noted = words.content_note.is_some() && req.query_string() != "note=read";
    if noted || opened.row.state != "ready" {
        return Ok(see_other(&format!("/cases/{reference}/documents/{number}")));
    }
    match read_bytes(&app, &visit, &opened.row, key).await? {
        Some(bytes) => {
            let id = opened.row.id.clone();
            app.write(&visit, move |tx, ctx| documents::downloaded(tx, ctx, &id))
                .await?;
            Ok(attachment(&case, &opened.row, bytes))
        }
        None => damaged(&app, &visit, &reference, opened.row).await,
    }
}

/// The bytes of a document, whole; nothing when they are not those that were kept.
pub(super) async fn read_bytes(
    app: &Data,
    visit: &Visit,
    row: &Document,
    key: Option<CaseKey>,
) -> Result<Option<Vec<u8>>, Fault> {
    let Some(key) = key else { return Ok(None) };
    let (vault, id) = (app.vault.clone(), row.id.clone());
    let read = block(move || match vault.read(&id, &key) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Lost::Damaged) => Ok(None),
        Err(Lost::Store(e)) => Err(e.into()),
    })
    .await?;
    let Some(bytes) = read else { return Ok(None) };
    let expected = row.content_index.clone();
    app.read(visit, move |_, ctx| {
        let same = content_index(ctx, &bytes) == expected;
        Ok(same.then_some(bytes))
    })
    .await
}

fn attachment(case: &Case, row: &Document, bytes: Vec<u8>) -> HttpResponse {
    let name = documents::neutral_name(case, row);
    let media = row
        .kind
        .parse::<Kind>()
        .map_or("application/octet-stream", Kind::media_type);
    HttpResponse::Ok()
        .content_type(media)
        .insert_header((
            "Content-Disposition",
            format!("attachment; filename=\"{name}\""),
        ))
        .insert_header(("Content-Security-Policy", headers::DOWNLOAD))
        .body(bytes)
}

/// Says that a document is damaged and what to do, and leaves a trace of it.
async fn damaged(app: &Data, visit: &Visit, reference: &str, row: Document) -> Page {
    let number = row.number;
    app.write(visit, move |tx, ctx| {
        documents::found_damaged(tx, ctx, &row.id)
    })
    .await?;
    let back = format!("/cases/{reference}/documents");
    app.page(
        visit,
        StatusCode::INTERNAL_SERVER_ERROR,
        "documents/damaged.html",
        context! { title => format!("Document {number} is damaged"), back, number },
    )
}

/// `POST /cases/{reference}/documents/{number}/withdraw`.
pub async fn withdraw(app: Data, visit: Visit, path: At, post: Post) -> Page {
    let (reference, number) = path.into_inner();
    let (asked, reason) = (reference.clone(), post.text("reason").to_owned());
    let version = post.number("version");
    let typed = reason.clone();
    let done = app
        .write(&visit, move |tx, ctx| {
            documents::withdraw(tx, ctx, &asked, number, version, &reason)
        })
        .await;
    match done {
        Ok(()) => Ok(see_other(&format!("/cases/{reference}/documents/{number}"))),
        Err(Fault::Work(Error::Invalid(problems))) => {
            show(&app, &visit, &reference, number, &typed, &problems).await
        }
        Err(fault) => Err(fault),
    }
}
