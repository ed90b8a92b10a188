//! What is done to an item after it was listed: another route, another place in the order, taken off, put off. The case
//! moves in the same transaction. Must not know who has an interest in it.

use chrono::{Days, NaiveDate};

use super::listing::{kept_reasons, listed, reasons_of, save, state_of};
use super::running;
use crate::casework::gather::given_reason;
use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome, record, response, triage};
use crate::domain::case::{Move, State as CaseState};
use crate::domain::event::Event;
use crate::domain::fill::Filled;
use crate::domain::form::{Answer, Problem};
use crate::domain::panel::{Deferral, ItemState};
use crate::domain::permission::Verb;
use crate::store::cases::{self, Case};
use crate::store::meetings::Meeting;
use crate::store::panels::{self as store, Item};
use crate::store::{Tx, records};

/// How far ahead a case can be put off.
const LONGEST_DEFERRAL: Days = Days::new(366);

/// Changes the route of an item, with a reason.
pub fn change_route(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str, i32),
    route: &str,
    reason: &str,
) -> Outcome<()> {
    let (row, mut item, case) = listed(tx, ctx, at, Verb::KeepPanel)?;
    let Some(route) = ctx.house.routes.get(route) else {
        return Err(Error::Invalid(vec![problem(
            "route",
            "required",
            "Choose a route",
        )]));
    };
    let reason = given_reason(reason, "Say why the route is changed")?;
    let mut reasons = reasons_of(&item);
    reasons.insert("route".into(), reason.clone());
    item.route.clone_from(&route.code);
    item.reasons = kept_reasons(&reasons)?;
    save(tx, ctx, &mut item)?;
    let event = Event::PanelRouteChanged {
        item_id: item.id.clone(),
        meeting_id: row.id,
        route: route.label.clone(),
        reason,
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)
}

/// Moves an item one place towards the beginning.
pub fn earlier(tx: &mut Tx<'_>, ctx: &Context, at: (&str, &str, i32)) -> Outcome<()> {
    let (row, mut item, case) = listed(tx, ctx, at, Verb::KeepPanel)?;
    let before = store::of_meeting(tx.conn(), &row.id)?;
    let other = before
        .into_iter()
        .rev()
        .find(|other| other.position < item.position && other.state == ItemState::Listed.as_str());
    let Some(mut other) = other else {
        tx.unchanged();
        return Ok(());
    };
    std::mem::swap(&mut item.position, &mut other.position);
    save(tx, ctx, &mut item)?;
    save(tx, ctx, &mut other)?;
    let event = Event::PanelReordered {
        item_id: item.id.clone(),
        meeting_id: row.id,
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)
}

/// Takes a case off the list: it is ready for another panel.
pub fn take_off(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str, i32),
    reason: &str,
) -> Outcome<()> {
    let (row, item, case) = listed(tx, ctx, at, Verb::KeepPanel)?;
    let reason = given_reason(reason, "Say why it is taken off the list")?;
    off(tx, ctx, &row, item, &case, &reason)
}

fn off(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Meeting,
    mut item: Item,
    case: &Case,
    reason: &str,
) -> Outcome<()> {
    let mut reasons = reasons_of(&item);
    reasons.insert("taken_off".into(), reason.to_owned());
    item.reasons = kept_reasons(&reasons)?;
    ItemState::TakenOff.as_str().clone_into(&mut item.state);
    save(tx, ctx, &mut item)?;
    let event = Event::PanelTakenOff {
        item_id: item.id.clone(),
        meeting_id: row.id.clone(),
        reason: reason.to_owned(),
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)?;
    if case.state == CaseState::Listed.as_str() {
        triage::step(tx, ctx, case, Move::MakeReady, reason)?;
    }
    triage::refresh(tx, ctx, &case.id)
}

/// A panel that does not take place leaves the cases of its list ready for another.
pub(in crate::casework) fn called_off(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Meeting,
    reason: &str,
) -> Outcome<()> {
    for item in store::of_meeting(tx.conn(), &row.id)? {
        if state_of(&item)? == ItemState::Listed {
            let case = cases::get(tx.conn(), &item.case_id)?.ok_or(Error::NotFound)?;
            off(tx, ctx, row, item, &case, reason)?;
        }
    }
    Ok(())
}

/// Puts an item off: the case waits for another panel, until a day on which somebody looks at it again.
pub fn defer(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str, i32),
    why: Option<Deferral>,
    next: Option<NaiveDate>,
    mut wrong: Vec<Problem>,
) -> Outcome<()> {
    let (row, mut item, case) = listed(tx, ctx, at, Verb::RunPanel)?;
    running(tx.conn(), ctx, &row, &item)?;
    if why.is_none() {
        wrong.push(problem("deferral", "required", "Choose why it is put off"));
    }
    let today = ctx.today();
    if wrong.iter().all(|p| p.field != "next") {
        match next {
            None => wrong.push(problem(
                "next",
                "required",
                "Enter the day on which it is looked at again",
            )),
            Some(day) if day <= today || day > today + LONGEST_DEFERRAL => {
                wrong.push(problem(
                    "next",
                    "range",
                    "The day must be after today and within a year",
                ));
            }
            Some(_) => {}
        }
    }
    let (Some(why), Some(next), true) = (why, next, wrong.is_empty()) else {
        return Err(Error::Invalid(wrong));
    };
    ItemState::Deferred.as_str().clone_into(&mut item.state);
    item.deferral = Some(why.as_str().to_owned());
    item.next_date = Some(next);
    save(tx, ctx, &mut item)?;
    let event = Event::PanelDeferred {
        item_id: item.id.clone(),
        meeting_id: row.id,
        deferral: why,
        next,
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)?;
    say_on_the_form(tx, ctx, &case, why)?;
    let now = cases::get(tx.conn(), &case.id)?.ok_or(Error::NotFound)?;
    triage::step(tx, ctx, &now, Move::RecordDeferred, why.label())?;
    triage::refresh(tx, ctx, &case.id)
}

/// The analysis says that the case was put off, where there is one: this alone is no draft.
fn say_on_the_form(tx: &mut Tx<'_>, ctx: &Context, case: &Case, why: Deferral) -> Outcome<()> {
    if records::get(tx.conn(), &case.id, "analysis")?.is_none() {
        return Ok(());
    }
    let put = |field: &str, code: &str| Filled {
        form: "analysis".to_owned(),
        field: field.to_owned(),
        answer: Some(Answer::Choice(code.to_owned())),
    };
    let all = [
        put("deferred", "yes"),
        put("defer_reason", why.on_the_form()),
    ];
    response::put(tx, ctx, case, "panel", &all)
}
