//! Letters about a request for information: to the agency that is asked, to whoever had it before, and to the coordinator
//! when it comes back. Must not know why anything is asked.

use super::{Letter, queue};
use crate::casework::{Context, Outcome};
use crate::store::requests::Request;
use crate::store::waits::Wait;
use crate::store::{Tx, restrictions};

/// The subject of a letter that asks.
const ASKED: &str = "Child death review: information requested";

/// A letter about a request, to whoever holds it: one of this name for each version of the request.
fn about<'a>(row: &'a Request, name: &'a str, subject: &'a str, body: String) -> Letter<'a> {
    Letter {
        name,
        key: format!("{name}:{}:{}", row.id, row.version),
        to: &row.email,
        subject,
        body,
        case_id: Some(&row.case_id),
        request_id: Some(&row.id),
    }
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
    asked(tx, ctx, row, token, (ASKED, &opening))
}

/// To an agency that was asked and has not answered: the same with a new link, under a subject that says what it is.
pub fn request_reminder(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Request,
    token: &str,
    words: &str,
) -> Outcome<()> {
    let subject = "Child death review: reminder of a request for information";
    let opening = format!("{words} This link replaces the one you had before.");
    asked(tx, ctx, row, token, (subject, &opening))
}

/// To an agency that was asked before: the panel has a question, and the link to it.
pub fn panel_question(tx: &mut Tx<'_>, ctx: &Context, row: &Request, token: &str) -> Outcome<()> {
    let body = format!(
        "Before it meets, the child death overview panel has a question about what your service knew. What you answered \
         before stays as it is.\n\nOpen the question:\n{}/requests/{token}\n\nThe link replaces the one you had before. It \
         is for you alone. Please do not forward it.",
        ctx.house.base_url
    );
    let subject = "Child death review: a question of the panel";
    let letter = Letter {
        key: format!("panel-question:{}:{}", row.id, row.version),
        ..about(row, "panel_question", subject, body)
    };
    queue(tx, ctx, letter)
}

/// To a colleague of whoever was asked: some parts of the request.
pub fn part(tx: &mut Tx<'_>, ctx: &Context, row: &Request, token: &str) -> Outcome<()> {
    let opening = "A child has died. A colleague who was asked what your service knew sends you some parts of it.";
    asked(tx, ctx, row, token, (ASKED, opening))
}

/// `subject` and how the letter opens.
fn asked(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Request,
    token: &str,
    (subject, opening): (&str, &str),
) -> Outcome<()> {
    let body = format!(
        "{opening}\n\nYou are asked under section 16N of the Children Act 2004, which requires you to answer. \
         No consent is needed.\n\nThe date agreed for your answer is {}. “Not known” is a fair answer, and so is \
         that your service did not know the child.\n\nOpen your request:\n{}/requests/{token}\n\nThe link is \
         for you alone. Please do not forward it.",
        row.agreed_date.format("%-d %B %Y"),
        ctx.house.base_url
    );
    queue(tx, ctx, about(row, "request", subject, body))
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
    let letter = Letter {
        key: format!("link_code:{challenge}"),
        ..about(row, "link_code", "Child death review: your code", body)
    };
    queue(tx, ctx, letter)
}

/// To an agency: its answers were accepted.
pub fn accepted(tx: &mut Tx<'_>, ctx: &Context, row: &Request) -> Outcome<()> {
    let body = "Thank you. Your answers were accepted. You need do nothing more.";
    let subject = "Child death review: your answers were accepted";
    queue(tx, ctx, about(row, "accepted", subject, body.to_owned()))
}

/// To an agency: the request was withdrawn and the link no longer works.
pub fn withdrawn(tx: &mut Tx<'_>, ctx: &Context, row: &Request) -> Outcome<()> {
    let body = "This request is no longer needed. The link you had does not work any more.";
    let subject = "Child death review: request withdrawn";
    queue(tx, ctx, about(row, "withdrawn", subject, body.to_owned()))
}

/// To whoever held the request before: it is with a colleague now. Told so that nobody can hand it on unseen.
pub fn handed_on(tx: &mut Tx<'_>, ctx: &Context, row: &Request, before: &str) -> Outcome<()> {
    let body = "A request for information that was sent to you was handed on to a colleague. Your link does not \
                work any more, and you need do nothing. If you do not know of this, telephone us.";
    let subject = "Child death review: your request was handed on";
    let letter = about(row, "handed_on", subject, body.to_owned());
    queue(
        tx,
        ctx,
        Letter {
            to: before,
            ..letter
        },
    )
}

/// To the address that a request was at: it is at another one now.
pub fn sent_elsewhere(tx: &mut Tx<'_>, ctx: &Context, row: &Request, before: &str) -> Outcome<()> {
    let body = "A request for information that was sent to this address is with another one now. The link does not work \
                any more, and you need do nothing.";
    let subject = "Child death review: a request is no longer with you";
    let letter = about(row, "sent_elsewhere", subject, body.to_owned());
    queue(
        tx,
        ctx,
        Letter {
            to: before,
            ..letter
        },
    )
}

/// To whoever sent parts to a colleague: they are with them again, behind the link that they have.
pub fn part_back(tx: &mut Tx<'_>, ctx: &Context, row: &Request) -> Outcome<()> {
    let body = "Parts of a request for information that you sent to a colleague were given back to you. Open the \
                request with the link you have; what your colleague saved is there. The date agreed stays.";
    let subject = "Child death review: parts of your request came back";
    let letter = Letter {
        key: format!("part_back:{}:{}", row.id, ctx.now.timestamp_micros()),
        ..about(row, "part_back", subject, body.to_owned())
    };
    queue(tx, ctx, letter)
}

/// To a colleague who had parts of a request: whoever sent them took them back.
pub fn part_recalled(tx: &mut Tx<'_>, ctx: &Context, row: &Request) -> Outcome<()> {
    let body = "The parts of a request for information that a colleague sent to you were taken back. What you saved \
                went with them. Your link does not work any more, and you need do nothing.";
    let subject = "Child death review: your parts were taken back";
    let letter = about(row, "part_recalled", subject, body.to_owned());
    queue(tx, ctx, letter)
}

/// What the letters call that say by when an answer is expected now.
const DATE_AGREED: &str = "Child death review: the date agreed for your answer";

/// To the agency: the date agreed is a later one, without its having asked.
pub fn date_moved(tx: &mut Tx<'_>, ctx: &Context, row: &Request) -> Outcome<()> {
    let agreed = row.agreed_date.format("%-d %B %Y");
    let body = format!(
        "For a time nothing was expected of you on a request for information. The date agreed for your answer is \
         now {agreed}. Your link still works."
    );
    queue(tx, ctx, about(row, "date_moved", DATE_AGREED, body))
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
        key: format!("time_decided:{}", wait.id),
        ..about(row, "time_decided", DATE_AGREED, body)
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
        key: format!("time_decided:{}:{}", wait.id, row.id),
        ..about(row, "time_decided", DATE_AGREED, body)
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
    let letter = Letter {
        key: format!("time_asked:{wait}"),
        to: &ctx.house.area.email,
        ..about(row, "time_asked", "An agency asks for more time", body)
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
    let letter = Letter {
        to: &ctx.house.area.email,
        ..about(row, "answered", "An agency has answered", body)
    };
    queue(tx, ctx, letter)
}
