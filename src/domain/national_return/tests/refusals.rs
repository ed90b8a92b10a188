//! The year-end check list.

use super::sample::{day, order};
use super::*;
use crate::domain::form::{Answer, Severity};
use std::collections::BTreeMap;

fn rules(case: &ReturnCase) -> Vec<(&'static str, String)> {
    let issues = exporter().refusals(&order(Kind::YearEnd), case);
    issues
        .into_iter()
        .map(|issue| (issue.rule_id, issue.field))
        .collect()
}

fn with(change: impl FnOnce(&mut ReturnCase)) -> Vec<(&'static str, String)> {
    let mut case = sample::neonatal();
    change(&mut case);
    rules(&case)
}

fn set(case: &mut ReturnCase, form: &str, field: &str, answer: Option<Answer>) {
    let record = case
        .agreed
        .iter_mut()
        .find(|record| record.form == form)
        .unwrap();
    match answer {
        Some(answer) => record.answers.0.insert(field.to_owned(), answer),
        None => record.answers.0.remove(field),
    };
}

#[test]
fn a_whole_case_has_none() {
    assert_eq!(rules(&sample::neonatal()), []);
    assert_eq!(rules(&sample::sudi()), []);
    assert_eq!(rules(&sample::duplicate()), []);
}

#[test]
fn an_open_case_needs_a_complete_notification() {
    let held = rules(&sample::open());
    let expected = [
        ("SB-3", "postcode".to_owned()),
        ("SB-3", "mccd_issued".to_owned()),
        ("SB-3", "notification.agencies_involved".to_owned()),
        ("ID-4", "nhs_number".to_owned()),
    ];
    assert_eq!(held, expected);
    // Not known is an answer, so ethnicity is not among them.
}

#[test]
fn a_missing_number_is_only_worth_a_look() {
    let issues = exporter().refusals(&order(Kind::YearEnd), &sample::suicide());
    assert_eq!(issues.len(), 1);
    assert_eq!(
        (issues[0].rule_id, issues[0].severity),
        ("ID-6", Severity::Warn)
    );
}

type Change<'c> = Box<dyn FnOnce(&mut ReturnCase) + 'c>;

#[test]
fn each_gap_is_named() {
    let text = |text: &str| Some(Answer::Text(text.to_owned()));
    let date = |date: &str| Some(Answer::Date(day(date)));
    let ungraded = |case: &mut ReturnCase| {
        set(
            case,
            "analysis",
            "factors_b",
            Some(Answer::Rows(vec![BTreeMap::new()])),
        );
    };
    let cases: Vec<(Change, &str, &str)> = vec![
        (Box::new(ungraded), "AN-1", "influence"),
        (
            Box::new(|c| set(c, "analysis", "no_factors_c", None)),
            "AN-2",
            "domain",
        ),
        (
            Box::new(|c| set(c, "analysis", "primary_category", None)),
            "AN-4",
            "category",
        ),
        (
            Box::new(|c| set(c, "analysis", "modifiable", None)),
            "AN-9",
            "modifiability",
        ),
        (
            Box::new(|c| set(c, "analysis", "date_of_review", None)),
            "SB-4",
            "review_date",
        ),
        (
            Box::new(|c| c.agreed.retain(|r| r.form != "reporting")),
            "SB-4",
            "reporting",
        ),
        (
            Box::new(|c| c.requests[0].status = RequestStatus::Requested),
            "X-1",
            "neonatal",
        ),
        (
            Box::new(|c| set(c, "notification", "nhs_number", text("9990000019"))),
            "ID-2",
            "nhs_number",
        ),
        (
            Box::new(|c| c.same_nhs_number_as = Some("KM-2025-0009".to_owned())),
            "ID-8",
            "nhs_number",
        ),
        (
            Box::new(|c| set(c, "notification", "sex", None)),
            "SB-6",
            "sex",
        ),
        (
            Box::new(|c| set(c, "notification", "date_of_birth", date("2007-05-03"))),
            "DT-2",
            "date_of_death",
        ),
        (
            Box::new(|c| set(c, "notification", "date_of_birth", date("2025-05-04"))),
            "DT-1",
            "date_of_death",
        ),
        (
            Box::new(|c| c.reviewed_on = Some(day("2018-01-01"))),
            "DT-14",
            "review_date",
        ),
    ];
    for (change, rule, field) in cases {
        assert_eq!(with(change), [(rule, field.to_owned())]);
    }
}

#[test]
fn a_case_outside_the_period_is_nobody_s_business() {
    let case = ReturnCase {
        reviewed_on: Some(day("2018-01-01")),
        finalised_at: Some("2018-01-01T10:00:00Z".parse().unwrap()),
        ..sample::neonatal()
    };
    assert_eq!(rules(&case), []);
}

#[test]
fn a_withdrawn_case_names_the_one_that_stays() {
    let case = ReturnCase {
        duplicate_of: None,
        ..sample::duplicate()
    };
    assert_eq!(rules(&case), [("SB-9", "duplicate_of_case_id".to_owned())]);
    let transferred = ReturnCase {
        status: Status::Transferred,
        ..sample::suicide()
    };
    assert!(rules(&transferred).contains(&("SB-11", "transferred_to_cdop".to_owned())));
}

#[test]
fn checking_a_caseload_tells_of_each_case() {
    let mut told = Vec::new();
    let mut source = Held(sample::all());
    exporter()
        .check(&order(Kind::YearEnd), &mut source, &mut |issue| {
            told.push(issue.case_id);
            Ok(())
        })
        .unwrap();
    told.dedup();
    assert_eq!(told, ["KM-2025-0003", "KM-2026-0004"]);
}
