//! The clocks of a case as pages show them and as the rules of what is owed look at them. Must not change any.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::kept::{definition_of, pause_of, start, start_of};
use crate::casework::{Context, Outcome};
use crate::domain::calendar::london;
use crate::domain::case::RunningClock;
use crate::domain::clock::{
    Clock as Definition, Outcome as Stands, Pause, PauseReason, Spent, Start, Took, Unit,
};
use crate::store::clocks::{self as store, Rung};
use crate::store::{Conn, cases::Case, merges};

/// One clock with everything that is known of it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub id: String,
    /// Id of the request whose clock it is; empty for the case's own.
    pub about: String,
    pub definition: Definition,
    pub stands: Stands,
    pub started_at: NaiveDateTime,
    pub whole_day: bool,
    pub due_at: Option<NaiveDateTime>,
    pub stopped_at: Option<NaiveDateTime>,
    /// The day on which it stopped, where no time is known.
    pub stopped_on: Option<NaiveDate>,
    /// Of a clock of hours that stopped, the days it took where its hours are not known.
    pub took_days: Option<i64>,
    /// It runs and the time has passed.
    pub late: bool,
    pub paused: bool,
    pub spent: Spent,
    pub earlier: Vec<NaiveDateTime>,
    pub pauses: Vec<ShownPause>,
    pub rungs: Vec<Rung>,
    pub excused_by: Option<String>,
    pub excuse: Option<String>,
    pub held_by: Option<String>,
    pub held_why: Option<String>,
}

/// One pause.
#[derive(Clone, Debug)]
pub struct ShownPause {
    pub id: String,
    pub reason: Option<PauseReason>,
    pub from: NaiveDateTime,
    pub to: Option<NaiveDateTime>,
    pub words: String,
    pub by: String,
    /// A process makes it, and ends it.
    pub of_process: bool,
}

/// The clocks of a case: those that run first, by what is due soonest.
pub fn list(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Shown>> {
    let rows = store::of_case(conn, &case.id)?;
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let beside = Beside {
        moved: store::dues_of(conn, &ids)?,
        pauses: store::pauses_of(conn, &ids)?,
        rungs: store::rungs_of(conn, &ids)?,
    };
    let mut all = rows
        .into_iter()
        .map(|row| beside.shown(ctx, row))
        .collect::<Outcome<Vec<Shown>>>()?;
    all.sort_by_key(|clock| {
        let over = clock.stands != Stands::Running;
        (over, clock.paused, clock.due_at)
    });
    Ok(all)
}

/// What lies beside the clocks of a case.
struct Beside {
    moved: Vec<store::EarlierDue>,
    pauses: Vec<store::Pause>,
    rungs: Vec<Rung>,
}

impl Beside {
    fn shown(&self, ctx: &Context, row: store::Clock) -> Outcome<Shown> {
        let definition = definition_of(&row)?;
        let own: Vec<&store::Pause> = self
            .pauses
            .iter()
            .filter(|p| p.clock_id == row.id)
            .collect();
        let spans: Vec<Pause> = own.iter().map(|p| pause_of(p)).collect();
        let end = row.stopped_at.map_or(ctx.now, |at| at.and_utc());
        let holidays = ctx.house.clocks.holidays();
        let moved = self.moved.iter().filter(|due| due.clock_id == row.id);
        let rungs = self.rungs.iter().filter(|rung| rung.clock_id == row.id);
        Ok(Shown {
            took_days: took_days(&row, &definition),
            stopped_on: stop_of(&row).and_then(by_day),
            stands: row.outcome.parse().unwrap_or(Stands::Running),
            late: is_late(&row, &definition, ctx.now),
            spent: definition.spent(start_of(&row), end, &spans, holidays),
            earlier: moved.map(|due| due.due_at).collect(),
            pauses: own.into_iter().map(shown_pause).collect(),
            rungs: rungs.cloned().collect(),
            about: row.about,
            started_at: row.started_at,
            whole_day: row.whole_day,
            due_at: row.due_at,
            stopped_at: row.stopped_at,
            paused: row.paused,
            excused_by: row.excused_by,
            excuse: row.excuse,
            held_by: row.held_by,
            held_why: row.held_why,
            definition,
            id: row.id,
        })
    }
}

/// When it stopped, as exactly as that is known.
fn stop_of(row: &store::Clock) -> Option<Start> {
    Some(start(row.stopped_at?, row.stopped_day))
}

fn by_day(at: Start) -> Option<NaiveDate> {
    match at {
        Start::Day(day) => Some(day),
        Start::Moment(_) => None,
    }
}

/// The days from start to stop of a clock of hours that was not timed.
fn took_days(row: &store::Clock, definition: &Definition) -> Option<i64> {
    match (definition.unit, Took::between(start_of(row), stop_of(row)?)) {
        (Unit::Hours, Took::Days(days)) => Some(days),
        _ => None,
    }
}

fn shown_pause(row: &store::Pause) -> ShownPause {
    ShownPause {
        id: row.id.clone(),
        reason: row.reason.parse().ok(),
        from: row.from_at,
        to: row.to_at,
        words: row.words.clone(),
        by: row.paused_by.clone(),
        of_process: row.process_id.is_some(),
    }
}

fn is_late(row: &store::Clock, definition: &Definition, now: DateTime<Utc>) -> bool {
    row.outcome == Stands::Running.as_str()
        && !row.paused
        && row
            .due_at
            .is_some_and(|due| definition.is_late(due.and_utc(), now))
}

/// What the rules of what is owed need to know of a case's clocks, and of those of what was asked on cases that are read
/// under it.
pub fn running(conn: &mut Conn, case_id: &str) -> Outcome<Vec<RunningClock>> {
    let mut rows = store::of_case(conn, case_id)?;
    for id in merges::together(conn, case_id)?.iter().skip(1) {
        let of_parts = store::of_case(conn, id)?;
        rows.extend(of_parts.into_iter().filter(|row| !row.about.is_empty()));
    }
    let mut all = Vec::new();
    for row in rows {
        let definition = definition_of(&row)?;
        let runs = row.outcome == Stands::Running.as_str();
        let due = row.due_at.filter(|_| runs && !row.paused);
        all.push(RunningClock {
            clock: row.clock,
            request: Some(row.about).filter(|about| !about.is_empty()),
            name: definition.name.clone(),
            due: due.map(|due| london(due.and_utc())),
            runs: runs && !row.paused,
            task: definition.is_task(),
        });
    }
    Ok(all)
}
