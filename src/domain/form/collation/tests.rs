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
    beside(id, None::<Ours>, said).unwrap()
}

/// The same beside what staff typed.
fn beside(id: &str, ours: impl Into<Option<Ours>>, said: &[(&str, Answer)]) -> Option<Collated> {
    let library = fixture::library();
    let dict = library.current();
    let given: Vec<Given> = said
        .iter()
        .zip(["r1", "r2", "r3"])
        .map(|((agency, answer), source)| given(source, agency, &[(id, answer.clone())]))
        .collect();
    let ours = ours.into().map(|ours| (id.to_owned(), ours));
    let ours = ours.into_iter().collect();
    collate(dict, dict.form("reporting").unwrap(), &given, &ours).remove(id)
}

/// What staff typed over what these had said.
fn typed(answer: Option<Answer>, over: &[(Answer, &[&str])]) -> Ours {
    let over = over.iter().map(|(answer, from)| {
        let from = from.iter().map(|s| (*s).to_owned()).collect();
        (answer.clone(), from)
    });
    Ours {
        answer,
        over: over.collect(),
    }
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

#[test]
fn what_staff_typed_stands_until_somebody_says_something_else() {
    let weeks = Answer::Integer;
    let forty = || typed(Some(weeks(40)), &[]);
    assert_eq!(
        beside("gestation_weeks", forty(), &[]),
        Some(agreed(weeks(40), &[STAFF]))
    );
    assert_eq!(
        beside("gestation_weeks", forty(), &[("gp", weeks(38))]),
        Some(Collated::Conflict {
            options: vec![
                (weeks(40), vec![STAFF.into()]),
                (weeks(38), vec!["r1".into()])
            ]
        })
    );
    assert_eq!(
        beside(
            "gestation_weeks",
            forty(),
            &[("gp", weeks(40)), ("police", Answer::NotKnown)]
        ),
        Some(agreed(weeks(40), &[STAFF, "r1"]))
    );
    // What they had looked at does not come back by itself: where they say that nobody knows, or took it away.
    for answer in [Some(Answer::NotKnown), None] {
        let ours = || typed(answer.clone(), &[(weeks(39), &["r1"])]);
        let stands = match &answer {
            Some(answer) => agreed(answer.clone(), &[STAFF]),
            None => Collated::TakenAway,
        };
        assert_eq!(
            beside("gestation_weeks", ours(), &[("gp", weeks(39))]),
            Some(stands)
        );
        assert_eq!(
            beside(
                "gestation_weeks",
                ours(),
                &[("gp", weeks(39)), ("police", weeks(38))]
            ),
            Some(agreed(weeks(38), &["r2"]))
        );
    }
}

#[test]
fn what_staff_corrected_is_united_with_what_came_since() {
    let said = [
        ("gp", text("Wel child.")),
        ("police", text("Called in May.")),
    ];
    let ours = typed(Some(text("Well child.")), &[(text("Wel child."), &["r1"])]);
    assert_eq!(
        beside("health_narrative", ours, &said),
        Some(agreed(
            text("The review team:\nWell child.\n\nPolice:\nCalled in May."),
            &[STAFF, "r2"]
        ))
    );
    // Words of several agencies have their names in them.
    let both = "GP or primary care:\nWell child.\n\nPolice:\nCalled in May.";
    let said = [
        said[0].clone(),
        said[1].clone(),
        ("education", text("Absent.")),
    ];
    let ours = typed(
        Some(text(both)),
        &[(text("GP or primary care:\nWel child."), &["r1", "r2"])],
    );
    let label = |answer: Option<Collated>| match answer {
        Some(Collated::Agreed {
            answer: Answer::Text(text),
            ..
        }) => text,
        other => panic!("{other:?}"),
    };
    let whole = label(beside("health_narrative", ours, &said));
    assert!(
        whole.starts_with(both) && whole.ends_with(":\nAbsent."),
        "{whole}"
    );
    let row = |name: &str| Row::from([("name".to_owned(), text(name))]);
    let ours = typed(
        Some(Answer::Rows(vec![row("Anna")])),
        &[(Answer::Rows(vec![row("Ana"), row("B")]), &["r1"])],
    );
    assert_eq!(
        beside(
            "siblings",
            ours,
            &[
                ("gp", Answer::Rows(vec![row("Ana"), row("B")])),
                ("police", Answer::Rows(vec![row("C")]))
            ]
        ),
        Some(agreed(
            Answer::Rows(vec![row("Anna"), row("C")]),
            &[STAFF, "r2"]
        ))
    );
    let ours = typed(Some(codes(&["none"])), &[(codes(&["police"]), &["r1"])]);
    assert!(matches!(
        beside(
            "internal_review",
            ours,
            &[("gp", codes(&["police"])), ("police", codes(&["coroner"]))]
        ),
        Some(Collated::Conflict { .. })
    ));
}
