//! Two people sign a pack, and the second signature releases it: the paper that members read is written then, without what
//! was taken out. A change of what it was made from voids both signatures. Must not know what a reader does with it.

use super::desk::{Decisions, found, key_of, proposals, with_notes};
use super::known::known;
use super::rarity::rarity;
use super::{json, kept, read, save, sources};
use crate::casework::{Context, Error, Outcome, record};
use crate::domain::account::{Block, Part};
use crate::domain::event::Event;
use crate::domain::panel::ItemState;
use crate::domain::permission::Verb;
use crate::domain::redaction::{What, stands_as_it_is_in, without};
use crate::store::cases::Case;
use crate::store::packs::{self as store, Pack, Released};
use crate::store::{Conn, Tx};

/// How far a pack is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// Nothing was written yet.
    None,
    /// It is being gone through.
    Draft,
    /// What it was made from changed before it was signed: it has to be written anew.
    Behind,
    SignedOnce,
    Released,
    /// What it was made from changed after it was signed: nobody reads it until it is signed again.
    Void,
}

impl Stand {
    pub const fn label(self) -> &'static str {
        match self {
            Self::None => "Not written yet",
            Self::Draft => "Being gone through",
            Self::Behind => "To be written anew",
            Self::SignedOnce => "Signed by one",
            Self::Released => "Released",
            Self::Void => "Void: a source changed",
        }
    }
}

pub(super) fn stand_of(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    pack: Option<&Pack>,
) -> Outcome<Stand> {
    let Some(pack) = pack else {
        return Ok(Stand::None);
    };
    let chosen: Vec<String> = read(&pack.documents)?;
    let same = sources::mark(conn, ctx, case, &chosen)? == pack.made_from;
    Ok(match (&pack.first_signer, &pack.second_signer, same) {
        (Some(_), Some(_), true) => Stand::Released,
        (Some(_), None, true) => Stand::SignedOnce,
        (None, _, true) => Stand::Draft,
        (Some(_), Some(_), false) => Stand::Void,
        (_, _, false) => Stand::Behind,
    })
}

/// How far the pack of an item is. The caller has asked for permission.
pub fn stand(conn: &mut Conn, ctx: &Context, case: &Case, item_id: &str) -> Outcome<Stand> {
    let pack = store::of_item(conn, item_id)?;
    stand_of(conn, ctx, case, pack.as_ref())
}

/// What speaks against a signature, in words.
pub fn release_ready(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    pack: &Pack,
) -> Outcome<Vec<String>> {
    let parts: Vec<Part> = read(&pack.parts)?;
    let decisions: Decisions = read(&pack.decisions)?;
    let known = known(conn, ctx, case, &decisions.added)?;
    let all = proposals(ctx, &known, case, &parts, &decisions);
    let open = all.iter().filter(|one| one.cut.is_none()).count();
    let mut against = Vec::new();
    if open > 0 {
        against.push(format!(
            "{open} proposal{} not decided yet.",
            if open == 1 { " is" } else { "s are" }
        ));
    }
    if matches!(
        stand_of(conn, ctx, case, Some(pack))?,
        Stand::Behind | Stand::Void
    ) {
        against.push("A source changed since the account was written. Write it anew.".to_owned());
    }
    if open == 0
        && let Err(Error::Rule(words)) = paper(conn, ctx, case, pack)
    {
        against.push(words);
    }
    if decisions.rarity.is_none() && rarity(conn, ctx, case)?.is_some() {
        against.push(
            "Say what was done so that age, place and cause together do not point to one child."
                .to_owned(),
        );
    }
    Ok(against)
}

/// Signs: first one person, then another, by whose signature the pack is released.
pub fn sign(tx: &mut Tx<'_>, ctx: &Context, at: (&str, &str), version: i32) -> Outcome<()> {
    let (_, item, case, mut pack) = kept(tx, ctx, at, version, Verb::SignPack)?;
    if item.state != ItemState::Listed.as_str() {
        return Err(Error::Rule("This case is not on the list any more.".into()));
    }
    let against = release_ready(tx.conn(), ctx, &case, &pack)?;
    if !against.is_empty() {
        return Err(Error::Rule(against.join(" ")));
    }
    let user = ctx.actor.user_id().ok_or(Error::NotFound)?.to_owned();
    let second = match (&pack.first_signer, &pack.second_signer) {
        (None, _) => {
            pack.first_signer = Some(user);
            pack.first_signed_at = Some(ctx.stamp());
            false
        }
        (Some(first), None) if *first == user => {
            let words = "You signed already. Another person signs after you.";
            return Err(Error::Rule(words.into()));
        }
        (Some(_), None) => {
            pack.second_signer = Some(user);
            pack.second_signed_at = Some(ctx.stamp());
            true
        }
        (Some(_), Some(_)) => {
            return Err(Error::Rule("It was signed by two people already.".into()));
        }
    };
    save(tx, ctx, &mut pack)?;
    let event = Event::PackSigned {
        item_id: item.id.clone(),
        second,
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)?;
    if second {
        release(tx, ctx, &case, &pack)?;
    }
    Ok(())
}

fn release(tx: &mut Tx<'_>, ctx: &Context, case: &Case, pack: &Pack) -> Outcome<()> {
    let paper = paper(tx.conn(), ctx, case, pack)?;
    let last = store::last_of(tx.conn(), &pack.item_id)?;
    let row = Released {
        id: ctx.new_id(),
        item_id: pack.item_id.clone(),
        case_id: case.id.clone(),
        number: last.map_or(1, |last| last.number + 1),
        made_from: pack.made_from.clone(),
        released_at: ctx.stamp(),
        paper: json(&paper)?,
    };
    store::release(tx, &row)?;
    let event = Event::PackReleased {
        item_id: pack.item_id.clone(),
        number: row.number,
    };
    record(tx, ctx, Some(&case.id), Some(&row.id), &event)
}

/// The parts without what was taken out. What was taken out in one place and stands in another stops the release.
fn paper(conn: &mut Conn, ctx: &Context, case: &Case, pack: &Pack) -> Outcome<Vec<Part>> {
    let decisions: Decisions = read(&pack.decisions)?;
    let mut parts = with_notes(read(&pack.parts)?, &decisions);
    let known = known(conn, ctx, case, &decisions.added)?;
    let mut gone: Vec<String> = Vec::new();
    for block in parts.iter_mut().flat_map(|part| &mut part.blocks) {
        let mut cuts = found(ctx, &known, case, block);
        cuts.retain(|one| {
            let surface = block.text.get(one.start..one.end).unwrap_or_default();
            let said = decisions.said.get(&key_of(one.what, surface));
            let cut = said.map_or(one.what == What::Added, |said| said.cut);
            if cut
                && matches!(
                    one.what,
                    What::Added | What::Name | What::Near | What::Perhaps
                )
            {
                gone.push(surface.to_owned());
            }
            cut
        });
        block.text = without(&block.text, &cuts);
    }
    // What the form says in its own words tells nobody.
    let left = |block: &Block| {
        let stands = |words: &String| stands_as_it_is_in(&block.text, words);
        block.free && gone.iter().any(stands)
    };
    if let Some(part) = parts.iter().find(|part| part.blocks.iter().any(left)) {
        return Err(Error::Rule(format!(
            "In “{}” words stand that are taken out elsewhere. Name them under “Take out other words”, or decide on them the same way everywhere.",
            part.heading
        )));
    }
    Ok(parts)
}
