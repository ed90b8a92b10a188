//! Whether what a person says of a process holds, all of it at once, and putting it into the row. Must not save.

use chrono::NaiveDate;

use super::{Context, End, Error, Given, Outcome, next_check, state_of};
use crate::casework::people::problem;
use crate::domain::form::Problem;
use crate::domain::process::{Kind, State};
use crate::store::processes::Process;
use crate::store::{Conn, documents};

const SHORT: usize = 200;
const LONG: usize = 5_000;

/// Faults, gathered.
struct Faults(Vec<Problem>);

impl Faults {
    fn say(&mut self, field: &str, rule: &str, words: &str) {
        // What could not be read is not also said to be missing.
        if !self.0.iter().any(|p| p.field == field) {
            self.0.push(problem(field, rule, words));
        }
    }

    fn text(&mut self, field: &str, what: &str, text: &str, most: usize) -> Option<String> {
        let text = text.trim();
        if text.chars().count() > most {
            let most = if most == SHORT { "200" } else { "5,000" };
            let words = format!("{what} must have {most} characters or fewer");
            self.say(field, "length", &words);
        }
        Some(text.to_owned()).filter(|text| !text.is_empty())
    }

    fn not_after(&mut self, field: &str, what: &str, day: Option<NaiveDate>, today: NaiveDate) {
        if day.is_some_and(|day| day > today) {
            self.say(
                field,
                "future",
                &format!("{what} must be today or in the past"),
            );
        }
    }

    fn not_before(&mut self, field: &str, what: &str, day: Option<NaiveDate>, row: &Process) {
        if let (Some(day), Some(began)) = (day, row.began_on)
            && day < began
        {
            self.say(
                field,
                "order",
                &format!("{what} must not be before the process began"),
            );
        }
    }

    fn done(self) -> Outcome<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self.0))
        }
    }
}

/// Puts what was given into the row. `before`: as the process stood, when it was there.
pub fn put(
    conn: &mut Conn,
    ctx: &Context,
    kind: &Kind,
    row: &mut Process,
    given: &Given,
    before: Option<&Process>,
) -> Outcome<()> {
    let mut faults = Faults(given.problems.clone());
    let state = state(&mut faults, before, given.state)?;
    state.as_str().clone_into(&mut row.state);
    let holds = if kind.may_change {
        given.holds
    } else {
        kind.holds
    };
    (row.holds_meeting, row.holds_panel) = (holds.meeting, holds.panel);
    row.reference = faults.text("reference", "The reference", &given.reference, SHORT);
    row.lead_body = faults.text("lead_body", "The lead body", &given.lead_body, SHORT);
    row.note = faults.text("note", "The note", &given.note, LONG);
    (row.began_on, row.step_on) = (given.began_on, given.step_on);
    (row.checked_on, row.expected_end) = (given.checked_on, given.expected_end);
    row.next_check = given
        .next_check
        .or_else(|| Some(next_check(ctx, kind)))
        .filter(|_| state.is_open());
    row.over_on = None;
    if state.is_over() {
        row.over_on = given.over_on;
        row.outcome = faults.text("outcome", "The outcome", &given.outcome, LONG);
        if before.is_none() {
            never_ran(&mut faults, ctx, row);
        }
        over(&mut faults, ctx, row);
    }
    days(&mut faults, ctx, kind, row, state);
    row.document = document(&mut faults, conn, row, &given.document)?;
    faults.done()
}

/// The state it is to have: one that may follow, and never an end, which has a page of its own.
fn state(faults: &mut Faults, before: Option<&Process>, asked: Option<State>) -> Outcome<State> {
    let Some(before) = before else {
        let first = asked.filter(|state| State::FIRST.contains(state));
        if first.is_none() {
            faults.say("state", "required", "Choose where the process stands");
        }
        return Ok(first.unwrap_or(State::UnderWay));
    };
    let was = state_of(before)?;
    let next = asked.unwrap_or(was);
    if !next.may_follow(was) || (next.is_over() && next != was) {
        let words = format!("A process that is “{was}” cannot become “{next}” here");
        faults.say("state", "state", &words);
        return Ok(was);
    }
    Ok(next)
}

fn days(faults: &mut Faults, ctx: &Context, kind: &Kind, row: &Process, state: State) {
    let today = ctx.today();
    let begun = state.goes_on() || state == State::Concluded;
    if begun && row.began_on.is_none() && kind.needs_began() {
        let words = "Enter when it began: a clock counts from that day, or stands still since";
        faults.say("began_on", "required", words);
    }
    faults.not_after("began_on", "The day it began", row.began_on, today);
    let step = kind.step.as_deref().unwrap_or("The step");
    faults.not_after("step_on", step, row.step_on, today);
    faults.not_before("step_on", step, row.step_on, row);
    faults.not_after(
        "checked_on",
        "The day it was last checked",
        row.checked_on,
        today,
    );
    faults.not_before("expected_end", "The expected end", row.expected_end, row);
}

/// What is recorded as not pursued from the beginning is so since that is known, and the note says how.
fn never_ran(faults: &mut Faults, ctx: &Context, row: &mut Process) {
    row.over_on = row.over_on.or_else(|| Some(ctx.today()));
    if row.note.is_none() {
        let words = "Say in the note how it is known that it does not run";
        faults.say("note", "required", words);
    }
}

fn over(faults: &mut Faults, ctx: &Context, row: &Process) {
    if row.over_on.is_none() {
        faults.say("over_on", "required", "Enter the day on which it ended");
    }
    faults.not_after("over_on", "The day it ended", row.over_on, ctx.today());
    faults.not_before("over_on", "The day it ended", row.over_on, row);
}

/// A document is named by its number on the case.
fn document(
    faults: &mut Faults,
    conn: &mut Conn,
    row: &Process,
    text: &str,
) -> Outcome<Option<i32>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let found = match text.parse::<i32>() {
        Ok(number) => documents::numbered(conn, &row.case_id, number)?,
        Err(_) => None,
    };
    // One that was withdrawn since stays named.
    let kept = |number: i32| row.document == Some(number);
    let fit = found.filter(|d| {
        let of_case = d.request_id.is_none() || d.handed_in_at.is_some();
        of_case && (d.state != "withdrawn" || kept(d.number))
    });
    if fit.is_none() {
        let words = "Choose a document of this case";
        faults.say("document", "document", words);
    }
    Ok(fit.map(|d| d.number))
}

/// Puts the end of a process into the row. Gives how and when it ended.
pub fn end(
    conn: &mut Conn,
    ctx: &Context,
    kind: &Kind,
    row: &mut Process,
    end: &End,
) -> Outcome<(State, NaiveDate)> {
    let mut faults = Faults(end.problems.clone());
    let was = state_of(row)?;
    if !was.is_open() {
        return Err(Error::Rule("This process is over already.".into()));
    }
    let state = end.state.filter(|state| state.is_over());
    if state.is_none() {
        faults.say("state", "required", "Choose how the process ended");
    }
    let state = state.unwrap_or(State::Concluded);
    state.as_str().clone_into(&mut row.state);
    row.over_on = end.over_on;
    row.next_check = None;
    row.checked_on = Some(ctx.today());
    row.outcome = faults.text("outcome", "The outcome", &end.outcome, LONG);
    if row.outcome.is_none() {
        faults.say("outcome", "required", "Say what came out of it");
    }
    if state == State::Concluded && row.began_on.is_none() && kind.needs_began() {
        // The day it began is asked on the page of the process itself.
        row.began_on = end.over_on;
    }
    over(&mut faults, ctx, row);
    row.document = document(&mut faults, conn, row, &end.document)?;
    faults.done()?;
    Ok((state, row.over_on.unwrap_or_else(|| ctx.today())))
}

/// What of a process differs, by the words of the page.
pub fn changed(kind: &Kind, before: &Process, after: &Process) -> Vec<String> {
    let holds = |p: &Process| (p.holds_meeting, p.holds_panel);
    let step = kind.step.as_deref().unwrap_or("Step");
    [
        ("State", before.state != after.state),
        ("What it holds", holds(before) != holds(after)),
        ("Reference", before.reference != after.reference),
        ("Lead body", before.lead_body != after.lead_body),
        ("Began", before.began_on != after.began_on),
        (step, before.step_on != after.step_on),
        ("Last checked", before.checked_on != after.checked_on),
        ("Next check", before.next_check != after.next_check),
        ("Expected end", before.expected_end != after.expected_end),
        ("Ended", before.over_on != after.over_on),
        ("Outcome", before.outcome != after.outcome),
        ("Document", before.document != after.document),
        ("Note", before.note != after.note),
    ]
    .into_iter()
    .filter(|(_, differs)| *differs)
    .map(|(name, _)| name.to_owned())
    .collect()
}

/// The same as the trail keeps it, by the names of its columns.
pub fn told(row: &Process) -> serde_json::Value {
    serde_json::json!({
        "state": row.state, "holds_meeting": row.holds_meeting, "holds_panel": row.holds_panel,
        "reference": row.reference, "lead_body": row.lead_body, "began_on": row.began_on, "step_on": row.step_on,
        "checked_on": row.checked_on, "next_check": row.next_check, "expected_end": row.expected_end,
        "over_on": row.over_on, "outcome": row.outcome, "document": row.document, "note": row.note,
    })
}
