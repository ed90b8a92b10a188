//! Holding the reminders to an agency: over all its cases, those asked for later too, until they are let go by hand or
//! by themselves after a last day. What was reached meanwhile is treated as after the hold of one clock: of several
//! reminders to one person the last is sent. Must not know how a reminder is written.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::json;

use crate::casework::gather::{agency_label, given_reason};
use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome, record};
use crate::domain::address::fold;
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb};
use crate::store::agency_holds::{self, Hold};
use crate::store::requests::Request;
use crate::store::{Conn, Tx, contacts, requests};

/// The longest reason, in characters.
const LONGEST: usize = 2_000;

/// What is typed to hold an agency.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// Name or code of the organisation; empty for the whole agency.
    pub organisation: String,
    pub reason: String,
    pub last_day: Option<NaiveDate>,
}

/// The holds of today, to be asked about each request.
#[derive(Clone, Debug, Default)]
pub struct Holds {
    all: Vec<Hold>,
    /// Organisations of the contacts that were asked: a request that names none is its contact's.
    organisations: BTreeMap<String, String>,
}

impl Holds {
    /// Those in force today.
    pub fn load(conn: &mut Conn, ctx: &Context) -> Outcome<Self> {
        let all = agency_holds::in_force(conn, ctx.today())?;
        let organisations = if all.iter().any(|hold| hold.organisation.is_some()) {
            contacts::organisations(conn)?
        } else {
            BTreeMap::new()
        };
        Ok(Self { all, organisations })
    }

    /// The hold under which a request falls.
    pub fn of(&self, ctx: &Context, request: &Request) -> Option<&Hold> {
        let asked = asked_of(request, &self.organisations);
        self.all.iter().find(|hold| {
            hold.agency == request.agency
                && hold.organisation.as_deref().is_none_or(|held| {
                    asked.is_some_and(|asked| ctx.house.is_one_organisation(held, asked))
                })
        })
    }
}

/// The organisation that was asked: a request that names none is its contact's. `organisations` are those of contacts.
pub fn asked_of<'a>(
    request: &'a Request,
    organisations: &'a BTreeMap<String, String>,
) -> Option<&'a str> {
    let of_contact = || organisations.get(request.contact_id.as_ref()?);
    let named = request.organisation.as_deref();
    named.or_else(|| of_contact().map(String::as_str))
}

/// The requests to whose agencies nobody writes today.
pub fn resting(conn: &mut Conn, ctx: &Context) -> Outcome<Vec<String>> {
    let holds = Holds::load(conn, ctx)?;
    if holds.all.is_empty() {
        return Ok(Vec::new());
    }
    let agencies: Vec<String> = holds.all.iter().map(|hold| hold.agency.clone()).collect();
    Ok(requests::open_of(conn, &agencies)?
        .into_iter()
        .filter(|request| holds.of(ctx, request).is_some())
        .map(|request| request.id)
        .collect())
}

/// A hold as the agency's page shows it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub hold: Hold,
    /// In force today.
    pub now: bool,
    /// No open request and no contact of the agency is of its organisation: it may be written wrong.
    pub of_nobody: bool,
}

/// Every hold of an agency, those in force first.
pub fn history(conn: &mut Conn, ctx: &Context, agency: &str) -> Outcome<Vec<Shown>> {
    ctx.allow(Verb::SeeDirectory, &Facts::default())?;
    known(ctx, agency)?;
    let named = named(conn, agency)?;
    let is_there = |held: &str| {
        let mut all = named.iter();
        all.any(|name| ctx.house.is_one_organisation(held, name))
    };
    let mut all: Vec<Shown> = agency_holds::of_agency(conn, agency)?
        .into_iter()
        .map(|hold| Shown {
            now: in_force(&hold, ctx.today()),
            of_nobody: hold
                .organisation
                .as_deref()
                .is_some_and(|held| !is_there(held)),
            hold,
        })
        .collect();
    all.sort_by_key(|shown| !shown.now);
    Ok(all)
}

/// The organisations that open requests to an agency, and its contacts, name.
fn named(conn: &mut Conn, agency: &str) -> Outcome<Vec<String>> {
    let of_contacts = contacts::organisations(conn)?;
    let open = requests::open_of(conn, &[agency.to_owned()])?;
    let asked = open.iter().filter_map(|row| asked_of(row, &of_contacts));
    let mut all: Vec<String> = asked.map(str::to_owned).collect();
    let own = contacts::all(conn)?.into_iter();
    all.extend(
        own.filter(|c| c.agency == agency)
            .filter_map(|c| c.organisation),
    );
    Ok(all)
}

fn in_force(hold: &Hold, today: NaiveDate) -> bool {
    hold.ended_at.is_none() && hold.last_day.is_none_or(|day| today <= day)
}

fn known(ctx: &Context, agency: &str) -> Outcome<()> {
    let found = ctx.house.dictionary().code("agency", agency);
    found.map(|_| ()).ok_or(Error::NotFound)
}

/// Holds the reminders to an agency or one organisation of it; a hold in force of the same one is changed.
pub fn hold(tx: &mut Tx<'_>, ctx: &Context, agency: &str, typed: &Held) -> Outcome<()> {
    ctx.allow(Verb::HoldAgency, &Facts::default())?;
    known(ctx, agency)?;
    let reason = checked(ctx, typed)?;
    tx.hold(&format!("agency:{agency}"))?;
    let organisation = Some(typed.organisation.trim().to_owned()).filter(|text| !text.is_empty());
    let same = |hold: &Hold| {
        hold.agency == agency
            && hold.organisation.as_deref().map(fold) == organisation.as_deref().map(fold)
    };
    let all = agency_holds::in_force(tx.conn(), ctx.today())?;
    match all.into_iter().find(same) {
        Some(old) => change(tx, ctx, &old, typed.last_day, reason),
        None => begin(tx, ctx, agency, organisation, typed.last_day, reason),
    }
}

fn checked(ctx: &Context, typed: &Held) -> Outcome<String> {
    let mut found = Vec::new();
    let reason = match given_reason(&typed.reason, "Say why the agency is not to be reminded") {
        Ok(reason) => reason,
        Err(Error::Invalid(problems)) => {
            found.extend(problems);
            String::new()
        }
        Err(other) => return Err(other),
    };
    if reason.chars().count() > LONGEST {
        let words = "The reason must have 2,000 characters or fewer";
        found.push(problem("reason", "length", words));
    }
    if typed.organisation.chars().count() > super::LONGEST {
        let words = "Use 200 characters or fewer";
        found.push(problem("organisation", "length", words));
    }
    if typed.last_day.is_some_and(|day| day < ctx.today()) {
        let words = "The last day must be today or later";
        found.push(problem("last_day", "order", words));
    }
    if found.is_empty() {
        Ok(reason)
    } else {
        Err(Error::Invalid(found))
    }
}

fn begin(
    tx: &mut Tx<'_>,
    ctx: &Context,
    agency: &str,
    organisation: Option<String>,
    last_day: Option<NaiveDate>,
    why: String,
) -> Outcome<()> {
    let row = Hold {
        id: ctx.new_id(),
        agency: agency.to_owned(),
        last_day,
        held_at: ctx.stamp(),
        ended_at: None,
        version: 1,
        organisation,
        why,
        held_by: ctx.actor.label(),
        ended_by: None,
    };
    agency_holds::insert(tx, &row)?;
    let event = Event::AgencyHeld {
        hold_id: row.id.clone(),
        agency: agency_label(ctx, agency),
        organisation: row.organisation,
        until: row.last_day,
        reason: row.why,
    };
    record(tx, ctx, None, Some(&row.id), &event)
}

fn change(
    tx: &mut Tx<'_>,
    ctx: &Context,
    old: &Hold,
    last_day: Option<NaiveDate>,
    why: String,
) -> Outcome<()> {
    let said = |hold: &Hold| json!({ "until": hold.last_day, "reason": hold.why });
    let new = Hold {
        last_day,
        why,
        held_by: ctx.actor.label(),
        ..old.clone()
    };
    if said(old) == said(&new) {
        tx.unchanged();
        return Ok(());
    }
    if !agency_holds::save(tx, &new)? {
        return Err(Error::Stale);
    }
    let event = Event::AgencyHoldChanged {
        hold_id: new.id.clone(),
        agency: agency_label(ctx, &new.agency),
        before: said(old),
        after: said(&new),
    };
    record(tx, ctx, None, Some(&new.id), &event)
}

/// Lets the reminders go again.
pub fn release(tx: &mut Tx<'_>, ctx: &Context, agency: &str, id: &str) -> Outcome<()> {
    ctx.allow(Verb::HoldAgency, &Facts::default())?;
    let old = agency_holds::get(tx.conn(), id)?
        .filter(|hold| hold.agency == agency)
        .ok_or(Error::NotFound)?;
    if !in_force(&old, ctx.today()) {
        tx.unchanged();
        return Ok(());
    }
    let new = Hold {
        ended_at: Some(ctx.stamp()),
        ended_by: Some(ctx.actor.label()),
        ..old
    };
    if !agency_holds::save(tx, &new)? {
        return Err(Error::Stale);
    }
    let event = Event::AgencyReleased {
        hold_id: new.id.clone(),
        agency: agency_label(ctx, agency),
    };
    record(tx, ctx, None, Some(id), &event)
}
