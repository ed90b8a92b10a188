//! Actions and recommendations of a case: setting one, changing it, more time for it, telling the person who must act,
//! closing it by somebody else than its owner, and looking back whether it worked. Must not know how a page asks.

mod change;
mod check;
mod close;
mod follow;
mod set;

use super::{Context, Error, Outcome, access, jar, record, triage};
use crate::domain::action::{Kind, Said, State};
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb};
use crate::store::actions::{self as store, Action, Wanted};
use crate::store::cases::{self, Case};
use crate::store::{Conn, Tx};

pub use change::{change, extend, withdraw};
pub(super) use check::is_of_family;
pub use close::{close, look_back, sent};
pub use follow::{Recommended, left_of, unfollowed};
pub use set::{Given, set};

/// Where the words of the analysis stand that a recommendation follows up, and everybody who ever owned one.
const FOLLOWS: &str = "follows";
const OWNED: &str = "owned";

/// What was said of one, typed again.
pub fn said_of(row: &Action) -> Said {
    serde_json::from_str(&row.body).unwrap_or_default()
}

pub fn kind_of(row: &Action) -> Outcome<Kind> {
    row.kind
        .parse()
        .map_err(|_| Error::Internal("an unknown kind of action is stored".into()))
}

pub fn state_of(row: &Action) -> Outcome<State> {
    row.state
        .parse()
        .map_err(|_| Error::Internal("an unknown state of an action is stored".into()))
}

/// One of them with its case, for a verb.
pub fn reach(
    conn: &mut Conn,
    ctx: &Context,
    id: &str,
    verb: Verb,
) -> Outcome<(Action, Case, Facts)> {
    let row = store::get(conn, id)?;
    let case = match row.as_ref().and_then(|row| row.case_id.clone()) {
        Some(id) => cases::get(conn, &id)?,
        None => None,
    };
    let reference = case.map(|case| case.reference).unwrap_or_default();
    let (case, facts) = access::reach(conn, ctx, &reference, verb)?;
    Ok((row.ok_or(Error::NotFound)?, case, facts))
}

/// Those of cases within sight.
pub fn list(conn: &mut Conn, ctx: &Context, wanted: Wanted) -> Outcome<Vec<(Action, String)>> {
    ctx.allow(Verb::SeeActions, &Facts::default())?;
    let rows = store::list(conn, wanted, &access::sight(ctx), 500)?;
    let event = Event::WorklistRead {
        view: "actions".to_owned(),
        filters: Vec::new(),
        rows: rows.len(),
    };
    ctx.note(None, None, &event)?;
    Ok(rows)
}

fn stored(said: &Said) -> Outcome<String> {
    serde_json::to_string(said).map_err(|e| Error::Internal(e.to_string()))
}

fn kept(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32) -> Outcome<(Action, Case, Kind)> {
    let (_, case, _) = reach(tx.conn(), ctx, id, Verb::KeepAction)?;
    tx.hold(&format!("action:{id}"))?;
    let row = store::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
    let kind = kind_of(&row)?;
    if row.version != version {
        return Err(Error::Stale);
    }
    Ok((row, case, kind))
}

fn open(row: &Action) -> Outcome<()> {
    match state_of(row)? {
        State::Open => Ok(()),
        _ => Err(Error::Rule(
            "This was closed. What has to follow is a new action.".into(),
        )),
    }
}

fn save(tx: &mut Tx<'_>, ctx: &Context, row: &mut Action, event: &Event) -> Outcome<()> {
    row.updated_at = ctx.stamp();
    row.saved_by = ctx.actor.label();
    if !store::save(tx, row)? {
        return Err(Error::Stale);
    }
    let case_id = row.case_id.clone();
    record(tx, ctx, case_id.as_deref(), Some(&row.id), event)?;
    match &case_id {
        Some(case_id) => {
            jar::actions_say(tx, ctx, case_id)?;
            triage::refresh(tx, ctx, case_id)
        }
        None => Ok(()),
    }
}
