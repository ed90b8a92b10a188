//! What somebody is typing in a form and has not saved: kept sealed, shown to the same person when they come back, and
//! never taken into an answer by itself. Also who else has the form open. Must not know what any form asks.

use chrono::{Duration, NaiveDateTime};

use super::kept::may_be_kept;
use super::response::verb_of;
use super::{Context, Error, Outcome, access, parts, respond, sealing};
use crate::domain::address::fold;
use crate::domain::form::{Posted, Section};
use crate::store::requests::Request;
use crate::store::responses::Response;
use crate::store::typings::{self, Typing};
use crate::store::{Conn, Tx, responses};

/// How long what nobody came back to is kept.
const LASTS: Duration = Duration::days(30);
/// Larger pages are not kept.
const LARGEST: usize = 512 * 1024;
/// Whoever has shown no sign for so long is taken to be gone.
const GONE: Duration = Duration::minutes(3);
/// What the page itself sends beside the answers.
const PAGES_OWN: [&str; 3] = ["typed", "later", "discard"];

/// A page that somebody fills in.
#[derive(Clone, Debug)]
pub enum Page<'a> {
    /// Of a form that an agency answers. `claim` is the secret of its browser's claim.
    Response {
        request: &'a Request,
        form: &'a str,
        section: &'a str,
        claim: &'a str,
    },
    /// Of a form of the record.
    Record {
        reference: &'a str,
        form: &'a str,
        section: &'a str,
    },
}

impl Page<'_> {
    /// Where the page is kept, for whoever may fill it in.
    fn place(&self, conn: &mut Conn, ctx: &Context) -> Outcome<Place> {
        match *self {
            Self::Response {
                request,
                form,
                section,
                claim,
            } => {
                respond::allow(ctx, request)?;
                let row = responses::get(conn, &request.id, form)?;
                let row = row.filter(respond::open).ok_or(Error::NotFound)?;
                let form_asked = ctx.house.dictionary_of(&row.form_version).form(form);
                let outline = form_asked.map(|asked| parts::outline(ctx, asked, &row));
                must_be_in(outline.as_deref(), section)?;
                Ok(Place::of_response(ctx, &request.id, form, section, claim))
            }
            Self::Record {
                reference,
                form,
                section,
            } => {
                let (case, _) = access::reach(conn, ctx, reference, verb_of(form))?;
                let asked = ctx.house.dictionary().form(form);
                must_be_in(asked.map(|asked| asked.sections.as_slice()), section)?;
                Ok(Place::of_record(ctx, &case.id, form, section))
            }
        }
    }
}

/// Words are kept for pages that there are, so that nobody fills the disk with others.
fn must_be_in(outline: Option<&[Section]>, section: &str) -> Outcome<()> {
    let there = outline.is_some_and(|pages| pages.iter().any(|page| page.id == section));
    there.then_some(()).ok_or(Error::NotFound)
}

/// One page of a form in one hand.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Which form of what: made of ids and codes alone.
    form: String,
    section: String,
    /// Whose hand: a browser that claimed a link, or a person.
    hand: String,
}

impl Place {
    /// A page of a form that an agency answers. `claim` is the secret of the browser's claim.
    pub fn of_response(
        ctx: &Context,
        request_id: &str,
        form: &str,
        section: &str,
        claim: &str,
    ) -> Self {
        at(
            request_id,
            form,
            section,
            &ctx.house.secrets.hash("hand", claim),
        )
    }

    /// A page of a form of the record that staff fill in.
    pub fn of_record(ctx: &Context, case_id: &str, form: &str, section: &str) -> Self {
        Self {
            form: format!("record:{case_id}/{form}"),
            section: section.to_owned(),
            hand: ctx.actor.user_id().unwrap_or_default().to_owned(),
        }
    }
}

/// What was typed and not saved.
#[derive(Clone, Debug)]
pub struct Left {
    pub at: NaiveDateTime,
    pub posted: Posted,
}

/// What there is to know on opening a page of a form.
#[derive(Clone, Debug, Default)]
pub struct Noticed {
    pub left: Option<Left>,
    pub other: Option<Other>,
}

/// Where somebody else is in the same form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Other {
    SamePage,
    OtherPage,
}

impl Other {
    pub fn words(self) -> &'static str {
        match self {
            Self::SamePage => "Somebody else has this page open now.",
            Self::OtherPage => "Somebody else is working on another page of this form now.",
        }
    }
}

/// Keeps what is typed, when something was, and that the page is open; says who else is there.
pub fn keep(
    tx: &mut Tx<'_>,
    ctx: &Context,
    page: &Page<'_>,
    typed: Option<&Posted>,
) -> Outcome<Option<Other>> {
    let place = &page.place(tx.conn(), ctx)?;
    let before = typings::get(tx.conn(), &place.form, &place.section, &place.hand)?;
    let (sealed, typed_at) = match typed {
        Some(typed) => (seal(ctx, place, typed)?, Some(ctx.stamp())),
        None => before.map_or((None, None), |row| (row.sealed, row.typed_at)),
    };
    let row = Typing {
        place: place.form.clone(),
        part: place.section.clone(),
        hand: place.hand.clone(),
        sealed,
        typed_at,
        seen_at: ctx.stamp(),
    };
    typings::put(tx, &row)?;
    typings::forget_before(tx, ctx.stamp() - LASTS)?;
    tx.unchanged();
    others(tx.conn(), ctx, place)
}

fn seal(ctx: &Context, place: &Place, typed: &Posted) -> Outcome<Option<String>> {
    let pairs: Vec<&(String, String)> = typed
        .0
        .iter()
        .filter(|(name, _)| may_be_kept(name) && !PAGES_OWN.contains(&name.as_str()))
        .collect();
    let text = serde_json::to_string(&pairs).map_err(|e| Error::Internal(e.to_string()))?;
    if text.len() > LARGEST {
        return Ok(None);
    }
    sealing::seal(&ctx.house.secrets, "typing", &owner(place), text.as_bytes()).map(Some)
}

fn owner(place: &Place) -> String {
    format!("{}/{}/{}", place.form, place.section, place.hand)
}

/// What this hand left on this page, and who else is there.
pub fn notice(conn: &mut Conn, ctx: &Context, page: &Page<'_>) -> Outcome<Noticed> {
    let place = &page.place(conn, ctx)?;
    Ok(Noticed {
        left: left(conn, ctx, place)?,
        other: others(conn, ctx, place)?,
    })
}

/// The hand of whoever comes next, for what came back from somebody else.
const NEXT: &str = "";

/// What was typed in a form behind one request, and not saved, goes to another request's: whoever opens a page there
/// next finds it. Of several hands on one page the last one's.
pub(super) fn hand_over(
    tx: &mut Tx<'_>,
    ctx: &Context,
    form: &str,
    from: &str,
    to: &str,
) -> Outcome<()> {
    let old = at(from, form, "", "").form;
    for row in typings::of_place(tx.conn(), &old)? {
        // What somebody typed who handed the part on is nobody else's.
        if row.hand.starts_with(KEPT) {
            continue;
        }
        let Some(left) = opened(ctx, &at(from, form, &row.part, &row.hand), &row) else {
            continue;
        };
        let next = at(to, form, &row.part, NEXT);
        let row = Typing {
            place: next.form.clone(),
            hand: NEXT.to_owned(),
            sealed: seal(ctx, &next, &left.posted)?,
            ..row
        };
        typings::put(tx, &row)?;
    }
    Ok(typings::forget_place(tx, &old)?)
}

/// A hand that words are kept under for whoever held a request, when its browsers hold it no more.
const KEPT: &str = "kept:";

/// Where the words of a request wait for the person or team at this address.
fn kept_for(ctx: &Context, request: &Request) -> String {
    let of = format!("{}\n{}", request.id, fold(&request.email));
    format!("{KEPT}{}", ctx.house.secrets.hash("hand", &of))
}

/// Puts everything that was typed behind a request aside for whoever it is with now, before it goes to somebody else:
/// nobody else is ever shown it.
pub(super) fn put_aside(tx: &mut Tx<'_>, ctx: &Context, request: &Request) -> Outcome<()> {
    let hand = kept_for(ctx, request);
    for row in responses::of_request(tx.conn(), &request.id)? {
        let form = at(&request.id, &row.form, "", "").form;
        for typed in typings::of_place(tx.conn(), &form)? {
            if !typed.hand.starts_with(KEPT) {
                pass(tx, ctx, &request.id, &row.form, &typed, &hand)?;
            }
        }
    }
    Ok(())
}

/// Somebody proved that they read the mail of the address on file: what was typed there before, in a browser that is
/// gone or in another one, waits for them on its page. Where several are typing on one page, each keeps theirs.
pub(super) fn offer(tx: &mut Tx<'_>, ctx: &Context, request: &Request) -> Outcome<()> {
    let own = kept_for(ctx, request);
    let gone = ctx.stamp() - GONE;
    for row in responses::of_request(tx.conn(), &request.id)? {
        let form = at(&request.id, &row.form, "", "").form;
        let mut all = typings::of_place(tx.conn(), &form)?;
        all.retain(|typed| typed.hand == own || !typed.hand.starts_with(KEPT));
        let hands: Vec<(String, String)> = all
            .iter()
            .filter(|typed| typed.hand != NEXT && typed.hand != own)
            .map(|typed| (typed.part.clone(), typed.hand.clone()))
            .collect();
        let alone = |typed: &Typing| {
            let other =
                |(part, hand): &(String, String)| *part == typed.part && *hand != typed.hand;
            !hands.iter().any(other)
        };
        for typed in &all {
            let free = typed.hand == own || typed.seen_at < gone || alone(typed);
            if typed.hand != NEXT && free {
                pass(tx, ctx, &request.id, &row.form, typed, NEXT)?;
            }
        }
    }
    Ok(())
}

/// Moves what was typed on a page into another hand, unless something newer lies there.
fn pass(
    tx: &mut Tx<'_>,
    ctx: &Context,
    request: &str,
    form: &str,
    row: &Typing,
    hand: &str,
) -> Outcome<()> {
    let from = at(request, form, &row.part, &row.hand);
    let to = at(request, form, &row.part, hand);
    let there = typings::get(tx.conn(), &to.form, &to.section, hand)?;
    let older = there.is_none_or(|there| there.typed_at <= row.typed_at);
    if let Some(left) = opened(ctx, &from, row).filter(|_| older) {
        let next = Typing {
            hand: hand.to_owned(),
            sealed: seal(ctx, &to, &left.posted)?,
            ..row.clone()
        };
        typings::put(tx, &next)?;
    }
    Ok(typings::forget(tx, &from.form, &from.section, &from.hand)?)
}

/// A page of a form behind a request, in one hand.
fn at(request: &str, form: &str, section: &str, hand: &str) -> Place {
    Place {
        form: format!("request:{request}/{form}"),
        section: section.to_owned(),
        hand: hand.to_owned(),
    }
}

/// What this hand typed on this page and did not save. What cannot be opened any more is as good as gone.
fn left(conn: &mut Conn, ctx: &Context, place: &Place) -> Outcome<Option<Left>> {
    let own = typings::get(conn, &place.form, &place.section, &place.hand)?;
    let own = own.and_then(|row| opened(ctx, place, &row));
    let next = Place {
        hand: NEXT.to_owned(),
        ..place.clone()
    };
    let row = typings::get(conn, &next.form, &next.section, NEXT)?;
    let came_back = row.and_then(|row| opened(ctx, &next, &row));
    // What a colleague typed and gave back is newer than what was typed before it was sent on.
    Ok(match (own, came_back) {
        (Some(own), Some(back)) if own.at >= back.at => Some(own),
        (own, None) => own,
        (_, back) => back,
    })
}

fn opened(ctx: &Context, place: &Place, row: &Typing) -> Option<Left> {
    let (sealed, at) = (row.sealed.as_ref()?, row.typed_at?);
    let opened = sealing::open(&ctx.house.secrets, "typing", &owner(place), sealed);
    let pairs = opened.and_then(|bytes| serde_json::from_slice(&bytes).ok())?;
    Some(Left {
        at,
        posted: Posted(pairs),
    })
}

/// A section in which words were typed and not saved.
#[derive(Clone, Debug)]
pub struct Unsaved {
    pub form: String,
    pub section: String,
    pub label: String,
    pub at: NaiveDateTime,
}

/// The sections of some answers in which this hand left words that were not saved, in the order of the forms.
/// `responses` are those that its claim holds.
pub fn unsaved(
    conn: &mut Conn,
    ctx: &Context,
    responses: &[Response],
    claim: &str,
) -> Outcome<Vec<Unsaved>> {
    let mut found = Vec::new();
    for row in responses.iter().filter(|row| respond::open(row)) {
        let dict = ctx.house.dictionary_of(&row.form_version);
        let Some(form) = dict.form(&row.form) else {
            continue;
        };
        let own = Place::of_response(ctx, &row.request_id, &row.form, "", claim);
        let kept = typings::of_place(conn, &own.form)?;
        for section in parts::outline(ctx, form, row) {
            let hand = &own.hand;
            let own = kept
                .iter()
                .find(|t| t.part == section.id && (t.hand == *hand || t.hand == NEXT));
            if let Some(typed_at) = own.and_then(|t| t.typed_at) {
                found.push(Unsaved {
                    form: row.form.clone(),
                    section: section.id,
                    label: section.label,
                    at: typed_at,
                });
            }
        }
    }
    Ok(found)
}

/// Whether somebody else has the form open now.
fn others(conn: &mut Conn, ctx: &Context, place: &Place) -> Outcome<Option<Other>> {
    let open = typings::others(conn, &place.form, &place.hand, ctx.stamp() - GONE)?;
    Ok(if open.contains(&place.section) {
        Some(Other::SamePage)
    } else if open.is_empty() {
        None
    } else {
        Some(Other::OtherPage)
    })
}

/// Throws away what this hand typed and did not save.
pub fn discard(tx: &mut Tx<'_>, ctx: &Context, page: &Page<'_>) -> Outcome<()> {
    let place = page.place(tx.conn(), ctx)?;
    forget(tx, &place)?;
    tx.unchanged();
    Ok(())
}

/// What was typed was saved, or is not wanted.
pub(super) fn forget(tx: &mut Tx<'_>, place: &Place) -> Outcome<()> {
    for hand in [place.hand.as_str(), NEXT] {
        typings::forget(tx, &place.form, &place.section, hand)?;
    }
    Ok(())
}
