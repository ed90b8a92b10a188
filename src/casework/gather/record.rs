//! The agreed record: settling where agencies differ, and correcting what it says. Must not know who is asked.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::editable;
use crate::casework::people::problem;
use crate::casework::picture::{self, FieldSource, Sources};
use crate::casework::response::{self, verb_of};
use crate::casework::secrets::hex;
use crate::casework::{Context, Error, Outcome, panels, record, triage, typing};
use crate::domain::event::{Event, differing};
use crate::domain::form::{Answer, Answers, Reasons, STAFF};
use crate::domain::permission::Verb;
use crate::store::cases::Case;
use crate::store::{Tx, records};

/// What is said to whoever changes an analysis that stands as it was signed.
const SIGNED: &str = "The chair of the panel signed this analysis, so it stays as it is. Reopen the case to change it: \
     the signed version is kept, and the next one is signed anew.";

/// Which of several answers the coordinator takes.
#[derive(Clone, Debug)]
pub struct Settle {
    pub form: String,
    pub field: String,
    /// Position among the answers given.
    pub option: usize,
    /// What [`shown`] said of the answers that were chosen from; none where nobody looked at a page.
    pub shown: Option<String>,
    pub reason: String,
}

/// A mark of the answers that a person chooses from, in their order: it differs as soon as one more has come.
pub fn shown(source: &FieldSource) -> String {
    let all = serde_json::to_vec(&source.options).unwrap_or_default();
    hex(&Sha256::digest(all))
}

/// Settles where agencies differ; every answer stays beside the one that was taken.
pub fn settle(tx: &mut Tx<'_>, ctx: &Context, reference: &str, settle: &Settle) -> Outcome<()> {
    let case = editable(tx, ctx, reference, Verb::SettleConflict)?;
    let row = records::get(tx.conn(), &case.id, &settle.form)?.ok_or(Error::NotFound)?;
    let dict = ctx.house.dictionary_of(&row.form_version);
    let form = dict.form(&settle.form).ok_or(Error::NotFound)?;
    let field = form.field(&settle.field).ok_or(Error::NotFound)?;
    let mut answers = picture::stored(dict, &settle.form, &row.answers);
    let mut sources: Sources = serde_json::from_str(&row.sources).unwrap_or_default();
    let source = sources.get_mut(&settle.field).ok_or(Error::NotFound)?;
    if settle
        .shown
        .as_ref()
        .is_some_and(|mark| *mark != shown(source))
    {
        // Another answer came meanwhile: the same place in the list is another answer now.
        return Err(Error::Stale);
    }
    let chosen = source.options.get(settle.option).cloned().ok_or_else(|| {
        Error::Invalid(vec![problem(
            &settle.field,
            "required",
            "Choose which answer is right",
        )])
    })?;
    if let Some(answer) = picture::answer_of(dict, form, &settle.field, &chosen.answer) {
        answers.set(settle.field.clone(), answer);
    }
    source.from.clone_from(&chosen.from);
    source.settled_by = Some(ctx.actor.label());
    let why = settle.reason.trim();
    source.settled_why = (!why.is_empty()).then(|| why.to_owned());
    picture::write(
        tx,
        ctx,
        &case.id,
        &settle.form,
        &row.form_version,
        &answers,
        &sources,
    )?;
    picture::recollate_resting_on(tx, ctx, &case.id, &settle.form)?;
    let event = Event::ConflictSettled {
        form: settle.form.clone(),
        field: settle.field.clone(),
        label: field.label.clone(),
        response_id: chosen.from.first().cloned().unwrap_or_default(),
        reason: settle.reason.trim().to_owned(),
    };
    record(tx, ctx, Some(&case.id), None, &event)?;
    triage::refresh(tx, ctx, &case.id)
}

/// Staff fill in or correct a section of the record.
#[derive(Clone, Debug)]
pub struct Correct {
    pub form: String,
    pub section: String,
    /// Version of the record the page was made from; 0 when there was none.
    pub version: i32,
    pub answers: Answers,
    /// Warnings that were found right, with the reasons.
    pub confirmed: Reasons,
}

/// Saves a section of a record form; each changed answer is an event with before and after.
pub fn correct(tx: &mut Tx<'_>, ctx: &Context, reference: &str, correct: &Correct) -> Outcome<()> {
    let case = editable(tx, ctx, reference, verb_of(&correct.form))?;
    save_record(tx, ctx, &case, correct)?;
    let place = typing::Place::of_record(ctx, &case.id, &correct.form, &correct.section);
    typing::forget(tx, ctx, &place, None)?;
    response::fill(tx, ctx, &case, &correct.form, &correct.answers)?;
    picture::recollate_resting_on(tx, ctx, &case.id, &correct.form)?;
    triage::refresh(tx, ctx, &case.id)
}

/// What whoever changes the analysis of a case holds, and whoever signs it: one after the other.
pub(in crate::casework) fn analysis_of(case_id: &str) -> String {
    format!("analysis:{case_id}")
}

/// Refuses an analysis that a chair signed; what is signed meanwhile waits.
fn not_signed(tx: &mut Tx<'_>, ctx: &Context, case: &Case, form: &str) -> Outcome<()> {
    if form != "analysis" {
        return Ok(());
    }
    tx.hold(&analysis_of(&case.id))?;
    if panels::is_signed(tx.conn(), ctx, case)? {
        return Err(Error::Rule(SIGNED.into()));
    }
    Ok(())
}

/// The shared part of correcting the record and filling in the analysis. What was typed on the page that is saved is for
/// the caller to forget.
pub(in crate::casework) fn save_record(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    correct: &Correct,
) -> Outcome<()> {
    not_signed(tx, ctx, case, &correct.form)?;
    let row = records::get(tx.conn(), &case.id, &correct.form)?;
    if row.as_ref().map_or(0, |r| r.version) != correct.version {
        return Err(Error::Stale);
    }
    let version = row.as_ref().map_or_else(
        || ctx.house.dictionary().version.clone(),
        |r| r.form_version.clone(),
    );
    let dict = ctx.house.dictionary_of(&version);
    let form = dict.form(&correct.form).ok_or(Error::NotFound)?;
    let before = row
        .as_ref()
        .map(|r| picture::stored(dict, &correct.form, &r.answers))
        .unwrap_or_default();
    let mut sources: Sources = row
        .as_ref()
        .map(|r| serde_json::from_str(&r.sources).unwrap_or_default())
        .unwrap_or_default();
    let known = picture::Picture::load(tx.conn(), ctx, &case.id)?;
    let mut answers = correct.answers.clone();
    let elsewhere = |id: &str| known.elsewhere(&correct.form, id);
    crate::domain::form::derive(dict, form, &mut answers, &ctx.around(&elsewhere));
    let typed_by_staff = correct.form != "analysis";
    for field in form.fields() {
        let (old, new) = (before.get(&field.id), answers.get(&field.id));
        if old == new {
            continue;
        }
        let json =
            |a: Option<&Answer>| a.map_or(Value::Null, |a| picture::json_of(&field.id, a.clone()));
        let there = sources.remove(&field.id);
        // What follows from what was typed was not typed itself.
        let typed = typed_by_staff && correct.answers.get(&field.id) != old;
        let source = if typed {
            let stood = old.map(|old| json(Some(old)));
            FieldSource::corrected(there, stood, json(new), ctx.actor.label())
        } else {
            FieldSource {
                from: vec![STAFF.to_owned()],
                options: there.map(|s| s.options).unwrap_or_default(),
                ..FieldSource::default()
            }
        };
        sources.insert(field.id.clone(), source);
        if typed_by_staff && row.is_some() {
            let event = Event::RecordCorrected {
                form: correct.form.clone(),
                field: field.id.clone(),
                label: field.label.clone(),
                before: json(old),
                after: json(new),
                reason: String::new(),
            };
            record(tx, ctx, Some(&case.id), None, &event)?;
        }
    }
    picture::write(
        tx,
        ctx,
        &case.id,
        &correct.form,
        &version,
        &answers,
        &sources,
    )?;
    if let Some(row) = records::get(tx.conn(), &case.id, &correct.form)? {
        let confirmed = serde_json::to_string(&correct.confirmed)
            .map_err(|e| Error::Internal(e.to_string()))?;
        if row.confirmed != confirmed {
            let row = records::Record { confirmed, ..row };
            if !records::save(tx, &row)? {
                return Err(Error::Stale);
            }
        }
    }
    let section = form
        .section(&correct.section)
        .map_or_else(String::new, |s| s.label.clone());
    let event = if correct.form == "analysis" {
        let (was, is) = differing(before.to_json(), answers.to_json());
        Event::AnalysisSaved {
            section,
            before: was,
            after: is,
        }
    } else {
        Event::RecordSaved {
            form: correct.form.clone(),
            form_label: form.label.clone(),
            section,
        }
    };
    record(tx, ctx, Some(&case.id), None, &event)
}
