mod clock;

use super::*;
use crate::domain::form::{Answer, Library, fixture};

/// Reads one field of a form from name and value pairs; `before` is there already.
fn read_one(
    library: &Library,
    form: &str,
    field: &str,
    before: Option<Answer>,
    pairs: &[(&str, &str)],
) -> (Option<Answer>, Vec<Problem>) {
    let dict = library.current();
    let form = dict.form(form).unwrap();
    let mut answers = Answers::default();
    if let Some(before) = before {
        answers.set(field, before);
    }
    let pairs = pairs
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect();
    let problems = read(
        dict,
        form,
        &[form.field(field).unwrap()],
        &Posted(pairs),
        &mut answers,
    );
    (answers.remove(field), problems)
}

fn notification(field: &str, pairs: &[(&str, &str)]) -> Result<Option<Answer>, (String, String)> {
    let (answer, mut problems) = read_one(&fixture::library(), "notification", field, None, pairs);
    match problems.pop() {
        Some(problem) => Err((problem.rule, problem.message)),
        None => Ok(answer),
    }
}

fn told(rule: &str, message: &str) -> Result<Option<Answer>, (String, String)> {
    Err((rule.to_owned(), message.to_owned()))
}

#[test]
fn numbers_may_have_thousands_and_units() {
    let weight = |typed: &str| notification("birth_weight_g", &[("birth_weight_g", typed)]);
    for (typed, number) in [
        ("3200", 3200.0),
        ("3,200", 3200.0),
        ("3 200", 3200.0),
        ("3200g", 3200.0),
        ("3,200.5 g", 3200.5),
        (".5", 0.5),
        ("-5", -5.0),
    ] {
        assert_eq!(weight(typed), Ok(Some(Answer::Decimal(number))), "{typed}");
    }
    for typed in [
        "3,2",
        "3.2.1",
        "about 3200",
        "1e3",
        "NaN",
        "-",
        ".",
        "3,20,000",
        "1.23456",
    ] {
        assert_eq!(weight(typed).unwrap_err().0, "number", "{typed}");
    }
    let weeks = |typed: &str| notification("gestation_weeks", &[("gestation_weeks", typed)]);
    assert_eq!(weeks("31 weeks"), Ok(Some(Answer::Integer(31))));
    assert_eq!(weeks("31.0"), Ok(Some(Answer::Integer(31))));
    assert_eq!(
        weeks("31.5"),
        told(
            "number",
            "Gestation at birth must be a whole number, for example 3"
        )
    );
    assert_eq!(
        weeks("99999999999999999999"),
        told("number", "Gestation at birth is too large a number")
    );
}

#[test]
fn text_is_cleaned_and_brought_to_its_normal_form() {
    let text = |t: &str| Ok(Some(Answer::Text(t.to_owned())));
    let surname = |typed: &str| notification("child_surname", &[("child_surname", typed)]);
    assert_eq!(
        surname("  Exa\u{0}mple\u{202e}\r\nFamily\t"),
        text("Example Family")
    );
    assert_eq!(surname(" \u{7} "), Ok(None));
    assert_eq!(surname(&"é".repeat(200)), text(&"é".repeat(200)));
    assert_eq!(
        surname(&"é".repeat(201)),
        told(
            "length",
            "Family name must be 200 characters or fewer. You have entered 201"
        )
    );
    let address = notification(
        "address_line_1",
        &[("address_line_1", "1 Example Road\r\nExample Town\n\n")],
    );
    assert_eq!(address, text("1 Example Road\nExample Town"));
    assert_eq!(
        notification("nhs_number", &[("nhs_number", "999-000 0018")]),
        text("9990000018")
    );
    assert_eq!(
        notification("nhs_number", &[("nhs_number", "999 000 001")]),
        told("nhs_number", "NHS number must be 10 digits long")
    );
    assert_eq!(
        notification("postcode", &[("postcode", "me11aa")]),
        text("ME1 1AA")
    );
    assert_eq!(
        notification("postcode", &[("postcode", "me1")])
            .unwrap_err()
            .0,
        "postcode"
    );
}

#[test]
fn choices_are_codes_of_their_list() {
    let sex = |typed: &str| notification("sex", &[("sex", typed)]);
    assert_eq!(sex("male"), Ok(Some(Answer::Choice("male".into()))));
    assert_eq!(
        sex("Male"),
        told("choice", "Choose one of the answers listed for “Sex”")
    );
    assert_eq!(sex("not_known"), Ok(Some(Answer::NotKnown)));
    let themes = |typed: &[&str]| {
        let pairs: Vec<_> = typed.iter().map(|t| ("alert_theme", *t)).collect();
        notification("alert_theme", &pairs)
    };
    let held = |codes: &[&str]| {
        Ok(Some(Answer::Choices(
            codes.iter().map(|c| (*c).to_owned()).collect(),
        )))
    };
    assert_eq!(
        themes(&["online_harm", "", "product_safety", "online_harm"]),
        held(&["product_safety", "online_harm"])
    );
    assert_eq!(
        themes(&["online_harm", "<script>"]).unwrap_err().0,
        "choice"
    );
    assert_eq!(themes(&[]), Ok(None));
    let ticked = |typed: &[(&str, &str)]| notification("date_of_death_estimated", typed);
    let id = "date_of_death_estimated";
    assert_eq!(
        ticked(&[(id, "no"), (id, "yes")]),
        Ok(Some(Answer::Boolean(true)))
    );
    assert_eq!(ticked(&[(id, "false")]), Ok(Some(Answer::Boolean(false))));
    assert_eq!(ticked(&[(id, "perhaps")]).unwrap_err().0, "boolean");
}

#[test]
fn not_known_is_an_answer_but_not_beside_another() {
    let flag = ("date_of_death-not_known", "yes");
    assert_eq!(
        notification("date_of_death", &[flag]),
        Ok(Some(Answer::NotKnown))
    );
    assert_eq!(
        notification("date_of_death", &[flag, ("date_of_death", "27/3/2026")]),
        told(
            "not_known",
            "Answer the date of death, or say that it is not known, but not both"
        )
    );
    let own = notification("parents_related", &[("parents_related-not_known", "yes")]);
    assert_eq!(own, Ok(Some(Answer::Choice("not_known".into()))));
}

#[test]
fn a_blank_clears_a_fault_keeps_and_the_rest_is_left_alone() {
    let library = fixture::library();
    let before = Some(Answer::Decimal(3000.0));
    let (answer, problems) = read_one(
        &library,
        "notification",
        "birth_weight_g",
        before.clone(),
        &[("birth_weight_g", "x")],
    );
    assert_eq!((answer, problems.len()), (before.clone(), 1));
    let (answer, problems) = read_one(&library, "notification", "birth_weight_g", before, &[]);
    assert_eq!((answer, problems.len()), (None, 0));
    // What the system answers is never read, nor what was not asked for.
    let (answer, _) = read_one(
        &library,
        "notification",
        "age_band",
        None,
        &[("age_band", "1_4y")],
    );
    assert_eq!(answer, None);
    let (answer, _) = read_one(
        &library,
        "notification",
        "sex",
        None,
        &[("child_surname", "x")],
    );
    assert_eq!(answer, None);
}

#[test]
fn tables_keep_the_rows_that_say_something() {
    let library = fixture::library();
    let table = "other_children_affected";
    let read = |pairs: &[(&str, &str)]| read_one(&library, "notification", table, None, pairs);
    let (answer, problems) = read(&[
        ("other_children_affected-0-name", " "),
        ("other_children_affected-2-name", "Second Example"),
        ("other_children_affected-2-date_of_birth-day", "1"),
        ("other_children_affected-2-date_of_birth-month", "feb"),
        ("other_children_affected-2-date_of_birth-year", "2020"),
        ("other_children_affected-1-name", "First Example"),
        ("other_children_affected-1-at_risk_concern", "no"),
        ("other_children_affected-3-colour", "red"),
        ("other_children_affected-x-name", "y"),
    ]);
    assert_eq!(problems, []);
    let answer = answer.unwrap();
    let rows = answer.rows();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["name"], Answer::Text("First Example".into()));
    assert_eq!(
        rows[1]["date_of_birth"],
        Answer::Date(fixture::d(2020, 2, 1))
    );
    let (answer, problems) = read(&[
        ("other_children_affected-0-name", "Example"),
        ("other_children_affected-1-date_of_birth-day", "31"),
        ("other_children_affected-1-date_of_birth-month", "2"),
        ("other_children_affected-1-date_of_birth-year", "2020"),
        ("other_children_affected-1-sex", "x"),
    ]);
    assert_eq!(answer, None);
    let places: Vec<_> = problems
        .iter()
        .map(|p| (p.row, p.column.as_deref().unwrap(), p.rule.as_str()))
        .collect();
    assert_eq!(
        places,
        [
            (Some(1), "date_of_birth", "date.day"),
            (Some(1), "sex", "choice")
        ]
    );
    let (_, problems) = read(&[("other_children_affected-50-name", "Example")]);
    assert_eq!(problems[0].rule, "rows");
    let (answer, _) = read(&[("other_children_affected-not_known", "yes")]);
    assert_eq!(answer, Some(Answer::NotKnown));
    let (_, problems) = read(&[
        ("other_children_affected-not_known", "yes"),
        ("other_children_affected-0-name", "Example"),
    ]);
    assert_eq!(problems[0].rule, "not_known");
}

#[test]
fn rows_are_counted_up_to_the_last() {
    let library = fixture::library();
    let field = library
        .current()
        .form("notification")
        .unwrap()
        .field("other_children_affected")
        .unwrap();
    let rows = |names: &[&str]| {
        table_rows(
            field,
            &Posted(
                names
                    .iter()
                    .map(|n| ((*n).to_owned(), String::new()))
                    .collect(),
            ),
        )
    };
    assert_eq!(rows(&[]), 0);
    assert_eq!(
        rows(&[
            "other_children_affected-0-name",
            "other_children_affected-3-date_of_birth-day"
        ]),
        4
    );
    assert_eq!(
        rows(&["other_children_affected-3-nothing", "other_children-3-name"]),
        0
    );
    assert_eq!(
        rows(&["other_children_affected-99999999999999999999999-name"]),
        50
    );
}
