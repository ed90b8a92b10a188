//! The table of a question's moves, what each line must say, what is counted, and what one parent does not learn.

use proptest::prelude::*;

use super::*;
use crate::domain::form::Clearance;

const RELATIONS: &[&str] = &["mother", "father", "sibling"];

fn said(pairs: &[(&str, &str)]) -> Said {
    let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    pairs.iter().map(own).collect()
}

fn found(part: Part, pairs: &[(&str, &str)], before: Option<&str>) -> Vec<String> {
    let around = Around {
        today: "2026-04-01".parse().unwrap(),
        relations: RELATIONS,
        people: &["p1"],
        before,
    };
    let all = problems(part, &said(pairs), &around);
    all.into_iter().map(|p| p.field).collect()
}

#[test]
fn the_table_in_the_comment_is_the_table_in_the_code() {
    let written: Vec<&str> = include_str!("mod.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//! | "))
        .filter(|line| !line.starts_with("from |"))
        .map(|line| line.trim_end_matches(" |"))
        .collect();
    let coded: Vec<String> = MOVES
        .iter()
        .map(|(from, to)| {
            let to: Vec<&str> = to.iter().map(|state| state.as_str()).collect();
            format!("{} | {}", from.as_str(), to.join(", "))
        })
        .collect();
    assert_eq!(written, coded);
    for state in Asked::ALL {
        assert!(!state.next().is_empty() && !state.next().contains(state));
    }
}

#[test]
fn each_line_says_what_it_must() {
    for (part, pairs, wrong) in [
        (
            Part::People,
            vec![
                ("name", "A"),
                ("relation", "mother"),
                ("responsibility", "yes"),
            ],
            vec![],
        ),
        (
            Part::People,
            vec![],
            vec!["name", "relation", "responsibility"],
        ),
        (
            Part::People,
            vec![
                ("name", "A"),
                ("relation", "uncle"),
                ("responsibility", "maybe"),
            ],
            vec!["relation", "responsibility"],
        ),
        (
            Part::People,
            vec![
                ("name", "A"),
                ("relation", "mother"),
                ("responsibility", "yes"),
                ("leaflet", "given"),
            ],
            vec!["leaflet_on"],
        ),
        (
            Part::Others,
            vec![("name", "A"), ("relation", "sibling")],
            vec![],
        ),
        (
            Part::Others,
            vec![("name", "A"), ("relation", "sibling"), ("safe", "referred")],
            vec!["referred_to", "referred_on"],
        ),
        (
            Part::Others,
            vec![("name", "A"), ("relation", "sibling"), ("safe", "yes")],
            vec!["how_known"],
        ),
        (
            Part::Contacts,
            vec![
                ("day", "2026-04-02"),
                ("channel", "letter"),
                ("by", "A"),
                ("what", "B"),
            ],
            vec!["day"],
        ),
        (
            Part::Contacts,
            vec![
                ("day", "2026-04-01"),
                ("channel", "letter"),
                ("by", "A"),
                ("what", "B"),
                ("who", "p2"),
            ],
            vec!["who"],
        ),
        (
            Part::KeyWorker,
            vec![
                ("name", "A"),
                ("named_on", "2026-03-30"),
                ("accepted", "yes"),
            ],
            vec!["accepted_on"],
        ),
        (
            Part::KeyWorker,
            vec![
                ("name", "A"),
                ("named_on", "2026-03-30"),
                ("cover", "B"),
                ("cover_from", "2026-05-02"),
                ("cover_to", "2026-05-01"),
            ],
            vec!["cover_to"],
        ),
    ] {
        assert_eq!(found(part, &pairs, None), wrong, "{part} {pairs:?}");
    }
    let long = "x".repeat(201);
    let pairs = [
        ("name", long.as_str()),
        ("relation", "mother"),
        ("responsibility", "yes"),
    ];
    assert_eq!(found(Part::People, &pairs, None), ["name"]);
}

#[test]
fn a_question_goes_its_way_and_is_settled_only_with_words() {
    let at = |state| {
        vec![
            ("words", "Why?"),
            ("asked_on", "2026-03-30"),
            ("state", state),
        ]
    };
    assert!(found(Part::Questions, &at("asked"), None).is_empty());
    assert_eq!(
        found(Part::Questions, &at("told"), None),
        ["state", "answer", "told_on"]
    );
    assert_eq!(
        found(Part::Questions, &at("answered"), Some("panel")),
        ["answer"]
    );
    assert_eq!(
        found(Part::Questions, &at("explained"), Some("panel")),
        ["explanation"]
    );
    assert_eq!(
        found(Part::Questions, &at("asked"), Some("told")),
        ["state"]
    );
}

#[test]
fn a_child_who_was_named_is_owed_until_a_line_is_about_that_child() {
    let names = |all: &[&str]| -> Vec<String> { all.iter().map(|n| (*n).to_owned()).collect() };
    let mut notified = Others::default();
    notified.add(names(&["Ada Sample", "Bea Sample"]));
    for (lines, missing) in [
        (&["Grandmother Sample", "A friend"][..], 2),
        (&["ada", "A friend"][..], 1),
        (&["Ada Sample", "Bea"][..], 0),
        (&["Sample"][..], 1),
    ] {
        assert_eq!(notified.unrecorded(&names(lines)), missing, "{lines:?}");
    }
    // The notification of the other twin names the same two and one without a name.
    notified.add(names(&["BEA SAMPLE", ""]));
    assert_eq!(notified.unrecorded(&names(&["Ada", "Bea"])), 1);
    assert_eq!(notified.unrecorded(&names(&["Ada", "Bea", "Cleo"])), 0);
}

#[test]
fn what_is_owed_is_counted_until_it_is_answered() {
    let lines = [
        ("others", "unanswered"),
        ("others", "not_known"),
        ("others", "yes"),
        ("others", "referred"),
        ("questions", "asked"),
        ("questions", "panel"),
        ("questions", "answered"),
        ("questions", "told"),
        ("questions", "explained"),
        ("people", "leaflet"),
        ("key-worker", "ended"),
    ];
    let counted = Counted::of(lines);
    assert_eq!(
        (counted.unsafe_or_unknown, counted.open_questions()),
        (2, 3)
    );
    assert_eq!(
        counted.to_find_out(2),
        4,
        "two more were named and nobody recorded them"
    );
    assert_eq!(counted.to_find_out(0), 2);
    assert!(counted.leaflet && !counted.key_worker);
    assert!(Counted::of([("key-worker", "named")]).key_worker);
}

#[test]
fn what_is_kept_apart_is_not_told_to_the_other_parent() {
    let mut mother = said(&[
        ("name", "A"),
        ("address", "1 Sample Street"),
        ("telephone", "1"),
        ("email", "a@b"),
        ("apart", "no"),
    ]);
    assert_eq!(for_addressee(&mother), mother);
    mother.insert("apart".into(), "yes".into());
    assert_eq!(for_addressee(&mother), said(&[("name", "A")]));
}

#[test]
fn who_sees_less_than_everything_sees_no_name_and_no_words() {
    for part in Part::ALL {
        let all: Said = fields(*part)
            .iter()
            .map(|f| (f.name.to_owned(), "x".to_owned()))
            .collect();
        assert_eq!(masked(*part, all.clone(), Clearance::Identified), all);
        for (name, _) in masked(*part, all, Clearance::Pseudonymised) {
            let field = fields(*part).iter().find(|f| f.name == name).unwrap();
            assert!(!matches!(field.kind, Kind::Line | Kind::Lines), "{name}");
        }
    }
}

proptest! {
    #[test]
    fn a_question_is_never_lost_on_its_way(from in proptest::sample::select(Asked::ALL), to in proptest::sample::select(Asked::ALL)) {
        let allowed = from == to || from.next().contains(&to);
        let pairs = [
            ("words", "Why?"), ("asked_on", "2026-03-30"), ("state", to.as_str()), ("answer", "A"), ("told_on", "2026-03-31"),
            ("explanation", "B"),
        ];
        prop_assert_eq!(found(Part::Questions, &pairs, Some(from.as_str())).is_empty(), allowed);
        prop_assert_eq!(state_of(Part::Questions, &said(&pairs)), to.as_str());
        let open = Counted::of([("questions", to.as_str())]).open_questions() == 1;
        prop_assert_eq!(open, !to.is_settled());
    }
}
