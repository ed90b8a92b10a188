//! The clocks of a case: what runs, stands still or is over, with its dates and reminders, and what a coordinator does
//! to one. Must not know how a due time is counted.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use chrono::NaiveDateTime;
use serde_json::Value;

use super::head::head;
use super::words::{due_words, moment};
use crate::casework::clocks::{self as work, Shown, ShownPause};
use crate::casework::directory::Holds;
use crate::casework::picture::Picture;
use crate::casework::{Context, Error, Outcome, access, gather};
use crate::domain::calendar::london;
use crate::domain::clock::{Outcome as Stands, Rung, Unit};
use crate::domain::form::Problem;
use crate::domain::permission::Verb;
use crate::store::{Conn, requests};
use crate::web::again::Sheet;
use crate::web::app::see_other;
use crate::web::directory::held;
use crate::web::{App, Fault, Page, Post, Visit};

type Data = web::Data<Arc<App>>;

/// What was typed for one clock and what is wrong with it.
#[derive(Clone, Default)]
struct Typed {
    clock: String,
    what: String,
    why: String,
    reason: String,
    problems: Vec<Problem>,
}

const PAGE: Sheet<str, Typed> = Sheet {
    template: "cases/clocks.html",
    view,
};

/// `GET /cases/{reference}/clocks`.
pub async fn clocks(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    PAGE.show(&app, &visit, &path, Typed::default(), StatusCode::OK)
        .await
}

fn view(conn: &mut Conn, ctx: &Context, reference: &str, typed: &Typed) -> Outcome<Value> {
    let (case, facts) = access::reach(conn, ctx, reference, Verb::ReadCase)?;
    let known = Picture::shown(conn, ctx, &case, facts)?;
    let asked = requests::of_case(conn, &case.id)?;
    let holds = Holds::load(conn, ctx)?;
    let about = |id: &str| {
        let row = asked.iter().find(|row| row.id == id)?;
        let hold = holds.of(ctx, row).map(|hold| held(ctx, hold, true));
        Some(About {
            agency: gather::agency_label(ctx, &row.agency),
            hold,
        })
    };
    let all = work::list(conn, ctx, &case)?;
    let (run, over): (Vec<&Shown>, Vec<&Shown>) = all
        .iter()
        .partition(|clock| clock.stands == Stands::Running);
    let shown = |clocks: Vec<&Shown>| -> Vec<Value> {
        clocks
            .into_iter()
            .map(|clock| described(ctx, clock, about(&clock.about), typed))
            .collect()
    };
    let errors: Vec<Value> = typed
        .problems
        .iter()
        .map(|p| context! { text => &p.message, href => format!("#{}-{}", place(typed, &p.field), typed.clock) })
        .collect();
    Ok(context! {
        title => "Clocks", case => head(ctx, facts, &case, &known), run => shown(run), over => shown(over),
        errors => Some(errors).filter(|e| !e.is_empty()),
    })
}

/// The box that a problem is about.
fn place<'a>(typed: &'a Typed, field: &'a str) -> &'a str {
    match (typed.what.as_str(), field) {
        ("pause", "reason") => "pause-reason",
        (what, "reason") => what,
        (_, field) => field,
    }
}

/// The agency that a clock waits for.
struct About {
    agency: String,
    /// Under which hold of all its reminders it is.
    hold: Option<Value>,
}

fn described(ctx: &Context, clock: &Shown, about: Option<About>, typed: &Typed) -> Value {
    let (agency, agency_hold) = about.map(|about| (about.agency, about.hold)).unzip();
    let now = london(ctx.now);
    let shown = |at: NaiveDateTime| moment(london(at.and_utc()));
    let day = |at: NaiveDateTime| london(at.and_utc()).date().format("%-d %B %Y").to_string();
    let definition = &clock.definition;
    let reasons: Vec<Value> = definition
        .pauses_on
        .iter()
        .map(|r| context! { value => r.as_str(), text => r.label(), checked => typed.clock == clock.id && typed.why == r.as_str() })
        .collect();
    let own = typed.clock == clock.id;
    let wrong = |what: &str, field: &str| {
        let found = typed.problems.iter().find(|p| p.field == field);
        found
            .filter(|_| own && typed.what == what)
            .map(|p| p.message.clone())
    };
    let kept = |what: &str| (own && typed.what == what).then(|| typed.reason.clone());
    context! {
        id => &clock.id, name => &definition.name, code => &definition.id, agency,
        length => definition.length_words(), force => definition.force.label(),
        stands => clock.stands.label(), tag => tag(clock), late => clock.late, paused => clock.paused,
        started => if clock.whole_day { day(clock.started_at) } else { shown(clock.started_at) },
        due => clock.due_at.map(|at| if clock.stands == Stands::Running && !clock.paused { due_words(london(at.and_utc()), now) } else { shown(at) }),
        stopped => clock.stopped_at.map(|at| clock.stopped_on.map_or_else(|| shown(at), |_| day(at))), spent => spent(clock),
        earlier => clock.earlier.iter().map(|at| shown(*at)).collect::<Vec<String>>(),
        pauses => clock.pauses.iter().map(|p| pause(p, shown)).collect::<Vec<Value>>(),
        rungs => clock.rungs.iter().map(|r| rung(r, shown)).collect::<Vec<Value>>(),
        excused_by => &clock.excused_by, excuse => &clock.excuse, held_by => &clock.held_by, held_why => &clock.held_why,
        agency_hold => agency_hold.flatten().filter(|_| clock.stands == Stands::Running),
        reasons, may_excuse => matches!(clock.stands, Stands::Running | Stands::Missed),
        open => own, typed => context! { pause => kept("pause"), excuse => kept("excuse"), hold => kept("hold") },
        wrong => context! {
            pause => wrong("pause", "pause"), pause_reason => wrong("pause", "reason"), excuse => wrong("excuse", "reason"),
            hold => wrong("hold", "reason"),
        },
    }
}

fn tag(clock: &Shown) -> &'static str {
    match clock.stands {
        Stands::Running if clock.late => "govuk-tag--red",
        Stands::Running if clock.paused => "govuk-tag--yellow",
        Stands::Running => "govuk-tag--blue",
        Stands::Met => "govuk-tag--green",
        Stands::Missed => "govuk-tag--orange",
        Stands::Excused | Stands::Cancelled => "govuk-tag--grey",
    }
}

/// "42 days, of which it stood still 12: 30 net".
fn spent(clock: &Shown) -> String {
    match clock.took_days {
        Some(0) => return "The same day; no time is known".to_owned(),
        Some(1) => return "1 day; no time is known".to_owned(),
        Some(n) => return format!("{n} days; no time is known"),
        None => {}
    }
    let unit = match clock.definition.unit {
        Unit::Hours => "hour",
        Unit::WorkingDays => "working day",
        _ => "day",
    };
    let count = |n: i64| format!("{n} {unit}{}", if n == 1 { "" } else { "s" });
    let (gross, net) = (clock.spent.gross, clock.spent.net);
    if gross == net {
        count(gross)
    } else {
        format!("{} gross, {} net of pauses", count(gross), count(net))
    }
}

fn pause(pause: &ShownPause, shown: impl Fn(NaiveDateTime) -> String) -> Value {
    context! {
        id => &pause.id, why => pause.reason.map_or("", |r| r.label()), from => shown(pause.from),
        to => pause.to.map(shown), words => &pause.words, by => &pause.by,
        of_process => pause.of_process,
    }
}

fn rung(row: &crate::store::clocks::Rung, shown: impl Fn(NaiveDateTime) -> String) -> Value {
    let who = row.rung.parse::<Rung>().map_or("", |rung| rung.who.label());
    let state = match row.state.as_str() {
        "sent" => "Sent",
        "passed" => "Passed over",
        "resting" => "Not needed while the clock does not run",
        _ => "To be sent",
    };
    context! { who, at => shown(row.done_at.unwrap_or(row.at)), state }
}

/// `POST /cases/{reference}/clocks/{id}` with `do` and what it needs.
pub async fn change_clock(
    app: Data,
    visit: Visit,
    path: web::Path<(String, String)>,
    post: Post,
) -> Page {
    let (reference, id) = path.into_inner();
    let mut typed = Typed {
        clock: id.clone(),
        what: post.text("do").to_owned(),
        why: post.text("pause").to_owned(),
        reason: post.text("reason").to_owned(),
        problems: Vec::new(),
    };
    let (of, said, pause) = (reference.clone(), typed.clone(), post.text("of").to_owned());
    let done = app
        .write(&visit, move |tx, ctx| match said.what.as_str() {
            "pause" => work::pause(tx, ctx, &of, &id, said.why.parse().ok(), &said.reason),
            "resume" => work::resume(tx, ctx, &of, &id, &pause),
            "excuse" => work::excuse(tx, ctx, &of, &id, &said.reason),
            "hold" => work::hold(tx, ctx, &of, &id, &said.reason),
            "release" => work::release(tx, ctx, &of, &id),
            _ => {
                access::reach(tx.conn(), ctx, &of, Verb::KeepClock)?;
                Err(Error::NotFound)
            }
        })
        .await;
    match done {
        Ok(()) => Ok(see_other(&format!("/cases/{reference}/clocks"))),
        Err(Fault::Work(Error::Invalid(problems))) => {
            typed.problems = problems;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            PAGE.show(&app, &visit, &reference, typed, status).await
        }
        Err(fault) => Err(fault),
    }
}
