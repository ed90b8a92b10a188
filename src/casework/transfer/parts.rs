//! What is known of a case, as the parts of the file for another panel. Must not know what is left out for being too
//! large, nor how the file is made.

use super::out::damaged;
use crate::casework::{Context, Error, Outcome, documents};
use crate::domain::meeting::State;
use crate::domain::transfer::{self, Parts};
use crate::store::cases::Case;
use crate::store::{Conn, actions, family, meetings, processes, requests, responses};

/// The agencies that answered, and what they answered. Who was asked and did not answer is asked anew.
pub(super) fn answered(conn: &mut Conn, case: &Case) -> Outcome<Parts> {
    let asked: Vec<transfer::Request> = requests::of_case(conn, &case.id)?
        .into_iter()
        .filter(|row| matches!(row.state.as_str(), "answered" | "accepted"))
        .map(|row| transfer::Request {
            id: row.id,
            agency: row.agency,
            professional_type: row.professional_type,
            recipient: row.recipient,
            organisation: row.organisation,
            email: row.email,
            agreed_date: row.agreed_date,
            sent_at: row.sent_at,
            answered_at: row.answered_at,
            accepted: row.state == "accepted",
            nil_return: row.nil_return,
        })
        .collect();
    let responses = responses::of_case(conn, &case.id)?
        .into_iter()
        .filter(|row| matches!(row.state.as_str(), "sent" | "accepted"))
        .filter(|row| asked.iter().any(|request| request.id == row.request_id))
        .map(|row| transfer::Response {
            id: row.id,
            request: row.request_id,
            form: row.form,
            form_version: row.form_version,
            answers: row.answers,
            sent_at: row.sent_at,
            accepted: row.state == "accepted",
            pages: row.pages,
            confirmed: Some(row.confirmed),
        })
        .collect();
    Ok(Parts {
        requests: asked,
        responses,
        ..Parts::default()
    })
}

pub(super) fn lines(conn: &mut Conn, case: &Case) -> Outcome<Vec<transfer::Line>> {
    let unreadable = |_| Error::Internal("a line of a family cannot be read".into());
    family::of_case(conn, &case.id)?
        .into_iter()
        .map(|row| {
            Ok(transfer::Line {
                said: serde_json::from_str(&row.body).map_err(unreadable)?,
                id: row.id,
                part: row.part,
                saved_by: row.saved_by,
            })
        })
        .collect()
}

pub(super) fn beside(conn: &mut Conn, case: &Case) -> Outcome<Vec<transfer::Process>> {
    let rows = processes::of_case(conn, &case.id)?;
    let of = |row: processes::Process| transfer::Process {
        kind: row.kind,
        state: row.state,
        holds_meeting: row.holds_meeting,
        holds_panel: row.holds_panel,
        began_on: row.began_on,
        step_on: row.step_on,
        checked_on: row.checked_on,
        next_check: row.next_check,
        expected_end: row.expected_end,
        over_on: row.over_on,
        document: row.document,
        reference: row.reference,
        lead_body: row.lead_body,
        outcome: row.outcome,
        note: row.note,
    };
    Ok(rows.into_iter().map(of).collect())
}

/// The meetings that were held, with who was there.
pub(super) fn held(conn: &mut Conn, case: &Case) -> Outcome<Vec<transfer::Meeting>> {
    let mut all = Vec::new();
    for row in meetings::of_case(conn, &case.id)? {
        if row.state != State::Held.as_str() {
            continue;
        }
        let people = meetings::people_of(conn, &row.id)?.into_iter();
        let people = people.map(|p| transfer::Person {
            name: p.name,
            role: p.role,
            agency: p.agency,
            is_chair: p.is_chair,
            was_involved: p.was_involved,
            attendance: p.attendance,
        });
        all.push(transfer::Meeting {
            people: people.collect(),
            id: row.id,
            purpose: row.purpose,
            starts_at: row.starts_at,
            minutes_long: row.minutes_long,
            place: row.place,
            minutes: row.minutes,
            signed_at: row.signed_at,
            signed_by: row.signed_by,
        });
    }
    Ok(all)
}

/// What somebody took on.
pub(super) fn taken_on(conn: &mut Conn, case: &Case) -> Outcome<Vec<transfer::Action>> {
    let rows = actions::of_case(conn, &case.id)?.into_iter();
    let of = |row: actions::Action| transfer::Action {
        meeting: row.meeting_id,
        kind: row.kind,
        state: row.state,
        set_on: row.set_on,
        due_on: row.due_on,
        closed_on: row.closed_on,
        look_on: row.look_on,
        body: row.body,
        owner_email: row.owner_email,
        saved_by: row.saved_by,
    };
    Ok(rows.map(of).collect())
}

/// The documents that can be read, and where their bytes lie.
pub(super) fn files(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
) -> Outcome<(Vec<transfer::Document>, Vec<String>)> {
    let mut opened = documents::list(conn, ctx, case)?;
    opened.reverse();
    let mut all = Vec::new();
    for one in opened.into_iter().filter(|d| d.row.state == "ready") {
        let words = one.words.ok_or_else(|| damaged(one.row.number))?;
        let file = transfer::Document {
            number: one.row.number,
            title: words.title,
            file_name: words.file_name,
            content_note: words.content_note,
            added_by: words.uploaded_by,
            added_at: one.row.uploaded_at,
            request: one.row.request_id,
            response: one.row.response_id,
            meeting: one.row.meeting_id,
            sha256: String::new(),
            bytes: String::new(),
        };
        all.push((file, one.row.id));
    }
    Ok(all.into_iter().unzip())
}
