//! What a review meeting needs before it is held: each need met or holding, worked out from the case. Must not decide
//! whether it is held.

use crate::casework::picture::Picture;
use crate::casework::{Context, Outcome, processes, triage};
use crate::domain::case::RequestStanding;
use crate::domain::meeting::Attendance;
use crate::store::Conn;
use crate::store::cases::Case;
use crate::store::meetings::{Meeting, people_of};

/// One thing that is needed.
#[derive(Clone, Debug)]
pub struct Need {
    pub what: &'static str,
    pub met: bool,
    /// What is missing, in words that name no person.
    pub missing: String,
}

/// What a review meeting needs.
pub fn readiness(conn: &mut Conn, ctx: &Context, case: &Case, row: &Meeting) -> Outcome<Vec<Need>> {
    let known = Picture::load(conn, ctx, &case.id)?;
    let facts = triage::facts(conn, ctx, case, &known)?;
    let waiting: Vec<String> = facts
        .requests
        .iter()
        .filter(|r| r.standing == RequestStanding::Waiting)
        .map(|r| r.agency.clone())
        .collect();
    let held = processes::held(conn, &case.id)?;
    let mut beside: Vec<&str> = Vec::new();
    if held.meeting {
        beside.push("Something beside the review still holds the meeting back.");
    }
    for spoken in facts.unrecorded.iter().filter(|s| s.holds.meeting) {
        beside.push(&spoken.words);
        beside.push("Nobody has recorded yet whether it runs beside the review.");
    }
    let people = people_of(conn, &row.id)?;
    let chaired = people
        .iter()
        .any(|p| p.is_chair && !p.was_involved && p.attendance != Attendance::Absent.as_str());
    let need = |what, met, missing: String| Need { what, met, missing };
    Ok(vec![
        need(
            "The post-mortem report, and whatever else holds the meeting back",
            beside.is_empty(),
            beside.join(" "),
        ),
        need(
            "Every answer that was asked for, or a waiver",
            waiting.is_empty() && facts.forms_to_request.is_empty(),
            if waiting.is_empty() {
                "A form has not been asked for.".into()
            } else {
                format!("Waiting for: {}.", waiting.join(", "))
            },
        ),
        need(
            "Where agencies differ is settled",
            facts.conflicts == 0,
            format!("{} still differ.", facts.conflicts),
        ),
        need(
            "A chair who was not involved in the child’s care",
            chaired,
            "Nobody is put down as chair.".into(),
        ),
        need(
            "A key worker for the family",
            facts.key_worker_named,
            "No key worker is named.".into(),
        ),
    ])
}
