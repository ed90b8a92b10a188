//! Days in a text as steps from the day of the death: what happened when is kept, the date is not.

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};

use crate::domain::form::month_of;

/// "the day of the death", "12 days before the death", "about 5 months before the death".
pub fn offset(day: NaiveDate, died: NaiveDate) -> String {
    let days = day.signed_duration_since(died).num_days();
    let side = if days < 0 { "before" } else { "after" };
    match days.abs() {
        0 => "the day of the death".to_owned(),
        1 => format!("1 day {side} the death"),
        n @ 2..=60 => format!("{n} days {side} the death"),
        n @ 61..=730 => format!("about {} months {side} the death", (n * 2 + 30) / 61),
        n => format!("about {} years {side} the death", (n + 182) / 365),
    }
}

/// The part of the day instead of the time.
pub fn part_of_day(time: NaiveTime) -> &'static str {
    match time.hour() {
        0..=5 => "in the night",
        6..=11 => "in the morning",
        12..=17 => "in the afternoon",
        _ => "in the evening",
    }
}

/// The day that a date in words or figures means, where it means one. A year of two figures is none long after the death.
pub(super) fn read(text: &str, died: NaiveDate) -> Option<NaiveDate> {
    let day = read_as(text)?;
    if day.year() > died.year() + 5 {
        return day.with_year(day.year() - 100);
    }
    Some(day)
}

fn read_as(text: &str) -> Option<NaiveDate> {
    let parts: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty() && !part.eq_ignore_ascii_case("of"))
        .map(str::to_lowercase)
        .collect();
    let [a, b, c] = parts.as_slice() else {
        return None;
    };
    if a.len() == 4 {
        return day(c, b, a);
    }
    // March 3 2026
    if month_of(a).is_some() && a.parse::<u32>().is_err() {
        return day(b, a, c);
    }
    day(a, b, c)
}

fn day(day: &str, of: &str, year: &str) -> Option<NaiveDate> {
    let digits = day.trim_end_matches(char::is_alphabetic);
    let year: i32 = year.parse().ok()?;
    let year = if year < 100 { year + 2000 } else { year };
    NaiveDate::from_ymd_opt(year, month_of(of)?, digits.parse().ok()?)
}
