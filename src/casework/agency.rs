//! What the lead of an agency sees of the requests to their organisation, which is no more than that somebody there was
//! asked, and until when; and handing one on to a colleague. Must not know the child, nor what was answered.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::asked::{Colleague, pass_on};
use super::directory::asked_of;
use super::gather::agency_label;
use super::{Context, Error, Outcome, access};
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Scope, Verb, may, scope};
use crate::store::requests::{self, Request};
use crate::store::{Conn, Tx, cases, contacts, restrictions};

/// One open request, without anything of the child.
#[derive(Clone, Debug)]
pub struct Open {
    pub id: String,
    pub agency: String,
    /// Code of the profession that was asked.
    pub professional_type: Option<String>,
    pub recipient: String,
    pub email: String,
    pub agreed_date: NaiveDate,
    pub state: String,
    /// It is a part that a colleague got of another.
    pub is_part: bool,
}

fn shown(ctx: &Context, row: Request) -> Open {
    Open {
        agency: agency_label(ctx, &row.agency),
        id: row.id,
        professional_type: row.professional_type,
        recipient: row.recipient,
        email: row.email,
        agreed_date: row.agreed_date,
        state: row.state,
        is_part: row.part_of.is_some(),
    }
}

/// The organisation whose requests this person leads.
pub fn own_organisation(ctx: &Context) -> Option<String> {
    match scope(&ctx.actor) {
        Scope::OrganisationRequests(own) => Some(own),
        _ => None,
    }
}

/// Everything that the organisation is still to answer, the soonest first.
pub fn open_requests(conn: &mut Conn, ctx: &Context) -> Outcome<Vec<Open>> {
    ctx.allow(Verb::SeeAgencyRequests, &Facts::default())?;
    let organisations = contacts::organisations(conn)?;
    let mut all = Vec::new();
    for row in requests::waiting(conn)? {
        let facts = facts(conn, ctx, &row, &organisations)?;
        if may(&ctx.actor, Verb::HandOnRequest, &facts) {
            all.push(shown(ctx, row));
        }
    }
    all.sort_by(|a, b| (a.agreed_date, &a.id).cmp(&(b.agreed_date, &b.id)));
    let event = Event::WorklistRead {
        view: "agency".to_owned(),
        filters: Vec::new(),
        rows: all.len(),
    };
    ctx.note(None, None, &event)?;
    Ok(all)
}

/// How this person stands to a request. A restricted case is there only for those named on it.
fn facts(
    conn: &mut Conn,
    ctx: &Context,
    row: &Request,
    organisations: &BTreeMap<String, String>,
) -> Outcome<Facts> {
    let asked = asked_of(row, organisations);
    let own = own_organisation(ctx).zip(asked);
    // Nobody is to answer any more on a case that has ended, or that is read under another.
    let holds_request = own.is_some_and(|(own, asked)| ctx.house.is_one_organisation(&own, asked))
        && cases::get(conn, &row.case_id)?.is_some_and(|case| case.open);
    let reader = ctx.actor.user_id().unwrap_or_default();
    Ok(Facts {
        holds_request,
        restricted: holds_request && restrictions::is_restricted(conn, &row.case_id)?,
        named: holds_request && restrictions::is_named(conn, &row.case_id, reader)?,
        ..Facts::default()
    })
}

/// One of them. What is another organisation's, or on a case that is not theirs to know of, is not there.
fn reach(conn: &mut Conn, ctx: &Context, id: &str) -> Outcome<Request> {
    access::ever(ctx, Verb::HandOnRequest)?;
    if let Some(row) = requests::get(conn, id)?.filter(requests::waits) {
        let organisations = contacts::organisations(conn)?;
        let facts = facts(conn, ctx, &row, &organisations)?;
        if may(&ctx.actor, Verb::HandOnRequest, &facts) {
            return Ok(row);
        }
    }
    ctx.refuse(None)?;
    Err(Error::NotFound)
}

/// One of them, for the page on which it is handed on.
pub fn one(conn: &mut Conn, ctx: &Context, id: &str) -> Outcome<Open> {
    let row = reach(conn, ctx, id)?;
    let event = Event::RequestRead {
        page: ctx.page.clone(),
    };
    ctx.note(Some(&row.case_id), Some(&row.id), &event)?;
    Ok(shown(ctx, row))
}

/// Hands one on, as whoever it was sent to could: the link before ends, and the one who had it is told.
pub fn hand_on(tx: &mut Tx<'_>, ctx: &Context, id: &str, to: &Colleague) -> Outcome<()> {
    tx.hold(id)?;
    let request = reach(tx.conn(), ctx, id)?;
    pass_on(tx, ctx, request, to)
}
