//! Asking agencies, as staff see it: who was asked and what has come back, whom to ask next. Must not
//! show a link's secret, nor what an agency has not sent yet.

mod ask;
mod file;

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web;
use chrono::NaiveDate;
use serde_json::Value;

use super::app::see_other;
use super::cases::head;
use super::directory::{held, shown as contact};
use super::{App, Fault, Page, Post, Visit, letter};
use crate::casework::directory::{self, Holds, Listed, Wanted};
use crate::casework::picture::Picture;
use crate::casework::{Context, Error, access, gather, notify, triage};
use crate::domain::case::State;
use crate::domain::form::Answers;
use crate::domain::permission::{Facts, Verb, may};
use crate::domain::supplementary::Opened;
use crate::store::cases::Case;
use crate::store::clocks;
use crate::store::requests::{self, Request};
use crate::store::responses::{self, Response};
use ask::{Beside, Defaults, Row};
pub use file::{decide, page};

type Data = web::Data<Arc<App>>;

/// A case with everything that was asked and may be asked on it.
struct Desk {
    case: Case,
    known: Picture,
    asked: Vec<Request>,
    responses: Vec<Response>,
    /// Every form the circumstances open, and those of them that nobody was asked for.
    opened: Vec<Opened>,
    missing: Vec<Opened>,
    waived: Vec<(String, String)>,
    /// The directory, for whoever may see it.
    contacts: Vec<Listed>,
    holds: Holds,
    /// Requests whose clock stands still.
    paused: BTreeSet<String>,
    /// What was asked may still be read, chased and ended.
    goes_on: bool,
    facts: Facts,
    ctx: Context,
}

async fn desk(app: &Data, visit: &Visit, reference: &str, verb: Verb) -> Result<Desk, Fault> {
    let reference = reference.to_owned();
    app.read(visit, move |conn, ctx| {
        let (case, facts) = access::reach(conn, ctx, &reference, verb)?;
        let known = Picture::shown(conn, ctx, &case, facts)?;
        Ok(Desk {
            asked: requests::of_case(conn, &case.id)?,
            responses: responses::of_case(conn, &case.id)?,
            opened: triage::opened(ctx, &known),
            missing: triage::forms_to_request(conn, ctx, &case, &known)?,
            waived: requests::waivers(conn, &case.id)?,
            contacts: Vec::new(),
            holds: Holds::load(conn, ctx)?,
            paused: clocks::standing_still(conn, std::slice::from_ref(&case.id))?,
            goes_on: gather::closed(conn, &case, Verb::AcceptResponse)?.is_none(),
            facts,
            ctx: ctx.clone(),
            case,
            known,
        })
    })
    .await
}

/// The directory beside a case on which somebody may be asked.
async fn with_contacts(app: &Data, visit: &Visit, desk: Desk) -> Result<Desk, Fault> {
    if !desk.may(Verb::SendRequest) {
        return Ok(desk);
    }
    let all = app.read(visit, |conn, ctx| {
        match directory::list(conn, ctx, "", "") {
            Err(Error::Forbidden) => Ok(Vec::new()),
            other => other,
        }
    });
    Ok(Desk {
        contacts: all.await?,
        ..desk
    })
}

impl Desk {
    fn head(&self) -> Value {
        head(&self.ctx, self.facts, &self.case, &self.known)
    }

    fn editable(&self) -> bool {
        self.case
            .state
            .parse::<State>()
            .is_ok_and(State::is_editable)
    }

    fn may(&self, verb: Verb) -> bool {
        self.editable() && may(&self.ctx.actor, verb, &self.facts)
    }

    /// Whether this may be done to a request that was sent.
    fn may_here(&self, verb: Verb) -> bool {
        self.goes_on && may(&self.ctx.actor, verb, &self.facts)
    }

    fn defaults(&self) -> Defaults<'_> {
        Defaults {
            missing: self.missing.iter().map(|o| o.form.clone()).collect(),
            holders: &self.ctx.house.holders,
            due: gather::usual_date(&self.ctx),
        }
    }

    /// Whom to ask; `found` is the id of somebody of the directory who was looked up.
    fn proposed(&self, found: &str) -> Vec<Row> {
        let empty = Answers::default();
        let notified = self.known.answers(notify::FORM).unwrap_or(&empty);
        let reported = self.known.answers("reporting").unwrap_or(&empty);
        let house = &self.ctx.house;
        let postcode = notified.text("postcode").unwrap_or_default();
        let beside = Beside {
            rules: &house.proposals.of(&self.known.record()),
            contacts: &self.contacts,
            house: Some(house),
            wanted: Wanted {
                district: house.area.district(postcode),
                died_at: notified.text("place_of_death_name"),
                born_at: reported.text("place_of_birth"),
                ..Wanted::default()
            },
            found: self.contacts.iter().find(|one| one.contact.id == found),
        };
        ask::proposed(notified, &self.asked, &self.defaults(), &beside)
    }

    fn request(&self, request: &Request) -> Value {
        let forms: Vec<Value> = self
            .responses
            .iter()
            .filter(|r| r.request_id == request.id)
            .map(|r| context! { label => gather::form_label(&self.ctx, &r.form), state => answer_state(&r.state) })
            .collect();
        described(self, request, &forms)
    }

    /// The forms to tick: those the circumstances speak for, with the reason, and all others.
    fn choices(&self) -> (Vec<Value>, Vec<Value>) {
        let reason = |form: &str| {
            let opened = self.opened.iter().find(|opened| opened.form == form)?;
            let had = if self.missing.iter().any(|m| m.form == form) {
                ""
            } else if self.waived.iter().any(|(waived, _)| waived == form) {
                " It was recorded as not needed."
            } else {
                " Somebody was asked for it already."
            };
            Some(format!("{}{had}", opened.reason))
        };
        let (mut first, mut others) = (Vec::new(), Vec::new());
        for (code, label) in ask::askable(self.ctx.house.dictionary()) {
            let hint = reason(code).map(|text| context! { text });
            if code == "reporting" || hint.is_some() {
                first.push(context! { value => code, text => label, hint });
            } else {
                others.push(context! { value => code, text => label });
            }
        }
        (first, others)
    }
}

/// One request as lists and its own page show it.
fn described(desk: &Desk, request: &Request, forms: &[Value]) -> Value {
    let ctx = &desk.ctx;
    let dict = ctx.house.dictionary();
    let label = |list: &str, code: &str| dict.label(list, code).unwrap_or(code).to_owned();
    let kind = request.professional_type.as_deref();
    let (state, colour) = standing(&request.state);
    context! {
        id => &request.id, agency => label("agency", &request.agency), recipient => &request.recipient,
        professional_type => kind.map(|code| label("professional_type", code)), organisation => &request.organisation,
        email => &request.email, state, colour, forms, agreed_date => request.agreed_date.to_string(),
        late => is_late(request, ctx.today()) && !desk.paused.contains(&request.id), reason => &request.reason, nil => request.nil_return,
        sent_at => request.sent_at.map(letter::moment), opened_at => request.opened_at.map(letter::moment),
        answered_at => request.answered_at.map(letter::moment), closed_at => request.closed_at.map(letter::moment),
        href => format!("requests/{}", request.id),
        held => desk.holds.of(ctx, request).filter(|_| waits(request)).map(|hold| held(ctx, hold, true)),
    }
}

/// A request's state in words, and the tag's colour, which says nothing that the words do not.
pub(super) fn standing(state: &str) -> (&str, &str) {
    match state {
        "sent" => ("Sent, not opened yet", "govuk-tag--grey"),
        "opened" => ("Opened", "govuk-tag--blue"),
        "answered" => ("Answered, to be read", "govuk-tag--purple"),
        "sent_back" => ("Sent back", "govuk-tag--yellow"),
        "accepted" => ("Accepted", "govuk-tag--green"),
        "withdrawn" => ("Withdrawn", "govuk-tag--grey"),
        "waived" => ("Not needed", "govuk-tag--grey"),
        other => (other, ""),
    }
}

fn answer_state(state: &str) -> &str {
    match state {
        "draft" => "Not sent yet",
        "sent" => "Sent, to be read",
        "sent_back" => "Sent back",
        "accepted" => "Accepted",
        other => other,
    }
}

fn is_late(request: &Request, today: NaiveDate) -> bool {
    waits(request) && request.agreed_date < today
}

/// Whether an answer is still waited for.
fn waits(request: &Request) -> bool {
    crate::store::requests::waits(request)
}

/// What is looked for in the directory, and who was chosen there.
#[derive(serde::Deserialize)]
pub struct Looked {
    #[serde(default)]
    find: String,
    #[serde(default)]
    contact: String,
}

/// What was asked, and whom to ask next.
pub async fn list(
    app: Data,
    visit: Visit,
    path: web::Path<String>,
    query: web::Query<Looked>,
) -> Page {
    let desk = desk(&app, &visit, &path, Verb::ReadCase).await?;
    let desk = with_contacts(&app, &visit, desk).await?;
    let Looked { find, contact } = query.into_inner();
    let found = if find.trim().is_empty() || desk.contacts.is_empty() {
        None
    } else {
        let look = app.read(&visit, move |conn, ctx| {
            directory::list(conn, ctx, "", &find)
        });
        Some(look.await?)
    };
    let shown = Shown {
        rows: desk.proposed(&contact),
        found,
        ..Shown::default()
    };
    list_page(&app, &visit, &desk, &shown)
}

/// How the list is shown again.
#[derive(Default)]
struct Shown {
    status: StatusCode,
    rows: Vec<Row>,
    errors: Vec<Value>,
    /// A form that could not be waived: code and message.
    waive: Option<(String, String)>,
    /// Whom a search in the directory found; none when nothing was looked for.
    found: Option<Vec<Listed>>,
}

fn list_page(app: &Data, visit: &Visit, desk: &Desk, shown: &Shown) -> Page {
    let dict = desk.ctx.house.dictionary();
    let codes = |list: &str| -> Vec<Value> {
        let codes = dict.codes(list).iter();
        codes
            .map(|c| context! { value => &c.code, text => &c.label })
            .collect()
    };
    let missing: Vec<Value> = desk
        .missing
        .iter()
        .map(|opened| {
            let fault = shown.waive.as_ref().filter(|(form, _)| *form == opened.form);
            context! {
                form => &opened.form, label => gather::form_label(&desk.ctx, &opened.form), reason => &opened.reason,
                needed => opened.severity == crate::domain::form::Severity::Stop, error => fault.map(|(_, text)| text),
            }
        })
        .collect();
    let waived: Vec<Value> = desk
        .waived
        .iter()
        .map(|(form, reason)| context! { label => gather::form_label(&desk.ctx, form), reason })
        .collect();
    let asked: Vec<Value> = desk.asked.iter().map(|r| desk.request(r)).collect();
    let (first, others) = desk.choices();
    let rows = ask::warned(&desk.ctx, shown.rows.clone());
    let page = context! {
        title => "Requests", case => desk.head(), asked, missing, waived, rows,
        may_send => desk.may(Verb::SendRequest), may_waive => desk.may(Verb::WaiveRequest),
        agencies => codes("agency"), professional_types => codes("professional_type"), first, others,
        errors => Some(&shown.errors).filter(|e| !e.is_empty()), directory => !desk.contacts.is_empty(),
        found => shown.found.as_ref().map(|all| all.iter().map(|one| contact(&desk.ctx, one)).collect::<Vec<_>>()),
    };
    app.page(visit, shown.status, "asking/list.html", page)
}

/// Sends the requests that are ticked, or says at each row what is missing.
pub async fn send(app: Data, visit: Visit, path: web::Path<String>, post: Post) -> Page {
    let reference = path.into_inner();
    let desk = desk(&app, &visit, &reference, Verb::SendRequest).await?;
    let desk = with_contacts(&app, &visit, desk).await?;
    let mut rows = ask::typed(&post, desk.ctx.house.dictionary());
    let new = ask::judged(&desk.ctx, &mut rows);
    let mut errors = ask::summary(&rows);
    if rows.is_empty() {
        rows = desk.proposed("");
    }
    if new.is_empty() {
        let first = rows.first().map_or(0, |row| row.number);
        errors.push(context! { text => "Choose at least one person to ask", href => format!("#ask-{first}-send") });
    }
    if errors.is_empty() {
        let of = reference.clone();
        let sent = app
            .write(&visit, move |tx, ctx| {
                gather::send_requests(tx, ctx, &of, &new)
            })
            .await;
        match sent {
            Ok(_) => return Ok(see_other(&format!("/cases/{reference}/requests"))),
            Err(Fault::Work(Error::Rule(why))) if desk.editable() => {
                mark_asked(&mut rows, &desk.asked, &why);
                errors = ask::summary(&rows);
                if errors.is_empty() {
                    errors.push(context! { text => why, href => "#ask" });
                }
            }
            Err(fault) => return Err(fault),
        }
    }
    let shown = Shown {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        rows,
        errors,
        ..Shown::default()
    };
    list_page(&app, &visit, &desk, &shown)
}

/// Puts "has already been asked" beside the address it is about.
fn mark_asked(rows: &mut [Row], asked: &[Request], why: &str) {
    for row in rows {
        let again = asked
            .iter()
            .any(|r| r.email.eq_ignore_ascii_case(&row.email) && why.contains(&r.recipient));
        if again {
            row.errors.insert("email".into(), why.to_owned());
        }
    }
}

/// Records that a form is not needed.
pub async fn waive(app: Data, visit: Visit, path: web::Path<(String, String)>, post: Post) -> Page {
    let (reference, form) = path.into_inner();
    let (of, code, reason) = (
        reference.clone(),
        form.clone(),
        post.text("reason").to_owned(),
    );
    let done = app
        .write(&visit, move |tx, ctx| {
            gather::waive_form(tx, ctx, &of, &code, &reason)
        })
        .await;
    match done {
        Ok(()) => Ok(see_other(&format!("/cases/{reference}/requests"))),
        Err(Fault::Work(Error::Invalid(problems))) => {
            let desk = desk(&app, &visit, &reference, Verb::WaiveRequest).await?;
            let text = message(&problems);
            let offered = desk.missing.iter().any(|opened| opened.form == form);
            let href = if offered {
                format!("#waive-{form}")
            } else {
                "#main-content".to_owned()
            };
            let shown = Shown {
                status: StatusCode::UNPROCESSABLE_ENTITY,
                rows: desk.proposed(""),
                errors: vec![context! { text, href }],
                waive: Some((form, text)),
                found: None,
            };
            list_page(&app, &visit, &desk, &shown)
        }
        Err(fault) => Err(fault),
    }
}

fn message(problems: &[crate::domain::form::Problem]) -> String {
    problems
        .first()
        .map(|p| p.message.clone())
        .unwrap_or_default()
}
