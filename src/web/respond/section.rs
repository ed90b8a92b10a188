//! One section of one form: shown with what was left on it, kept while it is typed, and saved.

use actix_web::http::StatusCode;
use actix_web::web;

use super::{Data, Held, held, write};
use crate::casework::respond;
use crate::casework::{Context, Error, typing};
use crate::domain::form::Problem;
use crate::domain::shared_answers::Say;
use crate::store::responses::Response;
use crate::web::app::see_other;
use crate::web::notify::Opened;
use crate::web::question::Question;
use crate::web::typing::{Opening, Said};
use crate::web::{Fault, Page, Post, Visit};

/// The questions that the coordinator marked.
pub(super) fn marks(response: &Response) -> Vec<String> {
    serde_json::from_str(&response.marks).unwrap_or_default()
}

/// Questions with word of those that are to be looked at again.
fn marked(mut questions: Vec<Question>, marks: &[String]) -> Vec<Question> {
    for question in questions.iter_mut().filter(|q| marks.contains(&q.id)) {
        let hint = question.hint.take().map(|hint| format!(" {hint}"));
        let words = "The team asks you to look at this again.";
        question.hint = Some(words.to_owned() + &hint.unwrap_or_default());
    }
    questions
}

/// One section of one form.
pub async fn section(
    app: Data,
    visit: Visit,
    path: web::Path<(String, String, String)>,
    query: web::Query<Opened>,
) -> Page {
    let (id, form, section) = path.into_inner();
    let held = held(&app, &visit, &id).await?;
    let response = held.response(&form)?;
    let opening = if respond::open(response) {
        Some(notice(&app, &visit, &held, &form, &section).await?)
    } else {
        None
    };
    let shown = Shown {
        posted: opening.as_ref().and_then(|opening| opening.typed.as_ref()),
        opened: query.opened.is_some(),
        opening: opening.as_ref(),
        ..Shown::default()
    };
    show(&app, &visit, &held, response, &section, &shown)
}

/// What was left on a page, and who else has the form open.
async fn notice(
    app: &Data,
    visit: &Visit,
    held: &Held,
    form: &str,
    section: &str,
) -> Result<Opening, Fault> {
    let claim = visit.caller.claim.clone().unwrap_or_default();
    let request = held.work.request.clone();
    let (form, section) = (form.to_owned(), section.to_owned());
    let actor = held.ctx.actor.clone();
    app.open_read(visit, move |conn, ctx| {
        let ctx = Context {
            actor,
            ..ctx.clone()
        };
        let page = typing::Page::Response {
            request: &request,
            form: &form,
            section: &section,
            claim: &claim,
        };
        Ok(Opening::from(typing::notice(conn, &ctx, &page)?))
    })
    .await
}

/// Keeps what is being typed, or throws it away.
pub async fn keep_typing(
    app: Data,
    visit: Visit,
    path: web::Path<(String, String, String)>,
    post: Post,
) -> Page {
    let (id, form, section) = path.into_inner();
    let claim = visit.caller.claim.clone().unwrap_or_default();
    let back = format!("/requests/{id}/forms/{form}/{section}");
    let said = Said::of(&post);
    let done = write(&app, &visit, &id, move |tx, ctx| {
        let request = respond::by_claim(tx.conn(), ctx, &claim)?;
        let page = typing::Page::Response {
            request: &request,
            form: &form,
            section: &section,
            claim: &claim,
        };
        said.take(tx, ctx, &page)
    })
    .await?;
    Ok(done.answer(&back))
}

/// How a section page is shown again.
#[derive(Default)]
struct Shown<'a> {
    posted: Option<&'a Post>,
    problems: &'a [Problem],
    opened: bool,
    opening: Option<&'a Opening>,
    status: StatusCode,
    clash: Option<Vec<(String, String, String)>>,
}

impl Shown<'_> {
    /// Which words of another hand the page shows: those that are there, or that were when it was posted.
    fn left(&self) -> Option<&str> {
        match self.opening {
            Some(opening) => opening.of_another(),
            None => self.posted.and_then(|post| post.get(typing::SHOWN)),
        }
    }
}

fn show(
    app: &Data,
    visit: &Visit,
    held: &Held,
    response: &Response,
    section: &str,
    shown: &Shown<'_>,
) -> Page {
    let page = held.with(response, |j| {
        let section = j.section(section)?;
        Some(context! {
            title => &section.label, caption => held.label(&response.form),
            back => &j.base, action => format!("{}/{}", j.base, section.id),
            base => shown.opening.and_then(Opening::base).unwrap_or_else(|| j.base_of(section)),
            version => shown.opening.and_then(Opening::version).unwrap_or(response.version),
            typing => respond::open(response), noticed => shown.opening.map(Opening::shown), left => shown.left(),
            questions => marked(j.questions(section, shown.posted.map(|p| &p.0), shown.problems), &marks(response)),
            marks => marks(response), told => j.told(section, shown.posted), said => j.said_elsewhere(section), says => Say::ALL.map(|say| (say.as_str(), say.words())),
            errors => j.summary(shown.problems), opened => shown.opened, clash => &shown.clash,
            sent_back => &response.reason, later => "Save and come back later",
        })
    })?;
    let page = page.ok_or(Fault::Work(Error::NotFound))?;
    app.page(visit, shown.status, "journey/section.html", page)
}

/// Keeps a section and goes on.
pub async fn save_section(
    app: Data,
    visit: Visit,
    path: web::Path<(String, String, String)>,
    post: Post,
) -> Page {
    let (id, form, section) = path.into_inner();
    let held_now = held(&app, &visit, &id).await?;
    let response = held_now.response(&form)?;
    let taken = held_now.with(response, |j| {
        let section = j.section(&section)?;
        let next = j.after(&section.id).map(|s| format!("{}/{}", j.base, s.id));
        Some((
            j.take(section, &post),
            next.unwrap_or_else(|| j.base.clone()),
            post.get("base") == Some(&j.base_of(section)),
        ))
    })?;
    let (taken, next, unchanged) = taken.ok_or(Fault::Work(Error::NotFound))?;
    if !taken.problems.is_empty() && !taken.reshaped {
        let shown = Shown {
            posted: Some(&post),
            problems: &taken.problems,
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..Shown::default()
        };
        return show(&app, &visit, &held_now, response, &section, &shown);
    }
    let save = respond::Save {
        request_id: id.clone(),
        form: form.clone(),
        // Another section that was saved meanwhile is in nobody's way.
        version: if unchanged {
            response.version
        } else {
            post.number("version")
        },
        section: section.clone(),
        answers: taken.answers.clone(),
        confirmed: taken.confirmed,
        says: taken.says,
        claim: visit.caller.claim.clone().unwrap_or_default(),
        shown: post.get(typing::SHOWN).map(str::to_owned),
    };
    let saved = write(&app, &visit, &id, move |tx, ctx| {
        respond::save(tx, ctx, &save)
    })
    .await;
    match saved {
        Ok(row) if taken.reshaped => {
            let shown = Shown {
                posted: Some(&post),
                ..Shown::default()
            };
            show(&app, &visit, &held_now, &row, &section, &shown)
        }
        Ok(_) if post.get("later").is_some() => Ok(see_other(&held_now.home())),
        Ok(_) if taken.opened => Ok(see_other(&format!(
            "/requests/{id}/forms/{form}/{section}?opened=yes"
        ))),
        Ok(_) => Ok(see_other(&next)),
        Err(Fault::Work(Error::Stale)) => {
            let fresh = held(&app, &visit, &id).await?;
            let response = fresh.response(&form)?;
            let clash = fresh.with(response, |j| {
                j.section(&section)
                    .map(|s| j.differences(s, &taken.answers))
            })?;
            let shown = Shown {
                posted: Some(&post),
                status: StatusCode::CONFLICT,
                clash,
                ..Shown::default()
            };
            show(&app, &visit, &fresh, response, &section, &shown)
        }
        Err(fault) => Err(fault),
    }
}
