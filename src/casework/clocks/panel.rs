//! What panels do to the clocks of the cases on their lists: the day of the panel, whether everybody declared, what was
//! decided and what the chair signed. Worked out anew each time from what is kept. Must not know what a panel decides.

use std::collections::BTreeSet;

use super::settle::settle_all;
use super::{CASE, alone, caught_up, keep};
use crate::casework::{Context, Outcome, access};
use crate::domain::action::{Kind, State as ActionState};
use crate::domain::calendar::london;
use crate::domain::clock::{AtPanel, told_by_panels};
use crate::domain::meeting::{Attendance, Reply, State};
use crate::domain::panel::ItemState;
use crate::store::panels::Item;
use crate::store::{Conn, Tx, actions, meetings, packs, panels};

/// Where what a panel says comes from.
const PANEL: &str = "panel";

/// Keeps what the panels of a case say now; says whether any of it was news.
pub(super) fn says(tx: &mut Tx<'_>, ctx: &Context, case_id: &str) -> Outcome<bool> {
    let mut all = Vec::new();
    for item in panels::of_case(tx.conn(), case_id)? {
        all.extend(at_panel(tx.conn(), &item)?);
    }
    let recommends = actions::of_case(tx.conn(), case_id)?.iter().any(|row| {
        row.kind == Kind::Recommendation.as_str() && row.state != ActionState::Withdrawn.as_str()
    });
    let told = told_by_panels(&all, recommends);
    keep(tx, case_id, PANEL, &told, ctx.stamp())
}

fn at_panel(conn: &mut Conn, item: &Item) -> Outcome<Option<AtPanel>> {
    let state = item
        .state
        .parse()
        .ok()
        .filter(|state: &ItemState| state.is_there());
    let row = meetings::get(conn, &item.meeting_id)?;
    let row = row.filter(|row| row.state != State::Cancelled.as_str());
    let (Some(state), Some(row)) = (state, row) else {
        return Ok(None);
    };
    let signed = panels::signed_of(conn, &item.case_id)?;
    Ok(Some(AtPanel {
        state,
        on: london(row.starts_at.and_utc()).date(),
        declared: waiting(conn, item)?.is_some_and(|waiting| waiting.is_empty()),
        released: packs::last_of(conn, &item.id)?.is_some(),
        signed: signed.iter().any(|s| s.item_id.as_ref() == Some(&item.id)),
    }))
}

/// Those who come to the panel and have not declared on this item; none where nobody is put down. Whoever said that
/// they do not come, or did not, declares nothing; whose interest was personal at an earlier panel finds no item.
pub(in crate::casework) fn waiting(
    conn: &mut Conn,
    item: &Item,
) -> Outcome<Option<Vec<meetings::Invited>>> {
    let declared: BTreeSet<String> = panels::declared_of(conn, &item.id)?
        .into_iter()
        .map(|row| row.person_id)
        .collect();
    let away = [Attendance::Apologies.as_str(), Attendance::Absent.as_str()];
    let mut people = meetings::people_of(conn, &item.meeting_id)?;
    people.retain(|person| {
        person.reply != Reply::Declined.as_str() && !away.contains(&person.attendance.as_str())
    });
    if people.is_empty() {
        return Ok(None);
    }
    let mut waiting = Vec::new();
    for person in people {
        let personal = access::is_personal_of(conn, &person, &item.case_id)?;
        if !declared.contains(&person.id) && !personal {
            waiting.push(person);
        }
    }
    Ok(Some(waiting))
}

/// Follows a change of the panel itself, its day or who comes, on every case of its list.
pub(in crate::casework) fn panel_changed(
    tx: &mut Tx<'_>,
    ctx: &Context,
    meeting_id: &str,
) -> Outcome<Vec<String>> {
    let mut cases = Vec::new();
    for item in panels::of_meeting(tx.conn(), meeting_id)? {
        if item.state == ItemState::TakenOff.as_str() {
            continue;
        }
        alone(tx, &item.case_id)?;
        let mut about = caught_up(tx, ctx, &item.case_id)?;
        if says(tx, ctx, &item.case_id)? {
            about.insert(CASE.to_owned());
            cases.push(item.case_id.clone());
        }
        settle_all(tx, ctx, &item.case_id, about)?;
    }
    Ok(cases)
}
