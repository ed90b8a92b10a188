//! The end of a review: what it still needs before it is closed, and that the family was told what came of it. Must not
//! know how a page shows it.

use chrono::NaiveDate;

use super::people::problem;
use super::picture::Picture;
use super::{Context, Error, Outcome, access, merge, panels, record, response, triage};
use crate::domain::case::{Closing, State};
use crate::domain::event::Event;
use crate::domain::fill::Filled;
use crate::domain::form::{Answer, Problem};
use crate::domain::permission::Verb;
use crate::store::cases::Case;
use crate::store::events::Search;
use crate::store::{Conn, Tx, events, records};

/// What the record's sources call it.
const PART: &str = "family";
const FORM: &str = "analysis";

/// What a case still needs before it is closed.
pub fn closing(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Closing> {
    let known = Picture::load(conn, ctx, &case.id)?;
    let facts = triage::facts(conn, ctx, case, &known)?;
    let holds = facts.processes.iter();
    let holds = holds.filter(|p| p.holds.meeting || p.holds.panel);
    Ok(Closing {
        signed: panels::stands_signed(conn, ctx, case)?,
        accepted: facts.final_accepted,
        family: facts.family_told && !reopened_since(conn, case)?,
        unfollowed: facts.unfollowed,
        unsafe_or_unknown: facts.family.to_find_out(facts.others_unrecorded),
        open_questions: facts.family.open_questions(),
        holding: holds.map(|p| p.name.clone()).collect(),
    })
}

/// Whether the case was reopened after the family was told: what came of the review is another outcome then.
fn reopened_since(conn: &mut Conn, case: &Case) -> Outcome<bool> {
    let reopened = events::last_of_case(conn, &case.id, "case_reopened")?;
    let told = events::last_of_case(conn, &case.id, "family_outcome")?;
    Ok(reopened.is_some() && told < reopened)
}

/// Refuses to close a case that still needs something, and says what.
pub(super) fn may_close(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<()> {
    match closing(conn, ctx, case)?.refusal() {
        None => Ok(()),
        Some(words) => Err(Error::Rule(words)),
    }
}

/// Whether the panel has decided, so that there is an outcome to tell.
pub const fn has_outcome(state: State) -> bool {
    matches!(
        state,
        State::PanelComplete
            | State::PanelInsufficient
            | State::SignedOff
            | State::SubmittedNcmd
            | State::Closed
    )
}

/// Records that the family was told the outcome, or did not wish it. The analysis says so too while it may be changed.
pub fn tell_family(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    told: Option<bool>,
    on: Option<NaiveDate>,
    mut wrong: Vec<Problem>,
) -> Outcome<()> {
    let (case, _) = access::reach(tx.conn(), ctx, reference, Verb::KeepFamily)?;
    merge::not_merged(tx.conn(), &case)?;
    if !case.state.parse().is_ok_and(has_outcome) {
        let words = "The panel has not decided yet, so there is no outcome to tell.";
        return Err(Error::Rule(words.into()));
    }
    if told.is_none() {
        let words = "Choose whether the family was told";
        wrong.push(problem("told", "required", words));
    }
    if wrong.iter().all(|p| p.field != "told_on") {
        match on {
            None => wrong.push(problem("told_on", "required", "Enter the day")),
            Some(day) if day > ctx.today() || day < case.date_of_death => {
                let words = "The day must be after the death and not after today";
                wrong.push(problem("told_on", "range", words));
            }
            Some(_) => {}
        }
    }
    let (Some(told), Some(on), true) = (told, on, wrong.is_empty()) else {
        return Err(Error::Invalid(wrong));
    };
    let event = Event::FamilyOutcome { on, told };
    record(tx, ctx, Some(&case.id), None, &event)?;
    let open = case.state.parse().is_ok_and(State::is_editable);
    if told && open && records::get(tx.conn(), &case.id, FORM)?.is_some() {
        let filled = Filled {
            form: FORM.to_owned(),
            field: "family_informed".to_owned(),
            answer: Some(Answer::Choice("yes".to_owned())),
        };
        response::put(tx, ctx, &case, PART, &[filled])?;
    }
    triage::refresh(tx, ctx, &case.id)
}

/// What is recorded of telling the family the outcome, as the timeline says it.
pub fn outcome_told(conn: &mut Conn, case: &Case) -> Outcome<Option<String>> {
    let wanted = Search {
        case_id: Some(case.id.clone()),
        names: Some(vec!["family_outcome"]),
        ..Search::default()
    };
    let rows = events::search(conn, &wanted, 1)?;
    let event = rows
        .first()
        .map(|row| serde_json::from_str::<Event>(&row.detail));
    Ok(event.and_then(Result::ok).map(|event| event.sentence()))
}
