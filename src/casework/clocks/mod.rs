//! The clocks of cases and requests. Everything that happens passes through [`follow`], and everything that the record
//! says through [`record_says`], so that a clock starts, stops and moves in the transaction of its cause. What is due
//! is worked out by `domain::clock` and kept here. Must not know of pages or mail.

mod hand;
mod kept;
mod look;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::{Context, Error, House, Outcome, record};
use crate::domain::calendar::london;
use crate::domain::clock::{
    Asked, Change, Clock as Definition, EVENT, Facts, Known, Occasion, Told, When, causes, change,
    is_recorded, told,
};
use crate::domain::event::Event;
use crate::domain::form::Answers;
use crate::store::{Tx, cases, clocks as store, notifications, responses};

pub use hand::{Hold, excuse, hold, pause, release, resume};
pub use look::{Shown, ShownPause, list, running};

pub(super) use kept::definition_of;
use kept::{known_of, moment_of, standing_of};

/// A case itself, rather than one of its requests.
const CASE: &str = "";
/// Where what the record says comes from.
const RECORD: &str = "record:";

/// Follows an event: whatever clocks it starts, stops or moves, it does here.
pub(super) fn follow(tx: &mut Tx<'_>, ctx: &Context, case_id: &str, event: &Event) -> Outcome<()> {
    let mut about: BTreeSet<String> = BTreeSet::new();
    for cause in causes(event) {
        if half_sent(tx, event)? {
            continue;
        }
        let whose = cause.request.unwrap_or_default();
        let word = Word {
            source: EVENT,
            asked: cause.asked,
            noted: ctx.stamp(),
        };
        if word.put(tx, case_id, &whose, &cause.told)? {
            about.insert(whose);
            if cause.told.occasion == Occasion::Ended {
                about.extend(requests_with_clocks(tx, case_id)?);
            }
        }
    }
    settle_all(tx, ctx, case_id, about)
}

/// A request for several forms is answered when the last of them is sent.
fn half_sent(tx: &mut Tx<'_>, event: &Event) -> Outcome<bool> {
    let Event::ResponseSent { request_id, .. } = event else {
        return Ok(false);
    };
    let all = responses::of_request(tx.conn(), request_id)?;
    Ok(all
        .iter()
        .any(|row| matches!(row.state.as_str(), "draft" | "sent_back")))
}

/// Follows what a form of the record says now.
pub(super) fn record_says(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case_id: &str,
    form: &str,
    answers: &Answers,
) -> Outcome<()> {
    let all = told(form, answers, ctx.today());
    if all.is_empty() {
        return Ok(());
    }
    let mut noted = ctx.stamp();
    let mut changed = false;
    if form == super::notify::FORM {
        // What the notifier said was known when it was sent, however long the decision took.
        if let Some(sent) = first_notified(tx, case_id)? {
            noted = sent;
            let received = Told {
                occasion: Occasion::NotificationReceived,
                when: Some(When::Noted),
            };
            let word = Word {
                source: EVENT,
                asked: None,
                noted,
            };
            changed |= word.put(tx, case_id, CASE, &received)?;
        }
    }
    let source = format!("{RECORD}{form}");
    let word = Word {
        source: &source,
        asked: None,
        noted,
    };
    for told in &all {
        changed |= word.put(tx, case_id, CASE, told)?;
    }
    let about = changed.then(|| CASE.to_owned());
    settle_all(tx, ctx, case_id, about.into_iter().collect())
}

/// When the notification of a case was sent that no clock knows of yet.
fn first_notified(tx: &mut Tx<'_>, case_id: &str) -> Outcome<Option<NaiveDateTime>> {
    let received = Occasion::NotificationReceived.as_str();
    let known = store::known(tx.conn(), case_id, CASE)?;
    if known.iter().any(|row| row.occasion == received) {
        return Ok(None);
    }
    let Some(case) = cases::get(tx.conn(), case_id)? else {
        return Ok(None);
    };
    let row = notifications::get(tx.conn(), &case.notification_id)?;
    Ok(row.and_then(|row| row.sent_at).or(Some(case.opened_at)))
}

/// Who says something, and when it was noted.
struct Word<'a> {
    source: &'a str,
    asked: Option<Asked>,
    noted: NaiveDateTime,
}

impl Word<'_> {
    /// Keeps what is told, when it is news; says whether it was.
    fn put(&self, tx: &mut Tx<'_>, case_id: &str, about: &str, told: &Told) -> Outcome<bool> {
        let all = store::known(tx.conn(), case_id, about)?;
        let old = all
            .iter()
            .find(|row| row.occasion == told.occasion.as_str())
            .map(known_of);
        let noted = self.noted.and_utc();
        match change(old.as_ref(), told, self.source, self.asked, noted) {
            Change::Nothing => Ok(false),
            Change::Drop => {
                store::drop_known(tx, case_id, about, told.occasion.as_str())?;
                Ok(true)
            }
            Change::Put(known) => {
                store::put_known(tx, &row_of(case_id, about, told.occasion, &known))?;
                Ok(true)
            }
        }
    }
}

fn row_of(case_id: &str, about: &str, occasion: Occasion, known: &Known) -> store::Known {
    let (at, whole_day) = moment_of(known.at);
    store::Known {
        case_id: case_id.to_owned(),
        about: about.to_owned(),
        occasion: occasion.as_str().to_owned(),
        at,
        whole_day,
        given: known.given,
        source: known.source.clone(),
        asked: known.asked.map(|asked| asked.as_str().to_owned()),
    }
}

fn requests_with_clocks(tx: &mut Tx<'_>, case_id: &str) -> Outcome<Vec<String>> {
    let all = store::of_case(tx.conn(), case_id)?;
    Ok(all.into_iter().map(|row| row.about).collect())
}

fn settle_all(
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
        let own: Vec<&store::Clock> = rows.iter().filter(|row| row.about == whose).collect();
        for row in &own {
            settle(tx, ctx, row, &facts)?;
        }
        for definition in ctx.house.clocks.all() {
            if begins(definition, &whose, &facts, &own) {
                start(tx, ctx, case_id, &whose, definition, &facts, &own)?;
            }
        }
    }
    Ok(())
}

/// What is known; a request's clocks end with their case.
fn facts(tx: &mut Tx<'_>, case_id: &str, about: &str) -> Outcome<Facts> {
    let mut rows = store::known(tx.conn(), case_id, about)?;
    if about != CASE {
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
    if of_request == (about == CASE)
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
    last.is_none_or(|last| {
        definition.starts_on.recurs()
            && last.outcome != "running"
            && last
                .stopped_at
                .is_some_and(|stopped| at.begins().naive_utc() > stopped)
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
    let pauses = store::pauses_of(tx.conn(), std::slice::from_ref(&row.id))?;
    let mut next = row.clone();
    stand(ctx, &mut next, &definition, facts, &pauses);
    if kept::same(row, &next) {
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

/// The last day of the list of bank holidays, when it must be carried on now.
pub fn holidays_run_out(house: &House, now: DateTime<Utc>) -> Option<NaiveDate> {
    let holidays = house.clocks.holidays();
    let today = london(now).date();
    holidays
        .runs_out(today)
        .then(|| holidays.ends().unwrap_or(today))
}

/// Passes over the reminders of a case that was brought in with its past.
pub(crate) fn pass_over(tx: &mut Tx<'_>, ctx: &Context, case_id: &str) -> Outcome<()> {
    Ok(store::pass_over(tx, case_id, ctx.stamp())?)
}
