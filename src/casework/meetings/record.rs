//! The minutes of a meeting, who was there, and what the forms of the case take from it. Must not know how a page asks.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use super::{About, Given, about_goes_on, goes_on, judge, kept, move_if, state_of};
use crate::casework::people::problem;
use crate::casework::picture::Picture;
use crate::casework::{Context, Error, Outcome, jar, processes, record, response, review, triage};
use crate::domain::calendar::london;
use crate::domain::case::Move;
use crate::domain::event::Event;
use crate::domain::fill::Filled;
use crate::domain::form::{Answer, Answers};
use crate::domain::meeting::{Asks, Attendance, Purpose, State};
use crate::store::cases::Case;
use crate::store::meetings::{self as store, Invited, Meeting};
use crate::store::{Conn, Tx, records};

/// What the record's sources call a meeting.
const PART: &str = "meeting";
const FORM: &str = "cdrm_jar";
/// The longest part of minutes, in characters.
const LONGEST: usize = 20_000;

/// What was written and who was there.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// By the code of the part.
    pub parts: BTreeMap<String, String>,
    /// By the id of the person.
    pub attendance: BTreeMap<String, Attendance>,
    /// Why a review meeting was held although something beside the review holds it back.
    pub reason: String,
}

/// The minutes as they are kept.
pub fn stored_minutes(row: &Meeting) -> BTreeMap<String, String> {
    let text = row.minutes.as_deref().unwrap_or("{}");
    serde_json::from_str(text).unwrap_or_default()
}

/// Keeps minutes and attendance, of a meeting to come or one that was held and is not signed.
pub fn save_minutes(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    said: &Said,
) -> Outcome<()> {
    let (mut row, case, purpose) = kept(tx, ctx, id, version)?;
    about_goes_on(case.as_ref())?;
    write(tx, ctx, &mut row, purpose, said)?;
    let event = Event::MinutesSaved {
        meeting_id: row.id.clone(),
        purpose,
    };
    record(tx, ctx, row.case_id.as_deref(), Some(&row.id), &event)?;
    if let (Some(case), State::Held) = (&case, state_of(&row)?) {
        fill(tx, ctx, case, &row, purpose)?;
        return triage::refresh(tx, ctx, &case.id);
    }
    match purpose {
        Purpose::Panel => super::refresh(tx, ctx, &row),
        _ => Ok(()),
    }
}

fn write(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &mut Meeting,
    purpose: Purpose,
    said: &Said,
) -> Outcome<()> {
    if state_of(row)? == State::Cancelled {
        return Err(Error::Rule("This meeting was cancelled.".into()));
    }
    if row.signed_at.is_some() {
        let words =
            "These minutes are signed. What has to be put right stands in the next minutes.";
        return Err(Error::Rule(words.into()));
    }
    let mut parts = BTreeMap::new();
    let mut found = Vec::new();
    for part in ctx.house.outlines.of(purpose) {
        let text = said.parts.get(&part.code).map_or("", |text| text.trim());
        if let Some(words) = part.fault(text) {
            found.push(problem(&part.code, "words", &words));
        }
        // A short part that is left empty is so by choice; one that was never asked is not there.
        if !text.is_empty() || part.asks != Asks::Lines {
            parts.insert(part.code.clone(), text.replace("\r\n", "\n"));
        }
    }
    if !found.is_empty() {
        return Err(Error::Invalid(found));
    }
    for mut invited in store::people_of(tx.conn(), &row.id)? {
        let there = said.attendance.get(&invited.id);
        let Some(there) = there.filter(|there| there.as_str() != invited.attendance) else {
            continue;
        };
        there.as_str().clone_into(&mut invited.attendance);
        if !store::save_invited(tx, &invited)? {
            return Err(Error::Stale);
        }
    }
    row.minutes = Some(serde_json::to_string(&parts).map_err(|e| Error::Internal(e.to_string()))?);
    super::save(tx, ctx, row)
}

/// Records that a meeting was held, with its minutes and who was there. The forms of the case take what they ask from it,
/// and a review meeting leaves a draft of the analysis.
pub fn hold(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32, said: &Said) -> Outcome<()> {
    let (mut row, case, purpose) = kept(tx, ctx, id, version)?;
    super::planned(&row)?;
    about_goes_on(case.as_ref())?;
    let held_back = held_back(tx.conn(), &row, purpose)?;
    let on = london(row.starts_at.and_utc()).date();
    let mut found = Vec::new();
    if on > ctx.today() {
        let words = "The meeting is still to come. Change its day first if it was held earlier";
        found.push(problem("held", "future", words));
    }
    let there = said
        .attendance
        .values()
        .any(|there| *there == Attendance::Attended);
    if !there {
        found.push(problem("attendance", "required", "Say who was there"));
    }
    let reason = said.reason.trim();
    if held_back && (reason.is_empty() || reason.chars().count() > LONGEST) {
        let words =
            "Something beside the review holds the meeting back. Say why it was held all the same";
        found.push(problem("reason", "required", words));
    }
    if !found.is_empty() {
        return Err(Error::Invalid(found));
    }
    State::Held.as_str().clone_into(&mut row.state);
    write(tx, ctx, &mut row, purpose, said)?;
    let event = Event::MeetingHeld {
        meeting_id: row.id.clone(),
        purpose,
        on,
    };
    record(tx, ctx, row.case_id.as_deref(), Some(&row.id), &event)?;
    let Some(case) = case else {
        return super::refresh(tx, ctx, &row);
    };
    fill(tx, ctx, &case, &row, purpose)?;
    if purpose == Purpose::Review {
        draft_analysis(tx, ctx, &case, &row)?;
        move_if(
            tx,
            ctx,
            &case,
            Move::HoldCdrm,
            if held_back {
                reason
            } else {
                "The review meeting was held."
            },
        )?;
    }
    triage::refresh(tx, ctx, &case.id)
}

/// Puts right when and where a meeting was held; the forms and the clocks follow.
pub(super) fn correct(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    mut row: Meeting,
    purpose: Purpose,
    given: &Given,
) -> Outcome<()> {
    goes_on(case)?;
    if row.signed_at.is_some() {
        let words = "The minutes are signed, with the day that they name.";
        return Err(Error::Rule(words.into()));
    }
    let starts_at = judge(tx.conn(), ctx, &About::Case(case), given)?;
    let day = |at: NaiveDateTime| london(at.and_utc()).date();
    let (on, before) = (day(starts_at), day(row.starts_at));
    if on > ctx.today() {
        let words = "The meeting was held, so its day must be today or in the past";
        return Err(Error::Invalid(vec![problem("day", "future", words)]));
    }
    row.starts_at = starts_at;
    row.minutes_long = given.minutes_long;
    given.place.trim().clone_into(&mut row.place);
    super::save(tx, ctx, &mut row)?;
    let event = Event::MeetingCorrected {
        meeting_id: row.id.clone(),
        purpose,
        on,
        before,
    };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)?;
    fill(tx, ctx, case, &row, purpose)?;
    triage::refresh(tx, ctx, &case.id)
}

/// Whether something beside the review holds its meeting back.
pub fn held_back(conn: &mut Conn, row: &Meeting, purpose: Purpose) -> Outcome<bool> {
    match &row.case_id {
        Some(case_id) if purpose == Purpose::Review => Ok(processes::held(conn, case_id)?.meeting),
        _ => Ok(false),
    }
}

/// Signs the minutes: from then on they stay as they are.
pub fn sign(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32) -> Outcome<()> {
    let (mut row, _, purpose) = kept(tx, ctx, id, version)?;
    if state_of(&row)? != State::Held {
        return Err(Error::Rule(
            "Only the minutes of a meeting that was held are signed.".into(),
        ));
    }
    if row.signed_at.is_some() {
        return Err(Error::Rule("These minutes are signed already.".into()));
    }
    row.signed_at = Some(ctx.stamp());
    row.signed_by = Some(ctx.actor.label());
    super::save(tx, ctx, &mut row)?;
    let event = Event::MinutesSigned {
        meeting_id: row.id.clone(),
        purpose,
    };
    record(tx, ctx, row.case_id.as_deref(), Some(&row.id), &event)?;
    super::refresh(tx, ctx, &row)
}

/// Puts into the forms what they ask of this meeting.
fn fill(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    row: &Meeting,
    purpose: Purpose,
) -> Outcome<()> {
    let people = store::people_of(tx.conn(), &row.id)?;
    let others = held_before(tx, case, row)?;
    let day = london(row.starts_at.and_utc()).date();
    let minutes = stored_minutes(row);
    let mut all = Vec::new();
    let mut put = |form: &str, field: &str, answer: Option<Answer>| {
        all.push(Filled {
            form: form.to_owned(),
            field: field.to_owned(),
            answer,
        });
    };
    // What was agreed at the first meeting stays what the form says of the first meeting.
    if others {
        if purpose == Purpose::Response {
            put(FORM, "case_discussion_date", Some(Answer::Date(day)));
        }
    } else {
        for part in ctx.house.outlines.of(purpose) {
            if let Some((form, field)) = &part.fills {
                let text = minutes.get(&part.code).cloned();
                if text.is_none() && part.asks != Asks::Lines {
                    // Minutes from before it was asked: the form keeps what it says.
                    continue;
                }
                let text = text.filter(|text| !text.is_empty());
                let answer = match part.asks {
                    Asks::One(_) => text.map(Answer::Choice),
                    _ => text.map(Answer::Text),
                };
                put(form, field, answer);
            }
        }
        for (field, answer) in of_people(purpose, &people, day) {
            put(FORM, field, answer);
        }
        if purpose == Purpose::Response {
            put(FORM, "next_meeting", next(tx, case, row)?.map(Answer::Date));
            let text = minutes.get("shared").map_or("", String::as_str);
            let shared = jar::shared(ctx.house.dictionary(), text);
            put(FORM, "information_shared", shared);
        }
    }
    response::put(tx, ctx, case, PART, &all)?;
    match purpose {
        Purpose::Review => jar::actions_say(tx, ctx, &case.id),
        _ => Ok(()),
    }
}

/// The day, the chair and those who were there, by the questions of the form.
fn of_people(
    purpose: Purpose,
    people: &[Invited],
    day: NaiveDate,
) -> Vec<(&'static str, Option<Answer>)> {
    let there: Vec<&Invited> = people
        .iter()
        .filter(|p| p.attendance == Attendance::Attended.as_str())
        .collect();
    let chair = there
        .iter()
        .find(|p| p.is_chair)
        .map(|p| Answer::Text(p.name.clone()));
    let rows: Vec<BTreeMap<String, Answer>> = there
        .iter()
        .map(|p| {
            let mut row = BTreeMap::new();
            row.insert("name".to_owned(), Answer::Text(p.name.clone()));
            row.insert("role".to_owned(), Answer::Text(p.role.clone()));
            if let Some(agency) = &p.agency {
                row.insert("agency".to_owned(), Answer::Choice(agency.clone()));
            }
            row
        })
        .collect();
    let rows = (!rows.is_empty()).then_some(Answer::Rows(rows));
    if purpose == Purpose::Response {
        vec![
            ("meeting_date", Some(Answer::Date(day))),
            ("meeting_chair", chair),
            ("attendees", rows),
        ]
    } else {
        vec![
            ("cdrm_date", Some(Answer::Date(day))),
            ("cdrm_chair", chair),
            ("cdrm_attendees", rows),
        ]
    }
}

/// Whether another meeting of the same purpose was held earlier.
fn held_before(tx: &mut Tx<'_>, case: &Case, row: &Meeting) -> Outcome<bool> {
    let all = store::of_case(tx.conn(), &case.id)?;
    Ok(all.iter().any(|other| {
        other.id != row.id
            && other.purpose == row.purpose
            && other.state == State::Held.as_str()
            && other.starts_at < row.starts_at
    }))
}

/// The day of the next meeting of the same purpose.
fn next(tx: &mut Tx<'_>, case: &Case, row: &Meeting) -> Outcome<Option<NaiveDate>> {
    let all = store::of_case(tx.conn(), &case.id)?;
    Ok(all
        .iter()
        .find(|other| {
            other.purpose == row.purpose
                && other.state == State::Planned.as_str()
                && other.starts_at > row.starts_at
        })
        .map(|other| london(other.starts_at.and_utc()).date()))
}

/// Leaves a draft of the analysis where there is none: what is known already, and what the meeting said of it.
fn draft_analysis(tx: &mut Tx<'_>, ctx: &Context, case: &Case, row: &Meeting) -> Outcome<()> {
    if records::get(tx.conn(), &case.id, "analysis")?.is_some() {
        return Ok(());
    }
    let Some(form) = ctx.house.dictionary().form("analysis") else {
        return Ok(());
    };
    let known = Picture::load(tx.conn(), ctx, &case.id)?;
    let mut answers = Answers::default();
    review::prefill(ctx, case, form, &known, &mut answers);
    // Nobody has looked at it yet.
    answers.remove("completed_by");
    let minutes = stored_minutes(row);
    for (part, field) in [
        ("background", "case_summary"),
        ("cause", "cause_as_understood"),
    ] {
        if let (Some(text), Some(_)) = (minutes.get(part), form.field(field)) {
            answers.set(field, Answer::Text(text.clone()));
        }
    }
    let all: Vec<Filled> = answers
        .0
        .into_iter()
        .map(|(field, answer)| Filled {
            form: "analysis".to_owned(),
            field,
            answer: Some(answer),
        })
        .collect();
    response::put(tx, ctx, case, PART, &all)
}
