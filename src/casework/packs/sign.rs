//! Two people sign a pack, and the second signature releases it: the paper that members read is written then, without what
//! was taken out. A change of what it was made from voids both signatures. Must not know what a reader does with it.

use std::collections::{BTreeMap, BTreeSet};

use super::desk::{Decisions, cuts, found_in, key_of, known_with, proposals, with_notes};
use super::rarity::rarity;
use super::{json, kept, read, save, sources};
use crate::casework::{Context, Error, Outcome, record};
use crate::domain::account::{Block, Part};
use crate::domain::event::Event;
use crate::domain::panel::ItemState;
use crate::domain::permission::Verb;
use crate::domain::redaction::{What, find, stand_in, without};
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

/// Whether everything that a pack was made from is as it was.
pub(super) fn is_true(conn: &mut Conn, ctx: &Context, case: &Case, pack: &Pack) -> Outcome<bool> {
    let (chosen, written): (Vec<String>, Vec<Part>) = (read(&pack.documents)?, read(&pack.parts)?);
    let now = sources::now(conn, ctx, case, &written)?;
    Ok(sources::mark(conn, ctx, case, (&now, &chosen))? == pack.made_from)
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
    let same = is_true(conn, ctx, case, pack)?;
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
    let mut against = Vec::new();
    if !is_true(conn, ctx, case, pack)? {
        against.push("A source changed since the account was written. Write it anew.".to_owned());
    }
    match paper(conn, ctx, case, pack) {
        Ok(_) => {}
        Err(Error::Rule(words)) => against.push(words),
        Err(other) => return Err(other),
    }
    let decisions: Decisions = read(&pack.decisions)?;
    let rare = rarity(conn, ctx, case)?;
    if rare.is_some() && (decisions.rarity.is_none() || decisions.rarity_of != rare) {
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

/// The parts without what was taken out, if everything is decided. What was taken out in one place and stands in another
/// stops it, and so does a note that tells who somebody is.
fn paper(conn: &mut Conn, ctx: &Context, case: &Case, pack: &Pack) -> Outcome<Vec<Part>> {
    let decisions: Decisions = read(&pack.decisions)?;
    let mut parts = with_notes(read(&pack.parts)?, &decisions);
    let known = known_with(conn, ctx, case, &decisions)?;
    let found = found_in(ctx, &known, case, &parts);
    let all = proposals(&parts, &found, &decisions);
    let open = all.iter().filter(|one| one.cut.is_none()).count();
    if open > 0 {
        let words = if open == 1 {
            "proposal is"
        } else {
            "proposals are"
        };
        return Err(Error::Rule(format!("{open} {words} not decided yet.")));
    }
    let rules = &ctx.house.redaction;
    let tells = |note: &String| {
        let found = find(rules, &known, note, None);
        found.iter().any(|one| one.what != What::Perhaps)
    };
    if let Some(part) = parts
        .iter()
        .find(|part| part.note.as_ref().is_some_and(tells))
    {
        let heading = &part.heading;
        return Err(Error::Rule(format!(
            "The note before “{heading}” could tell who somebody is. Word it otherwise."
        )));
    }
    let cuts: BTreeMap<&str, Option<bool>> = cuts(&all);
    let mut gone: BTreeSet<String> = BTreeSet::new();
    for block in parts.iter_mut().flat_map(|part| &mut part.blocks) {
        let mut out = found.get(&block.key).cloned().unwrap_or_default();
        out.retain(|one| {
            let surface = block.text.get(one.start..one.end).unwrap_or_default();
            let cut = cuts.get(key_of(surface).as_str()) == Some(&Some(true));
            if cut && is_name(one.what) {
                gone.insert(surface.to_owned());
            }
            cut
        });
        block.text = without(&block.text, &out);
    }
    // What the form says in its own words tells nobody.
    let left = |block: &Block| block.free && stand_in(&block.text, &gone);
    if let Some(part) = parts.iter().find(|part| part.blocks.iter().any(left)) {
        return Err(Error::Rule(format!(
            "In “{}” words stand that are taken out elsewhere. Name them under “Take out other words”, or decide on them the same way everywhere.",
            part.heading
        )));
    }
    Ok(parts)
}

const fn is_name(what: What) -> bool {
    matches!(
        what,
        What::Added | What::Name | What::Near | What::Titled | What::Perhaps
    )
}
