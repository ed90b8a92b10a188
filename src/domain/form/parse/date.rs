//! Dates as people type them.

use chrono::{Datelike, NaiveDate};

use super::{Misread, Read};
use crate::domain::form::Field;
use crate::domain::form::phrase::{listed, start};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A date in three boxes, none of which may be left out.
pub(in crate::domain::form) fn date_in_parts(
    field: &Field,
    day: &str,
    month: &str,
    year: &str,
) -> Read<NaiveDate> {
    of_boxes(start(field), day, month, year)
}

/// The same for a date that is in no dictionary, called by the name it has on its page.
///
/// # Errors
/// What is wrong with it, in words for whoever typed it.
pub fn date_of_boxes(name: &str, day: &str, month: &str, year: &str) -> Result<NaiveDate, String> {
    of_boxes(name, day, month, year).map_err(|misread| misread.message)
}

fn of_boxes(name: &str, day: &str, month: &str, year: &str) -> Read<NaiveDate> {
    let parts = [
        ("date.day", "a day", day),
        ("date.month", "a month", month),
        ("date.year", "a year", year),
    ];
    let missing: Vec<_> = parts
        .iter()
        .filter(|(_, _, text)| text.trim().is_empty())
        .collect();
    if let [(rule, ..), ..] = missing.as_slice() {
        let wanted: Vec<&str> = missing.iter().map(|(_, what, _)| *what).collect();
        return Err(Misread::new(
            rule,
            format!("{name} must include {}", listed(&wanted)),
        ));
    }
    let month = month_of(month).ok_or_else(|| {
        let words = format!("{name}: the month must be a number from 1 to 12, or its name");
        Misread::new("date.month", words)
    })?;
    let year = year_of(year).ok_or_else(|| {
        let words = format!("{name}: the year must have four figures, for example 2026");
        Misread::new("date.year", words)
    })?;
    let day = day_of(day).ok_or_else(|| {
        let words = format!("{name}: the day must be a number from 1 to 31");
        Misread::new("date.day", words)
    })?;
    NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| {
        let month = NaiveDate::from_ymd_opt(year, month, 1).map(|d| d.format("%B").to_string());
        let year = if month.as_deref() == Some("February") {
            format!(" {year}")
        } else {
            String::new()
        };
        let words = format!(
            "{name}: there is no {day} {}{year}. Check the day",
            month.unwrap_or_default()
        );
        Misread::new("date.day", words)
    })
}

/// A date in one piece: `2026-03-27`, `27/3/2026`, `27 March 2026`.
pub(in crate::domain::form) fn date(field: &Field, text: &str) -> Read<NaiveDate> {
    let parts: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '-' | '/' | '.' | ','))
        .filter(|part| !part.is_empty())
        .collect();
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) => {
            date_in_parts(field, day, month, year)
        }
        [day, month, year] => date_in_parts(field, day, month, year),
        _ => {
            let words = format!("{} must be a date, for example 27 3 2026", start(field));
            Err(Misread::new("date", words))
        }
    }
}

/// `27`, `27th`
fn day_of(text: &str) -> Option<u32> {
    let text = text.trim().to_lowercase();
    let text = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|end| text.strip_suffix(end))
        .unwrap_or(&text);
    figures(text, 2).filter(|day| (1..=31).contains(day))
}

/// `3`, `03`, `March`, `mar`, `Sept.`: 1 to 12.
pub fn month_of(text: &str) -> Option<u32> {
    let text = text.trim().trim_end_matches('.').to_lowercase();
    if let Some(month) = figures(&text, 2) {
        return (1..=12).contains(&month).then_some(month);
    }
    let named = |name: &&str| name.starts_with(&text) && text.len() >= 3;
    MONTHS
        .iter()
        .zip(1..)
        .find(|(name, _)| named(name))
        .map(|(_, month)| month)
}

/// Four figures from 1900 to 2100. Two figures mean this century up to 49, the last one from 50:
/// nobody on a form is born before 1950 and typed with two figures more often than the reverse.
fn year_of(text: &str) -> Option<i32> {
    let text = text.trim();
    let year = figures(text, 4)?;
    let year = match (text.len(), year) {
        (2, ..=49) => 2000 + year,
        (2, _) => 1900 + year,
        (4, _) => year,
        _ => return None,
    };
    i32::try_from(year)
        .ok()
        .filter(|year| (1900..=2100).contains(year))
}

fn figures(text: &str, most: usize) -> Option<u32> {
    let sound = !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    if sound { text.parse().ok() } else { None }
}

/// The three boxes of a date.
pub(in crate::domain::form) fn boxes(date: NaiveDate) -> [(&'static str, String); 3] {
    [
        ("day", date.day().to_string()),
        ("month", date.month().to_string()),
        ("year", date.year().to_string()),
    ]
}
