//! Files that an agency puts with its answer: its own until the answer is sent, documents of the case from then on.
//! Sealed with the case's key and looked at by the scanner as any other. Must not know what other files there are.

use super::documents::{Kept, Opened, Told, case_key, problems, row, unseal_all};
use super::people::problem;
use super::{Context, Error, Outcome, gather, record, respond};
use crate::domain::document::Refusal;
use crate::domain::event::Event;
use crate::store::documents::{self, Document};
use crate::store::requests::{self, Request};
use crate::store::vault::CaseKey;
use crate::store::{Conn, Tx, cases};

/// Files on one answer.
const MOST: usize = 20;

fn held(conn: &mut Conn, ctx: &Context, request_id: &str) -> Outcome<Request> {
    let request = requests::get(conn, request_id)?.ok_or(Error::NotFound)?;
    respond::allow(ctx, &request)?;
    respond::live(ctx, request)
}

/// The request, when its answer was not sent yet.
fn open(tx: &mut Tx<'_>, ctx: &Context, request_id: &str) -> Outcome<Request> {
    // As sending does, so that a file is either sent with the answers or still the agency's own.
    tx.hold(request_id)?;
    let request = held(tx.conn(), ctx, request_id)?;
    if matches!(request.state.as_str(), "answered" | "accepted") {
        return Err(Error::Rule(
            "These answers were sent. Files can be changed only if they are sent back to you."
                .into(),
        ));
    }
    Ok(request)
}

/// The files of one answer, the newest first.
pub fn list(conn: &mut Conn, ctx: &Context, request_id: &str) -> Outcome<Vec<Opened>> {
    held(conn, ctx, request_id)?;
    let rows = documents::of_request(conn, request_id)?;
    Ok(unseal_all(ctx, rows))
}

/// The key for a file that is about to be added.
pub fn key_to_add(tx: &mut Tx<'_>, ctx: &Context, request_id: &str) -> Outcome<CaseKey> {
    let request = open(tx, ctx, request_id)?;
    case_key(tx, ctx, &request.case_id)
}

/// Adds a file whose bytes are kept already.
pub fn add(
    tx: &mut Tx<'_>,
    ctx: &Context,
    request_id: &str,
    told: &Told,
    kept: &Kept,
) -> Outcome<()> {
    let request = open(tx, ctx, request_id)?;
    let mut found = problems(told);
    tx.hold(&format!("documents:{}", request.case_id))?;
    let there = documents::of_request(tx.conn(), request_id)?;
    // Only its own are compared: an agency is not told what others gave.
    if there.iter().any(|d| d.content_index == kept.content_index) {
        found.push(problem("file", "duplicate", "You added this file already"));
    }
    if there.len() >= MOST {
        let words = format!("An answer can have {MOST} files. Remove one first");
        found.push(problem("file", "most", &words));
    }
    if !found.is_empty() {
        return Err(Error::Invalid(found));
    }
    let case = cases::get(tx.conn(), &request.case_id)?.ok_or(Error::NotFound)?;
    let number = documents::next_number(tx.conn(), &case.id)?;
    let row = Document {
        request_id: Some(request.id.clone()),
        ..row(
            ctx,
            &case,
            number,
            told,
            kept,
            &gather::agency_label(ctx, &request.agency),
        )
    };
    documents::insert(tx, &row)?;
    let event = Event::AttachmentAdded {
        request_id: request.id.clone(),
        kind: kept.file.kind.label().to_owned(),
        size: row.size,
    };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)
}

/// A file was refused; nothing of it is kept but that it was.
pub fn refused(
    tx: &mut Tx<'_>,
    ctx: &Context,
    request_id: &str,
    refusal: Refusal,
    size: usize,
) -> Outcome<()> {
    let request = open(tx, ctx, request_id)?;
    let event = Event::DocumentRefused {
        rule: refusal.code().to_owned(),
        size: i64::try_from(size).unwrap_or(i64::MAX),
    };
    record(tx, ctx, Some(&request.case_id), Some(request_id), &event)
}

/// Takes a file off again before the answer is sent. Its bytes may go when this is done.
pub fn remove(tx: &mut Tx<'_>, ctx: &Context, request_id: &str, id: &str) -> Outcome<()> {
    let request = open(tx, ctx, request_id)?;
    let own =
        |d: &Document| d.request_id.as_deref() == Some(request_id) && d.handed_in_at.is_none();
    documents::get(tx.conn(), id)?
        .filter(own)
        .ok_or(Error::NotFound)?;
    if !documents::delete(tx, id)? {
        return Err(Error::NotFound);
    }
    let event = Event::AttachmentRemoved {
        request_id: request.id.clone(),
    };
    record(tx, ctx, Some(&request.case_id), Some(id), &event)
}

/// The answer is sent: its files are documents of the case from now on.
pub(super) fn hand_in(tx: &mut Tx<'_>, ctx: &Context, request: &Request) -> Outcome<()> {
    for mut row in documents::of_request(tx.conn(), &request.id)? {
        if row.handed_in_at.is_some() {
            continue;
        }
        row.handed_in_at = Some(ctx.stamp());
        if !documents::save(tx, &row)? {
            return Err(Error::Stale);
        }
        let kind = row.kind.parse::<crate::domain::document::Kind>();
        let event = Event::DocumentAdded {
            number: row.number,
            kind: kind.map_or_else(|_| String::new(), |k| k.label().to_owned()),
            size: row.size,
        };
        record(tx, ctx, Some(&request.case_id), Some(&row.id), &event)?;
    }
    Ok(())
}
