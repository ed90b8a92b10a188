use super::*;
use crate::domain::form::{Answer, Library, fixture};
use chrono::NaiveTime;

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

fn date(day: &str, month: &str, year: &str) -> Result<Option<Answer>, (String, String)> {
    let id = "date_of_death";
    let [d, m, y] = ["day", "month", "year"].map(|part| format!("{id}-{part}"));
    notification(id, &[(&d, day), (&m, month), (&y, year)])
}

#[test]
fn dates_are_what_people_type() {
    let expected = Ok(Some(Answer::Date(fixture::d(2026, 3, 27))));
    for (day, month, year) in [
        ("27", "3", "2026"),
        (" 27 ", "03", "26"),
        ("27th", "March", "2026"),
        ("27", "mar", "2026"),
        ("27", "MAR.", "26"),
    ] {
        assert_eq!(date(day, month, year), expected, "{day} {month} {year}");
    }
    for whole in ["2026-03-27", "27/3/2026", "27 March 2026", "27.3.26"] {
        assert_eq!(
            notification("date_of_death", &[("date_of_death", whole)]),
            expected
        );
    }
    assert_eq!(
        date("1", "sept", "98"),
        Ok(Some(Answer::Date(fixture::d(1998, 9, 1))))
    );
    assert_eq!(date("", " ", ""), Ok(None));
}

#[test]
fn an_impossible_date_names_the_part() {
    for ((day, month, year), rule, message) in [
        (
            ("", "3", "2026"),
            "date.day",
            "Date of death must include a day",
        ),
        (
            ("27", "", ""),
            "date.month",
            "Date of death must include a month and a year",
        ),
        (
            ("31", "4", "2026"),
            "date.day",
            "Date of death: there is no 31 April. Check the day",
        ),
        (
            ("29", "2", "2026"),
            "date.day",
            "Date of death: there is no 29 February 2026. Check the day",
        ),
        (
            ("32", "1", "2026"),
            "date.day",
            "Date of death: the day must be a number from 1 to 31",
        ),
        (
            ("x", "1", "2026"),
            "date.day",
            "Date of death: the day must be a number from 1 to 31",
        ),
        (
            ("1", "13", "2026"),
            "date.month",
            "Date of death: the month must be a number from 1 to 12, or its name",
        ),
        (
            ("1", "ma", "2026"),
            "date.month",
            "Date of death: the month must be a number from 1 to 12, or its name",
        ),
        (
            ("1", "1", "202"),
            "date.year",
            "Date of death: the year must have four figures, for example 2026",
        ),
        (
            ("1", "1", "0026"),
            "date.year",
            "Date of death: the year must have four figures, for example 2026",
        ),
    ] {
        assert_eq!(
            date(day, month, year),
            told(rule, message),
            "{day} {month} {year}"
        );
    }
}

#[test]
fn times_are_what_people_type() {
    let time = |pairs: &[(&str, &str)]| notification("time_of_death", pairs);
    let at = |h, m| {
        Ok(Some(Answer::Time(
            NaiveTime::from_hms_opt(h, m, 0).unwrap(),
        )))
    };
    for (typed, h, m) in [
        ("9:05", 9, 5),
        ("09.05", 9, 5),
        ("0905", 9, 5),
        ("905", 9, 5),
        ("9 05", 9, 5),
        ("9.05pm", 21, 5),
        ("9:05 PM", 21, 5),
        ("9pm", 21, 0),
        ("12am", 0, 0),
        ("12.30 p.m.", 12, 30),
        ("21:05", 21, 5),
        ("21:05:59", 21, 5),
        ("noon", 12, 0),
        ("midnight", 0, 0),
    ] {
        assert_eq!(time(&[("time_of_death", typed)]), at(h, m), "{typed}");
    }
    assert_eq!(
        time(&[("time_of_death-hour", "14"), ("time_of_death-minute", "5")]),
        at(14, 5)
    );
    assert_eq!(
        time(&[
            ("time_of_death-hour", "2pm"),
            ("time_of_death-minute", "05")
        ]),
        at(14, 5)
    );
    assert_eq!(time(&[("time_of_death", "")]), Ok(None));
    for (pairs, rule) in [
        (vec![("time_of_death", "soon")], "time"),
        (vec![("time_of_death", "24:00")], "time.hour"),
        (vec![("time_of_death", "9:60")], "time.minute"),
        (vec![("time_of_death", "13am")], "time.hour"),
        (vec![("time_of_death-hour", "9")], "time.minute"),
        (vec![("time_of_death-minute", "9")], "time.hour"),
    ] {
        assert_eq!(time(&pairs).unwrap_err().0, rule, "{pairs:?}");
    }
}

#[test]
fn a_date_time_needs_its_time() {
    let id = "event_datetime";
    let day = [
        ("event_datetime-day", "2"),
        ("event_datetime-month", "3"),
        ("event_datetime-year", "2026"),
    ];
    let with = |more: &[(&str, &str)]| notification(id, &[&day[..], more].concat());
    let moment = fixture::d(2026, 3, 2).and_hms_opt(14, 5, 0).unwrap();
    let expected = Ok(Some(Answer::DateTime(moment)));
    assert_eq!(
        with(&[
            ("event_datetime-hour", "14"),
            ("event_datetime-minute", "05")
        ]),
        expected
    );
    assert_eq!(notification(id, &[(id, "2026-03-02T14:05")]), expected);
    assert_eq!(with(&[]).unwrap_err().0, "time.hour");
    assert_eq!(
        with(&[("event_datetime-hour", "14")]).unwrap_err().0,
        "time.minute"
    );
    assert_eq!(
        notification(
            id,
            &[
                ("event_datetime-hour", "14"),
                ("event_datetime-minute", "1")
            ]
        )
        .unwrap_err()
        .0,
        "date.day"
    );
    assert_eq!(notification(id, &[]), Ok(None));
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
            "Gestation at birth, weeks must be a whole number, for example 3"
        )
    );
    assert_eq!(
        weeks("99999999999999999999"),
        told("number", "Gestation at birth, weeks is too large a number")
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
