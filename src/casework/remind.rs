//! Reminding: a rung of a clock's ladder that is reached is taken, once and for all, and its letters are queued in the
//! same transaction. Nobody of the family is ever written to: the recipients are a closed list. Must not know when a
//! rung is reached, nor send anything.

use std::collections::BTreeMap;

use super::clocks::{self, definition_of};
use super::directory::{Holds, asked_of, resting};
use super::letters::{Near, Reminder};
use super::{Context, Error, Outcome, gather, letters, record};
use crate::domain::actor::{Actor, Role};
use crate::domain::clock::{Clock as Definition, Outcome as Stands, Recipient, Rung};
use crate::domain::event::Event;
use crate::domain::panel::ItemState;
use crate::domain::permission::{Facts, Verb, may};
use crate::store::accounts::User;
use crate::store::clocks::{self as store, Clock};
use crate::store::requests::Request;
use crate::store::{
    Conn, Tx, accounts, actions, case_people, cases, contacts, meetings, panels as panel_rows,
    requests, restrictions,
};

/// The clocks of which a rung is reached now.
pub fn reached(conn: &mut Conn, ctx: &Context, most: i64) -> Outcome<Vec<String>> {
    ctx.allow(Verb::ChaseRequest, &Facts::default())?;
    let resting = resting(conn, ctx)?;
    Ok(store::reached(conn, ctx.stamp(), &resting, most)?)
}

/// Takes the rungs of one clock that are reached, and writes the letters. Of several that were reached together, as
/// after a night without service, only the last for each recipient is sent. Says how many letters.
pub fn climb(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<usize> {
    ctx.allow(Verb::ChaseRequest, &Facts::default())?;
    tx.unchanged();
    let Some(row) = store::get(tx.conn(), id)? else {
        return Ok(0);
    };
    if !row.about.is_empty() {
        // One after the other with whoever answers or changes the request.
        tx.hold(&row.about)?;
    }
    tx.hold(&format!("clock:{id}"))?;
    let row = store::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
    let rests = row.outcome != Stands::Running.as_str() || row.paused || row.held_at.is_some();
    if rests || is_held(tx, ctx, &row)? {
        return Ok(0);
    }
    let definition = definition_of(&row)?;
    let mut written = 0;
    for (rung, last) in due(tx, ctx, &row)? {
        let state = if last { "sent" } else { "passed" };
        if !store::take(tx, id, &rung.to_string(), state, ctx.stamp())? || !last {
            continue;
        }
        let letters = write(tx, ctx, &row, &definition, rung)?;
        written += letters;
        let event = Event::Reminded {
            clock_id: row.id.clone(),
            clock: row.clock.clone(),
            name: definition.name.clone(),
            rung: rung.to_string(),
            letters,
        };
        record(tx, ctx, Some(&row.case_id), Some(&row.id), &event)?;
    }
    Ok(written)
}

/// Whether the reminders to the agency that a clock is about are held.
fn is_held(tx: &mut Tx<'_>, ctx: &Context, row: &Clock) -> Outcome<bool> {
    let request = match row.about.as_str() {
        "" => None,
        id => requests::get(tx.conn(), id)?,
    };
    let Some(request) = request else {
        return Ok(false);
    };
    Ok(Holds::load(tx.conn(), ctx)?.of(ctx, &request).is_some())
}

/// The rungs that are reached, each with whether it is the last one for its recipient.
fn due(tx: &mut Tx<'_>, ctx: &Context, row: &Clock) -> Outcome<Vec<(Rung, bool)>> {
    let rungs: Vec<Rung> = store::rungs_of(tx.conn(), std::slice::from_ref(&row.id))?
        .into_iter()
        .filter(|rung| rung.state == "waiting" && rung.at <= ctx.stamp())
        .filter_map(|rung| rung.rung.parse().ok())
        .collect();
    let last: BTreeMap<Recipient, usize> = rungs
        .iter()
        .enumerate()
        .map(|(at, rung)| (rung.who, at))
        .collect();
    Ok(rungs
        .iter()
        .enumerate()
        .map(|(at, rung)| (*rung, last.get(&rung.who) == Some(&at)))
        .collect())
}

/// Writes the letters of one rung; says how many.
fn write(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Clock,
    definition: &Definition,
    rung: Rung,
) -> Outcome<usize> {
    let request = match row.about.as_str() {
        "" => None,
        id => requests::get(tx.conn(), id)?,
    };
    if request.as_ref().is_some_and(|r| !requests::waits(r)) {
        // Nobody is asked for what was answered.
        return Ok(0);
    }
    let near = near(ctx, row, definition);
    if rung.who == Recipient::Respondent {
        return match request {
            Some(request) => ask_again(tx, ctx, request, near).map(|()| 1),
            None => Ok(0),
        };
    }
    if rung.who == Recipient::ActionOwner {
        return owner(tx, ctx, row, rung, near);
    }
    if matches!(rung.who, Recipient::PanelMember | Recipient::Chair) {
        return at_panel(tx, ctx, row, rung, near);
    }
    let case = cases::get(tx.conn(), &row.case_id)?.ok_or(Error::NotFound)?;
    let restricted = restrictions::is_restricted(tx.conn(), &case.id)?;
    let people = recipients(tx, ctx, row, rung.who, request.as_ref(), restricted)?;
    let mut written = 0;
    for (n, to) in people.iter().enumerate() {
        let reminder = Reminder {
            clock_id: &row.id,
            case_id: &row.case_id,
            key: format!("{rung}:{n}"),
            to: &to.address,
            // The whole team reads its mailbox, and not everybody reads every case.
            reference: (to.reads_case && !restricted).then_some(case.reference.as_str()),
            name: &definition.name,
            due: row.due_at,
            near,
            request: request.as_ref(),
            lead: rung.who == Recipient::AgencyLead && !to.reads_case,
        };
        letters::reminder(tx, ctx, &reminder)?;
        written += 1;
    }
    Ok(written)
}

fn near(ctx: &Context, row: &Clock, definition: &Definition) -> Near {
    let Some(due) = row.due_at.map(|at| at.and_utc()) else {
        return Near::Before;
    };
    if definition.is_late(due, ctx.now) {
        Near::Past
    } else if crate::domain::calendar::london(due).date() == ctx.today() {
        Near::Today
    } else {
        Near::Before
    }
}

/// To whoever took an action on, inside or outside: that it is due, without what it is. Without an address the team is told.
fn owner(tx: &mut Tx<'_>, ctx: &Context, row: &Clock, rung: Rung, near: Near) -> Outcome<usize> {
    let Some(action) = actions::get(tx.conn(), &row.about)? else {
        return Ok(0);
    };
    let team = ctx.house.area.email.clone();
    // The family's address may have become known after the action was set.
    let own = action.owner_email.as_deref().unwrap_or_default();
    let of_family = super::actions::is_of_family(tx.conn(), &row.case_id, own)?;
    let to = if own.is_empty() || of_family {
        &team
    } else {
        own
    };
    letters::action_due(tx, ctx, row, to, &rung.to_string(), near)?;
    Ok(1)
}

/// To those for whom something waits at the panel that the case was last listed for: members who have not declared, or
/// the chair who has not signed.
fn at_panel(tx: &mut Tx<'_>, ctx: &Context, row: &Clock, rung: Rung, near: Near) -> Outcome<usize> {
    let items = panel_rows::of_case(tx.conn(), &row.case_id)?;
    let (what, state) = match rung.who {
        Recipient::Chair => (letters::AtPanel::Signature, ItemState::Reviewed),
        _ => (letters::AtPanel::Interests, ItemState::Listed),
    };
    let item = items.iter().rfind(|item| item.state == state.as_str());
    let Some(item) = item else {
        return Ok(0);
    };
    let meeting = meetings::get(tx.conn(), &item.meeting_id)?.ok_or(Error::NotFound)?;
    let people = match what {
        letters::AtPanel::Interests => clocks::waiting(tx.conn(), item)?.unwrap_or_default(),
        letters::AtPanel::Signature => {
            let mut all = meetings::people_of(tx.conn(), &meeting.id)?;
            all.retain(|person| match &item.chair_id {
                Some(chair) => *chair == person.id,
                None => person.is_chair,
            });
            all
        }
    };
    let name = rung.to_string();
    let mut written = 0;
    for person in people {
        let about = (what, name.as_str(), near);
        written += usize::from(letters::panel_due(
            tx,
            ctx,
            row,
            (&meeting, &person),
            about,
        )?);
    }
    Ok(written)
}

/// To the person who was asked: the link again. It is a new one, because no link is kept that could be read here.
fn ask_again(tx: &mut Tx<'_>, ctx: &Context, mut request: Request, near: Near) -> Outcome<()> {
    let words = match near {
        Near::Before => "This is a reminder: the date agreed for your answer is near.",
        Near::Today => "This is a reminder: your answer is due today.",
        Near::Past => "This is a reminder: the date agreed for your answer has passed.",
    };
    let token = gather::fresh_link(tx, ctx, &mut request)?;
    letters::request_reminder(tx, ctx, &request, &token, words)?;
    let event = Event::RequestReminded {
        request_id: request.id.clone(),
        agency: gather::agency_label(ctx, &request.agency),
    };
    record(tx, ctx, Some(&request.case_id), Some(&request.id), &event)
}

/// Somebody to write to.
struct To {
    address: String,
    /// May read this case, so that its reference may be named.
    reads_case: bool,
}

/// Whom a rung reminds. Where it is nobody in particular, or nobody is known, the team is.
fn recipients(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Clock,
    who: Recipient,
    request: Option<&Request>,
    restricted: bool,
) -> Outcome<Vec<To>> {
    let found = match who {
        Recipient::DesignatedDoctor => of_role(tx, Role::DesignatedDoctor)?,
        Recipient::Executive => of_role(tx, Role::Executive)?,
        Recipient::AgencyLead => match request {
            Some(request) => leads(tx, ctx, request)?,
            None => Vec::new(),
        },
        Recipient::JarLead => on_case(tx, row, Role::JarLead)?,
        Recipient::KeyWorker => on_case(tx, row, Role::KeyWorker)?,
        Recipient::CdrmChair => on_case(tx, row, Role::CdrmChair)?,
        _ => Vec::new(),
    };
    let mut to = Vec::new();
    for user in found {
        // A restricted case is not there for who is not named.
        if restricted && !restrictions::is_named(tx.conn(), &row.case_id, &user.id)? {
            continue;
        }
        to.push(To {
            reads_case: reads(&user),
            address: user.email,
        });
    }
    if to.is_empty() {
        to.push(To {
            address: ctx.house.area.email.clone(),
            reads_case: true,
        });
    }
    Ok(to)
}

/// Whether an account of this role reads the cases it is reminded of.
fn reads(user: &User) -> bool {
    let assigned = Facts {
        assigned: true,
        ..Facts::default()
    };
    user.role.parse().is_ok_and(|role| {
        let actor = Actor::staff(&user.id, "", role, None);
        may(&actor, Verb::ReadCaseOutline, &assigned)
    })
}

fn of_role(tx: &mut Tx<'_>, role: Role) -> Outcome<Vec<User>> {
    let all = accounts::list(tx.conn())?;
    Ok(all
        .into_iter()
        .filter(|user| user.active && user.role == role.as_str())
        .collect())
}

/// Those who lead the organisation that was asked, under any of its names and codes, or one that came after it.
fn leads(tx: &mut Tx<'_>, ctx: &Context, request: &Request) -> Outcome<Vec<User>> {
    let organisations = contacts::organisations(tx.conn())?;
    let Some(asked) = asked_of(request, &organisations) else {
        return Ok(Vec::new());
    };
    let mut all = of_role(tx, Role::AgencyLead)?;
    all.retain(|user| {
        let own = user.organisation.as_deref();
        own.is_some_and(|own| ctx.house.is_one_organisation(own, asked))
    });
    Ok(all)
}

fn on_case(tx: &mut Tx<'_>, row: &Clock, role: Role) -> Outcome<Vec<User>> {
    let mut found = Vec::new();
    for (place, _) in case_people::of_case(tx.conn(), &row.case_id)? {
        if place.role != role.as_str() {
            continue;
        }
        let user = accounts::by_id(tx.conn(), &place.user_id)?;
        found.extend(user.filter(|user| user.active && user.role == place.role));
    }
    Ok(found)
}
