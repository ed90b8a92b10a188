//! The rules of `validation.md` in particular cases, with the words a person reads.

use super::world::{World, code, codes, day, row, text, whole};
use crate::domain::form::{Answer, Library, Problem, Severity, Stage, fixture};

fn messages(world: &World, stage: Stage, field: &str) -> Vec<String> {
    world
        .check(stage)
        .into_iter()
        .filter(|p| p.field == field)
        .map(|p| p.message)
        .collect()
}

fn one(library: &Library, form: &str, answers: &[(&str, Answer)], field: &str) -> Vec<String> {
    let mut world = World::new(library.current(), form);
    for (id, answer) in answers {
        world.set(id, answer.clone());
    }
    messages(&world, Stage::Draft, field)
}

#[test]
fn messages_are_plain_and_name_the_field() {
    let library = fixture::library();
    let said =
        |form: &str, answers: &[(&str, Answer)], field: &str| one(&library, form, answers, field);
    let dates = [
        ("date_of_birth", day(2026, 3, 3)),
        ("date_of_death", day(2026, 3, 2)),
    ];
    for (found, message) in [
        (
            said(
                "notification",
                &[("birth_weight_g", Answer::Decimal(7001.0))],
                "birth_weight_g",
            ),
            "Birth weight must be between 200 and 7,000 g",
        ),
        (
            said(
                "notification",
                &[("birth_weight_g", Answer::Decimal(6500.0))],
                "birth_weight_g",
            ),
            "Birth weight is usually between 400 and 6,000 g. Check that 6,500 g is right",
        ),
        (
            said("notification", &dates, "date_of_birth"),
            "Date of birth must be on or before the date of death",
        ),
        (
            said("notification", &dates, "date_of_death"),
            "Date of death must be on or after the date of birth",
        ),
        (
            said(
                "notification",
                &[("date_of_death", day(2026, 3, 28))],
                "date_of_death",
            ),
            "Date of death must be today or in the past",
        ),
        (
            said(
                "notification",
                &[
                    ("date_of_birth", day(2008, 2, 29)),
                    ("date_of_death", day(2026, 3, 1)),
                ],
                "date_of_death",
            ),
            "Date of death must be before the child’s 18th birthday, 1 March 2026",
        ),
        (
            said(
                "notification",
                &[("nhs_number", text("9434765918"))],
                "nhs_number",
            ),
            "NHS number does not add up. Check each digit against the record",
        ),
        (
            said(
                "reporting",
                &[("gravidity", whole(1.0)), ("parity", whole(2.0))],
                "parity",
            ),
            "Mother's parity must be the same as or less than the mother's gravidity",
        ),
        (
            said(
                "analysis",
                &[
                    ("date_of_death", day(2026, 3, 2)),
                    ("date_of_review", day(2026, 3, 1)),
                ],
                "date_of_review",
            ),
            "Date of review (CDOP panel meeting) must be on or after the date of death",
        ),
        (
            said(
                "analysis",
                &[("drafted_at_cdrm", code("no"))],
                "drafted_at_cdrm",
            ),
            "“Draft came from the child death review meeting” is usually answered “Yes”. Check that “No” is right",
        ),
        (
            said(
                "cdrm_jar",
                &[
                    ("date_of_death", day(2026, 1, 2)),
                    ("meeting_date", day(2026, 1, 9)),
                ],
                "meeting_date",
            ),
            "Meeting date is usually within 5 days of the date of death. Check that it is right",
        ),
        (
            said(
                "analysis",
                &[("case_summary", text(&"x".repeat(4001)))],
                "case_summary",
            ),
            "Case summary must be 4000 characters or fewer. You have entered 4001",
        ),
    ] {
        assert_eq!(found, [message]);
    }
}

#[test]
fn what_is_missing_is_asked_for_by_name() {
    let library = fixture::library();
    let world = World::new(library.current(), "notification");
    for (field, message) in [
        (
            "date_of_death",
            "Enter the date of death, for example 27 3 2026",
        ),
        ("child_surname", "Enter the family name"),
        ("sex", "Choose the sex"),
        ("expected_death", "Answer “Was the death expected?”"),
        (
            "post_mortem_required",
            "Answer yes, no or not known to “Post-mortem required”",
        ),
        (
            "agencies_involved",
            "Add at least one entry under “Agencies and professionals to send reporting forms to”",
        ),
        (
            "nhs_number",
            "Enter the NHS number, or give the reason no NHS number",
        ),
        (
            "nhs_number_missing_reason",
            "Choose the reason no NHS number",
        ),
    ] {
        assert_eq!(messages(&world, Stage::Final, field), [message]);
        assert_eq!(messages(&world, Stage::Draft, field), [""; 0]);
    }
}

#[test]
fn a_number_or_a_reason_but_not_both() {
    let library = fixture::library();
    let mut world = World::new(library.current(), "notification");
    let ids = ["nhs_number", "nhs_number_missing_reason"];
    let rules = |world: &World| ids.map(|id| world.rules(Stage::Final, id).join(" "));
    assert_eq!(rules(&world), ["required", "required"]);
    world.set(ids[1], code("not_available"));
    assert_eq!(rules(&world), ["", ""]);
    world.set(ids[0], text("9990000018"));
    assert_eq!(rules(&world), ["", "ID-5"]);
    world.prune();
    assert_eq!(rules(&world), ["", ""]);
    assert!(!world.answers.is_answered(ids[1]));
    world.set(ids[0], Answer::NotKnown);
    assert!(world.shows(ids[1]));
    assert_eq!(rules(&world), ["", "required"]);
}

#[test]
fn times_count_where_both_sides_tell_them() {
    let library = fixture::library();
    let event = Answer::DateTime(fixture::d(2026, 3, 2).and_hms_opt(15, 0, 0).unwrap());
    let mut world = World::new(library.current(), "notification");
    world
        .set("date_of_death", day(2026, 3, 2))
        .set("event_datetime", event);
    assert!(world.rules(Stage::Draft, "event_datetime").is_empty());
    let time = |h| Answer::Time(chrono::NaiveTime::from_hms_opt(h, 0, 0).unwrap());
    world.set("time_of_death", time(15));
    assert!(world.rules(Stage::Draft, "event_datetime").is_empty());
    world.set("time_of_death", time(14));
    assert_eq!(
        world.rules(Stage::Draft, "event_datetime"),
        ["on_or_before:date_of_death"]
    );
    // Received at noon today is now; a minute later is the future.
    let at = |m| Answer::DateTime(fixture::d(2026, 3, 27).and_hms_opt(12, m, 0).unwrap());
    world.set("notification_datetime", at(0));
    assert!(
        world
            .rules(Stage::Draft, "notification_datetime")
            .is_empty()
    );
    world.set("notification_datetime", at(1));
    assert_eq!(
        world.rules(Stage::Draft, "notification_datetime"),
        ["on_or_before:now"]
    );
}

#[test]
fn a_hidden_question_is_not_checked_and_hides_those_behind_it() {
    let library = fixture::library();
    let mut world = World::new(library.current(), "notification");
    world
        .set("mccd_issued", code("yes"))
        .set("mccd_type", code("neonatal"));
    assert!(world.shows("neonatal_cause_a"));
    world.set("mccd_issued", code("no"));
    assert!(!world.shows("mccd_type") && !world.shows("neonatal_cause_a"));
    world.prune();
    assert!(!world.answers.is_answered("mccd_type"));
    // An age that is known only from the dates opens what depends on it.
    world
        .set("date_of_birth", day(2026, 3, 2))
        .set("date_of_death", day(2026, 3, 2));
    assert!(world.shows("live_birth_confirmed") && !world.shows("learning_disability_known"));
}

#[test]
fn a_nil_return_hides_the_rest_and_is_complete() {
    let library = fixture::library();
    let mut world = World::new(library.current(), "reporting");
    world
        .set("pets", text("One dog"))
        .set("agency_knew_child", code("no"));
    assert!(world.shows("records_reviewed") && !world.shows("pets"));
    world.prune();
    assert!(!world.answers.is_answered("pets"));
    for field in ["circumstances_narrative", "birth_weight_g"] {
        assert!(world.rules(Stage::Final, field).is_empty());
    }
}

fn analysis(library: &Library) -> World<'_> {
    World::new(library.current(), "analysis")
}

fn factor(cells: &[(&str, Answer)]) -> Answer {
    Answer::Rows(vec![row(cells)])
}

#[test]
fn factors_have_one_line_and_one_grade_each() {
    let library = fixture::library();
    let mut world = analysis(&library);
    let problems = |world: &World| -> Vec<(String, Severity, Option<String>)> {
        let own = |p: &Problem| p.field == "factors_b";
        world
            .check(Stage::Final)
            .into_iter()
            .filter(own)
            .map(|p| (p.rule, p.severity, p.column))
            .collect()
    };
    let told =
        |rule: &str, severity, column: &str| (rule.to_owned(), severity, Some(column.to_owned()));
    world.set(
        "factors_b",
        factor(&[("description", text("Damp and mould; cold"))]),
    );
    assert_eq!(
        problems(&world),
        [
            told("AN-1", Severity::Stop, "influence"),
            told("AN-1", Severity::Warn, "description")
        ]
    );
    assert!(
        world
            .check(Stage::Draft)
            .iter()
            .all(|p| p.severity == Severity::Warn)
    );
    world.set(
        "factors_b",
        factor(&[("influence", code("1")), ("modifiable", code("yes"))]),
    );
    assert_eq!(
        problems(&world),
        [
            told("AN-1", Severity::Stop, "factor_code"),
            told("AN-3", Severity::Warn, "modifiable")
        ]
    );
    world.set(
        "factors_b",
        factor(&[("factor_code", code("B01")), ("influence", code("2"))]),
    );
    assert_eq!(problems(&world), []);
}

#[test]
fn each_domain_has_factors_or_says_none_not_both() {
    let library = fixture::library();
    let mut world = analysis(&library);
    assert_eq!(world.rules(Stage::Final, "factors_c"), ["AN-2"]);
    assert!(world.rules(Stage::Draft, "factors_c").is_empty());
    world.set("no_factors_c", Answer::Boolean(true));
    assert!(world.rules(Stage::Final, "factors_c").is_empty());
    world.set(
        "factors_c",
        factor(&[("factor_code", code("C01")), ("influence", code("2"))]),
    );
    assert_eq!(world.rules(Stage::Draft, "factors_c"), ["AN-2"]);
    world.set("no_factors_c", Answer::Boolean(false));
    assert!(world.rules(Stage::Final, "factors_c").is_empty());
}

#[test]
fn modifiability_goes_with_the_factors_both_ways() {
    let library = fixture::library();
    let mut world = analysis(&library);
    let yes = factor(&[
        ("factor_code", code("A01")),
        ("influence", code("2")),
        ("modifiable", code("yes")),
    ]);
    for (modifiable, rows, draft, last) in [
        ("modifiable", false, 0, 1),
        ("modifiable", true, 0, 0),
        ("none", false, 0, 0),
        ("none", true, 1, 1),
        ("inadequate", true, 1, 1),
    ] {
        world.set("modifiable", code(modifiable));
        world.set(
            "factors_a",
            if rows {
                yes.clone()
            } else {
                Answer::Rows(vec![])
            },
        );
        let count = |stage| world.rules(stage, "modifiable").len();
        assert_eq!(
            (count(Stage::Draft), count(Stage::Final)),
            (draft, last),
            "{modifiable} {rows}"
        );
    }
    world
        .unset("factors_a")
        .set("modifiable", code("inadequate"));
    assert_eq!(world.rules(Stage::Final, "modifiable_comment"), ["AN-9"]);
    world.set("modifiable_comment", text("No records were found"));
    assert!(world.rules(Stage::Final, "modifiable_comment").is_empty());
}

#[test]
fn the_analysis_works_out_what_follows() {
    let library = fixture::library();
    let mut world = analysis(&library);
    world
        .set("date_of_birth", day(2023, 1, 1))
        .set("date_of_death", day(2026, 3, 2))
        .set("categories_all", codes(&["10", "5", "7"]))
        .set("modifiable", code("modifiable"))
        .set("no_factors_b", Answer::Boolean(true))
        .set(
            "factors_a",
            Answer::Rows(vec![
                row(&[
                    ("factor_code", code("A01")),
                    ("influence", code("2")),
                    ("modifiable", code("yes")),
                ]),
                row(&[
                    ("description", text("Late diagnosis")),
                    ("influence", code("2")),
                    ("modifiable", code("yes")),
                ]),
                row(&[("factor_code", code("A02")), ("influence", code("0"))]),
            ]),
        );
    assert!(
        world.shows("sub_category"),
        "the primary category is known before it is stored"
    );
    world.derive();
    let answers = &world.answers;
    assert_eq!(
        answers.text("child_age_at_death"),
        Some("3 years and 2 months")
    );
    assert_eq!(answers.choice("primary_category"), Some("5"));
    assert_eq!(answers.choices("secondary_categories"), ["10", "7"]);
    assert_eq!(answers.integer("domain_summary_a"), Some(2));
    assert_eq!(answers.integer("domain_summary_b"), Some(1));
    assert_eq!(answers.integer("domain_summary_c"), None);
    assert_eq!(answers.integer("contributory_count"), Some(2));
    let listed = answers.rows("modifiable_factors_listed");
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[1]["factor_ref"], text("Late diagnosis"));
    world
        .set("categories_all", codes(&["7"]))
        .unset("factors_a")
        .derive();
    assert_eq!(world.answers.choice("primary_category"), Some("7"));
    assert!(!world.answers.is_answered("secondary_categories"));
    assert_eq!(world.answers.integer("contributory_count"), Some(0));
}

#[test]
fn the_notification_works_out_what_follows() {
    let library = fixture::library();
    let mut world = World::new(library.current(), "notification");
    world
        .set("date_of_birth", day(2016, 3, 3))
        .set("date_of_death", day(2026, 3, 2))
        .set("normally_resident_la", code("outside"))
        .derive();
    assert_eq!(world.answers.integer("age_at_death_years"), Some(9));
    assert_eq!(world.answers.integer("age_at_death_days"), Some(3651));
    assert_eq!(world.answers.choice("age_band"), Some("5_9y"));
    assert_eq!(world.answers.boolean("is_nonresident_death"), Some(true));
    assert_eq!(
        world.answers.text("place_of_death_country"),
        Some("England")
    );
    world.unset("date_of_birth").unset("place_of_death_country");
    world
        .set("normally_resident_la", code("E10000016"))
        .set("place_of_death_type", code("abroad"))
        .derive();
    assert_eq!(world.answers.integer("age_at_death_years"), None);
    assert_eq!(world.answers.boolean("is_nonresident_death"), Some(false));
    assert!(!world.answers.is_answered("place_of_death_country"));
}

#[test]
fn hazardous_sleep_follows_from_the_answers() {
    let library = fixture::library();
    for (answers, expected) in [
        (vec![], None),
        (vec![("shared", "no")], Some(false)),
        (vec![("shared", "yes")], None),
        (vec![("shared", "yes"), ("surface", "sofa")], Some(true)),
        (
            vec![("shared", "yes"), ("sharer_smoked", "yes")],
            Some(true),
        ),
        (
            vec![
                ("shared", "yes"),
                ("sharer_alcohol", "no"),
                ("sharer_smoked", "no"),
                ("slept_on_sofa", "no"),
            ],
            Some(true),
        ),
    ] {
        let mut world = World::new(library.current(), "sudden_unexpected_death");
        world
            .set("date_of_birth", day(2026, 1, 1))
            .set("date_of_death", day(2026, 3, 2));
        for (id, answer) in &answers {
            world.set(id, code(answer));
        }
        if answers.len() == 4 {
            world.set("gestation_weeks", whole(34.0));
        }
        world.derive();
        assert_eq!(
            world.answers.boolean("hazardous_cosleep"),
            expected,
            "{answers:?}"
        );
    }
}

#[test]
fn only_some_questions_can_be_checked_or_kept() {
    use crate::domain::form::{AnsweredBy, check_where};
    let library = fixture::library();
    let mut world = World::new(library.current(), "notification");
    let found = check_where(
        world.dict,
        world.form,
        &world.answers,
        &fixture::nowhere(),
        Stage::Final,
        &|f| f.answered_by == AnsweredBy::Notifier,
    );
    assert!(
        found
            .iter()
            .all(|p| world.field(&p.field).answered_by == AnsweredBy::Notifier)
    );
    assert!(found.iter().any(|p| p.field == "sex"));
    world
        .set("sex", code("male"))
        .set("record_status", code("accepted"));
    let kept = world
        .answers
        .clone()
        .only(world.form, &[AnsweredBy::Notifier]);
    assert!(kept.is_answered("sex") && !kept.is_answered("record_status"));
}
