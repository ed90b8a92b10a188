//! Gathering what is known: asking agencies, accepting or sending back their answers, settling where they
//! differ, correcting the record. Must not know how a link is opened (`respond` does).

mod answers;
mod ask;
mod later;
mod record;

use std::collections::BTreeMap;

use super::people::problem;
use super::{Context, Error, Outcome, access, merge};
use crate::domain::case::{Stage, State};
use crate::domain::permission::Verb;
use crate::store::cases::Case;
use crate::store::responses::Response;
use crate::store::{Conn, Tx, cases, requests, responses};

pub use answers::{Back, accept, reissue, send_back, waive, waive_form, withdraw};
pub(super) use answers::{
    close, fresh_link, link_lasts, link_until, new_link, request_of, withdraw_waiting,
};
pub use ask::{NewRequest, faults, send_requests, usual_date};
pub(super) use later::move_date;
pub use record::{Correct, Settle, correct, settle, shown};
pub(super) use record::{analysis_of, save_record};

pub fn agency_label(ctx: &Context, code: &str) -> String {
    ctx.house
        .dictionary()
        .label("agency", code)
        .unwrap_or(code)
        .to_owned()
}

/// The answers of agencies that were accepted on these cases, each with the agency as the case page names it.
pub(super) fn accepted_answers(
    conn: &mut Conn,
    ctx: &Context,
    case_ids: &[String],
) -> Outcome<Vec<(String, Response)>> {
    let agencies: BTreeMap<String, String> = requests::of_cases(conn, case_ids)?
        .into_iter()
        .map(|row| (row.id, agency_label(ctx, &row.agency)))
        .collect();
    let mut all = responses::of_cases(conn, case_ids)?;
    all.retain(|row| row.state == "accepted");
    Ok(all
        .into_iter()
        .filter_map(|row| Some((agencies.get(&row.request_id)?.clone(), row)))
        .collect())
}

/// Label of a form of the current version.
pub fn form_label(ctx: &Context, code: &str) -> String {
    ctx.house
        .dictionary()
        .form(code)
        .map_or_else(|| code.to_owned(), |f| f.label.clone())
}

/// The case, for whoever may do this verb to it, if it may still be worked on.
pub(super) fn editable(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    verb: Verb,
) -> Outcome<Case> {
    let (case, _) = access::reach(tx.conn(), ctx, reference, verb)?;
    match closed(tx.conn(), &case, verb)? {
        None => Ok(case),
        Some(words) => Err(Error::Rule(words.into())),
    }
}

/// Why this may not be done to a case as it stands now. What was asked on a case that went under another is still read,
/// chased and ended on it, for as long as the record in which it is read may change.
pub fn closed(conn: &mut Conn, case: &Case, verb: Verb) -> Outcome<Option<&'static str>> {
    let state = |case: &Case| {
        let unknown = |_| Error::Internal("an unknown state is stored".into());
        case.state.parse::<State>().map_err(unknown)
    };
    let here = state(case)?;
    if here.is_editable() {
        return Ok(None);
    }
    let above = merge::reviewed_as(conn, case)?;
    Ok(if above.id != case.id {
        if !state(&above)?.is_editable() {
            Some(
                "The case under which this one is read is finalised. Reopen that one before changing anything.",
            )
        } else if is_about_a_request(verb) {
            None
        } else {
            Some("This case is read under another, and is changed there.")
        }
    } else if here.stage() == Stage::Ended {
        Some("This case is not reviewed here any more, so nothing of it is changed.")
    } else {
        Some("This case is finalised. Reopen it before changing anything.")
    })
}

const fn is_about_a_request(verb: Verb) -> bool {
    matches!(
        verb,
        Verb::AcceptResponse
            | Verb::SendBackResponse
            | Verb::AgreeTime
            | Verb::ReissueRequest
            | Verb::WaiveRequest
            | Verb::WithdrawRequest
    )
}

pub(super) fn given_reason(reason: &str, missing: &str) -> Outcome<String> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::Invalid(vec![problem("reason", "required", missing)]));
    }
    if reason.chars().count() > 20_000 {
        return Err(Error::Invalid(vec![problem(
            "reason",
            "length",
            "The reason must have 20,000 characters or fewer",
        )]));
    }
    Ok(reason.to_owned())
}

/// Case rows as they stand in a worklist page, for the scope of who asks.
pub fn save_case(tx: &mut Tx<'_>, row: &Case, was: &str) -> Outcome<()> {
    if cases::save(tx, row, was)? {
        Ok(())
    } else {
        Err(Error::Stale)
    }
}
