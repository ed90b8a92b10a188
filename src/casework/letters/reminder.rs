//! The words of reminders to staff. One names no child and no agency's answer; it gives a case's reference to who may
//! read the case and to nobody else. Must not decide who is reminded.

use chrono::{NaiveDate, NaiveDateTime};

use super::{Letter, queue, queue_with};
use crate::casework::{Context, Outcome};
use crate::domain::calendar::london;
use crate::store::Tx;
use crate::store::clocks::Clock;
use crate::store::meetings::{Invited, Meeting};
use crate::store::requests::Request;

/// How near the due time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Near {
    Before,
    Today,
    Past,
}

/// One reminder.
pub struct Reminder<'a> {
    pub clock_id: &'a str,
    pub case_id: &'a str,
    /// The rung, and which of its recipients: one letter each.
    pub key: String,
    pub to: &'a str,
    /// None where the case must not be named.
    pub reference: Option<&'a str>,
    /// What must have happened.
    pub name: &'a str,
    pub due: Option<NaiveDateTime>,
    pub near: Near,
    /// The request that waits for an answer, when it is one.
    pub request: Option<&'a Request>,
    /// It goes to the lead of the agency that was asked, who reads no case.
    pub lead: bool,
}

/// To staff: something is due, or was.
pub fn reminder(tx: &mut Tx<'_>, ctx: &Context, about: &Reminder<'_>) -> Outcome<()> {
    let (subject, when) = due_words(about.due, about.near);
    let base = &ctx.house.base_url;
    let what = match about.reference {
        Some(reference) => format!("“{}” on case {reference} {when}.", about.name),
        None if about.lead => format!("An answer that was asked of your organisation {when}."),
        None => format!("Something on a child death review {when}."),
    };
    // What an agency is reminded of last is what the law says (process.md, 1.1).
    let law = match (about.request, about.near) {
        (Some(_), Near::Past) => {
            "\n\nUnder section 16N of the Children Act 2004 whoever is asked for information must comply with the \
             request. The partners can ask the High Court or the county court to enforce it."
        }
        _ => "",
    };
    let place = match (about.reference, about.request) {
        _ if about.lead => format!("{base}/agency"),
        (Some(reference), Some(request)) => {
            format!("{base}/cases/{reference}/requests/{}", request.id)
        }
        (Some(reference), None) => format!("{base}/cases/{reference}"),
        _ => format!("{base}/cases"),
    };
    let letter = Letter {
        name: "reminder",
        key: format!("reminder:{}:{}", about.clock_id, about.key),
        to: about.to,
        subject,
        body: format!("{what}{law}\n\nSign in and look at it:\n{place}"),
        case_id: Some(about.case_id),
        request_id: about.request.map(|request| request.id.as_str()),
    };
    queue(tx, ctx, letter)
}

/// Subject, and when it is or was due.
fn due_words(due: Option<NaiveDateTime>, near: Near) -> (&'static str, String) {
    let day = due
        .map(|due| london(due.and_utc()).format("%-d %B %Y").to_string())
        .unwrap_or_default();
    match near {
        Near::Before => ("A date is near", format!("is due on {day}")),
        Near::Today => ("A date is today", format!("is due today, {day}")),
        Near::Past => ("A date has passed", format!("was due on {day}")),
    }
}

/// To whoever took an action on: that it is due. What it is, and about whom, stays here.
pub fn action_due(
    tx: &mut Tx<'_>,
    ctx: &Context,
    clock: &Clock,
    to: &str,
    rung: &str,
    near: Near,
) -> Outcome<()> {
    let (subject, when) = due_words(clock.due_at, near);
    let body = format!(
        "An action that you took on after a child death review {when}.\n\nTell us by answering this message, or by telephone, \
         whether it was done and what shows it. Write no name of a child or a family."
    );
    let letter = Letter {
        name: "action_due",
        key: format!("action_due:{}:{rung}", clock.id),
        to,
        subject,
        body,
        case_id: Some(&clock.case_id),
        request_id: None,
    };
    queue(tx, ctx, letter)
}

/// What waits for somebody at a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtPanel {
    Interests,
    Signature,
}

/// To a member or the chair of a panel: something waits there for them. It names the panel by its day and no case, and
/// there is one for all the cases of a panel. Whether it was written.
pub fn panel_due(
    tx: &mut Tx<'_>,
    ctx: &Context,
    clock: &Clock,
    (row, person): (&Meeting, &Invited),
    (what, rung, near): (AtPanel, &str, Near),
) -> Outcome<bool> {
    let Some(to) = &person.email else {
        return Ok(false);
    };
    let (subject, when) = due_words(clock.due_at, near);
    let day = london(row.starts_at.and_utc()).format("%-d %B %Y");
    let words = match what {
        AtPanel::Interests => "Whether you have an interest in a case of the panel of",
        AtPanel::Signature => "Your signature under the decisions of the panel of",
    };
    let place = format!("{}/panels/{}", ctx.house.base_url, row.id);
    let due = clock.due_at.map(|at| at.and_utc().timestamp());
    let letter = Letter {
        name: "panel_due",
        key: format!(
            "panel_due:{}:{}:{rung}:{}",
            row.id,
            person.id,
            due.unwrap_or_default()
        ),
        to,
        subject,
        body: format!("{words} {day} {when}.\n\nSign in and look at it:\n{place}"),
        case_id: None,
        request_id: None,
    };
    queue_with(tx, ctx, letter, None)
}

/// Something that the area owes for a year.
pub struct OfYear<'a> {
    pub key: String,
    pub to: &'a str,
    /// What must have happened.
    pub name: &'a str,
    /// The last day of the year.
    pub ends_on: NaiveDate,
    pub due: NaiveDate,
    pub near: Near,
}

/// To the team or the executives: something is due for a year, or was.
pub fn year_due(tx: &mut Tx<'_>, ctx: &Context, about: &OfYear<'_>) -> Outcome<()> {
    let day = |day: NaiveDate| day.format("%-d %B %Y").to_string();
    let (subject, when) = match about.near {
        Near::Before => ("A date is near", format!("is due on {}", day(about.due))),
        Near::Today => (
            "A date is today",
            format!("is due today, {}", day(about.due)),
        ),
        Near::Past => (
            "A date has passed",
            format!("was due on {}", day(about.due)),
        ),
    };
    let letter = Letter {
        name: "year_due",
        key: about.key.clone(),
        to: about.to,
        subject,
        body: format!(
            "“{}” for the year to {} {when}.\n\nSign in and look at it:\n{}/years",
            about.name,
            day(about.ends_on),
            ctx.house.base_url
        ),
        case_id: None,
        request_id: None,
    };
    queue(tx, ctx, letter)
}
