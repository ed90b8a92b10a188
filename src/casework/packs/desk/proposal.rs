//! What is proposed to be taken out of an account, where it stands, and whether it is decided. Must not change a pack.

use std::collections::BTreeMap;

use super::Decisions;
use crate::casework::naming::known;
use crate::casework::secrets::digest;
use crate::casework::{Context, Outcome};
use crate::domain::account::{Block, Part};
use crate::domain::redaction::{Finding, Known, What, find};
use crate::store::Conn;
use crate::store::cases::Case;

/// How much of the text is shown on either side of a proposal, in characters.
const AROUND: usize = 60;
/// Places that are shown of one proposal.
const SHOWN: usize = 40;

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
    pub(super) mark: String,
    /// None: not decided yet.
    pub cut: Option<bool>,
}

/// What is known of the case, with what a person named and the names that were taken out: each word of a name that was
/// taken out in one place is looked for in all.
pub(in crate::casework::packs) fn known_with(
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

/// What is found in one paragraph.
pub(in crate::casework::packs) fn found(
    ctx: &Context,
    known: &Known,
    case: &Case,
    block: &Block,
) -> Vec<Finding> {
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
pub(in crate::casework::packs) type FoundIn = BTreeMap<String, Vec<Finding>>;

/// Everything that is found in an account.
pub(in crate::casework::packs) fn found_in(
    ctx: &Context,
    known: &Known,
    case: &Case,
    parts: &[Part],
) -> FoundIn {
    parts
        .iter()
        .flat_map(|part| &part.blocks)
        .map(|block| (block.key.clone(), found(ctx, known, case, block)))
        .collect()
}

/// Every proposal once, the surest reason first, with whether it is decided.
pub(in crate::casework::packs) fn proposals(
    parts: &[Part],
    found: &FoundIn,
    decisions: &Decisions,
) -> Vec<Proposal> {
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
pub(in crate::casework::packs) fn cuts(all: &[Proposal]) -> BTreeMap<&str, Option<bool>> {
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
