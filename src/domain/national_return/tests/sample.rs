//! Synthetic cases: nobody in them ever lived.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::super::*;
use crate::domain::form::{Answer, Answers};

type Row = std::collections::BTreeMap<String, Answer>;

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn order(kind: Kind) -> Order {
    Order {
        kind,
        period: Period { from: day("2025-04-01"), to: day("2026-03-31") },
        case: None,
        cdop: "KM".to_owned(),
        created_by: "Sample Coordinator".to_owned(),
        stamp: at("2026-04-02T08:30:00Z"),
        published: false,
        spreadsheet: false,
        originals: false,
    }
}

fn t(text: &str) -> Answer {
    Answer::Text(text.to_owned())
}

fn c(code: &str) -> Answer {
    Answer::Choice(code.to_owned())
}

fn d(date: &str) -> Answer {
    Answer::Date(day(date))
}

fn cs(codes: &[&str]) -> Answer {
    Answer::Choices(codes.iter().map(|code| (*code).to_owned()).collect())
}

fn row(cells: &[(&str, Answer)]) -> Row {
    cells.iter().map(|(id, answer)| ((*id).to_owned(), answer.clone())).collect()
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
fn notification(born: &str, died: &str, change: &[(&str, Answer)]) -> Record {
    let mut record = record(
        "notification",
        &format!("{died}T20:00:00Z"),
        &[
            ("cdop_identifier", t("set by the system")),
            ("notification_datetime", Answer::DateTime(day(died).and_hms_opt(17, 30, 0).unwrap())),
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
            ("address_line_1", t("1 Example Street, \"Old Mill\"\nMadeup Town")),
            ("postcode", t("ZZ99 3CZ")),
            ("normally_resident_la", c("E10000016")),
            ("imd_decile", Answer::Integer(3)),
            (
                "parental_responsibility",
                Answer::Rows(vec![row(&[
                    ("name", t("Parent Testcase")),
                    ("date_of_birth", d("1994-06-01")),
                    ("sex", c("female")),
                    ("address", t("1 Example Street, Old Mill, Madeup Town, ZZ99 3CZ")),
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

fn analysis(at: &str, reviewed: &str, change: &[(&str, Answer)]) -> Record {
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
            ("attendees", Answer::Rows(vec![row(&[("name", t("Panel Member"))])])),
            ("modifiable", c("none")),
            ("finalised", Answer::Boolean(true)),
        ],
    );
    record.answers.0.extend(row(change));
    record
}

fn factor(code: &str, text: &str, influence: &str, modifiable: &str) -> Row {
    row(&[
        ("factor_code", c(code)),
        ("description", t(text)),
        ("influence", c(influence)),
        ("modifiable", c(modifiable)),
    ])
}

fn case(reference: &str, notified: &str) -> ReturnCase {
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

/// A baby of two days, reviewed and finalised.
pub(super) fn neonatal() -> ReturnCase {
    ReturnCase {
        version: 3,
        status: Status::Finalised,
        finalised_at: Some(at("2025-10-01T09:00:00Z")),
        agreed: vec![
            notification("2025-05-01", "2025-05-03", &[
                ("nhs_number", t("9990000018")),
                ("time_of_death", Answer::Time(NaiveTime::from_hms_opt(16, 5, 0).unwrap())),
                ("gestation_weeks", Answer::NotKnown),
            ]),
            record("reporting", "2025-06-10T10:00:00Z", &[
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
            ]),
            record("neonatal", "2025-06-12T10:00:00Z", &[
                ("maternal_conditions", cs(&["diabetes", "hypertension"])),
                ("apgar_1", Answer::Integer(3)),
                ("cord_ph", Answer::Decimal(7.1)),
            ]),
            analysis("2025-10-01T09:00:00Z", "2025-09-24", &[
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
            ]),
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
            notification("2024-11-01", "2025-01-20", &[
                ("nhs_number", t("9990000026")),
                ("ethnicity", c("R")),
                ("suspected_event", cs(&["sudi"])),
                ("expected_death", c("unexpected")),
                ("place_of_death_type", c("home")),
            ]),
            record("reporting", "2025-03-01T10:00:00Z", &[
                ("events_known", cs(&["sudi"])),
                ("cp_plan", c("previous")),
                ("toxicology", t("Held back: an inferred field")),
            ]),
            record("sudden_unexpected_death", "2025-03-02T10:00:00Z", &[
                ("usual_position", c("back")),
                ("room_temp", Answer::Decimal(21.0)),
                ("found_position", c("prone")),
            ]),
            analysis("2026-03-31T22:30:00Z", "2026-03-20", &[
                ("categories_all", cs(&["10"])),
                ("primary_category", c("10")),
                ("child_protection_review_status", c("rapid")),
            ]),
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
            notification("2009-08-14", "2025-09-02", &[
                ("nhs_number_missing_reason", c("not_available")),
                ("sex", c("male")),
                ("suspected_event", cs(&["suicide"])),
                ("expected_death", c("unexpected")),
                ("coroner_informed", c("yes")),
                ("place_of_death_type", c("public")),
            ]),
            record("reporting", "2025-10-01T10:00:00Z", &[("inquest_conclusion", c("pending"))]),
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
        agreed: vec![notification("2021-02-11", "2026-03-28", &[("ethnicity", Answer::NotKnown)])],
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
