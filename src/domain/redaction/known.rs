//! The words that the record of one case knows to tell who somebody is. Must not know where in the record they stood.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{Word, words};
use super::{Finding, Rules, What};
use crate::domain::duplicate::sound;

/// Words before and within names that are no name by themselves.
const BESIDE_NAMES: [&str; 24] = [
    "dr",
    "doctor",
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "prof",
    "professor",
    "sister",
    "pc",
    "dc",
    "ds",
    "di",
    "sgt",
    "rev",
    "sir",
    "lady",
    "de",
    "van",
    "von",
    "al",
    "el",
    "bin",
];

/// One word with what it is part of.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub what: What,
    /// Whose it is; a family name is several people's.
    pub becomes: BTreeSet<String>,
    /// How it sounds, and how long it is.
    pub heard: String,
    pub length: usize,
    /// Counts only with a capital: it is an ordinary word too.
    pub capital_only: bool,
}

/// Everything that is known of one case.
#[derive(Debug, Clone, Default)]
pub struct Known {
    tokens: BTreeMap<String, Token>,
    phrases: Vec<(Vec<String>, What, String)>,
    /// Initials in capitals, one and more letters, with whose they are.
    initials: BTreeMap<String, BTreeSet<String>>,
}

impl Known {
    /// Adds an answer that tells who somebody is, with what is said instead.
    pub fn add(&mut self, rules: &Rules, what: What, text: &str, becomes: &str) {
        for line in text.split(['\n', ',', ';']) {
            let parts: Vec<String> = words(line).into_iter().map(|w| w.folded).collect();
            match what {
                What::Name => self.add_name(rules, &parts, becomes),
                What::Place | What::Address => self.add_place(rules, what, parts, becomes),
                _ if !parts.is_empty() => self.phrases.push((parts, what, becomes.to_owned())),
                _ => {}
            }
        }
    }

    fn add_name(&mut self, rules: &Rules, parts: &[String], becomes: &str) {
        if parts.is_empty() {
            return;
        }
        // What stands first may say what somebody is: "Dr", "Health visitor". What stands last is a name, whatever it means,
        // unless nothing else is there: "Duty nurse".
        let says_what =
            |part: &&String| BESIDE_NAMES.contains(&part.as_str()) || rules.is_role(part);
        if parts.len() > 1 && parts.iter().all(|part| says_what(&part)) {
            return;
        }
        let first = if parts.len() > 1 {
            parts.iter().take_while(says_what).count()
        } else {
            0
        };
        let own: Vec<&String> = parts.iter().skip(first.min(parts.len() - 1)).collect();
        for part in &own {
            let short = part.chars().count();
            // "of", "the": within a name they tell nobody.
            let between = short < 4 && rules.is_general(part);
            if short > 1 && !between {
                self.token(rules, part, What::Name, becomes);
            }
        }
        let letters: String = own.iter().filter_map(|part| part.chars().next()).collect();
        let letters = letters.to_uppercase();
        let count = letters.chars().count();
        if count == 0 {
            return;
        }
        let ends: String = letters
            .chars()
            .take(1)
            .chain(letters.chars().last())
            .collect();
        let reversed: String = letters.chars().rev().collect();
        let first: String = letters.chars().take(1).collect();
        for initials in [letters, ends, reversed, first] {
            self.initials
                .entry(initials)
                .or_default()
                .insert(becomes.to_owned());
        }
    }

    fn add_place(&mut self, rules: &Rules, what: What, parts: Vec<String>, becomes: &str) {
        for part in &parts {
            if part.chars().count() > 2 && !rules.is_general(part) {
                self.token(rules, part, what, becomes);
            }
        }
        // "12" alone is no address, "12 Sample" is.
        if parts.len() > 1 {
            self.phrases.push((parts, what, becomes.to_owned()));
        }
    }

    fn token(&mut self, rules: &Rules, part: &str, what: What, becomes: &str) {
        let token = self.tokens.entry(part.to_owned()).or_insert_with(|| Token {
            what,
            becomes: BTreeSet::new(),
            heard: sound(part),
            length: part.chars().count(),
            capital_only: rules.is_word_too(part)
                || rules.is_english(part)
                || rules.is_role(part)
                || BESIDE_NAMES.contains(&part),
        });
        token.what = token.what.min(what);
        token.becomes.insert(becomes.to_owned());
    }

    pub(super) fn tokens(&self) -> impl Iterator<Item = (&str, &Token)> {
        self.tokens
            .iter()
            .map(|(word, token)| (word.as_str(), token))
    }

    pub(super) fn token_of(&self, word: &Word<'_>) -> Option<&Token> {
        let found = self.tokens.get(&word.folded)?;
        let capital = word.text.chars().next().is_some_and(char::is_uppercase);
        (capital || !found.capital_only).then_some(found)
    }

    /// Words, words written together or apart, and phrases that stand in the text as they are known.
    pub(super) fn exact(&self, text: &str, all: &[Word<'_>]) -> Vec<Finding> {
        let mut found: Vec<Finding> = all
            .iter()
            .filter_map(|word| Some(self.token_of(word)?.finding(word.start, word.end)))
            .collect();
        for pair in all.windows(2) {
            let [one, two] = pair else { continue };
            let joined = format!("{}{}", one.folded, two.folded);
            let near = text
                .get(one.end..two.start)
                .is_some_and(|gap| gap.chars().count() < 3);
            if near
                && joined.chars().count() > 4
                && let Some(token) = self.tokens.get(&joined)
            {
                found.push(token.finding(one.start, two.end));
            }
        }
        for (phrase, what, becomes) in &self.phrases {
            for place in all.windows(phrase.len()) {
                let same = place.iter().zip(phrase).all(|(w, p)| w.folded == *p);
                if let (true, Some(first), Some(last)) = (same, place.first(), place.last()) {
                    found.push(Finding {
                        start: first.start,
                        end: last.end,
                        what: *what,
                        becomes: becomes.clone(),
                    });
                }
            }
        }
        found
    }

    /// Capitals that are somebody's initials: "JT", "J.T.", "J T", and a single one that is no word.
    pub(super) fn initials(&self, text: &str, all: &[Word<'_>]) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(word) = all.get(at) {
            let mut taken = 0;
            // The longest run of single capitals first.
            for length in (2..=4).rev() {
                let Some(run) = all.get(at..at + length) else {
                    continue;
                };
                let single = run.iter().all(|w| is_capital(w.text));
                let near = run.windows(2).all(|pair| {
                    let gap = pair.first().zip(pair.last());
                    gap.and_then(|(a, b)| text.get(a.end..b.start))
                        .is_some_and(|gap| matches!(gap, "." | " " | ". " | "-"))
                });
                let letters: String = run.iter().map(|w| w.text).collect();
                if single && near && self.initials.contains_key(&letters) {
                    let end = run.last().map_or(word.end, |w| w.end);
                    found.extend(self.initial(text, &letters, word.start, end));
                    taken = length;
                    break;
                }
            }
            let capitals = word.text.chars().all(char::is_uppercase);
            let is_word = matches!(word.text, "I" | "A");
            if taken == 0 && capitals && (!is_word || dot(text, word.end)) {
                found.extend(self.initial(text, word.text, word.start, word.end));
            }
            at += taken.max(1);
        }
        found
    }

    fn initial(&self, text: &str, letters: &str, start: usize, end: usize) -> Option<Finding> {
        let whose = self.initials.get(letters)?;
        Some(Finding {
            start,
            end: if dot(text, end) { end + 1 } else { end },
            what: What::Initials,
            becomes: one_of(whose),
        })
    }
}

impl Token {
    pub(super) fn finding(&self, start: usize, end: usize) -> Finding {
        Finding {
            start,
            end,
            what: self.what,
            becomes: one_of(&self.becomes),
        }
    }
}

fn one_of(whose: &BTreeSet<String>) -> String {
    match whose.len() {
        1 => whose.iter().next().cloned().unwrap_or_default(),
        _ => "a person".to_owned(),
    }
}

fn is_capital(text: &str) -> bool {
    text.chars().count() == 1 && text.chars().all(char::is_uppercase)
}

/// Whether the dot after capitals belongs to them: one that ends a sentence is followed by a space and a capital, and goes
/// too, which only joins two sentences.
fn dot(text: &str, at: usize) -> bool {
    text.get(at..).is_some_and(|rest| rest.starts_with('.'))
}
