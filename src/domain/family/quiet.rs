//! Days on which not to call somebody: a list of them, a line each, one day or several, in one year or in each. Must not
//! know whose they are.

use chrono::{Datelike, Days, NaiveDate};

/// The most lines that one person has.
const MOST: usize = 40;
/// Stands behind a day that comes every year.
const YEARLY: &str = "each year";
/// A leap year, so that every day of the calendar is in it.
const ANY: i32 = 2024;

/// One day, or several that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub yearly: bool,
}

impl Quiet {
    /// Whether a day is one of them.
    pub fn holds(&self, day: NaiveDate) -> bool {
        if !self.yearly {
            return (self.from..=self.to).contains(&day);
        }
        let of = |day: NaiveDate| (day.month(), day.day());
        let (from, to, at) = (of(self.from), of(self.to), of(day));
        let within = |at: (u32, u32)| {
            if from <= to {
                from <= at && at <= to
            } else {
                at >= from || at <= to
            }
        };
        // Who was born on 29 February is thought of on the 28th where there is no such day.
        let last = at == (2, 28) && (day + Days::new(1)).month() == 3;
        within(at) || (last && within((2, 29)))
    }

    /// As a line of the list.
    pub fn line(&self) -> String {
        let day = |day: NaiveDate| {
            if self.yearly {
                day.format("%-d %-m").to_string()
            } else {
                day.format("%-d %-m %Y").to_string()
            }
        };
        let mut line = day(self.from);
        if self.to != self.from {
            line = format!("{line} to {}", day(self.to));
        }
        if self.yearly {
            line = format!("{line} {YEARLY}");
        }
        line
    }
}

/// Reads a list, a line each.
///
/// # Errors
/// The number of the first line that cannot be read.
pub fn read(text: &str) -> Result<Vec<Quiet>, usize> {
    let mut all = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        if line.trim().is_empty() {
            continue;
        }
        all.push(one(line).filter(|_| number <= MOST).ok_or(number)?);
    }
    Ok(all)
}

fn one(line: &str) -> Option<Quiet> {
    let line = line.trim().to_lowercase();
    let (days, yearly) = match line.strip_suffix(YEARLY) {
        Some(days) => (days.trim(), true),
        None => (line.as_str(), false),
    };
    let (from, to) = match days.split_once(" to ") {
        Some((from, to)) => (day(from, yearly)?, day(to, yearly)?),
        None => (day(days, yearly)?, day(days, yearly)?),
    };
    (yearly || from <= to).then_some(Quiet { from, to, yearly })
}

/// A day in numbers, such as `27 3 2026`. Of one that comes every year the year is left out, or does not matter.
fn day(text: &str, yearly: bool) -> Option<NaiveDate> {
    let parts: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || "/.-".contains(c))
        .filter(|part| !part.is_empty())
        .collect();
    let number = |part: &str| part.parse::<u32>().ok();
    match parts.as_slice() {
        [day, month, year] => {
            let named = year.parse().ok().filter(|_| year.len() == 4)?;
            let year = if yearly { ANY } else { named };
            NaiveDate::from_ymd_opt(year, number(month)?, number(day)?)
        }
        [day, month] if yearly => NaiveDate::from_ymd_opt(ANY, number(month)?, number(day)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_list_is_read_line_by_line_and_the_first_wrong_line_is_named() {
        let text = "4 5 2026\n\n24/12/2026 to 2/1/2027\n9 2 each year\n27.3.2026 Each year\n24 12 to 2 1 each year";
        let all = read(text).unwrap();
        let lines: Vec<String> = all.iter().map(Quiet::line).collect();
        let wanted = [
            "4 5 2026",
            "24 12 2026 to 2 1 2027",
            "9 2 each year",
            "27 3 each year",
            "24 12 to 2 1 each year",
        ];
        assert_eq!(lines, wanted);
        for (text, line) in [
            ("4 5", 1),
            ("4 5 26", 1),
            ("4 5 2026\nhis birthday", 2),
            ("31 4 2026", 1),
            ("5 5 2026 to 4 5 2026", 1),
            ("each year", 1),
        ] {
            assert_eq!(read(text), Err(line), "{text}");
        }
        assert_eq!(read(&"4 5 2026\n".repeat(41)), Err(41));
        assert_eq!(read(" \n"), Ok(Vec::new()));
    }

    #[test]
    fn days_of_each_year_go_over_its_end_and_come_where_there_is_no_29_february() {
        let holds = |text: &str, day: &str| read(text).unwrap()[0].holds(date(day));
        for day in ["2026-12-24", "2026-12-31", "2027-01-02", "2030-01-01"] {
            assert!(holds("24 12 to 2 1 each year", day), "{day}");
        }
        assert!(!holds("24 12 to 2 1 each year", "2026-12-23"));
        assert!(!holds("24 12 to 2 1 each year", "2027-01-03"));
        assert!(holds("29 2 each year", "2026-02-28") && holds("29 2 each year", "2028-02-29"));
        assert!(!holds("29 2 each year", "2028-02-28") && !holds("29 2 each year", "2026-03-01"));
        assert!(holds("4 5 2026", "2026-05-04") && !holds("4 5 2026", "2027-05-04"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(from in 0_i64..20_000, more in 0_u64..60, yearly in any::<bool>()) {
            let from = date("2000-02-29") + chrono::Duration::days(from);
            let to = from + Days::new(more);
            let text = Quiet { from, to, yearly }.line();
            let read = read(&text).unwrap();
            prop_assert_eq!(read[0].line(), text);
            prop_assert!(read[0].holds(from) && read[0].holds(to));
        }

        #[test]
        fn nothing_that_is_typed_stops_it(text in "\\PC{0,40}") {
            drop(read(&text));
        }
    }
}
