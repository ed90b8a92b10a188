//! The rungs of a clock's ladder of reminders: who is reminded, and how long before or after the due time. Must not
//! know addresses, nor what a reminder says.

use chrono::{DateTime, Duration, NaiveTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::due::days_from;
use super::names::{Recipient, Unit};
use crate::domain::calendar::{london, utc_of_london};
use crate::domain::code::UnknownCode;
use crate::domain::holiday::Holidays;

/// A reminder that goes by days leaves in the morning, when somebody is there to read it.
const MORNING: u32 = 8;

/// How far from the due time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offset {
    Hours(i32),
    /// Working days for a clock that counts in them, otherwise calendar days.
    Days(i32),
}

/// One rung, as `respondent@-5d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rung {
    pub who: Recipient,
    pub offset: Offset,
}

impl Rung {
    /// When it is reached, by the due time of its clock.
    pub fn at(&self, unit: Unit, due: DateTime<Utc>, holidays: &Holidays) -> DateTime<Utc> {
        match (self.offset, unit) {
            (Offset::Hours(hours), _) => due + Duration::hours(i64::from(hours)),
            (Offset::Days(days), Unit::Hours) => due + Duration::days(i64::from(days)),
            (Offset::Days(days), _) => {
                let unit = match unit {
                    Unit::WorkingDays => unit,
                    _ => Unit::CalendarDays,
                };
                let day = london(due).date();
                let (n, back) = (days.unsigned_abs(), days < 0);
                let day = days_from(unit, day, n, back, holidays).unwrap_or(day);
                let morning = NaiveTime::from_hms_opt(MORNING, 0, 0).unwrap_or_default();
                utc_of_london(day.and_time(morning))
            }
        }
    }

    /// Whether it comes when the due time has passed, rather than before it or on its day.
    pub const fn is_after(&self) -> bool {
        match self.offset {
            Offset::Hours(n) | Offset::Days(n) => n > 0,
        }
    }
}

/// Reads `respondent@-5d;respondent@0`; an empty text is no ladder.
pub fn read(text: &str) -> Result<Vec<Rung>, String> {
    let mut rungs: Vec<Rung> = Vec::new();
    for part in text.split(';').map(str::trim).filter(|p| !p.is_empty()) {
        let rung = part.parse::<Rung>()?;
        if rungs.contains(&rung) {
            return Err(format!("names {part} twice"));
        }
        rungs.push(rung);
    }
    Ok(rungs)
}

impl std::str::FromStr for Rung {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || format!("{text} must be a recipient and a time, such as manager@-2d");
        let (who, when) = text.split_once('@').ok_or_else(shape)?;
        let who = who
            .parse()
            .map_err(|known: UnknownCode| format!("the recipient of {text} {known}"))?;
        let offset = if when == "0" {
            Offset::Days(0)
        } else {
            let (number, unit) = when
                .split_at_checked(when.len().saturating_sub(1))
                .ok_or_else(shape)?;
            let number: i32 = number.parse().map_err(|_| shape())?;
            match unit {
                "d" if number.abs() <= 3_660 => Offset::Days(number),
                "h" if number.abs() <= 24 * 366 => Offset::Hours(number),
                _ => return Err(shape()),
            }
        };
        Ok(Self { who, offset })
    }
}

impl std::fmt::Display for Rung {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let who = self.who.as_str();
        match self.offset {
            Offset::Days(0) => write!(f, "{who}@0"),
            Offset::Days(days) => write!(f, "{who}@{days}d"),
            Offset::Hours(hours) => write!(f, "{who}@{hours}h"),
        }
    }
}

impl Serialize for Rung {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rung {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::holiday::tests::shipped;

    fn at(rung: &str, unit: Unit, due: &str) -> String {
        let due = due.parse::<DateTime<Utc>>().unwrap();
        let rung: Rung = rung.parse().unwrap();
        rung.at(unit, due, shipped()).to_rfc3339()
    }

    #[test]
    fn a_rung_is_counted_in_the_days_of_its_clock() {
        // 15 working days: the fifth before the due day is a week earlier, and Easter is stepped over.
        for (rung, unit, due, reached) in [
            (
                "respondent@-5d",
                Unit::WorkingDays,
                "2026-06-22T22:59:00Z",
                "2026-06-15T07:00:00+00:00",
            ),
            (
                "respondent@0",
                Unit::WorkingDays,
                "2026-06-22T22:59:00Z",
                "2026-06-22T07:00:00+00:00",
            ),
            (
                "agency_lead@5d",
                Unit::WorkingDays,
                "2026-04-02T22:59:00Z",
                "2026-04-13T07:00:00+00:00",
            ),
            (
                "cdrm_chair@-35d",
                Unit::Months,
                "2026-12-01T23:59:00Z",
                "2026-10-27T08:00:00+00:00",
            ),
            (
                "manager@-12h",
                Unit::Hours,
                "2026-03-30T10:00:00Z",
                "2026-03-29T22:00:00+00:00",
            ),
            (
                "jar_lead@0",
                Unit::Hours,
                "2026-03-30T10:00:00Z",
                "2026-03-30T10:00:00+00:00",
            ),
        ] {
            assert_eq!(at(rung, unit, due), reached, "{rung}");
        }
    }

    #[test]
    fn what_is_no_rung_is_said_so() {
        for text in [
            "manager",
            "manager@",
            "manager@5",
            "manager@soon",
            "manager@-5w",
            "@0",
            "mother@0",
            "manager@99999d",
        ] {
            assert!(text.parse::<Rung>().is_err(), "{text}");
        }
        assert!(read("manager@0;manager@0").unwrap_err().contains("twice"));
        let whole = "respondent@-5d;respondent@0;agency_lead@5d;manager@-12h";
        let back: Vec<String> = read(whole)
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(back.join(";"), whole);
        assert!(read("").unwrap().is_empty());
    }
}
