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
    /// Numbers by their digits alone: they are written in any spacing.
    numbers: Vec<(Vec<char>, What, String)>,
    /// Initials in capitals, one and more letters, with whose they are.
    initials: BTreeMap<String, BTreeSet<String>>,
    /// With what given names and other names of one person begin, by what is said instead: a nickname is known without the
    /// family name.
    letters: BTreeMap<String, (BTreeSet<char>, BTreeSet<char>)>,
}

impl Known {
    /// Adds an answer that tells who somebody is, with what is said instead.
    pub fn add(&mut self, rules: &Rules, what: What, text: &str, becomes: &str) {
        if matches!(what, What::NhsNumber | What::Telephone | What::Reference) {
            for run in text.split(['\n', ',', ';', '/', '|']).flat_map(digit_runs) {
                let digits = national(&run);
                if digits.len() >= SHORTEST_NUMBER {
                    self.numbers.push((digits, what, becomes.to_owned()));
                }
            }
        }
        for line in text.split(['\n', ',', ';']) {
            let parts: Vec<String> = words(line).into_iter().map(|w| w.folded).collect();
            match what {
                What::Name => self.add_name(rules, &parts, becomes),
                What::Place | What::Address => {
                    self.add_postcodes(&parts);
                    self.add_place(rules, what, parts, becomes);
                }
                // Beside a number stands when to call, or whose it is.
                What::Telephone | What::NhsNumber if !parts.iter().any(|p| has_digit(p)) => {}
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
        let mut all: BTreeSet<String> = [letters.clone(), ends, reversed, first].into();
        // Of a double name people use one half, and of one person the initials of any name they are called by.
        let (given, others) = self.letters_of(&letters, becomes);
        for (given, other) in given
            .iter()
            .flat_map(|given| others.iter().map(move |other| (given, other)))
        {
            all.insert(format!("{given}{other}"));
            all.insert(format!("{other}{given}"));
        }
        for initials in all {
            self.initials
                .entry(initials)
                .or_default()
                .insert(becomes.to_owned());
        }
    }

    /// With what a person's given names begin, and with what their other names do; of words that stand for several people,
    /// such as professionals, only this name's.
    fn letters_of(&mut self, letters: &str, becomes: &str) -> (BTreeSet<char>, BTreeSet<char>) {
        let given: BTreeSet<char> = letters.chars().take(1).collect();
        let others: BTreeSet<char> = letters.chars().skip(1).collect();
        if !becomes.starts_with("the ") {
            return (given, others);
        }
        let all = self.letters.entry(becomes.to_owned()).or_default();
        all.0.extend(given);
        all.1.extend(others);
        all.clone()
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

    /// A postcode at the end of an address is one that is known.
    fn add_postcodes(&mut self, parts: &[String]) {
        for length in [1, 2] {
            for some in parts.windows(length) {
                if is_postcode(&some.concat()) {
                    let phrase = (some.to_vec(), What::Postcode, "a postcode".to_owned());
                    self.phrases.push(phrase);
                }
            }
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

    /// Numbers that are known, whatever stands between their digits, with what is dialled before them.
    pub(super) fn numbers(&self, text: &str) -> Vec<Finding> {
        let runs = digit_runs(text);
        let mut found = Vec::new();
        for (digits, what, becomes) in &self.numbers {
            for run in &runs {
                let places = run.windows(digits.len()).enumerate();
                for (at, part) in places {
                    let same = part.iter().map(|(_, digit)| digit).eq(digits);
                    let (true, Some((_, last))) = (same, part.first().zip(part.last())) else {
                        continue;
                    };
                    let before = run.get(..at).unwrap_or_default();
                    let begins = before.len() - dialled_first(before);
                    found.extend(run.get(begins).map(|(start, _)| Finding {
                        start: *start,
                        end: last.0 + 1,
                        what: *what,
                        becomes: becomes.clone(),
                    }));
                }
            }
        }
        found
    }

    /// Whether a name stands there that is no ordinary word, or two that stand together.
    pub(super) fn names_somebody(&self, all: &[Word<'_>]) -> bool {
        let is_name = |token: &&Token| token.what == What::Name;
        let named = |word: &Word<'_>| self.token_of(word).filter(is_name);
        let alone = |word: &Word<'_>| named(word).is_some_and(|token| !token.capital_only);
        let pair = |two: &[Word<'_>]| {
            let joined: String = two.iter().map(|word| word.folded.as_str()).collect();
            let token = self.tokens.get(&joined).filter(is_name);
            token.is_some_and(|token| !token.capital_only)
                || two.iter().all(|word| named(word).is_some())
        };
        all.iter().any(alone) || all.windows(2).any(pair)
    }

    /// Whether a street of an address that is known stands there, or two of its words together, one of them more than a
    /// number. A line with neither a number nor a word for a street is a town or a county.
    pub(super) fn has_street(&self, rules: &Rules, all: &[Word<'_>]) -> bool {
        let stands = |some: &[String]| {
            let same = |words: &[Word<'_>]| words.iter().zip(some).all(|(w, p)| w.folded == *p);
            all.windows(some.len()).any(same)
        };
        let tells = |pair: &[String]| {
            let is_word = |part: &String| part.chars().any(char::is_alphabetic) && part.len() > 2;
            let says_little =
                |part: &String| rules.is_general(part) && !STREETS.contains(&part.as_str());
            pair.iter().any(is_word) && !pair.iter().any(says_little)
        };
        self.phrases
            .iter()
            .filter(|(_, what, _)| *what == What::Address)
            .filter(|(parts, ..)| {
                let of_street = |part: &String| has_digit(part) || STREETS.contains(&part.as_str());
                parts.iter().any(of_street) && !is_postcode(&parts.concat())
            })
            .any(|(parts, ..)| {
                stands(parts) || parts.windows(2).any(|pair| tells(pair) && stands(pair))
            })
    }

    /// Whether a name stands there, but for an ordinary word that begins a sentence and a month beside a number.
    pub(super) fn has_name(&self, all: &[Word<'_>]) -> bool {
        let numeric = |at: Option<usize>| {
            let word = at.and_then(|at| all.get(at));
            word.is_some_and(|word| word.text.chars().all(|c| c.is_ascii_digit()))
        };
        all.iter().enumerate().any(|(at, word)| {
            let dated = MONTHS.contains(&word.folded.as_str())
                && (numeric(at.checked_sub(1)) || numeric(Some(at + 1)));
            self.token_of(word).is_some_and(|token| {
                token.what == What::Name && !(token.capital_only && (word.begins || dated))
            })
        })
    }

    /// Whether a postcode that is known stands there, with or without the space.
    pub(super) fn has_postcode(&self, all: &[Word<'_>]) -> bool {
        let of_home = self
            .phrases
            .iter()
            .filter(|(_, what, _)| *what == What::Postcode);
        let mut whole = of_home.map(|(parts, ..)| parts.concat());
        whole.any(|code| {
            let two = |pair: &[Word<'_>]| {
                pair.iter().map(|w| w.folded.as_str()).collect::<String>() == code
            };
            all.iter().any(|word| word.folded == code) || all.windows(2).any(two)
        })
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

/// Words that make a line of an address one of a street or a house.
const STREETS: [&str; 26] = [
    "street", "road", "lane", "avenue", "close", "drive", "way", "court", "gardens", "place",
    "terrace", "crescent", "grove", "hill", "row", "walk", "mews", "square", "cottage", "house",
    "farm", "flat", "view", "rise", "parade", "mead",
];
/// Months that are names too.
const MONTHS: [&str; 4] = ["april", "may", "june", "august"];

fn has_digit(part: &str) -> bool {
    part.chars().any(|c| c.is_ascii_digit())
}

/// Whether folded letters have the shape of a whole postcode without its space.
fn is_postcode(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|c| match c {
            '0'..='9' => '9',
            'a'..='z' => 'a',
            _ => '?',
        })
        .collect();
    let outward = ["a9", "a99", "aa9", "aa99", "a9a", "aa9a"];
    shape
        .strip_suffix("9aa")
        .is_some_and(|begin| outward.contains(&begin))
}

/// Fewer digits than this are in many texts by chance.
const SHORTEST_NUMBER: usize = 7;
/// The most characters that stand between two digits of one number.
const WIDEST_GAP: usize = 4;

/// What is dialled before a number from elsewhere, the longest first.
const DIALLED: [&str; 5] = ["00440", "0044", "440", "44", "0"];

/// Digits that may be one number, with where each stands: nothing but marks and spaces is between them.
fn digit_runs(text: &str) -> Vec<Vec<(usize, char)>> {
    let (mut runs, mut run, mut gap) = (Vec::new(), Vec::new(), 0);
    for (at, c) in text.char_indices() {
        if c.is_ascii_digit() {
            run.push((at, c));
            gap = 0;
            continue;
        }
        gap += 1;
        if (c.is_alphabetic() || gap > WIDEST_GAP) && !run.is_empty() {
            runs.push(std::mem::take(&mut run));
        }
    }
    runs.push(run);
    runs
}

/// A number without what is dialled before it from elsewhere: it is written with "+44", with "(0)", with "0" and without.
fn national(run: &[(usize, char)]) -> Vec<char> {
    let all: String = run.iter().map(|(_, digit)| digit).collect();
    let rest = DIALLED.iter().find_map(|begin| all.strip_prefix(begin));
    let rest = rest.filter(|rest| all.len() > 10 && rest.len() > 8);
    rest.unwrap_or(&all).chars().collect()
}

/// How many of the last digits are what is dialled first.
fn dialled_first(before: &[(usize, char)]) -> usize {
    let all: String = before.iter().map(|(_, digit)| digit).collect();
    let begin = DIALLED.iter().find(|begin| all.ends_with(**begin));
    begin.map_or(0, |begin| begin.len())
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
