//! The desk at which a pack is made: written from its sources, then each proposal decided on, words added by hand, and notes
//! before what may distress. Whatever is changed takes the signatures back. Must not know how a document is unpacked.

mod change;
mod proposal;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rarity::{Rarity, rarity};
use super::sign::{Stand, stand_of};
use super::{reach, read};
use crate::casework::documents::{self, Opened};
use crate::casework::{Context, Outcome};
use crate::domain::account::{Block, Part};
use crate::domain::code::coded;
use crate::domain::permission::Verb;
use crate::domain::redaction::Finding;
use crate::store::Conn;
use crate::store::cases::Case;
use crate::store::meetings::Meeting;
use crate::store::packs::{self as store, Pack, Released};
use crate::store::panels::Item;

pub use change::{Paper, add_words, build, decide, put_note};
pub use proposal::{Proposal, key_of};
pub(super) use proposal::{cuts, found, found_in, known_with, proposals};

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
