//! The return to the national database: the ledger of what was sent, asking for a package, checking what would
//! be refused, and noting what the receiver said. Must not know how a package is made.

mod asked;
mod download;
mod rules;

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use super::app::see_other;
use super::dated::boxes;
use super::{App, Fault, Page, Post, Visit};
use crate::casework::submit_return::{self, Answer, Ask, Checked};
use crate::casework::{Context, Error};
use crate::domain::calendar::london;
use crate::domain::event::Event;
use crate::domain::form::{Posted, Problem, Severity};
use crate::domain::national_return::{Issue, Kind, Order};
use crate::domain::permission::{Facts, Verb, may};
use crate::store::returns::{self, Entry};

type Data = web::Data<Arc<App>>;
type Pairs = web::Query<Vec<(String, String)>>;

/// Packages shown in the ledger.
const SHOWN: i64 = 50;
/// Things to put right shown on one page.
const LISTED: usize = 500;

/// What the page shows beside the ledger.
#[derive(Default)]
struct Shown<'a> {
    /// What was typed, where it is to be shown again.
    post: Option<&'a Post>,
    ask: Ask,
    problems: &'a [Problem],
    /// The package whose answer is being recorded.
    answering: Option<String>,
    answer: Answer,
    /// How many cases the last answer moved on.
    recorded: Option<String>,
}

/// Everything the ledger page needs from the store.
struct Desk {
    entries: Vec<Entry>,
    ctx: Context,
}

async fn desk(app: &Data, visit: &Visit) -> Result<Desk, Fault> {
    app.read(visit, |conn, ctx| {
        ctx.allow(Verb::CheckReturn, &Facts::default())?;
        ctx.note(None, None, &Event::ReturnsRead {})?;
        Ok(Desk {
            entries: returns::latest(conn, SHOWN)?,
            ctx: ctx.clone(),
        })
    })
    .await
}

/// The ledger, and what to make next.
pub async fn page(app: Data, visit: Visit, query: Pairs) -> Page {
    let desk = desk(&app, &visit).await?;
    let query = Post(Posted(query.into_inner()));
    let shown = Shown {
        ask: asked::usual(desk.ctx.today()),
        answering: query.get("answer").map(str::to_owned),
        answer: Answer {
            on: Some(desk.ctx.today()),
            ..Answer::default()
        },
        recorded: query.get("recorded").map(str::to_owned),
        ..Shown::default()
    };
    show(&app, &visit, &desk, StatusCode::OK, &shown)
}

fn show(app: &Data, visit: &Visit, desk: &Desk, status: StatusCode, shown: &Shown<'_>) -> Page {
    let able = |verb| may(&desk.ctx.actor, verb, &Facts::default());
    let answers = able(Verb::RecordNationalAcceptance);
    let answering = desk
        .entries
        .iter()
        .find(|e| answers && shown.answering.as_ref() == Some(&e.id));
    let form = answering.is_none().then_some(shown.post).flatten();
    let page = context! {
        title => "Returns", errors => asked::errors(shown.problems),
        kinds => kinds(&shown.ask), ask => ask_words(&shown.ask),
        from => boxes(form, "from", shown.ask.from), to => boxes(form, "to", shown.ask.to),
        wrong => wrong(shown.problems), may_export => able(Verb::ExportReturn), may_answer => answers,
        ledger => desk.entries.iter().map(entry).collect::<Vec<_>>(),
        answering => answering.map(entry), answer => context! {
            outcome => shown.answer.accepted.map(|yes| if yes { "accepted" } else { "refused" }),
            on => boxes(shown.post, "on", shown.answer.on), words => &shown.answer.words,
        },
        recorded => shown.recorded.as_deref().and_then(|n| n.parse::<u32>().ok()),
    };
    app.page(visit, status, "returns/index.html", page)
}

/// The words at each field that has a fault.
fn wrong(problems: &[Problem]) -> Value {
    let at = |field: &str| asked::error_at(problems, field);
    context! {
        kind => at("kind"), from => at("from"), to => at("to"), case => at("case"),
        outcome => at("outcome"), on => at("on"), words => at("words"),
    }
}

fn ask_words(ask: &Ask) -> Value {
    context! {
        case => &ask.case, published => ask.published, spreadsheet => ask.spreadsheet, originals => ask.originals,
    }
}

/// The kinds of return to choose from, in the order in which they are most often wanted.
fn kinds(ask: &Ask) -> Vec<Value> {
    [
        Kind::YearEnd,
        Kind::Final,
        Kind::Notification,
        Kind::Withdrawal,
        Kind::AnnualReport,
    ]
    .into_iter()
    .map(|kind| {
        let (text, hint) = words(kind);
        context! { value => kind.code(), text, hint => context! { text => hint }, checked => ask.kind == Some(kind) }
    })
    .collect()
}

fn words(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::YearEnd => (
            "Year end",
            "Every review finalised in the period, and every case still open at its end",
        ),
        Kind::Final => ("Finalised reviews", "Every review finalised in the period"),
        Kind::Notification => ("Notifications", "Every death notified in the period"),
        Kind::Withdrawal => (
            "Withdrawals",
            "Cases found in the period to be duplicates or out of scope",
        ),
        Kind::AnnualReport => (
            "Annual report",
            "Counts and reviews without identity, for the panel’s own report. A restricted case is in it only for \
             those who are named on it",
        ),
    }
}

fn entry(entry: &Entry) -> Value {
    let kind = Kind::of(&entry.kind).map_or(entry.kind.as_str(), |kind| words(kind).0);
    let outcome = match entry.receiver_answer.as_deref() {
        Some("accepted") => Some("Accepted"),
        Some(_) => Some("Refused"),
        None => None,
    };
    context! {
        id => &entry.id, kind, from => entry.period_from, to => entry.period_to,
        made => london(entry.created_at.and_utc()), by => &entry.created_by, file => &entry.file_name,
        sha256 => &entry.sha256, rows => entry.row_count, cases => entry.case_count,
        identified => entry.identified, outcome, note => entry.answer_words.as_deref().unwrap_or_default(),
        answered => entry.answered_at.map(|at| london(at.and_utc()).date()),
        open => outcome != Some("Accepted") && entry.kind != Kind::AnnualReport.code(),
    }
}

/// What was asked as an order, or what is wrong with it. Any other fault goes its own way.
type Ordered = Result<(Order, Context), Vec<Problem>>;

async fn ordered(app: &Data, visit: &Visit, verb: Verb, ask: &Ask) -> Result<Ordered, Fault> {
    let ask = ask.clone();
    app.read(visit, move |conn, ctx| {
        match submit_return::order(conn, ctx, verb, &ask) {
            Ok(order) => Ok(Ok((order, ctx.clone()))),
            Err(Error::Invalid(problems)) => Ok(Err(problems)),
            Err(other) => Err(other),
        }
    })
    .await
}

/// Makes a package and sends it as a download while it is made.
pub async fn export(app: Data, visit: Visit, post: Post) -> Page {
    let asked = asked::read(&post);
    let problems = match ordered(&app, &visit, Verb::ExportReturn, &asked.ask).await? {
        Ok((order, ctx)) if asked.problems.is_empty() => {
            if !order.is_pseudonymised() {
                app.step_up(&visit).await?;
            }
            let begun = order.clone();
            app.write(&visit, move |tx, ctx| submit_return::begin(tx, ctx, &begun))
                .await?;
            return download::start(&app, ctx, order).await;
        }
        Ok(_) => asked.problems,
        Err(found) => asked::joined(asked.problems, found),
    };
    let desk = desk(&app, &visit).await?;
    let shown = Shown {
        post: Some(&post),
        ask: asked.ask,
        problems: &problems,
        ..Shown::default()
    };
    show(
        &app,
        &visit,
        &desk,
        StatusCode::UNPROCESSABLE_ENTITY,
        &shown,
    )
}

/// What the receiver would refuse or ask about, case by case.
pub async fn check(app: Data, visit: Visit, query: Pairs) -> Page {
    let query = Post(Posted(query.into_inner()));
    let asked = if query.0.0.is_empty() {
        let today = london((app.clock)()).date();
        asked::Asked {
            ask: asked::usual(today),
            problems: Vec::new(),
        }
    } else {
        asked::read(&query)
    };
    let problems = match ordered(&app, &visit, Verb::CheckReturn, &asked.ask).await? {
        Ok((order, _)) if asked.problems.is_empty() => {
            return checked(&app, &visit, order).await;
        }
        Ok(_) => asked.problems,
        Err(found) => asked::joined(asked.problems, found),
    };
    let desk = desk(&app, &visit).await?;
    let shown = Shown {
        post: Some(&query),
        ask: asked.ask,
        problems: &problems,
        ..Shown::default()
    };
    show(
        &app,
        &visit,
        &desk,
        StatusCode::UNPROCESSABLE_ENTITY,
        &shown,
    )
}

/// `POST /returns/check`: the button beside the export. What was asked goes into an address that can be kept, and the page's
/// token does not.
pub async fn ask_to_check(app: Data, visit: Visit, post: Post) -> Page {
    app.read(&visit, |_, ctx| {
        ctx.allow(Verb::CheckReturn, &Facts::default())
    })
    .await?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in &post.0.0 {
        let asked = matches!(name.as_str(), "kind" | "case")
            || ["from-", "to-"].iter().any(|start| name.starts_with(start));
        if asked {
            query.append_pair(name, value);
        }
    }
    Ok(see_other(&format!("/returns/check?{}", query.finish())))
}

async fn checked(app: &Data, visit: &Visit, order: Order) -> Page {
    let wanted = order.clone();
    let found = app
        .read(visit, move |conn, ctx| {
            submit_return::check(conn, ctx, &wanted, LISTED)
        })
        .await?;
    let (period, kind) = (order.period, order.kind);
    let (found, order) = app
        .write(visit, move |tx, ctx| {
            submit_return::checked(tx, ctx, &order, &found)?;
            Ok((found, order))
        })
        .await?;
    let page = context! {
        title => "Check the return", kind => words(kind).0, from => period.from, to => period.to,
        cases => by_case(&found.issues), stops => found.stops, warns => found.warns,
        refused => found.refused, total => found.cases,
        left_out => left_out(&found), rules => rules::all(), one_case => order.case.is_some(),
    };
    app.ok(visit, "returns/check.html", page)
}

fn left_out(found: &Checked) -> usize {
    (found.stops + found.warns).saturating_sub(found.issues.len())
}

/// The issues under the case that they are of.
fn by_case(issues: &[Issue]) -> Vec<Value> {
    issues
        .chunk_by(|a, b| a.case_id == b.case_id)
        .filter_map(|of_case| {
            let lines: Vec<Value> = of_case
                .iter()
                .map(|issue| {
                    context! {
                        rule => issue.rule_id, message => &issue.message, field => &issue.field, file => issue.file,
                        stops => issue.severity == Severity::Stop, href => rules::place(issue),
                    }
                })
                .collect();
            let reference = &of_case.first()?.case_id;
            Some(context! { reference, href => format!("/cases/{reference}"), issues => lines })
        })
        .collect()
}

/// Notes what the receiver said of a package.
pub async fn answer(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    let (given, unread) = asked::read_answer(&post);
    let (of, said) = (id.clone(), given.clone());
    let found = if unread.is_empty() {
        let done = app
            .write(&visit, move |tx, ctx| {
                submit_return::answer(tx, ctx, &of, &said)
            })
            .await;
        match done {
            Ok(receipt) => {
                return Ok(see_other(&format!(
                    "/returns?recorded={}",
                    receipt.submitted
                )));
            }
            Err(Fault::Work(Error::Invalid(problems))) => problems,
            Err(other) => return Err(other),
        }
    } else {
        app.read(&visit, move |conn, ctx| {
            ctx.allow(Verb::RecordNationalAcceptance, &Facts::default())?;
            let entry = returns::get(conn, &of)?.ok_or(Error::NotFound)?;
            Ok(submit_return::answer_faults(ctx, &entry, &said))
        })
        .await?
    };
    let problems = asked::joined(unread, found);
    let desk = desk(&app, &visit).await?;
    let shown = Shown {
        post: Some(&post),
        ask: asked::usual(desk.ctx.today()),
        problems: &problems,
        answering: Some(id),
        answer: given,
        ..Shown::default()
    };
    show(
        &app,
        &visit,
        &desk,
        StatusCode::UNPROCESSABLE_ENTITY,
        &shown,
    )
}
