//! When a clock falls due, and how much time was spent: pure counting over London's calendar. Hours are elapsed
//! hours, whatever London's clocks do; everything else runs to the end of a day. Must not know what a clock is for.

use chrono::{DateTime, Days, Duration, Months, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::definition::Clock;
use super::names::{Direction, Unit};
use crate::domain::calendar::{london, utc_of_london};
use crate::domain::holiday::Holidays;

/// When something happened. A death often has a day but no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    Moment(DateTime<Utc>),
    /// A day in London.
    Day(NaiveDate),
}

impl Start {
    /// A moment as a clock in London showed it.
    pub fn shown(at: NaiveDateTime) -> Self {
        Self::Moment(utc_of_london(at))
    }

    /// The day in London.
    pub fn day(self) -> NaiveDate {
        match self {
            Self::Moment(at) => london(at).date(),
            Self::Day(day) => day,
        }
    }

    /// The moment, or the beginning of the day.
    pub fn begins(self) -> DateTime<Utc> {
        match self {
            Self::Moment(at) => at,
            Self::Day(day) => utc_of_london(day.and_time(NaiveTime::MIN)),
        }
    }
}

/// A stretch during which a clock stood still; without an end it still does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    pub from: DateTime<Utc>,
    pub to: Option<DateTime<Utc>>,
}

/// Time that passed: all of it, and without the pauses. In hours for a clock that counts in hours, in working days
/// for one that counts in those, otherwise in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    pub gross: i64,
    pub net: i64,
}

/// The time from a beginning to an end, as exactly as both are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Took {
    /// Both are moments.
    Hours(i64),
    /// Of one of them only the day is known: days of London's calendar, so that 0 is the same day. Taken for midnight it
    /// would seem up to a day quicker than it was, and a stop on the day of its start would come before it.
    Days(i64),
}

impl Took {
    /// From one to the other; never less than nothing.
    pub fn between(start: Start, stop: Start) -> Self {
        match (start, stop) {
            (Start::Moment(from), Start::Moment(to)) => Self::Hours((to - from).num_hours().max(0)),
            _ => Self::days(start, stop),
        }
    }

    /// The same with both taken as days.
    pub fn days(start: Start, stop: Start) -> Self {
        Self::Days((stop.day() - start.day()).num_days().max(0))
    }

    /// What lies in the middle of several. Where one is known by the day alone, all are compared by the day: an hour
    /// and a day are no fair measure of each other. None where there are none.
    pub fn median(all: &[(Start, Start)]) -> Option<Self> {
        let whole = all.iter().map(|(from, to)| Self::between(*from, *to));
        let exact = whole.clone().all(|took| matches!(took, Self::Hours(_)));
        let mut sorted: Vec<i64> = if exact {
            whole.map(Self::count).collect()
        } else {
            let days = all.iter().map(|(from, to)| Self::days(*from, *to));
            days.map(Self::count).collect()
        };
        sorted.sort_unstable();
        let middle = sorted.get(sorted.len() / 2).copied()?;
        Some(if exact {
            Self::Hours(middle)
        } else {
            Self::Days(middle)
        })
    }

    const fn count(self) -> i64 {
        match self {
            Self::Hours(n) | Self::Days(n) => n,
        }
    }
}

/// The last minute of a day.
pub fn end_of(day: NaiveDate) -> NaiveDateTime {
    NaiveTime::from_hms_opt(23, 59, 0)
        .map_or_else(|| day.and_time(NaiveTime::MIN), |time| day.and_time(time))
}

impl Clock {
    /// When it falls due after nothing but its start.
    pub fn due(&self, start: Start, holidays: &Holidays) -> Option<DateTime<Utc>> {
        let back = self.direction == Direction::Before;
        if let (Unit::Hours, Start::Moment(at)) = (self.unit, start) {
            let hours = Duration::hours(i64::from(self.length));
            return if back {
                at.checked_sub_signed(hours)
            } else {
                at.checked_add_signed(hours)
            };
        }
        let n = match self.unit {
            Unit::Hours => self.length.div_ceil(24),
            Unit::Weeks => self.length.checked_mul(7)?,
            _ => self.length,
        };
        days_from(self.unit, start.day(), n, back, holidays).map(|day| utc_of_london(end_of(day)))
    }

    /// The due time as the pauses move it. A pause that begins when the clock is late already moves nothing, and
    /// one that has not ended counts from its end on.
    pub fn moved(
        &self,
        due: DateTime<Utc>,
        start: Start,
        pauses: &[Pause],
        holidays: &Holidays,
    ) -> DateTime<Utc> {
        let mut due = due;
        for (from, to) in merged(pauses, start.begins(), None) {
            if !self.is_late(due, from) {
                due = self.later(due, from, to, holidays);
            }
        }
        due
    }

    fn later(
        &self,
        due: DateTime<Utc>,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        holidays: &Holidays,
    ) -> DateTime<Utc> {
        if self.unit == Unit::Hours {
            return due + (to - from);
        }
        let (first, end) = (london(from).date(), london(to).date());
        let day = london(due).date();
        let moved = if self.unit == Unit::WorkingDays {
            match holidays.between(first, end) {
                0 => day,
                stood => holidays.after(day, stood),
            }
        } else {
            u64::try_from((end - first).num_days())
                .ok()
                .and_then(|stood| day.checked_add_days(Days::new(stood)))
                .unwrap_or(day)
        };
        utc_of_london(end_of(moved))
    }

    /// Whether `at` is past the due time: for a clock of hours to the moment, for all others past the day.
    pub fn is_late(&self, due: DateTime<Utc>, at: DateTime<Utc>) -> bool {
        if self.unit == Unit::Hours {
            at > due
        } else {
            london(at).date() > london(due).date()
        }
    }

    /// Whether it stopped past the due time. Of something that has a day and no time, the day is compared.
    pub fn is_missed(&self, due: DateTime<Utc>, stop: Start) -> bool {
        match stop {
            Start::Moment(at) => self.is_late(due, at),
            Start::Day(day) => day > london(due).date(),
        }
    }

    /// How long it ran until `end`.
    pub fn spent(
        &self,
        start: Start,
        end: DateTime<Utc>,
        pauses: &[Pause],
        holidays: &Holidays,
    ) -> Spent {
        let begins = start.begins();
        let stretch = |from: DateTime<Utc>, to: DateTime<Utc>| -> i64 {
            let (first, last) = (london(from).date(), london(to).date());
            match self.unit {
                Unit::Hours => (to - from).num_hours().max(0),
                Unit::WorkingDays => i64::from(holidays.between(first, last)),
                _ => (last - first).num_days().max(0),
            }
        };
        let gross = stretch(begins, end);
        let stood: i64 = merged(pauses, begins, Some(end))
            .into_iter()
            .map(|(from, to)| stretch(from, to))
            .sum();
        Spent {
            gross,
            net: (gross - stood).max(0),
        }
    }
}

/// The pauses since `begins` in order, joined where they overlap; those that have not ended end at `end`, or are
/// left out without one.
fn merged(
    pauses: &[Pause],
    begins: DateTime<Utc>,
    end: Option<DateTime<Utc>>,
) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let mut all: Vec<(DateTime<Utc>, DateTime<Utc>)> = pauses
        .iter()
        .filter_map(|pause| {
            let to = match (pause.to, end) {
                (Some(to), Some(end)) => to.min(end),
                (Some(to), None) => to,
                (None, end) => end?,
            };
            let from = pause.from.max(begins);
            (from < to).then_some((from, to))
        })
        .collect();
    all.sort_unstable();
    let mut joined: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    for (from, to) in all {
        match joined.last_mut() {
            Some((_, last)) if from <= *last => *last = to.max(*last),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// The day `n` days of a unit after or before a day; `n` counts months for a clock of months, otherwise days.
pub(super) fn days_from(
    unit: Unit,
    day: NaiveDate,
    n: u32,
    back: bool,
    holidays: &Holidays,
) -> Option<NaiveDate> {
    let days = Days::new(u64::from(n));
    match (unit, back) {
        (Unit::WorkingDays, true) => holidays.before(day, n),
        (Unit::WorkingDays, false) => Some(holidays.after(day, n)),
        (Unit::Months, true) => day.checked_sub_months(Months::new(n)),
        (Unit::Months, false) => day.checked_add_months(Months::new(n)),
        (_, true) => day.checked_sub_days(days),
        (_, false) => day.checked_add_days(days),
    }
}
