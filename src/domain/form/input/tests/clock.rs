//! Dates and times as posted.

use chrono::NaiveTime;

use super::{notification, told};
use crate::domain::form::{Answer, fixture};

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
