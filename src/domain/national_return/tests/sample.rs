//! Synthetic cases: nobody in them ever lived.

mod build;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::super::*;
use crate::domain::form::Answer;
use build::{analysis, c, case, cs, neonatal_analysis, notification, record, row, t};

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn order(kind: Kind) -> Order {
    Order {
        kind,
        period: Period {
            from: day("2025-04-01"),
            to: day("2026-03-31"),
        },
        case: None,
        cdop: "KM".to_owned(),
        created_by: "Sample Coordinator".to_owned(),
        stamp: at("2026-04-02T08:30:00Z"),
        published: false,
        spreadsheet: false,
        originals: false,
    }
}

/// A baby of two days, reviewed and finalised.
pub(super) fn neonatal() -> ReturnCase {
    ReturnCase {
        version: 3,
        status: Status::Finalised,
        finalised_at: Some(at("2025-10-01T09:00:00Z")),
        agreed: vec![
            notification(
                "2025-05-01",
                "2025-05-03",
                &[
                    ("nhs_number", t("9990000018")),
                    (
                        "time_of_death",
                        Answer::Time(NaiveTime::from_hms_opt(16, 5, 0).unwrap()),
                    ),
                    ("gestation_weeks", Answer::NotKnown),
                ],
            ),
            record(
                "reporting",
                "2025-06-10T10:00:00Z",
                &[
                    ("events_known", cs(&["neonatal", "infection"])),
                    ("gestation_weeks", Answer::Integer(27)),
                    ("birth_weight_g", Answer::Decimal(980.5)),
                    ("cp_plan", c("never")),
                    ("statutory_order", c("never")),
                    ("asylum_seeker", c("no")),
                    ("bereavement_support_offered", Answer::Boolean(true)),
                    ("maternal_bmi", Answer::NotKnown),
                    (
                        "parents_carers",
                        Answer::Rows(vec![
                            row(&[
                                ("name", t("parent TESTCASE")),
                                ("relationship", c("mother")),
                                ("smoker", c("no")),
                                ("lives_with_child", c("yes")),
                            ]),
                            row(&[("name", t("Other Testcase")), ("relationship", c("father"))]),
                        ]),
                    ),
                ],
            ),
            record(
                "neonatal",
                "2025-06-12T10:00:00Z",
                &[
                    ("maternal_conditions", cs(&["diabetes", "hypertension"])),
                    ("apgar_1", Answer::Integer(3)),
                    ("cord_ph", Answer::Decimal(7.1)),
                ],
            ),
            neonatal_analysis(),
        ],
        requests: vec![FormRequest {
            form: "neonatal".to_owned(),
            incident: Some("neonatal".to_owned()),
            agency: Some("neonatal".to_owned()),
            status: RequestStatus::Returned,
            requested_on: Some(day("2025-05-07")),
            returned_on: Some(day("2025-06-12")),
            waive_reason: None,
        }],
        milestones: vec![
            Milestone {
                kind: MilestoneKind::NcmdNotified,
                date: day("2025-05-04"),
                paused_days: None,
                pause_reason: None,
            },
            Milestone {
                kind: MilestoneKind::AllFormsIn,
                date: day("2025-06-12"),
                paused_days: Some(0),
                pause_reason: None,
            },
        ],
        ..case("KM-2025-0001", "2025-05-03T16:30:00Z")
    }
}

/// A baby who died in sleep; the panel's form replaces an earlier final one.
pub(super) fn sudi() -> ReturnCase {
    ReturnCase {
        version: 5,
        status: Status::Finalised,
        corrects_a_final: true,
        sent_before: true,
        finalised_at: Some(at("2026-03-31T22:30:00Z")),
        agreed: vec![
            notification(
                "2024-11-01",
                "2025-01-20",
                &[
                    ("nhs_number", t("9990000026")),
                    ("ethnicity", c("R")),
                    ("suspected_event", cs(&["sudi"])),
                    ("expected_death", c("unexpected")),
                    ("place_of_death_type", c("home")),
                ],
            ),
            record(
                "reporting",
                "2025-03-01T10:00:00Z",
                &[
                    ("events_known", cs(&["sudi"])),
                    ("cp_plan", c("previous")),
                    ("toxicology", t("Held back: an inferred field")),
                ],
            ),
            record(
                "sudden_unexpected_death",
                "2025-03-02T10:00:00Z",
                &[
                    ("usual_position", c("back")),
                    ("room_temp", Answer::Decimal(21.0)),
                    ("found_position", c("prone")),
                ],
            ),
            analysis(
                "2026-03-31T22:30:00Z",
                "2026-03-20",
                &[
                    ("categories_all", cs(&["10"])),
                    ("primary_category", c("10")),
                    ("child_protection_review_status", c("rapid")),
                ],
            ),
        ],
        requests: vec![
            FormRequest {
                form: "sudden_unexpected_death".to_owned(),
                incident: Some("sudi".to_owned()),
                agency: Some("community_paeds".to_owned()),
                status: RequestStatus::Returned,
                requested_on: Some(day("2025-01-22")),
                returned_on: Some(day("2025-03-02")),
                waive_reason: None,
            },
            FormRequest {
                form: "care_pathway".to_owned(),
                incident: None,
                agency: Some("ambulance".to_owned()),
                status: RequestStatus::Waived,
                requested_on: Some(day("2025-01-22")),
                returned_on: None,
                waive_reason: Some("No care was given".to_owned()),
            },
        ],
        ..case("KM-2025-0002", "2025-01-20T17:30:00Z")
    }
}

/// A young person; the inquest is still to come, so the review is open.
pub(super) fn suicide() -> ReturnCase {
    ReturnCase {
        version: 2,
        resident_in_area: Some(true),
        died_out_of_area: Some(true),
        agreed: vec![
            notification(
                "2009-08-14",
                "2025-09-02",
                &[
                    ("nhs_number_missing_reason", c("not_available")),
                    ("sex", c("male")),
                    ("suspected_event", cs(&["suicide"])),
                    ("expected_death", c("unexpected")),
                    ("coroner_informed", c("yes")),
                    ("place_of_death_type", c("public")),
                ],
            ),
            record(
                "reporting",
                "2025-10-01T10:00:00Z",
                &[("inquest_conclusion", c("pending"))],
            ),
        ],
        milestones: vec![Milestone {
            kind: MilestoneKind::JarMeeting,
            date: day("2025-09-04"),
            paused_days: Some(120),
            pause_reason: Some("inquest".to_owned()),
        }],
        ..case("KM-2025-0003", "2025-09-02T18:00:00Z")
    }
}

/// Newly notified, with gaps.
pub(super) fn open() -> ReturnCase {
    let mut case = ReturnCase {
        agreed: vec![notification(
            "2021-02-11",
            "2026-03-28",
            &[("ethnicity", Answer::NotKnown)],
        )],
        ..case("KM-2026-0004", "2026-03-28T18:30:00Z")
    };
    for gone in ["postcode", "mccd_issued", "agencies_involved"] {
        case.agreed[0].answers.0.remove(gone);
    }
    case
}

/// Notified twice: a tombstone that names the case that stays.
pub(super) fn duplicate() -> ReturnCase {
    ReturnCase {
        version: 2,
        status: Status::Duplicate,
        withdrawn_at: Some(at("2025-05-06T10:00:00Z")),
        sent_before: true,
        duplicate_of: Some("KM-2025-0001".to_owned()),
        agreed: vec![notification("2025-05-01", "2025-05-03", &[])],
        ..case("KM-2025-0005", "2025-05-04T09:00:00Z")
    }
}

pub(super) fn all() -> Vec<ReturnCase> {
    vec![neonatal(), sudi(), suicide(), open(), duplicate()]
}
