//! Setting one on a case.

use chrono::NaiveDate;

use super::check::{is_of_family, judge, naming_family, owner_of, tidy};
use super::{FOLLOWS, left_of, stored};
use crate::casework::{Context, Error, Outcome, access, jar, record, triage};
use crate::domain::action::{Kind, Said, State};
use crate::domain::event::Event;
use crate::domain::form::Problem;
use crate::domain::permission::Verb;
use crate::store::actions::{self as store, Action};
use crate::store::{Tx, meetings, panels};

/// What a person says of one. `problems` are what a page could not read of it.
#[derive(Clone, Debug, Default)]
pub struct Given {
    pub said: Said,
    pub due_on: Option<NaiveDate>,
    /// Vague words are meant.
    pub confirmed: bool,
    pub meeting_id: Option<String>,
    /// The words of the analysis that it follows up.
    pub follows: Option<String>,
    pub problems: Vec<Problem>,
}

/// Sets one on a case. Gives its id.
pub fn set(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    kind: Kind,
    given: &Given,
) -> Outcome<String> {
    let (case, _) = access::reach(tx.conn(), ctx, reference, Verb::KeepAction)?;
    let meeting_id = given.meeting_id.clone();
    if let Some(id) = &meeting_id {
        // An action of another case's meeting is not there; a panel's is, when the case was on its list.
        let row = meetings::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
        let items = panels::of_case(tx.conn(), &case.id)?;
        let there = row.case_id.as_ref() == Some(&case.id)
            || items.iter().any(|item| item.meeting_id == row.id);
        if !there {
            return Err(Error::NotFound);
        }
    }
    let mut said = tidy(kind, given.said.clone());
    let of_family = is_of_family(tx.conn(), &case.id, owner_of(&said))?;
    let naming = naming_family(tx.conn(), ctx, &case, (kind, &said))?;
    let due_on = judge(ctx, kind, &said, given, (ctx.today(), of_family, naming))?;
    if let Some(words) = &given.follows {
        tx.hold(&format!("follows:{}", case.id))?;
        let left = left_of(tx.conn(), ctx, &case)?;
        if kind != Kind::Recommendation || left.iter().all(|one| one.words != *words) {
            let words = "This recommendation is followed up already, or its words in the analysis have changed. Look at the list of actions.";
            return Err(Error::Rule(words.into()));
        }
        said.insert(FOLLOWS.to_owned(), words.clone());
    }
    let row = Action {
        id: ctx.new_id(),
        case_id: Some(case.id.clone()),
        meeting_id,
        kind: kind.as_str().to_owned(),
        state: State::Open.as_str().to_owned(),
        set_on: ctx.today(),
        due_on,
        closed_on: None,
        look_on: None,
        created_at: ctx.stamp(),
        updated_at: ctx.stamp(),
        version: 1,
        body: stored(&said)?,
        owner_email: said.get("owner_email").cloned(),
        saved_by: ctx.actor.label(),
    };
    store::insert(tx, &row)?;
    let event = Event::ActionSet {
        action_id: row.id.clone(),
        kind,
        due: due_on,
    };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
    jar::actions_say(tx, ctx, &case.id)?;
    triage::refresh(tx, ctx, &case.id)?;
    Ok(row.id)
}
