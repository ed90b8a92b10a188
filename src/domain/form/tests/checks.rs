//! Every check of every form is parsed, and tells a wrong answer from a right one (Shows 5).

use chrono::Duration;

use super::world::{World, code, codes, day, on, row, text, valid, whole};
use crate::domain::form::check::Rule;
use crate::domain::form::{
    Answer, Check, Field, Form, Kind, Severity, Shape, Stage, Term, fixture,
};

/// The checks as the files have them, counted without the engine.
fn terms_in_files() -> usize {
    let mut terms = 0;
    for (_, text) in &fixture::files() {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let Some(column) = reader.headers().unwrap().iter().position(|c| c == "check") else {
            continue;
        };
        for record in reader.records() {
            terms += record.unwrap()[column]
                .split(';')
                .filter(|t| !t.trim().is_empty())
                .count();
        }
    }
    terms
}

#[test]
fn every_check_tells_wrong_from_right() {
    let library = fixture::library();
    let dict = library.current();
    let mut evaluated = 0;
    for form in &dict.forms {
        for field in form.fields() {
            assert!(
                field.columns.iter().all(|column| column.checks.is_empty()),
                "{}",
                field.id
            );
            for check in &field.checks {
                let mut world = World::new(dict, &form.code);
                world.open(field);
                exercise(&mut world, form, field, check);
                evaluated += 1;
            }
        }
    }
    assert_eq!(evaluated, terms_in_files());
    assert!(evaluated > 150, "{evaluated}");
}

/// Tries the check with a wrong answer and a right one, and looks for its rule among the problems.
fn exercise(world: &mut World, form: &Form, field: &Field, check: &Check) {
    let id = field.id.as_str();
    let place = format!("{} {id}: {}", form.code, check.text);
    let Some((rule, wrong, right)) = samples(world, field, check) else {
        return unfailing(world, field, check, &place);
    };
    wrong(world);
    let found: Vec<_> = world
        .check(Stage::Final)
        .into_iter()
        .filter(|p| p.field == id)
        .collect();
    let hit = found.iter().find(|p| {
        p.rule == rule || (p.rule == "required" && ["rows", "choices"].contains(&rule.as_str()))
    });
    let hit = hit.unwrap_or_else(|| panic!("{place} does not tell {rule}: {found:?}"));
    let severities = matches!(check.term, Term::Rule(Rule::Dt5 | Rule::Pl3));
    assert!(severities || hit.severity == check.severity, "{place}");
    assert!(
        hit.message.len() > 15 && !hit.message.contains('_'),
        "{place}: {}",
        hit.message
    );
    right(world);
    let found = world.rules(Stage::Final, id);
    assert!(
        !found.contains(&rule),
        "{place} tells {rule} of a right answer: {found:?}"
    );
}

/// What can never fail on one form must at least not fail, and do its own work.
fn unfailing(world: &mut World, field: &Field, check: &Check, place: &str) {
    let id = field.id.as_str();
    match &check.term {
        Term::Default(value) => {
            world.derive();
            assert_eq!(world.answers.text(id), Some(value.as_str()), "{place}");
        }
        Term::Rule(Rule::X10) => {
            let last = world.form.fields().last().unwrap().id.clone();
            assert!(world.shows(&last), "{place}");
            world.set(id, code("no"));
            assert!(!world.shows(&last) && world.shows(id), "{place}");
        }
        Term::Derived | Term::Prefilled | Term::Rule(Rule::X1 | Rule::An10) => {
            world.set(id, valid(world.dict, field));
            let text = check.text.trim_start_matches("rule ");
            assert!(
                !world
                    .rules(Stage::Final, id)
                    .iter()
                    .any(|rule| rule == text),
                "{place}"
            );
        }
        _ => panic!("{place} has no samples"),
    }
}

type Change<'c> = Box<dyn Fn(&mut World) + 'c>;

/// The rule's name, a change that breaks it and one that mends it.
fn samples<'c>(
    world: &World,
    field: &'c Field,
    check: &'c Check,
) -> Option<(String, Change<'c>, Change<'c>)> {
    let id = field.id.as_str();
    let set = |answer: Answer| -> Change<'c> {
        Box::new(move |world| {
            world.set(id, answer.clone());
        })
    };
    let none = || -> Change<'c> {
        Box::new(move |world| {
            world.unset(id);
        })
    };
    let number = |n: f64| {
        if field.kind == Kind::Integer {
            whole(n)
        } else {
            Answer::Decimal(n)
        }
    };
    let good = valid(world.dict, field);
    Some(match &check.term {
        Term::Range(low, high) => {
            let rule = if check.severity == Severity::Warn {
                "usual_range"
            } else {
                "range"
            };
            (rule.into(), set(number(high + 1.0)), set(number(*low)))
        }
        Term::Compare(..) | Term::BeforeEighteen | Term::Within(..) => {
            return Some(dated(world, field, check));
        }
        Term::Length(low, high) => (
            "length".into(),
            set(text(&"x".repeat(high + 1))),
            set(text(&"x".repeat((*low).max(1)))),
        ),
        Term::Rows(_) => ("rows".into(), none(), set(good)),
        Term::Choices(1) => ("choices".into(), none(), set(good)),
        Term::Choices(least) => {
            let Answer::Choices(all) = &good else {
                panic!()
            };
            (
                "choices".into(),
                set(Answer::Choices(all[..least - 1].to_vec())),
                set(good.clone()),
            )
        }
        Term::Required => ("required".into(), none(), set(good)),
        Term::NhsNumber => ("nhs_number".into(), set(text("9434765918")), set(good)),
        Term::Postcode => ("postcode".into(), set(text("MEDWAY")), set(good)),
        Term::Shape(shape) => {
            let wrong = match shape {
                Shape::SecureEmail => "example@example.com",
                Shape::Phone => "12345",
                _ => "example",
            };
            (shape_rule(*shape).into(), set(text(wrong)), set(good))
        }
        Term::Equals(value) => ("equals".into(), set(code("no")), set(code(value))),
        Term::Rule(rule) => return named(*rule, field),
        Term::Default(_) | Term::Derived | Term::Prefilled => return None,
    })
}

fn shape_rule(shape: Shape) -> &'static str {
    match shape {
        Shape::Email => "email",
        Shape::SecureEmail => "secure_email",
        Shape::Phone => "phone",
        Shape::OdsCode => "ods_code",
        Shape::Icd10 => "icd10",
        Shape::Lsoa => "lsoa",
    }
}

/// Comparisons: the other side is set to a middle, this side off it and on it.
fn dated<'c>(
    world: &World,
    field: &'c Field,
    check: &'c Check,
) -> (String, Change<'c>, Change<'c>) {
    use crate::domain::form::check::{Other, Side};
    let id = field.id.as_str();
    let middle = fixture::d(2026, 3, 10);
    let move_to = |off: i64, other: Option<(&'c str, Answer)>| -> Change<'c> {
        Box::new(move |world| {
            if let Some((id, answer)) = &other {
                world.set(id, answer.clone());
            }
            let answer = if field.kind.is_number() {
                Answer::Integer(5 + off)
            } else {
                on(field, middle + Duration::days(off))
            };
            world.set(id, answer);
        })
    };
    match &check.term {
        Term::Compare(side, Other::Field(other)) => {
            let held = if field.kind.is_number() {
                Answer::Integer(5)
            } else {
                on(world.any(other), middle)
            };
            let kind = if field.kind.is_number() {
                ["at_least", "at_most"]
            } else {
                ["on_or_after", "on_or_before"]
            };
            let (name, off) = if *side == Side::AtLeast {
                (kind[0], -1)
            } else {
                (kind[1], 1)
            };
            let other = Some((other.as_str(), held));
            let rule = format!("{name}:{}", other.as_ref().unwrap().0);
            (rule, move_to(off, other.clone()), move_to(0, other))
        }
        Term::Compare(_, other) => {
            let name = if *other == Other::Today {
                "today"
            } else {
                "now"
            };
            (
                format!("on_or_before:{name}"),
                move_to(18, None),
                move_to(17, None),
            )
        }
        Term::BeforeEighteen => {
            let born = Some(("date_of_birth", day(2008, 3, 10)));
            (
                "before_18th_birthday".into(),
                move_to(0, born.clone()),
                move_to(-1, born),
            )
        }
        Term::Within(_, _, other) => {
            let held = Some((other.as_str(), day(2026, 1, 1)));
            (
                format!("within:{other}"),
                move_to(400, held.clone()),
                move_to(-65, held),
            )
        }
        _ => panic!(),
    }
}

/// The named rules, as their tables in `rules.rs` try them further.
fn named(rule: Rule, field: &Field) -> Option<(String, Change<'_>, Change<'_>)> {
    let id = field.id.as_str();
    let many = |answers: Vec<(&'static str, Answer)>, own: Option<Answer>| -> Change<'_> {
        Box::new(move |world| {
            for (id, answer) in &answers {
                world.set(id, answer.clone());
            }
            match &own {
                Some(answer) => world.set(id, answer.clone()),
                None => world.unset(id),
            };
        })
    };
    let factor = |cells: &[(&str, Answer)]| Answer::Rows(vec![row(cells)]);
    let ticked = vec![("categories_all", codes(&["2", "5"]))];
    let born = day(2020, 1, 1);
    let (wrong, right) = match rule {
        Rule::An1 => (
            many(vec![], Some(factor(&[("factor_code", code("A01"))]))),
            many(
                vec![],
                Some(factor(&[
                    ("factor_code", code("A01")),
                    ("influence", code("2")),
                ])),
            ),
        ),
        Rule::An2 => (
            many(vec![], None),
            many(vec![], Some(factor(&[("influence", code("2"))]))),
        ),
        Rule::An4 if field.kind == Kind::SingleChoice => (
            many(ticked.clone(), Some(code("5"))),
            many(ticked, Some(code("2"))),
        ),
        Rule::An4 => (
            many(ticked.clone(), Some(codes(&["2"]))),
            many(ticked, Some(codes(&["5"]))),
        ),
        Rule::An5 => (
            many(ticked.clone(), Some(code("5a"))),
            many(ticked, Some(code("2a"))),
        ),
        Rule::An9 => (
            many(vec![], Some(code("modifiable"))),
            many(vec![], Some(code("none"))),
        ),
        Rule::Dt5 => (
            many(
                vec![
                    ("date_of_birth", born.clone()),
                    ("date_of_death", born.clone()),
                ],
                None,
            ),
            many(vec![("date_of_death", day(2020, 1, 2))], None),
        ),
        Rule::Me1 => (
            many(vec![("date_of_birth", born.clone())], Some(day(2010, 1, 2))),
            many(vec![("date_of_birth", born.clone())], Some(day(1990, 1, 1))),
        ),
        Rule::Pl3 => (
            many(
                vec![("country_of_normal_residence", text("France"))],
                Some(code("E10000016")),
            ),
            many(vec![], Some(code("outside"))),
        ),
        Rule::Su1 => (
            many(
                vec![("shared", code("yes")), ("sharer_alcohol", code("yes"))],
                Some(Answer::Boolean(false)),
            ),
            many(vec![], Some(Answer::Boolean(true))),
        ),
        Rule::An10 | Rule::X1 | Rule::X10 => return None,
    };
    Some((rule.name().to_owned(), wrong, right))
}
