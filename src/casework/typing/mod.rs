//! What somebody is typing in a form and has not saved: kept sealed, shown to the same person when they come back, and
//! never taken into an answer by itself. Also who else has the form open. Must not know what any form asks, nor when what
//! was typed goes into another hand (`moved` does).

mod moved;

use chrono::{Duration, NaiveDateTime};

use super::kept::may_be_kept;
use super::response::verb_of;
use super::{Context, Error, Outcome, access, panels, parts, respond, sealing};
use crate::domain::form::{Dictionary, Posted, Section};
use crate::store::requests::Request;
use crate::store::responses::Response;
use crate::store::typings::{self, Typing};
use crate::store::{Conn, Tx, records, responses};

use moved::{KEPT, NEXT, lay, lies_in};
pub(super) use moved::{hand_over, offer, put_aside};

/// How long what nobody came back to is kept.
const LASTS: Duration = Duration::days(30);
/// Larger pages are not kept.
const LARGEST: usize = 512 * 1024;
/// Whoever has shown no sign for so long is taken to be gone.
const GONE: Duration = Duration::minutes(3);
/// What the page itself sends beside the answers.
const PAGES_OWN: [&str; 4] = ["typed", "later", "discard", SHOWN];
/// Under which name a page says which words of another hand it shows: by the moment they were typed.
pub const SHOWN: &str = "left";

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
    /// Of the analysis as a panel works on it.
    Room {
        panel: &'a str,
        item: &'a str,
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
                let asked = dictionary_of(conn, ctx, &case.id, form)?.form(form);
                must_be_in(asked.map(|asked| asked.sections.as_slice()), section)?;
                Ok(Place::of_record(ctx, &case.id, form, section))
            }
            Self::Room {
                panel,
                item,
                section,
            } => {
                let case = panels::run_by(conn, ctx, (panel, item))?;
                let dict = dictionary_of(conn, ctx, &case.id, panels::FORM)?;
                let asked = dict.form(panels::FORM).map(panels::Desk::sections);
                must_be_in(asked.as_deref(), section)?;
                Ok(Place::of_room(ctx, &case.id, section))
            }
        }
    }
}

/// The dictionary that the record of a case was filled in by; the present one where nothing is yet.
fn dictionary_of<'a>(
    conn: &mut Conn,
    ctx: &'a Context,
    case_id: &str,
    form: &str,
) -> Outcome<&'a Dictionary> {
    let held = records::get(conn, case_id, form)?;
    Ok(held.map_or_else(
        || ctx.house.dictionary(),
        |row| ctx.house.dictionary_of(&row.form_version),
    ))
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

    /// A page of the analysis as a panel works on it. It asks less than the case's own page, so what is typed on one is
    /// nothing to fill the other with.
    pub fn of_room(ctx: &Context, case_id: &str, section: &str) -> Self {
        Self {
            form: format!("room:{case_id}"),
            ..Self::of_record(ctx, case_id, "", section)
        }
    }
}

/// What was typed and not saved.
#[derive(Clone, Debug)]
pub struct Left {
    pub at: NaiveDateTime,
    pub posted: Posted,
    /// What the page is to say that it shows, where the words came from another hand.
    pub shown: Option<String>,
}

/// What there is to know on opening a page of a form.
#[derive(Clone, Debug, Default)]
pub struct Noticed {
    pub left: Option<Left>,
    /// How many more wait here that others of the same team typed. Each is shown when the one before it is done with.
    pub more: usize,
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
    if let Page::Room { panel, item, .. } = *page {
        // After the decision nothing more is typed there; what was stays to be read.
        panels::worked_on(tx.conn(), ctx, (panel, item))?;
    }
    let place = &page.place(tx.conn(), ctx)?;
    let kept = match typed {
        Some(typed) => seal(ctx, place, typed)?.map(|sealed| (typed, sealed)),
        None => None,
    };
    if let Some((typed, _)) = &kept {
        // The words that the page showed are in what was typed over them.
        done_with(tx, ctx, place, typed.get(SHOWN))?;
        forget_same(tx, ctx, place, typed)?;
    }
    let before = typings::get(tx.conn(), &place.form, &place.section, &place.hand)?;
    let (sealed, typed_at) = match kept {
        Some((_, sealed)) => (Some(sealed), Some(ctx.stamp())),
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
    let pairs = worth_keeping(typed);
    let text = serde_json::to_string(&pairs).map_err(|e| Error::Internal(e.to_string()))?;
    if text.len() > LARGEST {
        return Ok(None);
    }
    sealing::seal(&ctx.house.secrets, "typing", &owner(place), text.as_bytes()).map(Some)
}

fn worth_keeping(typed: &Posted) -> Vec<&(String, String)> {
    let of_page = |name: &str| PAGES_OWN.contains(&name);
    let pairs = typed.0.iter();
    pairs
        .filter(|(name, _)| may_be_kept(name) && !of_page(name))
        .collect()
}

/// Whether the same was typed, whatever the form held then.
fn same(one: &Posted, other: &Posted) -> bool {
    let typed = |posted| {
        let mut pairs = worth_keeping(posted);
        pairs.retain(|(name, _)| name != "version" && name != "base");
        pairs
    };
    typed(one) == typed(other)
}

fn owner(place: &Place) -> String {
    format!("{}/{}/{}", place.form, place.section, place.hand)
}

/// What this hand left on this page, and who else is there.
pub fn notice(conn: &mut Conn, ctx: &Context, page: &Page<'_>) -> Outcome<Noticed> {
    let place = &page.place(conn, ctx)?;
    let mut left = left(conn, ctx, place)?;
    let first = left.pop();
    Ok(Noticed {
        left: first,
        more: left.len(),
        other: others(conn, ctx, place)?,
    })
}

/// A page of a form behind a request, in one hand.
fn at(request: &str, form: &str, section: &str, hand: &str) -> Place {
    Place {
        form: format!("request:{request}/{form}"),
        section: section.to_owned(),
        hand: hand.to_owned(),
    }
}

/// What this hand typed on this page and did not save, and what waits here for whoever comes next: the newest last. What
/// cannot be opened any more is as good as gone.
fn left(conn: &mut Conn, ctx: &Context, place: &Place) -> Outcome<Vec<Left>> {
    let mut found = Vec::new();
    for row in typings::of_place(conn, &place.form)? {
        let waits = lies_in(&row.hand, NEXT);
        if row.part != place.section || !(waits || row.hand == place.hand) {
            continue;
        }
        let of = Place {
            hand: row.hand.clone(),
            ..place.clone()
        };
        let shown = row.typed_at.filter(|_| waits).map(token);
        found.extend(opened(ctx, &of, &row).map(|left| Left { shown, ..left }));
    }
    // Of two typed at once this hand's own is shown.
    found.sort_by_key(|left| (left.at, left.shown.is_none()));
    Ok(found)
}

/// What waits here for whoever comes next need not wait when this hand has the same words.
fn forget_same(tx: &mut Tx<'_>, ctx: &Context, place: &Place, posted: &Posted) -> Outcome<()> {
    for row in typings::of_place(tx.conn(), &place.form)? {
        if row.part != place.section || !lies_in(&row.hand, NEXT) {
            continue;
        }
        let of = Place {
            hand: row.hand.clone(),
            ..place.clone()
        };
        if opened(ctx, &of, &row).is_some_and(|left| same(&left.posted, posted)) {
            typings::forget(tx, &row.place, &row.part, &row.hand)?;
        }
    }
    Ok(())
}

/// How a page names words of another hand.
fn token(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

/// The words of another hand that a page showed are done with. What this hand itself had typed before those waits in
/// their place: nobody saw it beside them.
fn done_with(tx: &mut Tx<'_>, ctx: &Context, place: &Place, shown: Option<&str>) -> Outcome<()> {
    let Some(shown) = shown.filter(|shown| !shown.is_empty()) else {
        return Ok(());
    };
    let mut rows = typings::of_place(tx.conn(), &place.form)?;
    rows.retain(|row| row.part == place.section);
    let is_it = |row: &&Typing| {
        lies_in(&row.hand, NEXT) && row.typed_at.is_some_and(|at| token(at) == shown)
    };
    let Some(it) = rows.iter().find(is_it) else {
        return Ok(());
    };
    typings::forget(tx, &it.place, &it.part, &it.hand)?;
    let own = rows.iter().find(|row| row.hand == place.hand);
    if let Some(own) = own.filter(|own| own.typed_at < it.typed_at) {
        let next = Place {
            hand: NEXT.to_owned(),
            ..place.clone()
        };
        lay(tx, ctx, place, own, &next)?;
        typings::forget(tx, &own.place, &own.part, &own.hand)?;
    }
    Ok(())
}

fn opened(ctx: &Context, place: &Place, row: &Typing) -> Option<Left> {
    let (sealed, at) = (row.sealed.as_ref()?, row.typed_at?);
    let opened = sealing::open(&ctx.house.secrets, "typing", &owner(place), sealed);
    let pairs = opened.and_then(|bytes| serde_json::from_slice(&bytes).ok())?;
    Some(Left {
        at,
        posted: Posted(pairs),
        shown: None,
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
                .rfind(|t| t.part == section.id && (t.hand == *hand || lies_in(&t.hand, NEXT)));
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

/// Whether somebody else has the form open now. Words that wait for somebody are nobody.
fn others(conn: &mut Conn, ctx: &Context, place: &Place) -> Outcome<Option<Other>> {
    let mut open = typings::others(conn, &place.form, &place.hand, ctx.stamp() - GONE)?;
    open.retain(|(_, hand)| !lies_in(hand, NEXT) && !hand.starts_with(KEPT));
    Ok(if open.iter().any(|(part, _)| *part == place.section) {
        Some(Other::SamePage)
    } else if open.is_empty() {
        None
    } else {
        Some(Other::OtherPage)
    })
}

/// Throws away what a page shows that this hand did not save. `shown` is what the page says that it shows of another.
pub fn discard(
    tx: &mut Tx<'_>,
    ctx: &Context,
    page: &Page<'_>,
    shown: Option<&str>,
) -> Outcome<()> {
    let place = page.place(tx.conn(), ctx)?;
    forget(tx, ctx, &place, shown)?;
    tx.unchanged();
    Ok(())
}

/// What was typed was saved, or is not wanted; so are words of another hand that the page showed.
pub(super) fn forget(
    tx: &mut Tx<'_>,
    ctx: &Context,
    place: &Place,
    shown: Option<&str>,
) -> Outcome<()> {
    done_with(tx, ctx, place, shown)?;
    Ok(typings::forget(
        tx,
        &place.form,
        &place.section,
        &place.hand,
    )?)
}
