//! A text cut into words, each with where it stands and what it looks like.

use crate::domain::duplicate::fold;

/// One word of a text, without a possessive ending.
pub(super) struct Word<'t> {
    pub start: usize,
    pub end: usize,
    pub text: &'t str,
    /// Small, without accents and apostrophes.
    pub folded: String,
    /// One capital and then small letters.
    pub capital: bool,
    /// Begins a sentence or a line.
    pub begins: bool,
}

pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut all: Vec<Word<'_>> = Vec::new();
    let mut last_end = 0;
    let mut start = None;
    let ends = text.char_indices().chain([(text.len(), ' ')]);
    for (at, c) in ends {
        let inside = c.is_alphanumeric()
            // Accents that follow their letter.
            || (matches!(c, '\u{300}'..='\u{36f}') && start.is_some())
            || (is_apostrophe(c)
                && start.is_some()
                && text
                    .get(at..)
                    .is_some_and(|rest| rest.chars().nth(1).is_some_and(char::is_alphanumeric)));
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                start = None;
                let between = text.get(last_end..from).unwrap_or_default();
                let initial = all.last().is_some_and(|word| is_initial(word.text));
                let dot = between.contains('.') && !(initial && between.trim() == ".");
                let begins = all.is_empty() || dot || between.contains(['!', '?', '\n', ':', '•']);
                if let Some(word) = word(text, from, at, begins) {
                    last_end = word.end;
                    all.push(word);
                }
            }
            _ => {}
        }
    }
    all
}

/// "R." before a family name ends no sentence.
fn is_initial(word: &str) -> bool {
    word.chars().count() == 1 && word.chars().all(char::is_uppercase)
}

const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

fn word(text: &str, start: usize, end: usize, begins: bool) -> Option<Word<'_>> {
    let whole = text.get(start..end)?;
    let cut = ["'s", "’s", "'S", "’S"]
        .iter()
        .find_map(|ending| whole.strip_suffix(ending))
        .filter(|bare| !bare.is_empty())
        .unwrap_or(whole);
    let mut letters = cut.chars();
    let first = letters.next().is_some_and(char::is_uppercase);
    let rest = letters.as_str();
    Some(Word {
        start,
        end: start + cut.len(),
        text: cut,
        folded: fold(cut).replace(' ', ""),
        // O'Brien and McKay have a second capital.
        capital: first && rest.chars().any(char::is_lowercase),
        begins,
    })
}
