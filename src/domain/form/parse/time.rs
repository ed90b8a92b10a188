//! Times as people type them, 24-hour or with am and pm. Kept to the minute.

use chrono::NaiveTime;

use super::{Misread, Read};
use crate::domain::form::Field;
use crate::domain::form::phrase::start;

/// A time in one box: `9:05`, `09.05`, `0905`, `9 05`, `9.05pm`, `9pm`, `noon`, `midnight`.
pub(in crate::domain::form) fn time(field: &Field, text: &str) -> Read<NaiveTime> {
    let lower = text.trim().to_lowercase();
    match lower.as_str() {
        "noon" | "midday" => return at(field, "12", "0", None),
        "midnight" => return at(field, "0", "0", None),
        _ => {}
    }
    let (clock, half) = halves(&lower);
    let parts: Vec<&str> = clock
        .split(|c: char| c.is_whitespace() || matches!(c, ':' | '.' | '-'))
        .filter(|p| !p.is_empty())
        .collect();
    match parts.as_slice() {
        [hour, minute] | [hour, minute, _] if parts.iter().all(|p| p.len() <= 2) => {
            at(field, hour, minute, half)
        }
        [one] if (3..=4).contains(&one.len()) && one.bytes().all(|b| b.is_ascii_digit()) => {
            let (hour, minute) = one.split_at(one.len() - 2);
            at(field, hour, minute, half)
        }
        [hour] if half.is_some() => at(field, hour, "0", half),
        _ => Err(Misread::new(
            "time",
            format!("{} must be a time, for example 14:05", start(field)),
        )),
    }
}

/// A time in two boxes, both of which are needed.
pub(in crate::domain::form) fn time_in_parts(
    field: &Field,
    hour: &str,
    minute: &str,
) -> Read<NaiveTime> {
    let name = start(field);
    match (hour.trim().is_empty(), minute.trim().is_empty()) {
        (true, true) => {
            return Err(Misread::new(
                "time.hour",
                format!("{name} must include a time, for example 14:05"),
            ));
        }
        (true, false) => {
            return Err(Misread::new(
                "time.hour",
                format!("{name} must include the hour, 0 to 23"),
            ));
        }
        (false, true) => {
            return Err(Misread::new(
                "time.minute",
                format!("{name} must include the minutes, 00 to 59"),
            ));
        }
        (false, false) => {}
    }
    let (hour, minute) = (hour.trim().to_lowercase(), minute.trim().to_lowercase());
    let (hour, early) = halves(&hour);
    let (minute, late) = halves(&minute);
    at(field, hour, minute, early.or(late))
}

/// Which half of the day.
#[derive(Clone, Copy, PartialEq)]
enum Half {
    Am,
    Pm,
}

/// Splits off "am" or "pm".
fn halves(text: &str) -> (&str, Option<Half>) {
    for (end, half) in [
        ("am", Half::Am),
        ("a.m.", Half::Am),
        ("pm", Half::Pm),
        ("p.m.", Half::Pm),
    ] {
        if let Some(clock) = text.strip_suffix(end) {
            return (clock.trim_end(), Some(half));
        }
    }
    (text, None)
}

fn at(field: &Field, hour: &str, minute: &str, half: Option<Half>) -> Read<NaiveTime> {
    let name = start(field);
    let hour = figures(hour).and_then(|hour| match half {
        None => (hour < 24).then_some(hour),
        // "14:05 pm" is said often enough.
        Some(Half::Pm) if (13..24).contains(&hour) => Some(hour),
        Some(half) => (1..=12)
            .contains(&hour)
            .then(|| hour % 12 + if half == Half::Pm { 12 } else { 0 }),
    });
    let hour = hour.ok_or_else(|| {
        Misread::new(
            "time.hour",
            format!("{name}: the hour must be a number from 0 to 23"),
        )
    })?;
    let minute = figures(minute)
        .filter(|minute| *minute < 60)
        .ok_or_else(|| {
            Misread::new(
                "time.minute",
                format!("{name}: the minutes must be a number from 0 to 59"),
            )
        })?;
    NaiveTime::from_hms_opt(hour, minute, 0)
        .ok_or_else(|| Misread::new("time", format!("{name} must be a time, for example 14:05")))
}

fn figures(text: &str) -> Option<u32> {
    let text = text.trim();
    let sound = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if sound { text.parse().ok() } else { None }
}
