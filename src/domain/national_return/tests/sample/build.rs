//! Short ways to write answers and whole forms.

use super::{at, day};
use crate::domain::form::{Answer, Answers};
use crate::domain::national_return::{Record, ReturnCase};

type Row = std::collections::BTreeMap<String, Answer>;

pub(super) fn t(text: &str) -> Answer {
    Answer::Text(text.to_owned())
}

pub(super) fn c(code: &str) -> Answer {
    Answer::Choice(code.to_owned())
}

pub(super) fn d(date: &str) -> Answer {
    Answer::Date(day(date))
}

pub(super) fn cs(codes: &[&str]) -> Answer {
    Answer::Choices(codes.iter().map(|code| (*code).to_owned()).collect())
}

pub(super) fn row(cells: &[(&str, Answer)]) -> Row {
    cells
        .iter()
        .map(|(id, answer)| ((*id).to_owned(), answer.clone()))
        .collect()
}

pub(super) fn record(form: &str, at: &str, cells: &[(&str, Answer)]) -> Record {
    Record {
        form: form.to_owned(),
        version: "2022-04-r1".to_owned(),
        response_id: None,
        agency: None,
        answered_at: Some(at.parse().unwrap()),
        answers: Answers(row(cells)),
    }
}

/// A notification with everything that is owed; `change` overrides.
pub(super) fn notification(born: &str, died: &str, change: &[(&str, Answer)]) -> Record {
    let mut record = record(
        "notification",
        &format!("{died}T20:00:00Z"),
        &[
            ("cdop_identifier", t("set by the system")),
            (
                "notification_datetime",
                Answer::DateTime(day(died).and_hms_opt(17, 30, 0).unwrap()),
            ),
            ("date_of_referral", d(died)),
            ("notification_route", c("portal")),
            ("record_status", c("accepted")),
            ("ncmd_alert", c("no")),
            ("referrer_name", t("Sample Notifier")),
            ("referrer_agency", c("hospital_paeds")),
            ("referrer_email", t("notifier@example.org")),
            ("child_surname", t("Testcase")),
            ("child_forenames", t("Sample")),
            ("date_of_birth", d(born)),
            ("date_of_death", d(died)),
            ("sex", c("female")),
            ("gender_identity", c("same")),
            ("ethnicity", c("A")),
            (
                "address_line_1",
                t("1 Example Street, \"Old Mill\"\nMadeup Town"),
            ),
            ("postcode", t("ZZ99 3CZ")),
            ("normally_resident_la", c("E10000016")),
            ("imd_decile", Answer::Integer(3)),
            (
                "parental_responsibility",
                Answer::Rows(vec![row(&[
                    ("name", t("Parent Testcase")),
                    ("date_of_birth", d("1994-06-01")),
                    ("sex", c("female")),
                    (
                        "address",
                        t("1 Example Street, Old Mill, Madeup Town, ZZ99 3CZ"),
                    ),
                    ("relationship", c("mother")),
                ])]),
            ),
            ("place_of_death_type", c("hosp_neonatal")),
            ("place_of_death_name", t("Example General Hospital")),
            ("expected_death", c("expected")),
            ("circumstances", t("Made-up text, with a comma")),
            ("suspected_event", cs(&["neonatal"])),
            ("mccd_issued", c("yes")),
            ("coroner_informed", c("no")),
            ("post_mortem_required", c("no")),
            ("jar_required", c("no")),
            (
                "agencies_involved",
                Answer::Rows(vec![row(&[
                    ("agency", c("gp")),
                    ("name", t("Sample Doctor")),
                    ("email", t("doctor@example.org")),
                ])]),
            ),
        ],
    );
    record.answers.0.extend(row(change));
    record
}

pub(super) fn analysis(at: &str, reviewed: &str, change: &[(&str, Answer)]) -> Record {
    let mut record = record(
        "analysis",
        at,
        &[
            ("date_of_review", d(reviewed)),
            ("cdrm_date", d("2025-07-21")),
            ("no_factors_a", Answer::Boolean(true)),
            ("no_factors_b", Answer::Boolean(true)),
            ("no_factors_c", Answer::Boolean(true)),
            ("no_factors_d", Answer::Boolean(true)),
            (
                "attendees",
                Answer::Rows(vec![row(&[("name", t("Panel Member"))])]),
            ),
            ("modifiable", c("none")),
            ("finalised", Answer::Boolean(true)),
        ],
    );
    record.answers.0.extend(row(change));
    record
}

pub(super) fn factor(code: &str, text: &str, influence: &str, modifiable: &str) -> Row {
    row(&[
        ("factor_code", c(code)),
        ("description", t(text)),
        ("influence", c(influence)),
        ("modifiable", c(modifiable)),
    ])
}

pub(super) fn case(reference: &str, notified: &str) -> ReturnCase {
    ReturnCase {
        id: format!("id-of-{reference}"),
        reference: reference.to_owned(),
        version: 1,
        notified_at: at(notified),
        route: Some("portal".to_owned()),
        icb_code: Some("QKS".to_owned()),
        imd_year: Some(2019),
        ..ReturnCase::default()
    }
}

pub(super) fn neonatal_analysis() -> Record {
    analysis(
        "2025-10-01T09:00:00Z",
        "2025-09-24",
        &[
            ("categories_all", cs(&["9", "8"])),
            ("primary_category", c("8")),
            ("sub_category", c("8a")),
            ("modifiable", c("modifiable")),
            (
                "factors_a",
                Answer::Rows(vec![factor("A01", "Born very early", "2", "no")]),
            ),
            (
                "factors_d",
                Answer::Rows(vec![
                    factor("D01", "=1+1 looks like a formula", "1", "yes"),
                    factor("D02", "An imported grade", "3", "unclear"),
                ]),
            ),
            (
                "learning_points",
                Answer::Rows(vec![row(&[
                    ("learning", t("Transfer before birth")),
                    ("theme", c("maternity")),
                    ("level", c("regional")),
                ])]),
            ),
            (
                "actions",
                Answer::Rows(vec![row(&[
                    ("action", t("Agree the pathway")),
                    ("lead_agency", c("maternity")),
                    ("due_date", d("2026-01-31")),
                    ("status", c("open")),
                ])]),
            ),
            ("national_learning", c("yes")),
        ],
    )
}
