//! What a person asks of a return, out of a post or an address: dates in boxes, choices, a reference. Must not
//! know what is then made of it.

use chrono::NaiveDate;
use serde_json::Value;

use crate::casework::submit_return::{Answer, Ask, faults};
use crate::domain::form::Problem;
use crate::domain::national_return::{Kind, Period};
use crate::web::Post;
use crate::web::dated::day;

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
                "The first day: there is no 31 April. Check the day",
            ),
            (
                "1",
                "13",
                "2025",
                "The first day: the month must be a number from 1 to 12, or its name",
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
