//! A date as people type it: three boxes, a month by name or number, or one piece with the year first. Must not know
//! what the date is for.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use crate::domain::form::{Problem, Severity};
use crate::web::Post;

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

/// A date's boxes as they were typed, or as a date fills them.
pub fn boxes(post: Option<&Post>, name: &str, held: Option<NaiveDate>) -> Value {
    let typed = |part: &str| post.map(|p| p.text(&format!("{name}-{part}")).to_owned());
    let whole = |of: fn(&NaiveDate) -> String| held.as_ref().map(of).unwrap_or_default();
    let any = ["day", "month", "year"]
        .iter()
        .any(|part| typed(part).is_some_and(|text| !text.trim().is_empty()));
    if any || (post.is_some() && held.is_none()) {
        return context! { day => typed("day"), month => typed("month"), year => typed("year") };
    }
    context! {
        day => whole(|d| d.day().to_string()), month => whole(|d| d.month().to_string()),
        year => whole(|d| d.year().to_string()),
    }
}

/// A date in three boxes, or in one piece with the year first.
pub fn day(post: &Post, name: &str, label: &str, problems: &mut Vec<Problem>) -> Option<NaiveDate> {
    let part = |part: &str| post.text(&format!("{name}-{part}")).trim().to_owned();
    let [day, month, year] = ["day", "month", "year"].map(part);
    let whole = post.text(name).trim();
    if day.is_empty() && month.is_empty() && year.is_empty() && whole.is_empty() {
        return None;
    }
    let read = if day.is_empty() && month.is_empty() && year.is_empty() {
        whole
            .parse()
            .map_err(|_| format!("{label} must be a date, for example 2026-03-27"))
    } else {
        of_boxes(&day, &month, &year, label)
    };
    match read {
        Ok(date) => Some(date),
        Err(message) => {
            problems.push(Problem {
                field: name.to_owned(),
                row: None,
                column: None,
                rule: "date".to_owned(),
                severity: Severity::Stop,
                message,
            });
            None
        }
    }
}

fn of_boxes(day: &str, month: &str, year: &str, label: &str) -> Result<NaiveDate, String> {
    let parts = [("a day", day), ("a month", month), ("a year", year)];
    let missing: Vec<&str> = parts
        .iter()
        .filter(|(_, text)| text.is_empty())
        .map(|(what, _)| *what)
        .collect();
    if !missing.is_empty() {
        return Err(format!("{label} must include {}", missing.join(" and ")));
    }
    let month = month_of(month)
        .ok_or_else(|| format!("{label}: the month must be a number from 1 to 12, or its name"))?;
    let year = figures(year, 4)
        .and_then(|n| i32::try_from(if year.len() == 2 { n + 2000 } else { n }).ok())
        .filter(|year| (1990..=2100).contains(year))
        .ok_or_else(|| format!("{label}: the year must have four figures, for example 2026"))?;
    figures(day, 2)
        .and_then(|day| NaiveDate::from_ymd_opt(year, month, day))
        .ok_or_else(|| format!("{label}: there is no such day in that month. Check the day"))
}

fn month_of(text: &str) -> Option<u32> {
    let text = text.trim_end_matches('.').to_lowercase();
    if let Some(month) = figures(&text, 2) {
        return Some(month);
    }
    let named = |name: &&str| text.len() >= 3 && name.starts_with(&text);
    MONTHS
        .iter()
        .zip(1..)
        .find(|(name, _)| named(name))
        .map(|(_, month)| month)
}

fn figures(text: &str, most: usize) -> Option<u32> {
    let sound = !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    if sound { text.parse().ok() } else { None }
}
