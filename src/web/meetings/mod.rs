//! Meetings about cases: the list of a case, the list over all cases, and the page of one meeting with who is asked, what
//! it needs and what is done with it. Must not know what follows from any of it.

mod edit;
mod minutes;
mod papers;

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

pub use edit::{change, change_page, plan, plan_page, plan_panel, plan_panel_page};
pub use minutes::{minutes_page, save_minutes};
pub use papers::add_paper;

use super::app::see_other;
use super::documents::item;
use super::{App, Fault, Page, Post, Visit, cases};
use crate::casework::documents::Told;
use crate::casework::letters::when;
use crate::casework::meetings::{self as work, Person, readiness, stored_minutes};
use crate::casework::picture::Picture;
use crate::casework::{Context, Error, Outcome, access, family, merge, panels};
use crate::domain::code::coded;
use crate::domain::document;
use crate::domain::family::{Asked, Part};
use crate::domain::form::Problem;
use crate::domain::meeting::{Attendance, Purpose, Reply, State};
use crate::domain::permission::{Facts, Scope, Verb, may, scope};
use crate::store::Conn;
use crate::store::cases::Case;
use crate::store::meetings::{Invited, Meeting, people_of};

type Data = web::Data<Arc<App>>;

coded! {
    /// What is done on a meeting's page.
    pub enum Deed {
        Add = "add", "Put down";
        Members = "members", "Put members down";
        Reply = "reply", "Record a reply";
        Remove = "remove", "Take off";
        Send = "send", "Send the invitations";
        Cancel = "cancel", "Cancel";
        Sign = "sign", "Sign the minutes";
    }
}

/// `GET /meetings`.
pub async fn all(app: Data, visit: Visit) -> Page {
    let (rows, panels, arranges, cases) = app
        .read(&visit, |conn, ctx| {
            let can = |verb| may(&ctx.actor, verb, &Facts::default());
            let cases = scope(&ctx.actor) != Scope::Listed;
            let rows = work::coming(conn, ctx)?;
            Ok((
                rows,
                panels::coming(conn, ctx)?,
                can(Verb::KeepPanel),
                cases,
            ))
        })
        .await?;
    let rows = rows
        .iter()
        .map(|(row, reference)| described(row, Some(reference)))
        .collect::<Outcome<Vec<Value>>>()?;
    let panels = panels
        .iter()
        .map(|row| described(row, None))
        .collect::<Outcome<Vec<Value>>>()?;
    app.ok(
        &visit,
        "meetings/all.html",
        context! { title => "Meetings", rows, panels, arranges, cases },
    )
}

/// `GET /cases/{reference}/meetings`.
pub async fn list(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let reference = path.into_inner();
    let page = app
        .read(&visit, move |conn, ctx| {
            let (case, facts) = access::reach(conn, ctx, &reference, Verb::ReadCase)?;
            let known = Picture::shown(conn, ctx, &case, facts)?;
            let rows = work::of_case(conn, ctx, &case)?;
            let rows = rows.iter().map(|row| described(row, None)).collect::<Outcome<Vec<Value>>>()?;
            let listed = listed(conn, ctx, &case, facts)?;
            Ok(context! {
                title => "Meetings", listed, case => cases::head(ctx, facts, &case, &known), rows, keeps => keeps(ctx, facts),
                purposes => [Purpose::Response, Purpose::Review].map(|p| context! { code => p.as_str(), label => p.label() }),
            })
        })
        .await?;
    app.ok(&visit, "meetings/list.html", page)
}

/// The panels for which a case is or was listed, for those who may see a panel.
fn listed(conn: &mut Conn, ctx: &Context, case: &Case, facts: Facts) -> Outcome<Vec<Value>> {
    if !may(&ctx.actor, Verb::ReadPanel, &facts) {
        return Ok(Vec::new());
    }
    let all = panels::of_case(conn, ctx, case)?;
    all.iter()
        .map(|(row, item)| {
            Ok(context! {
                href => format!("/panels/{}/items/{}", row.id, item.id), pack => &item.pack_number,
                when => when(row.starts_at, row.minutes_long), state => panels::state_of(item)?.label(),
            })
        })
        .collect()
}

fn keeps(ctx: &Context, facts: Facts) -> bool {
    may(&ctx.actor, Verb::KeepMeeting, &facts)
}

/// One meeting in a list.
pub(in crate::web) fn described(row: &Meeting, reference: Option<&str>) -> Outcome<Value> {
    let (state, purpose) = (work::state_of(row)?, work::purpose_of(row)?);
    let text = match state {
        State::Held if row.signed_at.is_some() => "Held, minutes signed",
        state => state.label(),
    };
    Ok(context! {
        href => format!("/{}/{}", if purpose == Purpose::Panel { "panels" } else { "meetings" }, row.id), purpose => purpose.label(), state => text, theme => &row.theme,
        colour => colour(state), when => when(row.starts_at, row.minutes_long), place => &row.place, reference,
    })
}

const fn colour(state: State) -> &'static str {
    match state {
        State::Planned => "govuk-tag--blue",
        State::Held => "govuk-tag--green",
        State::Cancelled => "govuk-tag--grey",
    }
}

/// What was typed on the page of a meeting and what is wrong with it.
#[derive(Clone, Default)]
pub(in crate::web) struct Typed {
    pub person: Person,
    /// What was said of a paper.
    pub paper: Told,
    pub reason: String,
    pub problems: Vec<Problem>,
    /// A rule of the process that refuses it, or what somebody else saved.
    pub refused: Option<String>,
    pub status: StatusCode,
}

impl Typed {
    /// What was typed for a person or a reason, for `meetings/people.html`.
    pub fn shown(&self) -> Value {
        let person = &self.person;
        context! {
            name => &person.name, role => &person.role, email => &person.email, reason => &self.reason,
            is_chair => person.is_chair, was_involved => person.was_involved,
        }
    }
}

/// `GET /meetings/{id}`.
pub async fn page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let id = path.into_inner();
    let of = id.clone();
    let panel = app
        .read(&visit, move |conn, ctx| panels::keeps(conn, ctx, &of))
        .await?;
    if panel {
        return Ok(see_other(&format!("/panels/{id}")));
    }
    show(&app, &visit, &id, Typed::default()).await
}

async fn show(app: &Data, visit: &Visit, id: &str, typed: Typed) -> Page {
    let (id, status) = (id.to_owned(), typed.status);
    let page = app
        .read(visit, move |conn, ctx| view(conn, ctx, &id, &typed))
        .await?;
    app.page(visit, status, "meetings/page.html", page)
}

fn view(conn: &mut Conn, ctx: &Context, id: &str, typed: &Typed) -> Outcome<Value> {
    let (row, case, facts) = work::reach(conn, ctx, id, Verb::ReadCase)?;
    let known = Picture::shown(conn, ctx, &case, facts)?;
    let (purpose, state) = (work::purpose_of(&row)?, work::state_of(&row)?);
    let people = people_of(conn, id)?;
    let needs: Vec<Value> = if purpose == Purpose::Review && state == State::Planned {
        let all = readiness(conn, ctx, &case, &row)?.into_iter();
        all.map(|need| context! { what => need.what, met => need.met, missing => need.missing })
            .collect()
    } else {
        Vec::new()
    };
    let beside = work::beside_the_care(conn, ctx, &case, &people)?;
    let shown = people.iter().map(|p| {
        let mut shown = person(ctx, p, &row);
        if let (Some(map), Some(words)) = (shown.as_object_mut(), beside.get(&p.id)) {
            map.insert("beside".to_owned(), words.as_str().into());
        }
        shown
    });
    let shown: Vec<Value> = shown.collect();
    let (errors, at) = super::said::said(&typed.problems);
    let unsent = people
        .iter()
        .filter(|p| p.email.is_some() && p.invited.is_none())
        .count();
    Ok(context! {
        title => purpose.label(), case => cases::head(ctx, facts, &case, &known), meeting => described(&row, None)?,
        id, version => row.version, planned => state == State::Planned, held => state == State::Held,
        signed => row.signed_by.as_ref().map(|by| context! { by, on => row.signed_at.map(|at| at.date().to_string()) }),
        reason => &row.reason, keeps => keeps(ctx, facts), unsent, needs,
        people => shown,
        questions => questions(conn, ctx, &case)?, parts => parts(ctx, &row, purpose),
        replies => Reply::ALL.iter().map(|r| context! { value => r.as_str(), text => r.label() }).collect::<Vec<Value>>(),
        agencies => agencies(ctx, &typed.person.agency), errors, at, refused => &typed.refused,
        papers => papers(conn, ctx, &case, id)?, accept => document::accepted(),
        adds => may(&ctx.actor, Verb::AddDocument, &facts) && state != State::Cancelled,
        paper => context! { title => &typed.paper.title, distressing => typed.paper.distressing, content_note => &typed.paper.content_note },
        typed => typed.shown(), act => format!("/meetings/{id}"), panel => false,
    })
}

pub(in crate::web) fn person(ctx: &Context, row: &Invited, meeting: &Meeting) -> Value {
    let reply: Option<Reply> = row.reply.parse().ok();
    let attendance: Option<Attendance> = row.attendance.parse().ok();
    let told = match row.invited {
        None if row.email.is_none() => "No address: not told by this service",
        None => "Not told yet",
        Some(sequence) if sequence < meeting.sequence => "Told of an earlier time",
        Some(_) => "Told",
    };
    context! {
        id => &row.id, name => &row.name, role => &row.role, email => &row.email, is_chair => row.is_chair, told,
        was_involved => row.was_involved, reply => reply.map(Reply::as_str), reply_words => reply.map(Reply::label),
        attendance => attendance.filter(|a| *a != Attendance::Unknown).map(Attendance::label),
        agency => row.agency.as_deref().and_then(|code| ctx.house.dictionary().label("agency", code)),
    }
}

/// The papers of a meeting, for those who may read documents.
fn papers(conn: &mut Conn, ctx: &Context, case: &Case, id: &str) -> Outcome<Vec<Value>> {
    match work::papers::list(conn, ctx, case, id) {
        Ok(all) => Ok(all.iter().map(|one| item(case, one)).collect()),
        Err(Error::Forbidden | Error::NotFound) => Ok(Vec::new()),
        Err(other) => Err(other),
    }
}

/// What the family asks that is not settled: it stands on the agenda of every meeting.
fn questions(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Value>> {
    let mut all = family::of_case(conn, ctx, case)?;
    for one in merge::under(conn, ctx, case)? {
        all.extend(family::of_case(conn, ctx, &one)?);
    }
    let open = all.iter().filter(|e| e.part == Part::Questions);
    let open = open.filter(|e| {
        e.state
            .parse::<Asked>()
            .is_ok_and(|state| !state.is_settled())
    });
    Ok(open
        .map(|e| context! { words => e.said.get("words"), state => e.state.parse::<Asked>().map(Asked::label).unwrap_or_default() })
        .collect())
}

/// The parts of the minutes that hold something.
pub(in crate::web) fn parts(ctx: &Context, row: &Meeting, purpose: Purpose) -> Vec<Value> {
    let said = stored_minutes(row);
    ctx.house
        .outlines
        .of(purpose)
        .filter_map(|part| {
            Some(context! { label => &part.label, text => part.shown(said.get(&part.code).filter(|text| !text.is_empty())?) })
        })
        .collect()
}

pub(in crate::web) fn agencies(ctx: &Context, chosen: &str) -> Vec<Value> {
    let none = context! { value => "", text => "None of these", selected => chosen.is_empty() };
    let codes = ctx.house.dictionary().codes("agency").iter();
    let codes = codes
        .map(|c| context! { value => &c.code, text => &c.label, selected => c.code == chosen });
    std::iter::once(none).chain(codes).collect()
}

/// `POST /meetings/{id}`.
pub async fn act(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    match done(&app, &visit, &id, &post).await? {
        None => Ok(see_other(&format!("/meetings/{id}"))),
        Some(typed) => show(&app, &visit, &id, typed).await,
    }
}

/// Does what was posted on the page of a meeting. Gives what was typed when it is not done.
pub(in crate::web) async fn done(
    app: &Data,
    visit: &Visit,
    id: &str,
    post: &Post,
) -> Result<Option<Typed>, Fault> {
    let deed = post.text("do").parse::<Deed>().ok();
    let person = Person {
        name: post.text("name").to_owned(),
        role: post.text("role").to_owned(),
        agency: post.text("agency").to_owned(),
        email: post.text("email").trim().to_owned(),
        is_chair: post.text("is_chair") == "yes",
        was_involved: post.text("was_involved") == "yes",
    };
    let (reason, of) = (
        post.text("reason").to_owned(),
        post.text("person").to_owned(),
    );
    let (version, answer) = (
        post.number("version"),
        post.text("reply").parse().unwrap_or(Reply::Waiting),
    );
    let typed = Typed {
        person: person.clone(),
        reason: reason.clone(),
        ..Typed::default()
    };
    let (at, members) = (id.to_owned(), members(post));
    let done = app
        .write(visit, move |tx, ctx| match deed {
            Some(Deed::Add) => work::put_down(tx, ctx, &at, version, &person),
            Some(Deed::Members) => panels::put_down_members(tx, ctx, &at, version, &members),
            Some(Deed::Reply) => work::reply(tx, ctx, &at, version, &of, answer),
            Some(Deed::Remove) => work::take_off(tx, ctx, &at, version, &of),
            Some(Deed::Send) => work::send(tx, ctx, &at, version).map(drop),
            Some(Deed::Cancel) => work::cancel(tx, ctx, &at, version, &reason),
            Some(Deed::Sign) => work::sign(tx, ctx, &at, version),
            None => {
                work::reach_to_keep(tx.conn(), ctx, &at)?;
                Err(Error::NotFound)
            }
        })
        .await;
    let typed = match done {
        Ok(()) => return Ok(None),
        Err(Fault::Work(Error::Invalid(problems))) => Typed {
            problems,
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..typed
        },
        Err(Fault::Work(Error::Rule(words))) => Typed {
            refused: Some(words),
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..typed
        },
        Err(Fault::Work(Error::Stale)) => Typed {
            refused: Some("Somebody changed this meeting while you had it open. It is shown here as it stands now; what you typed is still in its boxes. Look at it and do it again.".into()),
            status: StatusCode::CONFLICT,
            ..typed
        },
        Err(fault) => return Err(fault),
    };
    Ok(Some(typed))
}

/// Accounts that were ticked, each with its agency.
fn members(post: &Post) -> BTreeMap<String, String> {
    let agency = |id: &String| post.text(&format!("agency-{id}")).to_owned();
    post.all("member")
        .into_iter()
        .map(|id| (id.clone(), agency(&id)))
        .collect()
}
