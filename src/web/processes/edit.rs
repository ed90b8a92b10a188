//! The pages on which one process is recorded, changed and concluded. Must not know what follows from it.

use actix_web::{HttpRequest, web};
use serde_json::Value;
use url::form_urlencoded;

use super::typed::{differences, end, filled, given, said};
use super::{Data, described};
use crate::casework::picture::Picture;
use crate::casework::processes::{self as work, Shown};
use crate::casework::{Context, Error, Outcome, access, documents};
use crate::domain::form::Problem;
use crate::domain::permission::{Facts, Verb, may};
use crate::domain::process::{Held, Kind, State};
use crate::store::Conn;
use crate::store::cases::Case;
use crate::store::processes::Process;
use crate::web::again::status;
use crate::web::app::see_other;
use crate::web::{Fault, Page, Post, Visit, cases};

/// What was posted, what is wrong with it, and what somebody else saved meanwhile.
#[derive(Clone, Default)]
struct Typed {
    post: Option<Post>,
    problems: Vec<Problem>,
    /// The end of the process is asked, and not the rest.
    ending: bool,
    stale: bool,
}

impl Typed {
    fn of(post: Post, ending: bool) -> Self {
        Self {
            post: Some(post),
            ending,
            ..Self::default()
        }
    }
}

/// `GET /cases/{reference}/processes/add`, first without and then with a `kind`.
pub async fn add_page(app: Data, visit: Visit, path: web::Path<String>, req: HttpRequest) -> Page {
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(req.query_string().as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    // The page that asks for the kind says so, since nothing chosen is not sent.
    pairs.retain(|(name, _)| name == "kind" || name == "asked");
    pairs.sort_by_key(|(name, _)| name == "asked");
    let asked = pairs.into_iter().next().map(|(_, value)| value);
    show_new(&app, &visit, &path, asked, Typed::default()).await
}

async fn show_new(
    app: &Data,
    visit: &Visit,
    reference: &str,
    asked: Option<String>,
    typed: Typed,
) -> Page {
    let status = status(typed.stale, !typed.problems.is_empty());
    let reference = reference.to_owned();
    let (template, page) = app
        .read(visit, move |conn, ctx| {
            let (case, facts) = access::reach(conn, ctx, &reference, Verb::KeepProcess)?;
            let known = Picture::shown(conn, ctx, &case, facts)?;
            let kinds = &ctx.house.processes;
            let Some(kind) = asked.as_deref().and_then(|code| kinds.get(code)) else {
                let items: Vec<Value> = kinds
                    .all()
                    .iter()
                    .map(|k| context! { value => &k.code, text => &k.label, hint => hint(k) })
                    .collect();
                let wrong = asked.map(|_| "Choose what runs beside the review");
                let errors = wrong.map(|text| vec![context! { text, href => "#kind" }]);
                let page = context! {
                    title => "What runs beside the review", case => cases::head(ctx, facts, &case, &known), items, wrong, errors,
                };
                return Ok(("processes/kind.html", page));
            };
            let page = form(conn, ctx, facts, &case, &known, kind, None, &typed)?;
            Ok(("processes/edit.html", page))
        })
        .await?;
    app.page(visit, status, template, page)
}

/// What a kind holds back, under its name.
fn hint(kind: &Kind) -> Option<Value> {
    let what = kind.holds.words()?.to_lowercase();
    Some(context! { text => format!("Holds {what} back, unless you say otherwise.") })
}

/// `POST /cases/{reference}/processes/add`.
pub async fn add(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let reference = path.into_inner();
    let kind = post.text("kind").to_owned();
    let (of, code, said) = (reference.clone(), kind.clone(), given(&post));
    let done = app
        .write(&visit, move |tx, ctx| work::add(tx, ctx, &of, &code, &said))
        .await;
    match done {
        Ok(_) => Ok(see_other(&format!("/cases/{reference}/processes"))),
        Err(Fault::Work(Error::Invalid(problems))) => {
            let typed = Typed {
                problems,
                ..Typed::of(post, false)
            };
            show_new(&app, &visit, &reference, Some(kind), typed).await
        }
        Err(fault) => Err(fault),
    }
}

/// `GET /cases/{reference}/processes/{id}`.
pub async fn page(app: Data, visit: Visit, path: web::Path<(String, String)>) -> Page {
    show(&app, &visit, &path.0, &path.1, Typed::default()).await
}

/// `GET /cases/{reference}/processes/{id}/conclude`.
pub async fn conclude_page(app: Data, visit: Visit, path: web::Path<(String, String)>) -> Page {
    let typed = Typed {
        ending: true,
        ..Typed::default()
    };
    show(&app, &visit, &path.0, &path.1, typed).await
}

async fn show(app: &Data, visit: &Visit, reference: &str, id: &str, typed: Typed) -> Page {
    let status = status(typed.stale, !typed.problems.is_empty());
    let (reference, id) = (reference.to_owned(), id.to_owned());
    let (template, page) = app
        .read(visit, move |conn, ctx| {
            let verb = if typed.ending {
                Verb::KeepProcess
            } else {
                Verb::ReadProcesses
            };
            let (case, facts) = access::reach(conn, ctx, &reference, verb)?;
            let known = Picture::shown(conn, ctx, &case, facts)?;
            let process = work::one(conn, ctx, &case, &id)?;
            let keeps = may(&ctx.actor, Verb::KeepProcess, &facts);
            let Some(kind) = process.kind.clone().filter(|_| keeps) else {
                let page = context! {
                    title => process.label(), case => cases::head(ctx, facts, &case, &known),
                    process => described(&process, &format!("/cases/{}", case.reference)),
                };
                return Ok(("processes/read.html", page));
            };
            let page = form(
                conn,
                ctx,
                facts,
                &case,
                &known,
                &kind,
                Some(&process),
                &typed,
            )?;
            let ends = typed.ending && process.state.is_open();
            let template = if ends {
                "processes/conclude.html"
            } else {
                "processes/edit.html"
            };
            Ok((template, page))
        })
        .await?;
    app.page(visit, status, template, page)
}

#[expect(
    clippy::too_many_arguments,
    reason = "the page shows all of these, each once"
)]
fn form(
    conn: &mut Conn,
    ctx: &Context,
    facts: Facts,
    case: &Case,
    known: &Picture,
    kind: &Kind,
    process: Option<&Shown>,
    typed: &Typed,
) -> Outcome<Value> {
    let base = format!("/cases/{}/processes", case.reference);
    let row = process.map(|p| &p.row);
    let (errors, at) = said(&typed.problems);
    let state = process.map(|p| p.state);
    let clash = row
        .filter(|_| typed.stale)
        .and_then(|row| clash(typed, row));
    // Somebody else concluded it meanwhile: then the page of the process is shown, on which little of this was typed.
    let gone = typed.ending && !state.is_some_and(State::is_open);
    let post = typed.post.as_ref().filter(|_| !gone);
    let values = filled(post, row, kind);
    Ok(context! {
        title => if typed.ending { format!("Conclude: {}", kind.label) } else { kind.label.clone() },
        case => cases::head(ctx, facts, case, known), kind => &kind.code, may_change => kind.may_change,
        note => &kind.note, step => &kind.step, needs_began => kind.needs_began(), holds => holds(kind), values,
        states => states(state, post), ends => ends(post), over => state.is_some_and(State::is_over),
        open => state.is_some_and(State::is_open), documents => choices(conn, ctx, case)?, every => kind.check_every,
        version => row.map_or(0, |row| row.version), fresh => row.is_none(), stale => typed.stale, clash, errors, at,
        list => &base, action => row.map_or_else(|| format!("{base}/add"), |row| format!("{base}/{}", row.id)),
    })
}

/// What was typed beside what was saved meanwhile, as far as it is asked on the page.
fn clash(typed: &Typed, row: &Process) -> Option<Vec<(String, String, String)>> {
    let mut all = differences(&given(typed.post.as_ref()?), row);
    let asked_at_the_end = ["State", "Ended", "Outcome", "Document"];
    all.retain(|(label, ..)| !typed.ending || asked_at_the_end.contains(&label.as_str()));
    Some(all)
}

fn holds(kind: &Kind) -> Value {
    let items: Vec<Value> = Held::ALL
        .iter()
        .map(|held| context! { value => held.as_str(), text => held.label() })
        .collect();
    context! { items, words => kind.holds.words() }
}

/// Where the process may be said to stand on this page: its end has a page of its own.
fn states(now: Option<State>, post: Option<&Post>) -> Vec<Value> {
    let all: Vec<State> = match now {
        None => State::FIRST.to_vec(),
        Some(now) => std::iter::once(now)
            .chain(now.next().iter().copied().filter(|s| !s.is_over()))
            .collect(),
    };
    let chosen = post.map_or_else(
        || now.unwrap_or(State::UnderWay).as_str(),
        |post| post.text("state"),
    );
    all.iter()
        .map(|s| context! { value => s.as_str(), text => s.label(), checked => s.as_str() == chosen })
        .collect()
}

fn ends(post: Option<&Post>) -> Vec<Value> {
    let chosen = post.map_or("", |post| post.text("state"));
    State::ALL
        .iter()
        .filter(|s| s.is_over())
        .map(|s| context! { value => s.as_str(), text => s.label(), checked => s.as_str() == chosen })
        .collect()
}

/// The documents that can be named, for whoever may read them.
fn choices(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Value>> {
    access::stand(conn, ctx, case, Verb::ReadDocuments)?;
    let all = documents::list(conn, ctx, case)?;
    let item = |d: &documents::Opened| {
        let title = d.words.as_ref().map_or("Damaged", |w| w.title.as_str());
        context! { value => d.row.number.to_string(), text => format!("{}: {title}", d.row.number) }
    };
    let kept = all.iter().filter(|d| d.row.state != "withdrawn");
    Ok(std::iter::once(context! { value => "", text => "None" })
        .chain(kept.map(item))
        .collect())
}

/// `POST /cases/{reference}/processes/{id}`.
pub async fn save(app: Data, visit: Visit, path: web::Path<(String, String)>, post: Post) -> Page {
    let (reference, id) = path.into_inner();
    let (of, which, said, version) = (
        reference.clone(),
        id.clone(),
        given(&post),
        post.number("version"),
    );
    let done = app
        .write(&visit, move |tx, ctx| {
            work::change(tx, ctx, &of, &which, version, &said)
        })
        .await;
    after(&app, &visit, &reference, &id, done, Typed::of(post, false)).await
}

/// `POST /cases/{reference}/processes/{id}/conclude`.
pub async fn conclude(
    app: Data,
    visit: Visit,
    path: web::Path<(String, String)>,
    post: Post,
) -> Page {
    let (reference, id) = path.into_inner();
    let (of, which, said, version) = (
        reference.clone(),
        id.clone(),
        end(&post),
        post.number("version"),
    );
    let done = app
        .write(&visit, move |tx, ctx| {
            work::conclude(tx, ctx, &of, &which, version, &said)
        })
        .await;
    after(&app, &visit, &reference, &id, done, Typed::of(post, true)).await
}

/// The board of the case after a save, or the page again with what was typed.
async fn after(
    app: &Data,
    visit: &Visit,
    reference: &str,
    id: &str,
    done: Result<(), Fault>,
    mut typed: Typed,
) -> Page {
    match done {
        Ok(()) => return Ok(see_other(&format!("/cases/{reference}/processes"))),
        Err(Fault::Work(Error::Invalid(problems))) => typed.problems = problems,
        Err(Fault::Work(Error::Stale)) => typed.stale = true,
        Err(fault) => return Err(fault),
    }
    show(app, visit, reference, id, typed).await
}
