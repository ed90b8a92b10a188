//! Whom the page proposes, and which rows count.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveDateTime};

use super::{Beside, Defaults, proposed};
use crate::domain::form::{Answer, Answers};
use crate::domain::holders::Holders;
use crate::domain::sample::library;
use crate::store::requests::Request;

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

/// Handed on to somebody whom nobody named, a request is still with that agency.
#[test]
fn an_agency_whose_request_was_handed_on_is_not_ticked_again() {
    let request = |recipient: &str, email: &str, state: &str| Request {
        agency: "health_visiting".into(),
        recipient: recipient.into(),
        email: email.into(),
        state: state.into(),
        id: "request".into(),
        case_id: "case".into(),
        agreed_date: NaiveDate::from_ymd_opt(2026, 4, 17).unwrap(),
        created_at: NaiveDateTime::default(),
        professional_type: None,
        link_hash: None,
        link_expires_at: None,
        sent_at: None,
        opened_at: None,
        answered_at: None,
        closed_at: None,
        nil_return: false,
        version: 1,
        contact_id: None,
        part_of: None,
        knew_child: false,
        organisation: None,
        reason: None,
    };
    let ticked = |asked: &[Request]| {
        let rows = proposed(&notified(), asked, &defaults(), &Beside::default());
        let row = rows.into_iter().find(|row| row.agency == "health_visiting");
        row.map(|row| row.chosen)
    };
    assert_eq!(ticked(&[]), Some(true));
    let colleague = |state| request("Colleague Sample", "c@nhs.example", state);
    assert_eq!(ticked(&[colleague("answered")]), Some(false));
    assert_eq!(ticked(&[colleague("withdrawn")]), Some(true));
    let named = request("Nurse Sample", "n@nhs.example", "sent");
    assert_eq!(ticked(&[named]), None, "asked already");
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
