//! Merging two cases of one death: one goes under the other and is read there, and nothing of it moves. What agencies
//! answered on it is brought together with the answers of the other; what the record said before is kept, so that undoing
//! it leaves every row as it was. The case that went under is joined: what is owed on it is owed on the other, and the
//! national return takes it back. Must not know how a page shows two cases as one.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::gather::given_reason;
use super::people::problem;
use super::{Context, Error, Outcome, access, gather, picture, record, triage};
use crate::domain::case::{Move, Stage, State};
use crate::domain::event::Event;
use crate::domain::permission::{Verb, may};
use crate::store::cases::Case;
use crate::store::merges::{self, Merge};
use crate::store::records::Record;
use crate::store::{Conn, Tx, cases, records, responses, restrictions};

/// Stages from which a case goes under another: before the panel has said anything of it.
const EARLY: [State; 5] = [
    State::Gathering,
    State::AwaitingExternal,
    State::CdrmScheduled,
    State::CdrmHeld,
    State::ReadyForPanel,
];

fn state(case: &Case) -> Outcome<State> {
    let unknown = |_| Error::Internal("an unknown state is stored".into());
    case.state.parse().map_err(unknown)
}

fn wrong(words: &str) -> Error {
    Error::Invalid(vec![problem("into", "reference", words)])
}

/// Puts a case, which is at the version that was read, under another.
pub fn merge(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    version: i32,
    into: &str,
    reason: &str,
) -> Outcome<()> {
    tx.hold("merges")?;
    let (case, _) = access::reach(tx.conn(), ctx, reference, Verb::MergeCases)?;
    if case.version != version {
        return Err(Error::Stale);
    }
    let into = into.trim().to_uppercase();
    if into.is_empty() {
        return Err(wrong("Enter the reference of the other case"));
    }
    let (other, _) = match access::reach(tx.conn(), ctx, &into, Verb::MergeCases) {
        Err(Error::NotFound | Error::Restricted(_)) => {
            return Err(wrong("There is no case with this reference"));
        }
        found => found?,
    };
    fits(tx.conn(), &case, &other)?;
    let reason = given_reason(reason, "Say what shows that both are of the same child")?;
    // The record of a case that is finalised stays as it was sent.
    let forms = if state(&other)?.is_editable() {
        accepted_forms(tx.conn(), ctx, &case.id)?
    } else {
        BTreeSet::new()
    };
    let row = Merge {
        kept: Some(kept_text(&kept(tx, &other.id, &forms)?)?),
        id: ctx.new_id(),
        case_id: case.id.clone(),
        into_id: other.id.clone(),
        state_before: case.state.clone(),
        since: ctx.stamp(),
        merged_by: ctx.actor.label(),
        reason: reason.clone(),
    };
    merges::insert(tx, &row)?;
    triage::step(tx, ctx, &case, Move::Join, &reason)?;
    triage::refresh(tx, ctx, &case.id)?;
    read_together(tx, ctx, &other, row, &forms)?;
    let merged = Event::CaseMerged {
        into: other.reference.clone(),
        reason: reason.clone(),
    };
    record(tx, ctx, Some(&case.id), None, &merged)?;
    let taken = Event::CaseTakenUnder {
        reference: case.reference,
        reason,
    };
    record(tx, ctx, Some(&other.id), None, &taken)
}

/// A form of the record as it was before a merge, and its version after it. None where there was no such form.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    form: String,
    before: Option<Before>,
    after: Option<i32>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Before {
    form_version: String,
    answers: String,
    sources: String,
    updated_at: NaiveDateTime,
}

fn kept_text(all: &[Kept]) -> Outcome<String> {
    serde_json::to_string(all).map_err(|e| Error::Internal(e.to_string()))
}

/// The forms to which an agency's answers were accepted on a case.
fn accepted_forms(conn: &mut Conn, ctx: &Context, case_id: &str) -> Outcome<BTreeSet<String>> {
    let all = responses::of_case(conn, case_id)?.into_iter();
    let accepted = all.filter(|row| row.state == "accepted");
    let forms = accepted.map(|row| row.form).collect();
    // What rests on these is read anew with them.
    Ok(ctx.house.shares.with_resting(forms))
}

fn kept(tx: &mut Tx<'_>, case_id: &str, forms: &BTreeSet<String>) -> Outcome<Vec<Kept>> {
    let mut all = Vec::new();
    for form in forms {
        let row = records::get(tx.conn(), case_id, form)?;
        all.push(Kept {
            form: form.clone(),
            before: row.map(|row| Before {
                form_version: row.form_version,
                answers: row.answers,
                sources: row.sources,
                updated_at: row.updated_at,
            }),
            after: None,
        });
    }
    Ok(all)
}

/// Brings what was answered on both cases together in the record of the one that goes on.
fn read_together(
    tx: &mut Tx<'_>,
    ctx: &Context,
    other: &Case,
    row: Merge,
    forms: &BTreeSet<String>,
) -> Outcome<()> {
    let mut all = kept_of(&row)?;
    for form in forms {
        picture::recollate(tx, ctx, &other.id, form)?;
    }
    for one in &mut all {
        let now = records::get(tx.conn(), &other.id, &one.form)?;
        one.after = now.map(|row| row.version);
    }
    let row = Merge {
        kept: Some(kept_text(&all)?),
        ..row
    };
    merges::save(tx, &row)?;
    triage::refresh(tx, ctx, &other.id)
}

fn kept_of(row: &Merge) -> Outcome<Vec<Kept>> {
    let text = row.kept.as_deref().unwrap_or("[]");
    serde_json::from_str(text)
        .map_err(|_| Error::Internal("what a merge kept cannot be read".into()))
}

/// Forms in which the answers of a case came to stand after the merge, as when the other was reopened.
fn read_later(conn: &mut Conn, row: &Merge, kept: &[Kept]) -> Outcome<Vec<Kept>> {
    let mut found = Vec::new();
    for answer in responses::of_case(conn, &row.case_id)? {
        let there = |one: &Kept| one.form == answer.form;
        if answer.state != "accepted" || kept.iter().chain(&found).any(there) {
            continue;
        }
        let record = records::get(conn, &row.into_id, &answer.form)?;
        let stands = |record: Record| {
            let ids = [&answer.request_id, &answer.id];
            ids.iter().any(|id| record.sources.contains(id.as_str()))
        };
        if record.is_some_and(stands) {
            found.push(Kept {
                form: answer.form,
                before: None,
                after: None,
            });
        }
    }
    Ok(found)
}

/// Takes the answers of a case that is read under another no more out of the other's record. A form that nobody changed
/// since is put back as it was; otherwise it is brought together anew from what is left.
fn read_apart(tx: &mut Tx<'_>, ctx: &Context, row: &Merge) -> Outcome<()> {
    let mut all = kept_of(row)?;
    all.extend(read_later(tx.conn(), row, &all)?);
    let into = cases::get(tx.conn(), &row.into_id)?.ok_or(Error::NotFound)?;
    if !all.is_empty() && !state(&into)?.is_editable() {
        let words =
            "The other case is finalised with what agencies answered on this one. Reopen it first.";
        return Err(Error::Rule(words.into()));
    }
    let mut changed = Vec::new();
    for one in all {
        let Some(now) = records::get(tx.conn(), &row.into_id, &one.form)? else {
            continue;
        };
        let untouched = one.after == Some(now.version);
        match one.before {
            Some(before) if untouched => {
                let back = Record {
                    form_version: before.form_version,
                    answers: before.answers,
                    sources: before.sources,
                    updated_at: before.updated_at,
                    // A page of the time in between is an old one.
                    version: now.version + 1,
                    ..now
                };
                if !records::put_back(tx, &back, now.version)? {
                    return Err(Error::Stale);
                }
            }
            None if untouched => {
                if !records::remove(tx, &now)? {
                    return Err(Error::Stale);
                }
            }
            _ => changed.push(one.form),
        }
    }
    // After the others, because they may take answers from them.
    for form in changed {
        picture::leave_out(tx, ctx, &row.into_id, &form)?;
    }
    triage::refresh(tx, ctx, &row.into_id)
}

/// Why one case cannot go under another.
fn fits(conn: &mut Conn, case: &Case, other: &Case) -> Outcome<()> {
    if case.id == other.id {
        return Err(wrong("Enter the reference of another case than this one"));
    }
    if state(other)?.stage() == Stage::Ended {
        return Err(wrong("The other case is not reviewed here any more"));
    }
    if !EARLY.contains(&state(case)?) {
        let words = "This case has gone too far to go under another. Put the other one under it, or take it back first.";
        return Err(Error::Rule(words.into()));
    }
    if !merges::under(conn, &case.id)?.is_empty() {
        let words = "Another case is read under this one. Undo that first.";
        return Err(Error::Rule(words.into()));
    }
    // Whoever reads the one reads both.
    if readers(conn, case)? == readers(conn, other)? {
        return Ok(());
    }
    Err(Error::Rule(
        "One of the two cases is restricted. Restrict the other to the same people first.".into(),
    ))
}

/// To whom a case is restricted; none where it is not.
fn readers(conn: &mut Conn, case: &Case) -> Outcome<Option<BTreeSet<String>>> {
    if !restrictions::is_restricted(conn, &case.id)? {
        return Ok(None);
    }
    let named = restrictions::named(conn, &case.id)?.into_iter();
    Ok(Some(named.map(|(place, ..)| place.user_id).collect()))
}

/// Takes a case out from under another: it stands where it stood.
pub fn unmerge(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    version: i32,
    reason: &str,
) -> Outcome<()> {
    tx.hold("merges")?;
    let (case, _) = access::reach(tx.conn(), ctx, reference, Verb::MergeCases)?;
    let row = merges::of_case(tx.conn(), &case.id)?.ok_or(Error::Stale)?;
    if case.version != version {
        return Err(Error::Stale);
    }
    let reason = given_reason(reason, "Say why the two are not of the same child")?;
    let from = state(&case)?;
    let mut back = case.clone();
    row.state_before.clone_into(&mut back.state);
    let to = state(&back)?;
    back.open = to.is_open();
    back.updated_at = ctx.stamp();
    gather::save_case(tx, &back, &case.state)?;
    merges::remove(tx, &row.id)?;
    // The table of moves leads from here to being decided anew; a merge knows where the case stood.
    let moved = Event::CaseMoved {
        mv: Move::TakeBack,
        from,
        to,
        on: Some(ctx.today()),
        reason: reason.clone(),
    };
    record(tx, ctx, Some(&case.id), None, &moved)?;
    triage::refresh(tx, ctx, &case.id)?;
    read_apart(tx, ctx, &row)?;
    let into = cases::get(tx.conn(), &row.into_id)?.ok_or(Error::NotFound)?;
    let left = Event::CaseUnmerged {
        reference: into.reference,
        reason: reason.clone(),
    };
    record(tx, ctx, Some(&case.id), None, &left)?;
    let gone = Event::CaseUnmerged {
        reference: case.reference,
        reason,
    };
    record(tx, ctx, Some(&into.id), None, &gone)
}

/// A case that went under another is moved by undoing that.
pub(super) fn not_merged(conn: &mut Conn, case: &Case) -> Outcome<()> {
    if merges::of_case(conn, &case.id)?.is_none() {
        return Ok(());
    }
    Err(Error::Rule(
        "This case is read under another. Undo that, and it stands where it stood.".into(),
    ))
}

/// The case under whose review one is read: itself, unless it went under another. What holds it back, and what comes of
/// that, is a matter of that one.
pub(super) fn reviewed_as(conn: &mut Conn, case: &Case) -> Outcome<Case> {
    match merges::of_case(conn, &case.id)? {
        Some(row) => cases::get(conn, &row.into_id)?.ok_or(Error::NotFound),
        None => Ok(case.clone()),
    }
}

/// The case that one went under, if this person may know of it, and how that came about.
pub fn above(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Option<(Merge, Case)>> {
    let Some(row) = merges::of_case(conn, &case.id)? else {
        return Ok(None);
    };
    let other = cases::get(conn, &row.into_id)?.ok_or(Error::NotFound)?;
    Ok(readable(conn, ctx, &other)?.then_some((row, other)))
}

/// The cases that are read under one, of those that this person may read.
pub fn under(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Case>> {
    let mut found = Vec::new();
    for row in merges::under(conn, &case.id)? {
        let one = cases::get(conn, &row.case_id)?.ok_or(Error::NotFound)?;
        if readable(conn, ctx, &one)? {
            found.push(one);
        }
    }
    Ok(found)
}

fn readable(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<bool> {
    let facts = access::facts(conn, ctx, case)?;
    Ok(may(&ctx.actor, Verb::ReadCase, &facts))
}
