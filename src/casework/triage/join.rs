//! Joining a notification to a case: what it adds goes into the record, and where the two differ both stay. Must not settle
//! a difference.

use super::keep::refresh;
use super::{invalid, settle};
use crate::casework::picture::{self, Picture};
use crate::casework::{Context, Error, Outcome, access, notify};
use crate::domain::event::Event;
use crate::domain::form::{Answer, Answers, prune};
use crate::domain::permission::Verb;
use crate::domain::scope;
use crate::store::Tx;
use crate::store::cases::Case;
use crate::store::notifications::Notification;

/// Joins a notification to a case: what it adds goes into the record, and both stay readable.
pub(super) fn join(
    tx: &mut Tx<'_>,
    ctx: &Context,
    mut row: Notification,
    reference: &str,
    reason: &str,
) -> Outcome<String> {
    let reference = reference.trim().to_uppercase();
    let (case, _) = match access::reach(tx.conn(), ctx, &reference, Verb::Triage) {
        Err(Error::NotFound) => {
            let words = "There is no case with this reference";
            return Err(invalid("reference", words));
        }
        other => other?,
    };
    row.case_id = Some(case.id.clone());
    let given = notify::answers(ctx, &row);
    add_missing(tx, ctx, &case, &row, &given)?;
    let event = Event::NotificationJoined {
        reference: reference.clone(),
        reason: reason.trim().to_owned(),
    };
    settle(
        tx,
        ctx,
        row,
        "joined",
        scope::Outcome::Duplicate.as_str(),
        reason.trim(),
        &event,
    )?;
    refresh(tx, ctx, &case.id)?;
    Ok(reference)
}

/// What a second notification knows and the record does not; where they differ both stay, to be settled.
fn add_missing(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    row: &Notification,
    given: &Answers,
) -> Outcome<()> {
    let known = Picture::load(tx.conn(), ctx, &case.id)?;
    let Some(agreed) = known.forms.get(notify::FORM) else {
        return Ok(());
    };
    let dict = ctx.house.dictionary_of(&agreed.row.form_version);
    let form = dict.form(notify::FORM).ok_or(Error::NotFound)?;
    let (mut answers, mut sources) = (agreed.answers.clone(), agreed.sources.clone());
    for (field, answer) in &given.0 {
        // Who notified, when and how belongs to each notification, not to the child.
        let about_child = form
            .section_of(field)
            .is_some_and(|s| !matches!(s.id.as_str(), "administration" | "referrer" | "alert"));
        let mine = row.reference.clone();
        if !about_child || answer.is_not_known() {
            continue;
        }
        let source = sources.entry(field.clone()).or_default();
        match answers.get(field).cloned() {
            None => {
                answers.set(field.clone(), answer.clone());
                source.from = vec![mine];
            }
            Some(ours) if ours != *answer && !matches!(answer, Answer::Rows(_)) => {
                if source.options.is_empty() {
                    let from = source.from.clone();
                    source.options.push(picture::Differing {
                        answer: picture::json_of(field, ours),
                        from,
                    });
                }
                let theirs = picture::json_of(field, answer.clone());
                source.options.push(picture::Differing {
                    answer: theirs,
                    from: vec![mine],
                });
                source.settled_by = None;
                source.settled_why = None;
            }
            Some(_) => {}
        }
    }
    // What the second notification gave reasons for may not be asked any more: a reason for having no NHS
    // number does not stand beside the number.
    prune(
        form,
        &mut answers,
        &ctx.around(&|field| known.elsewhere(notify::FORM, field)),
    );
    sources.retain(|field, source| answers.is_answered(field) || source.options.len() > 1);
    picture::write(
        tx,
        ctx,
        &case.id,
        notify::FORM,
        &agreed.row.form_version,
        &answers,
        &sources,
    )?;
    picture::recollate_resting_on(tx, ctx, &case.id, notify::FORM)
}
