//! The agency's pages behind a link: the forms as task lists, checking, sending. One request is seen and nothing
//! else. Must not know how a link is opened (`link` does).

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;

use super::app::see_other;
use super::journey::Journey;
use super::notify::{Opened, links};
use super::question::{Question, why_name};
use super::typing::{Opening, Said};
use super::{App, Fault, Page, Post, Visit};
use crate::casework::parts::{self, SentOn};
use crate::casework::picture::stored;
use crate::casework::respond::{self, Tick, Work};
use crate::casework::typing::Unsaved;
use crate::casework::{Context, Error, asked, packs, typing};
use crate::domain::actor::Actor;
use crate::domain::form::{Answer, AnsweredBy, Field, Problem, confirmed};
use crate::domain::shared_answers::Say;
use crate::store::responses::Response;
use crate::store::waits::Wait;

type Data = web::Data<Arc<App>>;

fn wanted(field: &Field) -> bool {
    field.answered_by == AnsweredBy::Respondent
}

/// What this browser holds: the request and everything of it.
pub(super) struct Held {
    pub work: Work,
    pub ctx: Context,
    /// Questions for more time, the newest first.
    pub waits: Vec<Wait>,
    /// How many questions the panel has for this agency.
    pub panel_asks: usize,
    /// Parts of it that went to colleagues.
    pub sent_on: Vec<SentOn>,
}

impl Held {
    fn response(&self, form: &str) -> Result<&Response, Fault> {
        self.work
            .responses
            .iter()
            .find(|r| r.form == form)
            .ok_or(Fault::Work(Error::NotFound))
    }

    fn with<T>(&self, response: &Response, f: impl FnOnce(&Journey<'_>) -> T) -> Result<T, Fault> {
        let dict = self.ctx.house.dictionary_of(&response.form_version);
        let answers = stored(dict, &response.form, &response.answers);
        let reasons = confirmed(&response.confirmed);
        let elsewhere = |field: &str| -> Option<Answer> {
            respond::elsewhere(&self.ctx, &self.work, &response.form, field)
        };
        let form = dict
            .form(&response.form)
            .ok_or(Fault::Work(Error::NotFound))?;
        let outline = parts::outline(&self.ctx, form, response);
        let own = parts::fields(&self.ctx, form, response);
        Ok(f(&Journey {
            dict,
            form,
            outline: &outline,
            answers: &answers,
            around: self.ctx.around(&elsewhere),
            wanted: &|field: &Field| {
                wanted(field) && own.as_ref().is_none_or(|own| own.contains(&field.id))
            },
            base: format!("/requests/{}/forms/{}", self.work.request.id, response.form),
            confirmed: &reasons,
            asks_why: true,
            known: &self.work.known_of(&response.form),
        }))
    }

    pub fn home(&self) -> String {
        format!("/requests/{}", self.work.request.id)
    }

    /// The newest question for more time, when it stands so.
    fn newest_wait(&self, state: &str) -> Option<&Wait> {
        self.waits.first().filter(|wait| wait.state == state)
    }

    fn label(&self, form: &str) -> String {
        crate::casework::gather::form_label(&self.ctx, form)
    }
}

/// Finds what this browser's claim holds; `id` must be that very request.
pub(super) async fn held(app: &Data, visit: &Visit, id: &str) -> Result<Held, Fault> {
    let secret = visit
        .caller
        .claim
        .clone()
        .ok_or(Fault::Work(Error::NotFound))?;
    let id = id.to_owned();
    app.open_read(visit, move |conn, ctx| {
        let request = respond::by_claim(conn, ctx, &secret)?;
        if request.id != id {
            return Err(Error::NotFound);
        }
        let ctx = Context {
            actor: Actor::link(&request.id),
            ..ctx.clone()
        };
        let work = respond::work(conn, &ctx, request)?;
        let waits = asked::waits_of(conn, &work.request)?;
        let panel_asks = packs::asked_of(conn, &work.request.id)?.len();
        let sent_on = parts::sent_on(conn, &ctx, &work.request)?;
        Ok(Held {
            work,
            ctx,
            waits,
            panel_asks,
            sent_on,
        })
    })
    .await
}

/// Runs a write as the holder of the link this browser claimed.
pub(super) async fn write<T, F>(app: &Data, visit: &Visit, id: &str, f: F) -> Result<T, Fault>
where
    T: Send + 'static,
    F: FnOnce(&mut crate::store::Tx<'_>, &Context) -> Result<T, Error> + Send + 'static,
{
    let secret = visit
        .caller
        .claim
        .clone()
        .ok_or(Fault::Work(Error::NotFound))?;
    let id = id.to_owned();
    app.open_write(visit, move |tx, ctx| {
        let request = respond::by_claim(tx.conn(), ctx, &secret)?;
        if request.id != id {
            return Err(Error::NotFound);
        }
        f(
            tx,
            &Context {
                actor: Actor::link(&request.id),
                ..ctx.clone()
            },
        )
    })
    .await
}

/// The request as its holder sees it; `fault` is what is wrong with the answer whether the child was known.
pub(super) fn work_page(app: &Data, visit: &Visit, held: &Held, fault: Option<&str>) -> Page {
    let work = &held.work;
    let mut forms = Vec::new();
    for response in &work.responses {
        #[expect(
            clippy::redundant_closure_for_method_calls,
            reason = "the method is not general enough over the journey's lifetime"
        )]
        let tasks = held.with(response, |j| j.tasks())?;
        let left = tasks
            .iter()
            .filter(|t| matches!(t.status, "todo" | "started"))
            .count();
        forms.push(context! {
            label => held.label(&response.form), left, open => respond::open(response), state => &response.state,
            href => format!("{}/forms/{}", held.home(), response.form),
        });
    }
    let case = &work.case;
    let age = case
        .date_of_birth
        .and_then(|born| crate::domain::age::Age::at(born, case.date_of_death));
    let page = context! {
        title => "A request for information", forms, request => context! {
            id => &work.request.id, state => &work.request.state, recipient => &work.request.recipient,
            agreed_date => work.request.agreed_date.to_string(), reason => &work.request.reason,
        },
        panel_asks => held.panel_asks,
        parted => work.responses.iter().any(|r| r.pages.is_some()), is_part => work.request.part_of.is_some(),
        knew => work.knew, fault, errors => fault.map(|text| vec![context! { text, href => "#knew" }]),
        sent_on => held.sent_on.iter().map(part).collect::<Vec<_>>(),
        child => context! {
            name => &case.display_name, born => case.date_of_birth.map(|d| d.to_string()),
            died => case.date_of_death.to_string(), age => age.map(|a| a.words()), nhs_number => &case.nhs_number,
        },
        home => held.home(), waiting => held.newest_wait("asked").map(|w| w.until.to_string()),
        refused => held.newest_wait("refused").and_then(|w| w.answer.as_ref()),
        check => format!("{}/check", held.home()), files => format!("{}/files", held.home()),
    };
    let status = if fault.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    app.page(visit, status, "requests/work.html", page)
}

/// Parts that went to a colleague, as whoever sent them sees it.
fn part(sent: &SentOn) -> serde_json::Value {
    let state = match sent.request.state.as_str() {
        "sent" => "Not opened yet",
        "opened" => "Being answered",
        "sent_back" => "Sent back to them by the team",
        "answered" | "accepted" => "Answered",
        _ => "Came back to you",
    };
    context! { id => &sent.request.id, recipient => &sent.request.recipient, labels => &sent.labels, state, open => sent.is_open() }
}

/// The task list of one form.
pub async fn tasks(app: Data, visit: Visit, path: web::Path<(String, String)>) -> Page {
    let (id, form) = path.into_inner();
    let held = held(&app, &visit, &id).await?;
    let response = held.response(&form)?;
    let (mut tasks, (asked, spared)) = held.with(response, |j| (j.tasks(), j.counts()))?;
    let marks = marks(response);
    for task in &mut tasks {
        let has = |section: &crate::domain::form::Section| {
            section.fields.iter().any(|f| marks.contains(&f.id))
        };
        if held.with(response, |j| j.section(&task.id).is_some_and(has))? {
            (task.status, task.status_words) = ("again", "Look again");
        }
    }
    let (known, tasks): (Vec<_>, Vec<_>) = tasks.into_iter().partition(|t| t.status == "known");
    let page = context! {
        title => held.label(&form), tasks, known, asked, spared, knew => held.work.knew, home => held.home(), sent_back => &response.reason,
    };
    app.ok(&visit, "requests/tasks.html", page)
}

/// The questions that the coordinator marked.
fn marks(response: &Response) -> Vec<String> {
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
            marks => marks(response), told => j.told(section, shown.posted), says => Say::ALL.map(|say| (say.as_str(), say.words())),
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

/// Every form read back before sending.
pub async fn check(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let held = held(&app, &visit, &path).await?;
    let unsaved = unsaved(&app, &visit, &held).await?;
    check_page(&app, &visit, &held, &unsaved, StatusCode::OK, None)
}

/// The sections in which this browser left words that were not saved.
async fn unsaved(app: &Data, visit: &Visit, held: &Held) -> Result<Vec<Unsaved>, Fault> {
    let claim = visit.caller.claim.clone().unwrap_or_default();
    let responses = held.work.responses.clone();
    app.open_read(visit, move |conn, ctx| {
        typing::unsaved(conn, ctx, &responses, &claim)
    })
    .await
}

/// What was posted stands in its boxes again.
fn check_page(
    app: &Data,
    visit: &Visit,
    held: &Held,
    unsaved: &[Unsaved],
    status: StatusCode,
    post: Option<&Post>,
) -> Page {
    let mut forms = Vec::new();
    let mut errors = Vec::new();
    let mut missing = 0;
    for response in held.work.responses.iter().filter(|r| respond::open(r)) {
        forms.push(held.with(response, |j| {
            let found = j.faults();
            missing += found.len();
            errors.extend(links(j, &found));
            context! {
                label => held.label(&response.form), form => &response.form, sections => j.read_back(&found, false),
                to_confirm => j.to_confirm(&found),
            }
        })?);
    }
    let unsaved: Vec<_> = unsaved
        .iter()
        .map(|left| {
            let href = format!("{}/forms/{}/{}", held.home(), left.form, left.section);
            context! { href, label => &left.label, at => super::letter::moment(left.at) }
        })
        .collect();
    let errors = (status != StatusCode::OK).then_some(errors);
    let send = format!("{}/send", held.home());
    let ticked = post.map(|post| post.all("confirm")).unwrap_or_default();
    let reasons: BTreeMap<&str, &str> = post
        .iter()
        .flat_map(|post| &post.0.0)
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .filter(|(name, _)| name.starts_with("why-"))
        .collect();
    let page = context! { title => "Check your answers", forms, missing, errors, ticked, reasons, unsaved, home => held.home(), send };
    app.page(visit, status, "requests/check.html", page)
}

/// Sends every form, or says what is missing.
pub async fn send(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let id = path.into_inner();
    let request = id.clone();
    // One tick is `form/key`, since one button sends every form.
    let ticks: Vec<Tick> = post
        .all("confirm")
        .iter()
        .filter_map(|tick| {
            let (form, key) = tick.split_once('/')?;
            Some(Tick {
                form: form.to_owned(),
                key: key.to_owned(),
                why: post.text(&why_name(tick)).trim().to_owned(),
            })
        })
        .collect();
    // Kept on its own, so that a tick stays when something else is still missing.
    if !ticks.is_empty() {
        let of = id.clone();
        write(&app, &visit, &id, move |tx, ctx| {
            respond::confirm(tx, ctx, &of, &ticks)
        })
        .await?;
    }
    match write(&app, &visit, &id, move |tx, ctx| {
        respond::send(tx, ctx, &request)
    })
    .await
    {
        Ok(()) => Ok(see_other(&format!("/requests/{id}/sent"))),
        Err(Fault::Work(Error::Invalid(_))) => {
            let held = held(&app, &visit, &id).await?;
            let unsaved = unsaved(&app, &visit, &held).await?;
            check_page(
                &app,
                &visit,
                &held,
                &unsaved,
                StatusCode::UNPROCESSABLE_ENTITY,
                Some(&post),
            )
        }
        Err(fault) => Err(fault),
    }
}

/// What happens next.
pub async fn sent(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let held = held(&app, &visit, &path).await?;
    let spared: i32 = held.work.responses.iter().filter_map(|r| r.spared).sum();
    let page = context! {
        title => "Your answers were sent", nil => held.work.request.nil_return, spared, home => held.home(),
    };
    app.ok(&visit, "requests/sent.html", page)
}
