//! Whom the page proposes, and which rows count.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::NaiveDate;

use super::{Beside, Defaults, proposed};
use crate::domain::form::{Answer, Answers};
use crate::domain::holders::Holders;
use crate::domain::sample::library;

/// Who holds what the neonatal form asks.
static HOLDERS: LazyLock<Holders> = LazyLock::new(|| {
    let data = "form,agencies,basis\nneonatal,neonatal|health_visiting,proposed\n";
    Holders::load(library().current(), data).unwrap()
});

fn defaults() -> Defaults<'static> {
    Defaults {
        missing: vec!["neonatal".into()],
        holders: &HOLDERS,
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
    assert_eq!(rows[0].forms, ["reporting", "neonatal"]);
    assert_eq!(rows[1].forms, ["reporting"]);
    assert_eq!(rows[2].forms, ["reporting"]);
    assert_eq!(rows[2].day, "17");
}

#[test]
fn an_empty_row_counts_once_somebody_is_typed_into_it() {
    let mut row = defaults().row("", "");
    assert!(!row.counts());
    row.name = "Somebody".into();
    assert!(row.counts());
    row.from = "gp".into();
    assert!(!row.counts());
}
