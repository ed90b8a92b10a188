//! The words of each mail, queued in the outbox with their cause. A mail names no child, gives no date of
//! birth or death and no NHS number: it says that something waits and where. Must not send anything.

mod account;
mod meeting;
mod notification;
mod process;
mod reminder;
mod request;
mod thanks;

use super::{Context, Outcome, record};
use crate::domain::event::Event;
use crate::store::{Tx, outbox};

pub use account::{
    case_left, case_opened, factor_reset, invitation, nobody_reviews, password_changed,
    password_reset,
};
pub use meeting::{News, Told, meeting, when};
pub use notification::{notification_arrived, notification_received, something_held};
pub use process::{HoldsLifted, holds_lifted};
pub use reminder::{AtPanel, Near, OfYear, Reminder, action_due, panel_due, reminder, year_due};
pub use request::{
    accepted, answered, date_moved, handed_on, link_code, panel_question, part, part_back,
    part_extended, part_recalled, request, request_reminder, sent_elsewhere, time_asked,
    time_decided, withdrawn,
};
pub use thanks::{Note, thanks};

struct Letter<'a> {
    name: &'a str,
    /// Two letters with the same key are one letter.
    key: String,
    to: &'a str,
    subject: &'a str,
    body: String,
    case_id: Option<&'a str>,
    request_id: Option<&'a str>,
}

fn queue(tx: &mut Tx<'_>, ctx: &Context, letter: Letter<'_>) -> Outcome<()> {
    queue_with(tx, ctx, letter, None).map(|_| ())
}

/// Queues a letter with an invitation for calendar programs. Whether it was not queued before.
fn queue_with(
    tx: &mut Tx<'_>,
    ctx: &Context,
    letter: Letter<'_>,
    calendar: Option<String>,
) -> Outcome<bool> {
    let id = ctx.new_id();
    let mail = outbox::Mail {
        id: id.clone(),
        dedupe_key: letter.key,
        recipient: letter.to.to_owned(),
        subject: letter.subject.to_owned(),
        body: format!("{}\n\n{}\n", letter.body, signature(ctx)),
        state: "queued".into(),
        attempts: 0,
        next_attempt_at: ctx.stamp(),
        created_at: ctx.stamp(),
        sent_at: None,
        last_error: None,
        case_id: letter.case_id.map(str::to_owned),
        request_id: letter.request_id.map(str::to_owned),
        bounced_at: None,
        resent: 0,
        calendar,
    };
    if !outbox::queue(tx, &mail)? {
        return Ok(false);
    }
    let event = Event::MailQueued {
        mail_id: id.clone(),
        letter: letter.name.to_owned(),
    };
    record(tx, ctx, letter.case_id, Some(&id), &event)?;
    Ok(true)
}

fn signature(ctx: &Context) -> String {
    let area = &ctx.house.area;
    format!(
        "{}\nTelephone {}, {}",
        area.team, area.telephone, area.telephone_hours
    )
}
