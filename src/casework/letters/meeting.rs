//! The words of invitations. One names no child and gives a case's reference, which tells nothing; what the meeting is
//! about is said to those who come by another way. Must not decide who is invited.

use chrono::NaiveDateTime;

use super::{Letter, queue_with};
use crate::casework::{Context, Outcome};
use crate::domain::calendar::london;
use crate::domain::meeting::{Invitation, Purpose, calendar};
use crate::store::Tx;
use crate::store::meetings::Meeting;

/// What one person is told of a meeting.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    pub meeting: &'a Meeting,
    pub purpose: Purpose,
    /// None where the case must not be named.
    pub reference: Option<&'a str>,
    pub to: &'a str,
    pub person_id: &'a str,
    pub news: News,
}

/// What there is to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    Asked,
    /// Another time or place than this person was told before.
    Changed,
    Cancelled,
    /// It takes place, and not with this person.
    NotAsked,
}

/// To somebody who is invited: when and where, that it changed, or that it does not take place.
pub fn meeting(tx: &mut Tx<'_>, ctx: &Context, told: &Told<'_>) -> Outcome<()> {
    let row = told.meeting;
    let (subject, first) = match told.news {
        News::Asked => (
            "You are asked to a meeting",
            "You are asked to this meeting.",
        ),
        News::Changed => (
            "A meeting has changed",
            "This meeting has changed. What is said here holds.",
        ),
        News::Cancelled => (
            "A meeting does not take place",
            "This meeting does not take place.",
        ),
        News::NotAsked => (
            "You are no longer asked to a meeting",
            "You are no longer asked to this meeting. It takes place without you.",
        ),
    };
    let off = told.news == News::NotAsked;
    let about = match told.reference {
        Some(reference) => format!("{}, case {reference}", told.purpose),
        None => told.purpose.to_string(),
    };
    let when = when(row.starts_at, row.minutes_long);
    let said = |about: &str| {
        format!(
            "{first}\n\n{about}\n{when}\n{}\n\nThis message names no child. Tell us by answering it, or by telephone, \
             whether you can come.",
            row.place
        )
    };
    let text = said(&about);
    let invitation = Invitation {
        uid: format!("{}@cdr", row.id),
        sequence: row.sequence,
        cancelled: off || told.news == News::Cancelled,
        starts: row.starts_at.and_utc(),
        minutes_long: row.minutes_long,
        // A calendar lies on servers that are not ours: it says nothing of a case.
        title: told.purpose.to_string(),
        place: row.place.clone(),
        text: said(told.purpose.label()),
        organiser: ctx.house.area.email.clone(),
        attendee: told.to.to_owned(),
    };
    let letter = Letter {
        name: "meeting",
        key: format!(
            "meeting:{}:{}:{}:{off}",
            row.id, told.person_id, row.sequence
        ),
        to: told.to,
        subject,
        body: text,
        case_id: row.case_id.as_deref(),
        request_id: None,
    };
    queue_with(tx, ctx, letter, Some(calendar(&invitation, ctx.now))).map(|_| ())
}

/// Day and times in England, in words.
pub fn when(starts_at: NaiveDateTime, minutes_long: i32) -> String {
    let from = london(starts_at.and_utc());
    let to = london(starts_at.and_utc() + chrono::Duration::minutes(i64::from(minutes_long)));
    format!(
        "{}, {} to {}",
        from.format("%A %-d %B %Y"),
        from.format("%H:%M"),
        to.format("%H:%M")
    )
}
