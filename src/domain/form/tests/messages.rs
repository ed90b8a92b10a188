//! The words a person reads.

use super::world::{World, code, day, text, whole};
use crate::domain::form::{Answer, Library, Stage, fixture};

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
    ] {
        assert_eq!(found, [message]);
    }
}

#[test]
fn messages_name_both_fields_and_what_is_usual() {
    let library = fixture::library();
    let said =
        |form: &str, answers: &[(&str, Answer)], field: &str| one(&library, form, answers, field);
    for (found, message) in [
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
            "Case summary must be 4,000 characters or fewer. You have entered 4,001",
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
            "Enter the NHS number, or say why there is none",
        ),
        (
            "nhs_number_missing_reason",
            "Say why there is no NHS number",
        ),
    ] {
        assert_eq!(messages(&world, Stage::Final, field), [message]);
        assert_eq!(messages(&world, Stage::Draft, field), [""; 0]);
    }
}
