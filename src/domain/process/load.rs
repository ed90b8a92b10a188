//! Reads the data file of kinds and names everything in it that cannot be right, by file, line and column. Must not
//! know what a kind is used for.

use super::{Held, Holds, Kind, Kinds};
use crate::domain::clock::{Clocks, Occasion};
use crate::domain::table::{Line, lines};

/// Name of the data file, as faults name it.
const FILE: &str = "processes.csv";

impl Kinds {
    /// Reads the data file beside the clocks that it names.
    ///
    /// # Errors
    /// Everything that cannot be right, as `processes.csv:12: column holds: …`.
    pub fn load(text: &str, clocks: &Clocks) -> Result<Self, Vec<String>> {
        let mut all: Vec<Kind> = Vec::new();
        let mut faults = lines(FILE, text, |line| all.extend(line.kind(&all, clocks)));
        if all.is_empty() && faults.is_empty() {
            faults.push(format!("{FILE}: holds no kind of process"));
        }
        if faults.is_empty() {
            faults.extend(
                all.iter()
                    .flat_map(|kind| started_for_others(kind, &all, clocks)),
            );
        }
        if faults.is_empty() {
            Ok(Self(all))
        } else {
            Err(faults)
        }
    }
}

/// The clocks of other kinds that a process of this kind would start. A clock that a law sets runs only where a process
/// that carries it is recorded.
fn started_for_others(kind: &Kind, all: &[Kind], clocks: &Clocks) -> Vec<String> {
    let starts: Vec<Occasion> = kind
        .clocks()
        .filter_map(|id| clocks.get(id).map(|clock| clock.starts_on))
        .collect();
    let others = all.iter().flat_map(Kind::clocks);
    let mut found: Vec<&str> = others
        .filter(|id| {
            clocks
                .get(id)
                .is_some_and(|c| starts.contains(&c.starts_on))
        })
        .filter(|id| kind.clocks().all(|own| own != *id))
        .collect();
    found.sort_unstable();
    found.dedup();
    let say = |id| {
        format!(
            "{FILE}: a process of the kind {} would start {id}, which it does not carry",
            kind.code
        )
    };
    found.into_iter().map(say).collect()
}

impl Line<'_> {
    fn perhaps(&mut self, column: &str) -> Option<String> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    fn kind_code(&mut self, before: &[Kind]) -> String {
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
    fn clock_of_case(&mut self, column: &str, clocks: &Clocks) -> Option<String> {
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
        let code = self.kind_code(before);
        let label = self.text("label");
        if label.is_empty() {
            self.wrong("label", "must say what it is");
        }
        let (holds, may_change) = (self.holds(), self.yes("may_change"));
        let check_every = self.days("check_every");
        let clock = self.clock_of_case("clock", clocks);
        let (step, step_clock) = (
            self.perhaps("step"),
            self.clock_of_case("step_clock", clocks),
        );
        if step_clock.is_some() && step.is_none() {
            self.wrong("step", "must say what stops the clock of the step");
        }
        let next_clock = self.clock_of_case("next_clock", clocks);
        let pauses = match self.perhaps("pauses") {
            Some(text) => self.coded("pauses", &text),
            None => None,
        };
        let basis = self.text("basis");
        let basis = self.coded("basis", &basis);
        let note = self.text("note");
        if !self.is_sound() {
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
