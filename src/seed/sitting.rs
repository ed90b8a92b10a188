//! Two panels of the synthetic caseload: one that met a few days ago, where some cases were decided and signed, and one that
//! is to come, with twelve cases on its list; and recommendations of older reviews that were looked back at. All of it by
//! the verbs of casework. Members have accounts where the demonstration made them. Must not make accounts.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, NaiveTime, Utc, Weekday};

use super::{World, life, people, schedule};
use crate::casework::actions::{self, Given as ToDo};
use crate::casework::meetings::{self, Given, Person, Said};
use crate::casework::panels::{self, Listing, Reasons};
use crate::casework::{Context, Error, Ids, Outcome, clocks, mailing, triage};
use crate::domain::action::{Kind, Worked};
use crate::domain::actor::{Actor, Role};
use crate::domain::calendar::{london, utc_of_london};
use crate::domain::case::State;
use crate::domain::meeting::{Attendance, Reply};
use crate::domain::panel::{Decision, Interest, Standing};
use crate::store::cases::{self, Case};
use crate::store::meetings::{self as rows, Invited};
use crate::store::panels as items;
use crate::store::{Db, Tx, accounts, outbox, records};

/// A caseload smaller than this has no panel.
const LEAST: usize = 40;
/// Cases on the list of the panel to come.
const LISTED: usize = 12;
/// Days before it, and to it.
const BEFORE: i64 = 12;
const AHEAD: i64 = 13;

/// Somebody of the panel: name, address, role, agency.
fn everybody() -> Vec<(String, String, Role, &'static str)> {
    let mut all: Vec<(String, String, Role, &str)> = people::MEMBERS
        .iter()
        .map(|(name, agency)| {
            let email = people::member_email(name);
            ((*name).to_owned(), email, Role::PanelMember, *agency)
        })
        .collect();
    for (role, agency) in [
        (Role::PanelMember, "health_visiting"),
        (Role::PanelChair, "public_health"),
    ] {
        let email = format!("{}@cdr.example", role.as_str().replace('_', "."));
        all.push((people::actor(role).label(), email, role, agency));
    }
    all
}

/// The coordinator at some time; ids go on from one use to the next.
fn coordinator(world: &World, ids: &Ids, at: DateTime<Utc>) -> Context {
    Context {
        ids: ids.clone(),
        ..life::coordinator(world, at)
    }
}

fn at(day: NaiveDate, hour: u32) -> DateTime<Utc> {
    let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    utc_of_london(day.and_time(time))
}

/// Arranges the panel that met a few days ago, with who was there. Gives its id and day.
pub fn arrange(db: &Db, world: &World, cases: usize) -> Outcome<Option<(String, NaiveDate)>> {
    if cases < LEAST {
        return Ok(None);
    }
    let day = schedule::held(world.today);
    let ids = Ids::sequence(world.chance.branch("panel held").seed());
    let of = |before: i64, hour| coordinator(world, &ids, at(day - Duration::days(before), hour));
    let (planned, invited, sat) = (of(50, 10), of(49, 10), of(0, 8));
    let id = db.write(move |tx| {
        let id = plan(tx, &planned, day, "")?;
        come(tx, &invited, &id)?;
        let attendance = rows::people_of(tx.conn(), &id)?
            .into_iter()
            .map(|person| (person.id, Attendance::Attended));
        let said = Said {
            attendance: attendance.collect(),
            ..Said::default()
        };
        let version = version(tx, &id)?;
        meetings::save_minutes(tx, &sat, &id, version, &said)?;
        Ok::<_, Error>(id)
    })?;
    Ok(Some((id, day)))
}

fn version(tx: &mut Tx<'_>, id: &str) -> Outcome<i32> {
    let row = rows::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
    Ok(row.version)
}

fn plan(tx: &mut Tx<'_>, ctx: &Context, day: NaiveDate, theme: &str) -> Outcome<String> {
    let given = Given {
        day: Some(day),
        time: NaiveTime::from_hms_opt(9, 30, 0),
        minutes_long: 300,
        place: "Sample Council Offices, room 4".into(),
        theme: theme.to_owned(),
        problems: Vec::new(),
    };
    panels::plan(tx, ctx, &given)
}

/// Everybody is put down and invited, and answers.
fn come(tx: &mut Tx<'_>, ctx: &Context, id: &str) -> Outcome<()> {
    let mut chosen = BTreeMap::new();
    let mut others = Vec::new();
    for (name, email, role, agency) in everybody() {
        match accounts::by_email(tx.conn(), &email)? {
            Some(user) => {
                chosen.insert(user.id, agency.to_owned());
            }
            None => others.push((name, email, role, agency)),
        }
    }
    if !chosen.is_empty() {
        let version = version(tx, id)?;
        panels::put_down_members(tx, ctx, id, version, &chosen)?;
    }
    for (name, email, role, agency) in others {
        let person = Person {
            name,
            role: role.label().to_owned(),
            agency: agency.to_owned(),
            email,
            is_chair: role == Role::PanelChair,
            was_involved: false,
        };
        let version = version(tx, id)?;
        meetings::put_down(tx, ctx, id, version, &person)?;
    }
    let invited = version(tx, id)?;
    meetings::send(tx, ctx, id, invited)?;
    for person in rows::people_of(tx.conn(), id)? {
        let version = version(tx, id)?;
        meetings::reply(tx, ctx, id, version, &person.id, Reply::Accepted)?;
    }
    Ok(())
}

/// Lists a case, with a reason for whatever it goes on without. Gives the item's id.
pub fn list(tx: &mut Tx<'_>, ctx: &Context, panel: &str, reference: &str) -> Outcome<String> {
    let found = panels::propose(tx.conn(), ctx, panel, reference, &Reasons::new())?;
    let mut waived = Reasons::new();
    for (must, standing) in &found.gate {
        if matches!(standing, Standing::Holding(_)) {
            let why = "The chair was asked and agreed that the panel can go on without it.";
            waived.insert(must.as_str().to_owned(), why.to_owned());
        }
    }
    let listing = Listing {
        reference: reference.to_owned(),
        route: found.route.code,
        reason: String::new(),
        waived,
    };
    panels::list(tx, ctx, panel, &listing)
}

/// Everybody declares on an item; on the first of a panel the doctor was involved.
pub fn declare(tx: &mut Tx<'_>, ctx: &Context, (panel, item): (&str, &str)) -> Outcome<()> {
    let first = items::of_meeting(tx.conn(), panel)?
        .first()
        .is_some_and(|first| first.id == item);
    for person in rows::people_of(tx.conn(), panel)? {
        let interest = if first && is_doctor(&person) {
            Interest::Professional
        } else {
            Interest::None
        };
        panels::declare(tx, ctx, (panel, item), Some(&person.id), Some(interest))?;
    }
    Ok(())
}

fn is_doctor(person: &Invited) -> bool {
    person.agency.as_deref() == Some("hospital_paeds")
}

/// The panel finds the review of a case complete. Gives the item's id.
pub fn decide(tx: &mut Tx<'_>, ctx: &Context, panel: &str, case: &Case) -> Outcome<String> {
    let item = items::of_case(tx.conn(), &case.id)?
        .into_iter()
        .rfind(|item| item.meeting_id == panel)
        .ok_or(Error::NotFound)?;
    let at = (panel, item.id.as_str(), item.version);
    panels::decide(tx, ctx, at, Decision::Complete, "")?;
    Ok(item.id)
}

/// The chair signs, where there is an account to sign with.
pub fn sign(tx: &mut Tx<'_>, ctx: &Context, (panel, id): (&str, &str)) -> Outcome<()> {
    let user = ctx.actor.user_id().unwrap_or_default().to_owned();
    if accounts::by_id(tx.conn(), &user)?.is_none() {
        return Ok(());
    }
    let item = items::get(tx.conn(), id)?.ok_or(Error::NotFound)?;
    let analysis = records::get(tx.conn(), &item.case_id, "analysis")?;
    let analysis = analysis.map_or(0, |row| row.version);
    panels::sign(tx, ctx, (panel, id, item.version), analysis).map(|_| ())
}

/// The panel of a few days ago is over.
pub fn hold(tx: &mut Tx<'_>, world: &World) -> Outcome<()> {
    let Some((id, day)) = world.held.clone() else {
        return Ok(());
    };
    let ids = Ids::sequence(world.chance.branch("panel over").seed());
    let ctx = coordinator(world, &ids, at(day, 17));
    let people = rows::people_of(tx.conn(), &id)?.into_iter();
    let said = Said {
        attendance: people.map(|p| (p.id, Attendance::Attended)).collect(),
        ..Said::default()
    };
    let version = version(tx, &id)?;
    meetings::hold(tx, &ctx, &id, version, &said)
}

/// The cases nearest to a panel, but for one of each stage that is to be seen elsewhere.
fn nearest(tx: &mut Tx<'_>) -> Outcome<Vec<Case>> {
    let mut all: Vec<Case> = Vec::new();
    let stages = [
        (State::Listed, 0),
        (State::ReadyForPanel, 1),
        (State::CdrmHeld, 1),
        (State::Gathering, 4),
    ];
    for (state, left) in stages {
        let filter = cases::Filter {
            state: Some(state.as_str().to_owned()),
            open: Some(true),
            ..cases::Filter::default()
        };
        // The oldest first: those are the nearest.
        let mut some = cases::page(tx.conn(), &filter, cases::Sort::Opened, None, 200)?;
        some.reverse();
        let take = some.len().saturating_sub(left);
        all.extend(some.into_iter().take(take));
    }
    all.truncate(LISTED);
    Ok(all)
}

/// A panel to come, with twelve cases on its list; one of its members has declared an interest.
pub fn to_come(tx: &mut Tx<'_>, world: &World) -> Outcome<()> {
    if world.held.is_none() {
        return Ok(());
    }
    let mut day = world.today + Duration::days(AHEAD);
    while matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        day += Duration::days(1);
    }
    let ids = Ids::sequence(world.chance.branch("panel to come").seed());
    let began = world.today - Duration::days(BEFORE);
    let ctx = coordinator(world, &ids, at(began, 10));
    let id = plan(tx, &ctx, day, "")?;
    come(tx, &coordinator(world, &ids, at(began, 11)), &id)?;
    let ctx = coordinator(world, &ids, at(began + Duration::days(1), 10));
    let mut listed = Vec::new();
    for case in nearest(tx)? {
        listed.push((list(tx, &ctx, &id, &case.reference)?, case));
    }
    let ctx = coordinator(world, &ids, at(began + Duration::days(3), 15));
    let people = rows::people_of(tx.conn(), &id)?;
    if let (Some((item, _)), Some(doctor)) = (listed.first(), people.iter().find(|p| is_doctor(p)))
    {
        let interest = Some(Interest::Professional);
        panels::declare(tx, &ctx, (&id, item), Some(&doctor.id), interest)?;
    }
    as_of_today(tx, world, listed.into_iter().map(|(_, case)| case))
}

/// The worklist stands as of the end, and nobody is reminded of what is long gone.
pub(super) fn as_of_today(
    tx: &mut Tx<'_>,
    world: &World,
    all: impl IntoIterator<Item = Case>,
) -> Outcome<()> {
    let ids = Ids::sequence(world.chance.branch("panel today").seed());
    let ctx = Context {
        bulk: false,
        ..coordinator(world, &ids, world.end)
    };
    for case in all {
        triage::refresh(tx, &ctx, &case.id)?;
        clocks::pass_over(tx, &ctx, &case.id)?;
    }
    Ok(())
}

/// What older reviews recommended: sent, done, and looked back at after six and after twelve months.
pub fn look_backs(tx: &mut Tx<'_>, world: &World) -> Outcome<()> {
    if world.held.is_none() {
        return Ok(());
    }
    let ids = Ids::sequence(world.chance.branch("look backs").seed());
    let filter = cases::Filter {
        state: Some(State::Closed.as_str().to_owned()),
        ..cases::Filter::default()
    };
    let mut done = cases::page(tx.conn(), &filter, cases::Sort::Opened, None, 200)?;
    done.reverse();
    for (case, worked) in done.iter().zip([Worked::Yes, Worked::Partly, Worked::No]) {
        let Some(began) = case.finalised_at else {
            continue;
        };
        follow(
            tx,
            world,
            &ids,
            case,
            london(began.and_utc()).date(),
            worked,
        )?;
    }
    as_of_today(tx, world, done.into_iter().take(3))
}

fn follow(
    tx: &mut Tx<'_>,
    world: &World,
    ids: &Ids,
    case: &Case,
    day: NaiveDate,
    worked: Worked,
) -> Outcome<()> {
    let closed = day + Duration::days(60);
    let given = ToDo {
        said: [
            ("problem", "Parents were told different things about safe sleep by different services."),
            ("what", "One sheet on safe sleep is given by every service at every visit of the first year."),
            ("owner", "Sample Head of Public Health Nursing"),
            ("owner_email", "public.health.nursing@cdr.example"),
            ("strength", "guidance"),
            ("measure", "An audit of 50 records after six and after twelve months."),
        ]
        .map(|(name, words)| (name.to_owned(), words.to_owned()))
        .into(),
        due_on: Some(closed),
        ..ToDo::default()
    };
    let by = |day: NaiveDate| coordinator(world, ids, at(day, 14));
    let ended = |day: NaiveDate| at(day, 15) >= world.end;
    if ended(closed) {
        return Ok(());
    }
    let id = actions::set(tx, &by(day), &case.reference, Kind::Recommendation, &given)?;
    let sent = Some(day);
    let ctx = coordinator(world, ids, at(day, 15));
    let version = held(tx, &id)?;
    actions::sent(
        tx,
        &ctx,
        &id,
        version,
        sent,
        "By letter; the copy lies with the case.",
    )?;
    let evidence = "The sheet, and the list of services that use it.";
    let version = held(tx, &id)?;
    actions::close(tx, &by(closed), &id, version, evidence)?;
    for months in [6, 12] {
        let day = closed + Months::new(months);
        if !ended(day) {
            let words = "The audit was read and is kept with the case.";
            let version = held(tx, &id)?;
            actions::look_back(tx, &by(day), &id, version, Some(worked), words)?;
        }
    }
    Ok(())
}

/// The version at which an action is kept.
fn held(tx: &mut Tx<'_>, id: &str) -> Outcome<i32> {
    let row = crate::store::actions::get(tx.conn(), id)?;
    Ok(row.ok_or(Error::NotFound)?.version)
}

/// The invitations have long left.
pub fn mails_left(tx: &mut Tx<'_>, world: &World) -> Outcome<()> {
    if world.held.is_none() {
        return Ok(());
    }
    let ids = Ids::sequence(world.chance.branch("panel mails").seed());
    for mail in outbox::due(tx.conn(), world.end.naive_utc(), 1_000)? {
        let left = mail.created_at.and_utc() + Duration::minutes(1);
        let actor = Actor::job("mail");
        let ctx = Context {
            ids: ids.clone(),
            bulk: true,
            ..Context::new(&world.house, left.min(world.end), actor, "seed")
        };
        mailing::sent(tx, &ctx, &mail)?;
    }
    Ok(())
}
