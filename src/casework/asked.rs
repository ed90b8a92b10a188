//! What an agency may do with a request besides answering it: hand it on to a colleague, say that the child is not
//! known to it, ask for more time; and the coordinator's decision on the time. Must not know how a link is opened.

use chrono::{Days, NaiveDate};

use super::gather::{agency_label, editable, given_reason, link_lasts, new_link, request_of};
use super::people::problem;
use super::{Context, Error, Outcome, known, letters, links, record, respond, triage, typing};
use crate::domain::address::fold;
use crate::domain::event::Event;
use crate::domain::form::{Answer, AnsweredBy, Problem};
use crate::domain::permission::Verb;
use crate::store::requests::{self, Request};
use crate::store::responses::{self, Response};
use crate::store::waits::{self, Wait};
use crate::store::{Conn, Tx, contacts};

/// The most that may be asked for at once, in days.
const LONGEST_WAIT: u64 = 183;

/// The colleague who answers instead.
#[derive(Clone, Debug, Default)]
pub struct Colleague {
    pub name: String,
    pub email: String,
}

/// The rule of a colleague's address that is not of the service that was asked.
const OF_ORGANISATION: &str = "organisation";

/// The request, while its holder may still do something with it.
pub(super) fn open_request(tx: &mut Tx<'_>, ctx: &Context, request_id: &str) -> Outcome<Request> {
    tx.hold(request_id)?;
    let request = requests::get(tx.conn(), request_id)?.ok_or(Error::NotFound)?;
    respond::allow(ctx, &request)?;
    if matches!(request.state.as_str(), "answered" | "accepted") {
        return Err(Error::Rule(
            "Your answers were sent already. Telephone the team if something has changed.".into(),
        ));
    }
    respond::live(ctx, request)
}

/// Hands the request on: its link goes to the colleague, and every browser that held it must open the new one.
/// What was saved stays.
pub fn hand_on(tx: &mut Tx<'_>, ctx: &Context, request_id: &str, to: &Colleague) -> Outcome<()> {
    let request = open_request(tx, ctx, request_id)?;
    pass_on(tx, ctx, request, to)
}

/// Sends a request to another address, because it was handed on to a wrong one or the person has left. The team knows
/// its addresses, so it is not asked whether this one is of the organisation. What was saved stays.
pub fn redirect(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    request_id: &str,
    to: &Colleague,
) -> Outcome<()> {
    let case = editable(tx, ctx, reference, Verb::ReissueRequest)?;
    let request = request_of(tx, &case, request_id)?;
    if !requests::waits(&request) {
        let words = "Nothing is expected on this request any more. Send a new one instead.";
        return Err(Error::Rule(words.into()));
    }
    let mut found = faults(ctx, &request, to);
    found.retain(|problem| problem.rule != OF_ORGANISATION);
    if !found.is_empty() {
        return Err(Error::Invalid(found));
    }
    moved(tx, ctx, request, to, By::Team)
}

/// The same for whoever may do it.
pub(super) fn pass_on(
    tx: &mut Tx<'_>,
    ctx: &Context,
    request: Request,
    to: &Colleague,
) -> Outcome<()> {
    let found = faults(ctx, &request, to);
    if !found.is_empty() {
        return Err(Error::Invalid(found));
    }
    moved(tx, ctx, request, to, By::Colleague)
}

/// Who sent it to another address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Colleague,
    Team,
}

fn moved(
    tx: &mut Tx<'_>,
    ctx: &Context,
    mut request: Request,
    to: &Colleague,
    by: By,
) -> Outcome<()> {
    typing::put_aside(tx, ctx, &request)?;
    let before = request.email.clone();
    leave_contact(tx, &mut request)?;
    name_anew(tx, ctx, &request, to)?;
    to.name.trim().clone_into(&mut request.recipient);
    to.email.trim().clone_into(&mut request.email);
    "sent".clone_into(&mut request.state);
    request.opened_at = None;
    requests::drop_claims(tx, &request.id)?;
    links::drop_codes(tx, &request.id)?;
    let words = match by {
        By::Colleague => "A colleague handed this request on to you.",
        By::Team => "This request is sent to you in place of another address of your service.",
    };
    new_link(tx, ctx, &mut request, words)?;
    let (request_id, agency) = (request.id.clone(), agency_label(ctx, &request.agency));
    let event = match by {
        By::Colleague => Event::RequestHandedOn { request_id, agency },
        By::Team => Event::RequestRedirected { request_id, agency },
    };
    record(tx, ctx, Some(&request.case_id), Some(&request.id), &event)?;
    match by {
        By::Colleague => letters::handed_on(tx, ctx, &request, &before)?,
        By::Team => letters::sent_elsewhere(tx, ctx, &request, &before)?,
    }
    triage::refresh(tx, ctx, &request.case_id)
}

/// What was filled in beforehand of the person who was asked is filled in of the colleague, where nobody changed it: no
/// answer stands under the name of somebody who gave none.
fn name_anew(tx: &mut Tx<'_>, ctx: &Context, before: &Request, to: &Colleague) -> Outcome<()> {
    let filled = [
        ("completed_by", before.recipient.as_str(), to.name.trim()),
        ("reporter_name", before.recipient.as_str(), to.name.trim()),
        ("reporter_email", before.email.as_str(), to.email.trim()),
    ];
    for row in responses::of_request(tx.conn(), &before.id)? {
        if !respond::open(&row) {
            continue;
        }
        let dict = ctx.house.dictionary_of(&row.form_version);
        let mut answers = super::picture::stored(dict, &row.form, &row.answers);
        let kept = answers.clone();
        for (field, was, is) in filled {
            if answers.text(field) == Some(was) {
                answers.set(field, Answer::Text(is.to_owned()));
            }
        }
        // Whose profession it is goes with the name.
        let role = before.professional_type.as_deref();
        if answers != kept && role.is_some() && answers.choice("reporter_role") == role {
            answers.0.remove("reporter_role");
        }
        if answers == kept {
            continue;
        }
        let row = Response {
            answers: answers.to_json().to_string(),
            updated_at: ctx.stamp(),
            ..row
        };
        if !responses::save(tx, &row)? {
            return Err(Error::Stale);
        }
    }
    Ok(())
}

/// The colleague is not the contact who was asked: what becomes of the request from now on says nothing of that one. The
/// organisation stays, because a hold of its reminders goes by it.
fn leave_contact(tx: &mut Tx<'_>, request: &mut Request) -> Outcome<()> {
    let Some(id) = request.contact_id.take() else {
        return Ok(());
    };
    if request.organisation.is_none() {
        let contact = contacts::get(tx.conn(), &id)?;
        request.organisation = contact.and_then(|contact| contact.organisation);
    }
    Ok(())
}

pub(super) fn faults(ctx: &Context, request: &Request, to: &Colleague) -> Vec<Problem> {
    let mut found = Vec::new();
    if to.name.trim().is_empty() {
        let words = "Enter the name of the colleague or team";
        found.push(problem("name", "required", words));
    }
    let email = to.email.trim();
    if !validator::ValidateEmail::validate_email(&email) {
        let words = "Enter an email address, such as name@nhs.net";
        found.push(problem("email", "email", words));
    } else if fold(email) == fold(&request.email) {
        let words = "The request is with this address already";
        found.push(problem("email", "same", words));
    } else if !ctx.house.area.may_be_asked(email, &request.email) {
        let words = "This is not an address of your own organisation or of a public service we know. Check it; if it \
                     is right, telephone the team, who can send the request there";
        found.push(problem("email", OF_ORGANISATION, words));
    }
    found
}

/// Says that the agency knew the child: what others told is shown to it from now on, as far as it may see it.
pub fn knew(tx: &mut Tx<'_>, ctx: &Context, request_id: &str) -> Outcome<()> {
    let mut request = open_request(tx, ctx, request_id)?;
    let rows = responses::of_request(tx.conn(), &request.id)?;
    if known::knew(&request, &rows) {
        tx.unchanged();
        return Ok(());
    }
    for row in rows.into_iter().filter(respond::open) {
        let dict = ctx.house.dictionary_of(&row.form_version);
        // Also on parts whose pages do not ask it: what else is shown there hangs on it.
        let asks = |of: &crate::domain::form::Form| of.field("agency_knew_child").is_some();
        if !dict.form(&row.form).is_some_and(asks) {
            continue;
        }
        let mut answers = super::picture::stored(dict, &row.form, &row.answers);
        answers.set("agency_knew_child", Answer::Choice("yes".into()));
        let row = Response {
            answers: answers.to_json().to_string(),
            updated_at: ctx.stamp(),
            ..row
        };
        if !responses::save(tx, &row)? {
            return Err(Error::Stale);
        }
    }
    request.knew_child = true;
    if !requests::save(tx, &request)? {
        return Err(Error::Stale);
    }
    let event = Event::ChildKnown {
        request_id: request.id.clone(),
        agency: agency_label(ctx, &request.agency),
    };
    record(tx, ctx, Some(&request.case_id), Some(&request.id), &event)
}

/// Says that the child is not known to the agency: a nil return, which counts as an answer. Asks nothing more.
pub fn not_known(tx: &mut Tx<'_>, ctx: &Context, request_id: &str, by: &str) -> Outcome<()> {
    let request = open_request(tx, ctx, request_id)?;
    if by.trim().is_empty() {
        let words = "Enter the name of the person who looked";
        return Err(Error::Invalid(vec![problem("name", "required", words)]));
    }
    let rows = responses::of_request(tx.conn(), &request.id)?;
    if rows.iter().any(|row| row.pages.is_some()) {
        let words = "Parts of this request are with different people of your service. Answer your parts: “not known” is a \
                     fair answer to each question.";
        return Err(Error::Rule(words.into()));
    }
    for row in rows {
        if !respond::open(&row) {
            continue;
        }
        let row = if row.form == "reporting" {
            nil(ctx, &row, by)
        } else {
            Response {
                state: "waived".into(),
                updated_at: ctx.stamp(),
                ..row
            }
        };
        if !responses::save(tx, &row)? {
            return Err(Error::Stale);
        }
    }
    respond::send_as(tx, ctx, request_id, true)
}

/// The reporting form as it says that the agency did not know the child. Other answers of the agency's own are
/// dropped: they would say the opposite.
fn nil(ctx: &Context, row: &Response, by: &str) -> Response {
    let dict = ctx.house.dictionary_of(&row.form_version);
    let mut answers = super::picture::stored(dict, &row.form, &row.answers);
    let mut put = |field: &str, answer: Answer| {
        let known = dict.form(&row.form).and_then(|form| form.field(field));
        if known.is_some_and(|f| f.answered_by == AnsweredBy::Respondent) {
            answers.set(field, answer);
        }
    };
    put("agency_knew_child", Answer::Choice("no".into()));
    put("reporter_name", Answer::Text(by.trim().to_owned()));
    put("date_completed", Answer::Date(ctx.today()));
    Response {
        answers: answers.to_json().to_string(),
        updated_at: ctx.stamp(),
        ..row.clone()
    }
}

/// Asks for more time. The date agreed stays until the coordinator agrees to another.
pub fn ask_time(
    tx: &mut Tx<'_>,
    ctx: &Context,
    request_id: &str,
    until: Option<NaiveDate>,
    reason: &str,
) -> Outcome<()> {
    let request = open_request(tx, ctx, request_id)?;
    let mut found = Vec::new();
    let last = ctx.today() + Days::new(LONGEST_WAIT);
    match until {
        None => found.push(problem(
            "until",
            "required",
            "Enter the day until which you need",
        )),
        Some(day) if day <= request.agreed_date || day <= ctx.today() => {
            let words = "The day must be after the date agreed, and after today";
            found.push(problem("until", "after", words));
        }
        Some(day) if day > last => {
            let words = "The day must be within six months. Telephone the team if you need longer";
            found.push(problem("until", "within", words));
        }
        Some(_) => {}
    }
    let reason = match given_reason(reason, "Say why you need more time") {
        Ok(reason) => reason,
        Err(Error::Invalid(more)) => {
            found.extend(more);
            return Err(Error::Invalid(found));
        }
        Err(other) => return Err(other),
    };
    let Some(until) = until.filter(|_| found.is_empty()) else {
        return Err(Error::Invalid(found));
    };
    // A second question takes the place of the first.
    waits::overtake(tx, &request.id, ctx.stamp())?;
    let wait = Wait {
        id: ctx.new_id(),
        request_id: request.id.clone(),
        asked_at: ctx.stamp(),
        until,
        reason,
        state: "asked".into(),
        decided_at: None,
        decided_by: None,
        answer: None,
        version: 1,
    };
    waits::insert(tx, &wait)?;
    let event = Event::TimeAsked {
        request_id: request.id.clone(),
        agency: agency_label(ctx, &request.agency),
        until,
    };
    record(tx, ctx, Some(&request.case_id), Some(&request.id), &event)?;
    letters::time_asked(tx, ctx, &request, &wait.id)
}

/// The questions for more time of a request that the reader already holds, the newest first.
pub fn waits_of(conn: &mut Conn, request: &Request) -> Outcome<Vec<Wait>> {
    Ok(waits::of_request(conn, &request.id)?)
}

/// Agrees to more time, or does not, with the reason. Either way the agency is told.
pub fn decide_time(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    request_id: &str,
    agreed: bool,
    reason: &str,
) -> Outcome<()> {
    let case = editable(tx, ctx, reference, Verb::AgreeTime)?;
    let mut request = request_of(tx, &case, request_id)?;
    let mut wait = waits::open(tx.conn(), request_id)?.ok_or_else(|| {
        Error::Rule("Nobody waits for more time on this request any more.".into())
    })?;
    let agency = agency_label(ctx, &request.agency);
    let before = request.agreed_date;
    wait.decided_at = Some(ctx.stamp());
    wait.decided_by = Some(ctx.actor.label());
    let event = if agreed {
        "agreed".clone_into(&mut wait.state);
        extend(tx, ctx, &mut request, &wait)?
    } else {
        let reason = given_reason(reason, "Say why there cannot be more time")?;
        "refused".clone_into(&mut wait.state);
        wait.answer = Some(reason.clone());
        Event::TimeRefused {
            request_id: request_id.to_owned(),
            agency,
            reason,
        }
    };
    if !waits::save(tx, &wait)? {
        return Err(Error::Stale);
    }
    record(tx, ctx, Some(&case.id), Some(request_id), &event)?;
    letters::time_decided(tx, ctx, &request, &wait)?;
    if agreed {
        extend_parts(tx, ctx, &request, &wait, before)?;
    }
    triage::refresh(tx, ctx, &case.id)
}

/// Puts the day that was agreed into a request, and lets its link last as long.
fn extend(tx: &mut Tx<'_>, ctx: &Context, request: &mut Request, wait: &Wait) -> Outcome<Event> {
    // The day may have moved beyond it since it was asked for.
    let until = wait.until.max(request.agreed_date);
    request.agreed_date = until;
    let link_until = until.and_hms_opt(0, 0, 0).map(|at| at + link_lasts());
    request.link_expires_at = request.link_expires_at.max(link_until);
    if !requests::save(tx, request)? {
        return Err(Error::Stale);
    }
    Ok(Event::RequestExtended {
        request_id: request.id.clone(),
        agency: agency_label(ctx, &request.agency),
        due: until,
        reason: wait.reason.clone(),
    })
}

/// The parts of it that are with colleagues, and had the day that the whole had, have as much time as the whole.
fn extend_parts(
    tx: &mut Tx<'_>,
    ctx: &Context,
    whole: &Request,
    wait: &Wait,
    before: NaiveDate,
) -> Outcome<()> {
    let mut of = vec![whole.id.clone()];
    for mut part in requests::of_case(tx.conn(), &whole.case_id)? {
        if part.part_of.as_ref().is_none_or(|id| !of.contains(id)) {
            continue;
        }
        of.push(part.id.clone());
        if part.agreed_date != before || !requests::waits(&part) {
            continue;
        }
        let event = extend(tx, ctx, &mut part, wait)?;
        record(tx, ctx, Some(&part.case_id), Some(&part.id), &event)?;
        letters::part_extended(tx, ctx, &part, wait)?;
    }
    Ok(())
}
