//! How a clock stands, from what happened: running, met, missed, excused or cancelled, and when it is due. Nothing
//! is decided by hand but an excuse; a time that is put right gives another answer. Must not know where it is kept.

use chrono::{DateTime, NaiveDate, Utc};

use super::definition::Clock;
use super::due::{Pause, Start, end_of};
use crate::domain::calendar::utc_of_london;
use crate::domain::code::coded;
use crate::domain::holiday::Holidays;

coded! {
    /// How a clock stands. A running one may be late; that is a matter of the hour and not kept.
    pub enum Outcome {
        Running = "running", "Running";
        Met = "met", "Met";
        Missed = "missed", "Missed";
        Excused = "excused", "Excused";
        Cancelled = "cancelled", "No longer expected";
    }
}

/// What happened, as far as it concerns one clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct Happened<'a> {
    pub started: Option<Start>,
    pub stopped: Option<Start>,
    /// The day that was agreed instead of the counted one.
    pub agreed: Option<NaiveDate>,
    /// Nothing is expected any more, since then.
    pub ended: Option<DateTime<Utc>>,
    pub pauses: &'a [Pause],
    pub excused: bool,
}

/// How a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub due: Option<DateTime<Utc>>,
    pub outcome: Outcome,
    /// When it stopped; none while it runs.
    pub stopped: Option<DateTime<Utc>>,
    /// Of what stopped it only the day is known, and `stopped` is its beginning.
    pub stopped_day: bool,
    /// It stands still now.
    pub paused: bool,
}

impl Clock {
    /// How it stands.
    pub fn standing(&self, happened: &Happened<'_>, holidays: &Holidays) -> Standing {
        let Some(start) = happened.started else {
            return Standing {
                due: None,
                outcome: Outcome::Cancelled,
                stopped: happened.ended,
                stopped_day: false,
                paused: false,
            };
        };
        // What stopped the clock before a new beginning does not stop it again.
        let stopped = happened
            .stopped
            .filter(|stop| !self.starts_on.recurs() || stop.begins() >= start.begins());
        let stop_at = stopped.map(Start::begins);
        // A pause that nobody ended ends with the clock.
        let pauses: Vec<Pause> = happened
            .pauses
            .iter()
            .map(|pause| Pause {
                to: pause.to.or(stop_at),
                ..*pause
            })
            .collect();
        let counted = match happened.agreed {
            Some(day) => Some(utc_of_london(end_of(day))),
            None => self.due(start, holidays),
        };
        let due = counted.map(|due| self.moved(due, start, &pauses, holidays));
        let outcome = match (happened.excused, stopped, happened.ended) {
            (true, ..) => Outcome::Excused,
            (_, Some(stop), _) if due.is_some_and(|due| self.is_missed(due, stop)) => {
                Outcome::Missed
            }
            (_, Some(_), _) => Outcome::Met,
            (.., Some(_)) => Outcome::Cancelled,
            _ => Outcome::Running,
        };
        Standing {
            due,
            outcome,
            stopped: stop_at.or(happened.ended),
            stopped_day: matches!(stopped, Some(Start::Day(_))),
            paused: outcome == Outcome::Running && pauses.iter().any(|pause| pause.to.is_none()),
        }
    }
}
