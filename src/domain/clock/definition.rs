//! One clock as the data file defines it, and all of them. A clock that runs keeps its definition, so that a changed
//! file touches only what starts later. Must not know how the file is read.

use serde::{Deserialize, Serialize};

use chrono::{DateTime, NaiveDate, Utc};

use super::due::Start;
use super::ladder::Rung;
use super::names::{Asked, Basis, Direction, Force, Occasion, PauseReason, Unit};
use crate::domain::holiday::Holidays;

/// One deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Stable id, such as `C21`.
    pub id: String,
    /// What must have happened.
    pub name: String,
    pub starts_on: Occasion,
    pub length: u32,
    pub unit: Unit,
    pub direction: Direction,
    pub force: Force,
    pub remind: Vec<Rung>,
    pub stops_on: Occasion,
    pub pauses_on: Vec<PauseReason>,
    pub basis: Basis,
    /// Of a request's two clocks, which.
    pub asked: Option<Asked>,
    pub note: String,
    /// The first day on which a clock starts by it; none when it always was so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<NaiveDate>,
}

/// Every deadline the area uses, and the bank holidays that they are counted with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clocks {
    pub(super) all: Vec<Clock>,
    pub(super) holidays: Holidays,
}

impl Clock {
    /// Its length in words, such as "15 working days after the request".
    pub fn length_words(&self) -> String {
        let unit = self.unit.label();
        let unit = match self.length {
            1 => unit.trim_end_matches('s'),
            _ => unit,
        };
        format!(
            "{} {unit} {} {}",
            self.length, self.direction, self.starts_on
        )
    }

    /// Whether somebody here is to see to it. What has no ladder is watched only, and a band of the national
    /// report is no task.
    pub fn is_task(&self) -> bool {
        !self.remind.is_empty() && self.force != Force::Reporting
    }
}

impl Clocks {
    /// The clock with this id, such as `C21`, as the newest definition has it.
    pub fn get(&self, id: &str) -> Option<&Clock> {
        self.all.iter().rfind(|clock| clock.id == id)
    }

    /// The definition by which a clock with this id starts on a day: the newest that counted then.
    pub fn at(&self, id: &str, day: NaiveDate) -> Option<&Clock> {
        let counted = |clock: &&Clock| clock.since.is_none_or(|since| since <= day);
        self.all
            .iter()
            .filter(|clock| clock.id == id)
            .rfind(counted)
    }

    /// Whether a clock that starts on a day starts by this definition and by no newer or older one.
    pub fn counts(&self, definition: &Clock, day: NaiveDate) -> bool {
        self.at(&definition.id, day) == Some(definition)
    }

    /// Every definition, in the order of the file: a clock that changed stands there more than once.
    pub fn all(&self) -> &[Clock] {
        &self.all
    }

    pub fn holidays(&self) -> &Holidays {
        &self.holidays
    }

    /// When clock `id` falls due; none when the area does not use it.
    pub fn due(&self, id: &str, start: Start) -> Option<DateTime<Utc>> {
        self.at(id, start.day())?.due(start, &self.holidays)
    }
}
