//! What a person asks of a return, out of a post or an address: dates in boxes, choices, a reference. Must not
//! know what is then made of it.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use crate::casework::submit_return::{Answer, Ask, faults};
use crate::domain::form::{Problem, Severity};
use crate::domain::national_return::{Kind, Period};
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

/// What was asked, with the faults of what was typed.
pub struct Asked {
    pub ask: Ask,
    pub problems: Vec<Problem>,
}

/// What the form holds when nothing was asked yet: the year end of the current financial year.
pub fn usual(today: NaiveDate) -> Ask {
    let year = Period::year_of(today);
    Ask {
        kind: Some(Kind::YearEnd),
        from: year.map(|year| year.from),
        to: year.map(|year| year.to),
        ..Ask::default()
    }
}

/// Reads what was typed. A date whose boxes cannot be read is told once, in its own words.
pub fn read(post: &Post) -> Asked {
    let mut problems = Vec::new();
    let from = day(post, "from", "The first day", &mut problems);
    let to = day(post, "to", "The last day", &mut problems);
    let ask = Ask {
        kind: Kind::of(post.text("kind")),
        from,
        to,
        case: post.text("case").trim().to_owned(),
        published: post.get("published").is_some(),
        spreadsheet: post.get("spreadsheet").is_some(),
        originals: post.get("originals").is_some(),
    };
    let found = faults(&ask);
    Asked {
        problems: joined(problems, found),
        ask,
    }
}

/// Reads what the receiver said of a package.
pub fn read_answer(post: &Post) -> (Answer, Vec<Problem>) {
    let mut problems = Vec::new();
    let answer = Answer {
        accepted: match post.text("outcome") {
            "accepted" => Some(true),
            "refused" => Some(false),
            _ => None,
        },
        on: day(post, "on", "The date of the answer", &mut problems),
        words: post.text("words").trim().to_owned(),
    };
    (answer, problems)
}

/// The questions of both forms, in the order of their pages.
const ORDER: [&str; 7] = ["kind", "from", "to", "case", "outcome", "on", "words"];

/// The first list and what the second says of other fields, in the order of the page.
pub fn joined(first: Vec<Problem>, second: Vec<Problem>) -> Vec<Problem> {
    let mut all = first;
    for problem in second {
        if !all.iter().any(|told| told.field == problem.field) {
            all.push(problem);
        }
    }
    all.sort_by_key(|p| ORDER.iter().position(|field| *field == p.field));
    all
}

/// The error summary and each field's words, for the template.
pub fn errors(problems: &[Problem]) -> Value {
    let items: Vec<Value> = problems
        .iter()
        .map(|p| {
            let first = match p.field.as_str() {
                dated @ ("from" | "to" | "on") => format!("#{dated}-day"),
                other => format!("#{other}"),
            };
            context! { text => &p.message, href => first }
        })
        .collect();
    items.into()
}

/// The words at a field.
pub fn error_at<'p>(problems: &'p [Problem], field: &str) -> Option<&'p str> {
    problems
        .iter()
        .find(|p| p.field == field)
        .map(|p| p.message.as_str())
}

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
fn day(post: &Post, name: &str, label: &str, problems: &mut Vec<Problem>) -> Option<NaiveDate> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::Posted;

    fn post(pairs: &[(&str, &str)]) -> Post {
        let pairs = pairs
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        Post(Posted(pairs.collect()))
    }

    fn dated(day: &str, month: &str, year: &str) -> Asked {
        read(&post(&[
            ("kind", "final"),
            ("from-day", day),
            ("from-month", month),
            ("from-year", year),
            ("to", "2026-03-31"),
        ]))
    }

    #[test]
    fn takes_dates_as_people_type_them() {
        for (day, month, year) in [
            ("1", "4", "2025"),
            ("01", "April", "2025"),
            ("1", "apr", "25"),
        ] {
            let asked = dated(day, month, year);
            assert_eq!(asked.ask.from, NaiveDate::from_ymd_opt(2025, 4, 1));
            assert!(asked.problems.is_empty(), "{day} {month} {year}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_date_once_and_at_its_field() {
        for (day, month, year, words) in [
            (
                "31",
                "",
                "",
                "The first day must include a month and a year",
            ),
            (
                "31",
                "4",
                "2025",
                "The first day: there is no such day in that month. Check the day",
            ),
            (
                "1",
                "13",
                "2025",
                "The first day: there is no such day in that month. Check the day",
            ),
            (
                "1",
                "ap",
                "2025",
                "The first day: the month must be a number from 1 to 12, or its name",
            ),
            (
                "1",
                "4",
                "205",
                "The first day: the year must have four figures, for example 2026",
            ),
            (
                "",
                "",
                "",
                "Enter the first day of the period, for example 1 4 2026",
            ),
        ] {
            let told: Vec<String> = dated(day, month, year)
                .problems
                .into_iter()
                .map(|p| p.message)
                .collect();
            assert_eq!(told, [words]);
        }
    }

    #[test]
    fn a_period_must_not_run_backwards_and_a_kind_must_be_chosen() {
        for (from, wrong) in [("2026-04-01", "to"), ("1 April", "from")] {
            let asked = read(&post(&[("from", from), ("to", "2026-03-31")]));
            let fields: Vec<&str> = asked.problems.iter().map(|p| p.field.as_str()).collect();
            assert_eq!(fields, ["kind", wrong]);
        }
    }
}
