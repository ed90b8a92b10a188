//! The page on which a meeting is arranged or moved. Must not judge what was typed.

use actix_web::web;
use chrono::NaiveTime;
use serde_json::Value;

use super::Data;
use crate::casework::meetings::{self as work, Given};
use crate::casework::picture::Picture;
use crate::casework::{Context, Error, Outcome, access, panels};
use crate::domain::calendar::london;
use crate::domain::form::{Problem, Severity};
use crate::domain::meeting::{Purpose, State};
use crate::domain::permission::{Facts, Verb};
use crate::store::Conn;
use crate::store::cases::Case;
use crate::store::meetings::Meeting;
use crate::web::again::status;
use crate::web::app::see_other;
use crate::web::dated::{boxes, day};
use crate::web::{Fault, Page, Post, Visit, cases};

/// Which meeting: one to arrange, or one that there is.
#[derive(Clone)]
enum Which {
    New(String, Option<Purpose>),
    NewPanel,
    There(String),
}

#[derive(Clone, Default)]
struct Typed {
    post: Option<Post>,
    problems: Vec<Problem>,
    stale: bool,
}

/// `GET /cases/{reference}/meetings/new/{purpose}`.
pub async fn plan_page(app: Data, visit: Visit, path: web::Path<(String, String)>) -> Page {
    let (reference, purpose) = path.into_inner();
    let which = Which::New(reference, purpose.parse().ok());
    show(&app, &visit, which, Typed::default()).await
}

/// `GET /meetings/new/panel`.
pub async fn plan_panel_page(app: Data, visit: Visit) -> Page {
    show(&app, &visit, Which::NewPanel, Typed::default()).await
}

/// `POST /meetings/new/panel`.
pub async fn plan_panel(app: Data, visit: Visit, post: Post) -> Page {
    let given = given(&post);
    let done = app
        .write(&visit, move |tx, ctx| panels::plan(tx, ctx, &given))
        .await;
    match done {
        Ok(id) => Ok(see_other(&format!("/panels/{id}"))),
        Err(Fault::Work(Error::Invalid(problems))) => {
            let typed = Typed {
                post: Some(post),
                problems,
                stale: false,
            };
            show(&app, &visit, Which::NewPanel, typed).await
        }
        Err(fault) => Err(fault),
    }
}

/// `GET /meetings/{id}/change`.
pub async fn change_page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let which = Which::There(path.into_inner());
    show(&app, &visit, which, Typed::default()).await
}

async fn show(app: &Data, visit: &Visit, which: Which, typed: Typed) -> Page {
    let status = status(typed.stale, !typed.problems.is_empty());
    let page = app
        .read(visit, move |conn, ctx| view(conn, ctx, &which, &typed))
        .await?;
    app.page(visit, status, "meetings/edit.html", page)
}

/// What is arranged or changed.
struct Found {
    row: Option<Meeting>,
    /// None for a panel.
    about: Option<(Case, Facts)>,
    purpose: Purpose,
    action: String,
    back: String,
}

fn find(conn: &mut Conn, ctx: &Context, which: &Which) -> Outcome<Found> {
    Ok(match which {
        Which::New(reference, purpose) => {
            let about = access::reach(conn, ctx, reference, Verb::KeepMeeting)?;
            let purpose = purpose
                .filter(|p| *p != Purpose::Panel)
                .ok_or(Error::NotFound)?;
            let case = format!("/cases/{}/meetings", about.0.reference);
            Found {
                row: None,
                about: Some(about),
                purpose,
                action: format!("{case}/new/{}", purpose.as_str()),
                back: case,
            }
        }
        Which::NewPanel => {
            ctx.allow(Verb::KeepPanel, &Facts::default())?;
            Found {
                row: None,
                about: None,
                purpose: Purpose::Panel,
                action: "/meetings/new/panel".to_owned(),
                back: "/meetings".to_owned(),
            }
        }
        Which::There(id) => {
            let (row, about) = work::reach_to_keep(conn, ctx, id)?;
            Found {
                purpose: work::purpose_of(&row)?,
                row: Some(row),
                about,
                action: format!("/meetings/{id}/change"),
                back: format!("/meetings/{id}"),
            }
        }
    })
}

fn view(conn: &mut Conn, ctx: &Context, which: &Which, typed: &Typed) -> Outcome<Value> {
    let Found {
        row,
        about,
        purpose,
        action,
        back,
    } = find(conn, ctx, which)?;
    let case = match &about {
        Some((case, facts)) => {
            let known = Picture::shown(conn, ctx, case, *facts)?;
            Some(cases::head(ctx, *facts, case, &known))
        }
        None => None,
    };
    let held = row
        .as_ref()
        .is_some_and(|row| row.state == State::Held.as_str());
    let begins = row.as_ref().map(|row| london(row.starts_at.and_utc()));
    let post = typed.post.as_ref();
    let text = |name: &str, held: Option<String>| match post {
        Some(post) => post.text(name).to_owned(),
        None => held.unwrap_or_default(),
    };
    let (errors, at) = crate::web::said::said(&typed.problems);
    Ok(context! {
        title => if held { "Put right when it was held" } else if row.is_some() { "Change the meeting" } else { "Arrange a meeting" }, purpose => purpose.label(),
        case, action, back, panel => purpose == Purpose::Panel, errors => errors.map(|all| dated(&all)), at, stale => typed.stale,
        version => row.as_ref().map_or(0, |row| row.version), told => row.is_some() && !held, held,
        day => boxes(post, "day", begins.filter(|_| post.is_none()).map(|at| at.date())),
        time => text("time", begins.map(|at| at.format("%H:%M").to_string())),
        minutes_long => text("minutes_long", Some(row.as_ref().map_or(usual(purpose), |row| row.minutes_long).to_string())),
        theme => text("theme", row.as_ref().and_then(|row| row.theme.clone())),
        place => text("place", row.as_ref().map(|row| row.place.clone())), clash => clash(row.as_ref().filter(|_| typed.stale), post),
    })
}

/// How long such a meeting usually lasts, in minutes.
const fn usual(purpose: Purpose) -> i32 {
    match purpose {
        Purpose::Panel => 240,
        Purpose::Response | Purpose::Review => 60,
    }
}

/// A date's problem leads to its first box.
fn dated(errors: &[Value]) -> Vec<Value> {
    let first = |error: &Value| match error.get("href").and_then(Value::as_str) {
        Some("#day") => context! { text => error.get("text"), href => "#day-day" },
        _ => error.clone(),
    };
    errors.iter().map(first).collect()
}

/// What was typed and what somebody else saved, for whoever comes second.
fn clash(row: Option<&Meeting>, post: Option<&Post>) -> Option<Vec<[String; 3]>> {
    let (row, post) = (row?, post?);
    let begins = london(row.starts_at.and_utc());
    let typed_day = ["day-day", "day-month", "day-year"]
        .map(|part| post.text(part).to_owned())
        .join(" ");
    Some(vec![
        [
            "Day".into(),
            typed_day,
            begins.format("%-d %-m %Y").to_string(),
        ],
        [
            "Begins".into(),
            post.text("time").to_owned(),
            begins.format("%H:%M").to_string(),
        ],
        [
            "Minutes".into(),
            post.text("minutes_long").to_owned(),
            row.minutes_long.to_string(),
        ],
        [
            "Place".into(),
            post.text("place").to_owned(),
            row.place.clone(),
        ],
    ])
}

fn given(post: &Post) -> Given {
    let mut problems = Vec::new();
    let day = day(post, "day", "The day", &mut problems);
    let typed = post.text("time").trim().replace('.', ":");
    let time = NaiveTime::parse_from_str(&typed, "%H:%M").ok();
    if time.is_none() && !typed.is_empty() {
        problems.push(Problem {
            field: "time".to_owned(),
            row: None,
            column: None,
            rule: "time".to_owned(),
            severity: Severity::Stop,
            message: "The time must be hours and minutes, such as 14:30".to_owned(),
        });
    }
    Given {
        day,
        time,
        minutes_long: post.text("minutes_long").trim().parse().unwrap_or(0),
        place: post.text("place").to_owned(),
        theme: post.text("theme").to_owned(),
        problems,
    }
}

/// `POST /cases/{reference}/meetings/new/{purpose}`.
pub async fn plan(app: Data, visit: Visit, path: web::Path<(String, String)>, post: Post) -> Page {
    let (reference, code) = path.into_inner();
    let purpose = code.parse::<Purpose>().ok();
    let (of, given) = (reference.clone(), given(&post));
    let done = app
        .write(&visit, move |tx, ctx| {
            let Some(purpose) = purpose else {
                access::reach(tx.conn(), ctx, &of, Verb::KeepMeeting)?;
                return Err(Error::NotFound);
            };
            work::plan(tx, ctx, &of, purpose, &given)
        })
        .await;
    match done {
        Ok(id) => Ok(see_other(&format!("/meetings/{id}"))),
        Err(Fault::Work(Error::Invalid(problems))) => {
            let typed = Typed {
                post: Some(post),
                problems,
                stale: false,
            };
            show(&app, &visit, Which::New(reference, purpose), typed).await
        }
        Err(fault) => Err(fault),
    }
}

/// `POST /meetings/{id}/change`.
pub async fn change(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    let (of, given, version) = (id.clone(), given(&post), post.number("version"));
    let done = app
        .write(&visit, move |tx, ctx| {
            work::change(tx, ctx, &of, version, &given)
        })
        .await;
    let mut typed = Typed {
        post: Some(post),
        ..Typed::default()
    };
    match done {
        Ok(()) => return Ok(see_other(&format!("/meetings/{id}"))),
        Err(Fault::Work(Error::Invalid(problems))) => typed.problems = problems,
        Err(Fault::Work(Error::Stale)) => typed.stale = true,
        Err(fault) => return Err(fault),
    }
    show(&app, &visit, Which::There(id), typed).await
}
