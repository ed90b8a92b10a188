//! Panels: the page of one, as those see it who keep it and as a member sees it. Must not know what follows from what is
//! posted, nor who the children are.

mod item;
mod list;
mod room;
mod signed;

use std::sync::Arc;

use actix_web::web;
use serde_json::Value;

use super::app::see_other;
use super::meetings::{self as page_of_meeting, Typed};
use super::{App, Page, Post, Visit};
use crate::casework::{Context, Outcome, meetings, panels as work};
use crate::domain::meeting::{Purpose, Reply, State};
use crate::domain::panel::{ItemState, agenda};
use crate::domain::permission::{Facts, Verb, may};
use crate::store::Conn;
use crate::store::meetings::{Meeting, people_of};

pub use item::{act_item, declare, item_page};
pub use list::{list, list_page};
pub use room::{act_room, keep_typing, room, save_section, screen, section};
pub use signed::{page as signed_page, versions};

type Data = web::Data<Arc<App>>;

/// `GET /panels/{id}`.
pub async fn page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    show(&app, &visit, &path, Typed::default()).await
}

/// `POST /panels/{id}`.
pub async fn act(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    match page_of_meeting::done(&app, &visit, &id, &post).await? {
        None => Ok(see_other(&format!("/panels/{id}"))),
        Some(typed) => show(&app, &visit, &id, typed).await,
    }
}

async fn show(app: &Data, visit: &Visit, id: &str, typed: Typed) -> Page {
    let (id, status) = (id.to_owned(), typed.status);
    let page = app
        .read(visit, move |conn, ctx| view(conn, ctx, &id, &typed))
        .await?;
    app.page(visit, status, "panels/page.html", page)
}

fn view(conn: &mut Conn, ctx: &Context, id: &str, typed: &Typed) -> Outcome<Value> {
    let row = work::reach(conn, ctx, id, Verb::ReadPanel)?;
    let state = meetings::state_of(&row)?;
    let keeps = may(&ctx.actor, Verb::KeepPanel, &Facts::default());
    // Who else is asked is for those who see every case, and the reason why a panel was called off may name one.
    let sees = may(&ctx.actor, Verb::ReadCase, &Facts::default());
    let people = people_of(conn, id)?;
    let unsent = people
        .iter()
        .filter(|p| p.email.is_some() && p.invited.is_none())
        .count();
    let (errors, at) = super::said::said(&typed.problems);
    let shown: Vec<Value> = people
        .iter()
        .filter(|_| sees)
        .map(|p| page_of_meeting::person(ctx, p, &row))
        .collect();
    let members = if keeps && state == State::Planned {
        members(conn, ctx, id)?
    } else {
        Vec::new()
    };
    let parts = if sees {
        page_of_meeting::parts(ctx, &row, Purpose::Panel)
    } else {
        Vec::new()
    };
    let (items, agenda) = items(conn, ctx, &row, sees)?;
    Ok(context! {
        title => Purpose::Panel.label(), items, agenda, meeting => page_of_meeting::described(&row, None)?, id, version => row.version,
        planned => state == State::Planned, held => state == State::Held,
        signed => row.signed_by.as_ref().filter(|_| sees).map(|by| context! { by, on => row.signed_at.map(|at| at.date().to_string()) }),
        reason => row.reason.as_ref().filter(|_| sees), keeps, sees, unsent, people => shown, members, parts,
        replies => Reply::ALL.iter().map(|r| context! { value => r.as_str(), text => r.label() }).collect::<Vec<Value>>(),
        agencies => page_of_meeting::agencies(ctx, &typed.person.agency), errors, at, refused => &typed.refused,
        typed => typed.shown(), act => format!("/panels/{id}"), panel => true,
    })
}

/// Accounts that can be put down, each with the agency it spoke for the last time.
fn members(conn: &mut Conn, ctx: &Context, id: &str) -> Outcome<Vec<Value>> {
    let all = work::accounts(conn, id)?.into_iter().filter(|a| !a.there);
    Ok(all
        .map(|a| {
            let agencies = page_of_meeting::agencies(ctx, a.agency.as_deref().unwrap_or_default());
            context! { id => &a.id, name => &a.name, role => a.role.label(), agencies }
        })
        .collect())
}

/// The list of the panel. Its times are for those who see every case: from a gap a member would see that there is an item
/// which is not for them.
fn items(
    conn: &mut Conn,
    ctx: &Context,
    row: &Meeting,
    sees: bool,
) -> Outcome<(Vec<Value>, Option<Value>)> {
    let all = work::items(conn, ctx, row)?;
    let route = |code: &str| ctx.house.routes.get(code);
    let mut timed = Vec::new();
    for (item, _, _) in &all {
        if work::state_of(item)? != ItemState::TakenOff {
            timed.push((
                item.id.clone(),
                route(&item.route).map_or(0, |route| route.minutes),
            ));
        }
    }
    let lengths: Vec<i64> = timed.iter().map(|(_, minutes)| *minutes).collect();
    let plan = agenda(row.starts_at, row.minutes_long, &lengths);
    let mut rows = Vec::new();
    for (item, case, open) in &all {
        let state = work::state_of(item)?;
        let at = timed.iter().position(|(id, _)| *id == item.id);
        let slot = at.and_then(|at| plan.slots.get(at)).filter(|_| sees);
        rows.push(context! {
            href => format!("/panels/{}/items/{}", row.id, item.id), pack => &item.pack_number, state => state.label(), open,
            colour => item::colour(state), reference => (sees && *open).then_some(&case.reference), version => item.version, id => &item.id,
            route => route(&item.route).map(|route| &route.label), minutes => route(&item.route).map(|route| route.minutes),
            begins => slot.map(|slot| clock_time(slot.begins)), after_break => slot.is_some_and(|slot| slot.after_break),
            listed => state == ItemState::Listed,
        });
    }
    let told = sees && !rows.is_empty();
    let told = told.then(|| context! { ends => clock_time(plan.ends), over => plan.over });
    Ok((rows, told))
}

fn clock_time(at: chrono::NaiveDateTime) -> String {
    crate::domain::calendar::london(at.and_utc())
        .format("%H:%M")
        .to_string()
}
