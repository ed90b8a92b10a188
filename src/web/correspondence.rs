//! The pages of letters: those there are for a case, one of them with whom it is about, the file to edit, recording that
//! somebody sent it, and the minutes of a meeting as a file. Must not know what a letter says.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;
use url::form_urlencoded;

use super::app::see_other;
use super::dated::{boxes, day};
use super::{App, Fault, Page, Post, Visit, cases};
use crate::casework::correspondence::{self as work, Choice, Given, Sheet};
use crate::casework::picture::Picture;
use crate::casework::{Context, Error, Outcome};
use crate::domain::form::Problem;
use crate::domain::letter::{About, For, Template, docx};
use crate::domain::permission::may;
use crate::store::Conn;

type Data = web::Data<Arc<App>>;
type At = web::Path<(String, String)>;

/// What Word files are called where files are sent.
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// `GET /cases/{reference}/letters`.
pub async fn list(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let reference = path.into_inner();
    let page = app
        .read(&visit, move |conn, ctx| {
            let (case, facts, mine) = work::shelf(conn, ctx, &reference)?;
            let known = Picture::shown(conn, ctx, &case, facts)?;
            let groups: Vec<Value> = For::ALL
                .iter()
                .filter_map(|to| {
                    let letters: Vec<Value> = mine
                        .iter()
                        .filter(|t| t.to == *to)
                        .map(|t| context! { title => &t.title, href => format!("/cases/{}/letters/{}", case.reference, t.code) })
                        .collect();
                    (!letters.is_empty()).then(|| context! { heading => to.label(), letters })
                })
                .collect();
            Ok(context! { title => "Letters", case => cases::head(ctx, facts, &case, &known), groups })
        })
        .await?;
    app.ok(&visit, "letters/list.html", page)
}

/// What was posted or asked for and what is wrong with it.
#[derive(Clone, Default)]
struct Typed {
    post: Option<Post>,
    problems: Vec<Problem>,
    refused: Option<String>,
    /// It was recorded just now.
    recorded: bool,
}

/// `GET /cases/{reference}/letters/{letter}`.
pub async fn page(app: Data, visit: Visit, path: At, req: HttpRequest) -> Page {
    let (reference, code) = path.into_inner();
    let typed = Typed {
        recorded: req.query_string() == "recorded",
        ..Typed::default()
    };
    show(&app, &visit, &reference, &code, typed).await
}

async fn show(app: &Data, visit: &Visit, reference: &str, code: &str, typed: Typed) -> Page {
    let status = if typed.problems.is_empty() && typed.refused.is_none() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let (reference, code) = (reference.to_owned(), code.to_owned());
    let page = app
        .read(visit, move |conn, ctx| {
            view(conn, ctx, &reference, &code, &typed)
        })
        .await?;
    app.page(visit, status, "letters/page.html", page)
}

fn view(
    conn: &mut Conn,
    ctx: &Context,
    reference: &str,
    code: &str,
    typed: &Typed,
) -> Outcome<Value> {
    let (case, facts, template) = work::reach(conn, ctx, reference, code)?;
    let known = Picture::shown(conn, ctx, &case, facts)?;
    let all = work::choices(conn, ctx, &case, template)?;
    let (errors, at) = said(&typed.problems);
    let text = |name: &str| typed.post.as_ref().map(|post| post.text(name));
    Ok(context! {
        title => &template.title, to => template.to.label(), case => cases::head(ctx, facts, &case, &known),
        base => format!("/cases/{}/letters/{}", case.reference, template.code), asks => asks(template),
        choices => items(&all, None), sent_to => items(&all, text("sent_to")), missing => missing(template, &case.reference),
        records => may(&ctx.actor, work::recorded_under(template), &facts), follows => follows(template), errors, at,
        refused => &typed.refused, recorded => typed.recorded, sent_on => boxes(typed.post.as_ref(), "sent_on", None),
        sent_how => text("sent_how"),
    })
}

fn items(all: &[Choice], chosen: Option<&str>) -> Vec<Value> {
    all.iter()
        .map(|c| {
            let hint = (!c.hint.is_empty()).then(|| context! { text => &c.hint });
            context! { value => &c.id, text => &c.words, hint, checked => chosen == Some(c.id.as_str()) }
        })
        .collect()
}

/// What has to be chosen, as the page asks it.
const fn asks(template: &Template) -> Option<&'static str> {
    match template.to.about() {
        About::Nothing => None,
        About::Person => Some("Whom it is for"),
        About::Recommendation => Some("Which recommendation it is about"),
        About::Meeting => Some("Which meeting it is about"),
    }
}

/// What is said when there is nothing to choose, and where that is recorded.
fn missing(template: &Template, reference: &str) -> Value {
    let (words, page) = match template.to.about() {
        About::Person => ("No parent or carer is recorded", "family"),
        About::Recommendation => ("No recommendation is open", "actions"),
        _ => ("No meeting is arranged", "meetings"),
    };
    context! { words, href => format!("/cases/{reference}/{page}") }
}

/// What recording leads to.
const fn follows(template: &Template) -> &'static str {
    match template.to.about() {
        About::Person => "It is logged as a contact with the family.",
        About::Recommendation => {
            "It is the proof on the recommendation that the person who must act was told."
        }
        About::Meeting | About::Nothing => "It stands on the timeline of the case.",
    }
}

/// Problems for the summary, each leading to the first box it is about, and by field.
fn said(problems: &[Problem]) -> (Option<Vec<Value>>, Value) {
    let (_, at) = super::said::said(problems);
    let list: Vec<Value> = problems
        .iter()
        .map(|p| {
            let first = if p.field == "sent_on" { "-day" } else { "" };
            context! { text => &p.message, href => format!("#{}{first}", p.field) }
        })
        .collect();
    ((!list.is_empty()).then_some(list), at)
}

/// `GET /cases/{reference}/letters/{letter}/letter.docx`, with `to` where somebody or something has to be chosen. One that
/// says who the child was leaves after a fresh code, as other exports do.
pub async fn file(app: Data, visit: Visit, path: At, req: HttpRequest) -> Page {
    let (reference, code) = path.into_inner();
    let to = form_urlencoded::parse(req.query_string().as_bytes())
        .find(|(name, _)| name == "to")
        .map(|(_, value)| value.into_owned());
    let (of, letter) = (reference.clone(), code.clone());
    let identifies = app
        .read(&visit, move |conn, ctx| {
            work::identifies(conn, ctx, &of, &letter)
        })
        .await?;
    if identifies {
        app.step_up(&visit).await?;
    }
    let (of, letter) = (reference.clone(), code.clone());
    let done = app
        .write(&visit, move |tx, ctx| {
            work::write(tx, ctx, &of, &letter, to.as_deref())
        })
        .await;
    match done {
        Ok(sheet) => attachment("Letter", "letter.docx", &sheet),
        Err(Fault::Work(Error::Invalid(problems))) => {
            let typed = Typed {
                problems,
                ..Typed::default()
            };
            show(&app, &visit, &reference, &code, typed).await
        }
        Err(Fault::Work(Error::Rule(words))) => {
            let typed = Typed {
                refused: Some(words),
                ..Typed::default()
            };
            show(&app, &visit, &reference, &code, typed).await
        }
        Err(fault) => Err(fault),
    }
}

/// `GET /meetings/{id}/minutes.docx`.
pub async fn minutes(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let id = path.into_inner();
    let sheet = app
        .write(&visit, move |tx, ctx| work::minutes(tx, ctx, &id))
        .await?;
    attachment("Minutes", "minutes.docx", &sheet)
}

/// `GET /panels/{id}/invitation.docx`, with `to` for one of those put down.
pub async fn invitation(
    app: Data,
    visit: Visit,
    path: web::Path<String>,
    query: web::Query<BTreeMap<String, String>>,
) -> Page {
    let (id, to) = (path.into_inner(), query.get("to").cloned());
    let sheet = app
        .write(&visit, move |tx, ctx| {
            work::invitation(tx, ctx, &id, to.as_deref())
        })
        .await?;
    attachment("Invitation", "invitation.docx", &sheet)
}

/// The file, under a name that says nothing of the child.
fn attachment(title: &str, name: &str, sheet: &Sheet) -> Page {
    let bytes = docx(title, &sheet.blocks).map_err(|e| Fault::from(Error::Internal(e)))?;
    Ok(HttpResponse::Ok()
        .content_type(DOCX)
        .insert_header((
            "Content-Disposition",
            format!("attachment; filename=\"{name}\""),
        ))
        .insert_header(("Content-Encoding", "identity"))
        .body(bytes))
}

/// `POST /cases/{reference}/letters/{letter}` with `sent_to`, `sent_on` and `sent_how`.
pub async fn record(app: Data, visit: Visit, path: At, post: Post) -> Page {
    let (reference, code) = path.into_inner();
    let mut problems = Vec::new();
    let given = Given {
        to: post.text("sent_to").to_owned(),
        on: day(
            &post,
            "sent_on",
            "The day on which it was sent",
            &mut problems,
        ),
        how: post.text("sent_how").replace("\r\n", "\n"),
        problems,
    };
    let (of, letter) = (reference.clone(), code.clone());
    let done = app
        .write(&visit, move |tx, ctx| {
            work::sent(tx, ctx, &of, &letter, &given)
        })
        .await;
    let mut typed = Typed {
        post: Some(post),
        ..Typed::default()
    };
    match done {
        Ok(()) => {
            let to = format!("/cases/{reference}/letters/{code}?recorded");
            return Ok(see_other(&to));
        }
        Err(Fault::Work(Error::Invalid(problems))) => typed.problems = problems,
        Err(Fault::Work(Error::Rule(words))) => typed.refused = Some(words),
        Err(fault) => return Err(fault),
    }
    show(&app, &visit, &reference, &code, typed).await
}
