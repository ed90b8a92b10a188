//! Deadlines as data: how long each clock runs, and when something is due.
//! Must not know what starts or stops a clock in a case.
//!
//! No length stands in code: most lack a statute behind them, so an area must be able to set its
//! own (`process.md`, section 7). Lengths come from `clocks.csv`.

use chrono::{Datelike, Days, Duration, Months, NaiveDate, NaiveDateTime, NaiveTime};
use serde::Deserialize;

use super::calendar::{add_working_days, london, utc_of_london};
use super::code::coded;
use super::holiday::bank_holidays;

coded! {
    /// What a clock counts in.
    pub enum Unit {
        Hours = "hours", "hours";
        CalendarDays = "calendar_days", "days";
        WorkingDays = "working_days", "working days";
        Weeks = "weeks", "weeks";
        Months = "months", "months";
    }
}

/// One deadline, as the data file defines it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Clock {
    /// Stable id, such as `C21`.
    pub id: String,
    /// What must have happened.
    pub name: String,
    /// Name of the event that starts it.
    pub starts_on: String,
    pub length: u32,
    pub unit: Unit,
    /// `after` or `before` the start.
    pub direction: String,
    /// `statute`, `guidance`, `local`, `practice`, `reporting`, `agreed` or `default`.
    pub force: String,
    pub stops_on: String,
    pub note: String,
}

/// When a clock starts. A death often has a day but no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// London time.
    Moment(NaiveDateTime),
    Day(NaiveDate),
}

/// Every deadline the area uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clocks(Vec<Clock>);

impl Clocks {
    /// Reads the data file.
    ///
    /// # Errors
    /// Every line that cannot be read, as `clocks.csv:12: …`.
    pub fn load(text: &str) -> Result<Self, Vec<String>> {
        let mut clocks = Vec::new();
        let mut faults = Vec::new();
        for (line, row) in
            (2_usize..).zip(csv::Reader::from_reader(text.as_bytes()).deserialize::<Clock>())
        {
            match row {
                Ok(clock) => clocks.push(clock),
                Err(fault) => faults.push(format!("clocks.csv:{line}: {fault}")),
            }
        }
        if faults.is_empty() {
            Ok(Self(clocks))
        } else {
            Err(faults)
        }
    }

    /// The clock with this id, such as `C21`.
    pub fn get(&self, id: &str) -> Option<&Clock> {
        self.0.iter().find(|clock| clock.id == id)
    }

    /// When clock `id` falls due, in London time; none when the area does not use it.
    pub fn due(&self, id: &str, start: Start) -> Option<NaiveDateTime> {
        self.get(id)?.due(start)
    }
}

impl Clock {
    /// When it falls due, in London time. Hours are elapsed hours, whatever the clocks do; all else
    /// runs to the end of the last day (`process.md`, 7.1).
    pub fn due(&self, start: Start) -> Option<NaiveDateTime> {
        let (day, moment) = match start {
            Start::Moment(moment) => (moment.date(), Some(moment)),
            Start::Day(day) => (day, None),
        };
        let length = self.length;
        let back = self.direction == "before";
        let last = match self.unit {
            Unit::Hours => {
                if let Some(moment) = moment {
                    let hours = Duration::hours(i64::from(length));
                    return Some(london(
                        utc_of_london(moment) + if back { -hours } else { hours },
                    ));
                }
                shift_days(day, u64::from(length.div_ceil(24)), back)
            }
            Unit::CalendarDays => shift_days(day, u64::from(length), back),
            Unit::Weeks => shift_days(day, u64::from(length) * 7, back),
            Unit::Months if back => day.checked_sub_months(Months::new(length)),
            Unit::Months => day.checked_add_months(Months::new(length)),
            Unit::WorkingDays if back => sub_working_days(day, length),
            Unit::WorkingDays => Some(add_working_days(day, length, &holidays_near(day))),
        };
        last.map(end_of)
    }
}

/// The last minute of a day.
pub fn end_of(day: NaiveDate) -> NaiveDateTime {
    NaiveTime::from_hms_opt(23, 59, 0)
        .map_or_else(|| day.and_time(NaiveTime::MIN), |time| day.and_time(time))
}

fn shift_days(day: NaiveDate, days: u64, back: bool) -> Option<NaiveDate> {
    if back {
        day.checked_sub_days(Days::new(days))
    } else {
        day.checked_add_days(Days::new(days))
    }
}

fn sub_working_days(day: NaiveDate, length: u32) -> Option<NaiveDate> {
    let holidays = holidays_near(day);
    let mut left = length;
    let mut day = day;
    while left > 0 {
        day = day.pred_opt()?;
        // A working day is its own next working day.
        if add_working_days(day, 0, &holidays) == day {
            left -= 1;
        }
    }
    Some(day)
}

/// The bank holidays that a count of working days from `day` can meet.
pub fn holidays_near(day: NaiveDate) -> Vec<NaiveDate> {
    (day.year() - 1..=day.year() + 1)
        .flat_map(bank_holidays)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clocks() -> Clocks {
        Clocks::load(include_str!("../../fixtures/clocks.csv")).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn due(id: &str, start: Start) -> String {
        clocks()
            .due(id, start)
            .unwrap()
            .format("%Y-%m-%dT%H:%M")
            .to_string()
    }

    #[test]
    fn the_shipped_file_loads_whole() {
        assert_eq!(clocks().0.len(), 42);
        for number in 1..=42 {
            assert!(
                clocks().get(&format!("C{number:02}")).is_some(),
                "C{number:02}"
            );
        }
    }

    #[test]
    fn each_unit_counts_as_it_should() {
        let moment = |text: &str| {
            Start::Moment(NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap())
        };
        // Over the night the clocks go forward, 48 hours later is an hour later by the clock.
        assert_eq!(due("C03", moment("2026-03-28T10:00")), "2026-03-30T11:00");
        assert_eq!(
            due("C03", Start::Day(day("2026-03-10"))),
            "2026-03-12T23:59"
        );
        // Good Friday 3 April and Easter Monday 6 April 2026 do not count.
        assert_eq!(
            due("C20", Start::Day(day("2026-04-02"))),
            "2026-04-08T23:59"
        );
        assert_eq!(
            due("C21", Start::Day(day("2026-06-01"))),
            "2026-06-22T23:59"
        );
        assert_eq!(
            due("C25", Start::Day(day("2025-11-30"))),
            "2026-02-28T23:59"
        );
        assert_eq!(
            due("C27", Start::Day(day("2026-01-05"))),
            "2026-02-16T23:59"
        );
        assert_eq!(
            due("C28", Start::Day(day("2026-06-15"))),
            "2026-06-01T23:59"
        );
        assert_eq!(
            due("C33", Start::Day(day("2026-02-01"))),
            "2026-03-01T23:59"
        );
    }

    #[test]
    fn a_bad_line_is_named() {
        let text = "id,name,starts_on,length,unit,direction,force,stops_on,note\nC01,x,death,soon,hours,after,local,y,\n";
        let faults = Clocks::load(text).unwrap_err();
        assert!(faults[0].starts_with("clocks.csv:2: "), "{faults:?}");
    }
}
