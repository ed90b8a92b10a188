//! The bank holidays of England and Wales, as a dated list that was published: nothing is worked out here, so that a
//! day that was moved or added by proclamation is right. Must not know what is counted in working days.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;

use super::calendar::add_working_days;
use super::code::coded;

/// Name of the data file, as faults name it.
const FILE: &str = "bank_holidays.csv";
/// How long before the list ends it is told that it must be carried on, in days.
const NOTICE: i64 = 365;

coded! {
    /// What makes a day a bank holiday.
    pub enum Basis {
        /// Banking and Financial Dealings Act 1971, schedule 1.
        Statute = "statute", "Banking and Financial Dealings Act 1971";
        CommonLaw = "common_law", "common law";
        /// Appointed each year, moved, or added once.
        Proclamation = "proclamation", "proclamation";
    }
}

/// The list: the days in order, and for which years it is complete.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holidays {
    days: Vec<NaiveDate>,
}

#[derive(Deserialize)]
struct Line {
    date: String,
    name: String,
    basis: String,
    #[serde(default)]
    #[expect(dead_code, reason = "for whoever reads the file")]
    note: String,
}

impl Holidays {
    /// Reads the data file.
    ///
    /// # Errors
    /// Every line that cannot be right, as `bank_holidays.csv:12: column date: …`.
    pub fn load(text: &str) -> Result<Self, Vec<String>> {
        let mut days: Vec<NaiveDate> = Vec::new();
        let mut faults = Vec::new();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for (number, line) in (2_usize..).zip(reader.deserialize::<Line>()) {
            let mut fault = |what: &str| faults.push(format!("{FILE}:{number}: {what}"));
            let Ok(line) = line else {
                fault("must have the columns date, name, basis and note");
                continue;
            };
            if line.name.trim().is_empty() {
                fault("column name: must say which day it is");
            }
            if let Err(known) = line.basis.parse::<Basis>() {
                fault(&format!("column basis: {known}"));
            }
            match line.date.parse::<NaiveDate>() {
                Err(_) => fault("column date: must be a day, such as 2026-12-25"),
                Ok(day) if is_weekend(day) => {
                    fault("column date: is a weekend; give the day that stands in for it");
                }
                Ok(day) if days.last().is_some_and(|last| *last >= day) => {
                    fault("column date: must come after the line above");
                }
                Ok(day) => days.push(day),
            }
        }
        if days.is_empty() && faults.is_empty() {
            faults.push(format!("{FILE}: holds no day"));
        }
        if faults.is_empty() {
            Ok(Self { days })
        } else {
            Err(faults)
        }
    }

    /// Every day, in order.
    pub fn days(&self) -> &[NaiveDate] {
        &self.days
    }

    /// The last day that the list speaks of: it is complete to the end of its last year.
    pub fn ends(&self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.days.last()?.year(), 12, 31)
    }

    /// Whether the list must be carried on now: it ends within a year.
    pub fn runs_out(&self, today: NaiveDate) -> bool {
        self.ends()
            .is_none_or(|ends| (ends - today).num_days() < NOTICE)
    }

    /// Whether offices work on a day.
    pub fn works(&self, day: NaiveDate) -> bool {
        !is_weekend(day) && self.days.binary_search(&day).is_err()
    }

    /// The working day `n` working days after a day; with 0 the day itself or the next working day.
    pub fn after(&self, day: NaiveDate, n: u32) -> NaiveDate {
        add_working_days(day, n, &self.days)
    }

    /// The working day `n` working days before a day; with 0 the day itself.
    pub fn before(&self, day: NaiveDate, n: u32) -> Option<NaiveDate> {
        let (mut day, mut left) = (day, n);
        while left > 0 {
            day = day.pred_opt()?;
            left -= u32::from(self.works(day));
        }
        Some(day)
    }

    /// How many working days there are from one day to before another.
    pub fn between(&self, from: NaiveDate, to: NaiveDate) -> u32 {
        let days = from.iter_days().take_while(|day| *day < to);
        u32::try_from(days.filter(|day| self.works(*day)).count()).unwrap_or(u32::MAX)
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// The list as shipped, read once.
    pub fn shipped() -> &'static Holidays {
        static LIST: std::sync::LazyLock<Holidays> = std::sync::LazyLock::new(|| {
            Holidays::load(include_str!("../../fixtures/bank_holidays.csv")).unwrap()
        });
        &LIST
    }

    fn year(year: i32) -> String {
        let all = shipped();
        let days = all.days().iter().filter(|day| day.year() == year);
        days.map(|day| day.format("%-d/%-m").to_string())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn the_published_days_of_years_with_something_unusual() {
        for (of, days) in [
            (2012, "2/1 6/4 9/4 7/5 4/6 5/6 27/8 25/12 26/12"),
            (2016, "1/1 25/3 28/3 2/5 30/5 29/8 26/12 27/12"),
            (2020, "1/1 10/4 13/4 8/5 25/5 31/8 25/12 28/12"),
            (2021, "1/1 2/4 5/4 3/5 31/5 30/8 27/12 28/12"),
            (2022, "3/1 15/4 18/4 2/5 2/6 3/6 29/8 19/9 26/12 27/12"),
            (2023, "2/1 7/4 10/4 1/5 8/5 29/5 28/8 25/12 26/12"),
            (2026, "1/1 3/4 6/4 4/5 25/5 31/8 25/12 28/12"),
            (2027, "1/1 26/3 29/3 3/5 31/5 30/8 27/12 28/12"),
        ] {
            assert_eq!(year(of), days, "{of}");
        }
    }

    #[test]
    fn every_year_from_2012_to_2028_has_its_days() {
        let all = shipped();
        for of in 2012..=2028 {
            let days = all.days().iter().filter(|day| day.year() == of).count();
            let extra = match of {
                2012 | 2023 => 1,
                2022 => 2,
                _ => 0,
            };
            assert_eq!(days, 8 + extra, "{of}");
        }
        assert_eq!(all.days().len(), 140);
    }

    #[test]
    fn it_is_told_a_year_before_the_list_ends() {
        let all = shipped();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(all.ends(), Some(day("2028-12-31")));
        assert!(!all.runs_out(day("2027-12-31")));
        assert!(all.runs_out(day("2028-01-02")));
        assert!(all.runs_out(day("2031-01-01")));
        assert!(Holidays::default().runs_out(day("2026-01-01")));
    }

    #[test]
    fn a_line_that_cannot_be_right_is_named() {
        let text = "date,name,basis,note\n2026-12-25,Christmas Day,common_law,\nsoon,x,statute,\n2026-12-26,Boxing Day,statute,\n2026-01-01,New Year’s Day,guess,\n";
        let faults = Holidays::load(text).unwrap_err();
        assert_eq!(faults.len(), 4, "{faults:?}");
        for (fault, begin) in faults.iter().zip([
            "bank_holidays.csv:3: column date: must be a day",
            "bank_holidays.csv:4: column date: is a weekend",
            "bank_holidays.csv:5: column basis: must be one of statute,",
            "bank_holidays.csv:5: column date: must come after",
        ]) {
            assert!(fault.starts_with(begin), "{fault}");
        }
        assert_eq!(
            Holidays::load("date,name,basis,note\n").unwrap_err().len(),
            1
        );
    }

    #[test]
    fn working_days_are_counted_both_ways() {
        let all = shipped();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        // Good Friday and Easter Monday.
        assert_eq!(all.after(day("2026-04-02"), 1), day("2026-04-07"));
        assert_eq!(all.before(day("2026-04-07"), 1), Some(day("2026-04-02")));
        assert_eq!(all.between(day("2026-04-02"), day("2026-04-08")), 2);
        assert_eq!(all.between(day("2026-04-08"), day("2026-04-02")), 0);
    }
}
