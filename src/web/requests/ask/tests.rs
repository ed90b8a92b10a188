//! Whom the page proposes, and which rows count.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Beside, Defaults, proposed};
use crate::domain::form::{Answer, Answers};

fn defaults() -> Defaults {
    Defaults {
        forms: vec!["reporting".into()],
        due: NaiveDate::from_ymd_opt(2026, 4, 17).unwrap(),
    }
}

fn notified() -> Answers {
    let cell = |id: &str, text: &str| (id.to_owned(), Answer::Text(text.into()));
    let mut row = BTreeMap::from([cell("name", "Nurse Sample"), cell("email", "n@nhs.example")]);
    row.insert("agency".into(), Answer::Choice("health_visiting".into()));
    row.insert("send_reporting_form".into(), Answer::Boolean(true));
    let mut answers = Answers::default();
    answers.set("agencies_involved", Answer::Rows(vec![row]));
    answers.set(
        "gp_name_practice",
        Answer::Text("Dr Sample, The Surgery".into()),
    );
    answers
}

#[test]
fn whoever_is_named_is_proposed_and_one_row_is_empty() {
    let rows = proposed(&notified(), &[], &defaults(), &Beside::default());
    let from: Vec<_> = rows.iter().map(|r| (r.from.as_str(), r.chosen)).collect();
    assert_eq!(from, [("notification", true), ("gp", false), ("", false)]);
    assert_eq!(rows[1].agency, "gp");
    assert_eq!(rows[2].day, "17");
}

#[test]
fn an_empty_row_counts_once_somebody_is_typed_into_it() {
    let mut row = defaults().row("");
    assert!(!row.counts());
    row.name = "Somebody".into();
    assert!(row.counts());
    row.from = "gp".into();
    assert!(!row.counts());
}
