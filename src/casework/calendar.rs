//! A person's own calendar: an address with a secret, made and revoked by the person, under which calendar programs
//! find the dates of the cases that the person sees, without a name, a reference or an agency. Must not know HTTP.

use chrono::Duration;

use super::clocks::definition_of;
use super::{Context, Error, Outcome, access, record, years};
use crate::domain::actor::{Actor, Role};
use crate::domain::calendar::london;
use crate::domain::clock::{Recipient, Unit};
use crate::domain::event::Event;
use crate::domain::feed::{self, Entry, On};
use crate::domain::permission::{Facts, Verb, may};
use crate::store::calendars::{self, Calendar};
use crate::store::clocks::{self, Clock};
use crate::store::{Conn, Tx, accounts};

/// How far back and ahead dates are given.
const BACK: Duration = Duration::days(60);
const AHEAD: Duration = Duration::days(400);
/// More dates than any person has.
const MOST: i64 = 2_000;

/// What a person may have who has dates at all.
fn allow(ctx: &Context) -> Outcome<String> {
    let any = Facts {
        assigned: true,
        ..Facts::default()
    };
    ctx.allow(Verb::SeeWorklist, &any)?;
    Ok(ctx.actor.user_id().ok_or(Error::Forbidden)?.to_owned())
}

/// The calendar that the person has.
pub fn own(conn: &mut Conn, ctx: &Context) -> Outcome<Option<Calendar>> {
    let user_id = allow(ctx)?;
    Ok(calendars::of(conn, &user_id)?)
}

/// Makes an address; one that there was before ends. The secret is given here and nowhere else.
pub fn make(tx: &mut Tx<'_>, ctx: &Context) -> Outcome<String> {
    let user_id = allow(ctx)?;
    tx.hold(&format!("calendar:{user_id}"))?;
    let token = ctx.ids.link();
    let row = Calendar {
        user_id: user_id.clone(),
        token_hash: ctx.house.secrets.hash("calendar", &token),
        created_at: ctx.stamp(),
        read_at: None,
    };
    calendars::replace(tx, &row)?;
    let event = Event::CalendarMade {
        user_id: user_id.clone(),
    };
    record(tx, ctx, None, Some(&user_id), &event)?;
    Ok(token)
}

/// Takes the address away.
pub fn revoke(tx: &mut Tx<'_>, ctx: &Context) -> Outcome<()> {
    let user_id = allow(ctx)?;
    if !calendars::remove(tx, &user_id)? {
        tx.unchanged();
        return Ok(());
    }
    let event = Event::CalendarRevoked {
        user_id: user_id.clone(),
    };
    record(tx, ctx, None, Some(&user_id), &event)
}

/// The calendar behind an address, for whoever holds it. Fetching it is recorded like any reading.
pub fn feed(tx: &mut Tx<'_>, ctx: &Context, token: &str) -> Outcome<String> {
    let hash = ctx.house.secrets.hash("calendar", token);
    let row = calendars::by_token(tx.conn(), &hash)?.ok_or(Error::NotFound)?;
    let user = accounts::by_id(tx.conn(), &row.user_id)?
        .filter(|user| user.active)
        .ok_or(Error::NotFound)?;
    let role: Role = user.role.parse().map_err(|_| Error::NotFound)?;
    let ctx = Context {
        actor: Actor::staff(&user.id, &user.name, role, user.organisation.as_deref()),
        ..ctx.clone()
    };
    // The role may have changed since the address was made.
    allow(&ctx).map_err(|_| Error::NotFound)?;
    let (from, to) = (ctx.stamp() - BACK, ctx.stamp() + AHEAD);
    let rows = clocks::running(tx.conn(), &access::sight(&ctx), from, to, MOST)?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in &rows {
        entries.extend(entry(&ctx, row)?);
    }
    for (id, name, day) in years::dates(tx, &ctx)? {
        let uid = ctx.house.secrets.hash("calendar-entry", &id);
        entries.push(Entry {
            uid: format!("{uid}@cdr"),
            on: On::Day(day),
            title: name,
            text: format!("Sign in to see it: {}/years", ctx.house.base_url),
        });
    }
    calendars::mark_read(tx, &user.id, ctx.stamp())?;
    let event = Event::CalendarRead {
        user_id: user.id.clone(),
        rows: entries.len(),
    };
    record(tx, &ctx, None, Some(&user.id), &event)?;
    Ok(feed::calendar("Dates due", &entries, ctx.now))
}

/// One date; none that this person has nothing to do with.
fn entry(ctx: &Context, row: &Clock) -> Outcome<Option<Entry>> {
    let definition = definition_of(row)?;
    let best = Facts {
        assigned: true,
        ..Facts::default()
    };
    // A key worker is not told what agencies owe.
    let own = definition
        .remind
        .iter()
        .any(|rung| rung.who == Recipient::KeyWorker);
    if !definition.is_task() || !(own || may(&ctx.actor, Verb::ReadCase, &best)) {
        return Ok(None);
    }
    let Some(due) = row.due_at.map(|at| at.and_utc()) else {
        return Ok(None);
    };
    let uid = ctx.house.secrets.hash("calendar-entry", &row.id);
    Ok(Some(Entry {
        uid: format!("{uid}@cdr"),
        on: if definition.unit == Unit::Hours {
            On::Moment(due)
        } else {
            On::Day(london(due).date())
        },
        title: format!("A date is due ({})", definition.id),
        text: format!("Sign in to see it: {}/cases", ctx.house.base_url),
    }))
}
