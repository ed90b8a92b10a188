//! Whether enough of the right people are there for one item, after interests: which agencies count for what stands in
//! `quorum.csv`, with its source. Must not know who anybody is.

use super::Interest;
use crate::domain::form::Dictionary;
use crate::domain::table::{Line, lines};

const FILE: &str = "quorum.csv";
const HEALTH: &str = "health";
const AUTHORITY: &str = "local_authority";
const PROVIDER: &str = "main_provider";

/// Which agency counts as what.
#[derive(Debug, Clone, Default)]
pub struct Counting(Vec<(String, String)>);

/// One person at one item.
#[derive(Debug, Clone)]
pub struct Member<'a> {
    pub agency: Option<&'a str>,
    /// Was there and declared, or is expected while the meeting is still to come.
    pub there: bool,
    /// Chairs this item.
    pub chairs: bool,
    /// None where nothing was declared yet.
    pub interest: Option<Interest>,
}

/// How the quorum of one item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quorum {
    pub health: bool,
    pub authority: bool,
    /// Somebody chairs who has no interest and belongs to none of the main providers.
    pub chair: bool,
}

impl Quorum {
    pub const fn is_met(self) -> bool {
        self.health && self.authority && self.chair
    }

    /// What is missing, in words.
    pub fn missing(self) -> Vec<&'static str> {
        let all = [
            (
                self.health,
                "A lead professional from health without an interest",
            ),
            (
                self.authority,
                "A lead professional from a local authority without an interest",
            ),
            (
                self.chair,
                "A chair without an interest who is independent of the main providers",
            ),
        ];
        all.iter()
            .filter(|(met, _)| !met)
            .map(|(_, words)| *words)
            .collect()
    }
}

impl Counting {
    /// Reads the data file against a dictionary.
    ///
    /// # Errors
    /// Everything that cannot be right, as `quorum.csv:5: column agency: …`.
    pub fn load(dict: &Dictionary, text: &str) -> Result<Self, Vec<String>> {
        let mut all = Vec::new();
        let faults = lines(FILE, text, |line| all.extend(line.counts(dict)));
        if faults.is_empty() {
            Ok(Self(all))
        } else {
            Err(faults)
        }
    }

    fn counts(&self, agency: Option<&str>, what: &str) -> bool {
        agency.is_some_and(|agency| {
            self.0
                .iter()
                .any(|(as_what, code)| as_what == what && code == agency)
        })
    }

    /// The quorum among these people. Whoever has an interest counts for nothing, and the chair, who is to be
    /// independent, speaks for no agency here; of a chair without one nobody can tell who they are independent of.
    pub fn quorum(&self, people: &[Member<'_>]) -> Quorum {
        let free = |m: &&Member<'_>| m.there && !m.interest.is_some_and(Interest::conflicts);
        let any = |what: &str| {
            people
                .iter()
                .filter(free)
                .any(|m| !m.chairs && self.counts(m.agency, what))
        };
        Quorum {
            health: any(HEALTH),
            authority: any(AUTHORITY),
            chair: people
                .iter()
                .filter(free)
                .any(|m| m.chairs && m.agency.is_some() && !self.counts(m.agency, PROVIDER)),
        }
    }
}

impl Line<'_> {
    fn counts(&mut self, dict: &Dictionary) -> Option<(String, String)> {
        let (counts_as, agency) = (self.text("counts_as"), self.text("agency"));
        if self.text("source").is_empty() {
            self.wrong("source", "is empty");
        }
        if ![HEALTH, AUTHORITY, PROVIDER].contains(&counts_as.as_str()) {
            self.wrong(
                "counts_as",
                "must be health, local_authority or main_provider",
            );
        }
        if dict.code("agency", &agency).is_none() {
            self.wrong("agency", "is no agency");
        }
        self.is_sound().then_some((counts_as, agency))
    }
}
