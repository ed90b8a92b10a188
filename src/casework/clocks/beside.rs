//! What processes that run beside a review do to its clocks: their days start and stop some, and while one goes on the
//! clocks that know its reason stand still, so that gross and net time part. Must not know what a process holds back.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use super::kept::definition_of;
use super::settle::{settle_all, settle_only};
use super::{CASE, alone, caught_up, keep};
use crate::casework::{Context, Error, Outcome, record};
use crate::domain::clock::{Clock as Definition, PauseReason, Start, Told, When};
use crate::domain::event::Event;
use crate::domain::process::{Days, State};
use crate::store::processes::Process;
use crate::store::{Tx, clocks as store, processes};

/// Follows what a process says now: whatever it starts, stops and pauses.
pub(in crate::casework) fn process_says(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Process,
) -> Outcome<()> {
    let Some(kind) = ctx.house.processes.get(&row.kind) else {
        return Ok(());
    };
    alone(tx, &row.case_id)?;
    let mut about = caught_up(tx, ctx, &row.case_id)?;
    let mut alike = processes::of_case(tx.conn(), &row.case_id)?;
    alike.retain(|other| other.kind == row.kind);
    let all = alike.iter().map(days).collect::<Outcome<Vec<Days>>>()?;
    let mut told = kind.told(Days::together(&all), &ctx.house.clocks);
    let next = kind.next_clock.as_ref();
    if let Some(next) = next.and_then(|id| ctx.house.clocks.get(id)) {
        // What begins with the end of one began, whatever else of the kind goes on.
        let ended = all.iter().filter(|days| days.state == State::Concluded);
        let first = ended.filter_map(|days| days.over).min();
        for one in told.iter_mut().filter(|t| t.occasion == next.starts_on) {
            one.when = first.map(|day| When::Given(Start::Day(day)));
        }
    }
    // What one of them said alone is said by all of the kind now.
    let unsaid: Vec<Told> = told
        .iter()
        .map(|t| Told {
            when: None,
            ..t.clone()
        })
        .collect();
    let mut news = false;
    for other in &alike {
        let source = format!("process:{}", other.id);
        news |= keep(tx, &row.case_id, &source, &unsaid, ctx.stamp())?;
    }
    let source = format!("process:{}", row.kind);
    if keep(tx, &row.case_id, &source, &told, ctx.stamp())? || news {
        about.insert(CASE.to_owned());
    }
    settle_all(tx, ctx, &row.case_id, about)?;
    stand_still(tx, ctx, &row.case_id)
}

fn days(row: &Process) -> Outcome<Days> {
    Ok(Days {
        state: state_of(row)?,
        began: row.began_on,
        step: row.step_on,
        over: row.over_on,
    })
}

fn state_of(row: &Process) -> Outcome<State> {
    row.state
        .parse()
        .map_err(|_| Error::Internal("an unknown state of a process is stored".into()))
}

/// For how long a process makes clocks stand still, and why.
struct Span {
    process_id: String,
    label: String,
    reason: PauseReason,
    from: NaiveDateTime,
    /// None while it goes on.
    to: Option<NaiveDateTime>,
}

fn span(ctx: &Context, row: &Process) -> Outcome<Option<Span>> {
    let Some(kind) = ctx.house.processes.get(&row.kind) else {
        return Ok(None);
    };
    let state = state_of(row)?;
    let (Some(reason), Some(began)) = (kind.pauses, row.began_on) else {
        return Ok(None);
    };
    let moment = |day| Start::Day(day).begins().naive_utc();
    let to = match state {
        State::Expected | State::Mistaken => return Ok(None),
        _ if state.goes_on() => None,
        _ => Some(row.over_on.map_or(row.updated_at, moment)),
    };
    Ok(Some(Span {
        process_id: row.id.clone(),
        label: kind.label.clone(),
        reason,
        from: moment(began),
        to,
    }))
}

/// Puts every pause that a process makes where its days say. Asked again it changes nothing.
pub(super) fn stand_still(tx: &mut Tx<'_>, ctx: &Context, case_id: &str) -> Outcome<()> {
    let beside = processes::of_case(tx.conn(), case_id)?;
    if beside.is_empty() {
        return Ok(());
    }
    let mut spans = Vec::new();
    for row in &beside {
        spans.extend(span(ctx, row)?);
    }
    let rows = store::of_case(tx.conn(), case_id)?;
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let pauses = store::pauses_of(tx.conn(), &ids)?;
    let mut moved: BTreeSet<String> = BTreeSet::new();
    for row in &rows {
        let definition = definition_of(row)?;
        let own: Vec<&store::Pause> = pauses.iter().filter(|p| p.clock_id == row.id).collect();
        if fit(tx, ctx, row, &definition, &own, &spans)? {
            moved.insert(row.about.clone());
        }
    }
    settle_only(tx, ctx, case_id, moved)
}

/// Brings the pauses of one clock in step with the spans; says whether any changed.
fn fit(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &store::Clock,
    definition: &Definition,
    own: &[&store::Pause],
    spans: &[Span],
) -> Outcome<bool> {
    let runs = row.outcome == "running";
    let wanted = |span: &&Span| definition.pauses_on.contains(&span.reason);
    let mut changed = false;
    for span in spans.iter().filter(wanted) {
        let from = span.from.max(row.started_at);
        // What goes on after a clock stopped does not touch it any more.
        let last = row.stopped_at.unwrap_or(NaiveDateTime::MAX);
        let to = span.to.map(|to| to.min(last).max(from));
        let of_it = |p: &&&store::Pause| p.process_id.as_deref() == Some(&span.process_id);
        match own.iter().find(of_it) {
            None if runs && to != Some(from) => {
                begin(tx, ctx, (row, definition), span, (from, to))?;
                changed = true;
            }
            None => {}
            Some(pause) => changed |= put(tx, ctx, (row, definition), pause, (from, to))?,
        }
    }
    for pause in own {
        let Some(of) = &pause.process_id else {
            continue;
        };
        // What was entered by mistake never made anything stand still.
        if !spans.iter().filter(wanted).any(|s| s.process_id == *of) {
            let nothing = (pause.from_at, Some(pause.from_at));
            changed |= put(tx, ctx, (row, definition), pause, nothing)?;
        }
    }
    Ok(changed)
}

type Stretch = (NaiveDateTime, Option<NaiveDateTime>);

fn begin(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (row, definition): (&store::Clock, &Definition),
    span: &Span,
    (from, to): Stretch,
) -> Outcome<()> {
    let pause = store::Pause {
        counted: false,
        id: ctx.new_id(),
        clock_id: row.id.clone(),
        reason: span.reason.as_str().to_owned(),
        from_at: from,
        to_at: to,
        process_id: Some(span.process_id.clone()),
        words: span.label.clone(),
        paused_by: ctx.actor.label(),
        resumed_by: to.map(|_| ctx.actor.label()),
    };
    store::insert_pause(tx, &pause)?;
    if to.is_some() {
        // It was over before it was recorded here; that the clock moved is said where it moves.
        return Ok(());
    }
    let event = Event::ClockPaused {
        clock_id: row.id.clone(),
        clock: row.clock.clone(),
        name: definition.name.clone(),
        why: span.reason,
        reason: span.label.clone(),
    };
    record(tx, ctx, Some(&row.case_id), Some(&row.id), &event)
}

/// Moves a pause; says whether there was anything to move.
fn put(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (row, definition): (&store::Clock, &Definition),
    pause: &store::Pause,
    (from, to): Stretch,
) -> Outcome<bool> {
    if (pause.from_at, pause.to_at) == (from, to) {
        return Ok(false);
    }
    let next = store::Pause {
        from_at: from,
        to_at: to,
        resumed_by: to.map(|_| ctx.actor.label()),
        ..pause.clone()
    };
    store::put_pause(tx, &next)?;
    let (clock_id, clock, name) = (row.id.clone(), row.clock.clone(), definition.name.clone());
    let event = match (pause.to_at, to, pause.reason.parse()) {
        (None, Some(_), _) => Event::ClockResumed {
            clock_id,
            clock,
            name,
        },
        (Some(_), None, Ok(why)) => Event::ClockPaused {
            clock_id,
            clock,
            name,
            why,
            reason: pause.words.clone(),
        },
        // The process says which of its days was put right.
        _ => return Ok(true),
    };
    record(tx, ctx, Some(&row.case_id), Some(&row.id), &event)?;
    Ok(true)
}
