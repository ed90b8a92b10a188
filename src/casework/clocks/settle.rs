//! Brings clocks in step with what is known: starts them, moves them, stops them, and puts the rungs of their ladders
//! where they belong. Must not know what told of anything.

use std::collections::BTreeSet;

use super::CASE;
use super::kept::{definition_of, known_of, moment_of, same, standing_of};
use crate::casework::{Context, Error, Outcome, record};
use crate::domain::clock::{Clock as Definition, Facts, Occasion, Outcome as Stands, is_recorded};
use crate::domain::event::Event;
use crate::store::{Tx, clocks as store, merges, processes};

/// A clock of which nothing is expected any more.
const CANCELLED: &str = Stands::Cancelled.as_str();

/// Brings the clocks of a case, or of some of its requests, in step with what is known; starts those that begin.
pub(super) fn settle_all(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case_id: &str,
    about: BTreeSet<String>,
) -> Outcome<()> {
    if about.is_empty() {
        return Ok(());
    }
    let rows = store::of_case(tx.conn(), case_id)?;
    let mut began = false;
    for whose in about {
        let facts = facts(tx, case_id, &whose)?;
        let own: Vec<&store::Clock> = rows.iter().filter(|row| row.about == whose).collect();
        for row in &own {
            settle(tx, ctx, row, &facts)?;
        }
        // A changed definition is for what starts since its day, whenever that becomes known.
        let counts = |definition: &Definition| {
            let at = facts.at(definition.starts_on);
            at.is_some_and(|at| ctx.house.clocks.counts(definition, at.day()))
        };
        for definition in ctx.house.clocks.all().iter().filter(|d| counts(d)) {
            let waits = |tx: &mut Tx<'_>| -> Outcome<bool> {
                Ok(whose == CASE && is_of_a_step(tx, ctx, case_id, definition)?)
            };
            if begins(definition, &whose, &facts, &own) && !waits(tx)? {
                start(tx, ctx, case_id, &whose, definition, &facts, &own)?;
                began = true;
            }
        }
    }
    // A clock that begins while a process goes on may have to stand still for it.
    if began && !ctx.bulk {
        super::beside::stand_still(tx, ctx, case_id)?;
    }
    Ok(())
}

/// Whether only a step of a process stops this clock, and no such process is recorded: what a form says alone of its
/// beginning would let it run without an end.
fn is_of_a_step(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case_id: &str,
    definition: &Definition,
) -> Outcome<bool> {
    let kinds = ctx.house.processes.all().iter();
    let of_step: Vec<&str> = kinds
        .filter(|kind| kind.step_clock.as_deref() == Some(definition.id.as_str()))
        .map(|kind| kind.code.as_str())
        .collect();
    if of_step.is_empty() {
        return Ok(false);
    }
    let beside = processes::of_case(tx.conn(), case_id)?;
    Ok(!beside
        .iter()
        .any(|row| of_step.contains(&row.kind.as_str())))
}

/// Brings clocks in step that are there, and starts none.
pub(super) fn settle_only(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case_id: &str,
    about: BTreeSet<String>,
) -> Outcome<()> {
    if about.is_empty() {
        return Ok(());
    }
    let rows = store::of_case(tx.conn(), case_id)?;
    for whose in about {
        let facts = facts(tx, case_id, &whose)?;
        for row in rows.iter().filter(|row| row.about == whose) {
            settle(tx, ctx, row, &facts)?;
        }
    }
    Ok(())
}

/// What is known; a request's clocks end with their case, unless that is read under another, where it is owed still.
fn facts(tx: &mut Tx<'_>, case_id: &str, about: &str) -> Outcome<Facts> {
    let mut rows = store::known(tx.conn(), case_id, about)?;
    if about != CASE && merges::of_case(tx.conn(), case_id)?.is_none() {
        let of_case = store::known(tx.conn(), case_id, CASE)?;
        let ended = Occasion::Ended.as_str();
        rows.extend(of_case.into_iter().filter(|row| row.occasion == ended));
    }
    let known = rows
        .iter()
        .filter_map(|row| Some((row.occasion.parse().ok()?, known_of(row))));
    Ok(Facts(known.collect()))
}

/// Whether a clock starts now: its start is known, its stop can be, and it does not run or ran already.
fn begins(definition: &Definition, about: &str, facts: &Facts, own: &[&store::Clock]) -> bool {
    let of_request = definition.starts_on == Occasion::RequestSent;
    if definition.starts_on.is_of_part() == (about == CASE)
        || !is_recorded(definition.starts_on)
        || !is_recorded(definition.stops_on)
        || (of_request && definition.asked != facts.asked())
    {
        return false;
    }
    let Some(at) = facts.at(definition.starts_on) else {
        return false;
    };
    let last = own
        .iter()
        .filter(|row| row.clock == definition.id)
        .max_by_key(|row| row.run);
    let called_off =
        |last: &store::Clock| definition.starts_on.begins_anew() && last.outcome == CANCELLED;
    last.is_none_or(|last| {
        called_off(last)
            || (definition.starts_on.recurs()
                && last.outcome != "running"
                && last
                    .stopped_at
                    .is_some_and(|stopped| at.begins().naive_utc() > stopped))
    })
}

fn start(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case_id: &str,
    about: &str,
    definition: &Definition,
    facts: &Facts,
    own: &[&store::Clock],
) -> Outcome<()> {
    let Some(at) = facts.at(definition.starts_on) else {
        return Ok(());
    };
    let (started_at, whole_day) = moment_of(at);
    let runs = own.iter().filter(|row| row.clock == definition.id).count();
    let kept = serde_json::to_string(definition).map_err(|e| Error::Internal(e.to_string()))?;
    let mut row = store::Clock {
        id: ctx.new_id(),
        case_id: case_id.to_owned(),
        about: about.to_owned(),
        clock: definition.id.clone(),
        run: i32::try_from(runs).unwrap_or(i32::MAX),
        definition: kept,
        started_at,
        whole_day,
        due_at: None,
        outcome: "running".into(),
        paused: false,
        stopped_at: None,
        stopped_day: false,
        excused_at: None,
        held_at: None,
        created_at: ctx.stamp(),
        excused_by: None,
        excuse: None,
        held_by: None,
        held_why: None,
    };
    stand(ctx, &mut row, definition, facts, &[]);
    if store::insert(tx, &row)? {
        ladder(tx, ctx, &row, definition)?;
    }
    Ok(())
}

/// Brings a clock in step with what is known, and keeps the due time it had.
fn settle(tx: &mut Tx<'_>, ctx: &Context, row: &store::Clock, facts: &Facts) -> Outcome<()> {
    let definition = definition_of(row)?;
    let over = matches!(row.outcome.as_str(), "met" | "missed") && row.excused_at.is_none();
    if over && definition.starts_on.recurs() {
        // What comes now is another run of the same clock.
        return Ok(());
    }
    if definition.starts_on.begins_anew() && row.outcome == CANCELLED {
        return Ok(());
    }
    let pauses = store::pauses_of(tx.conn(), std::slice::from_ref(&row.id))?;
    let mut next = row.clone();
    stand(ctx, &mut next, &definition, facts, &pauses);
    if same(row, &next) {
        return Ok(());
    }
    store::stand(tx, &next)?;
    ladder(tx, ctx, &next, &definition)?;
    let (Some(before), Some(after)) = (row.due_at, next.due_at) else {
        return Ok(());
    };
    if before == after {
        return Ok(());
    }
    let earlier = store::EarlierDue {
        id: ctx.new_id(),
        clock_id: row.id.clone(),
        due_at: before,
        replaced_at: ctx.stamp(),
    };
    store::keep_due(tx, &earlier)?;
    let event = Event::ClockMoved {
        clock_id: row.id.clone(),
        clock: row.clock.clone(),
        name: definition.name,
        before,
        after,
    };
    record(tx, ctx, Some(&row.case_id), Some(&row.id), &event)
}

/// Puts into a row what follows from what is known.
fn stand(
    ctx: &Context,
    row: &mut store::Clock,
    definition: &Definition,
    facts: &Facts,
    pauses: &[store::Pause],
) {
    let started = facts.at(definition.starts_on);
    if let Some(started) = started {
        (row.started_at, row.whole_day) = moment_of(started);
    }
    let standing = standing_of(ctx, row, definition, facts, started, pauses);
    if let Some(due) = standing.due {
        row.due_at = Some(due.naive_utc());
    }
    standing.outcome.as_str().clone_into(&mut row.outcome);
    row.stopped_at = standing.stopped.map(|at| at.naive_utc());
    row.stopped_day = standing.stopped_day;
    row.paused = standing.paused;
}

/// Puts every rung of a clock's ladder where its due time says. A rung that lay in the past before the clock was
/// known is passed over: nobody is reminded of what is long gone.
fn ladder(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &store::Clock,
    definition: &Definition,
) -> Outcome<()> {
    let Some(due) = row.due_at else {
        return Ok(());
    };
    let there = store::rungs_of(tx.conn(), std::slice::from_ref(&row.id))?;
    for rung in &definition.remind {
        let name = rung.to_string();
        let at = rung
            .at(definition.unit, due.and_utc(), ctx.house.clocks.holidays())
            .naive_utc();
        let before = there.iter().find(|t| t.rung == name);
        let waited = before.is_some_and(|t| t.state == "waiting");
        let state = if row.outcome != "running" || row.paused {
            "resting"
        } else if at > ctx.stamp() || waited {
            "waiting"
        } else {
            "passed"
        };
        let next = store::Rung {
            clock_id: row.id.clone(),
            rung: name,
            at,
            state: state.to_owned(),
            done_at: None,
        };
        if before != Some(&next) && before.is_none_or(|t| t.state != "sent") {
            store::put_rung(tx, &next)?;
        }
    }
    Ok(())
}
