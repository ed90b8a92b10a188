//! Dates and times as people read them, in Europe/London, by the GOV.UK style.
//! Templates get them as ISO text; what is not a date is shown as it is.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use chrono_tz::Europe::London;
use minijinja::value::Value;

/// `27 March 2026`
pub fn date(value: &Value) -> String {
    let text = shown(value);
    day_of(&text).map_or(text, long)
}

/// `27 March 2026 at 2:05pm`
pub fn datetime(value: &Value) -> String {
    let text = shown(value);
    match moment_of(&text) {
        Some(moment) => format!("{} at {}", long(moment.date()), clock(moment.time())),
        None => day_of(&text).map_or(text, long),
    }
}

/// `2:05pm`
pub fn time(value: &Value) -> String {
    let text = shown(value);
    let time = moment_of(&text).map(|moment| moment.time()).or_else(|| {
        ["%H:%M", "%H:%M:%S%.f"]
            .iter()
            .find_map(|f| NaiveTime::parse_from_str(&text, f).ok())
    });
    time.map_or(text, clock)
}

fn shown(value: &Value) -> String {
    if value.is_none() || value.is_undefined() {
        String::new()
    } else {
        value.to_string()
    }
}

fn long(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

fn clock(time: NaiveTime) -> String {
    let (afternoon, hour) = time.hour12();
    format!(
        "{hour}:{:02}{}",
        time.minute(),
        if afternoon { "pm" } else { "am" }
    )
}

fn day_of(text: &str) -> Option<NaiveDate> {
    text.parse()
        .ok()
        .or_else(|| moment_of(text).map(|moment| moment.date()))
}

/// A moment in London: UTC is converted, a time without a zone is taken as London's already.
fn moment_of(text: &str) -> Option<NaiveDateTime> {
    if let Ok(utc) = text.parse::<DateTime<Utc>>() {
        return Some(utc.with_timezone(&London).naive_local());
    }
    [
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
    ]
    .iter()
    .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
}
