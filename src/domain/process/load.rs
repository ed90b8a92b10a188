//! Reads the data file of kinds and names everything in it that cannot be right, by file, line and column. Must not
//! know what a kind is used for.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::{Held, Holds, Kind, Kinds};
use crate::domain::clock::{Clocks, Occasion};

/// Name of the data file, as faults name it.
const FILE: &str = "processes.csv";

impl Kinds {
    /// Reads the data file beside the clocks that it names.
    ///
    /// # Errors
    /// Everything that cannot be right, as `processes.csv:12: column holds: …`.
    pub fn load(text: &str, clocks: &Clocks) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let mut all: Vec<Kind> = Vec::new();
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(text.as_bytes());
        let names = reader.headers().cloned().unwrap_or_default();
        for row in reader.records() {
            let row = match row {
                Ok(row) => row,
                Err(fault) => {
                    faults.push(format!("{FILE}: {fault}"));
                    continue;
                }
            };
            let mut line = Line {
                number: row.position().map_or(0, csv::Position::line),
                cells: names.iter().zip(row.iter()).collect(),
                faults: Vec::new(),
            };
            if row.len() > names.len() {
                let more = format!("has {} cells for {} columns", row.len(), names.len());
                line.faults.push(format!("{FILE}:{}: {more}", line.number));
            }
            all.extend(line.kind(&all, clocks));
            faults.append(&mut line.faults);
        }
        if all.is_empty() && faults.is_empty() {
            faults.push(format!("{FILE}: holds no kind of process"));
        }
        if faults.is_empty() {
            Ok(Self(all))
        } else {
            Err(faults)
        }
    }
}

/// One line being read.
struct Line<'a> {
    number: u64,
    cells: BTreeMap<&'a str, &'a str>,
    faults: Vec<String>,
}

impl Line<'_> {
    fn wrong(&mut self, column: &str, what: &str) {
        self.faults
            .push(format!("{FILE}:{}: column {column}: {what}", self.number));
    }

    fn text(&mut self, column: &str) -> String {
        if let Some(text) = self.cells.get(column) {
            text.trim().to_owned()
        } else {
            self.wrong(column, "is missing");
            String::new()
        }
    }

    fn perhaps(&mut self, column: &str) -> Option<String> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    fn coded<T: FromStr<Err: std::fmt::Display>>(&mut self, column: &str, text: &str) -> Option<T> {
        match text.parse() {
            Ok(code) => Some(code),
            Err(known) => {
                self.wrong(column, &format!("“{text}” {known}"));
                None
            }
        }
    }

    fn code(&mut self, before: &[Kind]) -> String {
        let code = self.text("code");
        let slug = |c: char| c.is_ascii_lowercase() || c == '_';
        if code.is_empty() || !code.chars().all(slug) {
            self.wrong("code", "must be small letters and underscores");
        } else if before.iter().any(|kind| kind.code == code) {
            self.wrong("code", &format!("{code} stands in an earlier line"));
        }
        code
    }

    fn holds(&mut self) -> Holds {
        let text = self.text("holds");
        let parts = text.split(';').map(str::trim).filter(|p| !p.is_empty());
        let held: Vec<Held> = parts.filter_map(|p| self.coded("holds", p)).collect();
        Holds::of(&held)
    }

    fn yes(&mut self, column: &str) -> bool {
        let text = self.text(column);
        if !matches!(text.as_str(), "yes" | "no") {
            self.wrong(column, "must be yes or no");
        }
        text == "yes"
    }

    fn days(&mut self, column: &str) -> u32 {
        let days = self.text(column).parse::<u32>().ok();
        let days = days.filter(|n| (1..=366).contains(n));
        if days.is_none() {
            self.wrong(column, "must be a number of days from 1 to 366");
        }
        days.unwrap_or(1)
    }

    /// A clock of a case that the clocks' file has.
    fn clock(&mut self, column: &str, clocks: &Clocks) -> Option<String> {
        let id = self.perhaps(column)?;
        match clocks.get(&id) {
            None => self.wrong(column, &format!("there is no clock {id}")),
            Some(clock) if clock.starts_on == Occasion::RequestSent => {
                self.wrong(column, &format!("{id} is a clock of requests"));
            }
            Some(_) => {}
        }
        Some(id)
    }

    /// The kind of this line; every column is looked at before one that is wrong gives nothing.
    fn kind(&mut self, before: &[Kind], clocks: &Clocks) -> Option<Kind> {
        let code = self.code(before);
        let label = self.text("label");
        if label.is_empty() {
            self.wrong("label", "must say what it is");
        }
        let (holds, may_change) = (self.holds(), self.yes("may_change"));
        let check_every = self.days("check_every");
        let clock = self.clock("clock", clocks);
        let (step, step_clock) = (self.perhaps("step"), self.clock("step_clock", clocks));
        if step_clock.is_some() && step.is_none() {
            self.wrong("step", "must say what stops the clock of the step");
        }
        let next_clock = self.clock("next_clock", clocks);
        let pauses = match self.perhaps("pauses") {
            Some(text) => self.coded("pauses", &text),
            None => None,
        };
        let basis = self.text("basis");
        let basis = self.coded("basis", &basis);
        let note = self.text("note");
        if !self.faults.is_empty() {
            return None;
        }
        Some(Kind {
            code,
            label,
            holds,
            may_change,
            check_every,
            clock,
            step,
            step_clock,
            next_clock,
            pauses,
            basis: basis?,
            note,
        })
    }
}
