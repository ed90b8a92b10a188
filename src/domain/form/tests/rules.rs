//! The rules of `validation.md` about the child and the forms, in particular cases.

use super::world::{World, code, day, text, whole};
use crate::domain::form::{Answer, Severity, Stage, fixture};

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

#[test]
fn a_child_of_four_weeks_has_a_name() {
    let library = fixture::library();
    let mut world = World::new(library.current(), "notification");
    world
        .set("date_of_death", day(2026, 3, 2))
        .set("child_forenames", text("Twin 1"));
    for (born, told) in [(day(2026, 2, 3), false), (day(2026, 2, 2), true)] {
        world.set("date_of_birth", born);
        let found = world.check(Stage::Draft);
        let id_10 = found.iter().find(|p| p.rule == "ID-10");
        assert_eq!(id_10.is_some(), told);
        assert!(id_10.is_none_or(|p| p.severity == Severity::Warn));
    }
    world.set("child_forenames", text("Example"));
    assert!(world.rules(Stage::Draft, "child_forenames").is_empty());
}
