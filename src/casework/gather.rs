//! Gathering what is known: asking agencies, accepting or sending back their answers, settling where they
//! differ, correcting the record. Must not know how a link is opened (`respond` does).

use chrono::{Duration, NaiveDate};
use serde_json::Value;

use super::people::problem;
use super::picture::{self, FieldSource, Sources};
use super::{Context, Error, Outcome, access, letters, links, record, triage, typing};
use crate::domain::calendar::london;
use crate::domain::case::State;
use crate::domain::clock::Start;
use crate::domain::event::Event;
use crate::domain::form::{Answer, AnsweredBy, Answers, Form, Problem};
use crate::domain::permission::Verb;
use crate::store::cases::Case;
use crate::store::requests::Request;
use crate::store::responses::Response;
use crate::store::{Tx, cases, contacts, records, requests, responses, waits};

/// The clock of an agency's answer (a local default: no national limit was found).
const TO_ANSWER: &str = "C21";
/// How long a link works after the date agreed.
const LINK_LASTS: i64 = 60;

/// One request to be sent.
#[derive(Clone, Debug, Default)]
pub struct NewRequest {
    pub agency: String,
    pub professional_type: Option<String>,
    pub recipient: String,
    pub organisation: Option<String>,
    pub email: String,
    /// The contact of the directory that is asked, when it is one.
    pub contact_id: Option<String>,
    /// Form codes; the reporting form and any supplementary ones.
    pub forms: Vec<String>,
    pub agreed_date: Option<NaiveDate>,
}

/// Sends requests for a case; each agency gets one link for all its forms.
pub fn send_requests(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    new: &[NewRequest],
) -> Outcome<Vec<String>> {
    let case = editable(tx, ctx, reference, Verb::SendRequest)?;
    let problems: Vec<Problem> = new
        .iter()
        .enumerate()
        .flat_map(|(i, n)| faults(ctx, i, n))
        .collect();
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    if new.is_empty() {
        return Err(Error::Invalid(vec![problem(
            "send",
            "required",
            "Choose at least one person to ask",
        )]));
    }
    let open = requests::of_case(tx.conn(), &case.id)?;
    for n in new {
        let same = |r: &&Request| {
            r.email.eq_ignore_ascii_case(n.email.trim())
                && !matches!(r.state.as_str(), "withdrawn" | "waived")
        };
        if let Some(there) = open.iter().find(same) {
            return Err(Error::Rule(format!(
                "{} has already been asked on this case. Send the request again, or withdraw it first.",
                there.recipient
            )));
        }
    }
    let mut ids = Vec::new();
    for n in new {
        ids.push(send_one(tx, ctx, &case, n)?);
    }
    triage::refresh(tx, ctx, &case.id)?;
    Ok(ids)
}

/// The day by which an agency answers that is asked today, unless another is agreed.
pub fn usual_date(ctx: &Context) -> NaiveDate {
    let due = ctx.house.clocks.due(TO_ANSWER, Start::Moment(ctx.now));
    due.map_or_else(|| ctx.today(), |due| london(due).date())
}

/// What is wrong with the `i`th of several requests, so that a page can say it beside its own findings.
pub fn faults(ctx: &Context, i: usize, new: &NewRequest) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut fault = |column: &str, message: &str| {
        found.push(Problem {
            row: Some(i),
            column: Some(column.to_owned()),
            ..problem("send", "required", message)
        });
    };
    let dict = ctx.house.dictionary();
    if dict.code("agency", &new.agency).is_none() {
        fault("agency", "Choose the agency");
    }
    if new.recipient.trim().is_empty() {
        fault("recipient", "Enter the name of the person or team to ask");
    }
    if !validator::ValidateEmail::validate_email(&new.email.trim()) {
        fault(
            "email",
            "Enter an email address for the request, such as name@nhs.net",
        );
    }
    if new.forms.is_empty() || new.forms.iter().any(|f| dict.form(f).is_none()) {
        fault("forms", "Choose at least one form");
    }
    found
}

fn send_one(tx: &mut Tx<'_>, ctx: &Context, case: &Case, new: &NewRequest) -> Outcome<String> {
    let id = ctx.new_id();
    let token = ctx.ids.link();
    let due = new.agreed_date.unwrap_or_else(|| usual_date(ctx));
    let row = Request {
        id: id.clone(),
        case_id: case.id.clone(),
        agency: new.agency.clone(),
        professional_type: new.professional_type.clone(),
        recipient: new.recipient.trim().to_owned(),
        organisation: new.organisation.clone(),
        email: new.email.trim().to_owned(),
        state: "sent".into(),
        link_hash: Some(ctx.house.secrets.hash("link", &token)),
        link_expires_at: Some(ctx.stamp() + Duration::days(LINK_LASTS)),
        agreed_date: due,
        created_at: ctx.stamp(),
        sent_at: Some(ctx.stamp()),
        opened_at: None,
        answered_at: None,
        closed_at: None,
        reason: None,
        nil_return: false,
        version: 1,
        contact_id: contact_of(tx, new)?,
    };
    requests::insert(tx, &row)?;
    for form in &new.forms {
        open_response(tx, ctx, case, &row, form)?;
    }
    let event = Event::RequestSent {
        request_id: id.clone(),
        agency: agency_label(ctx, &new.agency),
        forms: new.forms.clone(),
        due,
    };
    record(tx, ctx, Some(&case.id), Some(&id), &event)?;
    letters::request(tx, ctx, &row, &token, None)?;
    Ok(id)
}

/// The contact of the directory, when it is their address or their deputy's that is asked.
fn contact_of(tx: &mut Tx<'_>, new: &NewRequest) -> Outcome<Option<String>> {
    let Some(id) = &new.contact_id else {
        return Ok(None);
    };
    let found = contacts::get(tx.conn(), id)?.filter(|of| {
        let deputy = of.deputy_email.as_deref().unwrap_or_default();
        [of.email.as_str(), deputy]
            .iter()
            .any(|email| email.eq_ignore_ascii_case(new.email.trim()))
    });
    Ok(found.map(|of| of.id))
}

/// A draft of one form, with what the system fills in beforehand.
fn open_response(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    request: &Request,
    form: &str,
) -> Outcome<()> {
    let dict = ctx.house.dictionary();
    let known = picture::Picture::load(tx.conn(), ctx, &case.id)?;
    let mut answers = Answers::default();
    if let Some(form) = dict.form(form) {
        prefill(ctx, form, case, request, &known, &mut answers);
    }
    let row = Response {
        id: ctx.new_id(),
        case_id: case.id.clone(),
        request_id: request.id.clone(),
        form: form.to_owned(),
        form_version: dict.version.clone(),
        state: "draft".into(),
        answers: answers.to_json().to_string(),
        confirmed: "[]".into(),
        updated_at: ctx.stamp(),
        sent_at: None,
        accepted_at: None,
        reason: None,
        version: 1,
        says: "{}".into(),
        marks: "[]".into(),
        spared: None,
    };
    Ok(responses::insert(tx, &row)?)
}

/// What need not be typed: who the child is, which agency was asked, when. Only fields the form has.
fn prefill(
    ctx: &Context,
    form: &Form,
    case: &Case,
    request: &Request,
    known: &picture::Picture,
    into: &mut Answers,
) {
    let notified = known.answers("notification");
    let text = |id: &str| {
        notified
            .and_then(|n| n.text(id))
            .unwrap_or_default()
            .to_owned()
    };
    let name = format!("{} {}", text("child_forenames"), text("child_surname"))
        .trim()
        .to_owned();
    let mut put = |id: &str, answer: Answer| {
        if form.field(id).is_some() {
            into.set(id, answer);
        }
    };
    put("case_ref", Answer::Text(case.reference.clone()));
    put("completed_by", Answer::Text(request.recipient.clone()));
    put("cdop_identifier", Answer::Text(case.reference.clone()));
    put("child_name", Answer::Text(name));
    put("child_nhs_number", Answer::Text(text("nhs_number")));
    put("child_date_of_death", Answer::Date(case.date_of_death));
    if let Some(born) = case.date_of_birth {
        put("child_date_of_birth", Answer::Date(born));
    }
    for (ours, theirs) in [("child_sex", "sex"), ("sex", "sex")] {
        if let Some(code) = notified.and_then(|n| n.choice(theirs)) {
            put(ours, Answer::Choice(code.to_owned()));
        }
    }
    put("agency", Answer::Choice(request.agency.clone()));
    put("reporter_name", Answer::Text(request.recipient.clone()));
    put("reporter_email", Answer::Text(request.email.clone()));
    if let Some(role) = &request.professional_type {
        put("reporter_role", Answer::Choice(role.clone()));
    }
    put("date_requested", Answer::Date(ctx.today()));
}

pub fn agency_label(ctx: &Context, code: &str) -> String {
    ctx.house
        .dictionary()
        .label("agency", code)
        .unwrap_or(code)
        .to_owned()
}

/// The case, for whoever may do this verb to it, if it may still be worked on.
pub(super) fn editable(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    verb: Verb,
) -> Outcome<Case> {
    let (case, _) = access::reach(tx.conn(), ctx, reference, verb)?;
    let open = case.state.parse::<State>().is_ok_and(State::is_editable);
    if open {
        Ok(case)
    } else {
        Err(Error::Rule(
            "This case is finalised. Reopen it before changing anything.".into(),
        ))
    }
}

pub(super) fn request_of(tx: &mut Tx<'_>, case: &Case, id: &str) -> Outcome<Request> {
    // One after the other with whoever reminds of it or answers it.
    tx.hold(id)?;
    requests::get(tx.conn(), id)?
        .filter(|r| r.case_id == case.id)
        .ok_or(Error::NotFound)
}

fn save_request(tx: &mut Tx<'_>, row: &mut Request) -> Outcome<()> {
    if !requests::save(tx, row)? {
        return Err(Error::Stale);
    }
    row.version += 1;
    Ok(())
}

/// Accepts an agency's answers: they are brought into the record with their source.
pub fn accept(tx: &mut Tx<'_>, ctx: &Context, reference: &str, request_id: &str) -> Outcome<()> {
    let case = editable(tx, ctx, reference, Verb::AcceptResponse)?;
    let mut request = request_of(tx, &case, request_id)?;
    if request.state != "answered" {
        return Err(Error::Rule(
            "There is no answer waiting on this request.".into(),
        ));
    }
    let agency = agency_label(ctx, &request.agency);
    for mut row in responses::of_request(tx.conn(), request_id)? {
        if row.state != "sent" {
            continue;
        }
        row.state = "accepted".into();
        row.accepted_at = Some(ctx.stamp());
        if !responses::save(tx, &row)? {
            return Err(Error::Stale);
        }
        let event = Event::ResponseAccepted {
            request_id: request_id.to_owned(),
            agency: agency.clone(),
            form: row.form.clone(),
            form_label: form_label(ctx, &row.form),
        };
        record(tx, ctx, Some(&case.id), Some(request_id), &event)?;
        picture::recollate(tx, ctx, &case.id, &row.form)?;
    }
    request.state = "accepted".into();
    request.closed_at = Some(ctx.stamp());
    save_request(tx, &mut request)?;
    letters::accepted(tx, ctx, &request)?;
    triage::refresh(tx, ctx, &case.id)
}

/// Label of a form of the current version.
pub fn form_label(ctx: &Context, code: &str) -> String {
    ctx.house
        .dictionary()
        .form(code)
        .map_or_else(|| code.to_owned(), |f| f.label.clone())
}

/// Why answers go back, and which questions are meant.
#[derive(Clone, Debug, Default)]
pub struct Back {
    pub reason: String,
    /// Form and field.
    pub marks: Vec<(String, String)>,
}

impl From<&str> for Back {
    fn from(reason: &str) -> Self {
        Self {
            reason: reason.to_owned(),
            marks: Vec::new(),
        }
    }
}

impl Back {
    /// The questions meant on one form: only such as the agency was asked.
    fn marks_on(&self, ctx: &Context, row: &Response) -> Vec<String> {
        let form = ctx.house.dictionary_of(&row.form_version).form(&row.form);
        let asked = |field: &&String| {
            form.and_then(|form| form.field(field))
                .is_some_and(|field| field.answered_by == AnsweredBy::Respondent)
        };
        self.marks
            .iter()
            .filter(|(form, _)| *form == row.form)
            .map(|(_, field)| field)
            .filter(asked)
            .cloned()
            .collect()
    }
}

/// Sends an agency's answers back with what is to be looked at again; the mail carries a new link.
pub fn send_back(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    request_id: &str,
    back: &Back,
) -> Outcome<()> {
    let case = editable(tx, ctx, reference, Verb::SendBackResponse)?;
    let reason = given_reason(&back.reason, "Say what should be looked at again")?;
    let mut request = request_of(tx, &case, request_id)?;
    if request.state != "answered" {
        return Err(Error::Rule(
            "There is no answer waiting on this request.".into(),
        ));
    }
    for mut row in responses::of_request(tx.conn(), request_id)? {
        if row.state != "sent" {
            continue;
        }
        row.state = "sent_back".into();
        row.reason = Some(reason.clone());
        row.marks = Value::from(back.marks_on(ctx, &row)).to_string();
        if !responses::save(tx, &row)? {
            return Err(Error::Stale);
        }
        let event = Event::ResponseSentBack {
            request_id: request_id.to_owned(),
            agency: agency_label(ctx, &request.agency),
            form: row.form.clone(),
            form_label: form_label(ctx, &row.form),
            reason: reason.clone(),
        };
        record(tx, ctx, Some(&case.id), Some(request_id), &event)?;
    }
    request.state = "sent_back".into();
    request.reason = Some(reason);
    // The reason may name the child, so the mail only says that one waits behind the link.
    let words = "Your answers were read, and some of them need another look. The page says which.";
    relink(tx, ctx, &mut request, words)?;
    triage::refresh(tx, ctx, &case.id)
}

/// Sends a request again: the first link stops working.
pub fn reissue(tx: &mut Tx<'_>, ctx: &Context, reference: &str, request_id: &str) -> Outcome<()> {
    let case = editable(tx, ctx, reference, Verb::ReissueRequest)?;
    let mut request = request_of(tx, &case, request_id)?;
    if matches!(request.state.as_str(), "accepted" | "withdrawn" | "waived") {
        return Err(Error::Rule(
            "This request is closed. Send a new one instead.".into(),
        ));
    }
    let words = "You asked for, or were sent, a new link to a request for information.";
    relink(tx, ctx, &mut request, words)?;
    let event = Event::RequestReissued {
        request_id: request_id.to_owned(),
        agency: agency_label(ctx, &request.agency),
        reason: String::new(),
    };
    record(tx, ctx, Some(&case.id), Some(request_id), &event)
}

/// How long a link works.
pub(super) const fn link_lasts() -> Duration {
    Duration::days(LINK_LASTS)
}

fn relink(tx: &mut Tx<'_>, ctx: &Context, request: &mut Request, words: &str) -> Outcome<()> {
    requests::drop_claims(tx, &request.id)?;
    links::drop_codes(tx, &request.id)?;
    new_link(tx, ctx, request, words)
}

/// Another link, mailed to the address on file; the one before ends.
pub(super) fn new_link(
    tx: &mut Tx<'_>,
    ctx: &Context,
    request: &mut Request,
    words: &str,
) -> Outcome<()> {
    links::end(tx, ctx, request)?;
    let token = ctx.ids.link();
    request.link_hash = Some(ctx.house.secrets.hash("link", &token));
    request.link_expires_at = Some(ctx.stamp() + link_lasts());
    save_request(tx, request)?;
    letters::request(tx, ctx, request, &token, Some(words))
}

/// Withdraws a request: the link stops working and nothing more is expected.
pub fn withdraw(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    request_id: &str,
    reason: &str,
) -> Outcome<()> {
    let case = editable(tx, ctx, reference, Verb::WithdrawRequest)?;
    let reason = given_reason(reason, "Say why the request is withdrawn")?;
    let mut request = request_of(tx, &case, request_id)?;
    close(tx, ctx, &case, &mut request, "withdrawn", &reason)?;
    letters::withdrawn(tx, ctx, &request)?;
    let event = Event::RequestWithdrawn {
        request_id: request_id.to_owned(),
        agency: agency_label(ctx, &request.agency),
        reason,
    };
    record(tx, ctx, Some(&case.id), Some(request_id), &event)?;
    triage::refresh(tx, ctx, &case.id)
}

fn close(
    tx: &mut Tx<'_>,
    ctx: &Context,
    _case: &Case,
    request: &mut Request,
    state: &str,
    reason: &str,
) -> Outcome<()> {
    if matches!(request.state.as_str(), "accepted" | "withdrawn" | "waived") {
        return Err(Error::Rule("This request is closed already.".into()));
    }
    request.state = state.into();
    request.reason = Some(reason.to_owned());
    request.closed_at = Some(ctx.stamp());
    links::end(tx, ctx, request)?;
    requests::drop_claims(tx, &request.id)?;
    links::drop_codes(tx, &request.id)?;
    waits::overtake(tx, &request.id, ctx.stamp())?;
    save_request(tx, request)
}

/// Records that a form is not needed after all, with the reason; it then no longer holds the case.
pub fn waive_form(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    form: &str,
    reason: &str,
) -> Outcome<()> {
    let case = editable(tx, ctx, reference, Verb::WaiveRequest)?;
    let reason = given_reason(reason, "Say why the form is not needed")?;
    if ctx.house.dictionary().form(form).is_none() {
        return Err(Error::NotFound);
    }
    triage::waive(tx, ctx, &case, form, &reason)?;
    let event = Event::FormWaived {
        form: form.to_owned(),
        form_label: form_label(ctx, form),
        reason,
    };
    record(tx, ctx, Some(&case.id), None, &event)?;
    triage::refresh(tx, ctx, &case.id)
}

pub(super) fn given_reason(reason: &str, missing: &str) -> Outcome<String> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::Invalid(vec![problem("reason", "required", missing)]));
    }
    if reason.chars().count() > 20_000 {
        return Err(Error::Invalid(vec![problem(
            "reason",
            "length",
            "The reason must have 20,000 characters or fewer",
        )]));
    }
    Ok(reason.to_owned())
}

/// Which of several answers the coordinator takes.
#[derive(Clone, Debug)]
pub struct Settle {
    pub form: String,
    pub field: String,
    /// Position among the answers given.
    pub option: usize,
    pub reason: String,
}

/// Settles where agencies differ; every answer stays beside the one that was taken.
pub fn settle(tx: &mut Tx<'_>, ctx: &Context, reference: &str, settle: &Settle) -> Outcome<()> {
    let case = editable(tx, ctx, reference, Verb::SettleConflict)?;
    let row = records::get(tx.conn(), &case.id, &settle.form)?.ok_or(Error::NotFound)?;
    let dict = ctx.house.dictionary_of(&row.form_version);
    let form = dict.form(&settle.form).ok_or(Error::NotFound)?;
    let field = form.field(&settle.field).ok_or(Error::NotFound)?;
    let mut answers = picture::stored(dict, &settle.form, &row.answers);
    let mut sources: Sources = serde_json::from_str(&row.sources).unwrap_or_default();
    let source = sources.get_mut(&settle.field).ok_or(Error::NotFound)?;
    let chosen = source.options.get(settle.option).cloned().ok_or_else(|| {
        Error::Invalid(vec![problem(
            &settle.field,
            "required",
            "Choose which answer is right",
        )])
    })?;
    if let Some(answer) = picture::answer_of(dict, form, &settle.field, &chosen.answer) {
        answers.set(settle.field.clone(), answer);
    }
    source.from.clone_from(&chosen.from);
    source.settled_by = Some(ctx.actor.label());
    picture::write(
        tx,
        ctx,
        &case.id,
        &settle.form,
        &row.form_version,
        &answers,
        &sources,
    )?;
    let event = Event::ConflictSettled {
        form: settle.form.clone(),
        field: settle.field.clone(),
        label: field.label.clone(),
        response_id: chosen.from.first().cloned().unwrap_or_default(),
        reason: settle.reason.trim().to_owned(),
    };
    record(tx, ctx, Some(&case.id), None, &event)?;
    triage::refresh(tx, ctx, &case.id)
}

/// Staff fill in or correct a section of the record.
#[derive(Clone, Debug)]
pub struct Correct {
    pub form: String,
    pub section: String,
    /// Version of the record the page was made from; 0 when there was none.
    pub version: i32,
    pub answers: Answers,
    pub confirmed: Vec<String>,
}

/// Saves a section of a record form; each changed answer is an event with before and after.
pub fn correct(tx: &mut Tx<'_>, ctx: &Context, reference: &str, correct: &Correct) -> Outcome<()> {
    let case = editable(tx, ctx, reference, Verb::EditRecord)?;
    save_record(tx, ctx, &case, correct)?;
    for form in ctx.house.shares.resting_on(&correct.form) {
        picture::recollate(tx, ctx, &case.id, form)?;
    }
    triage::refresh(tx, ctx, &case.id)
}

/// The shared part of correcting the record and filling in the analysis.
pub(super) fn save_record(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    correct: &Correct,
) -> Outcome<()> {
    let row = records::get(tx.conn(), &case.id, &correct.form)?;
    if row.as_ref().map_or(0, |r| r.version) != correct.version {
        return Err(Error::Stale);
    }
    let version = row.as_ref().map_or_else(
        || ctx.house.dictionary().version.clone(),
        |r| r.form_version.clone(),
    );
    let dict = ctx.house.dictionary_of(&version);
    let form = dict.form(&correct.form).ok_or(Error::NotFound)?;
    let before = row
        .as_ref()
        .map(|r| picture::stored(dict, &correct.form, &r.answers))
        .unwrap_or_default();
    let mut sources: Sources = row
        .as_ref()
        .map(|r| serde_json::from_str(&r.sources).unwrap_or_default())
        .unwrap_or_default();
    let known = picture::Picture::load(tx.conn(), ctx, &case.id)?;
    let mut answers = correct.answers.clone();
    let elsewhere = |id: &str| known.elsewhere(&correct.form, id);
    crate::domain::form::derive(dict, form, &mut answers, &ctx.around(&elsewhere));
    let typed_by_staff = correct.form != "analysis";
    for field in form.fields() {
        let (old, new) = (before.get(&field.id), answers.get(&field.id));
        if old == new {
            continue;
        }
        sources.insert(
            field.id.clone(),
            FieldSource {
                from: vec!["staff".into()],
                settled_by: typed_by_staff.then(|| ctx.actor.label()),
                options: sources
                    .get(&field.id)
                    .map(|s| s.options.clone())
                    .unwrap_or_default(),
            },
        );
        if typed_by_staff && row.is_some() {
            let json = |a: Option<&Answer>| {
                a.map_or(Value::Null, |a| picture::json_of(&field.id, a.clone()))
            };
            let event = Event::RecordCorrected {
                form: correct.form.clone(),
                field: field.id.clone(),
                label: field.label.clone(),
                before: json(old),
                after: json(new),
                reason: String::new(),
            };
            record(tx, ctx, Some(&case.id), None, &event)?;
        }
    }
    picture::write(
        tx,
        ctx,
        &case.id,
        &correct.form,
        &version,
        &answers,
        &sources,
    )?;
    if let Some(row) = records::get(tx.conn(), &case.id, &correct.form)? {
        let confirmed = Value::from(correct.confirmed.clone()).to_string();
        if row.confirmed != confirmed {
            let row = records::Record { confirmed, ..row };
            if !records::save(tx, &row)? {
                return Err(Error::Stale);
            }
        }
    }
    typing::forget(
        tx,
        &typing::Place::of_record(ctx, &case.id, &correct.form, &correct.section),
    )?;
    let section = form
        .section(&correct.section)
        .map_or_else(String::new, |s| s.label.clone());
    let event = if correct.form == "analysis" {
        Event::AnalysisSaved { section }
    } else {
        Event::RecordSaved {
            form: correct.form.clone(),
            form_label: form.label.clone(),
            section,
        }
    };
    record(tx, ctx, Some(&case.id), None, &event)
}

/// Case rows as they stand in a worklist page, for the scope of who asks.
pub fn save_case(tx: &mut Tx<'_>, row: &Case, was: &str) -> Outcome<()> {
    if cases::save(tx, row, was)? {
        Ok(())
    } else {
        Err(Error::Stale)
    }
}
