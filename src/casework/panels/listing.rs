//! The list of a panel: what is on it for whom, and putting a case on it when it is ready. The case moves in the same
//! transaction. Must not know who has an interest in it.

use std::collections::BTreeMap;

use super::gate::gate;
use super::reach;
use crate::casework::people::problem;
use crate::casework::picture::Picture;
use crate::casework::{
    Context, Error, Outcome, access, family, meetings, merge, naming, record, triage,
};
use crate::domain::calendar::london;
use crate::domain::case::{Move, State as CaseState};
use crate::domain::event::Event;
use crate::domain::form::Problem;
use crate::domain::meeting::State as Stands;
use crate::domain::panel::{Gate, ItemState, MOST_ITEMS, Must, Route, Standing, pack_number};
use crate::domain::permission::{Facts, Verb, may};
use crate::store::cases::{self, Case};
use crate::store::meetings::{self as meeting_rows, Meeting};
use crate::store::panels::{self as store, Item};
use crate::store::{Conn, Tx};

/// Reasons of an item, by what for: `route`, the code of what it goes on without, `taken_off`.
pub type Reasons = BTreeMap<String, String>;

pub fn state_of(item: &Item) -> Outcome<ItemState> {
    item.state
        .parse()
        .map_err(|_| Error::Internal("an unknown state of an item is stored".into()))
}

pub fn reasons_of(item: &Item) -> Reasons {
    serde_json::from_str(&item.reasons).unwrap_or_default()
}

pub(super) fn kept_reasons(reasons: &Reasons) -> Outcome<String> {
    serde_json::to_string(reasons).map_err(|e| Error::Internal(e.to_string()))
}

/// An item of a panel with its case, for a verb. One that is not for the person looks like one that is not there.
pub fn item(
    conn: &mut Conn,
    ctx: &Context,
    panel: &str,
    id: &str,
    verb: Verb,
) -> Outcome<(Meeting, Item, Case, Facts)> {
    let row = reach(conn, ctx, panel, verb)?;
    let item = store::get(conn, id)?.filter(|item| item.meeting_id == row.id);
    let Some(item) = item else {
        ctx.refuse(None)?;
        return Err(Error::NotFound);
    };
    let case = cases::get(conn, &item.case_id)?.ok_or(Error::NotFound)?;
    let facts = match access::stand(conn, ctx, &case, verb) {
        Err(Error::NotFound) => return Err(shut(conn, ctx, &row, &case, verb)?),
        other => other?,
    };
    if ctx.actor.role().is_none_or(|role| !sees_every_case(role)) && !state_of(&item)?.is_there() {
        ctx.refuse(None)?;
        return Err(Error::NotFound);
    }
    let page = ctx.page.clone();
    ctx.note(Some(&case.id), Some(&item.id), &Event::CaseRead { page })?;
    Ok((row, item, case, facts))
}

/// What to say to whoever may not do this with a case: that the panel is over, to those who were at it and have no
/// interest; to everybody else it is not there.
fn shut(conn: &mut Conn, ctx: &Context, row: &Meeting, case: &Case, verb: Verb) -> Outcome<Error> {
    let facts = access::facts(conn, ctx, case)?;
    let was_listed = Facts {
        listed: true,
        ..facts
    };
    let last = access::shuts(row.starts_at);
    let over = ctx.today() > last && row.state != Stands::Cancelled.as_str();
    if facts.listed || !over || !may(&ctx.actor, verb, &was_listed) {
        return Ok(Error::NotFound);
    }
    let words = format!(
        "What was before this panel was shut on {}.",
        last.format("%-d %B %Y")
    );
    Ok(Error::Rule(words))
}

const fn sees_every_case(role: crate::domain::actor::Role) -> bool {
    use crate::domain::actor::Role::{Coordinator, DesignatedDoctor};
    matches!(role, Coordinator | DesignatedDoctor)
}

/// What is on the list of a panel, as this person sees it: nothing that is not for them.
pub fn items(conn: &mut Conn, ctx: &Context, row: &Meeting) -> Outcome<Vec<(Item, Case, bool)>> {
    let every = ctx.actor.role().is_some_and(sees_every_case);
    let mut all = Vec::new();
    for item in store::of_meeting(conn, &row.id)? {
        let case = cases::get(conn, &item.case_id)?.ok_or(Error::NotFound)?;
        let facts = access::facts(conn, ctx, &case)?;
        let may = may(&ctx.actor, Verb::ReadPanel, &facts);
        if may && (every || state_of(&item)?.is_there()) {
            all.push((item, case, true));
        } else if every && !facts.conflict {
            // A restricted case keeps its place in the order, without its reference.
            all.push((item, case, false));
        }
    }
    Ok(all)
}

/// How a case stands before the panel, and the route its record speaks for.
pub struct Proposal {
    pub case: Case,
    pub facts: Facts,
    pub gate: Gate,
    pub route: Route,
}

/// What is proposed for a case that may be listed.
pub fn propose(
    conn: &mut Conn,
    ctx: &Context,
    panel: &str,
    reference: &str,
    waived: &Reasons,
) -> Outcome<Proposal> {
    reach(conn, ctx, panel, Verb::KeepPanel)?;
    let reference = reference.trim().to_uppercase();
    let (case, facts) = match access::reach(conn, ctx, &reference, Verb::KeepPanel) {
        Err(Error::NotFound) => {
            let words = "There is no case with this reference";
            return Err(Error::Invalid(vec![problem("reference", "there", words)]));
        }
        other => other?,
    };
    let known = Picture::load(conn, ctx, &case.id)?;
    let route = ctx.house.routes.proposed(&known.record()).cloned();
    Ok(Proposal {
        gate: gate(conn, ctx, &case, waived)?,
        route: route.ok_or_else(|| Error::Internal("no route is proposed".into()))?,
        case,
        facts,
    })
}

/// What a person says when listing a case.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    pub reference: String,
    /// Code of a route.
    pub route: String,
    /// Why it is another than the one proposed.
    pub reason: String,
    /// Why it goes on without, by the code of what.
    pub waived: Reasons,
}

/// Lists a case that is ready. Gives the item's id.
pub fn list(tx: &mut Tx<'_>, ctx: &Context, panel: &str, listing: &Listing) -> Outcome<String> {
    let row = to_come(tx, ctx, panel)?;
    let found = propose(tx.conn(), ctx, panel, &listing.reference, &listing.waived)?;
    let case = found.case.clone();
    tx.hold(&format!("panel-case:{}", case.id))?;
    merge::not_merged(tx.conn(), &case)?;
    not_listed_elsewhere(tx.conn(), &case)?;
    place_is_not_theirs(tx.conn(), ctx, &row, &case)?;
    let route = judge(ctx, &found, listing)?;
    let there = store::of_meeting(tx.conn(), &row.id)?;
    if there.len() >= MOST_ITEMS {
        return Err(Error::Rule(
            "Sixty cases are on the list of this panel already.".into(),
        ));
    }
    let waived: Vec<Must> = found
        .gate
        .iter()
        .filter(|(_, standing)| matches!(standing, Standing::Waived(_)))
        .map(|(must, _)| *must)
        .collect();
    let mut reasons: Reasons = listing.waived.clone();
    reasons.retain(|code, _| waived.iter().any(|must| must.as_str() == code));
    let spoken = reasons.values().cloned().collect::<Vec<_>>().join(" ");
    if route.code != found.route.code {
        reasons.insert("route".into(), listing.reason.trim().to_owned());
    }
    let item = new_item(ctx, &row, &case, route, &there, &reasons)?;
    store::insert(tx, &item)?;
    let event = Event::PanelListed {
        item_id: item.id.clone(),
        meeting_id: row.id.clone(),
        on: london(row.starts_at.and_utc()).date(),
        pack: item.pack_number.clone(),
        route: route.label.clone(),
        waived,
        reason: spoken.clone(),
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)?;
    move_to_list(tx, ctx, &case, &spoken)?;
    family::carry_to_panel(tx, ctx, &case)?;
    triage::refresh(tx, ctx, &case.id)?;
    Ok(item.id)
}

/// An item at the end of the list, under a number of its own.
fn new_item(
    ctx: &Context,
    row: &Meeting,
    case: &Case,
    route: &Route,
    there: &[Item],
    reasons: &Reasons,
) -> Outcome<Item> {
    let taken: Vec<String> = there.iter().map(|item| item.pack_number.clone()).collect();
    Ok(Item {
        id: ctx.new_id(),
        meeting_id: row.id.clone(),
        case_id: case.id.clone(),
        position: there.iter().map(|item| item.position).max().unwrap_or(0) + 1,
        pack_number: pack_number(&taken, || draw(ctx)),
        route: route.code.clone(),
        state: ItemState::Listed.as_str().to_owned(),
        chair_id: None,
        deferral: None,
        next_date: None,
        created_at: ctx.stamp(),
        updated_at: ctx.stamp(),
        version: 1,
        reasons: kept_reasons(reasons)?,
    })
}

/// A panel that cases can still be listed for.
fn to_come(tx: &mut Tx<'_>, ctx: &Context, panel: &str) -> Outcome<Meeting> {
    reach(tx.conn(), ctx, panel, Verb::KeepPanel)?;
    tx.hold(&format!("meeting:{panel}"))?;
    let row = meeting_rows::get(tx.conn(), panel)?.ok_or(Error::NotFound)?;
    meetings::planned(&row)?;
    Ok(row)
}

/// A number from where ids come from, so that a synthetic caseload repeats.
fn draw(ctx: &Context) -> u32 {
    let letters = ctx.ids.letters(6);
    letters.bytes().fold(0_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    })
}

fn not_listed_elsewhere(conn: &mut Conn, case: &Case) -> Outcome<()> {
    for item in store::of_case(conn, &case.id)? {
        let live = meeting_rows::get(conn, &item.meeting_id)?
            .is_some_and(|row| row.state == Stands::Planned.as_str());
        if live && state_of(&item)? == ItemState::Listed {
            let words = "This case is listed for a panel already. Take it off that list first.";
            return Err(Error::Rule(words.into()));
        }
    }
    Ok(())
}

/// Where a panel meets is mailed and stands in calendars, also when it was chosen before the case was listed.
fn place_is_not_theirs(conn: &mut Conn, ctx: &Context, row: &Meeting, case: &Case) -> Outcome<()> {
    if !naming::place_gives_away_family(conn, ctx, case, &row.place)? {
        return Ok(());
    }
    let words = "The place of this panel is mailed, and it holds a name, a number or an address of this family. Change the place first";
    Err(Error::Invalid(vec![problem("reference", "place", words)]))
}

/// Everything that speaks against listing it, at once; the route if nothing does.
fn judge<'a>(ctx: &'a Context, found: &Proposal, listing: &Listing) -> Outcome<&'a Route> {
    let mut wrong: Vec<Problem> = Vec::new();
    for (must, standing) in &found.gate {
        if let Standing::Holding(words) = standing {
            let field = format!("waive-{}", must.as_str());
            let words = format!(
                "The case is not ready. {words} Say why it goes on without, or list it later"
            );
            wrong.push(problem(&field, "ready", &words));
        }
    }
    if listing
        .waived
        .values()
        .any(|why| why.chars().count() > 5_000)
    {
        wrong.push(problem(
            "reference",
            "length",
            "Each reason must have 5,000 characters or fewer",
        ));
    }
    let route = ctx.house.routes.get(&listing.route);
    match route {
        None => wrong.push(problem("route", "required", "Choose a route")),
        Some(route) if route.code != found.route.code && listing.reason.trim().is_empty() => {
            let words = format!(
                "Say why the route is not “{}”, which the record speaks for",
                found.route.label
            );
            wrong.push(problem("reason", "required", &words));
        }
        Some(_) => {}
    }
    match route {
        Some(route) if wrong.is_empty() => Ok(route),
        _ => Err(Error::Invalid(wrong)),
    }
}

/// The case becomes ready on the way where it was not marked as ready.
fn move_to_list(tx: &mut Tx<'_>, ctx: &Context, case: &Case, why: &str) -> Outcome<()> {
    let now = cases::get(tx.conn(), &case.id)?.ok_or(Error::NotFound)?;
    let moves = now
        .state
        .parse::<CaseState>()
        .map(CaseState::moves)
        .unwrap_or_default();
    if !moves.contains(&Move::List) && moves.contains(&Move::MakeReady) {
        triage::step(tx, ctx, &now, Move::MakeReady, why)?;
    }
    let now = cases::get(tx.conn(), &case.id)?.ok_or(Error::NotFound)?;
    triage::step(tx, ctx, &now, Move::List, why)?;
    Ok(())
}

/// An item at the version that was read.
pub(super) fn at_version(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (panel, id, version): (&str, &str, i32),
    verb: Verb,
) -> Outcome<(Meeting, Item, Case)> {
    item(tx.conn(), ctx, panel, id, verb)?;
    tx.hold(&format!("meeting:{panel}"))?;
    let (row, found, case, _) = item(tx.conn(), ctx, panel, id, verb)?;
    if found.version != version {
        return Err(Error::Stale);
    }
    Ok((row, found, case))
}

/// The same of one that is still to be discussed.
pub(super) fn listed(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str, i32),
    verb: Verb,
) -> Outcome<(Meeting, Item, Case)> {
    let (row, found, case) = at_version(tx, ctx, at, verb)?;
    match state_of(&found)? {
        ItemState::Listed => Ok((row, found, case)),
        other => Err(not_open(other)),
    }
}

pub(super) fn not_open(state: ItemState) -> Error {
    let state = state.label().to_lowercase();
    Error::Rule(format!("This item is not open any more: {state}."))
}

pub(super) fn save(tx: &mut Tx<'_>, ctx: &Context, item: &mut Item) -> Outcome<()> {
    item.updated_at = ctx.stamp();
    if store::save(tx, item)? {
        item.version += 1;
        Ok(())
    } else {
        Err(Error::Stale)
    }
}

/// The panels for which a case is or was listed, the first first, each with its item. The caller has reached the case.
pub fn of_case(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<(Meeting, Item)>> {
    access::stand(conn, ctx, case, Verb::ReadPanel)?;
    let mut all = Vec::new();
    for item in store::of_case(conn, &case.id)? {
        if let Some(row) = meeting_rows::get(conn, &item.meeting_id)? {
            all.push((row, item));
        }
    }
    Ok(all)
}
