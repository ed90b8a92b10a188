//! What becomes of a queued mail: taken by one server, sent, put off, or left for a person to look at. Must not know
//! how it is carried.

use chrono::{Duration, NaiveDateTime};

use super::{Context, Error, Outcome, record};
use crate::domain::bounce::Notice;
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb};
use crate::store::{Tx, outbox};

/// How the names of our messages end.
const OURS: &str = "@cdr";
/// After this many attempts a mail is left for a person to look at.
const MOST_ATTEMPTS: i32 = 8;
/// How long one server may take over one mail.
const TAKEN_FOR: Duration = Duration::minutes(5);

/// Takes a mail to be sent now; `false` when another server has it.
pub fn take(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<bool> {
    ctx.allow(Verb::SendMail, &Facts::default())?;
    tx.unchanged();
    let until = ctx.stamp() + TAKEN_FOR;
    Ok(outbox::claim(tx, id, ctx.stamp(), until)?)
}

/// Until when a mail was taken that a stopped server left: by now, or by any time where there is one server alone.
pub fn left_until(ctx: &Context, alone: bool) -> NaiveDateTime {
    if alone {
        ctx.stamp() + TAKEN_FOR
    } else {
        ctx.stamp()
    }
}

/// A server stopped while it was sending, or the mail server fell silent over it. Nobody knows whether the mail arrived, so it is not sent twice: a person
/// looks at it.
pub fn unsure(tx: &mut Tx<'_>, ctx: &Context, mail: &outbox::Mail) -> Outcome<()> {
    ctx.allow(Verb::SendMail, &Facts::default())?;
    outbox::mark_failed(tx, &mail.id, outbox::UNSURE, None)?;
    let event = Event::MailUnsure {
        mail_id: mail.id.clone(),
        letter: letter(mail),
    };
    record(tx, ctx, mail.case_id.as_deref(), Some(&mail.id), &event)
}

/// Puts a mail back that a stopped server left, where carrying it twice is the same as once.
pub fn put_back(tx: &mut Tx<'_>, ctx: &Context, mail: &outbox::Mail) -> Outcome<()> {
    ctx.allow(Verb::SendMail, &Facts::default())?;
    requeued(tx, ctx, mail, "sending")
}

/// A person has a mail sent again that could not be sent.
pub fn again(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<()> {
    ctx.allow(Verb::ResendMail, &Facts::default())?;
    let reader = ctx.actor.user_id().unwrap_or_default();
    let mail = outbox::get_for(tx.conn(), reader, id)?.ok_or(Error::NotFound)?;
    if mail.state != "failed" {
        return Err(Error::Rule(
            "This message is not waiting to be sent again.".into(),
        ));
    }
    // A notice about the message that came back must not be taken for one about this. What may have arrived goes out
    // under its first name, so that whoever has it already sees that it is the same.
    if mail.bounced_at.is_some() {
        outbox::rename(tx, &mail.id)?;
    }
    requeued(tx, ctx, &mail, "failed")
}

fn requeued(tx: &mut Tx<'_>, ctx: &Context, mail: &outbox::Mail, from: &str) -> Outcome<()> {
    if !outbox::requeue(tx, &mail.id, from, ctx.stamp())? {
        return Err(Error::Stale);
    }
    let event = Event::MailRequeued {
        mail_id: mail.id.clone(),
        letter: letter(mail),
    };
    record(tx, ctx, mail.case_id.as_deref(), Some(&mail.id), &event)
}

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

/// The mail did not leave: it is tried again later, each time after a longer wait, up to a day. What the mail server
/// refuses for good is left for a person at once.
pub fn failed(
    tx: &mut Tx<'_>,
    ctx: &Context,
    mail: &outbox::Mail,
    why: &str,
    for_good: bool,
) -> Outcome<()> {
    ctx.allow(Verb::SendMail, &Facts::default())?;
    let attempt = mail.attempts + 1;
    let wait = Duration::minutes(1 << attempt.clamp(0, 10)).min(Duration::days(1));
    let next = (attempt < MOST_ATTEMPTS && !for_good).then(|| ctx.stamp() + wait);
    outbox::mark_failed(tx, &mail.id, why, next)?;
    let attempt = u32::try_from(attempt).unwrap_or(u32::MAX);
    let event = Event::MailFailed {
        mail_id: mail.id.clone(),
        letter: letter(mail),
        attempt,
    };
    record(tx, ctx, mail.case_id.as_deref(), Some(&mail.id), &event)
}

/// What a notice about a message comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    Marked,
    /// It was marked before.
    Already,
    /// It has not failed for good.
    Late,
    /// Somebody had it sent again meanwhile.
    Waiting,
    /// It is about a message in whose place another went out since.
    Earlier,
}

/// A mail server says what became of a message that had left. The same notice again changes nothing.
pub fn came_back(tx: &mut Tx<'_>, ctx: &Context, notice: &Notice) -> Outcome<Back> {
    ctx.allow(Verb::NoteBounce, &Facts::default())?;
    let strange = || Error::Rule("the notice is about no message of this service".into());
    let name = notice.message_id.strip_suffix(OURS).ok_or_else(strange)?;
    let (id, time) = match name.split_once('.') {
        Some((id, time)) => (id, time.parse().map_err(|_| strange())?),
        None => (name, 0),
    };
    let mail = outbox::get(tx.conn(), id)?.ok_or_else(strange)?;
    tx.unchanged();
    if time < mail.resent {
        return Ok(Back::Earlier);
    }
    if !notice.failed {
        return Ok(Back::Late);
    }
    if mail.bounced_at.is_some() {
        return Ok(Back::Already);
    }
    let why = match notice.status.as_str() {
        "" => "it left, and a mail server sent it back".to_owned(),
        status => format!("it left, and a mail server sent it back ({status})"),
    };
    if !outbox::mark_bounced(tx, id, &why, ctx.stamp())? {
        return Ok(Back::Waiting);
    }
    let event = Event::MailBounced {
        mail_id: mail.id.clone(),
        letter: letter(&mail),
        status: notice.status.clone(),
    };
    record(tx, ctx, mail.case_id.as_deref(), Some(&mail.id), &event)?;
    Ok(Back::Marked)
}

/// The name by which a mail goes out, and under which a notice tells of it: nothing in it tells of anybody.
pub fn message_id(mail: &outbox::Mail) -> String {
    match mail.resent {
        0 => format!("<{}{OURS}>", mail.id),
        time => format!("<{}.{time}{OURS}>", mail.id),
    }
}

/// The kind of letter, from the first part of its key.
fn letter(mail: &outbox::Mail) -> String {
    mail.dedupe_key
        .split(':')
        .next()
        .unwrap_or_default()
        .to_owned()
}
