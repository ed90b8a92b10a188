//! What became of a queued mail. Must not know how it is carried.

use chrono::Duration;

use super::{Context, Outcome, record};
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb};
use crate::store::{Tx, outbox};

/// After this many attempts a mail is left for a person to look at.
const MOST_ATTEMPTS: i32 = 8;

/// The mail has left.
pub fn sent(tx: &mut Tx<'_>, ctx: &Context, mail: &outbox::Mail) -> Outcome<()> {
    ctx.allow(Verb::SendMail, &Facts::default())?;
    outbox::mark_sent(tx, &mail.id, ctx.stamp())?;
    let event = Event::MailSent {
        mail_id: mail.id.clone(),
        letter: letter(mail),
    };
    record(tx, ctx, mail.case_id.as_deref(), Some(&mail.id), &event)
}

/// The mail did not leave: it is tried again later, each time after a longer wait, up to a day.
pub fn failed(tx: &mut Tx<'_>, ctx: &Context, mail: &outbox::Mail, why: &str) -> Outcome<()> {
    ctx.allow(Verb::SendMail, &Facts::default())?;
    let attempt = mail.attempts + 1;
    let wait = Duration::minutes(1 << attempt.clamp(0, 10)).min(Duration::days(1));
    let next = (attempt < MOST_ATTEMPTS).then(|| ctx.stamp() + wait);
    outbox::mark_failed(tx, &mail.id, why, next)?;
    let attempt = u32::try_from(attempt).unwrap_or(u32::MAX);
    let event = Event::MailFailed {
        mail_id: mail.id.clone(),
        letter: letter(mail),
        attempt,
    };
    record(tx, ctx, mail.case_id.as_deref(), Some(&mail.id), &event)
}

/// The kind of letter, from the first part of its key.
fn letter(mail: &outbox::Mail) -> String {
    mail.dedupe_key
        .split(':')
        .next()
        .unwrap_or_default()
        .to_owned()
}
