//! What is owed next on a case, and when. Must not know who is to do it, nor how long a clock runs:
//! lengths come from the area's [`Clocks`].

mod beside;
mod facts;
mod gathering;
mod review;
#[cfg(test)]
mod tests;

use chrono::NaiveDateTime;

use crate::domain::clock::Clocks;

pub use facts::{CaseFacts, ProcessFacts, RequestFacts, RequestStanding, RunningClock};

/// One thing that is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// What, as an instruction.
    pub what: String,
    /// By when, in London time; none where nothing sets a time.
    pub due: Option<NaiveDateTime>,
    /// The clock (`C21`) or rule that asks for it.
    pub rule: String,
    /// The time has passed.
    pub late: bool,
}

type Rule = fn(&CaseFacts, &Clocks) -> Vec<Item>;

/// A thing owed, before it is known whether it is late.
struct Item(String, String, Option<NaiveDateTime>);

/// The rules, in the order of a case's life.
const RULES: &[Rule] = &[
    gathering::decide,
    gathering::notify_nationally,
    gathering::first_days,
    gathering::send_requests,
    gathering::chase_answers,
    gathering::read_answers,
    gathering::settle_conflicts,
    beside::record_beside,
    beside::look_beside,
    beside::keep_others_safe,
    beside::answer_family,
    review::hold_cdrm,
    review::send_draft,
    review::hold_panel,
    review::look_again,
    review::finalise,
    review::tell_family,
    review::follow_up,
    review::confirm_final,
    review::thank,
    beside::other_clocks,
];

/// The clocks that a rule above speaks for.
const SPOKEN_FOR: &[&str] = &[
    "C03", "C04", "C05", "C10", "C11", "C20", "C21", "C22", "C25", "C26", "C27", "C31", "C33",
    "C41",
];

/// What is owed on a case at `now` (London time), the most pressing first.
pub fn owed(facts: &CaseFacts, clocks: &Clocks, now: NaiveDateTime) -> Vec<Owed> {
    let mut all: Vec<Owed> = RULES
        .iter()
        .flat_map(|rule| rule(facts, clocks))
        .map(|Item(rule, what, due)| Owed {
            what,
            due,
            rule,
            late: due.is_some_and(|due| due < now),
        })
        .collect();
    all.sort_by_key(|owed| (owed.due.is_none(), owed.due));
    all
}

fn one(wanted: bool, rule: &'static str, what: &str, due: Option<NaiveDateTime>) -> Vec<Item> {
    if wanted {
        vec![Item(rule.to_owned(), what.to_owned(), due)]
    } else {
        Vec::new()
    }
}
