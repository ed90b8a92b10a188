//! What a person may do to a clock: let it stand still for a named reason, let it go on, excuse it, and hold its
//! reminders. Must not know how a due time is counted.

use crate::casework::gather::{self, given_reason};
use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome, access, record, triage};
use crate::domain::calendar::{london, utc_of_london};
use crate::domain::clock::{Clock as Definition, Outcome as Stands, Pause, PauseReason, end_of};
use crate::domain::event::Event;
use crate::domain::permission::Verb;
use crate::store::clocks as store;
use crate::store::{Tx, clocks::Clock, requests};

use super::kept::{definition_of, start_of};
use super::settle::settle_all;

/// Whether a clock's reminders are held or let go again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    Held,
    Released,
}

/// The clock of this case, for whoever may keep it.
fn of_case(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    id: &str,
) -> Outcome<(Clock, Definition)> {
    let (case, _) = access::reach(tx.conn(), ctx, reference, Verb::KeepClock)?;
    tx.hold(&format!("clock:{id}"))?;
    let row = store::get(tx.conn(), id)?
        .filter(|row| row.case_id == case.id)
        .ok_or(Error::NotFound)?;
    let definition = definition_of(&row)?;
    Ok((row, definition))
}

fn must_run(row: &Clock) -> Outcome<()> {
    if row.outcome == Stands::Running.as_str() {
        return Ok(());
    }
    Err(Error::Rule("This clock does not run any more.".into()))
}

/// Lets a clock stand still, for a reason that its definition names.
pub fn pause(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    id: &str,
    reason: Option<PauseReason>,
    words: &str,
) -> Outcome<()> {
    let (row, definition) = of_case(tx, ctx, reference, id)?;
    must_run(&row)?;
    let named = reason.filter(|reason| definition.pauses_on.contains(reason));
    let Some(reason) = named else {
        let words = "Choose why the clock stands still";
        return Err(Error::Invalid(vec![problem("pause", "required", words)]));
    };
    let words = short(words)?;
    let open = store::pauses_of(tx.conn(), std::slice::from_ref(&row.id))?;
    if open
        .iter()
        .any(|p| p.to_at.is_none() && p.process_id.is_none() && p.reason == reason.as_str())
    {
        return Err(Error::Rule(
            "It stands still for this reason already.".into(),
        ));
    }
    let pause = store::Pause {
        counted: false,
        id: ctx.new_id(),
        clock_id: row.id.clone(),
        reason: reason.as_str().to_owned(),
        from_at: ctx.stamp(),
        to_at: None,
        process_id: None,
        words: words.clone(),
        paused_by: ctx.actor.label(),
        resumed_by: None,
    };
    store::insert_pause(tx, &pause)?;
    let event = Event::ClockPaused {
        clock_id: row.id.clone(),
        clock: row.clock.clone(),
        name: definition.name,
        why: reason,
        reason: words,
    };
    after(tx, ctx, &row, &event)
}

fn short(words: &str) -> Outcome<String> {
    let words = words.trim();
    if words.chars().count() <= 2_000 {
        return Ok(words.to_owned());
    }
    let said = "What you write must have 2,000 characters or fewer";
    Err(Error::Invalid(vec![problem("reason", "length", said)]))
}

/// Ends one of the pauses of a clock; when it was the last the clock goes on.
pub fn resume(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    id: &str,
    pause: &str,
) -> Outcome<()> {
    let (row, definition) = of_case(tx, ctx, reference, id)?;
    let all = store::pauses_of(tx.conn(), std::slice::from_ref(&row.id))?;
    let mut open = all
        .into_iter()
        .find(|p| p.id == pause)
        .ok_or(Error::NotFound)?;
    if open.to_at.is_some() {
        tx.unchanged();
        return Ok(());
    }
    if open.process_id.is_some() {
        return Err(Error::Rule(
            "This pause ends when the process that makes it is concluded.".into(),
        ));
    }
    open.to_at = Some(ctx.stamp());
    open.resumed_by = Some(ctx.actor.label());
    if !store::end_pause(tx, &open)? {
        return Err(Error::Stale);
    }
    let event = Event::ClockResumed {
        clock_id: row.id.clone(),
        clock: row.clock.clone(),
        name: definition.name.clone(),
    };
    after(tx, ctx, &row, &event)?;
    move_agreed(tx, ctx, &row, &definition)
}

/// The day agreed with an agency moves by as much as its clock stood still, so that both sides see the same day.
fn move_agreed(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Clock,
    definition: &Definition,
) -> Outcome<()> {
    let request = match row.about.as_str() {
        "" => None,
        id => requests::get(tx.conn(), id)?.filter(requests::waits),
    };
    let Some(mut request) = request else {
        return Ok(());
    };
    let pauses = store::pauses_of(tx.conn(), std::slice::from_ref(&row.id))?;
    if pauses.iter().any(|p| p.to_at.is_none()) {
        return Ok(());
    }
    // From when it has stood still until now: pauses that lie over each other are one.
    let mut from = ctx.stamp();
    while let Some(earlier) = pauses
        .iter()
        .filter(|p| p.to_at.is_some_and(|to| to >= from) && p.from_at < from)
        .map(|p| p.from_at)
        .min()
    {
        from = earlier;
    }
    let stood = Pause {
        from: from.and_utc(),
        to: Some(ctx.now),
    };
    let agreed = request.agreed_date;
    let due = utc_of_london(end_of(agreed));
    let moved = definition.moved(due, start_of(row), &[stood], ctx.house.clocks.holidays());
    let day = london(moved).date();
    // Counted also where it moves nothing, because the day had passed when it began: a later day agreed is the day.
    store::count_pauses(tx, &row.id)?;
    if day <= agreed {
        return Ok(());
    }
    gather::move_date(
        tx,
        ctx,
        &mut request,
        day,
        "The clock stood still for a time.",
    )
}

/// Excuses a clock that was or will be missed, with who and why.
pub fn excuse(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    id: &str,
    words: &str,
) -> Outcome<()> {
    let (mut row, definition) = of_case(tx, ctx, reference, id)?;
    let stands: Option<Stands> = row.outcome.parse().ok();
    if !matches!(stands, Some(Stands::Running | Stands::Missed)) {
        return Err(Error::Rule(
            "There is nothing to excuse on this clock.".into(),
        ));
    }
    let reason = given_reason(words, "Say why it is excused")?;
    row.excused_at = Some(ctx.stamp());
    row.excused_by = Some(ctx.actor.label());
    row.excuse = Some(reason.clone());
    store::save(tx, &row)?;
    let event = Event::ClockExcused {
        clock_id: row.id.clone(),
        clock: row.clock.clone(),
        name: definition.name,
        reason,
    };
    after(tx, ctx, &row, &event)
}

/// Excuses whatever clocks of a request are not over, or were missed, because the review goes on without its answer.
pub(in crate::casework) fn excuse_request(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case_id: &str,
    request_id: &str,
    reason: &str,
) -> Outcome<()> {
    for mut row in store::of_case(tx.conn(), case_id)? {
        let stands: Option<Stands> = row.outcome.parse().ok();
        if row.about != request_id || !matches!(stands, Some(Stands::Running | Stands::Missed)) {
            continue;
        }
        row.excused_at = Some(ctx.stamp());
        row.excused_by = Some(ctx.actor.label());
        row.excuse = Some(reason.to_owned());
        store::save(tx, &row)?;
        let event = Event::ClockExcused {
            clock_id: row.id.clone(),
            clock: row.clock.clone(),
            name: definition_of(&row)?.name,
            reason: reason.to_owned(),
        };
        record(tx, ctx, Some(case_id), Some(&row.id), &event)?;
    }
    settle_all(tx, ctx, case_id, [request_id.to_owned()].into())
}

/// Holds the reminders of a clock: nobody is written to about it until they are let go.
pub fn hold(tx: &mut Tx<'_>, ctx: &Context, reference: &str, id: &str, words: &str) -> Outcome<()> {
    let (mut row, definition) = of_case(tx, ctx, reference, id)?;
    must_run(&row)?;
    let reason = given_reason(words, "Say why nobody is to be reminded")?;
    row.held_at = Some(ctx.stamp());
    row.held_by = Some(ctx.actor.label());
    row.held_why = Some(reason.clone());
    store::save(tx, &row)?;
    let event = Event::RemindersHeld {
        clock_id: row.id.clone(),
        clock: row.clock.clone(),
        name: definition.name,
        reason,
    };
    after(tx, ctx, &row, &event)
}

/// Lets the reminders of a clock go again.
pub fn release(tx: &mut Tx<'_>, ctx: &Context, reference: &str, id: &str) -> Outcome<()> {
    let (mut row, definition) = of_case(tx, ctx, reference, id)?;
    if row.held_at.is_none() {
        tx.unchanged();
        return Ok(());
    }
    (row.held_at, row.held_by, row.held_why) = (None, None, None);
    store::save(tx, &row)?;
    let event = Event::RemindersReleased {
        clock_id: row.id.clone(),
        clock: row.clock.clone(),
        name: definition.name,
    };
    after(tx, ctx, &row, &event)
}

/// The clock stands by what was done, and the case's row by its clocks.
fn after(tx: &mut Tx<'_>, ctx: &Context, row: &Clock, event: &Event) -> Outcome<()> {
    record(tx, ctx, Some(&row.case_id), Some(&row.id), event)?;
    settle_all(tx, ctx, &row.case_id, [row.about.clone()].into())?;
    triage::refresh(tx, ctx, &row.case_id)
}
