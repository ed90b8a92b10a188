//! What is done at the desk: the account written anew, proposals decided on, words added by hand, notes. Whatever is changed
//! takes the signatures back.

use std::collections::BTreeMap;

use super::proposal::{found_in, known_with, proposals};
use super::{Decisions, Said};
use crate::casework::packs::rarity::rarity;
use crate::casework::packs::{json, kept, reach, read, save, sources};
use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome, record};
use crate::domain::account::Part;
use crate::domain::event::Event;
use crate::domain::panel::ItemState;
use crate::domain::permission::Verb;
use crate::domain::redaction::{What, find, stands_in};
use crate::store::Tx;
use crate::store::packs::{self as store, Pack};

const LONGEST_NOTE: usize = 300;
const LONGEST_WORDS: usize = 200;

/// The words of a document that a person chose.
#[derive(Clone, Debug)]
pub struct Paper {
    pub id: String,
    pub number: i32,
    pub text: String,
    /// A note stands before it on the case.
    pub distressing: bool,
}

/// Writes the account anew from its sources. What was decided stays decided as far as it still fits.
pub fn build(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str),
    version: Option<i32>,
    papers: &[Paper],
) -> Outcome<()> {
    let (_, item, case) = reach(tx.conn(), ctx, at, Verb::KeepPack)?;
    if item.state != ItemState::Listed.as_str() {
        let words = "This case is not on the list any more.";
        return Err(Error::Rule(words.into()));
    }
    tx.hold(&format!("pack:{}", item.id))?;
    let before = store::of_item(tx.conn(), &item.id)?;
    if before.as_ref().map(|pack| pack.version) != version {
        return Err(Error::Stale);
    }
    let chosen: Vec<String> = papers.iter().map(|paper| paper.id.clone()).collect();
    let mut parts = sources::parts(tx.conn(), ctx, &case)?;
    for paper in papers {
        parts.push(sources::document(paper.number, &paper.text));
    }
    let mut decisions: Decisions = match &before {
        Some(pack) => read(&pack.decisions)?,
        None => Decisions::default(),
    };
    for paper in papers.iter().filter(|paper| paper.distressing) {
        let words = "Whoever added this document says that reading it may distress.";
        let note = decisions.notes.entry(format!("document-{}", paper.number));
        note.or_insert_with(|| words.to_owned());
    }
    let made_from = sources::mark(tx.conn(), ctx, &case, (&parts, &chosen))?;
    if let Some(mut pack) = before {
        pack.decisions = json(&decisions)?;
        pack.documents = json(&chosen)?;
        pack.made_from = made_from;
        pack.parts = json(&parts)?;
        unsigned(&mut pack);
        save(tx, ctx, &mut pack)?;
    } else {
        let pack = Pack {
            id: ctx.new_id(),
            item_id: item.id.clone(),
            case_id: case.id.clone(),
            documents: json(&chosen)?,
            made_from,
            first_signer: None,
            first_signed_at: None,
            second_signer: None,
            second_signed_at: None,
            created_at: ctx.stamp(),
            updated_at: ctx.stamp(),
            version: 1,
            parts: json(&parts)?,
            decisions: json(&decisions)?,
        };
        store::insert(tx, &pack)?;
    }
    let event = Event::PackBuilt {
        item_id: item.id.clone(),
        documents: papers.iter().map(|paper| paper.number).collect(),
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)
}

fn unsigned(pack: &mut Pack) {
    pack.first_signer = None;
    pack.first_signed_at = None;
    pack.second_signer = None;
    pack.second_signed_at = None;
}

/// Keeps decisions: true takes the words out wherever they stand, false leaves them.
pub fn decide(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str),
    version: i32,
    said: &BTreeMap<String, bool>,
    rarity_words: Option<&str>,
) -> Outcome<()> {
    let (_, item, case, mut pack) = kept(tx, ctx, at, version, Verb::KeepPack)?;
    let parts: Vec<Part> = read(&pack.parts)?;
    let mut decisions: Decisions = read(&pack.decisions)?;
    let known = known_with(tx.conn(), ctx, &case, &decisions)?;
    let all = proposals(&parts, &found_in(ctx, &known, &case, &parts), &decisions);
    let (mut cut, mut left) = (0, 0);
    for one in &all {
        let Some(out) = said.get(&one.key) else {
            continue;
        };
        if *out {
            cut += 1;
            if matches!(
                one.what,
                What::Name | What::Near | What::Titled | What::Perhaps
            ) {
                let becomes = one.becomes.clone();
                decisions.names.insert(one.surface.clone(), becomes);
            }
        } else {
            left += 1;
            decisions.names.remove(&one.surface);
        }
        let said = Said {
            cut: *out,
            places: one.mark.clone(),
        };
        decisions.said.insert(one.key.clone(), said);
    }
    if let Some(words) = rarity_words {
        decisions.rarity = Some(words.trim().to_owned()).filter(|words| !words.is_empty());
        decisions.rarity_of = rarity(tx.conn(), ctx, &case)?;
    }
    let known = known_with(tx.conn(), ctx, &case, &decisions)?;
    let open = proposals(&parts, &found_in(ctx, &known, &case, &parts), &decisions);
    let open = open.iter().filter(|one| one.cut.is_none()).count();
    pack.decisions = json(&decisions)?;
    unsigned(&mut pack);
    save(tx, ctx, &mut pack)?;
    let event = Event::PackDecided {
        item_id: item.id.clone(),
        cut,
        left,
        open,
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)
}

/// Takes words out that nothing proposed, wherever they stand.
pub fn add_words(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str),
    version: i32,
    words: &str,
) -> Outcome<()> {
    let (_, item, case, mut pack) = kept(tx, ctx, at, version, Verb::KeepPack)?;
    let words = words.trim();
    let parts: Vec<Part> = read(&pack.parts)?;
    let there = parts
        .iter()
        .flat_map(|part| &part.blocks)
        .any(|block| stands_in(&block.text, words));
    let fault = match words.chars().count() {
        0 => Some("Enter the words to take out"),
        n if n > LONGEST_WORDS => Some("Use at most 200 characters"),
        _ if !there => Some("These words stand nowhere in the account"),
        _ => None,
    };
    if let Some(fault) = fault {
        return Err(Error::Invalid(vec![problem("words", "there", fault)]));
    }
    let mut decisions: Decisions = read(&pack.decisions)?;
    if !decisions.added.iter().any(|one| one == words) {
        decisions.added.push(words.to_owned());
    }
    pack.decisions = json(&decisions)?;
    unsigned(&mut pack);
    save(tx, ctx, &mut pack)?;
    let event = Event::PackDecided {
        item_id: item.id.clone(),
        cut: 1,
        left: 0,
        open: 0,
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)
}

/// Puts a note before a part, so that nobody meets it unprepared; an empty one takes it away.
pub fn put_note(
    tx: &mut Tx<'_>,
    ctx: &Context,
    at: (&str, &str),
    version: i32,
    part: &str,
    note: &str,
) -> Outcome<()> {
    let (_, item, case, mut pack) = kept(tx, ctx, at, version, Verb::KeepPack)?;
    let parts: Vec<Part> = read(&pack.parts)?;
    let note = note.trim();
    let mut wrong = Vec::new();
    if !parts.iter().any(|one| one.code == part) {
        wrong.push(problem("part", "there", "Choose a part of the account"));
    }
    if note.chars().count() > LONGEST_NOTE {
        wrong.push(problem("note", "length", "Use at most 300 characters"));
    }
    let known = known_with(tx.conn(), ctx, &case, &read(&pack.decisions)?)?;
    let names = find(&ctx.house.redaction, &known, note, None);
    if names.iter().any(|one| one.what != What::Perhaps) {
        let words = "The note must not say who somebody is: members read it as it stands";
        wrong.push(problem("note", "names", words));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let mut decisions: Decisions = read(&pack.decisions)?;
    decisions.notes.insert(part.to_owned(), note.to_owned());
    pack.decisions = json(&decisions)?;
    unsigned(&mut pack);
    save(tx, ctx, &mut pack)?;
    let event = Event::PackNoted {
        item_id: item.id.clone(),
    };
    record(tx, ctx, Some(&case.id), Some(&item.id), &event)
}
