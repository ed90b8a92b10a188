//! Reads the clocks' data file and names everything in it that cannot be right, by file, line and column. Must not
//! know what a clock is used for.

use std::str::FromStr;

use chrono::NaiveDate;

use super::definition::{Clock, Clocks};
use super::ladder::{self, Rung};
use super::names::{Asked, Direction, Occasion, PauseReason};
use crate::domain::holiday::Holidays;
use crate::domain::table::{Line, lines};

/// Name of the data file, as faults name it.
const FILE: &str = "clocks.csv";

impl Clocks {
    /// Reads the data file and the bank holidays beside it.
    ///
    /// # Errors
    /// Everything that cannot be right, as `clocks.csv:12: column unit: …`.
    pub fn load(text: &str, holidays: &str) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let holidays = Holidays::load(holidays).unwrap_or_else(|found| {
            faults.extend(found);
            Holidays::default()
        });
        let mut all: Vec<Clock> = Vec::new();
        faults.extend(lines(FILE, text, |line| all.extend(line.clock(&all))));
        if all.is_empty() && faults.is_empty() {
            faults.push(format!("{FILE}: holds no clock"));
        }
        if faults.is_empty() {
            Ok(Self { all, holidays })
        } else {
            Err(faults)
        }
    }
}

impl Line<'_> {
    fn code<T: FromStr<Err: std::fmt::Display>>(&mut self, column: &str) -> Option<T> {
        let text = self.text(column);
        self.coded(column, &text)
    }

    fn occasion(&mut self, column: &str) -> Option<Occasion> {
        let occasion: Occasion = self.code(column)?;
        if occasion.in_file() {
            return Some(occasion);
        }
        self.wrong(
            column,
            &format!("“{}” starts and stops no clock", occasion.as_str()),
        );
        None
    }

    fn pauses(&mut self) -> Vec<PauseReason> {
        let text = self.text("pauses_on");
        let mut found = Vec::new();
        for part in text.split(';').map(str::trim).filter(|p| !p.is_empty()) {
            match part.parse() {
                Ok(reason) => found.push(reason),
                Err(known) => {
                    let known: crate::domain::code::UnknownCode = known;
                    self.wrong("pauses_on", &format!("“{part}” {known}"));
                }
            }
        }
        found
    }

    /// The id, which no line before may have unless this one says since when it counts instead.
    fn id(&mut self, before: &[Clock], since: Option<NaiveDate>) -> String {
        let id = self.text("id");
        let earlier = before.iter().rfind(|clock| clock.id == id);
        if !is_id(&id) {
            self.wrong("id", "must be a letter and two digits, such as C21");
        } else if let Some(earlier) = earlier {
            if since.is_none() {
                self.wrong("id", &format!("{id} stands in an earlier line"));
            } else if since <= earlier.since {
                let words = format!("must be after the day of the earlier line of {id}");
                self.wrong("since", &words);
            }
        }
        id
    }

    /// The day since which the line counts; the column may be left out.
    fn since(&mut self) -> Option<NaiveDate> {
        let text = self.optional("since");
        if text.is_empty() {
            return None;
        }
        let day = text.parse().ok();
        if day.is_none() {
            let words = format!("“{text}” must be a day such as 2027-04-01");
            self.wrong("since", &words);
        }
        day
    }

    /// What starts and stops a clock is what it is: another occasion makes another clock, with an id of its own.
    fn same_occasions(&mut self, clock: &Clock, before: &[Clock]) {
        let Some(earlier) = before.iter().rfind(|other| other.id == clock.id) else {
            return;
        };
        let words = "must be as in the earlier line: another occasion is another clock";
        for (column, differs) in [
            ("starts_on", clock.starts_on != earlier.starts_on),
            ("stops_on", clock.stops_on != earlier.stops_on),
            ("direction", clock.direction != earlier.direction),
            ("asked", clock.asked != earlier.asked),
        ] {
            if differs {
                self.wrong(column, words);
            }
        }
    }

    fn name(&mut self) -> String {
        let name = self.text("name");
        if name.is_empty() {
            self.wrong("name", "must say what must have happened");
        }
        name
    }

    fn length(&mut self) -> Option<u32> {
        let length = self.text("length").parse::<u32>().ok();
        let length = length.filter(|n| *n <= 100_000);
        if length.is_none() {
            self.wrong("length", "must be a whole number");
        }
        length
    }

    fn remind(&mut self) -> Option<Vec<Rung>> {
        match ladder::read(&self.text("remind")) {
            Ok(rungs) => Some(rungs),
            Err(why) => {
                self.wrong("remind", &why);
                None
            }
        }
    }

    fn asked(&mut self) -> Option<Asked> {
        if self.text("asked").is_empty() {
            None
        } else {
            self.code("asked")
        }
    }

    /// The clock of this line; every column is looked at before one that is wrong gives nothing.
    fn clock(&mut self, before: &[Clock]) -> Option<Clock> {
        let since = self.since();
        let (id, name, length) = (self.id(before, since), self.name(), self.length());
        let (starts_on, stops_on) = (self.occasion("starts_on"), self.occasion("stops_on"));
        let (unit, direction) = (self.code("unit"), self.code("direction"));
        let (force, basis) = (self.code("force"), self.code("basis"));
        let (remind, asked) = (self.remind(), self.asked());
        let (pauses_on, note) = (self.pauses(), self.text("note"));
        if direction == Some(Direction::Before) && !pauses_on.is_empty() {
            self.wrong("pauses_on", "a clock that runs up to a day cannot pause");
        }
        if !self.is_sound() {
            return None;
        }
        let clock = Clock {
            id,
            name,
            starts_on: starts_on?,
            length: length?,
            unit: unit?,
            direction: direction?,
            force: force?,
            remind: remind?,
            stops_on: stops_on?,
            pauses_on,
            basis: basis?,
            asked,
            note,
            since,
        };
        self.same_occasions(&clock, before);
        self.is_sound().then_some(clock)
    }
}

fn is_id(text: &str) -> bool {
    let mut letters = text.chars();
    text.len() == 3
        && letters.next().is_some_and(|c| c.is_ascii_uppercase())
        && letters.all(|c| c.is_ascii_digit())
}
