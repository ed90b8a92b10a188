//! Asking agencies: whom, for which forms, until when, and what need not be typed. Must not know what is answered.

use chrono::NaiveDate;

use super::{agency_label, editable, form_label, link_until};
use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome, letters, picture, record, triage};
use crate::domain::calendar::london;
use crate::domain::clock::Start;
use crate::domain::event::Event;
use crate::domain::form::{Answer, Answers, Form, FormKind, Problem};
use crate::domain::permission::Verb;
use crate::store::cases::Case;
use crate::store::requests::Request;
use crate::store::responses::Response;
use crate::store::{Tx, contacts, requests, responses};

/// The clock of an agency's answer (a local default: no national limit was found).
const TO_ANSWER: &str = "C21";
/// How long a link works after the date agreed.
pub(in crate::casework) const LINK_LASTS: i64 = 60;

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
        for there in open
            .iter()
            .filter(|r| r.email.eq_ignore_ascii_case(n.email.trim()))
        {
            if !requests::is_closed(there) {
                return Err(Error::Rule(format!(
                    "{} has already been asked on this case. Send the request again, or withdraw it first.",
                    there.recipient
                )));
            }
            let given = |form: &str| n.forms.iter().any(|asked| asked == form);
            let rows = responses::of_request(tx.conn(), &there.id)?;
            if let Some(row) = rows
                .iter()
                .find(|r| r.state == "accepted" && given(&r.form))
            {
                return Err(Error::Rule(format!(
                    "{} has already answered “{}” on this case. Ask for another form, or ask at another address.",
                    there.recipient,
                    form_label(ctx, &row.form)
                )));
            }
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
    let asked_of_agencies = |code: &String| {
        let kind = dict.form(code).map(|form| form.kind);
        matches!(kind, Some(FormKind::Reporting | FormKind::Supplementary))
    };
    if new.forms.is_empty() || !new.forms.iter().all(asked_of_agencies) {
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
        link_expires_at: Some(link_until(ctx, due)),
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
        part_of: None,
        knew_child: false,
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
        pages: None,
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
