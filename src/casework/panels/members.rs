//! Members of a panel who have accounts: put down by a tick list. Others are put down by name like for any meeting. Must not
//! know what they read.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome, meetings, record};
use crate::domain::actor::Role;
use crate::domain::event::Event;
use crate::domain::meeting::{Attendance, Purpose, Reply};
use crate::store::meetings::{self as store, Invited};
use crate::store::{Conn, Tx, accounts as users};

/// An account that can be put down.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: String,
    pub name: String,
    pub role: Role,
    /// For which it was put down the last time.
    pub agency: Option<String>,
    /// Put down for this panel already.
    pub there: bool,
}

/// Accounts of members and chairs that can sign in. The caller has reached the panel.
pub fn accounts(conn: &mut Conn, meeting_id: &str) -> Outcome<Vec<Account>> {
    let there = store::people_of(conn, meeting_id)?;
    let mut all = Vec::new();
    for user in users::list(conn)? {
        let role = user.role.parse::<Role>().ok();
        let role = role.filter(|role| matches!(role, Role::PanelMember | Role::PanelChair));
        let (Some(role), true) = (role, user.active) else {
            continue;
        };
        all.push(Account {
            agency: store::last_agency_of(conn, &user.id)?,
            there: there.iter().any(|p| p.user_id.as_ref() == Some(&user.id)),
            id: user.id,
            name: user.name,
            role,
        });
    }
    Ok(all)
}

/// Puts accounts down, each with the agency it speaks for. The first of the role of chair chairs, if nobody does yet.
pub fn put_down_members(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    chosen: &BTreeMap<String, String>,
) -> Outcome<()> {
    let (mut row, _, purpose) = meetings::kept(tx, ctx, id, version)?;
    meetings::planned(&row)?;
    if purpose != Purpose::Panel {
        return Err(Error::NotFound);
    }
    let known = accounts(tx.conn(), id)?;
    let dict = ctx.house.dictionary();
    let strange = |agency: &String| dict.code("agency", agency).is_none();
    if chosen.is_empty() || chosen.values().any(strange) {
        let words = "Tick who is to come, each with an agency from the list";
        return Err(Error::Invalid(vec![problem("member", "required", words)]));
    }
    let mut chaired = store::people_of(tx.conn(), id)?.iter().any(|p| p.is_chair);
    let mut put_down = Vec::new();
    for (user_id, agency) in chosen {
        let account = known.iter().find(|a| a.id == *user_id && !a.there);
        let user = users::by_id(tx.conn(), user_id)?;
        let (Some(account), Some(user)) = (account, user) else {
            return Err(Error::Stale);
        };
        let chairs = account.role == Role::PanelChair && !chaired;
        chaired = chaired || chairs;
        let invited = Invited {
            id: ctx.new_id(),
            meeting_id: id.to_owned(),
            user_id: Some(user.id),
            agency: Some(agency.clone()),
            is_chair: chairs,
            was_involved: false,
            reply: Reply::Waiting.as_str().to_owned(),
            attendance: Attendance::Unknown.as_str().to_owned(),
            invited: None,
            created_at: ctx.stamp(),
            updated_at: ctx.stamp(),
            version: 1,
            name: user.name,
            role: account.role.label().to_owned(),
            email: Some(user.email),
        };
        store::invite(tx, &invited)?;
        put_down.push(meetings::told(&invited));
    }
    meetings::save(tx, ctx, &mut row)?;
    let event = Event::MeetingPeopleChanged {
        meeting_id: row.id.clone(),
        purpose,
        before: None,
        after: Some(Value::Array(put_down)),
    };
    record(tx, ctx, None, Some(&row.id), &event)?;
    meetings::refresh(tx, ctx, &row)
}
