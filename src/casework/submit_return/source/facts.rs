//! What the return calls the things that stored rows say of a case. Must not read anything.

use chrono::{NaiveDate, NaiveDateTime};

use super::held::{Held, Left};
use crate::domain::calendar::london;
use crate::domain::case::{Reference, State};
use crate::domain::national_return::{
    FormRequest, Milestone, MilestoneKind, RequestStatus, Status, Transfer,
};
use crate::store::exports;
use crate::store::requests::Request;

/// What the store knows of a case's way beside its answers. The meetings' days stand in answers, and go out
/// from there where the dictionary lets them.
pub(super) fn milestones(row: &exports::Row, held: &Held) -> Vec<Milestone> {
    let requests = held.requests.get(&row.id).map_or(&[][..], Vec::as_slice);
    let known = [
        (
            MilestoneKind::NcmdNotified,
            row.national_notified_at.map(day),
        ),
        (MilestoneKind::AllFormsIn, all_in(requests)),
    ];
    let dated = known
        .into_iter()
        .filter_map(|(kind, date)| Some((kind, date?)));
    dated
        .map(|(kind, date)| Milestone {
            kind,
            date,
            paused_days: None,
            pause_reason: None,
        })
        .collect()
}

fn day(at: NaiveDateTime) -> NaiveDate {
    london(at.and_utc()).date()
}

/// Where a case stands, as far as the return cares.
pub(super) fn status(row: &exports::Row) -> Status {
    match row.state.parse::<State>() {
        Ok(State::OutOfScope) => Status::OutOfScope,
        Ok(State::Joined) => Status::Duplicate,
        Ok(State::TransferredOut) => Status::Transferred,
        Ok(State::SignedOff | State::SubmittedNcmd | State::Closed) => Status::Finalised,
        // Finalising is what makes the second version, so an open case that has one was reopened.
        Ok(State::Reopened) => Status::Reopened,
        _ if row.return_version > 1 => Status::Reopened,
        _ => Status::Open,
    }
}

/// A withdrawal follows whatever version was sent last.
pub(super) fn version(row: &exports::Row, status: Status) -> u32 {
    let version = row.return_version + i32::from(status.is_withdrawn());
    u32::try_from(version).unwrap_or(1)
}

/// The reference of the case that stays, as the reason for joining names it.
pub(super) fn survivor(row: &exports::Row, reason: &str) -> Option<String> {
    reason
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter_map(|word| word.to_uppercase().parse::<Reference>().ok())
        .map(|reference| reference.to_string())
        .find(|reference| *reference != row.reference)
}

/// Which panel took a case over. Only what was recorded as its name goes out, never the reason for it.
pub(super) fn transfer(row: &exports::Row, left: &Left) -> Option<Transfer> {
    let to = row
        .transferred_to
        .clone()
        .filter(|to| !to.trim().is_empty())?;
    Some(Transfer {
        to_cdop: to,
        on: left.on.unwrap_or_else(|| day(left.at)),
    })
}

pub(super) fn form_request(request: &Request, form: &str, state: &str) -> FormRequest {
    let status = match (request.state.as_str(), state) {
        ("waived", _) | (_, "waived") => RequestStatus::Waived,
        (_, "sent" | "accepted") => RequestStatus::Returned,
        _ => RequestStatus::Requested,
    };
    let returned = (status == RequestStatus::Returned).then_some(request.answered_at);
    let waived = status == RequestStatus::Waived;
    FormRequest {
        form: form.to_owned(),
        incident: None,
        agency: Some(request.agency.clone()),
        status,
        requested_on: Some(day(request.sent_at.unwrap_or(request.created_at))),
        returned_on: returned.flatten().map(day),
        waive_reason: request.reason.clone().filter(|_| waived),
    }
}

/// The day the last answer came, once every agency asked has answered.
pub(super) fn all_in(requests: &[Request]) -> Option<NaiveDate> {
    let live = || {
        requests
            .iter()
            .filter(|request| request.state != "withdrawn")
    };
    let back =
        |request: &Request| matches!(request.state.as_str(), "answered" | "accepted" | "waived");
    let last = live()
        .filter_map(|request| request.answered_at.or(request.closed_at))
        .max();
    last.filter(|_| live().all(back)).map(day)
}
