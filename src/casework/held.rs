//! The held tray: a notification that looks as if no person sent it waits apart until the coordinator has looked.
//! Nothing is lost by it, and its sender is told the same as any other. Must not know what a page looks like.

use super::gather::given_reason;
use super::{Context, Error, Outcome, letters, notify, record};
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb};
use crate::store::Tx;
use crate::store::notifications::{self, Notification};

/// State of a notification that waits to be looked at.
pub const HELD: &str = "held";
/// State of one that was looked at and is none.
pub const SET_ASIDE: &str = "set_aside";

/// Why a notification is held; nothing when it is as a person sends it.
pub fn doubt(ctx: &Context, row: &Notification, trap: bool, quickest: u32) -> Option<&'static str> {
    let took = (ctx.stamp() - row.created_at).num_seconds();
    if trap {
        Some("hidden_field")
    } else if took < i64::from(quickest) {
        Some("quick")
    } else {
        None
    }
}

/// Lets a held notification go on: from now on it is as any other, and its times count from when it was sent.
pub fn release(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32) -> Outcome<()> {
    let mut row = held(tx, ctx, id, version)?;
    "received".clone_into(&mut row.state);
    save(tx, &row)?;
    record(tx, ctx, None, Some(id), &Event::NotificationReleased {})?;
    letters::notification_arrived(tx, ctx, &row, true)?;
    let answers = notify::answers(ctx, &row);
    match answers.text("referrer_email") {
        Some(email) => letters::notification_received(tx, ctx, &row, email),
        None => Ok(()),
    }
}

/// Puts a held notification away as none, with the reason. It stays readable.
pub fn set_aside(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    reason: &str,
) -> Outcome<()> {
    let mut row = held(tx, ctx, id, version)?;
    let reason = given_reason(reason, "Say why this is no notification of a death")?;
    SET_ASIDE.clone_into(&mut row.state);
    row.decided_at = Some(ctx.stamp());
    row.decided_by = ctx.actor.user_id().map(str::to_owned);
    row.decision = Some(SET_ASIDE.to_owned());
    row.decision_reason = Some(reason.clone());
    save(tx, &row)?;
    let event = Event::NotificationSetAside { reason };
    record(tx, ctx, None, Some(id), &event)
}

fn held(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32) -> Outcome<Notification> {
    ctx.allow(Verb::Triage, &Facts::default())?;
    let row = notifications::get(tx.conn(), id)?
        .filter(|n| n.state != "draft")
        .ok_or(Error::NotFound)?;
    if row.state == HELD && row.version == version {
        Ok(row)
    } else {
        Err(Error::Stale)
    }
}

fn save(tx: &mut Tx<'_>, row: &Notification) -> Outcome<()> {
    if notifications::save(tx, row, HELD)? {
        Ok(())
    } else {
        Err(Error::Stale)
    }
}
