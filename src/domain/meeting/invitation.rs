//! An invitation as calendar programs read it (RFC 5545, RFC 5546): the same event when the meeting moves, taken away when
//! it is cancelled, in London time. It lies on servers that are not ours, so nothing of a child or a case may reach it.
//! Must not know whose meeting it is.

use chrono::{DateTime, Duration, Utc};

use crate::domain::calendar::london;
use crate::domain::feed::{escaped, fold, utc};

/// What one person is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The same as long as the meeting is the same, and telling nothing.
    pub uid: String,
    /// One more each time the meeting moves or is cancelled.
    pub sequence: i32,
    pub cancelled: bool,
    pub starts: DateTime<Utc>,
    pub minutes_long: i32,
    pub title: String,
    pub place: String,
    pub text: String,
    /// Address of the team.
    pub organiser: String,
    /// Address of the person who is invited, and of nobody else.
    pub attendee: String,
}

/// Clock changes in England since 1996: the last Sundays of March and October, at one o'clock UTC.
const LONDON: [&str; 17] = [
    "BEGIN:VTIMEZONE",
    "TZID:Europe/London",
    "BEGIN:DAYLIGHT",
    "TZNAME:BST",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0100",
    "DTSTART:19960331T010000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "TZNAME:GMT",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0000",
    "DTSTART:19961027T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "END:STANDARD",
    "END:VTIMEZONE",
];

/// The file, made at `now`.
pub fn calendar(of: &Invitation, now: DateTime<Utc>) -> String {
    let mut out = String::new();
    let mut line = |text: &str| fold(&mut out, text);
    let (method, status) = if of.cancelled {
        ("CANCEL", "CANCELLED")
    } else {
        ("REQUEST", "CONFIRMED")
    };
    let ends = of.starts + Duration::minutes(i64::from(of.minutes_long));
    let local = |at: DateTime<Utc>| london(at).format("%Y%m%dT%H%M%S").to_string();
    for text in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//cdr//meetings//EN",
        "CALSCALE:GREGORIAN",
    ] {
        line(text);
    }
    line(&format!("METHOD:{method}"));
    for text in LONDON {
        line(text);
    }
    line("BEGIN:VEVENT");
    line(&format!("UID:{}", escaped(&of.uid)));
    line(&format!("SEQUENCE:{}", of.sequence));
    line(&format!("DTSTAMP:{}", utc(now)));
    line(&format!("DTSTART;TZID=Europe/London:{}", local(of.starts)));
    line(&format!("DTEND;TZID=Europe/London:{}", local(ends)));
    line(&format!("SUMMARY:{}", escaped(&of.title)));
    line(&format!("LOCATION:{}", escaped(&of.place)));
    line(&format!("DESCRIPTION:{}", escaped(&of.text)));
    line(&format!("ORGANIZER:mailto:{}", address(&of.organiser)));
    line(&format!(
        "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{}",
        address(&of.attendee)
    ));
    line(&format!("STATUS:{status}"));
    line("CLASS:PRIVATE");
    line("END:VEVENT");
    line("END:VCALENDAR");
    out
}

/// An address in a line: nothing that would end it or begin another.
fn address(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !c.is_whitespace())
        .collect()
}
