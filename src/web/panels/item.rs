//! One case on the list of a panel: as those see it who keep or run the panel, and as a member sees it who declares an
//! interest. Must not know what follows from what is posted.

use actix_web::web;
use serde_json::Value;

use super::Data;
use crate::casework::panels::{self as work, AtItem};
use crate::casework::{Context, Error, Outcome, meetings, packs};
use crate::domain::code::coded;
use crate::domain::meeting::{Attendance, State};
use crate::domain::panel::{Deferral, Gate, Interest, ItemState, Standing};
use crate::domain::permission::{Facts, Verb, may};
use crate::store::Conn;
use crate::store::panels::Item;
use crate::web::again::{Again, Sheet};
use crate::web::app::see_other;
use crate::web::{Page, Post, Visit, dated};

type Path2 = web::Path<(String, String)>;

coded! {
    /// What is done on the page of an item.
    pub enum Deed {
        Earlier = "earlier", "Earlier";
        Route = "route", "Change the route";
        TakeOff = "take_off", "Take it off the list";
        Defer = "defer", "Put it off";
        Declare = "declare", "Record an interest";
        Rest = "rest", "Record that nobody else has an interest";
        Judge = "judge", "Decide who stays";
        HandOver = "hand_over", "Hand over the chair";
    }
}

const PAGE: Sheet<(String, String), Again> = Sheet {
    template: "panels/item.html",
    view,
};

/// What is said to whoever comes second.
const STALE: &str = "Somebody changed this item while you had it open. It is shown here as it stands now; what you typed is still in its boxes. Look at it and do it again.";

/// `GET /panels/{id}/items/{item}`.
pub async fn item_page(app: Data, visit: Visit, path: Path2) -> Page {
    PAGE.again(&app, &visit, &path, Again::default()).await
}

fn view(conn: &mut Conn, ctx: &Context, at: &(String, String), typed: &Again) -> Outcome<Value> {
    let (row, item, case, facts) = work::item(conn, ctx, &at.0, &at.1, Verb::ReadPanel)?;
    let sees = may(&ctx.actor, Verb::ReadCase, &facts);
    let keeps = may(&ctx.actor, Verb::KeepPanel, &Facts::default());
    let runs = keeps || work::chairs(conn, ctx, &row, &item)?;
    let people = work::at_item(conn, ctx, &row, &item)?;
    let (state, stands) = (work::state_of(&item)?, meetings::state_of(&row)?);
    let (errors, wrong) = crate::web::said::said(&typed.problems);
    let post = typed.post.as_ref();
    let text = |name: &str| post.map(|post| post.text(name).to_owned());
    let route = ctx.house.routes.get(&item.route);
    let reasons = work::reasons_of(&item);
    let quorum = work::quorum(ctx, &people);
    let gate = if sees {
        work::gate(conn, ctx, &case, &reasons)?
    } else {
        Gate::new()
    };
    let unsigned =
        state == ItemState::Reviewed && !work::item_is_signed(conn, ctx, &case, &item.id)?;
    let deferral: Option<Deferral> = item.deferral.as_deref().and_then(|code| code.parse().ok());
    Ok(context! {
        title => format!("Case {}", item.pack_number), panel => &row.id, when => crate::casework::letters::when(row.starts_at, row.minutes_long),
        act => format!("/panels/{}/items/{}", row.id, item.id), version => item.version, sees, keeps, runs,
        listed => state == ItemState::Listed, planned => stands == State::Planned, state => state.label(), colour => colour(state),
        deferral => deferral.map(Deferral::label), next => item.next_date, pack => &item.pack_number,
        case => sees.then(|| context! { reference => &case.reference, base => format!("/cases/{}", case.reference), name => &case.display_name }),
        route => route.map(|route| format!("{}, {} minutes", route.label, route.minutes)), route_reason => reasons.get("route").filter(|_| sees),
        routes => routes(ctx, &item, text("route").as_deref()), gate => gated(&gate),
        questions => if runs || sees { work::questions(conn, ctx, &case, sees)? } else { Vec::new() },
        people => if runs || sees { shown(ctx, &people) } else { Vec::new() },
        own => own(ctx, &people, post).filter(|_| may(&ctx.actor, Verb::DeclareInterest, &facts)), missing => (runs || sees).then(|| quorum.missing()), quorate => quorum.is_met(),
        agencies => answered(ctx, conn, &item)?, interests => interests(post.map(|post| post.text("interest"))),
        deferrals => deferrals(text("deferral").as_deref()), next_boxes => dated::boxes(post, "next", None),
        reason => text("reason"), errors, at => wrong, refused => &typed.refused,
        reads => (!sees && state.is_there()).then(|| format!("/panels/{}/pack/{}", row.id, item.id)),
        desk => may(&ctx.actor, Verb::SignPack, &facts).then(|| format!("/panels/{}/pack/{}/desk", row.id, item.id)),
        account => packs::stand(conn, ctx, &case, &item.id)?.label(),
        silent => people.iter().any(AtItem::is_silent),
        signs => runs && state == ItemState::Reviewed, unsigned,
        room => (runs && matches!(state, ItemState::Listed | ItemState::Reviewed)).then(|| format!("/panels/{}/room/{}", row.id, item.id)),
    })
}

pub(super) const fn colour(state: ItemState) -> &'static str {
    match state {
        ItemState::Listed => "govuk-tag--blue",
        ItemState::Reviewed => "govuk-tag--green",
        ItemState::Deferred => "govuk-tag--yellow",
        ItemState::TakenOff => "govuk-tag--grey",
    }
}

fn gated(gate: &Gate) -> Vec<Value> {
    gate.iter()
        .map(|(must, standing)| {
            let (stands, colour, words) = match standing {
                Standing::Met => ("Met", "govuk-tag--green", None),
                Standing::Waived(why) => ("Waived", "govuk-tag--grey", Some(why)),
                Standing::Holding(words) => ("Holding", "govuk-tag--yellow", Some(words)),
            };
            context! { what => must.label(), stands, colour, words }
        })
        .collect()
}

fn routes(ctx: &Context, item: &Item, typed: Option<&str>) -> Vec<Value> {
    let chosen = typed.unwrap_or(&item.route);
    let all = ctx.house.routes.all();
    all.iter()
        .map(|route| context! { value => &route.code, text => &route.label, selected => route.code == chosen })
        .collect()
}

fn interests(chosen: Option<&str>) -> Vec<Value> {
    Interest::ALL
        .iter()
        .map(|it| context! { value => it.as_str(), text => it.label(), checked => chosen == Some(it.as_str()) })
        .collect()
}

pub(super) fn deferrals(chosen: Option<&str>) -> Vec<Value> {
    let none = context! { value => "", text => "Choose why" };
    let all = Deferral::ALL.iter().map(
        |why| context! { value => why.as_str(), text => why.label(), selected => chosen == Some(why.as_str()) },
    );
    std::iter::once(none).chain(all).collect()
}

/// Everybody put down, as they stand to this item.
pub(super) fn shown(ctx: &Context, people: &[AtItem]) -> Vec<Value> {
    people
        .iter()
        .map(|p| {
            let conflicts = p.interest.is_some_and(Interest::conflicts);
            context! {
                id => &p.person.id, name => &p.person.name, role => &p.person.role, chairs => p.chairs, chaired => p.chaired, account => p.person.user_id.is_some(),
                agency => p.person.agency.as_deref().and_then(|code| ctx.house.dictionary().label("agency", code)),
                interest => p.interest.map(Interest::label), conflicts, personal => p.interest == Some(Interest::Personal),
                stays => p.declared.as_ref().and_then(|d| d.stays), judged_by => p.declared.as_ref().and_then(|d| d.decided_by.clone()),
                declared => p.declared.is_some(), answered => p.answered,
                there => p.person.attendance == Attendance::Attended.as_str(), chair_conflicted => p.chairs && conflicts,
            }
        })
        .collect()
}

/// The member who asks, when that is one of those put down.
fn own(ctx: &Context, people: &[AtItem], post: Option<&Post>) -> Option<Value> {
    let user = ctx.actor.user_id()?;
    let who = people
        .iter()
        .find(|p| p.person.user_id.as_deref() == Some(user))?;
    let now = post.map_or_else(
        || who.interest.map(Interest::as_str),
        |post| Some(post.text("interest")),
    );
    Some(context! {
        interest => who.interest.map(Interest::label), answered => who.answered, choices => interests(now),
        stays => who.declared.as_ref().and_then(|d| d.stays),
    })
}

/// Which agencies answered: by this a member knows whether they have an interest.
fn answered(ctx: &Context, conn: &mut Conn, item: &Item) -> Outcome<Vec<String>> {
    let mut all = work::answered(conn, item)?;
    all.dedup();
    let dict = ctx.house.dictionary();
    Ok(all
        .iter()
        .map(|code| dict.label("agency", code).unwrap_or(code).to_owned())
        .collect())
}

/// `POST /panels/{id}/items/{item}/interest`.
pub async fn declare(app: Data, visit: Visit, path: Path2, post: Post) -> Page {
    let at = path.into_inner();
    let of = at.clone();
    let interest = post.text("interest").parse().ok();
    let done = app
        .write(&visit, move |tx, ctx| {
            work::declare(tx, ctx, (&of.0, &of.1), None, interest)
        })
        .await;
    match done {
        // The item is not there any more for whoever has a personal interest.
        Ok(()) => Ok(see_other(&format!("/panels/{}", at.0))),
        Err(fault) => {
            let typed = Again::of(post, fault, STALE)?;
            PAGE.again(&app, &visit, &at, typed).await
        }
    }
}

/// `POST /panels/{id}/items/{item}`.
pub async fn act_item(app: Data, visit: Visit, path: Path2, post: Post) -> Page {
    let at = path.into_inner();
    let deed = post.text("do").parse::<Deed>().ok();
    let (of, said) = (at.clone(), post.clone());
    let done = app
        .write(&visit, move |tx, ctx| {
            let (panel, id) = (of.0.as_str(), of.1.as_str());
            let (at, person) = ((panel, id, said.number("version")), said.text("person"));
            match deed {
                Some(Deed::Earlier) => work::earlier(tx, ctx, at),
                Some(Deed::Route) => {
                    work::change_route(tx, ctx, at, said.text("route"), said.text("reason"))
                }
                Some(Deed::TakeOff) => work::take_off(tx, ctx, at, said.text("reason")),
                Some(Deed::Defer) => {
                    let mut problems = Vec::new();
                    let next = dated::day(&said, "next", "The day", &mut problems);
                    let why = said.text("deferral").parse().ok();
                    work::defer(tx, ctx, at, why, next, problems)
                }
                Some(Deed::Declare) => {
                    let interest = said.text("interest").parse().ok();
                    work::declare(tx, ctx, (panel, id), Some(person), interest)
                }
                Some(Deed::Rest) => work::declare_rest(tx, ctx, (panel, id)),
                Some(Deed::Judge) => {
                    let stays = match said.text("stays") {
                        "yes" => Some(true),
                        "no" => Some(false),
                        _ => None,
                    };
                    work::judge_interest(tx, ctx, (panel, id), person, stays)
                }
                Some(Deed::HandOver) => work::hand_over(tx, ctx, at, person),
                None => Err(Error::NotFound),
            }
        })
        .await;
    match done {
        // It may be whoever writes it down whose interest it is.
        Ok(()) if deed == Some(Deed::Declare) && post.text("interest") == "personal" => {
            Ok(see_other(&format!("/panels/{}", at.0)))
        }
        Ok(()) if deed == Some(Deed::Earlier) => Ok(see_other(&format!("/panels/{}#items", at.0))),
        Ok(()) => Ok(see_other(&format!("/panels/{}/items/{}", at.0, at.1))),
        Err(fault) => {
            let typed = Again::of(post, fault, STALE)?;
            PAGE.again(&app, &visit, &at, typed).await
        }
    }
}
