//! Taking a case over from another panel's file: opening it, seeing what it holds beside what is known here, and then
//! accepting or refusing it. Until then it lies sealed among the documents and nothing else is written. Must not know
//! how its parts become rows.

use chrono::{NaiveDate, TimeDelta};

use super::write::{self, Filed};
use super::{for_whom, open_key, row_of, save, seal_key};
use crate::casework::gather::given_reason;
use crate::casework::imports::{Like, before};
use crate::casework::people::problem;
use crate::casework::triage::identity;
use crate::casework::{Context, Error, Outcome, documents, notify, record, restrict};
use crate::domain::document::{self, Checked};
use crate::domain::duplicate::Strength;
use crate::domain::event::Event;
use crate::domain::family::Part;
use crate::domain::form::Answers;
use crate::domain::permission::{Facts, Verb};
use crate::domain::process::State;
use crate::domain::transfer::{About, Package, sum_of};
use crate::store::marks::Likeness;
use crate::store::notifications::Notification;
use crate::store::transfers::{self, Transfer};
use crate::store::vault::{CaseKey, Vault};
use crate::store::{Conn, Tx};

/// Days after which a file that was opened, and neither taken nor refused, is forgotten.
const WAITS: i64 = 7;

/// Everything of a file that was found sound.
pub struct Ready {
    pub(super) notification: Notification,
    pub(super) given: Answers,
    pub(super) files: Vec<(Checked, Vec<u8>)>,
}

/// What else is known that may tell of the same child.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub alike: Vec<Like>,
    /// One of them has the same NHS number.
    pub sure: bool,
}

fn refused(words: &str) -> Error {
    Error::Invalid(vec![problem("file", "file", words)])
}

/// Whether everything in a file can stand here. Reads every document of it. Blocks.
pub fn ready(ctx: &Context, package: &Package) -> Outcome<Ready> {
    ctx.allow(Verb::TakeTransfer, &Facts::default())?;
    known(ctx, package)?;
    let sent = &package.parts.notification;
    let body = serde_json::from_str(&sent.answers)
        .map_err(|_| refused("The notification in this file cannot be read"))?;
    let (notification, given) = match notify::of_transfer(ctx, &sent.form_version, &body)? {
        Ok(read) => read,
        Err(problems) => {
            let all: Vec<String> = problems.into_iter().map(|p| p.message).collect();
            let words = format!(
                "The notification in this file does not hold: {}",
                all.join("; ")
            );
            return Err(refused(&words));
        }
    };
    let mut files = Vec::new();
    for file in &package.parts.documents {
        let lost = || refused(&format!("Document {} in this file is damaged", file.number));
        let bytes = openssl::base64::decode_block(&file.bytes).map_err(|_| lost())?;
        if sum_of(&bytes) != file.sha256 {
            return Err(lost());
        }
        let checked = document::inspect(&file.file_name, &bytes).map_err(|refusal| {
            let words = refusal.words();
            refused(&format!(
                "Document {} in this file is not taken: {words}",
                file.number
            ))
        })?;
        files.push((checked, bytes));
    }
    Ok(Ready {
        notification,
        given,
        files,
    })
}

/// What a file names must be known here.
fn known(ctx: &Context, package: &Package) -> Outcome<()> {
    let parts = &package.parts;
    let forms = parts.records.iter().map(|r| (&r.form, &r.form_version));
    let answers = parts.responses.iter().map(|r| (&r.form, &r.form_version));
    let notification = (
        notify::FORM.to_owned(),
        parts.notification.form_version.clone(),
    );
    for (form, version) in forms
        .chain(answers)
        .chain([(&notification.0, &notification.1)])
    {
        let dict = ctx.house.library.version(version);
        if dict.is_none_or(|dict| dict.form(form).is_none()) {
            let words =
                format!("The form “{form}” of version {version} in this file is not known here");
            return Err(refused(&words));
        }
    }
    let strange =
        "Something in this file is not known here. Ask the other panel which version it uses";
    for row in &parts.processes {
        if ctx.house.processes.get(&row.kind).is_none() || row.state.parse::<State>().is_err() {
            return Err(refused(strange));
        }
    }
    let mut numbers: Vec<i32> = parts.documents.iter().map(|d| d.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let odd = numbers.len() != parts.documents.len() || numbers.first().is_some_and(|n| *n < 1);
    if odd
        || parts
            .family
            .iter()
            .any(|line| line.part.parse::<Part>().is_err())
    {
        return Err(refused(strange));
    }
    Ok(())
}

/// What is known here that may tell of the same child.
pub fn look(conn: &mut Conn, ctx: &Context, ready: &Ready) -> Outcome<Look> {
    let row = &ready.notification;
    let likeness = Likeness {
        nhs_number: row.nhs_number.as_deref(),
        surname: &row.surname_folded,
        date_of_birth: row.date_of_birth,
    };
    let mut found = before(conn, ctx, &likeness, &identity(&ready.given))?;
    found.sort_by_key(|(hit, _)| hit.strength);
    Ok(Look {
        sure: found
            .iter()
            .any(|(hit, _)| hit.strength == Strength::Certain),
        alike: found.into_iter().map(|(_, like)| like).collect(),
    })
}

/// Notes that a file was opened; `key` opens what lies among the documents under `id`.
pub fn keep(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    about: &About,
    size: usize,
    key: &CaseKey,
) -> Outcome<()> {
    ctx.allow(Verb::TakeTransfer, &Facts::default())?;
    tx.hold("transfers")?;
    transfers::forget(tx, ctx.stamp() - TimeDelta::days(WAITS))?;
    if transfers::came_in(tx.conn(), &about.id, &["taken"])? {
        return Err(refused("This file was taken over already"));
    }
    if let Some(before) = transfers::waiting(tx.conn(), &about.id)? {
        let (_, opener) = open_key(ctx, &before)?;
        if for_whom(ctx, opener.as_deref()) {
            return Err(refused(
                "This file is open already. It stands in the list below",
            ));
        }
        // Whoever has the file and its passphrase was sent both, and whoever opened it first may be away.
        transfers::forget_one(tx, &before.id)?;
        let event = Event::TransferTakenUp {
            transfer_id: before.id.clone(),
            from: before.panel.clone(),
        };
        record(tx, ctx, None, Some(&before.id), &event)?;
    }
    // Until it is decided, a restricted case is known to nobody here but whoever was sent the file.
    let only_for = ctx.actor.user_id().filter(|_| about.restricted);
    let panel = about.from.chars().take(200).collect();
    let row = Transfer {
        id: id.to_owned(),
        theirs: Some(about.reference.chars().take(50).collect()),
        sealed_key: Some(seal_key(ctx, id, key, only_for)),
        ..row_of(ctx, about, ("in", "looked"), panel, size)
    };
    transfers::insert(tx, &row)?;
    let event = Event::TransferLooked {
        transfer_id: row.id.clone(),
        from: row.panel.clone(),
    };
    record(tx, ctx, None, Some(&row.id), &event)
}

/// A file that was opened and waits to be decided, with the key to where it lies. One of a restricted case is there for
/// whoever opened it.
pub fn looked_at(conn: &mut Conn, ctx: &Context, id: &str) -> Outcome<(Transfer, CaseKey)> {
    ctx.allow(Verb::TakeTransfer, &Facts::default())?;
    let row = transfers::get(conn, id)?
        .filter(|row| row.direction == "in" && row.state == "looked")
        .ok_or(Error::NotFound)?;
    let (key, opener) = open_key(ctx, &row)?;
    if !for_whom(ctx, opener.as_deref()) {
        ctx.refuse(None)?;
        return Err(Error::NotFound);
    }
    Ok((row, key))
}

/// The same at the version that was read.
fn deciding(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32) -> Outcome<Transfer> {
    tx.hold("transfers")?;
    let (row, _) = looked_at(tx.conn(), ctx, id)?;
    if row.version == version {
        Ok(row)
    } else {
        Err(Error::Stale)
    }
}

/// Throws away bytes that no row names. Blocks.
fn discard(vault: &Vault, ids: &[String]) -> Outcome<()> {
    ids.iter().try_for_each(|id| Ok(vault.forget(id)?))
}

/// Who a file tells of.
pub struct Child {
    pub name: String,
    pub nhs_number: Option<String>,
    pub born: Option<NaiveDate>,
    pub died: Option<NaiveDate>,
}

impl Ready {
    pub fn child(&self) -> Child {
        let text = |id: &str| self.given.text(id).unwrap_or_default();
        Child {
            name: format!("{} {}", text("child_forenames"), text("child_surname")),
            nhs_number: self.given.text("nhs_number").map(str::to_owned),
            born: self.given.date("date_of_birth"),
            died: self.given.date("date_of_death"),
        }
    }

    /// Seals the documents' bytes under new ids. Blocks.
    pub fn file(&self, ctx: &Context, vault: &Vault, to_scan: bool) -> Outcome<Filed> {
        let mut filed = Filed {
            key: CaseKey::random(),
            kept: Vec::new(),
        };
        for (file, bytes) in &self.files {
            let id = ctx.new_id();
            if let Err(e) = vault.keep(&id, &filed.key, bytes) {
                discard(vault, &filed.ids())?;
                return Err(e.into());
            }
            filed.kept.push(documents::Kept {
                id,
                file: file.clone(),
                size: bytes.len(),
                content_index: documents::content_index(ctx, bytes),
                to_scan,
            });
        }
        Ok(filed)
    }
}

/// Takes a case over: it is notified, triaged as transferred in, and everything that came with it is written. Gives its
/// reference here.
pub fn accept(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (id, version): (&str, i32),
    package: &Package,
    (ready, filed): (&Ready, &Filed),
    reason: &str,
) -> Outcome<String> {
    let mut row = deciding(tx, ctx, id, version)?;
    let sure = look(tx.conn(), ctx, ready)?.sure;
    let reason = if sure {
        given_reason(
            reason,
            "There is a death with the same NHS number here. Say why this is another child, or refuse the file",
        )?
    } else if reason.trim().is_empty() {
        format!("Transferred in from {}.", row.panel)
    } else {
        given_reason(reason, "Say why")?
    };
    let case = write::case(tx, ctx, package, ready, filed, &reason)?;
    if package.about.restricted {
        // Whoever takes it over names the others who are to see it.
        let named: Vec<String> = ctx.actor.user_id().map(str::to_owned).into_iter().collect();
        let why = format!("It was restricted to named people at {}.", row.panel);
        restrict::restrict(tx, ctx, &case.reference, case.version, &named, &why)?;
    }
    let event = Event::TransferTaken {
        transfer_id: row.id.clone(),
        from: row.panel.clone(),
        theirs: row.theirs.clone().unwrap_or_default(),
        forms: package.parts.records.len(),
        answers: package.parts.responses.len(),
        documents: package.parts.documents.len(),
    };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
    row.case_id = Some(case.id);
    decide(tx, ctx, row, "taken", reason)?;
    Ok(case.reference)
}

/// Does not take a case over: the thin trace stays, and nothing of what it held.
pub fn refuse(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32, reason: &str) -> Outcome<()> {
    let mut row = deciding(tx, ctx, id, version)?;
    let reason = given_reason(reason, "Say why it is not taken over")?;
    let event = Event::TransferTurnedDown {
        transfer_id: row.id.clone(),
        from: row.panel.clone(),
        reason: reason.clone(),
    };
    record(tx, ctx, None, Some(&row.id), &event)?;
    row.learning.clear();
    row.agreed_by.clear();
    row.reason.clear();
    decide(tx, ctx, row, "refused", reason)
}

fn decide(
    tx: &mut Tx<'_>,
    ctx: &Context,
    mut row: Transfer,
    state: &str,
    why: String,
) -> Outcome<()> {
    state.clone_into(&mut row.state);
    row.answered_at = Some(ctx.stamp());
    row.answered_by = Some(ctx.actor.label());
    row.answer = Some(why);
    row.sealed_key = None;
    save(tx, &row)
}
