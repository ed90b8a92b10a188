//! The sentences of what happened to clocks and reminders. Holds no person and no answer.

use chrono::NaiveDateTime;

use super::Event;
use crate::domain::calendar::london;

impl Event {
    pub(super) fn of_clock(&self) -> Option<String> {
        Some(match self {
            Self::ClockMoved {
                name,
                before,
                after,
                ..
            } => format!(
                "“{name}” is due on {} and no longer on {}.",
                day(*after),
                day(*before)
            ),
            Self::ClockPaused { name, why, .. } => {
                format!("The clock of “{name}” stands still. {why}.")
            }
            Self::ClockResumed { name, .. } => format!("The clock of “{name}” goes on."),
            Self::ClockExcused { name, .. } => format!("“{name}” was excused."),
            Self::RemindersHeld { name, .. } => format!("Reminders of “{name}” are held."),
            Self::RemindersReleased { name, .. } => {
                format!("Reminders of “{name}” are no longer held.")
            }
            Self::Reminded { name, letters, .. } => match letters {
                0 => format!("A reminder of “{name}” was due, and there was nobody to send it to."),
                1 => format!("A reminder of “{name}” was sent."),
                several => format!("{several} reminders of “{name}” were sent."),
            },
            _ => return None,
        })
    }
}

fn day(at: NaiveDateTime) -> String {
    london(at.and_utc()).format("%-d %B %Y").to_string()
}
