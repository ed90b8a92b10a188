//! The times of a panel's agenda: each item by the length of its route, and a break. Must not know what an item is.

use chrono::{Duration, NaiveDateTime};

/// Longer than this nobody sits without a break.
const SITTING: i64 = 90;
const BREAK: i64 = 15;
/// Apologies, interests and what else comes before the first case.
const OPENING: i64 = 10;

/// One item on the agenda.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub begins: NaiveDateTime,
    pub minutes: i64,
    /// A break comes before it.
    pub after_break: bool,
}

/// The whole of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agenda {
    /// In the order of the items.
    pub slots: Vec<Slot>,
    pub ends: NaiveDateTime,
    /// How many minutes it is longer than the meeting; 0 when it fits.
    pub over: i64,
}

/// The agenda of a meeting that begins at `starts` and lasts `lasts` minutes.
pub fn agenda(starts: NaiveDateTime, lasts: i32, items: &[i64]) -> Agenda {
    let mut at = OPENING;
    let mut sat = OPENING;
    let mut slots = Vec::with_capacity(items.len());
    for minutes in items {
        let after_break = sat > OPENING && sat + minutes > SITTING;
        if after_break {
            at += BREAK;
            sat = 0;
        }
        slots.push(Slot {
            begins: starts + Duration::minutes(at),
            minutes: *minutes,
            after_break,
        });
        at += minutes;
        sat += minutes;
    }
    Agenda {
        slots,
        ends: starts + Duration::minutes(at),
        over: (at - i64::from(lasts)).max(0),
    }
}
