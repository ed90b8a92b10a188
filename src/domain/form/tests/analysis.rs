//! The rules of the analysis form (`validation.md` section 6) in particular cases.

use super::world::{World, code, codes, day, row, text};
use crate::domain::form::{Answer, Library, Problem, Severity, Stage, fixture};

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
