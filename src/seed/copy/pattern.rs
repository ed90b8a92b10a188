//! Texts with holes: what is another one in each copy is found once and filled in quickly many times. Must not
//! know where the texts come from.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

/// What is another one in each copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slot {
    /// An id, and when it was made.
    Id(DateTime<Utc>),
    Day(NaiveDate),
    /// The reference of the case.
    Case,
    /// The reference of a notification, which begins so.
    Notification(String),
    Forenames,
    Surname,
    Mother,
    Father,
    NhsNumber,
    Street,
    Postcode,
}

/// A piece of a text: words, or the place of a slot.
#[derive(Debug, Clone)]
enum Piece {
    Words(String),
    Hole(usize),
}

/// A text with holes.
#[derive(Debug, Clone)]
pub struct Pattern(Vec<Piece>);

/// Every slot with the words that stand for it in the first of its kind.
#[derive(Debug, Clone, Default)]
pub struct Slots(Vec<(String, Slot)>);

impl Slots {
    pub fn add(&mut self, words: &str, slot: Slot) {
        if !words.is_empty() && self.0.iter().all(|(held, _)| held != words) {
            self.0.push((words.to_owned(), slot));
        }
    }

    /// Adds every ISO date of a text.
    pub fn add_days(&mut self, text: &str) {
        for (at, _) in text.match_indices('-') {
            let Some(start) = at.checked_sub(4) else {
                continue;
            };
            let Some(words) = text.get(start..start + 10) else {
                continue;
            };
            let stands_alone = !text
                .get(..start)
                .is_some_and(|before| before.ends_with(|c: char| c.is_ascii_alphanumeric()));
            if let (true, Ok(day)) = (stands_alone, words.parse::<NaiveDate>()) {
                self.add(words, Slot::Day(day));
            }
        }
    }

    /// Finds the holes of a text.
    pub fn cut(&self, text: &str) -> Pattern {
        let mut pieces = vec![Piece::Words(text.to_owned())];
        for (place, (words, _)) in self.0.iter().enumerate() {
            if text.contains(words.as_str()) {
                pieces = pieces
                    .into_iter()
                    .flat_map(|piece| split(piece, words, place))
                    .collect();
            }
        }
        Pattern(pieces)
    }

    /// What fills each hole in one copy.
    pub fn values(&self, mut value: impl FnMut(&Slot) -> String) -> Values {
        let filled: Vec<String> = self.0.iter().map(|(_, slot)| value(slot)).collect();
        let by_words = self
            .0
            .iter()
            .zip(&filled)
            .filter(|((_, slot), _)| !matches!(slot, Slot::Day(_)))
            .map(|((words, _), value)| (words.clone(), value.clone()))
            .collect();
        Values { filled, by_words }
    }
}

fn split(piece: Piece, words: &str, place: usize) -> Vec<Piece> {
    let Piece::Words(text) = piece else {
        return vec![piece];
    };
    let mut pieces = Vec::new();
    for (n, part) in text.split(words).enumerate() {
        if n > 0 {
            pieces.push(Piece::Hole(place));
        }
        if !part.is_empty() {
            pieces.push(Piece::Words(part.to_owned()));
        }
    }
    pieces
}

/// What fills the holes of one copy.
#[derive(Debug)]
pub struct Values {
    filled: Vec<String>,
    by_words: BTreeMap<String, String>,
}

impl Values {
    /// What stands for these words; the words themselves where nothing does.
    pub fn of(&self, words: &str) -> String {
        let plain = |words: &str| {
            let found = self.by_words.get(words);
            found.map_or_else(|| words.to_owned(), Clone::clone)
        };
        match words.split_once(':') {
            Some((kind, id)) => format!("{kind}:{}", plain(id)),
            None => plain(words),
        }
    }

    /// The text of one copy.
    pub fn fill(&self, pattern: &Pattern) -> String {
        pattern
            .0
            .iter()
            .map(|piece| match piece {
                Piece::Words(words) => words.as_str(),
                Piece::Hole(place) => self.filled.get(*place).map_or("", String::as_str),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_found_and_filled() {
        let text =
            r#"{"a":"2026-03-27T14:05","b":"Testa Sampleton, 9990000018","c":"12026-03-27"}"#;
        let mut slots = Slots::default();
        slots.add("9990000018", Slot::NhsNumber);
        slots.add("Sampleton", Slot::Surname);
        slots.add_days(text);
        let pattern = slots.cut(text);
        let values = slots.values(|slot| match slot {
            Slot::Day(day) => (*day - chrono::Duration::weeks(1)).to_string(),
            Slot::Surname => "Mockford".into(),
            _ => "9990000026".into(),
        });
        let filled = values.fill(&pattern);
        assert!(filled.contains(r#""a":"2026-03-20T14:05","b":"Testa Mockford, 9990000026""#));
        assert_eq!(values.of("link:9990000018"), "link:9990000026");
        assert_eq!(values.of("job:mail"), "job:mail");
    }
}
