//! Bank holidays of England and Wales: the usual ones computed, the others listed.
//! Must not know what is counted in working days.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Days that are not what the rule gives: moved, added or taken away by proclamation.
const EXTRA: &[(i32, u32, u32)] = &[
    (2020, 5, 8),
    (2022, 6, 2),
    (2022, 6, 3),
    (2022, 9, 19),
    (2023, 5, 8),
];
const MOVED: &[(i32, u32, u32)] = &[(2020, 5, 4), (2022, 5, 30)];

/// The bank holidays of a year, in order.
pub fn bank_holidays(year: i32) -> Vec<NaiveDate> {
    let mut days: Vec<NaiveDate> = [
        in_lieu(year, 1, 1, 0),
        easter(year).and_then(|sunday| sunday.checked_sub_days(Days::new(2))),
        easter(year).and_then(|sunday| sunday.checked_add_days(Days::new(1))),
        NaiveDate::from_weekday_of_month_opt(year, 5, Weekday::Mon, 1),
        last_monday(year, 5),
        last_monday(year, 8),
        in_lieu(year, 12, 25, 1),
        in_lieu(year, 12, 26, 1),
    ]
    .into_iter()
    .flatten()
    .filter(|day| !listed(MOVED, *day))
    .collect();
    let extra = EXTRA.iter().filter(|(of, _, _)| *of == year);
    days.extend(extra.filter_map(|(of, month, day)| NaiveDate::from_ymd_opt(*of, *month, *day)));
    days.sort_unstable();
    days.dedup();
    days
}

fn listed(table: &[(i32, u32, u32)], day: NaiveDate) -> bool {
    table.contains(&(day.year(), day.month(), day.day()))
}

/// A fixed day, or the weekday given for it. `pair` is 1 for the two days of Christmas, which push
/// each other on: Sunday the 25th gives Tuesday the 27th.
fn in_lieu(year: i32, month: u32, day: u32, pair: u64) -> Option<NaiveDate> {
    let date = NaiveDate::from_ymd_opt(year, month, day)?;
    let on = match (date.weekday(), pair) {
        (Weekday::Sat, _) | (Weekday::Sun, 1) => 2,
        (Weekday::Sun, _) => 1,
        _ => 0,
    };
    date.checked_add_days(Days::new(on))
}

fn last_monday(year: i32, month: u32) -> Option<NaiveDate> {
    let last = NaiveDate::from_ymd_opt(year, month, 31)?;
    last.checked_sub_days(Days::new(u64::from(last.weekday().num_days_from_monday())))
}

/// Easter Sunday, by the Gregorian rule (Meeus, Jones and Butcher).
fn easter(year: i32) -> Option<NaiveDate> {
    let (golden, century, rest) = (year % 19, year / 100, year % 100);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let days = epact + weekday - 7 * late + 114;
    NaiveDate::from_ymd_opt(
        year,
        u32::try_from(days / 31).ok()?,
        u32::try_from(days % 31 + 1).ok()?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(year: i32) -> String {
        bank_holidays(year)
            .iter()
            .map(|day| day.format("%-d/%-m").to_string())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn known_years() {
        assert_eq!(year(2026), "1/1 3/4 6/4 4/5 25/5 31/8 25/12 28/12");
        assert_eq!(year(2027), "1/1 26/3 29/3 3/5 31/5 30/8 27/12 28/12");
        assert_eq!(
            year(2022),
            "3/1 15/4 18/4 2/5 2/6 3/6 29/8 19/9 26/12 27/12"
        );
        assert_eq!(year(2020), "1/1 10/4 13/4 8/5 25/5 31/8 25/12 28/12");
        assert_eq!(year(2023), "2/1 7/4 10/4 1/5 8/5 29/5 28/8 25/12 26/12");
    }

    #[test]
    fn never_a_weekend() {
        for year in 2010..2060 {
            for day in bank_holidays(year) {
                assert!(
                    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
                    "{day}"
                );
            }
        }
    }
}
