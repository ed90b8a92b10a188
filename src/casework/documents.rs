//! Documents of a case: adding one, reading it, what the scanner found, withdrawing it. What names somebody is
//! sealed here. Must not know how bytes come in or go out, nor where they lie.

use super::access::{reach, stand};
use super::gather::given_reason;
use super::people::problem;
use super::secrets::digest;
use super::{Context, Error, Outcome, record};
use crate::domain::document::{Checked, Kind, Refusal};
use crate::domain::event::Event;
use crate::domain::form::Problem;
use crate::domain::permission::{Facts, Verb};
use crate::store::cases::{self, Case};
use crate::store::documents::{self, Document};
use crate::store::seal::{Damaged, Keyring};
use crate::store::vault::CaseKey;
use crate::store::{Conn, Tx};

/// Where sealed columns belong.
const TABLE: &str = "documents";
const LONGEST_TITLE: usize = 200;
const LONGEST_NOTE: usize = 1_000;

/// What is said of a file when it is added.
#[derive(Clone, Debug, Default)]
pub struct Told {
    pub title: String,
    /// The uploader says that reading it may distress.
    pub distressing: bool,
    pub content_note: String,
}

/// A file that was checked and whose bytes were kept under `id`.
#[derive(Clone, Debug)]
pub struct Kept {
    pub id: String,
    pub file: Checked,
    pub size: usize,
    /// Keyed index of the bytes.
    pub content_index: String,
    /// A scanner looks at it before anybody reads it.
    pub to_scan: bool,
}

/// A document as its readers see it.
#[derive(Clone, Debug)]
pub struct Opened {
    pub row: Document,
    /// What was sealed in the row; nothing when that is damaged.
    pub words: Option<Words>,
}

/// What was sealed in a document's row.
#[derive(Clone, Debug)]
pub struct Words {
    pub title: String,
    pub file_name: String,
    pub content_note: Option<String>,
    pub withdrawn_reason: Option<String>,
    /// Who added it, as the timeline says it.
    pub uploaded_by: String,
}

/// What a scanner, or reading for it, found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    Clean,
    Infected,
    Damaged,
}

/// The case, when this actor may do this with its documents.
pub fn case_for(conn: &mut Conn, ctx: &Context, reference: &str, verb: Verb) -> Outcome<Case> {
    reach(conn, ctx, reference, verb).map(|(case, _)| case)
}

/// The row, when this actor may read the documents of its case.
fn readable(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<Document> {
    let row = documents::get(tx.conn(), id)?
        .filter(is_of_case)
        .ok_or(Error::NotFound)?;
    let case = cases::get(tx.conn(), &row.case_id)?.ok_or(Error::NotFound)?;
    stand(tx.conn(), ctx, &case, Verb::ReadDocuments)?;
    Ok(row)
}

/// Every document of a case, the newest first.
pub fn list(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Opened>> {
    let mut rows = documents::of_case(conn, &case.id)?;
    rows.retain(is_of_case);
    Ok(unseal_all(ctx, rows))
}

/// A file on an answer that was not sent yet is the agency's own.
fn is_of_case(row: &Document) -> bool {
    row.request_id.is_none() || row.handed_in_at.is_some()
}

pub(super) fn unseal_all(ctx: &Context, rows: Vec<Document>) -> Vec<Opened> {
    let ring = ctx.house.secrets.keyring();
    rows.into_iter().map(|row| unseal(&ring, row)).collect()
}

/// The documents that came with one agency's answer.
pub fn with_answer(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    request_id: &str,
) -> Outcome<Vec<Opened>> {
    stand(conn, ctx, case, Verb::ReadDocuments)?;
    let mut rows = documents::of_request(conn, request_id)?;
    rows.retain(|row| row.case_id == case.id && is_of_case(row));
    Ok(unseal_all(ctx, rows))
}

/// One document of a case this actor may read.
pub fn one(
    conn: &mut Conn,
    ctx: &Context,
    reference: &str,
    number: i32,
) -> Outcome<(Case, Opened)> {
    let case = case_for(conn, ctx, reference, Verb::ReadDocuments)?;
    let row = documents::numbered(conn, &case.id, number)?
        .filter(is_of_case)
        .ok_or(Error::NotFound)?;
    Ok((case, unseal(&ctx.house.secrets.keyring(), row)))
}

fn unseal(ring: &Keyring, row: Document) -> Opened {
    let words = words(ring, &row).ok();
    Opened { row, words }
}

fn words(ring: &Keyring, row: &Document) -> Result<Words, Damaged> {
    let open = |column: &str, sealed: &str| ring.open(TABLE, column, &row.id, sealed);
    let perhaps = |column: &str, sealed: &Option<String>| {
        sealed.as_deref().map(|s| open(column, s)).transpose()
    };
    Ok(Words {
        title: open("title", &row.title)?,
        file_name: open("file_name", &row.file_name)?,
        content_note: perhaps("content_note", &row.content_note)?,
        withdrawn_reason: perhaps("withdrawn_reason", &row.withdrawn_reason)?,
        uploaded_by: open("uploaded_by", &row.uploaded_by)?,
    })
}

/// The key of a case's documents, when it was made; `Damaged` when it cannot be opened.
pub fn key(
    conn: &mut Conn,
    ctx: &Context,
    case_id: &str,
) -> Outcome<Option<Result<CaseKey, Damaged>>> {
    Ok(documents::case_key(conn, case_id)?.map(|sealed| open_key(ctx, case_id, &sealed)))
}

fn open_key(ctx: &Context, case_id: &str, sealed: &str) -> Result<CaseKey, Damaged> {
    let text = ctx
        .house
        .secrets
        .keyring()
        .open("case_keys", "sealed_key", case_id, sealed)?;
    super::secrets::parse(&text)
        .and_then(|bytes| CaseKey::from_bytes(&bytes))
        .ok_or(Damaged)
}

/// The key for a document that is about to be added; made with the case's first one.
pub fn key_to_add(tx: &mut Tx<'_>, ctx: &Context, reference: &str) -> Outcome<CaseKey> {
    let case = case_for(tx.conn(), ctx, reference, Verb::AddDocument)?;
    case_key(tx, ctx, &case.id)
}

/// The key of a case's documents, made when there is none yet.
pub(super) fn case_key(tx: &mut Tx<'_>, ctx: &Context, case_id: &str) -> Outcome<CaseKey> {
    tx.hold(&format!("documents:{case_id}"))?;
    if let Some(found) = key(tx.conn(), ctx, case_id)? {
        tx.unchanged();
        return found.map_err(|Damaged| Error::Internal("a case’s key is damaged".into()));
    }
    let fresh = CaseKey::random();
    let text = super::secrets::hex(fresh.as_bytes());
    let ring = ctx.house.secrets.keyring();
    let sealed = ring.seal("case_keys", "sealed_key", case_id, &text);
    documents::insert_case_key(tx, case_id, &sealed, ctx.stamp())?;
    record(tx, ctx, Some(case_id), None, &Event::CaseKeyMade {})?;
    Ok(fresh)
}

/// Everything wrong with what was said of a file.
pub fn problems(told: &Told) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut say = |field: &str, rule: &str, words: &str| found.push(problem(field, rule, words));
    match told.title.trim().chars().count() {
        0 => say("title", "required", "Say what the document is"),
        n if n > LONGEST_TITLE => say("title", "length", "Use at most 200 characters"),
        _ => {}
    }
    match told.content_note.trim().chars().count() {
        0 if told.distressing => say(
            "content_note",
            "required",
            "Say what a reader will meet in the document",
        ),
        n if n > LONGEST_NOTE => say("content_note", "length", "Use at most 1,000 characters"),
        _ => {}
    }
    found
}

/// The keyed index by which the same bytes are known again.
pub fn content_index(ctx: &Context, bytes: &[u8]) -> String {
    let ring = ctx.house.secrets.keyring();
    ring.blind("document", &digest(bytes))
}

/// Adds a document whose bytes are kept already. Gives its number on the case.
pub fn add(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    told: &Told,
    kept: &Kept,
) -> Outcome<i32> {
    let case = case_for(tx.conn(), ctx, reference, Verb::AddDocument)?;
    add_to(tx, ctx, &case, None, told, kept)
}

/// The same to a case that was reached, as a paper of a meeting where one is named.
pub(super) fn add_to(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    meeting_id: Option<&str>,
    told: &Told,
    kept: &Kept,
) -> Outcome<i32> {
    let found = problems(told);
    if !found.is_empty() {
        return Err(Error::Invalid(found));
    }
    tx.hold(&format!("documents:{}", case.id))?;
    let there = documents::of_case(tx.conn(), &case.id)?;
    let same = |d: &&Document| {
        d.content_index == kept.content_index && d.state != "withdrawn" && is_of_case(d)
    };
    if let Some(same) = there.iter().find(same) {
        let words = format!(
            "This file is on the case already, as document {}",
            same.number
        );
        return Err(Error::Invalid(vec![problem("file", "duplicate", &words)]));
    }
    let number = documents::next_number(tx.conn(), &case.id)?;
    let row = Document {
        meeting_id: meeting_id.map(str::to_owned),
        ..row(ctx, case, number, told, kept, &ctx.actor.label())
    };
    documents::insert(tx, &row)?;
    let event = Event::DocumentAdded {
        number,
        kind: kept.file.kind.label().to_owned(),
        size: row.size,
    };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
    Ok(number)
}

pub(super) fn row(
    ctx: &Context,
    case: &Case,
    number: i32,
    told: &Told,
    kept: &Kept,
    by: &str,
) -> Document {
    let ring = ctx.house.secrets.keyring();
    let seal = |column: &str, text: &str| ring.seal(TABLE, column, &kept.id, text);
    let note = told.distressing.then(|| told.content_note.trim());
    Document {
        id: kept.id.clone(),
        case_id: case.id.clone(),
        number,
        request_id: None,
        response_id: None,
        kind: kept.file.kind.as_str().to_owned(),
        size: i64::try_from(kept.size).unwrap_or(i64::MAX),
        content_index: kept.content_index.clone(),
        title: seal("title", told.title.trim()),
        file_name: seal("file_name", &kept.file.name),
        content_note: note.map(|text| seal("content_note", text)),
        state: if kept.to_scan { "checking" } else { "ready" }.to_owned(),
        uploaded_by: seal("uploaded_by", by),
        uploaded_at: ctx.stamp(),
        scanned_at: None,
        withdrawn_at: None,
        withdrawn_reason: None,
        version: 1,
        handed_in_at: None,
        meeting_id: None,
    }
}

/// A file was refused; nothing of it is kept but that it was.
pub fn refused(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    refusal: Refusal,
    size: usize,
) -> Outcome<()> {
    let case = case_for(tx.conn(), ctx, reference, Verb::AddDocument)?;
    let event = Event::DocumentRefused {
        rule: refusal.code().to_owned(),
        size: i64::try_from(size).unwrap_or(i64::MAX),
    };
    record(tx, ctx, Some(&case.id), None, &event)
}

/// A document goes out to a reader. Written before the first byte leaves.
pub fn downloaded(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<()> {
    let row = readable(tx, ctx, id)?;
    if row.state != "ready" {
        return Err(Error::Stale);
    }
    let event = Event::DocumentDownloaded { number: row.number };
    record(tx, ctx, Some(&row.case_id), Some(&row.id), &event)
}

/// A reader met a document that is not as it was written. It stays where it is: a backup may mend it.
pub fn found_damaged(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<()> {
    let row = readable(tx, ctx, id)?;
    let event = Event::DocumentDamaged { number: row.number };
    record(tx, ctx, Some(&row.case_id), Some(&row.id), &event)
}

/// Takes a document out of use, with a reason. Its bytes stay sealed, and nobody reads them any more.
pub fn withdraw(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    number: i32,
    version: i32,
    reason: &str,
) -> Outcome<()> {
    let case = case_for(tx.conn(), ctx, reference, Verb::WithdrawDocument)?;
    let mut row = documents::numbered(tx.conn(), &case.id, number)?
        .filter(is_of_case)
        .ok_or(Error::NotFound)?;
    let reason = given_reason(reason, "Say why the document is withdrawn")?;
    if row.state == "withdrawn" {
        return Err(Error::Rule("This document was withdrawn already.".into()));
    }
    if row.version != version {
        return Err(Error::Stale);
    }
    let ring = ctx.house.secrets.keyring();
    row.withdrawn_reason = Some(ring.seal(TABLE, "withdrawn_reason", &row.id, &reason));
    row.withdrawn_at = Some(ctx.stamp());
    "withdrawn".clone_into(&mut row.state);
    save(tx, &row)?;
    let event = Event::DocumentWithdrawn { number };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)
}

/// What the scanner found in a document that waited for it.
pub fn scanned(tx: &mut Tx<'_>, ctx: &Context, id: &str, finding: Finding) -> Outcome<()> {
    ctx.allow(Verb::ScanDocuments, &Facts::default())?;
    let mut row = documents::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
    if row.state != "checking" {
        tx.unchanged();
        return Ok(());
    }
    let number = row.number;
    let (state, event) = match finding {
        Finding::Clean => ("ready", Event::DocumentFoundClean { number }),
        Finding::Infected => ("infected", Event::DocumentFoundInfected { number }),
        Finding::Damaged => ("damaged", Event::DocumentDamaged { number }),
    };
    state.clone_into(&mut row.state);
    row.scanned_at = Some(ctx.stamp());
    save(tx, &row)?;
    record(tx, ctx, Some(&row.case_id), Some(&row.id), &event)
}

fn save(tx: &mut Tx<'_>, row: &Document) -> Outcome<()> {
    if documents::save(tx, row)? {
        Ok(())
    } else {
        Err(Error::Stale)
    }
}

/// What a download is called: nothing of the child, nothing that anyone typed.
pub fn neutral_name(case: &Case, row: &Document) -> String {
    let ending = row.kind.parse::<Kind>().map_or("bin", Kind::extension);
    format!("{}-document-{}.{ending}", case.reference, row.number)
}
