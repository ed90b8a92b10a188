//! Actions and recommendations: the list over all cases, those of a case, and the page on which one is set, changed and
//! followed up. Must not know what follows from any of it.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use serde_json::Value;
use url::form_urlencoded;

use super::again::status;
use super::app::see_other;
use super::dated::{boxes, day};
use super::{App, Fault, Page, Post, Visit, cases};
use crate::casework::actions::{self as work, Given, Recommended, said_of};
use crate::casework::picture::Picture;
use crate::casework::{Context, Error, Outcome, access};
use crate::domain::action::{Kind, Said, State, Strength, Worked, is_line, questions};
use crate::domain::code::coded;
use crate::domain::form::Problem;
use crate::domain::permission::{Verb, may};
use crate::store::Conn;
use crate::store::actions::{self as store, Action, Wanted};

type Data = web::Data<Arc<App>>;

coded! {
    /// Which of them the list shows.
    pub enum View {
        Open = "open", "Open";
        Late = "late", "Overdue";
        LookBack = "look_back", "To look back at";
        Closed = "closed", "Closed";
    }
}

coded! {
    /// What is done on the page of one.
    pub enum Deed {
        Change = "change", "Change";
        Extend = "extend", "More time";
        Sent = "sent", "Sent";
        Close = "close", "Close";
        Withdraw = "withdraw", "Withdraw";
        Look = "look", "Look back";
    }
}

/// `GET /actions`.
pub async fn all(app: Data, visit: Visit, req: HttpRequest) -> Page {
    let query = req.query_string();
    let chosen = form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "view")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(View::Open);
    let rows = app
        .read(&visit, move |conn, ctx| {
            let wanted = match chosen {
                View::Open => Wanted::Open,
                View::Late => Wanted::Late(ctx.today()),
                View::LookBack => Wanted::LookBack(ctx.today()),
                View::Closed => Wanted::Closed,
            };
            let rows = work::list(conn, ctx, wanted)?;
            rows.iter()
                .map(|(row, reference)| described(ctx, row, Some(reference)))
                .collect::<Outcome<Vec<Value>>>()
        })
        .await?;
    let views: Vec<Value> = View::ALL
        .iter()
        .map(|v| context! { text => v.label(), href => format!("/actions?view={}", v.as_str()), active => *v == chosen })
        .collect();
    let page = context! { title => "Actions", rows, views, chosen => chosen.label() };
    app.ok(&visit, "actions/all.html", page)
}

/// `GET /cases/{reference}/actions`.
pub async fn list(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let reference = path.into_inner();
    let page = app
        .read(&visit, move |conn, ctx| {
            let (case, facts) = access::reach(conn, ctx, &reference, Verb::ReadCase)?;
            let known = Picture::shown(conn, ctx, &case, facts)?;
            let rows = store::of_case(conn, &case.id)?;
            let rows = rows.iter().map(|row| described(ctx, row, None)).collect::<Outcome<Vec<Value>>>()?;
            let keeps = may(&ctx.actor, Verb::KeepAction, &facts);
            let left = if keeps { work::left_of(conn, ctx, &case)? } else { Vec::new() };
            Ok(context! {
                title => "Actions", case => cases::head(ctx, facts, &case, &known), rows,
                keeps, left => left.iter().enumerate().map(|(n, one)| followed(ctx, n, one)).collect::<Vec<Value>>(),
                kinds => Kind::ALL.iter().map(|k| context! { code => k.as_str(), label => k.label() }).collect::<Vec<Value>>(),
            })
        })
        .await?;
    app.ok(&visit, "actions/list.html", page)
}

/// What the analysis recommends, with where it is followed up.
fn followed(ctx: &Context, n: usize, one: &Recommended) -> Value {
    let agency = one.agency.as_deref();
    let agency = agency.and_then(|code| ctx.house.dictionary().label("agency", code));
    context! { words => &one.words, agency, query => format!("?follows={n}") }
}

/// One in a list.
fn described(ctx: &Context, row: &Action, reference: Option<&str>) -> Outcome<Value> {
    let (said, state) = (said_of(row), work::state_of(row)?);
    let late = state == State::Open && row.due_on < ctx.today();
    let looks = row.look_on.is_some_and(|on| on <= ctx.today());
    let (text, colour) = match state {
        State::Open if late => ("Overdue", "govuk-tag--red"),
        State::Open => ("Open", "govuk-tag--blue"),
        State::Done if looks => ("Look back now", "govuk-tag--yellow"),
        State::Done => ("Done", "govuk-tag--green"),
        State::Withdrawn => ("Withdrawn", "govuk-tag--grey"),
    };
    Ok(context! {
        id => &row.id, href => format!("/actions/{}", row.id), kind => work::kind_of(row)?.label(), what => said.get("what"),
        owner => said.get("owner"), due => row.due_on.to_string(), state => text, colour, reference,
    })
}

/// What was posted and what is wrong with it.
#[derive(Clone, Default)]
struct Typed {
    post: Option<Post>,
    deed: Option<Deed>,
    problems: Vec<Problem>,
    refused: Option<String>,
    stale: bool,
}

impl Typed {
    fn status(&self) -> StatusCode {
        status(
            self.stale,
            !self.problems.is_empty() || self.refused.is_some(),
        )
    }

    /// What was typed for a deed; nothing where another one was done.
    fn of(&self, deed: Deed, name: &str) -> Option<&str> {
        self.post
            .as_ref()
            .filter(|_| self.deed == Some(deed))
            .map(|post| post.text(name))
    }
}

/// `GET /cases/{reference}/actions/new/{kind}`.
pub async fn new(
    app: Data,
    visit: Visit,
    path: web::Path<(String, String)>,
    req: HttpRequest,
) -> Page {
    let (reference, kind) = path.into_inner();
    let asked = |wanted: &str| {
        form_urlencoded::parse(req.query_string().as_bytes())
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    let begun = Begun {
        kind: kind.parse().ok(),
        meeting: asked("meeting"),
        follows: asked("follows").and_then(|n| n.parse().ok()),
    };
    show_new(&app, &visit, reference, begun, Typed::default()).await
}

/// From where a new one is set.
struct Begun {
    kind: Option<Kind>,
    meeting: Option<String>,
    /// Which of those that the analysis recommends and nobody follows up yet.
    follows: Option<usize>,
}

async fn show_new(
    app: &Data,
    visit: &Visit,
    reference: String,
    begun: Begun,
    typed: Typed,
) -> Page {
    let status = typed.status();
    let page = app
        .read(visit, move |conn, ctx| {
            let (case, facts) = access::reach(conn, ctx, &reference, Verb::KeepAction)?;
            let kind = begun.kind.ok_or(Error::NotFound)?;
            let known = Picture::shown(conn, ctx, &case, facts)?;
            let (errors, at) = said(&typed.problems);
            let left = work::left_of(conn, ctx, &case)?;
            let one = begun.follows.filter(|_| kind == Kind::Recommendation).and_then(|n| left.get(n));
            let held = one.map(|one| proposed(ctx, one)).unwrap_or_default();
            let follows = match &typed.post {
                Some(post) => Some(post.text("follows").to_owned()).filter(|words| !words.is_empty()),
                None => one.map(|one| one.words.clone()),
            };
            Ok(context! {
                title => format!("Set {}", if kind == Kind::Action { "an action" } else { "a recommendation" }),
                case => cases::head(ctx, facts, &case, &known), action => format!("/cases/{}/actions/new/{}", case.reference, kind.as_str()),
                asked => asked(kind, &held, typed.post.as_ref(), &at), due => boxes(typed.post.as_ref(), "due_on", None), at, errors,
                vague => typed.problems.iter().any(|p| p.rule == "vague"), meeting => &begun.meeting, follows,
                refused => &typed.refused,
            })
        })
        .await?;
    app.page(visit, status, "actions/new.html", page)
}

/// A recommendation of the analysis, as far as it can be filled in.
fn proposed(ctx: &Context, one: &Recommended) -> Said {
    let agency = one.agency.as_deref();
    let agency = agency.and_then(|code| ctx.house.dictionary().label("agency", code));
    let mut said = Said::from([("what".to_owned(), one.words.clone())]);
    if let Some(agency) = agency {
        said.insert("owner".to_owned(), agency.to_owned());
    }
    said
}

/// The questions with what stands in them.
fn asked(kind: Kind, held: &Said, post: Option<&Post>, at: &Value) -> Vec<Value> {
    questions(kind)
        .iter()
        .map(|(name, label, needed)| {
            let text = match post {
                Some(post) => post.text(name).to_owned(),
                None => held.get(*name).cloned().unwrap_or_default(),
            };
            let label = if *needed { (*label).to_owned() } else { format!("{label} (optional)") };
            let items: Vec<Value> = Strength::ALL
                .iter()
                .map(|s| context! { value => s.as_str(), text => s.label(), checked => text == s.as_str() })
                .collect();
            let look = match *name {
                "strength" => "one",
                name if is_line(name) => "line",
                _ => "lines",
            };
            context! { name, label, text, kind => look, items, error => at.get(*name) }
        })
        .collect()
}

/// Problems for the summary, dates leading to their first box, and by field.
fn said(problems: &[Problem]) -> (Option<Vec<Value>>, Value) {
    let (_, at) = super::said::said(problems);
    let list: Vec<Value> = problems
        .iter()
        .map(|p| {
            let dated = matches!(p.field.as_str(), "due_on" | "until" | "sent_on");
            context! { text => &p.message, href => format!("#{}{}", p.field, if dated { "-day" } else { "" }) }
        })
        .collect();
    ((!list.is_empty()).then_some(list), at)
}

fn given(post: &Post, kind: Kind) -> Given {
    let mut problems = Vec::new();
    let due_on = day(post, "due_on", "The day", &mut problems);
    let meeting = post.text("meeting");
    Given {
        said: questions(kind)
            .iter()
            .map(|(name, ..)| ((*name).to_owned(), post.text(name).to_owned()))
            .collect(),
        due_on,
        confirmed: post.text("confirmed") == "yes",
        meeting_id: Some(meeting.to_owned()).filter(|id| !id.is_empty()),
        // A browser sends the ends of lines in its own way.
        follows: Some(post.text("follows").replace("\r\n", "\n").trim().to_owned())
            .filter(|words| !words.is_empty()),
        problems,
    }
}

/// `POST /cases/{reference}/actions/new/{kind}`.
pub async fn add(app: Data, visit: Visit, path: web::Path<(String, String)>, post: Post) -> Page {
    let (reference, code) = path.into_inner();
    let kind = code.parse::<Kind>().ok();
    let given = kind.map(|kind| given(&post, kind));
    let (of, meeting) = (
        reference.clone(),
        given.as_ref().and_then(|g| g.meeting_id.clone()),
    );
    let done = app
        .write(&visit, move |tx, ctx| {
            let (Some(kind), Some(given)) = (kind, given) else {
                access::reach(tx.conn(), ctx, &of, Verb::KeepAction)?;
                return Err(Error::NotFound);
            };
            work::set(tx, ctx, &of, kind, &given)
        })
        .await;
    match done {
        Ok(_) => Ok(see_other(&format!("/cases/{reference}/actions"))),
        Err(Fault::Work(fault @ (Error::Invalid(_) | Error::Rule(_)))) => {
            let mut typed = Typed {
                post: Some(post),
                ..Typed::default()
            };
            match fault {
                Error::Rule(words) => typed.refused = Some(words),
                Error::Invalid(problems) => typed.problems = problems,
                _ => {}
            }
            let begun = Begun {
                kind,
                meeting,
                follows: None,
            };
            show_new(&app, &visit, reference, begun, typed).await
        }
        Err(fault) => Err(fault),
    }
}

/// `GET /actions/{id}`.
pub async fn page(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    show(&app, &visit, &path, Typed::default()).await
}

async fn show(app: &Data, visit: &Visit, id: &str, typed: Typed) -> Page {
    let (id, status) = (id.to_owned(), typed.status());
    let page = app
        .read(visit, move |conn, ctx| view(conn, ctx, &id, &typed))
        .await?;
    app.page(visit, status, "actions/page.html", page)
}

fn view(conn: &mut Conn, ctx: &Context, id: &str, typed: &Typed) -> Outcome<Value> {
    let (row, case, facts) = work::reach(conn, ctx, id, Verb::ReadCase)?;
    let known = Picture::shown(conn, ctx, &case, facts)?;
    let (kind, held) = (work::kind_of(&row)?, said_of(&row));
    let (errors, at) = said(&typed.problems);
    let changes = typed
        .post
        .as_ref()
        .filter(|_| typed.deed == Some(Deed::Change));
    let dated = |deed: Deed, name: &str| {
        boxes(
            typed.post.as_ref().filter(|_| typed.deed == Some(deed)),
            name,
            None,
        )
    };
    let open = work::state_of(&row)? == State::Open;
    Ok(context! {
        title => kind.label(), case => cases::head(ctx, facts, &case, &known), row => described(ctx, &row, None)?, id,
        version => row.version, lines => lines(kind, &held), open, keeps => may(&ctx.actor, Verb::KeepAction, &facts),
        is_recommendation => kind == Kind::Recommendation, looks => row.look_on.is_some_and(|on| on <= ctx.today()), look_on => row.look_on.map(|d| d.to_string()),
        asked => asked(kind, &held, changes, &at), vague => typed.problems.iter().any(|p| p.rule == "vague"),
        until => dated(Deed::Extend, "until"), sent_on => dated(Deed::Sent, "sent_on"), errors, at, refused => &typed.refused,
        stale => typed.stale, clash => clash(kind, &held, changes.filter(|_| typed.stale)), deed => typed.deed.map(Deed::as_str),
        typed => context! {
            reason => typed.of(Deed::Extend, "reason"), sent_how => typed.of(Deed::Sent, "sent_how"),
            evidence => typed.of(Deed::Close, "evidence"), why => typed.of(Deed::Withdraw, "reason"),
            look_words => typed.of(Deed::Look, "look_words"),
        },
        worked => Worked::ALL.iter().map(|w| context! { value => w.as_str(), text => w.label(), checked => typed.of(Deed::Look, "worked") == Some(w.as_str()) }).collect::<Vec<Value>>(),
    })
}

/// What was typed and what somebody else saved.
fn clash(kind: Kind, held: &Said, post: Option<&Post>) -> Option<Vec<[String; 3]>> {
    let post = post?;
    let differs = questions(kind).iter().filter_map(|(name, label, _)| {
        let (typed, now) = (
            post.text(name).to_owned(),
            held.get(*name).cloned().unwrap_or_default(),
        );
        (typed != now).then(|| [(*label).to_owned(), typed, now])
    });
    Some(differs.collect())
}

/// What was said of it, in words.
fn lines(kind: Kind, said: &Said) -> Vec<Value> {
    let mut all: Vec<(String, String)> = questions(kind)
        .iter()
        .filter_map(|(name, label, _)| {
            let text = said.get(*name)?;
            let strength = text
                .parse::<Strength>()
                .ok()
                .filter(|_| *name == "strength");
            let text = strength.map_or_else(|| text.clone(), |s| s.label().to_owned());
            Some(((*label).to_owned(), text))
        })
        .collect();
    let get = |name: &str| said.get(name).cloned();
    let day = |name: &str| {
        let day = said.get(name)?.parse::<chrono::NaiveDate>().ok()?;
        Some(day.format("%-d %B %Y").to_string())
    };
    let mut more = |label: &str, text: Option<String>| {
        all.extend(text.map(|text| (label.to_owned(), text)));
    };
    more("Sent to the person who must act", day("sent_on"));
    more("How it was sent", get("sent_how"));
    more("What shows that it was done", get("evidence"));
    for months in ["6", "12"] {
        let found = get(&format!("look_{months}")).and_then(|code| code.parse::<Worked>().ok());
        let on = day(&format!("look_{months}_on")).unwrap_or_default();
        let words = get(&format!("look_{months}_words")).unwrap_or_default();
        more(
            &format!("Looked back at {months} months"),
            found.map(|w| format!("{w}, {on}. {words}")),
        );
    }
    all.into_iter()
        .map(|(label, text)| context! { label, text })
        .collect()
}

/// `POST /actions/{id}`.
pub async fn act(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    let deed = post.text("do").parse::<Deed>().ok();
    let (of, form, version) = (id.clone(), post.clone(), post.number("version"));
    let done = app
        .write(&visit, move |tx, ctx| {
            let mut unread = Vec::new();
            let mut date = |name: &str| day(&form, name, "The day", &mut unread);
            let text = |name: &str| form.text(name);
            match deed {
                Some(Deed::Change) => {
                    let (row, ..) = work::reach(tx.conn(), ctx, &of, Verb::KeepAction)?;
                    let given = given(&form, work::kind_of(&row)?);
                    work::change(tx, ctx, &of, version, given)
                }
                Some(Deed::Extend) => {
                    work::extend(tx, ctx, &of, version, date("until"), text("reason"))
                }
                Some(Deed::Sent) => {
                    work::sent(tx, ctx, &of, version, date("sent_on"), text("sent_how"))
                }
                Some(Deed::Close) => work::close(tx, ctx, &of, version, text("evidence")),
                Some(Deed::Withdraw) => work::withdraw(tx, ctx, &of, version, text("reason")),
                Some(Deed::Look) => work::look_back(
                    tx,
                    ctx,
                    &of,
                    version,
                    text("worked").parse().ok(),
                    text("look_words"),
                ),
                None => {
                    work::reach(tx.conn(), ctx, &of, Verb::KeepAction)?;
                    Err(Error::NotFound)
                }
            }
        })
        .await;
    let mut typed = Typed {
        post: Some(post),
        deed,
        ..Typed::default()
    };
    match done {
        Ok(()) => return Ok(see_other(&format!("/actions/{id}"))),
        Err(Fault::Work(Error::Invalid(problems))) => typed.problems = problems,
        Err(Fault::Work(Error::Rule(words))) => typed.refused = Some(words),
        Err(Fault::Work(Error::Stale)) => typed.stale = true,
        Err(fault) => return Err(fault),
    }
    show(&app, &visit, &id, typed).await
}
