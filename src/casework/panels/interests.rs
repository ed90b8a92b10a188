//! Who has an interest in a case on the list of a panel, what follows from it, who chairs the item, and whether the panel is
//! quorate for it. Must not know what is discussed.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::listing::{
    at_version, item as reach_item, kept_reasons, not_open, reasons_of, save, state_of,
};
use super::room::{SIGNED_ALREADY, item_is_signed};
use crate::casework::directory::asked_of;
use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome, access, meetings, record};
use crate::domain::actor::Role;
use crate::domain::calendar::london;
use crate::domain::event::Event;
use crate::domain::meeting::{Attendance, Reply};
use crate::domain::panel::{Interest, ItemState, Member, Quorum};
use crate::domain::permission::Verb;
use crate::store::cases::Case;
use crate::store::meetings::{self as meeting_rows, Invited, Meeting};
use crate::store::panels::{self as store, Declared, Item};
use crate::store::requests::{self, Request};
use crate::store::{Conn, Tx, accounts, contacts, merges};

/// Under which an item keeps who chaired it, where another person signs in their place.
const CHAIRED: &str = "chaired";
/// Days before the meeting on which members begin to read.
const OPENS: u64 = 28;

/// One person put down for the panel, at one item.
#[derive(Clone, Debug)]
pub struct AtItem {
    pub person: Invited,
    pub declared: Option<Declared>,
    pub interest: Option<Interest>,
    /// Their organisation answered a request of the case.
    pub answered: bool,
    /// Runs the item now, and signs its analysis.
    pub chairs: bool,
    /// Chaired it when the panel decided; whoever chairs it, as long as it has not.
    pub chaired: bool,
}

impl AtItem {
    /// Is there, and has declared nothing.
    pub fn is_silent(&self) -> bool {
        self.person.attendance == Attendance::Attended.as_str() && self.interest.is_none()
    }
}

fn interest_of(row: &Declared) -> Option<Interest> {
    row.interest.parse().ok()
}

/// The requests of the case, and of those read under it, that an agency answered which knew the child.
fn answers_of(conn: &mut Conn, item: &Item) -> Outcome<Vec<Request>> {
    let together = merges::together(conn, &item.case_id)?;
    let mut all = requests::of_cases(conn, &together)?;
    all.retain(|r| matches!(r.state.as_str(), "answered" | "accepted") && !r.nil_return);
    Ok(all)
}

/// The agencies that knew the child and answered, by code.
pub fn answered(conn: &mut Conn, item: &Item) -> Outcome<Vec<String>> {
    let all = answers_of(conn, item)?;
    let mut all: Vec<String> = all.into_iter().map(|r| r.agency).collect();
    all.sort();
    Ok(all)
}

/// Whether it was the organisation of this person that answered: by the account's organisation, or by the kind of agency,
/// which is all that is known of many.
fn is_of_who_answered(
    conn: &mut Conn,
    ctx: &Context,
    person: &Invited,
    answers: &[Request],
    organisations: &BTreeMap<String, String>,
) -> Outcome<bool> {
    let of_kind = |kind: &String| answers.iter().any(|r| r.agency == *kind);
    if person.agency.as_ref().is_some_and(of_kind) {
        return Ok(true);
    }
    let account = match &person.user_id {
        Some(user) => accounts::by_id(conn, user)?,
        None => None,
    };
    let own = account.and_then(|user| user.organisation);
    Ok(own.is_some_and(|own| {
        let mut asked = answers.iter().filter_map(|r| asked_of(r, organisations));
        asked.any(|asked| ctx.house.is_one_organisation(&own, asked))
    }))
}

/// Everybody put down for the panel, as they stand to one item.
pub fn at_item(conn: &mut Conn, ctx: &Context, row: &Meeting, item: &Item) -> Outcome<Vec<AtItem>> {
    let declared = store::declared_of(conn, &item.id)?;
    let answers = answers_of(conn, item)?;
    let organisations = contacts::organisations(conn)?;
    let people = meeting_rows::people_of(conn, &row.id)?;
    let chaired = reasons_of(item).get(CHAIRED).cloned();
    let mut all = Vec::new();
    for person in people {
        let chairs = match &item.chair_id {
            Some(chair) => *chair == person.id,
            None => person.is_chair,
        };
        let own = declared.iter().find(|d| d.person_id == person.id).cloned();
        let mut interest = own.as_ref().and_then(interest_of);
        // What was personal at an earlier panel still is.
        if access::is_personal_of(conn, &person, &item.case_id)? {
            interest = Some(Interest::Personal);
        }
        all.push(AtItem {
            answered: is_of_who_answered(conn, ctx, &person, &answers, &organisations)?,
            chairs,
            chaired: chaired.as_ref().map_or(chairs, |id| *id == person.id),
            interest,
            declared: own,
            person,
        });
    }
    Ok(all)
}

/// The quorum of an item. While the panel is to come, whoever has not said no and sent no apologies is expected; once
/// somebody is known to be there, whoever is not known to be, or has declared nothing, counts for nothing. Whoever signs in
/// the place of the chair counts as the chair only where the chair turns out to have had an interest.
pub fn quorum(ctx: &Context, people: &[AtItem]) -> Quorum {
    let conflicted = |p: &AtItem| p.chaired && p.interest.is_some_and(Interest::conflicts);
    let replaced = people.iter().any(conflicted);
    let attended = |p: &AtItem| p.person.attendance == Attendance::Attended.as_str();
    let known = people.iter().any(attended);
    let members: Vec<Member<'_>> = people
        .iter()
        .map(|p| Member {
            agency: p.person.agency.as_deref(),
            there: if known {
                attended(p) && p.interest.is_some()
            } else {
                p.person.reply != Reply::Declined.as_str()
                    && p.person.attendance == Attendance::Unknown.as_str()
            },
            chairs: if replaced { p.chairs } else { p.chaired },
            interest: p.interest,
        })
        .collect();
    ctx.house.quorum.quorum(&members)
}

/// Refuses who neither keeps panels nor chairs this item: to them it cannot be run. The chair declares first, and runs it
/// from the day on which members read.
pub fn running(conn: &mut Conn, ctx: &Context, row: &Meeting, item: &Item) -> Outcome<()> {
    chairing(conn, ctx, row, item)?;
    let opens = opens(row);
    if ctx.actor.role() == Some(Role::Coordinator) || opens <= ctx.today() {
        return Ok(());
    }
    let words = format!("This case opens to you on {}.", opens.format("%-d %B %Y"));
    Err(Error::Rule(words))
}

/// The same before members read: who stays is decided as soon as an interest is declared.
fn chairing(conn: &mut Conn, ctx: &Context, row: &Meeting, item: &Item) -> Outcome<()> {
    if ctx.actor.role() == Some(Role::Coordinator) {
        return Ok(());
    }
    match chair(conn, ctx, row, item)?.map(|own| own.interest) {
        Some(Some(Interest::None)) => Ok(()),
        Some(None) => Err(Error::Rule(UNDECLARED.into())),
        _ => {
            ctx.refuse(Some(&item.case_id))?;
            Err(Error::NotFound)
        }
    }
}

const UNDECLARED: &str =
    "Declare first, on the page of this case, what you have to do with it beside the panel.";

/// The first day on which members read, in London.
pub fn opens(row: &Meeting) -> NaiveDate {
    london(row.starts_at.and_utc()).date() - Days::new(OPENS)
}

/// The person who asks, if they chair this item.
fn chair(conn: &mut Conn, ctx: &Context, row: &Meeting, item: &Item) -> Outcome<Option<AtItem>> {
    let Some(user) = ctx.actor.user_id() else {
        return Ok(None);
    };
    let people = at_item(conn, ctx, row, item)?;
    let own = |p: &AtItem| p.chairs && p.person.user_id.as_deref() == Some(user);
    Ok(people.into_iter().find(own))
}

/// Whether the person who asks chairs this item and declared that they have no interest in it.
pub fn chairs(conn: &mut Conn, ctx: &Context, row: &Meeting, item: &Item) -> Outcome<bool> {
    let own = chair(conn, ctx, row, item)?;
    Ok(own.and_then(|own| own.interest) == Some(Interest::None))
}

/// Declares what somebody has to do with a case: a member for themselves, a coordinator for whoever told them.
pub fn declare(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (panel, id): (&str, &str),
    person: Option<&str>,
    interest: Option<Interest>,
) -> Outcome<()> {
    let verb = if person.is_some() {
        Verb::KeepPanel
    } else {
        Verb::DeclareInterest
    };
    let (row, item, case, _) = reach_item(tx.conn(), ctx, panel, id, verb)?;
    if person.is_none() {
        meetings::planned(&row)?;
    }
    tx.hold(&format!("panel-item:{id}"))?;
    let people = at_item(tx.conn(), ctx, &row, &item)?;
    let own = |p: &&AtItem| match person {
        Some(person) => p.person.id == person,
        None => p.person.user_id.as_deref() == ctx.actor.user_id(),
    };
    let who = people.iter().find(own).ok_or(Error::NotFound)?;
    let Some(interest) = interest else {
        let words = "Choose what the interest is, or that there is none";
        if person.is_some() {
            return Err(Error::Rule(format!("{words}.")));
        }
        return Err(Error::Invalid(vec![problem("interest", "required", words)]));
    };
    let judged = who
        .declared
        .as_ref()
        .is_some_and(|d| d.stays == Some(false));
    if person.is_none() && judged && interest != Interest::Personal {
        let words =
            "The chair decided on what you declared. Tell the coordinator what has changed.";
        return Err(Error::Rule(words.into()));
    }
    put(tx, ctx, (&item, &case), who, interest)
}

/// Records for everybody who is there and declared nothing that they have no interest: the chair asked, and nobody named
/// one. Who reads before the panel declares in person.
pub fn declare_rest(tx: &mut Tx<'_>, ctx: &Context, (panel, id): (&str, &str)) -> Outcome<()> {
    let (row, item, case, _) = reach_item(tx.conn(), ctx, panel, id, Verb::KeepPanel)?;
    tx.hold(&format!("panel-item:{id}"))?;
    let people = at_item(tx.conn(), ctx, &row, &item)?;
    let silent: Vec<&AtItem> = people.iter().filter(|p| p.is_silent()).collect();
    if silent.is_empty() {
        tx.unchanged();
        return Ok(());
    }
    for who in silent {
        put(tx, ctx, (&item, &case), who, Interest::None)?;
    }
    Ok(())
}

fn put(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (item, case): (&Item, &Case),
    who: &AtItem,
    interest: Interest,
) -> Outcome<()> {
    if let Some(before) = &who.declared {
        // The chair decides anew on what was declared anew.
        let next = Declared {
            interest: interest.as_str().to_owned(),
            stays: None,
            decided_by: None,
            updated_at: ctx.stamp(),
            ..before.clone()
        };
        if !store::save_declared(tx, &next)? {
            return Err(Error::Stale);
        }
    } else {
        let row = Declared {
            id: ctx.new_id(),
            item_id: item.id.clone(),
            case_id: case.id.clone(),
            person_id: who.person.id.clone(),
            user_id: who.person.user_id.clone(),
            interest: interest.as_str().to_owned(),
            stays: None,
            created_at: ctx.stamp(),
            updated_at: ctx.stamp(),
            version: 1,
            decided_by: None,
        };
        store::declare(tx, &row)?;
    }
    let event = Event::InterestDeclared {
        item_id: item.id.clone(),
        person_id: who.person.id.clone(),
        interest,
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)
}

/// The chair decides whether somebody with an interest stays; whoever runs the panel records it.
pub fn judge_interest(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (panel, id): (&str, &str),
    person: &str,
    stays: Option<bool>,
) -> Outcome<()> {
    let (row, item, case, _) = reach_item(tx.conn(), ctx, panel, id, Verb::RunPanel)?;
    chairing(tx.conn(), ctx, &row, &item)?;
    tx.hold(&format!("panel-item:{id}"))?;
    let people = at_item(tx.conn(), ctx, &row, &item)?;
    let who = people.iter().find(|p| p.person.id == person);
    let (Some(declared), Some(interest)) = (
        who.and_then(|p| p.declared.clone()),
        who.and_then(|p| p.interest),
    ) else {
        return Err(Error::NotFound);
    };
    let Some(stays) = stays else {
        let words = "Choose whether the member stays.";
        return Err(Error::Rule(words.into()));
    };
    if interest == Interest::Personal && stays {
        let words = "Whoever has a personal interest does not stay.";
        return Err(Error::Rule(words.into()));
    }
    let next = Declared {
        stays: Some(stays),
        decided_by: Some(ctx.actor.label()),
        updated_at: ctx.stamp(),
        ..declared
    };
    if !store::save_declared(tx, &next)? {
        return Err(Error::Stale);
    }
    let event = Event::InterestJudged {
        item_id: item.id.clone(),
        person_id: person.to_owned(),
        stays,
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)
}

/// Another member chairs this item, or signs what the panel decided in the place of a chair who cannot: then it is somebody
/// who was there and declared that they have no interest.
pub fn hand_over(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str, i32),
    person: &str,
) -> Outcome<()> {
    let (row, mut item, case) = at_version(tx, ctx, at, Verb::KeepPanel)?;
    let decided = match state_of(&item)? {
        ItemState::Listed => false,
        ItemState::Reviewed => true,
        other => return Err(not_open(other)),
    };
    if decided && item_is_signed(tx.conn(), ctx, &case, &item.id)? {
        return Err(Error::Rule(SIGNED_ALREADY.into()));
    }
    let people = at_item(tx.conn(), ctx, &row, &item)?;
    let Some(who) = people.iter().find(|p| p.person.id == person) else {
        let words = "Choose who chairs this item.";
        return Err(Error::Rule(words.into()));
    };
    if who.interest.is_some_and(Interest::conflicts) {
        let words = "Whoever has an interest in a case does not chair it.";
        return Err(Error::Rule(words.into()));
    }
    if decided {
        let there = who.person.attendance == Attendance::Attended.as_str();
        if !there || who.interest.is_none() || who.person.user_id.is_none() {
            let words = "Choose somebody who was there, declared that they have no interest, and has an account to sign with.";
            return Err(Error::Rule(words.into()));
        }
        let mut reasons = reasons_of(&item);
        if let Some(chair) = people.iter().find(|p| p.chaired) {
            reasons.insert(CHAIRED.to_owned(), chair.person.id.clone());
        }
        item.reasons = kept_reasons(&reasons)?;
    }
    item.chair_id = Some(person.to_owned());
    save(tx, ctx, &mut item)?;
    let event = Event::PanelHandedOver {
        item_id: item.id.clone(),
        person_id: person.to_owned(),
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)
}
