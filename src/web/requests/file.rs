//! One request as staff see it: its letters, its answers, what the agency asked of us, and what may be done now. Must
//! not show a link's secret, nor what the agency has not sent yet.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web;
use serde_json::Value;

use super::{Data, Desk, answer_state, described, desk, message, standing};
use crate::casework::asked::Colleague;
use crate::casework::documents::with_answer;
use crate::casework::parts;
use crate::casework::respond::{self, Work};
use crate::casework::{Error, access, asked, gather};
use crate::domain::form::{Answer, AnsweredBy, Answers, Field, Reasons, confirmed};
use crate::domain::permission::Verb;
use crate::domain::shared_answers::{self, Place};
use crate::store::outbox::{self, Mail};
use crate::store::requests::{self, Request};
use crate::store::responses::Response;
use crate::store::waits::Wait;
use crate::web::app::see_other;
use crate::web::documents::item;
use crate::web::journey::Journey;
use crate::web::{Fault, Page, Post, Visit, letter, records, shown};

/// One request with its letters.
struct File {
    request: Request,
    letters: Vec<Mail>,
    /// Questions for more time, the newest first.
    waits: Vec<Wait>,
    /// What came with the answer, for whoever may read documents.
    files: Vec<Value>,
    desk: Desk,
}

async fn file(app: &Data, visit: &Visit, reference: &str, id: &str) -> Result<File, Fault> {
    let desk = desk(app, visit, reference, Verb::ReadCase).await?;
    let request = desk
        .asked
        .iter()
        .find(|r| r.id == id)
        .cloned()
        .ok_or(Fault::Work(Error::NotFound))?;
    let (of, facts, case) = (request.clone(), desk.facts, desk.case.clone());
    let (letters, files, waits) = app
        .read(visit, move |conn, ctx| {
            ctx.allow(Verb::ReadCase, &facts)?;
            let files = match with_answer(conn, ctx, &case, &of.id) {
                Ok(files) => files.iter().map(|file| item(&case, file)).collect(),
                Err(Error::Forbidden) => Vec::new(),
                Err(other) => return Err(other),
            };
            let waits = asked::waits_of(conn, &of)?;
            Ok((outbox::of_request(conn, &of.id)?, files, waits))
        })
        .await?;
    Ok(File {
        request,
        letters,
        waits,
        files,
        desk,
    })
}

impl File {
    /// The answers of one form, once they were sent. A draft is the agency's own.
    fn answers(&self, response: &Response) -> Option<Value> {
        if !matches!(response.state.as_str(), "sent" | "accepted") {
            return None;
        }
        let ctx = &self.desk.ctx;
        let dict = ctx.house.dictionary_of(&response.form_version);
        let form = dict.form(&response.form)?;
        let answers = records::typed(ctx, &self.desk.facts, response);
        let work = Work {
            request: self.request.clone(),
            case: self.desk.case.clone(),
            responses: self.responses().cloned().collect(),
            known: BTreeMap::new(),
            knew: true,
        };
        let elsewhere = |field: &str| -> Option<Answer> {
            respond::elsewhere(ctx, &work, &response.form, field)
        };
        let journey = Journey {
            dict,
            form,
            outline: &form.sections,
            answers: &answers,
            around: ctx.around(&elsewhere),
            wanted: &|field: &Field| field.answered_by == AnsweredBy::Respondent,
            base: String::new(),
            confirmed: &Reasons::new(),
            asks_why: false,
            known: &shared_answers::NOTHING,
        };
        Some(shown(&journey.sent()))
    }

    /// The questions of a form that were not asked, because the agency answered the same on another form of the request; each
    /// with that form.
    fn elsewhere(&self, response: &Response) -> Vec<String> {
        let house = &self.desk.ctx.house;
        let typed = |row: &Response| records::typed(&self.desk.ctx, &self.desk.facts, row);
        let dict = house.dictionary_of(&response.form_version);
        let Some(form) = dict.form(&response.form) else {
            return Vec::new();
        };
        let own = typed(response);
        let others: Vec<(&str, Answers)> = self
            .responses()
            .filter(|row| row.form != response.form)
            .map(|row| (row.form.as_str(), typed(row)))
            .collect();
        let there = |field: &Field| {
            let places = house.shares.alike(&form.code, &field.id);
            let answered = |place: &&Place| {
                let mut on = others.iter().filter(|(code, _)| *code == place.0);
                on.any(|(_, answers)| answers.is_answered(&place.1))
            };
            let place = places.into_iter().find(answered)?;
            Some(format!("{} ({})", field.label, dict.form(&place.0)?.label))
        };
        form.fields()
            .filter(|field| !own.is_answered(&field.id))
            .filter_map(there)
            .collect()
    }

    /// The parts of a form that this request answers, where others answer the rest.
    fn parts(&self, response: &Response) -> Vec<String> {
        let ctx = &self.desk.ctx;
        let dict = ctx.house.dictionary_of(&response.form_version);
        let form = dict
            .form(&response.form)
            .filter(|_| response.pages.is_some());
        let pages = form.map(|form| parts::outline(ctx, form, response));
        pages
            .unwrap_or_default()
            .into_iter()
            .map(|page| page.label)
            .collect()
    }

    /// What a check asked about and the agency found right, each with its reason.
    fn reasons(&self, response: &Response) -> Vec<Value> {
        if !matches!(response.state.as_str(), "sent" | "accepted") {
            return Vec::new();
        }
        let dict = self.desk.ctx.house.dictionary_of(&response.form_version);
        let form = dict.form(&response.form);
        let label = |key: &str| {
            let field = key.split([':', '.']).next().unwrap_or_default();
            form.and_then(|form| form.field(field))
                .map(|f| f.label.clone())
        };
        confirmed(&response.confirmed)
            .into_iter()
            .filter(|(_, why)| !why.is_empty())
            .filter_map(|(key, why)| Some(context! { label => label(&key)?, why }))
            .collect()
    }

    /// The questions of a form that can be marked when it is sent back, section by section.
    fn marks(&self, response: &Response, refused: Option<&Refused>) -> Vec<Value> {
        let dict = self.desk.ctx.house.dictionary_of(&response.form_version);
        let form = dict
            .form(&response.form)
            .filter(|_| response.state == "sent");
        let sections = form.map(|form| form.sections.iter()).into_iter().flatten();
        let question = |field: &Field| {
            let value = format!("{}/{}", response.form, field.id);
            let ticked = refused.is_some_and(|r| r.marks.contains(&value));
            context! { text => &field.label, checked => ticked, value }
        };
        sections
            .map(|section| {
                let asked = section.fields.iter();
                let asked = asked.filter(|f| f.answered_by == AnsweredBy::Respondent);
                context! { label => &section.label, items => asked.map(question).collect::<Vec<_>>() }
            })
            .collect()
    }

    fn responses(&self) -> impl Iterator<Item = &Response> {
        self.desk
            .responses
            .iter()
            .filter(|r| r.request_id == self.request.id)
    }

    fn waits_open(&self) -> bool {
        self.waits.first().is_some_and(|wait| wait.state == "asked")
    }

    /// What may be done now: names of buttons.
    fn actions(&self) -> Vec<&'static str> {
        let state = self.request.state.as_str();
        let closed = matches!(state, "accepted" | "withdrawn" | "waived");
        [
            ("accept", Verb::AcceptResponse, state == "answered"),
            ("send_back", Verb::SendBackResponse, state == "answered"),
            ("agree_time", Verb::AgreeTime, self.waits_open()),
            ("reissue", Verb::ReissueRequest, !closed),
            (
                "redirect",
                Verb::ReissueRequest,
                requests::waits(&self.request),
            ),
            ("waive", Verb::WaiveRequest, requests::waits(&self.request)),
            ("withdraw", Verb::WithdrawRequest, !closed),
        ]
        .into_iter()
        .filter(|(_, verb, possible)| *possible && self.desk.may_here(*verb))
        .map(|(name, ..)| name)
        .collect()
    }
}

/// One request: what was asked, the letters about it, the answers, and what may be done now.
pub async fn page(app: Data, visit: Visit, path: web::Path<(String, String)>) -> Page {
    let (reference, id) = path.into_inner();
    let file = file(&app, &visit, &reference, &id).await?;
    file_page(&app, &visit, &file, None)
}

/// A decision that was not taken: which, what was typed, and why not.
struct Refused {
    /// The marks that were ticked.
    marks: Vec<String>,
    action: String,
    reason: String,
    /// Whom it was to be sent to instead.
    to: Colleague,
    text: String,
    /// Where the error summary leads.
    href: String,
}

fn file_page(app: &Data, visit: &Visit, file: &File, refused: Option<&Refused>) -> Page {
    let ctx = &file.desk.ctx;
    let forms: Vec<Value> = file
        .responses()
        .map(|r| {
            context! {
                label => gather::form_label(ctx, &r.form), state => answer_state(&r.state),
                sent_at => r.sent_at.map(letter::moment), sections => file.answers(r), code => &r.form,
                parts => file.parts(r), spared => r.spared, elsewhere => file.elsewhere(r), reasons => file.reasons(r), marks => file.marks(r, refused),
            }
        })
        .collect();
    let letters: Vec<Value> = file
        .letters
        .iter()
        .map(|m| context! { subject => &m.subject, to => &m.recipient, state => letter::state_of(m), at => letter::moment(m.created_at) })
        .collect();
    let status = if refused.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let request = described(&file.desk, &file.request, &forms);
    let together = together(&file.desk, &file.request);
    let page = context! {
        bounced => file.letters.first().and_then(|m| Some(context! { to => &m.recipient, at => letter::moment(m.bounced_at?) })),
        waits => file.waits.iter().map(wait).collect::<Vec<_>>(), title => "Request", case => file.desk.head(), request, forms, letters, together, files => &file.files, actions => file.actions(),
        action => format!("/cases/{}/requests/{}", file.desk.case.reference, file.request.id),
        errors => refused.map(|r| vec![context! { text => &r.text, href => &r.href }]),
        refused => refused.map(|r| context! { action => &r.action, reason => &r.reason, text => &r.text, name => &r.to.name, email => &r.to.email, at => &r.href }),
    };
    app.page(visit, status, "asking/request.html", page)
}

/// A request whose parts went to colleagues, with all of them; nothing where it is whole.
fn together(desk: &Desk, request: &Request) -> Vec<Value> {
    let whole = request.part_of.as_deref().unwrap_or(&request.id);
    let all: Vec<&Request> = desk
        .asked
        .iter()
        .filter(|r| r.id == whole || r.part_of.as_deref() == Some(whole))
        .collect();
    if all.len() < 2 {
        return Vec::new();
    }
    let pages = |r: &Request| -> Vec<String> {
        let own = desk.responses.iter().filter(|row| row.request_id == r.id);
        own.filter_map(|row| {
            let dict = desk.ctx.house.dictionary_of(&row.form_version);
            let form = dict.form(&row.form).filter(|_| row.pages.is_some())?;
            Some(parts::outline(&desk.ctx, form, row))
        })
        .flatten()
        .map(|page| page.label)
        .collect()
    };
    all.into_iter()
        .map(|r| {
            let (state, colour) = standing(&r.state);
            context! {
                recipient => &r.recipient, whole => r.id == whole, this => r.id == request.id, state, colour,
                pages => pages(r), href => format!("/cases/{}/requests/{}", desk.case.reference, r.id),
            }
        })
        .collect()
}

/// A question for more time as the page shows it.
fn wait(wait: &Wait) -> Value {
    let state = match wait.state.as_str() {
        "asked" => "Not decided yet",
        "agreed" => "Agreed",
        "refused" => "Not agreed",
        _ => "Overtaken",
    };
    context! {
        until => wait.until.to_string(), asked_at => letter::moment(wait.asked_at), reason => &wait.reason, state,
        by => &wait.decided_by, answer => &wait.answer, open => wait.state == "asked",
    }
}

/// Accepts, sends back, decides on more time, sends again or elsewhere, goes on without or withdraws.
pub async fn decide(
    app: Data,
    visit: Visit,
    path: web::Path<(String, String)>,
    post: Post,
) -> Page {
    let (reference, id) = path.into_inner();
    let action = post.text("action").to_owned();
    let reason = post.text("reason").to_owned();
    let to = Colleague {
        name: post.text("name").to_owned(),
        email: post.text("email").to_owned(),
    };
    let other = to.clone();
    let (of, which, what, why) = (
        reference.clone(),
        id.clone(),
        action.clone(),
        reason.clone(),
    );
    // One mark is `form/field`.
    let marks: Vec<(String, String)> = post
        .all("mark")
        .iter()
        .filter_map(|mark| mark.split_once('/'))
        .map(|(form, field)| (form.to_owned(), field.to_owned()))
        .collect();
    let done = app
        .write(&visit, move |tx, ctx| match what.as_str() {
            "accept" => gather::accept(tx, ctx, &of, &which),
            "send_back" => {
                let reason = why.clone();
                gather::send_back(tx, ctx, &of, &which, &gather::Back { reason, marks })
            }
            "reissue" => gather::reissue(tx, ctx, &of, &which),
            "agree_time" => asked::decide_time(tx, ctx, &of, &which, true, ""),
            "refuse_time" => asked::decide_time(tx, ctx, &of, &which, false, &why),
            "redirect" => asked::redirect(tx, ctx, &of, &which, &other),
            "waive" => gather::waive(tx, ctx, &of, &which, &why),
            "withdraw" => gather::withdraw(tx, ctx, &of, &which, &why),
            _ => {
                // Whoever may not decide is told so before what was posted is looked at.
                access::reach(tx.conn(), ctx, &of, Verb::AcceptResponse)?;
                Err(Error::Rule("Choose what to do with this request".into()))
            }
        })
        .await;
    let (text, href) = match done {
        Ok(()) => return Ok(see_other(&format!("/cases/{reference}/requests/{id}"))),
        Err(Fault::Work(Error::Invalid(problems))) => {
            let field = problems.first().map_or("reason", |p| p.field.as_str());
            let href = match action.as_str() {
                "redirect" => format!("#redirect-{field}"),
                _ => format!("#reason-{action}"),
            };
            (message(&problems), href)
        }
        Err(Fault::Work(Error::Rule(why))) => (why, "#state".to_owned()),
        Err(fault) => return Err(fault),
    };
    let file = file(&app, &visit, &reference, &id).await?;
    // Where the form for it is not on the page any more, the state says why.
    let offered = if action == "refuse_time" {
        "agree_time"
    } else {
        action.as_str()
    };
    let href = if file.actions().contains(&offered) {
        href
    } else {
        "#state".to_owned()
    };
    let refused = Refused {
        marks: post.all("mark"),
        to,
        action,
        reason,
        text,
        href,
    };
    file_page(&app, &visit, &file, Some(&refused))
}
