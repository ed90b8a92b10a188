//! The family's part of a case: each parent or carer for themselves, others affected, their questions, every contact, and
//! the key worker. What is asked of each stands in [`fields`]; here are the states that are counted, the one table of a
//! question's moves, and what one parent must not learn of another. Must not know where anything is kept.
//!
//! | from | to |
//! |---|---|
//! | asked | review_meeting, panel, answered, explained |
//! | review_meeting | panel, answered, explained |
//! | panel | review_meeting, answered, explained |
//! | answered | told, panel, explained |
//! | told | answered |
//! | explained | asked, review_meeting, panel, answered |

mod check;
mod field;
pub mod quiet;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

pub use check::{Around, problems, state_of};
pub use field::{Field, Kind, fields, masked};

use super::code::coded;
use super::duplicate::fold;

/// What was said on one line, by the names of its fields. Days stand as `2026-03-27`; what was left empty is not there.
pub type Said = BTreeMap<String, String>;

coded! {
    /// The parts of it. The codes stand in addresses.
    pub enum Part {
        People = "people", "A parent or carer";
        Others = "others", "Somebody else affected";
        Questions = "questions", "A question of the family";
        Contacts = "contacts", "A contact with the family";
        KeyWorker = "key-worker", "The key worker";
    }
}

/// The state of a parent or carer to whom the leaflet was offered.
pub const LEAFLET_OFFERED: &str = "leaflet";

impl Part {
    /// Whether a line of it can be changed: a contact that was logged stays as it was.
    pub const fn can_change(self) -> bool {
        !matches!(self, Self::Contacts)
    }
}

coded! {
    /// Whether somebody else affected is safe. `Unanswered` and `NotKnown` stay owed.
    pub enum Safe {
        Unanswered = "unanswered", "Not answered yet";
        Yes = "yes", "Yes";
        Referred = "referred", "No: referred";
        NotKnown = "not_known", "Not known";
    }
}

coded! {
    /// How far a question of the family is.
    pub enum Asked {
        Asked = "asked", "Asked";
        Meeting = "review_meeting", "Carried to the review meeting";
        Panel = "panel", "Carried to the panel";
        Answered = "answered", "Answered";
        Told = "told", "The family was told";
        Explained = "explained", "Stays open, with a reason";
    }
}

/// The table of a question's moves.
#[rustfmt::skip]
const MOVES: &[(Asked, &[Asked])] = &[
    (Asked::Asked, &[Asked::Meeting, Asked::Panel, Asked::Answered, Asked::Explained]),
    (Asked::Meeting, &[Asked::Panel, Asked::Answered, Asked::Explained]),
    (Asked::Panel, &[Asked::Meeting, Asked::Answered, Asked::Explained]),
    (Asked::Answered, &[Asked::Told, Asked::Panel, Asked::Explained]),
    (Asked::Told, &[Asked::Answered]),
    (Asked::Explained, &[Asked::Asked, Asked::Meeting, Asked::Panel, Asked::Answered]),
];

impl Asked {
    /// Where it may go from here, itself left out.
    pub fn next(self) -> &'static [Self] {
        let found = MOVES.iter().find(|(from, _)| *from == self);
        found.map_or(&[], |(_, to)| to)
    }

    /// Nobody owes the family anything about it any more.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Told | Self::Explained)
    }
}

/// What of a family is counted for what is owed next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    pub key_worker: bool,
    pub leaflet: bool,
    /// Of them, those of whom nobody knows whether they are safe.
    pub unsafe_or_unknown: usize,
    pub asked: usize,
    /// Carried to the review meeting or the panel.
    pub carried: usize,
    /// Answered, and the family does not know.
    pub answered: usize,
}

impl Counted {
    /// From parts and states.
    pub fn of<'a>(lines: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut counted = Self::default();
        for (part, state) in lines {
            match part.parse() {
                Ok(Part::KeyWorker) => counted.key_worker |= !is_over(state),
                Ok(Part::People) => counted.leaflet |= state == LEAFLET_OFFERED,
                Ok(Part::Others) => {
                    let known = matches!(state.parse(), Ok(Safe::Yes | Safe::Referred));
                    counted.unsafe_or_unknown += usize::from(!known);
                }
                Ok(Part::Questions) => match state.parse() {
                    Ok(Asked::Asked) => counted.asked += 1,
                    Ok(Asked::Meeting | Asked::Panel) => counted.carried += 1,
                    Ok(Asked::Answered) => counted.answered += 1,
                    _ => {}
                },
                _ => {}
            }
        }
        counted
    }

    /// Questions about which the family is still owed something: with one of these a case is not closed.
    pub const fn open_questions(&self) -> usize {
        self.asked + self.carried + self.answered
    }

    /// Those of whom it must still be found out whether they are safe, when the notification names `unrecorded` others of
    /// whom there is no line.
    pub const fn to_find_out(&self, unrecorded: usize) -> usize {
        self.unsafe_or_unknown + unrecorded
    }
}

/// Whether the state of a key worker's line says that they are not the family's key worker, or not any more.
pub fn is_over(state: &str) -> bool {
    matches!(state, "ended" | "declined")
}

/// The other children whom a record names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Others {
    named: BTreeSet<String>,
    /// Rows without a name.
    unnamed: usize,
}

impl Others {
    /// Those of one place. A child whom another names too is one child; of those without a name, whoever names
    /// most of them is believed.
    pub fn add(&mut self, names: Vec<String>) {
        let (known, nameless): (Vec<String>, Vec<String>) = names
            .into_iter()
            .map(|name| fold(&name))
            .partition(|name| !name.is_empty());
        self.named.extend(known);
        self.unnamed = self.unnamed.max(nameless.len());
    }

    /// How many of them none of these lines is about. A line is about the child whose name it has, in full or in part; one
    /// about nobody who was named stands for somebody without a name.
    pub fn unrecorded(&self, lines: &[String]) -> usize {
        let mut left: Vec<String> = lines.iter().map(|line| fold(line)).collect();
        let mut missing = 0;
        for name in &self.named {
            match left.iter().position(|line| within(line, name)) {
                Some(place) => drop(left.swap_remove(place)),
                None => missing += 1,
            }
        }
        missing + self.unnamed.saturating_sub(left.len())
    }
}

/// Whether a line with this name is about the child of that name: one of the two has every word of the other.
pub fn is_about(line: &str, name: &str) -> bool {
    within(&fold(line), &fold(name))
}

/// The same of folded names.
fn within(line: &str, name: &str) -> bool {
    let has_all = |a: &str, b: &str| {
        let words: BTreeSet<&str> = b.split(' ').collect();
        !a.is_empty() && a.split(' ').all(|word| words.contains(word))
    };
    has_all(line, name) || has_all(name, line)
}

/// Whether a day is one on which this parent or carer is not to be called.
pub fn is_quiet(said: &Said, day: NaiveDate) -> bool {
    let list = said.get("quiet_dates").map_or("", String::as_str);
    let all = quiet::read(list).unwrap_or_default();
    all.iter().any(|quiet| quiet.holds(day))
}

/// What one parent may be told of another: everything but where and how the other can be reached, when the other's
/// is kept apart.
pub fn for_addressee(other: &Said) -> Said {
    let mut told = other.clone();
    if is_kept_apart(other) {
        for name in ["address", "telephone", "email", "apart"] {
            told.remove(name);
        }
    }
    told
}

/// The other parent must not learn where this one is.
pub fn is_kept_apart(person: &Said) -> bool {
    person.get("apart").is_some_and(|code| code == "yes")
}
