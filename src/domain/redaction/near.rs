//! Words that are nearly a name which the record knows: a letter wrong, or the same sound. Must not know whose name it is.

use strsim::damerau_levenshtein;

use super::known::{Known, Token};
use super::words::Word;
use super::{Finding, Rules, What};
use crate::domain::duplicate::sound;

/// Shorter names have too many neighbours.
const SHORTEST: usize = 4;

pub(super) fn near(rules: &Rules, known: &Known, all: &[Word<'_>]) -> Vec<Finding> {
    let names: Vec<(&str, &Token)> = known
        .tokens()
        // What is nearly an ordinary word is mostly another ordinary word.
        .filter(|(_, token)| token.length >= SHORTEST && !token.capital_only)
        .collect();
    let mut found = Vec::new();
    for word in all {
        let length = word.folded.chars().count();
        let capital = word.text.chars().next().is_some_and(char::is_uppercase);
        let ordinary = if capital && !word.begins {
            rules.is_ordinary(&word.folded)
        } else {
            rules.is_word_too(&word.folded) || rules.is_english(&word.folded)
        };
        if length < SHORTEST || ordinary || known.token_of(word).is_some() {
            continue;
        }
        let heard = sound(&word.folded);
        let like = names
            .iter()
            .find(|(name, token)| is_near(word, length, &heard, name, token));
        if let Some((_, token)) = like {
            let mut one = token.finding(word.start, word.end);
            one.what = What::Near;
            found.push(one);
        }
    }
    found
}

/// Small words must be nearer than those with a capital: most of them are no names.
fn is_near(word: &Word<'_>, length: usize, heard: &str, name: &str, token: &Token) -> bool {
    let (n, said) = (token.length, &token.heard);
    let capital = word.text.chars().next().is_some_and(char::is_uppercase);
    // The name written within a longer word, as in a file name or a login.
    if n > SHORTEST && word.folded.contains(name) {
        return true;
    }
    if length.abs_diff(n) > 2 {
        return false;
    }
    let wrong = damerau_levenshtein(&word.folded, name);
    let most = match (n, capital) {
        (..5, true) | (5..8, _) => 1,
        (8.., _) => 2,
        _ => 0,
    };
    let sounds = capital && n > SHORTEST && !heard.is_empty() && heard == said && wrong <= 3;
    wrong <= most || sounds
}
