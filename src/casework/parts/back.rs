//! Parts that come back: given back by the colleague who got them, or recalled by whoever sent them. What was answered
//! there, what was being typed and the files return with them, and the links end. Must not know what a page asks.

use std::collections::BTreeSet;

use super::opening::nothing_asked;
use super::{Beside, Says, fields, outline, pages, split, text};
use crate::casework::asked::open_request;
use crate::casework::gather::{agency_label, close};
use crate::casework::{
    Context, Error, Outcome, gather, letters, picture, record, respond, triage, typing,
};
use crate::domain::event::Event;
use crate::domain::form::{Section, confirmed};
use crate::store::requests::{self, Request};
use crate::store::responses::{self, Response};
use crate::store::{Conn, Tx, documents};

/// Some parts that are with a colleague.
#[derive(Clone, Debug)]
pub struct SentOn {
    pub request: Request,
    /// The pages, by their labels.
    pub labels: Vec<String>,
    /// Nothing on them is asked, as the answers of whoever sent them stand.
    pub shut: bool,
}

impl SentOn {
    /// Whether they can still come back.
    pub fn is_open(&self) -> bool {
        is_open(&self.request)
    }
}

pub(super) fn is_open(request: &Request) -> bool {
    requests::waits(request)
}

/// The parts of a request that went to colleagues, in the order in which they did.
pub fn sent_on(conn: &mut Conn, ctx: &Context, request: &Request) -> Outcome<Vec<SentOn>> {
    let mut all = Vec::new();
    for row in requests::of_case(conn, &request.case_id)? {
        if row.part_of.as_deref() == Some(request.id.as_str()) {
            let labels = labels(ctx, &responses::of_request(conn, &row.id)?);
            all.push(SentOn {
                shut: is_open(&row) && nothing_asked(conn, ctx, &row)?,
                request: row,
                labels,
            });
        }
    }
    Ok(all)
}

fn labels(ctx: &Context, rows: &[Response]) -> Vec<String> {
    let mut all = Vec::new();
    for row in rows {
        if let Some(form) = ctx.house.dictionary_of(&row.form_version).form(&row.form) {
            all.extend(outline(ctx, form, row).into_iter().map(|page| page.label));
        }
    }
    all
}

/// Gives parts back to whoever sent them; this link then ends.
pub fn give_back(tx: &mut Tx<'_>, ctx: &Context, request_id: &str) -> Outcome<()> {
    // The whole before its part, as where parts are recalled: the two must not wait for each other.
    let of = requests::get(tx.conn(), request_id)?.and_then(|part| part.part_of);
    let of = of.ok_or(Error::NotFound)?;
    tx.hold(&of)?;
    let part = open_request(tx, ctx, request_id)?;
    let whole = requests::get(tx.conn(), &of)?.ok_or(Error::NotFound)?;
    if !is_open(&whole) {
        let words = "The rest was sent already, so nobody waits for these parts to come back. Answer them, or telephone the \
                     team.";
        return Err(Error::Rule(words.into()));
    }
    returned(
        tx,
        ctx,
        &whole,
        part,
        "Given back to whoever sent it.",
        true,
    )?;
    mail_back(tx, ctx, &of)
}

/// Writes to whoever sent parts that some are there again, with a new link where theirs has run out.
fn mail_back(tx: &mut Tx<'_>, ctx: &Context, of: &str) -> Outcome<()> {
    let mut whole = requests::get(tx.conn(), of)?.ok_or(Error::NotFound)?;
    if whole.link_expires_at.is_none_or(|at| at <= ctx.stamp()) {
        let words = "Parts of a request for information that you sent on were given back to you.";
        return gather::new_link(tx, ctx, &mut whole, words);
    }
    letters::part_back(tx, ctx, &whole)
}

/// Notes that pages of which nothing was asked came back, and writes to whoever sent them.
pub(super) fn tell_back(
    tx: &mut Tx<'_>,
    ctx: &Context,
    whole: &Request,
    parts: Vec<String>,
) -> Outcome<()> {
    let event = Event::PartsReturned {
        request_id: whole.id.clone(),
        agency: agency_label(ctx, &whole.agency),
        parts,
        given_back: true,
    };
    record(tx, ctx, Some(&whole.case_id), Some(&whole.id), &event)?;
    mail_back(tx, ctx, &whole.id)
}

/// Takes a part back of which nothing is asked, because the rest is sent.
pub(super) fn recall_shut(
    tx: &mut Tx<'_>,
    ctx: &Context,
    whole: &Request,
    part: Request,
) -> Outcome<()> {
    let told = part.clone();
    returned(tx, ctx, whole, part, "Nothing of it was asked.", false)?;
    letters::part_recalled(tx, ctx, &told)
}

/// Takes parts back from a colleague; their link then ends.
pub fn recall(tx: &mut Tx<'_>, ctx: &Context, request_id: &str, part_id: &str) -> Outcome<()> {
    let whole = open_request(tx, ctx, request_id)?;
    tx.hold(part_id)?;
    let part = requests::get(tx.conn(), part_id)?
        .filter(|part| part.part_of.as_deref() == Some(request_id))
        .ok_or(Error::NotFound)?;
    if !is_open(&part) {
        let words = "These parts were answered or came back already, so they cannot be recalled.";
        return Err(Error::Rule(words.into()));
    }
    let told = part.clone();
    returned(tx, ctx, &whole, part, "Recalled by whoever sent it.", false)?;
    letters::part_recalled(tx, ctx, &told)
}

fn returned(
    tx: &mut Tx<'_>,
    ctx: &Context,
    whole: &Request,
    mut part: Request,
    reason: &str,
    given_back: bool,
) -> Outcome<()> {
    let rows = responses::of_request(tx.conn(), &part.id)?;
    let parts = labels(ctx, &rows);
    for row in &rows {
        let form = responses::get(tx.conn(), &whole.id, &row.form)?;
        let into = form.filter(respond::open).ok_or(Error::Stale)?;
        merge(tx, ctx, row, into)?;
        typing::hand_over(tx, ctx, &row.form, &part.id, &whole.id)?;
    }
    for mut file in documents::of_request(tx.conn(), &part.id)? {
        if file.handed_in_at.is_none() {
            file.request_id = Some(whole.id.clone());
            if !documents::save(tx, &file)? {
                return Err(Error::Stale);
            }
        }
    }
    // What went on from there is with whoever gets the rest back.
    for further in requests::of_case(tx.conn(), &whole.case_id)? {
        if further.part_of.as_deref() == Some(part.id.as_str()) {
            let part_of = Some(whole.id.clone());
            if !requests::save(tx, &Request { part_of, ..further })? {
                return Err(Error::Stale);
            }
        }
    }
    close(tx, ctx, &mut part, "withdrawn", reason)?;
    let agency = agency_label(ctx, &whole.agency);
    let ended = Event::RequestWithdrawn {
        request_id: part.id.clone(),
        agency: agency.clone(),
        reason: reason.to_owned(),
    };
    record(tx, ctx, Some(&whole.case_id), Some(&part.id), &ended)?;
    let event = Event::PartsReturned {
        request_id: whole.id.clone(),
        agency,
        parts,
        given_back,
    };
    record(tx, ctx, Some(&whole.case_id), Some(&whole.id), &event)?;
    triage::refresh(tx, ctx, &whole.case_id)
}

/// Puts the answers of a part where they came from. The part keeps none: what is known twice goes astray.
fn merge(tx: &mut Tx<'_>, ctx: &Context, part: &Response, into: Response) -> Outcome<()> {
    let next = joined(ctx, part, into)?;
    let empty = Response {
        answers: "{}".into(),
        confirmed: "[]".into(),
        says: "{}".into(),
        marks: "[]".into(),
        updated_at: ctx.stamp(),
        ..part.clone()
    };
    both_kept(tx, &next, &empty)
}

/// Keeps what two responses hold after pages went from one to the other: both, or neither.
fn both_kept(tx: &mut Tx<'_>, into: &Response, from: &Response) -> Outcome<()> {
    if responses::save(tx, into)? && responses::save(tx, from)? {
        Ok(())
    } else {
        Err(Error::Stale)
    }
}

/// Puts some pages of a part where they came from, with what was answered there; the others stay in the part.
pub(super) fn page_back(
    tx: &mut Tx<'_>,
    ctx: &Context,
    part: &Response,
    into: Response,
    back: &[Section],
) -> Outcome<()> {
    let ids: BTreeSet<String> = back.iter().map(|page| page.id.clone()).collect();
    let asked: BTreeSet<&str> = back
        .iter()
        .flat_map(|page| page.fields.iter().map(|field| field.id.as_str()))
        .collect();
    let goes = Response {
        pages: Some(text(&ids)?),
        ..part.clone()
    };
    let next = joined(ctx, &goes, into)?;
    let mut rest = picture::stored(
        ctx.house.dictionary_of(&part.form_version),
        &part.form,
        &part.answers,
    );
    for id in &asked {
        rest.remove(id);
    }
    let stays = Beside::of(part, &asked, false)?;
    let own = pages(part).unwrap_or_default();
    let own: BTreeSet<&String> = own.difference(&ids).collect();
    let left = Response {
        answers: rest.to_json().to_string(),
        confirmed: stays.confirmed,
        says: stays.says,
        marks: stays.marks,
        pages: Some(text(&own)?),
        updated_at: ctx.stamp(),
        ..part.clone()
    };
    both_kept(tx, &next, &left)
}

/// A response with the pages of a part of it, and what was answered there.
fn joined(ctx: &Context, part: &Response, into: Response) -> Outcome<Response> {
    let dict = ctx.house.dictionary_of(&into.form_version);
    let form = dict.form(&into.form).ok_or(Error::NotFound)?;
    let asked = fields(ctx, form, part).unwrap_or_default();
    let asked: BTreeSet<&str> = asked.iter().map(String::as_str).collect();
    let mut answers = picture::stored(dict, &into.form, &into.answers);
    for (id, answer) in picture::stored(dict, &part.form, &part.answers).0 {
        if asked.contains(id.as_str()) {
            answers.set(id, answer);
        }
    }
    let mut reasons = confirmed(&into.confirmed);
    reasons.extend(split(confirmed(&part.confirmed), &asked, true));
    let says_of = |text: &str| serde_json::from_str::<Says>(text).unwrap_or_default();
    let mut says = says_of(&into.says);
    says.extend(split(says_of(&part.says), &asked, true));
    let marks_of = |text: &str| serde_json::from_str::<Vec<String>>(text).unwrap_or_default();
    let mut marks = marks_of(&into.marks);
    marks.extend(marks_of(&part.marks));
    marks.sort();
    marks.dedup();
    let mut own = pages(&into).unwrap_or_default();
    own.extend(pages(part).unwrap_or_default());
    let all = ctx.house.outline(form);
    let whole = all.iter().all(|page| own.contains(&page.id));
    Ok(Response {
        answers: answers.to_json().to_string(),
        confirmed: text(&reasons)?,
        says: text(&says)?,
        marks: text(&marks)?,
        pages: if whole { None } else { Some(text(&own)?) },
        updated_at: ctx.stamp(),
        ..into
    })
}
