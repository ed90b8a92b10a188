//! Ages: completed years and days at death, the national age bands, the eighteenth birthday.

use chrono::{Datelike, Months, NaiveDate};

/// A child's age at death.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Age {
    /// Completed years. A birthday on 29 February falls on 1 March in other years (DT-3).
    pub years: i64,
    /// Completed months beyond the years, 0 to 11.
    pub months: i64,
    /// Days from birth to death; 0 when both are on one day.
    pub days: i64,
}

impl Age {
    /// `None` when the death comes before the birth (DT-1).
    pub fn at(dob: NaiveDate, dod: NaiveDate) -> Option<Age> {
        let days = dod.signed_duration_since(dob).num_days();
        if days < 0 {
            return None;
        }
        let before_day = dod.day() < dob.day();
        let months = i64::from(dod.year() - dob.year()) * 12 + i64::from(dod.month())
            - i64::from(dob.month())
            - i64::from(before_day);
        Some(Age {
            years: months / 12,
            months: months % 12,
            days,
        })
    }

    /// The code of list `age_band`.
    pub fn band(&self) -> &'static str {
        age_band(self.days, self.years)
    }

    /// "less than 1 day", "12 days", "5 months", "3 years and 2 months", "14 years".
    pub fn words(&self) -> String {
        match (self.years, self.months) {
            _ if self.days == 0 => "less than 1 day".to_owned(),
            _ if self.days < 28 => count(self.days, "day"),
            // Four weeks can be no whole month; say it in days.
            (0, 0) => count(self.days, "day"),
            (0, months) => count(months, "month"),
            (years, months) if years < 5 && months > 0 => {
                format!("{} and {}", count(years, "year"), count(months, "month"))
            }
            (years, _) => count(years, "year"),
        }
    }
}

fn count(n: i64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The code of list `age_band` (DT-4) for an age in days and completed years.
pub fn age_band(days: i64, years: i64) -> &'static str {
    match years {
        ..=0 if days < 28 => "0_27d",
        ..=0 => "28_364d",
        1..=4 => "1_4y",
        5..=9 => "5_9y",
        10..=14 => "10_14y",
        _ => "15_17y",
    }
}

/// The day a child would have turned eighteen; born on 29 February, the first of March (DT-3).
pub fn eighteenth_birthday(dob: NaiveDate) -> NaiveDate {
    birthday(dob, 18)
}

/// The birthday `years` on. A leap day becomes 1 March in years without one.
fn birthday(dob: NaiveDate, years: i32) -> NaiveDate {
    dob.with_year(dob.year() + years)
        .or_else(|| NaiveDate::from_ymd_opt(dob.year() + years, 3, 1))
        .unwrap_or(NaiveDate::MAX)
}

/// The day on which `months` months have passed, the month's last day where it is shorter.
pub fn months_later(date: NaiveDate, months: u32) -> NaiveDate {
    date.checked_add_months(Months::new(months))
        .unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn d(y: i32, m: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, day).unwrap()
    }

    #[test]
    fn counts_birthdays() {
        for (dob, dod, years, band) in [
            (d(2026, 1, 1), d(2026, 1, 1), 0, "0_27d"),
            (d(2026, 1, 1), d(2026, 1, 28), 0, "0_27d"),
            (d(2026, 1, 1), d(2026, 1, 29), 0, "28_364d"),
            (d(2023, 3, 1), d(2024, 2, 29), 0, "28_364d"),
            (d(2025, 1, 1), d(2026, 1, 1), 1, "1_4y"),
            (d(2008, 2, 29), d(2026, 2, 28), 17, "15_17y"),
            (d(2012, 2, 29), d(2022, 3, 1), 10, "10_14y"),
            (d(2016, 5, 3), d(2026, 5, 2), 9, "5_9y"),
        ] {
            let age = Age::at(dob, dod).unwrap();
            assert_eq!((age.years, age.band()), (years, band), "{dob} {dod}");
        }
        assert!(Age::at(d(2026, 1, 2), d(2026, 1, 1)).is_none());
        assert_eq!(eighteenth_birthday(d(2008, 2, 29)), d(2026, 3, 1));
        assert_eq!(eighteenth_birthday(d(2008, 3, 27)), d(2026, 3, 27));
    }

    #[test]
    fn says_an_age() {
        for (dob, dod, words) in [
            (d(2026, 1, 1), d(2026, 1, 1), "less than 1 day"),
            (d(2026, 1, 1), d(2026, 1, 2), "1 day"),
            (d(2026, 1, 1), d(2026, 1, 31), "30 days"),
            (d(2026, 1, 1), d(2026, 6, 2), "5 months"),
            (d(2022, 1, 1), d(2025, 3, 1), "3 years and 2 months"),
            (d(2012, 1, 1), d(2026, 6, 1), "14 years"),
        ] {
            assert_eq!(Age::at(dob, dod).unwrap().words(), words);
        }
    }

    proptest! {
        #[test]
        fn eighteen_begins_on_the_birthday(n in 0_i64..40_000) {
            let dob = d(1950, 1, 1) + chrono::Duration::days(n);
            let eighteen = eighteenth_birthday(dob);
            prop_assert_eq!(Age::at(dob, eighteen).unwrap().years, 18);
            prop_assert_eq!(Age::at(dob, eighteen.pred_opt().unwrap()).unwrap().years, 17);
        }

        #[test]
        fn nobody_grows_younger(n in 0_i64..20_000, m in 0_i64..8_000) {
            let dob = d(1990, 1, 1) + chrono::Duration::days(n);
            let dod = dob + chrono::Duration::days(m);
            let (age, next) = (Age::at(dob, dod).unwrap(), Age::at(dob, dod.succ_opt().unwrap()).unwrap());
            prop_assert!((next.years, next.months) >= (age.years, age.months));
            prop_assert_eq!(next.days, age.days + 1);
            prop_assert!((0..12).contains(&age.months));
        }
    }
}
