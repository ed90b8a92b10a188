//! One kind of process as the data file defines it, all of them, and what a process of a kind tells the clocks. Must not
//! know how the file is read.

use chrono::NaiveDate;

use super::{Holds, State};
use crate::domain::clock::{Basis, Clocks, Occasion, PauseReason, Start, Told, When};

/// What every process of a kind has in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// Stable code, such as `inquest`.
    pub code: String,
    pub label: String,
    /// What waits for it unless somebody says otherwise.
    pub holds: Holds,
    /// Whether somebody may say otherwise.
    pub may_change: bool,
    /// After how many days somebody looks again how far it is.
    pub check_every: u32,
    /// Id of the clock that runs until it is over.
    pub clock: Option<String>,
    /// Something on the way that has a day of its own.
    pub step: Option<String>,
    /// Id of the clock that runs until that was done.
    pub step_clock: Option<String>,
    /// Id of the clock that begins when it is concluded.
    pub next_clock: Option<String>,
    /// The reason for which clocks that know it stand still meanwhile.
    pub pauses: Option<PauseReason>,
    pub basis: Basis,
    pub note: String,
}

/// Every kind there is, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kinds(pub(super) Vec<Kind>);

/// The days of one process that clocks look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    pub state: State,
    pub began: Option<NaiveDate>,
    pub step: Option<NaiveDate>,
    pub over: Option<NaiveDate>,
}

impl Days {
    /// What several processes of one kind on a case say together, since they share its clocks: from the one that goes
    /// on longest, and over only when none goes on. One that was entered by mistake says nothing.
    pub fn together(all: &[Self]) -> Self {
        let real: Vec<&Self> = all.iter().filter(|d| d.state != State::Mistaken).collect();
        let nothing = Self {
            state: State::Mistaken,
            began: None,
            step: None,
            over: None,
        };
        let open = real.iter().filter(|d| d.state.goes_on());
        let first_open = open.min_by_key(|d| (d.began.is_none(), d.began));
        let last_over = real
            .iter()
            .filter(|d| d.state.is_over())
            .max_by_key(|d| d.over);
        let first = || real.iter().min_by_key(|d| d.began);
        first_open
            .or(last_over)
            .or_else(first)
            .map_or(nothing, |d| **d)
    }
}

impl Kinds {
    pub fn get(&self, code: &str) -> Option<&Kind> {
        self.0.iter().find(|kind| kind.code == code)
    }

    pub fn all(&self) -> &[Kind] {
        &self.0
    }

    /// What a process of this code is called; the code itself for one that the file does not have any more.
    pub fn label<'a>(&'a self, code: &'a str) -> &'a str {
        self.get(code).map_or(code, |kind| kind.label.as_str())
    }

    /// The kinds whose end tells of this occasion.
    pub fn that_stop(&self, clocks: &Clocks, on: Occasion) -> Vec<&Kind> {
        let stops = |id: &String| clocks.get(id).is_some_and(|c| c.stops_on == on);
        self.0
            .iter()
            .filter(|kind| kind.clock.as_ref().is_some_and(stops))
            .collect()
    }
}

impl Kind {
    /// The ids of the clocks that it carries.
    pub fn clocks(&self) -> impl Iterator<Item = &str> {
        [&self.clock, &self.step_clock, &self.next_clock]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    /// A clock counts from the day it began, or stands still since, so that day has to be known.
    pub const fn needs_began(&self) -> bool {
        self.clock.is_some() || self.step_clock.is_some() || self.pauses.is_some()
    }

    /// What a process of this kind tells the clocks. Of what is not so any more the old word is taken back.
    pub fn told(&self, days: Days, clocks: &Clocks) -> Vec<Told> {
        let began = days
            .began
            .filter(|_| !matches!(days.state, State::Expected | State::Mistaken));
        let over = days.over.filter(|_| days.state.is_over());
        let concluded = over.filter(|_| days.state == State::Concluded);
        let step = days.step.filter(|_| days.state != State::Mistaken);
        let mut told = Vec::new();
        let mut tell = |occasion: Occasion, day: Option<NaiveDate>| {
            told.push(Told {
                occasion,
                when: day.map(|day| When::Given(Start::Day(day))),
            });
        };
        let of = |id: &Option<String>| id.as_ref().and_then(|id| clocks.get(id));
        if let Some(clock) = of(&self.clock) {
            tell(clock.starts_on, began);
            tell(clock.stops_on, over);
        }
        if let Some(clock) = of(&self.step_clock) {
            if of(&self.clock).is_none_or(|main| main.starts_on != clock.starts_on) {
                tell(clock.starts_on, began);
            }
            tell(clock.stops_on, step);
        }
        if let Some(clock) = of(&self.next_clock) {
            tell(clock.starts_on, concluded);
        }
        told
    }
}
