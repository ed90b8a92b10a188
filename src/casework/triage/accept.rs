//! Accepting a notification as a case: its reference, its row and what the record begins with. Must not look for
//! duplicates.

use chrono::Datelike;

use super::alike::explain_duplicates;
use super::keep::{index, never, refresh};
use super::{assess, invalid, settle};
use crate::casework::gather::given_reason;
use crate::casework::picture::{self, FieldSource, Sources};
use crate::casework::{Context, Error, Outcome, notify, record};
use crate::domain::case::{Reference, State};
use crate::domain::event::Event;
use crate::domain::form::{Answer, Answers};
use crate::domain::scope;
use crate::store::cases::Case;
use crate::store::notifications::Notification;
use crate::store::{Tx, cases};

pub(super) fn accept(
    tx: &mut Tx<'_>,
    ctx: &Context,
    mut row: Notification,
    outcome: scope::Outcome,
    reason: &str,
) -> Outcome<String> {
    if !outcome.is_in_scope() {
        return Err(invalid(
            "outcome",
            "Choose on what ground the death is reviewed here",
        ));
    }
    let proposed = assess(ctx, &row).proposed;
    if proposed != outcome {
        given_reason(
            reason,
            "Say why you decide otherwise than the rules propose",
        )?;
    }
    explain_duplicates(tx, ctx, &row, reason)?;
    let answers = notify::answers(ctx, &row);
    let died = answers.date("date_of_death").ok_or_else(|| {
        invalid(
            "date_of_death",
            "A case needs a date of death. Add it to the notification first",
        )
    })?;
    let number = cases::next_number(tx, died.year())?;
    let reference = Reference::new(
        &ctx.house.area.reference_prefix,
        died.year(),
        u32::try_from(number).unwrap_or(0),
    )
    .map_err(|_| Error::Internal("no reference could be made".into()))?
    .to_string();
    let id = ctx.new_id();
    let case = new_case(ctx, &row, &answers, id, &reference, died);
    cases::insert(tx, &case)?;
    row.case_id = Some(case.id.clone());
    put_record(tx, ctx, &case, &row, answers)?;
    record(
        tx,
        ctx,
        Some(&case.id),
        Some(&row.id),
        &Event::CaseCreated {
            reference: reference.clone(),
        },
    )?;
    let event = Event::NotificationAccepted {
        reference: reference.clone(),
    };
    settle(
        tx,
        ctx,
        row,
        "accepted",
        outcome.as_str(),
        reason.trim(),
        &event,
    )?;
    refresh(tx, ctx, &case.id)?;
    Ok(reference)
}

fn new_case(
    ctx: &Context,
    row: &Notification,
    answers: &Answers,
    id: String,
    reference: &str,
    died: chrono::NaiveDate,
) -> Case {
    let mut case = Case {
        id,
        reference: reference.to_owned(),
        state: State::Gathering.as_str().to_owned(),
        notification_id: row.id.clone(),
        opened_at: ctx.stamp(),
        display_name: String::new(),
        nhs_number: None,
        surname_folded: String::new(),
        forenames_folded: String::new(),
        date_of_birth: None,
        date_of_death: died,
        age_band: String::new(),
        residence: String::new(),
        district: None,
        expected: None,
        open: true,
        next_due_at: never(),
        next_due_what: None,
        requests_out: 0,
        requests_back: 0,
        finalised_at: None,
        return_version: 1,
        national_notified_at: None,
        national_accepted_at: None,
        transferred_to: None,
        updated_at: ctx.stamp(),
        version: 1,
    };
    index(ctx, &mut case, answers);
    case
}

fn put_record(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    row: &Notification,
    mut answers: Answers,
) -> Outcome<()> {
    answers.set("cdop_identifier", Answer::Text(case.reference.clone()));
    answers.set("record_status", Answer::Choice("accepted".into()));
    let sources: Sources = answers
        .0
        .keys()
        .map(|field| {
            (
                field.clone(),
                FieldSource {
                    from: vec!["notification".into()],
                    ..FieldSource::default()
                },
            )
        })
        .collect();
    picture::write(
        tx,
        ctx,
        &case.id,
        notify::FORM,
        &row.form_version,
        &answers,
        &sources,
    )
}
