//! Letters about what comes in on the public form and from other systems: to the coordinator, and to whoever notified.
//! Must not know how it came in.

use super::{Letter, queue};
use crate::casework::{Context, Outcome};
use crate::store::Tx;
use crate::store::notifications::Notification;

/// To the coordinator: a notification waits to be decided.
pub fn notification_arrived(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Notification,
    first: bool,
) -> Outcome<()> {
    let (name, subject, what) = if first {
        (
            "notification_arrived",
            "A notification waits to be decided",
            "has arrived",
        )
    } else {
        (
            "notification_completed",
            "A notification was completed",
            "was completed by its sender",
        )
    };
    let body = format!(
        "Notification {} {what}.\n\nOpen it from your worklist:\n{}/cases",
        row.reference, ctx.house.base_url
    );
    let key = format!("{name}:{}", row.id);
    queue(
        tx,
        ctx,
        Letter {
            name,
            key,
            to: &ctx.house.area.email,
            subject,
            body,
            case_id: None,
            request_id: None,
        },
    )
}

/// To the coordinator: something waits in the held tray. One an hour at most, however much a program sends.
pub fn something_held(tx: &mut Tx<'_>, ctx: &Context) -> Outcome<()> {
    let body = format!(
        "What came in on the public form looks as if no person sent it, so it waits apart until you have looked \
         at it. It may be a notification of a death.\n\nOpen it from your worklist:\n{}/cases?view=held",
        ctx.house.base_url
    );
    let letter = Letter {
        name: "something_held",
        key: format!("something_held:{}", ctx.now.format("%Y-%m-%dT%H")),
        to: &ctx.house.area.email,
        subject: "Something on the public form was held",
        body,
        case_id: None,
        request_id: None,
    };
    queue(tx, ctx, letter)
}

/// To the notifier: we have it, and what happens next.
pub fn notification_received(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Notification,
    to: &str,
) -> Outcome<()> {
    let rest = if row.complete {
        String::new()
    } else {
        format!(
            "\n\nYou sent it before it was complete. You can add the rest with the code you were shown, at\n{}/notify/continue",
            ctx.house.base_url
        )
    };
    let body = format!(
        "Thank you. Your notification was received. Its reference is {}.\n\nThe team reads it on the next \
         working day and may telephone you. You need do nothing more now.{rest}",
        row.reference
    );
    let key = format!("notification_received:{}", row.id);
    let subject = "Your notification was received";
    queue(
        tx,
        ctx,
        Letter {
            name: "notification_received",
            key,
            to,
            subject,
            body,
            case_id: None,
            request_id: None,
        },
    )
}
