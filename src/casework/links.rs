//! The life of an agency's link: opened by a button and never by looking, bound to the browser that did it, opened
//! in another only with a code sent to the address on file, ended, and asked for anew. A new link or a code goes to
//! the address on file and nowhere else. Must not know what the agency answers.

use chrono::Duration;
use subtle::ConstantTimeEq;

use super::{Context, Error, Outcome, gather, letters, packs, record, respond, secrets, typing};
use crate::domain::actor::Actor;
use crate::domain::event::Event;
use crate::store::links::{self, LinkCode};
use crate::store::requests::{self, Request};
use crate::store::{Conn, Tx};

/// How long a code is good for.
pub const CODE_LASTS: Duration = Duration::minutes(15);
/// Wrong codes before a new one must be asked for.
const TRIES: i32 = 5;
/// Codes sent for one request in an hour.
const CODES_AN_HOUR: i64 = 5;
const DIGITS: usize = 8;
/// A link is not replaced again so soon: a mailbox is not filled.
const QUIET: Duration = Duration::minutes(10);

/// What pressing the button came to.
pub enum Claimed {
    /// This browser now holds the request, by this secret; none when it held it already.
    Held {
        request_id: String,
        secret: Option<String>,
    },
    /// Another browser holds it: a code was sent, to be typed with this challenge.
    CodeSent {
        request_id: String,
        challenge: String,
    },
}

fn holder(ctx: &Context, request: &Request) -> Context {
    Context {
        actor: Actor::link(&request.id),
        ..ctx.clone()
    }
}

/// Opens a link in one browser. `held` is the secret of a claim that this browser shows.
pub fn claim(tx: &mut Tx<'_>, ctx: &Context, token: &str, held: Option<&str>) -> Outcome<Claimed> {
    let row = respond::by_link(tx.conn(), ctx, token)?;
    tx.hold(&format!("link:{}", row.id))?;
    if let Some(secret) = held {
        let claimed = requests::by_claim(tx.conn(), &ctx.house.secrets.hash("claim", secret))?;
        if claimed.is_some_and(|claimed| claimed.id == row.id) {
            tx.unchanged();
            return Ok(Claimed::Held {
                request_id: row.id,
                secret: None,
            });
        }
    }
    if links::is_claimed(tx.conn(), &row.id)? {
        return send_code(tx, ctx, &row);
    }
    let secret = bind(tx, ctx, &row)?;
    Ok(Claimed::Held {
        request_id: row.id,
        secret: Some(secret),
    })
}

fn bind(tx: &mut Tx<'_>, ctx: &Context, row: &Request) -> Outcome<String> {
    let secret = ctx.ids.link();
    let hash = ctx.house.secrets.hash("claim", &secret);
    requests::insert_claim(tx, &ctx.new_id(), &row.id, &hash, ctx.stamp())?;
    if row.state == "sent" {
        let opened = Request {
            state: "opened".into(),
            opened_at: Some(ctx.stamp()),
            ..row.clone()
        };
        // When another browser opened it at the same moment, it is marked already.
        requests::save(tx, &opened)?;
    }
    typing::offer(tx, ctx, row)?;
    let event = Event::RequestClaimed {
        request_id: row.id.clone(),
        agency: gather::agency_label(ctx, &row.agency),
    };
    let ctx = holder(ctx, row);
    record(tx, &ctx, Some(&row.case_id), Some(&row.id), &event)?;
    Ok(secret)
}

fn send_code(tx: &mut Tx<'_>, ctx: &Context, row: &Request) -> Outcome<Claimed> {
    let sent = links::codes_since(tx.conn(), &row.id, ctx.stamp() - Duration::hours(1))?;
    if sent >= CODES_AN_HOUR {
        return Err(Error::Rule(
            "Too many codes were asked for. Use the newest one, or wait an hour and open the link again.".into(),
        ));
    }
    let (challenge, code) = (ctx.new_id(), secrets::random_digits(DIGITS));
    let kept = LinkCode {
        code_hash: code_hash(ctx, &challenge, &code),
        id: challenge.clone(),
        request_id: row.id.clone(),
        made_at: ctx.stamp(),
        tries: 0,
        used_at: None,
    };
    links::insert_code(tx, &kept)?;
    let event = Event::LinkCodeSent {
        request_id: row.id.clone(),
    };
    record(tx, ctx, Some(&row.case_id), Some(&row.id), &event)?;
    letters::link_code(tx, ctx, row, &challenge, &code)?;
    Ok(Claimed::CodeSent {
        request_id: row.id.clone(),
        challenge,
    })
}

fn code_hash(ctx: &Context, challenge: &str, code: &str) -> String {
    let text = format!("{challenge}\n{code}");
    ctx.house.secrets.hash("link-code", &text)
}

/// What typing a code came to.
pub enum Typed {
    /// This browser now holds the request, by this secret.
    Right {
        request_id: String,
        secret: String,
    },
    Wrong,
    /// Used, too old, or tried too often.
    Over,
}

/// Checks a code that was typed in the browser which this challenge was given to.
pub fn confirm(tx: &mut Tx<'_>, ctx: &Context, challenge: &str, typed: &str) -> Outcome<Typed> {
    tx.hold(&format!("link-code:{challenge}"))?;
    let mut kept = links::code(tx.conn(), challenge)?.ok_or(Error::NotFound)?;
    let row = requests::get(tx.conn(), &kept.request_id)?.ok_or(Error::NotFound)?;
    let row = respond::live(ctx, row)?;
    let over =
        kept.used_at.is_some() || kept.tries >= TRIES || kept.made_at + CODE_LASTS <= ctx.stamp();
    let typed: String = typed.chars().filter(char::is_ascii_digit).collect();
    let hash = code_hash(ctx, challenge, &typed);
    let right: bool = hash.as_bytes().ct_eq(kept.code_hash.as_bytes()).into();
    if over || !right {
        kept.tries += 1;
        links::save_code(tx, &kept)?;
        let event = Event::LinkCodeFailed {
            request_id: row.id.clone(),
        };
        record(tx, ctx, Some(&row.case_id), Some(&row.id), &event)?;
        let over = over || kept.tries >= TRIES;
        return Ok(if over { Typed::Over } else { Typed::Wrong });
    }
    kept.used_at = Some(ctx.stamp());
    links::save_code(tx, &kept)?;
    let secret = bind(tx, ctx, &row)?;
    Ok(Typed::Right {
        request_id: row.id,
        secret,
    })
}

/// Remembers the link that a request has, because it ends now.
pub(super) fn end(tx: &mut Tx<'_>, ctx: &Context, request: &mut Request) -> Outcome<()> {
    match request.link_hash.take() {
        Some(hash) => Ok(links::keep_old(tx, &hash, &request.id, ctx.stamp())?),
        None => Ok(()),
    }
}

/// Ends every code that was sent for a request and not used.
pub(super) fn drop_codes(tx: &mut Tx<'_>, request_id: &str) -> Outcome<()> {
    Ok(links::drop_codes(tx, request_id)?)
}

/// The request that a link is or was for, or whose own address this is.
fn behind(conn: &mut Conn, ctx: &Context, token: &str) -> Outcome<Option<Request>> {
    let hash = ctx.house.secrets.hash("link", token);
    if let Some(row) = requests::by_link(conn, &hash)? {
        return Ok(Some(row));
    }
    let id = links::of_old(conn, &hash)?;
    Ok(requests::get(conn, id.as_deref().unwrap_or(token))?)
}

/// Leaves in the trail that a link was opened which is not in force.
pub fn opened_wrong(tx: &mut Tx<'_>, ctx: &Context, token: &str) -> Outcome<()> {
    // What was never a link leaves nothing: anybody can make up any number of those.
    let Some(row) = behind(tx.conn(), ctx, token)? else {
        tx.unchanged();
        return Ok(());
    };
    let hash = ctx.house.secrets.hash("link", token);
    let why = match &row {
        row if matches!(row.state.as_str(), "withdrawn" | "waived") => "closed",
        row if row.link_hash.as_deref() == Some(hash.as_str()) => "expired",
        _ => "replaced",
    };
    let event = Event::LinkOpenedWrong { why: why.into() };
    record(tx, ctx, Some(&row.case_id), Some(&row.id), &event)
}

/// Somebody asks for a new link. It goes to the address on file, when there is a request that still waits; who
/// asked is told the same in any case.
pub fn ask(tx: &mut Tx<'_>, ctx: &Context, token: &str) -> Outcome<()> {
    let Some(mut row) = behind(tx.conn(), ctx, token)? else {
        tx.unchanged();
        return Ok(());
    };
    let event = Event::LinkAsked {
        request_id: Some(row.id.clone()),
    };
    record(tx, ctx, Some(&row.case_id), Some(&row.id), &event)?;
    // What was accepted is asked about again when the panel has a question.
    let asked = row.state == "accepted" && packs::waits(tx.conn(), &row.id)?;
    let closed = requests::is_closed(&row) && !asked;
    // How long a link works says nothing of when it was made: the day agreed may be far off.
    let made = links::last_ended(tx.conn(), &row.id)?.max(row.sent_at);
    let fresh = made.is_some_and(|made| ctx.stamp() < made + QUIET);
    if closed || fresh {
        return Ok(());
    }
    // Browsers that hold the request keep it: a stranger with an old link must not turn them out. When the link was
    // over they held nothing any more, and must come by the new one.
    if row.link_expires_at.is_some_and(|at| at <= ctx.stamp()) {
        requests::drop_claims(tx, &row.id)?;
    }
    gather::new_link(
        tx,
        ctx,
        &mut row,
        "You asked for a new link to a request for information.",
    )?;
    let event = Event::LinkRenewed {
        request_id: row.id.clone(),
        agency: gather::agency_label(ctx, &row.agency),
    };
    record(tx, ctx, Some(&row.case_id), Some(&row.id), &event)
}
