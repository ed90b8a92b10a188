//! Deciding on a notification: beside its possible duplicates it is accepted as a case, joined to one, found
//! out of scope or transferred. Also keeps a case's row in step with its facts and moves it. Must not gather anything.

mod accept;
mod alike;
mod forms;
mod join;
mod keep;
mod moves;

use super::gather::given_reason;
use super::people::problem;
use super::{Context, Error, Outcome, access, notify, record};
use crate::domain::event::Event;
use crate::domain::permission::Verb;
use crate::domain::scope::{self, Assessment};
use crate::store::notifications::Notification;
use crate::store::{Tx, notifications};

pub use alike::{Candidate, candidates, explain_duplicate, identity};
pub(super) use forms::waive;
pub use forms::{forms_to_request, opened};
pub use keep::{facts, never, owed_now, refresh};
pub(super) use moves::hand_over;
pub(crate) use moves::step;
pub use moves::{move_case, moves_by_hand};

/// What the rules propose for a notification, with reasons.
pub fn assess(ctx: &Context, row: &Notification) -> Assessment {
    let footprint: Vec<&str> = ctx
        .house
        .area
        .footprint
        .iter()
        .map(String::as_str)
        .collect();
    scope::assess(&notify::answers(ctx, row), &footprint, ctx.today())
}

/// What the coordinator decided.
#[derive(Clone, Debug)]
pub enum Decision {
    /// `outcome` is one of the in-scope outcomes; a reason is needed when it is not what the rules
    /// propose, and for each sure duplicate that is another child.
    Accept {
        outcome: scope::Outcome,
        reason: String,
    },
    Join {
        reference: String,
        reason: String,
    },
    OutOfScope {
        outcome: scope::Outcome,
        reason: String,
    },
    Transfer {
        to: String,
        reason: String,
    },
}

/// A notification that waits for a decision. One that has its decision is refused before anything is asked of it.
pub fn undecided(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<Notification> {
    let row = access::notification(tx.conn(), ctx, id, Verb::Triage)?;
    if row.state == "received" {
        Ok(row)
    } else {
        Err(Error::Rule("This notification was decided already.".into()))
    }
}

/// Decides on a notification. Gives the reference of the case that it became or joined.
pub fn decide(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    decision: &Decision,
) -> Outcome<Option<String>> {
    let row = undecided(tx, ctx, id)?;
    if row.version != version {
        return Err(Error::Stale);
    }
    match decision {
        Decision::Accept { outcome, reason } => {
            accept::accept(tx, ctx, row, *outcome, reason).map(Some)
        }
        Decision::Join { reference, reason } => {
            join::join(tx, ctx, row, reference, reason).map(Some)
        }
        Decision::OutOfScope { outcome, reason } => {
            if !outcome.is_excluded() {
                return Err(invalid("outcome", "Choose why the death is not in scope"));
            }
            let reason = given_reason(reason, "Say what you saw that shows it")?;
            let event = Event::NotificationOutOfScope {
                outcome: outcome.as_str().into(),
                reason: reason.clone(),
            };
            settle(
                tx,
                ctx,
                row,
                "out_of_scope",
                outcome.as_str(),
                &reason,
                &event,
            )?;
            Ok(None)
        }
        Decision::Transfer { to, reason } => {
            let to = given_panel(to)?;
            let reason = given_reason(reason, "Say what was agreed, and with whom")?;
            let mut row = row;
            row.transferred_to = Some(to.clone());
            let event = Event::NotificationTransferred {
                to,
                reason: reason.clone(),
            };
            settle(
                tx,
                ctx,
                row,
                "transferred",
                scope::Outcome::TransferOut.as_str(),
                &reason,
                &event,
            )?;
            Ok(None)
        }
    }
}

fn invalid(field: &str, message: &str) -> Error {
    Error::Invalid(vec![problem(field, "required", message)])
}

/// The panel that takes a death over (SB-11).
fn given_panel(to: &str) -> Outcome<String> {
    let to = to.trim();
    if to.is_empty() {
        return Err(invalid("to", "Choose the panel that takes it over"));
    }
    if to.chars().count() > 200 {
        let words = "The name of the panel must have 200 characters or fewer";
        return Err(Error::Invalid(vec![problem("to", "length", words)]));
    }
    Ok(to.to_owned())
}

fn settle(
    tx: &mut Tx<'_>,
    ctx: &Context,
    mut row: Notification,
    state: &str,
    decision: &str,
    reason: &str,
    event: &Event,
) -> Outcome<()> {
    let was = std::mem::replace(&mut row.state, state.to_owned());
    row.decided_at = Some(ctx.stamp());
    row.decided_by = ctx.actor.user_id().map(str::to_owned);
    row.decision = Some(decision.to_owned());
    row.decision_reason = Some(reason.to_owned());
    if !notifications::save(tx, &row, &was)? {
        return Err(Error::Stale);
    }
    record(tx, ctx, row.case_id.as_deref(), Some(&row.id), event)
}
