//! The clocks of cases and requests. Everything that happens passes through [`follow`], and everything that the record
//! says through [`record_says`], so that a clock starts, stops and moves in the transaction of its cause. What is due
//! is worked out by `domain::clock` and kept here. Must not know of pages or mail.

mod beside;
mod family;
mod hand;
mod kept;
mod look;
mod panel;
mod replay;
mod settle;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::{Context, House, Outcome};
use crate::domain::calendar::london;
use crate::domain::clock::{
    Asked, Change, EVENT, Known, Occasion, Told, causes, change, event_at, is_of_panel, told,
};
use crate::domain::event::Event;
use crate::domain::form::Answers;
use crate::store::{Conn, Tx, clocks as store, responses};

pub(super) use hand::excuse_request;
pub use hand::{Hold, excuse, hold, pause, release, resume};
pub(super) use kept::start as moment_kept;
pub use look::{Shown, ShownPause, list, running};

pub(super) use beside::process_says;
pub(super) use family::family_says;
pub(super) use kept::definition_of;
use kept::{known_of, moment_of};
pub(super) use panel::{panel_changed, waiting};
use settle::settle_all;

/// A case itself, rather than one of its requests.
const CASE: &str = "";
/// Where what the record says comes from.
const RECORD: &str = "record:";

/// Follows an event: whatever clocks it starts, stops or moves, it does here.
pub(super) fn follow(tx: &mut Tx<'_>, ctx: &Context, case_id: &str, event: &Event) -> Outcome<()> {
    let at_panel = is_of_panel(event);
    if causes(event).is_empty() && !at_panel {
        return Ok(());
    }
    alone(tx, case_id)?;
    let mut about = caught_up(tx, ctx, case_id)?;
    about.extend(words_of(tx, case_id, event, ctx.stamp())?);
    if at_panel && panel::says(tx, ctx, case_id)? {
        about.insert(CASE.to_owned());
    }
    settle_all(tx, ctx, case_id, about)
}

/// Two verbs on one case move its clocks one after the other: in each other's way, one of them would fail.
fn alone(tx: &mut Tx<'_>, case_id: &str) -> Outcome<()> {
    Ok(tx.hold(&format!("clocks:{case_id}"))?)
}

/// Looks back over the case, when no clock has looked at it yet.
fn caught_up(tx: &mut Tx<'_>, ctx: &Context, case_id: &str) -> Outcome<BTreeSet<String>> {
    if replay::is_new(tx, case_id)? {
        replay::replay(tx, ctx, case_id)
    } else {
        Ok(BTreeSet::new())
    }
}

/// Starts and stops the clocks of a case that was brought in with its past, as of now.
pub(crate) fn begin(tx: &mut Tx<'_>, ctx: &Context, case_id: &str) -> Outcome<()> {
    alone(tx, case_id)?;
    let about = caught_up(tx, ctx, case_id)?;
    settle_all(tx, ctx, case_id, about)
}

/// Keeps what an event tells; gives the case or the parts of it of which it was news.
fn words_of(
    tx: &mut Tx<'_>,
    case_id: &str,
    event: &Event,
    noted: NaiveDateTime,
) -> Outcome<BTreeSet<String>> {
    let mut about: BTreeSet<String> = BTreeSet::new();
    for cause in causes(event) {
        if half_sent(tx, event)? {
            continue;
        }
        let whose = cause.request.unwrap_or_default();
        let source = cause
            .at
            .map_or_else(|| EVENT.to_owned(), |id| event_at(&id));
        let word = Word {
            source: &source,
            asked: cause.asked,
            noted,
        };
        if word.put(tx, case_id, &whose, &cause.told)? {
            about.insert(whose);
            if cause.told.occasion == Occasion::Ended {
                about.extend(requests_with_clocks(tx, case_id)?);
            }
        }
    }
    Ok(about)
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
    alone(tx, case_id)?;
    let fresh = replay::is_new(tx, case_id)?;
    let mut about = caught_up(tx, ctx, case_id)?;
    // What the notifier said was known when it was sent, however long the decision took.
    let noted = if fresh && form == super::notify::FORM {
        replay::sent(tx, case_id)?.unwrap_or_else(|| ctx.stamp())
    } else {
        ctx.stamp()
    };
    if record_word(tx, case_id, form, &all, noted)? {
        about.insert(CASE.to_owned());
    }
    settle_all(tx, ctx, case_id, about)
}

/// Keeps what a form of the record tells; says whether any of it was news.
fn record_word(
    tx: &mut Tx<'_>,
    case_id: &str,
    form: &str,
    all: &[Told],
    noted: NaiveDateTime,
) -> Outcome<bool> {
    keep(tx, case_id, &format!("{RECORD}{form}"), all, noted)
}

fn keep(
    tx: &mut Tx<'_>,
    case_id: &str,
    source: &str,
    all: &[Told],
    noted: NaiveDateTime,
) -> Outcome<bool> {
    let word = Word {
        source,
        asked: None,
        noted,
    };
    let mut news = false;
    for told in all {
        news |= word.put(tx, case_id, CASE, told)?;
    }
    Ok(news)
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

/// The last day of the list of bank holidays, when it must be carried on now.
pub fn holidays_run_out(house: &House, now: DateTime<Utc>) -> Option<NaiveDate> {
    let holidays = house.clocks.holidays();
    let today = london(now).date();
    holidays
        .runs_out(today)
        .then(|| holidays.ends().unwrap_or(today))
}

/// Whether something is known to have happened to a case.
pub(super) fn has_happened(conn: &mut Conn, case_id: &str, occasion: Occasion) -> Outcome<bool> {
    let all = store::known(conn, case_id, CASE)?;
    Ok(all.iter().any(|row| row.occasion == occasion.as_str()))
}

/// Passes over the reminders of a case that was brought in with its past.
pub(crate) fn pass_over(tx: &mut Tx<'_>, ctx: &Context, case_id: &str) -> Outcome<()> {
    Ok(store::pass_over(tx, case_id, ctx.stamp())?)
}
