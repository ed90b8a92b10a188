//! The papers of a meeting about a case: documents of that case, sealed with its key and read by those who may read it,
//! which also stand on the page of the meeting. A panel has none: it discusses several cases under numbers of their own,
//! and an original would name the child to members who read packs alone; what a panel needs of a case lies on that case.
//! Must not know what makes a file sound, nor where its bytes lie.

use super::{reach, state_of};
use crate::casework::documents::{self, Kept, Opened, Told, add_to, case_key, unseal_all};
use crate::casework::{Context, Error, Outcome, access, record};
use crate::domain::document::Refusal;
use crate::domain::event::Event;
use crate::domain::meeting::State;
use crate::domain::permission::Verb;
use crate::store::cases::Case;
use crate::store::vault::CaseKey;
use crate::store::{Conn, Tx, documents as rows};

/// The case of a meeting to which papers may be added.
pub fn open(conn: &mut Conn, ctx: &Context, id: &str) -> Outcome<Case> {
    let (row, case, _) = reach(conn, ctx, id, Verb::AddDocument)?;
    if state_of(&row)? == State::Cancelled {
        let words = "This meeting does not take place. Add the document to the case.";
        return Err(Error::Rule(words.into()));
    }
    Ok(case)
}

/// The papers of a meeting, for whoever may read the documents of its case.
pub fn list(conn: &mut Conn, ctx: &Context, case: &Case, id: &str) -> Outcome<Vec<Opened>> {
    access::stand(conn, ctx, case, Verb::ReadDocuments)?;
    let mut found = rows::of_meeting(conn, id)?;
    found.retain(|row| row.case_id == case.id);
    Ok(unseal_all(ctx, found))
}

/// The key for a paper that is about to be added.
pub fn key_to_add(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<CaseKey> {
    let case = open(tx.conn(), ctx, id)?;
    case_key(tx, ctx, &case.id)
}

/// Adds a paper whose bytes are kept already. Gives its number on the case.
pub fn add(tx: &mut Tx<'_>, ctx: &Context, id: &str, told: &Told, kept: &Kept) -> Outcome<i32> {
    let case = open(tx.conn(), ctx, id)?;
    add_to(tx, ctx, &case, Some(id), told, kept)
}

/// A file was refused; nothing of it is kept but that it was.
pub fn refused(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    refusal: Refusal,
    size: usize,
) -> Outcome<()> {
    let case = open(tx.conn(), ctx, id)?;
    let event = Event::DocumentRefused {
        rule: refusal.code().to_owned(),
        size: i64::try_from(size).unwrap_or(i64::MAX),
    };
    record(tx, ctx, Some(&case.id), Some(id), &event)
}

/// What is wrong with what was said of a paper.
pub use documents::problems;
