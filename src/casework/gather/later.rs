//! The day by which an agency answers, where it moves without the agency asking for more time: for as long as its
//! answer lay with the team, or its clock stood still. Must not know how a day is agreed.

use chrono::NaiveDate;

use super::{agency_label, link_lasts};
use crate::casework::{Context, Error, Outcome, letters, record};
use crate::domain::event::Event;
use crate::store::requests::Request;
use crate::store::{Tx, clocks, requests};

/// Puts a later day into a request that waits, and tells the agency. The caller's copy is of the version that is then
/// stored.
pub(in crate::casework) fn move_date(
    tx: &mut Tx<'_>,
    ctx: &Context,
    request: &mut Request,
    due: NaiveDate,
    reason: &str,
) -> Outcome<()> {
    put(tx, ctx, request, due, reason)?;
    letters::date_moved(tx, ctx, request)
}

/// The days on which an answer lay with the team do not count when it is sent back. The letter that takes it back says
/// the day.
pub(super) fn give_back_days(tx: &mut Tx<'_>, ctx: &Context, request: &mut Request) -> Outcome<()> {
    let Some(answered) = request.answered_at else {
        return Ok(());
    };
    let lay = ctx.today() - crate::domain::calendar::london(answered.and_utc()).date();
    // While its clock stands still no day counts, and what stood still is given back when it goes on.
    let still = clocks::standing_still(tx.conn(), std::slice::from_ref(&request.case_id))?;
    if lay.num_days() < 1 || still.contains(&request.id) {
        return Ok(());
    }
    let holidays = ctx.house.clocks.holidays();
    let day = request.agreed_date + lay;
    let due = if holidays.works(day) {
        day
    } else {
        holidays.after(day, 1)
    };
    let reason = "The days on which the answer lay with the team do not count.";
    put(tx, ctx, request, due, reason)
}

fn put(
    tx: &mut Tx<'_>,
    ctx: &Context,
    request: &mut Request,
    due: NaiveDate,
    reason: &str,
) -> Outcome<()> {
    request.agreed_date = due;
    let link_until = due.and_hms_opt(0, 0, 0).map(|at| at + link_lasts());
    request.link_expires_at = request.link_expires_at.max(link_until);
    if !requests::save(tx, request)? {
        return Err(Error::Stale);
    }
    request.version += 1;
    let event = Event::RequestExtended {
        request_id: request.id.clone(),
        agency: agency_label(ctx, &request.agency),
        due,
        reason: reason.to_owned(),
    };
    record(tx, ctx, Some(&request.case_id), Some(&request.id), &event)
}
