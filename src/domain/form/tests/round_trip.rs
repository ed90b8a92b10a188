//! Every kind of answer goes out to a page or to JSON and comes back the same; junk never panics.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveTime};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::Value;

use super::world::{World, valid};
use crate::domain::form::{
    Answer, AnsweredBy, Answers, Dictionary, Field, Kind, Library, Posted, Stage, fixture, read,
    table_rows, words, write,
};

fn any_text(most: usize) -> impl Strategy<Value = Answer> {
    let shape =
        format!("[a-zA-Z0-9éœß☃',.;:()/-]([ a-zA-Z0-9éœß☃',.;:()/-]{{0,{most}}}[a-zA-Z0-9?!é])?");
    proptest::string::string_regex(&shape)
        .unwrap()
        .prop_filter("means not known in JSON", |text| text != "not_known")
        .prop_map(Answer::Text)
}

/// Any answer that could be stored for a field.
fn any_answer(dict: &Dictionary, field: &Field) -> BoxedStrategy<Answer> {
    let list: Vec<String> = match &field.codes {
        Some(list) => dict
            .codes(list)
            .iter()
            .map(|code| code.code.clone())
            .collect(),
        None => Vec::new(),
    };
    let day = (0_i64..50_000).prop_map(|n| fixture::d(1950, 1, 1) + Duration::days(n));
    let clock = (0_u32..24, 0_u32..60).prop_map(|(h, m)| NaiveTime::from_hms_opt(h, m, 0).unwrap());
    let fixed = !field.checks.is_empty();
    let has_own = list.iter().any(|code| code == "not_known") && field.kind != Kind::MultiChoice;
    let known: BoxedStrategy<Answer> = match field.kind {
        Kind::Text | Kind::LongText if fixed => Just(valid(dict, field)).boxed(),
        Kind::Text => any_text(100).boxed(),
        Kind::LongText => any_text(500).boxed(),
        Kind::Date => day.prop_map(Answer::Date).boxed(),
        Kind::DateTime => (day, clock)
            .prop_map(|(d, t)| Answer::DateTime(d.and_time(t)))
            .boxed(),
        Kind::Time => clock.prop_map(Answer::Time).boxed(),
        Kind::Boolean => any::<bool>().prop_map(Answer::Boolean).boxed(),
        Kind::Integer => (-1_000_000_000_i64..1_000_000_000)
            .prop_map(Answer::Integer)
            .boxed(),
        Kind::Decimal => (-1_000_000_000_i32..1_000_000_000)
            .prop_map(|n| Answer::Decimal(f64::from(n) / 1000.0))
            .boxed(),
        Kind::SingleChoice | Kind::YesNoUnknown => select(list).prop_map(Answer::Choice).boxed(),
        Kind::MultiChoice => {
            let n = list.len();
            subsequence(list, 1..=n).prop_map(Answer::Choices).boxed()
        }
        Kind::Table => {
            let cells: Vec<_> = field
                .columns
                .iter()
                .map(|c| {
                    (
                        Just(c.id.clone()),
                        proptest::option::of(any_answer(dict, c)),
                    )
                })
                .collect();
            let row = cells.prop_map(|cells| -> BTreeMap<String, Answer> {
                cells
                    .into_iter()
                    .filter_map(|(id, cell)| Some((id, cell?)))
                    .collect()
            });
            let row = row.prop_filter("a row says something", |row| !row.is_empty());
            proptest::collection::vec(row, 1..4)
                .prop_map(Answer::Rows)
                .boxed()
        }
    };
    if has_own {
        known
    } else {
        prop_oneof![9 => known, 1 => Just(Answer::NotKnown)].boxed()
    }
}

fn any_answers(dict: &Dictionary, form: &str, system: bool) -> BoxedStrategy<Answers> {
    let fields: Vec<_> = dict
        .form(form)
        .unwrap()
        .fields()
        .filter(|field| system || field.answered_by != AnsweredBy::System)
        .map(|field| {
            (
                Just(field.id.clone()),
                proptest::option::of(any_answer(dict, field)),
            )
        })
        .collect();
    fields
        .prop_map(|answers| {
            Answers(
                answers
                    .into_iter()
                    .filter_map(|(id, answer)| Some((id, answer?)))
                    .collect(),
            )
        })
        .boxed()
}

fn each_form(library: &Library, run: impl Fn(&Dictionary, &str)) {
    for form in &library.current().forms {
        run(library.current(), &form.code);
    }
}

fn few(cases: u32) -> proptest::test_runner::TestRunner {
    proptest::test_runner::TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    })
}

#[test]
fn a_page_filled_from_answers_posts_the_same_answers() {
    let library = fixture::library();
    each_form(&library, |dict, code| {
        let form = dict.form(code).unwrap();
        let fields: Vec<&Field> = form.fields().collect();
        few(12)
            .run(&any_answers(dict, code, false), |answers| {
                let mut posted = Posted::default();
                for (id, answer) in &answers.0 {
                    let field = form.field(id).unwrap();
                    posted.0.extend(write(field, answer));
                    prop_assert!(!words(dict, field, answer).is_empty());
                    prop_assert_eq!(table_rows(field, &posted), answer.rows().len());
                }
                let mut back = Answers::default();
                let problems = read(dict, form, &fields, &posted, &mut back);
                prop_assert_eq!(problems, vec![]);
                prop_assert_eq!(back, answers);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn json_comes_back_the_same() {
    let library = fixture::library();
    each_form(&library, |dict, code| {
        let form = dict.form(code).unwrap();
        few(12)
            .run(&any_answers(dict, code, true), |answers| {
                let text = answers.to_json().to_string();
                let (back, problems) =
                    Answers::from_json(form, dict, &serde_json::from_str(&text).unwrap());
                prop_assert_eq!(problems, vec![]);
                prop_assert_eq!(back, answers);
                Ok(())
            })
            .unwrap();
    });
}

/// Names of the form's own inputs, and some that are nearly so.
fn any_name(form: &crate::domain::form::Form) -> BoxedStrategy<String> {
    let mut names = vec![
        String::new(),
        "-".to_owned(),
        "agencies_involved-99999999999999999999-name".to_owned(),
    ];
    for field in form.fields() {
        names.push(field.id.clone());
        for part in [
            "day",
            "month",
            "year",
            "hour",
            "minute",
            "not_known",
            "0",
            "0-",
            "-0-name",
        ] {
            names.push(format!("{}-{part}", field.id));
        }
        for column in &field.columns {
            for row in [0, 1, 49, 50] {
                names.push(format!("{}-{row}-{}", field.id, column.id));
                names.push(format!("{}-{row}-{}-day", field.id, column.id));
            }
        }
    }
    prop_oneof![19 => select(names), 1 => ".*"].boxed()
}

fn any_value() -> BoxedStrategy<String> {
    let known = [
        "yes",
        "no",
        "27",
        "3",
        "2026",
        "march",
        "9.05pm",
        "1,234",
        "-",
        "not_known",
        "31",
        "2",
    ];
    prop_oneof![3 => select(known.to_vec()).prop_map(str::to_owned), 1 => ".*"].boxed()
}

#[test]
fn posted_junk_never_panics_and_what_is_read_can_be_written() {
    let library = fixture::library();
    for code in [
        "notification",
        "reporting",
        "analysis",
        "cdrm_jar",
        "care_pathway",
    ] {
        let dict = library.current();
        let form = dict.form(code).unwrap();
        let fields: Vec<&Field> = form.fields().collect();
        let post = proptest::collection::vec((any_name(form), any_value()), 0..60);
        few(60)
            .run(&post, |pairs| {
                let posted = Posted(pairs);
                let mut answers = Answers::default();
                for problem in read(dict, form, &fields, &posted, &mut answers) {
                    prop_assert!(
                        form.field(&problem.field).is_some() && !problem.message.is_empty()
                    );
                }
                let mut again = Posted::default();
                for (id, answer) in &answers.0 {
                    again.0.extend(write(form.field(id).unwrap(), answer));
                }
                let mut back = Answers::default();
                prop_assert_eq!(read(dict, form, &fields, &again, &mut back), vec![]);
                prop_assert_eq!(&back, &answers);
                engine_holds(dict, code, answers)
            })
            .unwrap();
    }
}

fn any_json() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::String),
        select(vec![
            "yes",
            "not_known",
            "2026-02-30",
            "2026-03-27T99:99",
            "2026-03-29T01:30:00+00:00",
            "14:05",
            "1"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::btree_map(
                select(vec!["name", "agency", "influence", "x"]),
                inner,
                0..4
            )
            .prop_map(|map| Value::Object(
                map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
            )),
        ]
    })
    .boxed()
}

#[test]
fn any_json_is_read_or_refused() {
    let library = fixture::library();
    for code in ["notification", "reporting", "analysis"] {
        let dict = library.current();
        let form = dict.form(code).unwrap();
        let ids: Vec<String> = form.fields().map(|field| field.id.clone()).collect();
        let object = proptest::collection::btree_map(select(ids), any_json(), 0..30)
            .prop_map(|map| Value::Object(map.into_iter().collect()));
        few(60)
            .run(&prop_oneof![9 => object, 1 => any_json()], |json| {
                let (answers, _) = Answers::from_json(form, dict, &json);
                let (again, _) = Answers::from_json(form, dict, &answers.to_json());
                prop_assert_eq!(&again, &answers);
                engine_holds(dict, code, answers)
            })
            .unwrap();
    }
}

/// Whatever was read, the engine comes to an answer, and deriving and pruning settle.
fn engine_holds(dict: &Dictionary, code: &str, answers: Answers) -> Result<(), TestCaseError> {
    let mut world = World::new(dict, code);
    world.answers = answers;
    world.check(Stage::Draft);
    world.check(Stage::Final);
    world.derive().prune().derive().prune();
    let settled = world.answers.clone();
    world.derive().prune();
    prop_assert_eq!(&world.answers, &settled);
    Ok(())
}
