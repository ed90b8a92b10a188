//! Panels: arranging one, the lists of them, and the one way in which a page or a verb reaches one. A panel is there for
//! those who keep panels and for whoever is put down for it. Must not know how a page asks, nor who the children are.

mod changing;
mod fill;
mod gate;
mod interests;
mod listing;
mod members;
mod room;

use chrono::Duration;

use super::meetings::{self, About, Given};
use super::{Context, Error, Outcome, access, naming, record};
use crate::domain::calendar::london;
use crate::domain::event::Event;
use crate::domain::meeting::Purpose;
use crate::domain::permission::{Facts, Scope, Verb, may, scope};
use crate::store::cases::Case;
use crate::store::meetings::{self as store, Meeting};
use crate::store::{Conn, Tx};

pub(super) use changing::called_off;
pub use changing::{change_route, defer, earlier, take_off};
pub use gate::gate;
pub use interests::{
    AtItem, answered, at_item, chairs, declare, declare_rest, hand_over, judge_interest, opens,
    quorum, running,
};
pub use listing::{
    Listing, Proposal, Reasons, item, items, list, of_case, propose, reasons_of, state_of,
};
pub use members::{Account, accounts, put_down_members};
pub use room::{
    Desk, FORM, Signing, Version, decide, desk, goes_on, is_mark, is_signed, item_is_signed,
    run_by, save_section, set_themes, sign, stands_signed, versions, worked_on,
};

/// A panel, for a verb. One for which somebody is not put down looks like one that is not there.
pub fn reach(conn: &mut Conn, ctx: &Context, id: &str, verb: Verb) -> Outcome<Meeting> {
    access::ever(ctx, verb)?;
    let row = store::get(conn, id)?.filter(|row| row.purpose == Purpose::Panel.as_str());
    let Some(row) = row else {
        ctx.refuse(None)?;
        return Err(Error::NotFound);
    };
    let facts = Facts {
        listed: is_put_down(conn, ctx, id)?,
        ..Facts::default()
    };
    if !may(&ctx.actor, verb, &facts) {
        ctx.refuse(None)?;
        return Err(Error::NotFound);
    }
    let event = Event::WorklistRead {
        view: "panel".to_owned(),
        filters: Vec::new(),
        rows: 1,
    };
    ctx.note(None, Some(&row.id), &event)?;
    Ok(row)
}

/// Whether this is a panel that the person keeps.
pub fn keeps(conn: &mut Conn, ctx: &Context, id: &str) -> Outcome<bool> {
    let row = store::get(conn, id)?;
    let panel = row.is_some_and(|row| row.purpose == Purpose::Panel.as_str());
    Ok(panel && may(&ctx.actor, Verb::KeepPanel, &Facts::default()))
}

fn is_put_down(conn: &mut Conn, ctx: &Context, id: &str) -> Outcome<bool> {
    match ctx.actor.user_id() {
        Some(user) => Ok(store::is_put_down(conn, id, user)?),
        None => Ok(false),
    }
}

/// Panels from thirty days ago on: all for those who see every case, and otherwise those for which one is put down.
pub fn coming(conn: &mut Conn, ctx: &Context) -> Outcome<Vec<Meeting>> {
    ctx.allow(Verb::SeeMeetings, &Facts::default())?;
    let own = match scope(&ctx.actor) {
        Scope::All => None,
        Scope::Listed => Some(ctx.actor.user_id().unwrap_or_default()),
        _ => return Ok(Vec::new()),
    };
    let from = ctx.stamp() - Duration::days(30);
    let rows = store::panels_since(conn, from, own, 200)?;
    let event = Event::WorklistRead {
        view: "panels".to_owned(),
        filters: Vec::new(),
        rows: rows.len(),
    };
    ctx.note(None, None, &event)?;
    Ok(rows)
}

/// Arranges a panel. Gives its id.
pub fn plan(tx: &mut Tx<'_>, ctx: &Context, given: &Given) -> Outcome<String> {
    ctx.allow(Verb::KeepPanel, &Facts::default())?;
    let starts_at = meetings::judge(tx.conn(), ctx, &About::Panel(Vec::new()), given)?;
    let row = meetings::new_row(ctx, Purpose::Panel, starts_at, given);
    store::insert(tx, &row)?;
    let event = Event::MeetingPlanned {
        meeting_id: row.id.clone(),
        purpose: Purpose::Panel,
        on: london(starts_at.and_utc()).date(),
    };
    record(tx, ctx, None, Some(&row.id), &event)?;
    Ok(row.id)
}

/// What the family asks that is not settled. To whoever does not read the case a question that names somebody is not
/// shown. The caller has asked for permission.
pub fn questions(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    identified: bool,
) -> Outcome<Vec<String>> {
    let all = super::family::open_words(conn, case)?;
    if identified || all.is_empty() {
        return Ok(all);
    }
    let texts: Vec<&str> = all.iter().map(String::as_str).collect();
    let naming = naming::naming(conn, ctx, case, &texts)?;
    let told = all.into_iter().zip(naming).map(|(words, names)| {
        if names {
            "A question that names somebody. The coordinator reads it out.".to_owned()
        } else {
            words
        }
    });
    Ok(told.collect())
}
