use super::*;
use crate::domain::form::fixture;
use chrono::NaiveDate;

fn given(source: &str, agency: &str, answers: &[(&str, Answer)]) -> Given {
    let answers = answers
        .iter()
        .map(|(id, answer)| ((*id).to_owned(), answer.clone()))
        .collect();
    Given {
        source: source.into(),
        agency: agency.into(),
        answers: Answers(answers),
    }
}

fn text(text: &str) -> Answer {
    Answer::Text(text.into())
}

fn code(code: &str) -> Answer {
    Answer::Choice(code.into())
}

fn codes(codes: &[&str]) -> Answer {
    Answer::Choices(codes.iter().map(|c| (*c).to_owned()).collect())
}

fn reporting(id: &str, said: &[(&str, Answer)]) -> Collated {
    let library = fixture::library();
    let dict = library.current();
    let given: Vec<Given> = said
        .iter()
        .zip(["r1", "r2", "r3"])
        .map(|((agency, answer), source)| given(source, agency, &[(id, answer.clone())]))
        .collect();
    collate(dict, dict.form("reporting").unwrap(), &given)
        .remove(id)
        .unwrap()
}

fn agreed(answer: Answer, sources: &[&str]) -> Collated {
    Collated::Agreed {
        answer,
        sources: sources.iter().map(|s| (*s).to_owned()).collect(),
    }
}

#[test]
fn coded_answers_agree_or_conflict_and_not_known_gives_way() {
    assert_eq!(
        reporting(
            "child_sex",
            &[
                ("gp", code("male")),
                ("police", code("unknown")),
                ("education", code("male"))
            ]
        ),
        agreed(code("male"), &["r1", "r3"])
    );
    assert_eq!(
        reporting(
            "child_sex",
            &[("gp", code("male")), ("police", code("female"))]
        ),
        Collated::Conflict {
            options: vec![
                (code("male"), vec!["r1".into()]),
                (code("female"), vec!["r2".into()])
            ]
        }
    );
    assert_eq!(
        reporting(
            "autism",
            &[("gp", code("unknown")), ("police", Answer::NotKnown)]
        ),
        agreed(code("unknown"), &["r1", "r2"])
    );
    assert!(matches!(
        reporting(
            "gestation_weeks",
            &[
                ("gp", Answer::Integer(31)),
                ("maternity", Answer::Integer(32))
            ]
        ),
        Collated::Conflict { .. }
    ));
    assert_eq!(
        reporting(
            "birth_weight_g",
            &[
                ("gp", Answer::NotKnown),
                ("maternity", Answer::Decimal(3200.0))
            ]
        ),
        agreed(Answer::Decimal(3200.0), &["r2"])
    );
}

#[test]
fn text_is_joined_under_each_agency() {
    assert_eq!(
        reporting(
            "health_narrative",
            &[
                ("gp", text("Well child.")),
                ("A school", text("Absent often."))
            ]
        ),
        agreed(
            text("GP or primary care:\nWell child.\n\nA school:\nAbsent often."),
            &["r1", "r2"]
        )
    );
    assert_eq!(
        reporting(
            "pets",
            &[("gp", text("One dog")), ("police", text("one  DOG"))]
        ),
        agreed(text("One dog"), &["r1", "r2"])
    );
    assert!(matches!(
        reporting(
            "place_of_birth",
            &[("gp", text("Home")), ("maternity", text("Hospital"))]
        ),
        Collated::Conflict { .. }
    ));
}

#[test]
fn choices_and_rows_are_united() {
    assert_eq!(
        reporting(
            "internal_review",
            &[
                ("gp", codes(&["police"])),
                ("police", codes(&["coroner", "police"]))
            ]
        ),
        agreed(codes(&["police", "coroner"]), &["r1", "r2"])
    );
    assert!(matches!(
        reporting(
            "internal_review",
            &[("gp", codes(&["none"])), ("police", codes(&["coroner"]))]
        ),
        Collated::Conflict { .. }
    ));
    let row = |name: &str| Row::from([("name".to_owned(), text(name))]);
    assert_eq!(
        reporting(
            "siblings",
            &[
                ("gp", Answer::Rows(vec![row("A"), row("B")])),
                ("police", Answer::Rows(vec![row("B"), row("C")]))
            ]
        ),
        agreed(
            Answer::Rows(vec![row("A"), row("B"), row("C")]),
            &["r1", "r2"]
        )
    );
}

#[test]
fn what_tells_of_the_respondent_never_conflicts() {
    let day = |d| Answer::Date(NaiveDate::from_ymd_opt(2026, 3, d).unwrap());
    assert_eq!(
        reporting("agency", &[("gp", code("gp")), ("police", code("police"))]),
        agreed(code("gp"), &["r1"])
    );
    assert_eq!(
        reporting("date_completed", &[("gp", day(1)), ("police", day(9))]),
        agreed(day(9), &["r2"])
    );
    assert_eq!(
        reporting("date_requested", &[("gp", day(4)), ("police", day(2))]),
        agreed(day(2), &["r2"])
    );
    assert_eq!(
        reporting(
            "agency_knew_child",
            &[("gp", code("no")), ("police", code("yes"))]
        ),
        agreed(code("yes"), &["r2"])
    );
}
