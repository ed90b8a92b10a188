//! A calendar as calendar programs read it (RFC 5545). Holds dates and neutral titles: nothing of a child, a case or
//! an agency may reach it, because it lies on servers that are not ours. Must not know whose dates they are.

use chrono::{DateTime, NaiveDate, Utc};

/// The longest line, in bytes without its end (RFC 5545, 3.1).
const LONGEST: usize = 75;

/// When an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Day(NaiveDate),
    Moment(DateTime<Utc>),
}

/// One date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The same for the same date each time, and telling nothing.
    pub uid: String,
    pub on: On,
    pub title: String,
    pub text: String,
}

/// The whole calendar, made at `now`.
pub fn calendar(name: &str, entries: &[Entry], now: DateTime<Utc>) -> String {
    let mut out = String::new();
    let mut line = |text: &str| fold(&mut out, text);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//cdr//dates//EN");
    line("CALSCALE:GREGORIAN");
    line("METHOD:PUBLISH");
    line(&format!("X-WR-CALNAME:{}", escaped(name)));
    line("REFRESH-INTERVAL;VALUE=DURATION:PT1H");
    for entry in entries {
        line("BEGIN:VEVENT");
        line(&format!("UID:{}", escaped(&entry.uid)));
        line(&format!("DTSTAMP:{}", utc(now)));
        match entry.on {
            On::Day(day) => {
                line(&format!("DTSTART;VALUE=DATE:{}", day.format("%Y%m%d")));
                if let Some(next) = day.succ_opt() {
                    line(&format!("DTEND;VALUE=DATE:{}", next.format("%Y%m%d")));
                }
            }
            On::Moment(at) => {
                line(&format!("DTSTART:{}", utc(at)));
                line("DURATION:PT0S");
            }
        }
        line(&format!("SUMMARY:{}", escaped(&entry.title)));
        line(&format!("DESCRIPTION:{}", escaped(&entry.text)));
        line("CLASS:PRIVATE");
        line("TRANSP:TRANSPARENT");
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    out
}

pub(super) fn utc(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Writes a line, folded where it is longer than the standard allows, and never within a character.
pub(super) fn fold(out: &mut String, text: &str) {
    let mut width = 0;
    for c in text.chars() {
        if width + c.len_utf8() > LONGEST {
            out.push_str("\r\n ");
            width = 1;
        }
        width += c.len_utf8();
        out.push(c);
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(title: &str) -> Entry {
        Entry {
            uid: "abc@cdr".into(),
            on: On::Day("2026-12-31".parse().unwrap()),
            title: title.into(),
            text: String::new(),
        }
    }

    fn now() -> DateTime<Utc> {
        "2026-04-01T09:00:00Z".parse().unwrap()
    }

    /// Lines as a reader of calendars puts them together again.
    fn unfolded(text: &str) -> Vec<String> {
        text.replace("\r\n ", "")
            .split("\r\n")
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_calendar_reads_as_the_standard_says() {
        let moment = Entry {
            on: On::Moment("2026-07-01T12:00:00Z".parse().unwrap()),
            ..entry("A; B, C\\D\nE")
        };
        let lines = unfolded(&calendar("Dates", &[entry("A"), moment], now()));
        for wanted in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "UID:abc@cdr",
            "DTSTAMP:20260401T090000Z",
            "DTSTART;VALUE=DATE:20261231",
            "DTEND;VALUE=DATE:20270101",
            "DTSTART:20260701T120000Z",
            "SUMMARY:A\\; B\\, C\\\\D\\nE",
            "END:VCALENDAR",
        ] {
            assert!(
                lines.iter().any(|line| line == wanted),
                "{wanted}: {lines:#?}"
            );
        }
        let count = |what: &str| lines.iter().filter(|line| *line == what).count();
        assert_eq!((count("BEGIN:VEVENT"), count("END:VEVENT")), (2, 2));
    }

    proptest! {
        #[test]
        fn no_line_is_longer_than_the_standard_allows_and_none_is_lost(title in "\\PC{0,200}") {
            let text = calendar("Dates", &[entry(&title)], now());
            prop_assert!(text.ends_with("END:VCALENDAR\r\n"));
            for line in text.split("\r\n") {
                prop_assert!(line.len() <= LONGEST, "{line}");
            }
            let wanted = format!("SUMMARY:{}", escaped(&title));
            let lines = unfolded(&text);
            prop_assert!(lines.contains(&wanted));
        }
    }
}
