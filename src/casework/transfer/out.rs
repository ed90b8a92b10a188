//! Handing a case to another panel: everything that is known of it is gathered into one file, and the case stays until
//! that panel's answer is recorded. Must not know how a page asks.

use chrono::NaiveDate;

use super::file;
use super::parts::{answered, beside, files, held, lines, taken_on};
use super::{open_key, row_of, save, seal_key};
use crate::casework::gather::given_reason;
use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome, access, documents, merge, notify, record, triage};
use crate::domain::case::{Move, State, next};
use crate::domain::event::Event;
use crate::domain::form::Problem;
use crate::domain::permission::Verb;
use crate::domain::transfer::{self, About, LARGEST, Package, Parts, sum_of};
use crate::store::cases::Case;
use crate::store::transfers::{self, Transfer};
use crate::store::vault::{CaseKey, Lost, Vault};
use crate::store::{Conn, Tx, merges, notifications, records, requests, restrictions};

/// What a person says of a transfer. `problems` are what a page could not read of it.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub to: String,
    pub reason: String,
    pub agreed_by: String,
    pub agreed_on: Option<NaiveDate>,
    /// How learning comes back, and by when.
    pub learning: String,
    pub learning_due: Option<NaiveDate>,
    pub problems: Vec<Problem>,
}

/// Everything of a case, but for the bytes of its documents.
pub struct Gathered {
    case: Case,
    about: About,
    parts: Parts,
    /// The ids under which the documents' bytes lie, in the same order.
    places: Vec<String>,
    key: Option<CaseKey>,
}

/// A file that lies among the documents, and what opens it.
pub struct Made {
    case: Case,
    about: About,
    size: usize,
    key: CaseKey,
    /// Shown once and kept nowhere.
    pub passphrase: String,
}

impl Made {
    /// The id under which the file lies.
    pub fn id(&self) -> &str {
        &self.about.id
    }
}

/// A case that can leave, for whoever may hand it over.
fn leaving(conn: &mut Conn, ctx: &Context, reference: &str) -> Outcome<Case> {
    let (case, _) = access::reach(conn, ctx, reference, Verb::TransferCase)?;
    let from: State = case
        .state
        .parse()
        .map_err(|_| Error::Internal("an unknown state is stored".into()))?;
    next(from, Move::TransferOut)?;
    merge::not_merged(conn, &case)?;
    if !merges::under(conn, &case.id)?.is_empty() {
        let words = "Another case is read under this one. Undo that first.";
        return Err(Error::Rule(words.into()));
    }
    Ok(case)
}

/// What is said of it, or everything that is wrong with that.
fn about(ctx: &Context, case: &Case, asked: &Asked) -> Outcome<About> {
    let mut found = asked.problems.clone();
    let mut text = |field: &str, value: &str, most: usize, missing: &str| {
        let value = value.trim();
        if value.is_empty() {
            found.push(problem(field, "required", missing));
        } else if value.chars().count() > most {
            let words = format!("Use at most {most} characters");
            found.push(problem(field, "length", &words));
        }
        value.to_owned()
    };
    let to = text("to", &asked.to, 200, "Choose the panel that takes it over");
    let reason = text(
        "reason",
        &asked.reason,
        2_000,
        "Say why the case goes there",
    );
    let agreed_by = text(
        "agreed_by",
        &asked.agreed_by,
        200,
        "Say who agreed to it there",
    );
    let words = "Say how learning from the review comes back";
    let learning = text("learning", &asked.learning, 2_000, words);
    let mut day = |field: &str, day: Option<NaiveDate>, missing: &str| {
        if day.is_none() && found.iter().all(|p| p.field != field) {
            found.push(problem(field, "required", missing));
        }
        day.unwrap_or_default()
    };
    let agreed_on = day(
        "agreed_on",
        asked.agreed_on,
        "Enter the day on which it was agreed",
    );
    let words = "Enter the day by which learning comes back";
    let learning_due = day("learning_due", asked.learning_due, words);
    if agreed_on > ctx.today() {
        let words = "The day on which it was agreed must be today or in the past";
        found.push(problem("agreed_on", "future", words));
    }
    if asked.learning_due.is_some() && learning_due < ctx.today() {
        let words = "The day by which learning comes back must be today or in the future";
        found.push(problem("learning_due", "past", words));
    }
    if !found.is_empty() {
        return Err(Error::Invalid(found));
    }
    Ok(About {
        id: ctx.new_id(),
        made_at: ctx.stamp(),
        from: ctx.house.area.name.clone(),
        reference: case.reference.clone(),
        to,
        reason,
        agreed_by,
        agreed_on,
        restricted: false,
        learning,
        learning_due,
    })
}

/// Gathers what is known of a case.
pub fn gather(conn: &mut Conn, ctx: &Context, reference: &str, asked: &Asked) -> Outcome<Gathered> {
    let case = leaving(conn, ctx, reference)?;
    let about = About {
        restricted: restrictions::is_restricted(conn, &case.id)?,
        ..about(ctx, &case, asked)?
    };
    let (documents, places) = files(conn, ctx, &case)?;
    let notification = notifications::get(conn, &case.notification_id)?.ok_or(Error::NotFound)?;
    let parts = Parts {
        notification: transfer::Notification {
            reference: notification.reference.clone(),
            form_version: notification.form_version.clone(),
            answers: notify::answers(ctx, &notification).to_json().to_string(),
        },
        records: records::of_case(conn, &case.id)?
            .into_iter()
            .map(|row| transfer::Record {
                form: row.form,
                form_version: row.form_version,
                answers: row.answers,
                sources: row.sources,
                confirmed: Some(row.confirmed),
            })
            .collect(),
        waived: requests::waivers(conn, &case.id)?,
        family: lines(conn, &case)?,
        processes: beside(conn, &case)?,
        meetings: held(conn, &case)?,
        actions: taken_on(conn, &case)?,
        documents,
        ..answered(conn, &case)?
    };
    let key = match documents::key(conn, ctx, &case.id)? {
        None => None,
        Some(Ok(key)) => Some(key),
        Some(Err(_)) => return Err(Error::Internal("a case’s key is damaged".into())),
    };
    Ok(Gathered {
        case,
        about,
        parts,
        places,
        key,
    })
}

pub(super) fn damaged(number: i32) -> Error {
    Error::Rule(format!(
        "Document {number} is damaged, so the case cannot be handed over whole. Withdraw it first."
    ))
}

/// Makes the file and keeps it, sealed once more, among the documents. Blocks.
pub fn build(gathered: Gathered, vault: &Vault) -> Outcome<Made> {
    let Gathered {
        case,
        about,
        mut parts,
        places,
        key,
    } = gathered;
    let mut size = 0_usize;
    for (document, place) in parts.documents.iter_mut().zip(&places) {
        let key = key.as_ref().ok_or_else(|| damaged(document.number))?;
        let bytes = vault.read(place, key).map_err(|lost| match lost {
            Lost::Damaged => damaged(document.number),
            Lost::Store(e) => e.into(),
        })?;
        document.sha256 = sum_of(&bytes);
        document.bytes = openssl::base64::encode_block(&bytes);
        size = size.saturating_add(document.bytes.len());
        if size > LARGEST {
            return Err(too_large());
        }
    }
    let package = Package::new(about.clone(), parts);
    let json = serde_json::to_vec(&package).map_err(|e| Error::Internal(e.to_string()))?;
    if json.len() > LARGEST {
        return Err(too_large());
    }
    let passphrase = file::passphrase();
    let file = file::lock(&passphrase, &json)?;
    let key = CaseKey::random();
    vault.keep(&about.id, &key, &file)?;
    Ok(Made {
        case,
        about,
        size: file.len(),
        key,
        passphrase,
    })
}

fn too_large() -> Error {
    Error::Rule(
        "The file would be larger than 60 MB. Hand the largest documents over in another way and withdraw them here \
         first."
            .into(),
    )
}

/// Records that the file was made. One that was made before and not answered is replaced. Gives the ids of files that
/// are done with.
pub fn made(tx: &mut Tx<'_>, ctx: &Context, made: &Made) -> Outcome<Vec<String>> {
    let case = leaving(tx.conn(), ctx, &made.case.reference)?;
    if case.version != made.case.version {
        return Err(Error::Stale);
    }
    let mut gone = Vec::new();
    for mut before in transfers::of_case(tx.conn(), &case.id)? {
        if before.state == "made" && before.direction == "out" {
            "replaced".clone_into(&mut before.state);
            before.sealed_key = None;
            save(tx, &before)?;
            gone.push(before.id);
        }
    }
    let about = &made.about;
    let row = Transfer {
        case_id: Some(case.id.clone()),
        sealed_key: Some(seal_key(ctx, &about.id, &made.key, None)),
        ..row_of(ctx, about, ("out", "made"), about.to.clone(), made.size)
    };
    transfers::insert(tx, &row)?;
    let event = Event::TransferMade {
        transfer_id: row.id.clone(),
        to: row.panel.clone(),
        size: row.size,
    };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
    triage::refresh(tx, ctx, &case.id)?;
    Ok(gone)
}

/// One of a case that waits for its answer.
fn waiting(conn: &mut Conn, ctx: &Context, reference: &str, id: &str) -> Outcome<(Case, Transfer)> {
    let (case, _) = access::reach(conn, ctx, reference, Verb::TransferCase)?;
    let row = transfers::get(conn, id)?
        .filter(|row| row.case_id.as_ref() == Some(&case.id) && row.direction == "out")
        .ok_or(Error::NotFound)?;
    Ok((case, row))
}

/// The file of a transfer that waits for its answer, with the key to where it lies.
pub fn file_of(
    conn: &mut Conn,
    ctx: &Context,
    reference: &str,
    id: &str,
) -> Outcome<(Case, Transfer, CaseKey)> {
    let (case, row) = waiting(conn, ctx, reference, id)?;
    let (key, _) = open_key(ctx, &row)?;
    Ok((case, row, key))
}

/// The file goes out. Written before the first byte leaves.
pub fn downloaded(tx: &mut Tx<'_>, ctx: &Context, reference: &str, id: &str) -> Outcome<()> {
    let (case, row) = waiting(tx.conn(), ctx, reference, id)?;
    let event = Event::TransferDownloaded {
        transfer_id: row.id.clone(),
    };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)
}

/// What the other panel said.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// None when nothing was chosen.
    pub accepted: Option<bool>,
    /// What the case is called there.
    pub theirs: String,
    pub reason: String,
}

/// Records the other panel's answer: the case leaves, or its review goes on here.
pub fn answer(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    id: &str,
    version: i32,
    said: &Answer,
) -> Outcome<()> {
    let (case, mut row) = waiting(tx.conn(), ctx, reference, id)?;
    if row.state != "made" || row.version != version {
        return Err(Error::Stale);
    }
    let Some(accepted) = said.accepted else {
        let words = "Say whether the other panel takes the case over";
        return Err(Error::Invalid(vec![problem("answer", "required", words)]));
    };
    let theirs = said.theirs.trim();
    if theirs.chars().count() > 50 {
        let words = "The reference at the other panel must have 50 characters or fewer";
        return Err(Error::Invalid(vec![problem("theirs", "length", words)]));
    }
    let why = if accepted {
        said.reason.trim().to_owned()
    } else {
        given_reason(
            &said.reason,
            "Say why the other panel does not take it over",
        )?
    };
    row.state = if accepted { "accepted" } else { "refused" }.into();
    row.theirs = Some(theirs.to_owned()).filter(|text| !text.is_empty());
    row.answered_at = Some(ctx.stamp());
    row.answered_by = Some(ctx.actor.label());
    row.answer = Some(why.clone());
    row.sealed_key = None;
    save(tx, &row)?;
    let (transfer_id, to) = (row.id.clone(), row.panel.clone());
    let event = if accepted {
        Event::TransferAccepted { transfer_id, to }
    } else {
        Event::TransferRefused {
            transfer_id,
            to,
            reason: why,
        }
    };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
    // It may have left before it could leave in this way alone.
    if accepted && case.state != State::TransferredOut.as_str() {
        return triage::hand_over(tx, ctx, &case, &row.reason, &row.panel);
    }
    triage::refresh(tx, ctx, &case.id)
}
