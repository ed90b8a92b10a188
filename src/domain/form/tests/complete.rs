//! Every form can be completed, sparsely and in full.

use super::world::{World, code, codes, day, row, valid, whole};
use crate::domain::form::{Answer, AnsweredBy, Problem, Severity, Stage, fixture};

fn stops(world: &World) -> Vec<Problem> {
    let problems = world.check(Stage::Final).into_iter();
    problems
        .filter(|problem| problem.severity == Severity::Stop)
        .collect()
}

fn a_case<'d>(dict: &'d crate::domain::form::Dictionary, form: &str) -> World<'d> {
    let mut world = World::new(dict, form);
    for (id, answer) in [
        ("date_of_birth", day(2015, 5, 5)),
        ("date_of_death", day(2026, 3, 2)),
        ("age_at_death_years", whole(10.0)),
    ] {
        if world.form.field(id).is_none() {
            world.set(id, answer);
        }
    }
    world
}

/// An answer to a field that goes with the others this file gives.
fn fitting(world: &World, id: &str) -> Answer {
    match id {
        "modifiable" => code("none"),
        "sub_category" => code("1a"),
        "categories_all" => codes(&["1", "4"]),
        id if id.starts_with("no_factors_") => Answer::Boolean(false),
        id if id.starts_with("factors_") => Answer::Rows(vec![row(&[
            ("factor_code", code("A01")),
            ("influence", code("2")),
            ("modifiable", code("no")),
        ])]),
        _ => valid(world.dict, world.field(id)),
    }
}

#[test]
fn every_form_can_be_completed_with_no_more_than_it_asks() {
    let library = fixture::library();
    let dict = library.current();
    assert_eq!(dict.forms.len(), 26);
    for form in &dict.forms {
        let mut world = a_case(dict, &form.code);
        assert!(
            world.check(Stage::Draft).is_empty(),
            "{}: an empty draft is in order",
            form.code
        );
        for _ in 0..10 {
            world.derive().prune();
            for problem in stops(&world) {
                let answer = fitting(&world, &problem.field);
                world.set(&problem.field, answer);
            }
        }
        world.derive().prune();
        assert_eq!(stops(&world), [], "{}", form.code);
        let required = form
            .fields()
            .filter(|f| f.required && f.answered_by != AnsweredBy::System);
        assert!(world.answers.0.len() >= required.filter(|f| f.show_when.is_none()).count());
    }
}

#[test]
fn every_form_can_be_completed_in_full() {
    let library = fixture::library();
    let dict = library.current();
    for form in &dict.forms {
        let mut world = a_case(dict, &form.code);
        for field in form
            .fields()
            .filter(|field| field.answered_by != AnsweredBy::System)
        {
            if world.shows(&field.id) {
                let answer = fitting(&world, &field.id);
                world.set(&field.id, answer);
            }
            world.derive();
        }
        world.prune();
        assert_eq!(stops(&world), [], "{}", form.code);
    }
}

#[test]
fn not_known_is_an_answer_to_whatever_is_required() {
    let library = fixture::library();
    let dict = library.current();
    for form in &dict.forms {
        let mut world = a_case(dict, &form.code);
        for _ in 0..5 {
            for problem in stops(&world) {
                if problem.rule == "required" || problem.rule == "rows" || problem.rule == "choices"
                {
                    world.set(&problem.field, Answer::NotKnown);
                }
            }
        }
        // The panel grades or rules out each domain's factors itself: that is AN-2, not a question.
        let left: Vec<_> = stops(&world)
            .into_iter()
            .filter(|p| p.rule != "AN-2")
            .collect();
        assert_eq!(left, [], "{}", form.code);
    }
}
