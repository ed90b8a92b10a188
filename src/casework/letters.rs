//! The words of each mail, queued in the outbox with their cause. A mail names no child, gives no date of
//! birth or death and no NHS number: it says that something waits and where. Must not send anything.

mod account;
mod meeting;
mod process;
mod reminder;
mod thanks;

use super::{Context, Outcome, record};
use crate::domain::event::Event;
use crate::store::notifications::Notification;
use crate::store::requests::Request;
use crate::store::waits::Wait;
use crate::store::{Tx, outbox, restrictions};

pub use account::{
    case_left, case_opened, factor_reset, invitation, nobody_reviews, password_changed,
    password_reset,
};

pub use meeting::{News, Told, meeting, when};
pub use process::{HoldsLifted, holds_lifted};
pub use reminder::{AtPanel, Near, OfYear, Reminder, action_due, panel_due, reminder, year_due};
pub use thanks::{Note, thanks};

struct Letter<'a> {
    name: &'a str,
    /// Two letters with the same key are one letter.
    key: String,
    to: &'a str,
    subject: &'a str,
    body: String,
    case_id: Option<&'a str>,
    request_id: Option<&'a str>,
}

fn queue(tx: &mut Tx<'_>, ctx: &Context, letter: Letter<'_>) -> Outcome<()> {
    queue_with(tx, ctx, letter, None).map(|_| ())
}

/// Queues a letter with an invitation for calendar programs. Whether it was not queued before.
fn queue_with(
    tx: &mut Tx<'_>,
    ctx: &Context,
    letter: Letter<'_>,
    calendar: Option<String>,
) -> Outcome<bool> {
    let id = ctx.new_id();
    let mail = outbox::Mail {
        id: id.clone(),
        dedupe_key: letter.key,
        recipient: letter.to.to_owned(),
        subject: letter.subject.to_owned(),
        body: format!("{}\n\n{}\n", letter.body, signature(ctx)),
        state: "queued".into(),
        attempts: 0,
        next_attempt_at: ctx.stamp(),
        created_at: ctx.stamp(),
        sent_at: None,
        last_error: None,
        case_id: letter.case_id.map(str::to_owned),
        request_id: letter.request_id.map(str::to_owned),
        bounced_at: None,
        resent: 0,
        calendar,
    };
    if !outbox::queue(tx, &mail)? {
        return Ok(false);
    }
    let event = Event::MailQueued {
        mail_id: id.clone(),
        letter: letter.name.to_owned(),
    };
    record(tx, ctx, letter.case_id, Some(&id), &event)?;
    Ok(true)
}

fn signature(ctx: &Context) -> String {
    let area = &ctx.house.area;
    format!(
        "{}\nTelephone {}, {}",
        area.team, area.telephone, area.telephone_hours
    )
}

/// To the coordinator: a notification waits to be decided.
pub fn notification_arrived(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Notification,
    first: bool,
) -> Outcome<()> {
    let (name, subject, what) = if first {
        (
            "notification_arrived",
            "A notification waits to be decided",
            "has arrived",
        )
    } else {
        (
            "notification_completed",
            "A notification was completed",
            "was completed by its sender",
        )
    };
    let body = format!(
        "Notification {} {what}.\n\nOpen it from your worklist:\n{}/cases",
        row.reference, ctx.house.base_url
    );
    let key = format!("{name}:{}", row.id);
    let to = ctx.house.area.email.clone();
    queue(
        tx,
        ctx,
        Letter {
            name,
            key,
            to: &to,
            subject,
            body,
            case_id: None,
            request_id: None,
        },
    )
}

/// To the coordinator: something waits in the held tray. One an hour at most, however much a program sends.
pub fn something_held(tx: &mut Tx<'_>, ctx: &Context) -> Outcome<()> {
    let body = format!(
        "What came in on the public form looks as if no person sent it, so it waits apart until you have looked \
         at it. It may be a notification of a death.\n\nOpen it from your worklist:\n{}/cases?view=held",
        ctx.house.base_url
    );
    let to = ctx.house.area.email.clone();
    let letter = Letter {
        name: "something_held",
        key: format!("something_held:{}", ctx.now.format("%Y-%m-%dT%H")),
        to: &to,
        subject: "Something on the public form was held",
        body,
        case_id: None,
        request_id: None,
    };
    queue(tx, ctx, letter)
}

/// To the notifier: we have it, and what happens next.
pub fn notification_received(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Notification,
    to: &str,
) -> Outcome<()> {
    let rest = if row.complete {
        String::new()
    } else {
        format!(
            "\n\nYou sent it before it was complete. You can add the rest with the code you were shown, at\n{}/notify/continue",
            ctx.house.base_url
        )
    };
    let body = format!(
        "Thank you. Your notification was received. Its reference is {}.\n\nThe team reads it on the next \
         working day and may telephone you. You need do nothing more now.{rest}",
        row.reference
    );
    let key = format!("notification_received:{}", row.id);
    let subject = "Your notification was received";
    queue(
        tx,
        ctx,
        Letter {
            name: "notification_received",
            key,
            to,
            subject,
            body,
            case_id: None,
            request_id: None,
        },
    )
}

/// To an agency: what is asked, under which power, by when, and the link. `again` marks a link that
/// replaces an earlier one.
pub fn request(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Request,
    token: &str,
    again: Option<&str>,
) -> Outcome<()> {
    let opening = match again {
        None => "A child has died. The child death review partners ask what your service knew."
            .to_owned(),
        Some(reason) => format!("{reason} This link replaces the one you had before."),
    };
    asked(tx, ctx, row, token, &opening)
}

/// To an agency that was asked before: the panel has a question, and the link to it.
pub fn panel_question(tx: &mut Tx<'_>, ctx: &Context, row: &Request, token: &str) -> Outcome<()> {
    let body = format!(
        "Before it meets, the child death overview panel has a question about what your service knew. What you answered \
         before stays as it is.\n\nOpen the question:\n{}/requests/{token}\n\nThe link replaces the one you had before. It \
         is for you alone. Please do not forward it.",
        ctx.house.base_url
    );
    let key = format!("panel-question:{}:{}", row.id, row.version);
    queue(
        tx,
        ctx,
        Letter {
            name: "panel_question",
            key,
            to: &row.email,
            subject: "Child death review: a question of the panel",
            body,
            case_id: Some(&row.case_id),
            request_id: Some(&row.id),
        },
    )
}

/// To a colleague of whoever was asked: some parts of the request.
pub fn part(tx: &mut Tx<'_>, ctx: &Context, row: &Request, token: &str) -> Outcome<()> {
    let opening = "A child has died. A colleague who was asked what your service knew sends you some parts of it.";
    asked(tx, ctx, row, token, opening)
}

fn asked(tx: &mut Tx<'_>, ctx: &Context, row: &Request, token: &str, opening: &str) -> Outcome<()> {
    let body = format!(
        "{opening}\n\nYou are asked under section 16N of the Children Act 2004, which requires you to answer. \
         No consent is needed.\n\nThe date agreed for your answer is {}. “Not known” is a fair answer, and so is \
         that your service did not know the child.\n\nOpen your request:\n{}/requests/{token}\n\nThe link is \
         for you alone. Please do not forward it.",
        row.agreed_date.format("%-d %B %Y"),
        ctx.house.base_url
    );
    let key = format!("request:{}:{}", row.id, row.version);
    let subject = "Child death review: information requested";
    queue(
        tx,
        ctx,
        Letter {
            name: "request",
            key,
            to: &row.email,
            subject,
            body,
            case_id: Some(&row.case_id),
            request_id: Some(&row.id),
        },
    )
}

/// To an agency: the code for opening its link in another browser.
pub fn link_code(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Request,
    challenge: &str,
    code: &str,
) -> Outcome<()> {
    let (first, last) = code.split_at_checked(4).unwrap_or((code, ""));
    let body = format!(
        "The link to your request for information was opened in another browser. To see the request there, type \
         this code:\n\n{first} {last}\n\nIt works once and for 15 minutes. If you did not open the link, do nothing, \
         and telephone us: somebody else may have it."
    );
    let subject = "Child death review: your code";
    queue(
        tx,
        ctx,
        Letter {
            name: "link_code",
            key: format!("link_code:{challenge}"),
            to: &row.email,
            subject,
            body,
            case_id: Some(&row.case_id),
            request_id: Some(&row.id),
        },
    )
}

/// To an agency: its answers were accepted.
pub fn accepted(tx: &mut Tx<'_>, ctx: &Context, row: &Request) -> Outcome<()> {
    let body = "Thank you. Your answers were accepted. You need do nothing more.".to_owned();
    let key = format!("accepted:{}:{}", row.id, row.version);
    let subject = "Child death review: your answers were accepted";
    queue(
        tx,
        ctx,
        Letter {
            name: "accepted",
            key,
            to: &row.email,
            subject,
            body,
            case_id: Some(&row.case_id),
            request_id: Some(&row.id),
        },
    )
}

/// To an agency: the request was withdrawn and the link no longer works.
pub fn withdrawn(tx: &mut Tx<'_>, ctx: &Context, row: &Request) -> Outcome<()> {
    let body =
        "This request is no longer needed. The link you had does not work any more.".to_owned();
    let key = format!("withdrawn:{}:{}", row.id, row.version);
    let subject = "Child death review: request withdrawn";
    queue(
        tx,
        ctx,
        Letter {
            name: "withdrawn",
            key,
            to: &row.email,
            subject,
            body,
            case_id: Some(&row.case_id),
            request_id: Some(&row.id),
        },
    )
}

/// To whoever held the request before: it is with a colleague now. Told so that nobody can hand it on unseen.
pub fn handed_on(tx: &mut Tx<'_>, ctx: &Context, row: &Request, before: &str) -> Outcome<()> {
    let body = "A request for information that was sent to you was handed on to a colleague. Your link does not \
                work any more, and you need do nothing. If you do not know of this, telephone us.";
    let letter = Letter {
        name: "handed_on",
        key: format!("handed_on:{}:{}", row.id, row.version),
        to: before,
        subject: "Child death review: your request was handed on",
        body: body.to_owned(),
        case_id: Some(&row.case_id),
        request_id: Some(&row.id),
    };
    queue(tx, ctx, letter)
}

/// To the address that a request was at: it is at another one now.
pub fn sent_elsewhere(tx: &mut Tx<'_>, ctx: &Context, row: &Request, before: &str) -> Outcome<()> {
    let body = "A request for information that was sent to this address is with another one now. The link does not work \
                any more, and you need do nothing.";
    let letter = Letter {
        name: "sent_elsewhere",
        key: format!("sent_elsewhere:{}:{}", row.id, row.version),
        to: before,
        subject: "Child death review: a request is no longer with you",
        body: body.to_owned(),
        case_id: Some(&row.case_id),
        request_id: Some(&row.id),
    };
    queue(tx, ctx, letter)
}

/// To whoever sent parts to a colleague: they are with them again, behind the link that they have.
pub fn part_back(tx: &mut Tx<'_>, ctx: &Context, row: &Request) -> Outcome<()> {
    let body = "Parts of a request for information that you sent to a colleague were given back to you. Open the \
                request with the link you have; what your colleague saved is there. The date agreed stays.";
    let letter = Letter {
        name: "part_back",
        key: format!("part_back:{}:{}", row.id, ctx.now.timestamp_micros()),
        to: &row.email,
        subject: "Child death review: parts of your request came back",
        body: body.to_owned(),
        case_id: Some(&row.case_id),
        request_id: Some(&row.id),
    };
    queue(tx, ctx, letter)
}

/// To a colleague who had parts of a request: whoever sent them took them back.
pub fn part_recalled(tx: &mut Tx<'_>, ctx: &Context, row: &Request) -> Outcome<()> {
    let body = "The parts of a request for information that a colleague sent to you were taken back. What you saved \
                went with them. Your link does not work any more, and you need do nothing.";
    let letter = Letter {
        name: "part_recalled",
        key: format!("part_recalled:{}:{}", row.id, row.version),
        to: &row.email,
        subject: "Child death review: your parts were taken back",
        body: body.to_owned(),
        case_id: Some(&row.case_id),
        request_id: Some(&row.id),
    };
    queue(tx, ctx, letter)
}

/// To the coordinator: an agency asks for more time.
pub fn time_asked(tx: &mut Tx<'_>, ctx: &Context, row: &Request, wait: &str) -> Outcome<()> {
    let base = &ctx.house.base_url;
    let body = format!(
        "An agency asks for more time to answer a request. You find it in the worklist, among the requests of its \
         case:\n{base}/cases"
    );
    let to = ctx.house.area.email.clone();
    let letter = Letter {
        name: "time_asked",
        key: format!("time_asked:{wait}"),
        to: &to,
        subject: "An agency asks for more time",
        body,
        case_id: Some(&row.case_id),
        request_id: Some(&row.id),
    };
    queue(tx, ctx, letter)
}

/// To the agency: the date agreed is a later one, without its having asked.
pub fn date_moved(tx: &mut Tx<'_>, ctx: &Context, row: &Request) -> Outcome<()> {
    let agreed = row.agreed_date.format("%-d %B %Y");
    let letter = Letter {
        name: "date_moved",
        key: format!("date_moved:{}:{}", row.id, row.version),
        to: &row.email,
        subject: "Child death review: the date agreed for your answer",
        body: format!(
            "For a time nothing was expected of you on a request for information. The date agreed for your answer is \
             now {agreed}. Your link still works."
        ),
        case_id: Some(&row.case_id),
        request_id: Some(&row.id),
    };
    queue(tx, ctx, letter)
}

/// To the agency: until when it has time. Why not longer, it reads behind its link.
pub fn time_decided(tx: &mut Tx<'_>, ctx: &Context, row: &Request, wait: &Wait) -> Outcome<()> {
    let agreed = row.agreed_date.format("%-d %B %Y");
    let body = if wait.state == "agreed" {
        format!(
            "More time was agreed for your answer. The date agreed is now {agreed}. Your link still works."
        )
    } else {
        format!(
            "You asked for more time for your answer. The date agreed stays {agreed}. The page behind your link says \
             why; if you cannot answer by then, telephone us."
        )
    };
    let letter = Letter {
        name: "time_decided",
        key: format!("time_decided:{}", wait.id),
        to: &row.email,
        subject: "Child death review: the date agreed for your answer",
        body,
        case_id: Some(&row.case_id),
        request_id: Some(&row.id),
    };
    queue(tx, ctx, letter)
}

/// To a colleague who has parts of a request: more time was agreed for the whole of it.
pub fn part_extended(tx: &mut Tx<'_>, ctx: &Context, row: &Request, wait: &Wait) -> Outcome<()> {
    let agreed = row.agreed_date.format("%-d %B %Y");
    let body = format!(
        "More time was agreed for the request of which you have parts. The date agreed for your answer is now {agreed}. \
         Your link still works."
    );
    let letter = Letter {
        name: "time_decided",
        key: format!("time_decided:{}:{}", wait.id, row.id),
        to: &row.email,
        subject: "Child death review: the date agreed for your answer",
        body,
        case_id: Some(&row.case_id),
        request_id: Some(&row.id),
    };
    queue(tx, ctx, letter)
}

/// To the coordinator: an agency answered.
pub fn answered(tx: &mut Tx<'_>, ctx: &Context, row: &Request, reference: &str) -> Outcome<()> {
    let base = &ctx.house.base_url;
    // The whole team reads this mailbox: a restricted case is not named in it.
    let body = if restrictions::is_restricted(tx.conn(), &row.case_id)? {
        format!(
            "An agency has answered a request on a restricted case. Who is named on the case finds it in the \
             worklist:\n{base}/cases"
        )
    } else {
        format!(
            "An agency has answered a request on case {reference}.\n\nOpen it:\n{base}/cases/{reference}/requests/{}",
            row.id
        )
    };
    let key = format!("answered:{}:{}", row.id, row.version);
    let to = ctx.house.area.email.clone();
    let subject = "An agency has answered";
    queue(
        tx,
        ctx,
        Letter {
            name: "answered",
            key,
            to: &to,
            subject,
            body,
            case_id: Some(&row.case_id),
            request_id: Some(&row.id),
        },
    )
}
