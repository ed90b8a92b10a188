//! What in a text could tell who somebody is: names that the record knows, what is nearly one, initials, places, numbers and
//! days, each proposed with the words that take its place. A person decides on each. What was taken out is gone, not
//! covered. Must not know where a text comes from, nor what anybody decided.

mod days;
mod known;
mod near;
mod rules;
#[cfg(test)]
mod tests;
mod words;

pub use days::{offset, part_of_day};
pub use known::Known;
pub use rules::{Becomes, Files, Rules};

use std::collections::BTreeSet;

use super::code::coded;
use chrono::NaiveDate;
use words::{Word, words};

coded! {
    /// Why words are proposed, the surest reason first.
    pub enum What {
        Added = "added", "Named by a person";
        NhsNumber = "nhs_number", "NHS number";
        Email = "email", "E-mail address";
        Telephone = "telephone", "Telephone number";
        Postcode = "postcode", "Postcode";
        Reference = "reference", "Reference or number";
        Date = "date", "Date";
        Time = "time", "Time of day";
        Age = "age", "Age";
        Name = "name", "Name in the record";
        Place = "place", "Place or organisation in the record";
        Address = "address", "Address";
        Near = "near", "Nearly a name in the record";
        Titled = "titled", "Title with a name";
        Institution = "institution", "School, hospital or other institution";
        Initials = "initials", "Initials";
        Perhaps = "perhaps", "Perhaps a name";
    }
}

/// Words that are proposed to be taken out, at bytes of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub start: usize,
    pub end: usize,
    pub what: What,
    /// What stands there instead.
    pub becomes: String,
}

/// Everything that is proposed for one text, in order and without overlap. Days are told from the day of the death.
pub fn find(rules: &Rules, known: &Known, text: &str, died: Option<NaiveDate>) -> Vec<Finding> {
    let all = words(text);
    let mut found = rules.patterns(text, died);
    found.extend(known.exact(text, &all));
    found.extend(known.numbers(text));
    found.extend(near::near(rules, known, &all));
    found.extend(known.initials(text, &all));
    found.extend(perhaps(rules, &all));
    merged(text, found)
}

/// Why a text could tell whose death it is about: only by what is known, not by what any text may hold. Of an address two
/// words that stand together do, one alone does not: a street, but not a town.
pub fn gives_away(rules: &Rules, known: &Known, text: &str) -> BTreeSet<What> {
    let all = words(text);
    let exact = known.exact(text, &all).into_iter();
    let found = exact.chain(known.numbers(text));
    let mut told: BTreeSet<What> = found
        .chain(near::near(rules, known, &all))
        .map(|one| one.what)
        .filter(|what| !matches!(what, What::Address | What::Name))
        .collect();
    if known.has_name(&all) {
        told.insert(What::Name);
    }
    if known.has_street(rules, &all) {
        told.insert(What::Address);
    }
    if known.has_postcode(&all) {
        told.insert(What::Postcode);
    }
    told
}

/// The same of the name of a place: there a word that is no more than an ordinary one names nobody by itself, such as a hall
/// or a park, although somebody is called so.
pub fn place_gives_away(rules: &Rules, known: &Known, text: &str) -> bool {
    let mut told = gives_away(rules, known, text);
    told.remove(&What::Name);
    !told.is_empty() || known.names_somebody(&words(text))
}

/// Words with a capital that no list of ordinary words explains, wherever they stand, and given names in any letters.
fn perhaps<'w>(rules: &'w Rules, all: &'w [Word<'w>]) -> impl Iterator<Item = Finding> + 'w {
    let may = |word: &&Word<'_>| {
        let long = word.folded.chars().count();
        if long < 2 || rules.is_ordinary(&word.folded) || rules.is_role(&word.folded) {
            return false;
        }
        let english = rules.is_english(&word.folded);
        let given = rules.is_given_name(&word.folded);
        if word.capital {
            return !english || given || !word.begins;
        }
        // Capitals throughout are a name or letters that stand for words; those are short.
        let capitals = long > 4
            && word
                .text
                .chars()
                .all(|c| !c.is_lowercase() && !c.is_numeric());
        (given && !rules.is_word_too(&word.folded) && !english) || (capitals && !english)
    };
    all.iter().filter(may).map(|word| Finding {
        start: word.start,
        end: word.end,
        what: What::Perhaps,
        becomes: "a name".to_owned(),
    })
}

/// Overlapping proposals become one, and so do parts of a name with nothing but a space or a hyphen between.
fn merged(text: &str, mut found: Vec<Finding>) -> Vec<Finding> {
    found.sort_by_key(|one| (one.start, one.what, usize::MAX - one.end));
    let mut all: Vec<Finding> = Vec::new();
    for next in found {
        match all.last_mut() {
            Some(last) if next.start < last.end || runs_on(text, last, &next) => {
                // Part of a longer number is no number of its own.
                if last.what <= What::Date && next.start > last.start && next.end <= last.end {
                    continue;
                }
                last.end = last.end.max(next.end);
                if next.what < last.what {
                    last.what = next.what;
                    last.becomes = next.becomes;
                } else if next.what == last.what && next.becomes != last.becomes {
                    last.becomes = both(next.what, &last.becomes, &next.becomes);
                }
            }
            _ => all.push(next),
        }
    }
    all
}

/// Whether the second goes on where the first ended, as a family name does after a given name.
fn runs_on(text: &str, first: &Finding, next: &Finding) -> bool {
    use What::{Address, Initials, Institution, Name, Near, Perhaps, Place, Titled};
    let name = |what| matches!(what, Name | Near | Titled | Initials | Perhaps);
    let place = |what| matches!(what, Place | Address | Institution);
    let alike = name(first.what) && name(next.what) || place(first.what) && place(next.what);
    let between = text.get(first.end..next.start).unwrap_or("x");
    alike && matches!(between, " " | "-" | "\u{a0}" | "’" | "'")
}

/// Whose it is, where two say it differently: a name that two people have is neither's, and of a place what the record
/// says of it goes before what its form says.
fn both(what: What, one: &str, other: &str) -> String {
    match (one, other) {
        ("a name" | "a person", known) | (known, "a name" | "a person") => known.to_owned(),
        _ if what == What::Name => "a member of the family or a professional".to_owned(),
        _ if one.starts_with('a') && other.starts_with("the ") => other.to_owned(),
        _ => one.to_owned(),
    }
}

/// The text without what was found: in its place stand other words, in square brackets.
pub fn without(text: &str, cuts: &[Finding]) -> String {
    let mut left = String::with_capacity(text.len());
    let mut from = 0;
    for cut in cuts {
        left.push_str(text.get(from..cut.start).unwrap_or_default());
        left.push('[');
        left.push_str(&cut.becomes);
        left.push(']');
        from = cut.end;
    }
    left.push_str(text.get(from..).unwrap_or_default());
    left
}

/// Whether the words stand in a text, in whatever case and spacing.
pub fn stands_in(text: &str, surface: &str) -> bool {
    let of =
        |words: Vec<Word<'_>>| -> Vec<String> { words.into_iter().map(|w| w.folded).collect() };
    let (needle, hay) = (of(words(surface)), of(words(text)));
    !needle.is_empty() && hay.windows(needle.len()).any(|part| part == needle)
}

/// Whether any of these stands in a text written in the same way: "Will" does not stand in "it will be".
pub fn stand_in(text: &str, surfaces: &BTreeSet<String>) -> bool {
    let hay: Vec<&str> = words(text).into_iter().map(|word| word.text).collect();
    let longest = surfaces
        .iter()
        .map(|one| words(one).len())
        .max()
        .unwrap_or(0);
    let needles: BTreeSet<Vec<&str>> = surfaces
        .iter()
        .map(|one| words(one).into_iter().map(|word| word.text).collect())
        .filter(|needle: &Vec<&str>| !needle.is_empty())
        .collect();
    (1..=longest).any(|length| hay.windows(length).any(|part| needles.contains(part)))
}
