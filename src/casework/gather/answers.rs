//! What staff do with a request and its answers: accept, send back, send again, withdraw, go on without, let a form off. Must not
//! change an answer.

use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime};
use serde_json::Value;

use super::ask::LINK_LASTS;
use super::{agency_label, editable, form_label, given_reason, later};
use crate::casework::{
    Context, Error, Outcome, clocks, letters, links, picture, record, respond, triage,
};
use crate::domain::event::Event;
use crate::domain::form::AnsweredBy;
use crate::domain::permission::Verb;
use crate::store::cases::Case;
use crate::store::requests::Request;
use crate::store::responses::Response;
use crate::store::{Tx, cases, merges, requests, responses, waits};

pub(in crate::casework) fn request_of(tx: &mut Tx<'_>, case: &Case, id: &str) -> Outcome<Request> {
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
        // What was let off because the child was not known is asked again when that is doubted.
        let let_off = request.nil_return && row.state == "waived";
        if row.state != "sent" && !let_off {
            continue;
        }
        row.state = "sent_back".into();
        respond::reopened(ctx, &mut row)?;
        row.reason = Some(reason.clone());
        let marks = back.marks_on(ctx, &row);
        row.marks = Value::from(marks.clone()).to_string();
        if !responses::save(tx, &row)? {
            return Err(Error::Stale);
        }
        let event = Event::ResponseSentBack {
            request_id: request_id.to_owned(),
            agency: agency_label(ctx, &request.agency),
            form: row.form.clone(),
            form_label: form_label(ctx, &row.form),
            reason: reason.clone(),
            marks: Some(marks),
        };
        record(tx, ctx, Some(&case.id), Some(request_id), &event)?;
    }
    later::give_back_days(tx, ctx, &mut request)?;
    request.state = "sent_back".into();
    request.nil_return = false;
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
    if requests::is_closed(&request) {
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
pub(in crate::casework) const fn link_lasts() -> Duration {
    Duration::days(LINK_LASTS)
}

/// Until when a link works that is made now: counted from today, or from the date agreed where that is later.
pub(in crate::casework) fn link_until(ctx: &Context, agreed: NaiveDate) -> NaiveDateTime {
    let from = agreed.and_time(NaiveTime::MIN).max(ctx.stamp());
    from + link_lasts()
}

fn relink(tx: &mut Tx<'_>, ctx: &Context, request: &mut Request, words: &str) -> Outcome<()> {
    requests::drop_claims(tx, &request.id)?;
    links::drop_codes(tx, &request.id)?;
    new_link(tx, ctx, request, words)
}

/// Another link, mailed to the address on file; the one before ends.
pub(in crate::casework) fn new_link(
    tx: &mut Tx<'_>,
    ctx: &Context,
    request: &mut Request,
    words: &str,
) -> Outcome<()> {
    let token = fresh_link(tx, ctx, request)?;
    letters::request(tx, ctx, request, &token, Some(words))
}

/// Another link, which the caller mails; the one before ends, and whoever holds the request goes on holding it.
pub(in crate::casework) fn fresh_link(
    tx: &mut Tx<'_>,
    ctx: &Context,
    request: &mut Request,
) -> Outcome<String> {
    links::end(tx, ctx, request)?;
    let token = ctx.ids.link();
    request.link_hash = Some(ctx.house.secrets.hash("link", &token));
    request.link_expires_at = Some(link_until(ctx, request.agreed_date));
    save_request(tx, request)?;
    Ok(token)
}

/// How a request ends without its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Without {
    /// It should not have been asked, or not of them.
    Withdrawn,
    /// It was rightly asked, and the review goes on without the answer.
    Waived,
}

impl Without {
    const fn verb(self) -> Verb {
        match self {
            Self::Withdrawn => Verb::WithdrawRequest,
            Self::Waived => Verb::WaiveRequest,
        }
    }

    /// What is said when no reason is given.
    const fn wants_reason(self) -> &'static str {
        match self {
            Self::Withdrawn => "Say why the request is withdrawn",
            Self::Waived => "Say why the review goes on without the answer",
        }
    }

    /// The state in which it leaves a request.
    const fn state(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::Waived => "waived",
        }
    }
}

/// Withdraws a request: the link stops working and nothing more is expected.
pub fn withdraw(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    request_id: &str,
    reason: &str,
) -> Outcome<()> {
    end_all(tx, ctx, Without::Withdrawn, reference, request_id, reason)
}

/// Goes on without the answer to a request: it holds the review no more, and its clock is excused, with who and why.
/// The return says that the form was waived, which it does not of a request that was withdrawn.
pub fn waive(
    tx: &mut Tx<'_>,
    ctx: &Context,
    reference: &str,
    request_id: &str,
    reason: &str,
) -> Outcome<()> {
    end_all(tx, ctx, Without::Waived, reference, request_id, reason)
}

/// An answer that has come, to a request or to a part of it, is read before anybody goes on without it.
fn unanswered(tx: &mut Tx<'_>, case: &Case, request: &Request) -> Outcome<()> {
    let answered = |row: &Request| row.state == "answered";
    let all = requests::of_case(tx.conn(), &case.id)?;
    let of_it = |row: &&Request| row.part_of.as_deref() == Some(request.id.as_str());
    if answered(request) || all.iter().filter(of_it).any(answered) {
        let words = "An answer has come. Read it first, and accept it or send it back.";
        return Err(Error::Rule(words.into()));
    }
    Ok(())
}

/// Ends a request and every part of it.
fn end_all(
    tx: &mut Tx<'_>,
    ctx: &Context,
    without: Without,
    reference: &str,
    request_id: &str,
    reason: &str,
) -> Outcome<()> {
    let case = editable(tx, ctx, reference, without.verb())?;
    let reason = given_reason(reason, without.wants_reason())?;
    let mut request = request_of(tx, &case, request_id)?;
    if without == Without::Waived {
        unanswered(tx, &case, &request)?;
    }
    let why = (without, reason.as_str());
    end(tx, ctx, &case, &mut request, why)?;
    // Parts of it that went to colleagues end with it, and parts of those: a part is made after what it is of.
    let mut ended = vec![request.id];
    for mut part in requests::of_case(tx.conn(), &case.id)? {
        if part.part_of.as_ref().is_none_or(|of| !ended.contains(of)) {
            continue;
        }
        ended.push(part.id.clone());
        if !requests::is_closed(&part) {
            end(tx, ctx, &case, &mut part, why)?;
        }
    }
    triage::refresh(tx, ctx, &case.id)
}

fn end(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
    request: &mut Request,
    (without, reason): (Without, &str),
) -> Outcome<()> {
    close(tx, ctx, request, without.state(), reason)?;
    letters::withdrawn(tx, ctx, request)?;
    let (request_id, reason) = (request.id.clone(), reason.to_owned());
    let agency = agency_label(ctx, &request.agency);
    let event = match without {
        Without::Withdrawn => Event::RequestWithdrawn {
            request_id,
            agency,
            reason,
        },
        Without::Waived => {
            clocks::excuse_request(tx, ctx, &case.id, &request.id, &reason)?;
            Event::RequestWaived {
                request_id,
                agency,
                reason,
            }
        }
    };
    record(tx, ctx, Some(&case.id), Some(&request.id), &event)
}

/// Withdraws whatever an agency is still to answer on a case that ends here, and on those that are read under it.
pub(in crate::casework) fn withdraw_waiting(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case: &Case,
) -> Outcome<()> {
    let together = merges::together(tx.conn(), &case.id)?;
    for row in requests::of_cases(tx.conn(), &together)? {
        if !requests::waits(&row) {
            continue;
        }
        let of = cases::get(tx.conn(), &row.case_id)?.ok_or(Error::NotFound)?;
        let mut request = request_of(tx, &of, &row.id)?;
        if requests::waits(&request) {
            let why = (
                Without::Withdrawn,
                "The case is not reviewed here any more.",
            );
            end(tx, ctx, &of, &mut request, why)?;
        }
    }
    Ok(())
}

/// Ends a request: its link and every browser that held it.
pub(in crate::casework) fn close(
    tx: &mut Tx<'_>,
    ctx: &Context,
    request: &mut Request,
    state: &str,
    reason: &str,
) -> Outcome<()> {
    if requests::is_closed(request) {
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
