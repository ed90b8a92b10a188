//! The desk at which a pack is made: written from its sources, then each proposal decided on, words added by hand, and notes
//! before what may distress. Whatever is changed takes the signatures back. Must not know how a document is unpacked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rarity::{Rarity, rarity};
use super::sign::{Stand, stand_of};
use super::{json, kept, reach, read, save, sources};
use crate::casework::documents::{self, Opened};
use crate::casework::naming::known;
use crate::casework::people::problem;
use crate::casework::secrets::digest;
use crate::casework::{Context, Error, Outcome, record};
use crate::domain::account::{Block, Part};
use crate::domain::code::coded;
use crate::domain::event::Event;
use crate::domain::panel::ItemState;
use crate::domain::permission::Verb;
use crate::domain::redaction::{Finding, Known, What, find};
use crate::store::cases::Case;
use crate::store::meetings::Meeting;
use crate::store::packs::{self as store, Pack, Released};
use crate::store::panels::Item;
use crate::store::{Conn, Tx};

/// How much of the text is shown on either side of a proposal, in characters.
const AROUND: usize = 60;
/// Places that are shown of one proposal.
const SHOWN: usize = 40;
const LONGEST_NOTE: usize = 300;
const LONGEST_WORDS: usize = 200;

/// What people decided about a pack.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Decisions {
    /// By the key of the words.
    pub(super) said: BTreeMap<String, Said>,
    /// Words that a person named, wherever they stand.
    pub(super) added: Vec<String>,
    /// Notes before a part, by its code; an empty one was taken away.
    pub(super) notes: BTreeMap<String, String>,
    /// Names that were taken out, with what stands instead.
    #[serde(default)]
    pub(super) names: BTreeMap<String, String>,
    /// What was done about a child who could be told by age, place and cause together.
    pub(super) rarity: Option<String>,
    /// What it was written about.
    #[serde(default)]
    pub(super) rarity_of: Option<Rarity>,
}

/// One decision. Words that are left are asked about anew when they stand anywhere else.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Said {
    pub cut: bool,
    /// A mark of the places where they stood.
    pub places: String,
}

/// Words that are proposed to be taken out, wherever they stand.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub key: String,
    pub what: What,
    pub surface: String,
    pub becomes: String,
    pub count: usize,
    /// Text before, and text after, where they stand.
    pub places: Vec<(String, String)>,
    /// A mark of all of them.
    mark: String,
    /// None: not decided yet.
    pub cut: Option<bool>,
}

/// The words of a document that a person chose.
#[derive(Clone, Debug)]
pub struct Paper {
    pub id: String,
    pub number: i32,
    pub text: String,
    /// A note stands before it on the case.
    pub distressing: bool,
}

/// A document of the case.
pub struct Chosen {
    pub document: Opened,
    pub chosen: bool,
}

coded! {
    /// How a piece of the account stands.
    pub enum How {
        Plain = "plain", "As it is";
        Open = "open", "Not decided yet";
        Cut = "cut", "Taken out";
        Left = "left", "Left";
    }
}

/// Everything on the desk.
pub struct Desk {
    /// Each paragraph in pieces, by its key.
    pieces: BTreeMap<String, Vec<(String, How)>>,
    pub row: Meeting,
    pub item: Item,
    pub case: Case,
    pub pack: Option<Pack>,
    pub parts: Vec<Part>,
    pub proposals: Vec<Proposal>,
    pub added: Vec<String>,
    pub documents: Vec<Chosen>,
    pub stand: Stand,
    pub rarity: Option<Rarity>,
    /// What was written about the rarity.
    pub about_rarity: Option<String>,
    pub released: Option<Released>,
}

impl Desk {
    /// A paragraph as members will read it, with what is not decided yet.
    pub fn pieces(&self, key: &str) -> &[(String, How)] {
        self.pieces.get(key).map_or(&[], Vec::as_slice)
    }
}

/// What the page of the desk needs.
pub fn desk(conn: &mut Conn, ctx: &Context, at: (&str, &str)) -> Outcome<Desk> {
    let (row, item, case) = reach(conn, ctx, at, Verb::SignPack)?;
    let pack = store::of_item(conn, &item.id)?;
    let chosen: Vec<String> = match &pack {
        Some(pack) => read(&pack.documents)?,
        None => Vec::new(),
    };
    let mut desk = Desk {
        stand: stand_of(conn, ctx, &case, pack.as_ref())?,
        documents: documents::list(conn, ctx, &case)?
            .into_iter()
            .filter(|one| one.row.state == "ready")
            .map(|document| Chosen {
                chosen: chosen.contains(&document.row.id),
                document,
            })
            .collect(),
        released: store::last_of(conn, &item.id)?,
        rarity: rarity(conn, ctx, &case)?,
        about_rarity: None,
        parts: Vec::new(),
        proposals: Vec::new(),
        pieces: BTreeMap::new(),
        added: Vec::new(),
        row,
        item,
        case,
        pack: None,
    };
    if let Some(pack) = pack {
        let decisions: Decisions = read(&pack.decisions)?;
        desk.parts = with_notes(read(&pack.parts)?, &decisions);
        let known = known_with(conn, ctx, &desk.case, &decisions)?;
        let found = found_in(ctx, &known, &desk.case, &desk.parts);
        desk.proposals = proposals(&desk.parts, &found, &decisions);
        let cuts = cuts(&desk.proposals);
        for block in desk.parts.iter().flat_map(|part| &part.blocks) {
            let found = found.get(&block.key).map_or(&[][..], Vec::as_slice);
            let pieces = pieces(block, found, &cuts);
            desk.pieces.insert(block.key.clone(), pieces);
        }
        desk.added = decisions.added;
        desk.about_rarity = decisions
            .rarity
            .filter(|_| decisions.rarity_of == desk.rarity);
        desk.pack = Some(pack);
    }
    Ok(desk)
}

fn pieces(
    block: &Block,
    found: &[Finding],
    cuts: &BTreeMap<&str, Option<bool>>,
) -> Vec<(String, How)> {
    let mut pieces = Vec::new();
    let mut from = 0;
    let text = |a: usize, b: usize| block.text.get(a..b).unwrap_or_default().to_owned();
    for one in found {
        let surface = text(one.start, one.end);
        let cut = cuts.get(key_of(&surface).as_str()).copied().flatten();
        pieces.push((text(from, one.start), How::Plain));
        pieces.push(match cut {
            None => (surface, How::Open),
            Some(true) => (format!("[{}]", one.becomes), How::Cut),
            Some(false) => (surface, How::Left),
        });
        from = one.end;
    }
    pieces.push((text(from, block.text.len()), How::Plain));
    pieces
}

/// What is known of the case, with what a person named and the names that were taken out: each word of a name that was
/// taken out in one place is looked for in all.
pub(super) fn known_with(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    decisions: &Decisions,
) -> Outcome<Known> {
    let mut known = known(conn, ctx, case, &decisions.added)?;
    for (surface, becomes) in &decisions.names {
        known.add(&ctx.house.redaction, What::Name, surface, becomes);
    }
    Ok(known)
}

/// Keys of what is not decided yet.
pub fn undecided(conn: &mut Conn, ctx: &Context, at: (&str, &str)) -> Outcome<Vec<String>> {
    let desk = desk(conn, ctx, at)?;
    let open = desk.proposals.into_iter().filter(|one| one.cut.is_none());
    Ok(open.map(|one| one.key).collect())
}

/// The parts with the notes that people decided on, and else with those that the layout of an account gives them. That none
/// is to stand there is a decision too.
pub(super) fn with_notes(mut parts: Vec<Part>, decisions: &Decisions) -> Vec<Part> {
    for part in &mut parts {
        if let Some(note) = decisions.notes.get(&part.code) {
            part.note = Some(note.clone()).filter(|note| !note.is_empty());
        }
    }
    parts
}

/// What is found in one paragraph.
pub(super) fn found(ctx: &Context, known: &Known, case: &Case, block: &Block) -> Vec<Finding> {
    let rules = &ctx.house.redaction;
    let all = find(rules, known, &block.text, Some(case.date_of_death));
    if block.free {
        return all;
    }
    // Made of the form's own words: there only what the record knows can tell anybody.
    let sure = |one: &Finding| {
        matches!(
            one.what,
            What::Added | What::NhsNumber | What::Email | What::Postcode | What::Telephone
        )
    };
    all.into_iter().filter(sure).collect()
}

/// A key of words, whatever they are proposed for: what was decided about a name holds when the record knows it better.
pub fn key_of(surface: &str) -> String {
    digest(surface.as_bytes()).chars().take(20).collect()
}

/// What is found in each paragraph, by its key.
pub(super) type FoundIn = BTreeMap<String, Vec<Finding>>;

/// Everything that is found in an account.
pub(super) fn found_in(ctx: &Context, known: &Known, case: &Case, parts: &[Part]) -> FoundIn {
    parts
        .iter()
        .flat_map(|part| &part.blocks)
        .map(|block| (block.key.clone(), found(ctx, known, case, block)))
        .collect()
}

/// Every proposal once, the surest reason first, with whether it is decided.
pub(super) fn proposals(parts: &[Part], found: &FoundIn, decisions: &Decisions) -> Vec<Proposal> {
    let mut all: BTreeMap<String, Proposal> = BTreeMap::new();
    for block in parts.iter().flat_map(|part| &part.blocks) {
        for one in found.get(&block.key).into_iter().flatten() {
            let surface = block.text.get(one.start..one.end).unwrap_or_default();
            let entry = all.entry(surface.to_owned()).or_insert_with(|| Proposal {
                key: key_of(surface),
                what: one.what,
                surface: surface.to_owned(),
                becomes: one.becomes.clone(),
                count: 0,
                places: Vec::new(),
                mark: String::new(),
                cut: None,
            });
            if one.what < entry.what {
                entry.what = one.what;
                entry.becomes.clone_from(&one.becomes);
            }
            let (before, after) = around(&block.text, one);
            entry.count += 1;
            entry.mark = digest(format!("{}\n{before}\n{after}", entry.mark).as_bytes());
            if entry.places.len() < SHOWN {
                entry.places.push((before, after));
            }
        }
    }
    let mut all: Vec<Proposal> = all.into_values().collect();
    for one in &mut all {
        one.cut = decided(decisions, one);
    }
    all.sort_by(|a, b| (a.what, &a.surface).cmp(&(b.what, &b.surface)));
    all
}

/// What a person named is taken out; what was left stays only as long as it stands where it stood.
fn decided(decisions: &Decisions, one: &Proposal) -> Option<bool> {
    match decisions.said.get(&one.key) {
        Some(said) if said.cut || said.places == one.mark => Some(said.cut),
        _ => (one.what == What::Added).then_some(true),
    }
}

/// The decision on each key.
pub(super) fn cuts(all: &[Proposal]) -> BTreeMap<&str, Option<bool>> {
    all.iter().map(|one| (one.key.as_str(), one.cut)).collect()
}

fn around(text: &str, one: &Finding) -> (String, String) {
    let before = text.get(..one.start).unwrap_or_default();
    let after = text.get(one.end..).unwrap_or_default();
    let start = before
        .char_indices()
        .rev()
        .nth(AROUND)
        .map_or(0, |(at, _)| at);
    (
        before.get(start..).unwrap_or_default().to_owned(),
        after.chars().take(AROUND).collect(),
    )
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
        .any(|block| crate::domain::redaction::stands_in(&block.text, words));
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
