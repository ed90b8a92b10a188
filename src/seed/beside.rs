//! What runs beside some of the newest cases that are still gathered: inquests, reviews of patient safety and of perinatal
//! deaths, what the family asks, and a task that somebody took on. All of it by the verbs of casework, some days before
//! the end of the caseload. Must not touch a case that a panel has listed.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::{World, life, sitting};
use crate::casework::actions::{self, Given as ToDo};
use crate::casework::family::{self, Given as Line};
use crate::casework::picture::Picture;
use crate::casework::processes::{self, Given};
use crate::casework::{Context, Ids, Outcome, notify};
use crate::domain::action::Kind;
use crate::domain::calendar::london;
use crate::domain::case::State;
use crate::domain::family::{Asked, Part};
use crate::domain::form::Answers;
use crate::domain::process::{self, Holds};
use crate::store::cases::{self, Case, Filter, Sort};
use crate::store::{Tx, panels};

/// The newest cases that are gathered, among which these are.
const AMONG: i64 = 12;
/// Days before the end on which it is written down.
const BEFORE: i64 = 2;
/// A caseload smaller than this has nothing beside it.
const LEAST: usize = 40;

/// Writes it down as of two days before the end.
pub fn some(tx: &mut Tx<'_>, world: &World, cases: usize) -> Outcome<()> {
    if cases < LEAST {
        return Ok(());
    }
    let gathered = Filter {
        state: Some(State::Gathering.as_str().to_owned()),
        ..Filter::default()
    };
    let ids = Ids::sequence(world.chance.branch("beside").seed());
    let ctx = Context {
        ids,
        ..life::coordinator(world, world.end - Duration::days(BEFORE))
    };
    let mut written = Vec::new();
    let newest = cases::page(tx.conn(), &gathered, Sort::Opened, None, AMONG)?;
    for (place, case) in newest.into_iter().enumerate() {
        let free = panels::of_case(tx.conn(), &case.id)?.is_empty();
        // Every third is left as it is.
        if place % 3 != 2 && free && began_before(&case, ctx.now) {
            beside(tx, &ctx, &case, place)?;
            written.push(case);
        }
    }
    sitting::as_of_today(tx, world, written)
}

fn began_before(case: &Case, moment: DateTime<Utc>) -> bool {
    case.opened_at.and_utc() < moment - Duration::days(1)
}

fn beside(tx: &mut Tx<'_>, ctx: &Context, case: &Case, place: usize) -> Outcome<()> {
    let known = Picture::load(tx.conn(), ctx, &case.id)?;
    let empty = Answers::default();
    let notified = known.answers(notify::FORM).unwrap_or(&empty);
    let today = ctx.today();
    let opened = london(case.opened_at.and_utc()).date();
    let asked = opened.max(today - Duration::days(3));
    if notified.choice("coroner_informed") == Some("yes") {
        run(tx, ctx, case, "inquest", "HM Coroner, sample area", opened)?;
    }
    let days = notified
        .date("date_of_birth")
        .zip(notified.date("date_of_death"))
        .map(|(born, died)| (died - born).num_days());
    match days {
        Some(..28) => run(tx, ctx, case, "pmrt", "Sample Hospital", opened)?,
        _ if place % 3 == 1 => run(tx, ctx, case, "psii", "Sample Hospital", opened)?,
        _ => {}
    }
    for spoken in processes::unrecorded(tx.conn(), ctx, &case.id, &known)? {
        run(tx, ctx, case, &spoken.kind, "Sample lead body", opened)?;
    }
    let question = [
        (
            "words",
            "Could anybody have known sooner that something was wrong?",
        ),
        ("asked_on", &asked.to_string()),
        ("state", Asked::Asked.as_str()),
    ];
    let said = question.map(|(name, words)| (name.to_owned(), words.to_owned()));
    let line = Line {
        said: said.into(),
        ..Line::default()
    };
    family::save(tx, ctx, &case.reference, Part::Questions, line)?;
    if place.is_multiple_of(2) {
        task(tx, ctx, case, today + Duration::days(12))?;
    }
    Ok(())
}

/// A process that is under way; what its kind holds, it holds.
fn run(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    kind: &str,
    lead_body: &str,
    began: NaiveDate,
) -> Outcome<()> {
    let holds = ctx
        .house
        .processes
        .get(kind)
        .map_or_else(Holds::default, |kind| kind.holds);
    let given = Given {
        state: Some(process::State::UnderWay),
        holds,
        lead_body: lead_body.to_owned(),
        reference: format!("SAMPLE-{}", case.reference),
        began_on: Some(began),
        checked_on: Some(ctx.today()),
        next_check: Some(ctx.today() + Duration::days(14)),
        ..Given::default()
    };
    processes::add(tx, ctx, &case.reference, kind, &given).map(drop)
}

fn task(tx: &mut Tx<'_>, ctx: &Context, case: &Case, due: NaiveDate) -> Outcome<()> {
    let said = [
        ("what", "Ask the hospital for the notes of the last days."),
        ("owner", "Sample Child Death Review Nurse"),
        ("owner_email", "child.death.nurse@cdr.example"),
    ];
    let given = ToDo {
        said: said
            .map(|(name, words)| (name.to_owned(), words.to_owned()))
            .into(),
        due_on: Some(due),
        ..ToDo::default()
    };
    actions::set(tx, ctx, &case.reference, Kind::Action, &given).map(drop)
}
