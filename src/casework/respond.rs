//! An agency answers: drafts and sending. The holder of a link sees one request and nothing
//! else. Must not know what other agencies said.

use std::collections::BTreeMap;

use serde::Serialize;

use super::picture::{confirmation, stored};
use super::typing::Place;
use super::{
    Context, Error, Outcome, attachments, gather, known, letters, parts, record, triage, typing,
};
use crate::domain::event::Event;
use crate::domain::form::{
    Answer, AnsweredBy, Answers, Dictionary, Form, LONGEST_REASON, Problem, Reasons, Severity,
    Stage, Surroundings, check_where, confirmed, derive, prune, visible,
};
use crate::domain::permission::{Facts, Verb};
use crate::domain::shared_answers::{Known, Own, Say, Says, leave_elsewhere};
use crate::store::cases::Case;
use crate::store::requests::Request;
use crate::store::responses::Response;
use crate::store::{Conn, Tx, cases, requests, responses, waits};

/// The request behind a link that still works.
pub fn by_link(conn: &mut Conn, ctx: &Context, token: &str) -> Outcome<Request> {
    let row =
        requests::by_link(conn, &ctx.house.secrets.hash("link", token))?.ok_or(Error::NotFound)?;
    live(ctx, row)
}

/// The request that a browser claimed before.
pub fn by_claim(conn: &mut Conn, ctx: &Context, secret: &str) -> Outcome<Request> {
    let row = requests::by_claim(conn, &ctx.house.secrets.hash("claim", secret))?
        .ok_or(Error::NotFound)?;
    live(ctx, row)
}

/// The request, while its link is in force.
pub(super) fn live(ctx: &Context, row: Request) -> Outcome<Request> {
    let expired = row.link_expires_at.is_none_or(|at| at <= ctx.stamp());
    let closed = matches!(row.state.as_str(), "withdrawn" | "waived");
    if expired || closed {
        Err(Error::NotFound)
    } else {
        Ok(row)
    }
}

pub(super) fn allow(ctx: &Context, request: &Request) -> Outcome<()> {
    let holds_request = ctx.actor.request_id() == Some(request.id.as_str());
    ctx.allow(
        Verb::AnswerRequest,
        &Facts {
            holds_request,
            ..Facts::default()
        },
    )
}

/// What the holder of a link works on.
pub struct Work {
    pub request: Request,
    pub case: Case,
    pub responses: Vec<Response>,
    /// What others said already, by form: as much of it as this agency may see.
    pub known: BTreeMap<String, Known>,
    /// The agency said that it knew the child; before that it is shown nothing of what others said.
    pub knew: bool,
}

impl Work {
    /// What is known of a form already.
    pub fn known_of(&self, form: &str) -> Known {
        self.known.get(form).cloned().unwrap_or_default()
    }
}

/// Everything of one request.
pub fn work(conn: &mut Conn, ctx: &Context, request: Request) -> Outcome<Work> {
    allow(ctx, &request)?;
    let case = cases::get(conn, &request.case_id)?.ok_or(Error::NotFound)?;
    let page = ctx.page.clone();
    ctx.note(
        Some(&case.id),
        Some(&request.id),
        &Event::RequestRead { page },
    )?;
    let mut responses = responses::of_request(conn, &request.id)?;
    // In the dictionary's order: the reporting form first.
    let forms = &ctx.house.dictionary().forms;
    responses.sort_by_key(|r| forms.iter().position(|f| f.code == r.form));
    let known = known::of_request(conn, ctx, &request, &responses)?;
    Ok(Work {
        knew: known::knew(&request, &responses),
        request,
        case,
        responses,
        known,
    })
}

/// Whether the answers may still be changed by the agency.
pub fn open(response: &Response) -> bool {
    matches!(response.state.as_str(), "draft" | "sent_back")
}

/// One save of a section.
#[derive(Clone, Debug)]
pub struct Save {
    pub request_id: String,
    pub form: String,
    pub version: i32,
    pub section: String,
    pub answers: Answers,
    pub confirmed: Reasons,
    /// What is said of answers that were known.
    pub says: Says,
    /// Secret of the browser's claim: what was kept while typing there is done with.
    pub claim: String,
    /// Which words of another hand the page showed that was saved.
    pub shown: Option<String>,
}

/// Keeps what was typed in one section.
pub fn save(tx: &mut Tx<'_>, ctx: &Context, save: &Save) -> Outcome<Response> {
    let request = requests::get(tx.conn(), &save.request_id)?.ok_or(Error::NotFound)?;
    allow(ctx, &request)?;
    live(ctx, request.clone())?;
    let mut row =
        responses::get(tx.conn(), &save.request_id, &save.form)?.ok_or(Error::NotFound)?;
    if !open(&row) {
        return Err(Error::Rule(
            "These answers were sent. They can be changed only if they are sent back to you."
                .into(),
        ));
    }
    if row.version != save.version {
        return Err(Error::Stale);
    }
    row.answers = save.answers.to_json().to_string();
    row.confirmed = text_of(&save.confirmed)?;
    row.says = text_of(&save.says)?;
    row.updated_at = ctx.stamp();
    if !responses::save(tx, &row)? {
        return Err(Error::Stale);
    }
    row.version += 1;
    parts::spread(tx, ctx, &request, &save.form)?;
    let place = Place::of_response(ctx, &request.id, &save.form, &save.section, &save.claim);
    typing::forget(tx, ctx, &place, save.shown.as_deref())?;
    let event = Event::ResponseDraftSaved {
        request_id: request.id.clone(),
        form: save.form.clone(),
        section: save.section.clone(),
    };
    record(tx, ctx, Some(&request.case_id), Some(&request.id), &event)?;
    Ok(row)
}

fn text_of(kept: &impl Serialize) -> Outcome<String> {
    serde_json::to_string(kept).map_err(|e| Error::Internal(e.to_string()))
}

/// A warning that was ticked where a form is sent: of which form, which, and why it is right.
#[derive(Clone, Debug)]
pub struct Tick {
    pub form: String,
    pub key: String,
    pub why: String,
}

/// Notes warnings that the agency looked at and found right. One without a reason is not confirmed yet.
pub fn confirm(tx: &mut Tx<'_>, ctx: &Context, request_id: &str, ticks: &[Tick]) -> Outcome<()> {
    let request = requests::get(tx.conn(), request_id)?.ok_or(Error::NotFound)?;
    allow(ctx, &request)?;
    for mut row in responses::of_request(tx.conn(), request_id)?
        .into_iter()
        .filter(open)
    {
        let more = ticks.iter().filter(|tick| {
            let reason = tick.why.chars().count();
            tick.form == row.form && tick.key.len() <= 200 && (1..=LONGEST_REASON).contains(&reason)
        });
        let mut reasons = confirmed(&row.confirmed);
        let before = reasons.clone();
        reasons.extend(more.map(|tick| (tick.key.clone(), tick.why.clone())));
        if reasons == before {
            continue;
        }
        row.confirmed = text_of(&reasons)?;
        if !responses::save(tx, &row)? {
            return Err(Error::Stale);
        }
        let event = Event::ResponseDraftSaved {
            request_id: request.id.clone(),
            form: row.form.clone(),
            section: String::new(),
        };
        record(tx, ctx, Some(&request.case_id), Some(&request.id), &event)?;
    }
    tx.unchanged();
    Ok(())
}

/// An answer of the case that conditions of this form may look at: the child's age, and what this same
/// agency says on its other forms. What others said stays unseen.
pub fn elsewhere(ctx: &Context, work: &Work, form: &str, field: &str) -> Option<Answer> {
    let own = work
        .responses
        .iter()
        .filter(|r| r.form != form)
        .find_map(|r| {
            stored(
                ctx.house.dictionary_of(&r.form_version),
                &r.form,
                &r.answers,
            )
            .get(field)
            .cloned()
        });
    own.or_else(|| of_child(&work.case, field))
}

/// The few facts of the child that every form may rest on.
pub fn of_child(case: &Case, field: &str) -> Option<Answer> {
    let age = crate::domain::age::Age::at(case.date_of_birth?, case.date_of_death)?;
    match field {
        "age_at_death_years" => Some(Answer::Integer(age.years)),
        "age_at_death_days" => Some(Answer::Integer(age.days)),
        "date_of_birth" => case.date_of_birth.map(Answer::Date),
        "date_of_death" => Some(Answer::Date(case.date_of_death)),
        _ => None,
    }
}

/// What still stops one form from being sent, or asks for confirmation.
pub fn faults(ctx: &Context, work: &Work, response: &Response) -> Vec<Problem> {
    let dict = ctx.house.dictionary_of(&response.form_version);
    let Some(form) = dict.form(&response.form) else {
        return Vec::new();
    };
    let given = stored(dict, &response.form, &response.answers);
    let reasons = confirmed(&response.confirmed);
    let own = parts::fields(ctx, form, response);
    let mut found = faults_in(ctx, work, dict, form, &given, &reasons);
    found.retain(|p| own.as_ref().is_none_or(|own| own.contains(&p.field)));
    found
}

fn faults_in(
    ctx: &Context,
    work: &Work,
    dict: &Dictionary,
    form: &Form,
    given: &Answers,
    reasons: &Reasons,
) -> Vec<Problem> {
    let look = |field: &str| elsewhere(ctx, work, &form.code, field);
    let around = ctx.around(&look);
    let known = work.known_of(&form.code);
    let mut whole = known.under(given);
    derive(dict, form, &mut whole, &around);
    let mut problems = check_where(dict, form, &whole, &around, Stage::Final, &|f| {
        f.answered_by == AnsweredBy::Respondent && !known.spares(&f.id, given)
    });
    problems.retain(|p| p.severity == Severity::Stop || !reasons.contains_key(&confirmation(p)));
    problems
}

/// What became of a request whose holder pressed to send it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    Answered,
    /// Nothing of the part was asked, so it went back to whoever sent it.
    WentBack,
}

/// Sends every form of the request. Pressing the button twice sends once.
pub fn send(tx: &mut Tx<'_>, ctx: &Context, request_id: &str) -> Outcome<Sent> {
    // The whole before its part, as where parts come back: the two must not wait for each other.
    if let Some(of) = requests::get(tx.conn(), request_id)?.and_then(|row| row.part_of) {
        tx.hold(&of)?;
    }
    tx.hold(request_id)?;
    let request = requests::get(tx.conn(), request_id)?.ok_or(Error::NotFound)?;
    allow(ctx, &request)?;
    if requests::waits(&request) {
        let request = live(ctx, request)?;
        if parts::shut_go_back(tx, ctx, &request)? {
            return Ok(Sent::WentBack);
        }
        parts::shut_come_back(tx, ctx, &request)?;
    }
    send_as(tx, ctx, request_id, false)?;
    Ok(Sent::Answered)
}

/// The same; `nil` says that the agency did not know the child, also where no form of the request asks it.
pub(super) fn send_as(
    tx: &mut Tx<'_>,
    ctx: &Context,
    request_id: &str,
    mut nil: bool,
) -> Outcome<()> {
    tx.hold(request_id)?;
    let request = requests::get(tx.conn(), request_id)?.ok_or(Error::NotFound)?;
    allow(ctx, &request)?;
    if matches!(request.state.as_str(), "answered" | "accepted") {
        tx.unchanged();
        return Ok(());
    }
    let mut request = live(ctx, request)?;
    let work = work(tx.conn(), ctx, request.clone())?;
    let problems: Vec<Problem> = work
        .responses
        .iter()
        .filter(|r| open(r))
        .flat_map(|r| faults(ctx, &work, r))
        .collect();
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let agency = gather::agency_label(ctx, &request.agency);
    // A form whose pages all went back has nothing to send.
    let has_pages = |r: &&Response| r.pages.as_deref() != Some("[]");
    for response in work.responses.iter().filter(|r| open(r)).filter(has_pages) {
        nil |= send_one(tx, ctx, &work, response, &agency)?;
    }
    attachments::hand_in(tx, ctx, &request)?;
    waits::overtake(tx, &request.id, ctx.stamp())?;
    request.state = "answered".into();
    request.answered_at = Some(ctx.stamp());
    request.reason = None;
    request.nil_return = nil;
    if !requests::save(tx, &request)? {
        return Err(Error::Stale);
    }
    if nil {
        let event = Event::ResponseNil {
            request_id: request.id.clone(),
            agency,
        };
        record(tx, ctx, Some(&request.case_id), Some(&request.id), &event)?;
    }
    letters::answered(tx, ctx, &request, &work.case.reference)?;
    triage::refresh(tx, ctx, &request.case_id)
}

/// Marks one form as sent; says whether it tells that the agency did not know the child.
fn send_one(
    tx: &mut Tx<'_>,
    ctx: &Context,
    work: &Work,
    response: &Response,
    agency: &str,
) -> Outcome<bool> {
    let dict = ctx.house.dictionary_of(&response.form_version);
    let form = dict.form(&response.form).ok_or(Error::NotFound)?;
    let mut given = stored(dict, &response.form, &response.answers);
    let look = |field: &str| elsewhere(ctx, work, &form.code, field);
    let around = ctx.around(&look);
    derive(dict, form, &mut given, &around);
    let known = work.known_of(&form.code);
    let mut open = visible(form, &known.under(&given), &around);
    // Of a form in parts, nobody was spared what a colleague was asked.
    let own = parts::fields(ctx, form, response);
    open.retain(|field| own.as_ref().is_none_or(|own| own.contains(field)));
    let spared = known.spared(open.iter().map(String::as_str), &given);
    let mut says = known.says.clone();
    let goes = known
        .own
        .iter()
        .filter(|(field, own)| **own == Own::Goes && open.contains(*field));
    for (field, _) in goes {
        if let Some(said) = known.own_elsewhere(field, &given).cloned() {
            given.set(field.clone(), said);
            says.insert(field.clone(), Say::Elsewhere);
        }
    }
    prune_under(form, &known, &mut given, &around);
    let row = Response {
        spared: i32::try_from(spared).ok(),
        state: "sent".into(),
        sent_at: Some(ctx.stamp()),
        updated_at: ctx.stamp(),
        answers: given.to_json().to_string(),
        says: text_of(&says)?,
        reason: None,
        marks: "[]".into(),
        ..response.clone()
    };
    if !responses::save(tx, &row)? {
        return Err(Error::Stale);
    }
    let event = Event::ResponseSent {
        request_id: work.request.id.clone(),
        agency: agency.to_owned(),
        form: response.form.clone(),
        form_label: form.label.clone(),
        spared: Some(spared),
    };
    record(tx, ctx, Some(&work.case.id), Some(&work.request.id), &event)?;
    Ok(given.choice("agency_knew_child") == Some("no"))
}

/// What an agency sent, open again: what went along from another form of the request is told of there alone.
pub(super) fn reopened(ctx: &Context, row: &mut Response) -> Outcome<()> {
    let mut says: Says = serde_json::from_str(&row.says).unwrap_or_default();
    let mut given = stored(
        ctx.house.dictionary_of(&row.form_version),
        &row.form,
        &row.answers,
    );
    leave_elsewhere(&mut says, &mut given);
    row.answers = given.to_json().to_string();
    row.says = text_of(&says)?;
    Ok(())
}

/// Removes the agency's answers to questions that are not asked, where what is known decides as well what is asked.
fn prune_under(form: &Form, known: &Known, given: &mut Answers, around: &Surroundings<'_>) {
    let mut whole = known.under(given);
    prune(form, &mut whole, around);
    let kept = given.0.keys().filter_map(|id| {
        let answer = whole.get(id)?.clone();
        Some((id.clone(), answer))
    });
    *given = Answers(kept.collect());
}
