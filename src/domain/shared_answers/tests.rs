use super::*;
use crate::domain::sample::library;

const GROUPS: &str = include_str!("../../../fixtures/agency_groups.csv");
const SHIPPED: &str = include_str!("../../../fixtures/shared_answers.csv");

fn shares() -> Shares {
    Shares::load(library().current(), GROUPS, SHIPPED).unwrap()
}

fn fields(agency: &str) -> Vec<String> {
    let shares = shares();
    shares
        .of("reporting", agency)
        .map(|share| share.field.clone())
        .collect()
}

fn known(weeks: i64) -> Known {
    let mut known = Known::default();
    known.answers.set("gestation_weeks", Answer::Integer(weeks));
    known
}

#[test]
fn each_agency_sees_what_the_data_grants_and_nothing_else() {
    let has = |agency: &str, field: &str| fields(agency).contains(&field.to_owned());
    assert!(has("gp", "gestation_weeks"));
    assert!(!has("police", "gestation_weeks"));
    assert!(has("police", "criminal_investigation"));
    assert!(!has("gp", "criminal_investigation"));
    assert!(fields("voluntary").is_empty());
    assert!(shares().of("neonatal", "gp").next().is_none());
}

/// What agencies write in their own words is theirs alone.
#[test]
fn free_text_is_not_shared() {
    let library = library();
    for share in &shares().0 {
        let form = library.current().form(&share.form).unwrap();
        let field = form.field(&share.field).unwrap();
        assert_ne!(
            field.kind,
            crate::domain::form::Kind::LongText,
            "{}",
            share.field
        );
    }
}

#[test]
fn every_fault_in_the_data_is_named_by_line_and_column() {
    let head = "form,field,readers,also,basis\n";
    for (line, fault) in [
        (
            "nothing,x,gp,,proposed",
            "column form: there is no form “nothing”",
        ),
        (
            "reporting,x,gp,,proposed",
            "column field: form “reporting” does not ask “x”",
        ),
        (
            "reporting,gestation_weeks,gps,,proposed",
            "column readers: there is no group or agency “gps”",
        ),
        (
            "reporting,gestation_weeks,gp,x,proposed",
            "column also: “x” is not form.field",
        ),
        (
            "reporting,gestation_weeks,gp,notification.sex,proposed",
            "column also: “notification.sex” takes other answers",
        ),
        (
            "reporting,gestation_weeks,gp,notification.x,proposed",
            "also: field: form “notification” does not ask “x”",
        ),
        (
            "reporting,siblings,gp,,proposed",
            "column field: “siblings” is a table",
        ),
        (
            "reporting,child_name,gp,,proposed",
            "column field: “child_name” is not asked of an agency",
        ),
        ("reporting,gestation_weeks,gp,,", "column basis: is empty"),
    ] {
        let found = Shares::load(library().current(), GROUPS, &format!("{head}{line}\n"));
        assert_eq!(
            found.unwrap_err(),
            [format!("shared_answers.csv:2: {fault}")]
        );
    }
    let groups = "group,agency,basis\nhealth,nobody,proposed\ngp,gp,proposed\n";
    let found = Shares::load(library().current(), groups, head).unwrap_err();
    assert_eq!(
        found,
        [
            "agency_groups.csv:2: column agency: there is no agency “nobody”",
            "agency_groups.csv:3: column group: “gp” is an agency"
        ]
    );
}

#[test]
fn a_known_answer_spares_the_question_until_the_agency_says_otherwise() {
    let (mut known, mut own) = (known(39), Answers::default());
    assert!(known.spares("gestation_weeks", &own));
    assert!(!known.spares("birth_weight_g", &own));
    known.say("gestation_weeks", Say::Right, &mut own);
    assert_eq!(own.integer("gestation_weeks"), Some(39));
    assert!(known.spares("gestation_weeks", &own));
    known.say("gestation_weeks", Say::Different, &mut own);
    assert!(!known.spares("gestation_weeks", &own));
    own.set("gestation_weeks", Answer::Integer(38));
    assert!(!known.spares("gestation_weeks", &own));
    assert_eq!(known.under(&own).integer("gestation_weeks"), Some(38));
    known.say("gestation_weeks", Say::CannotSay, &mut own);
    assert!(!own.is_answered("gestation_weeks"));
    assert!(known.spares("gestation_weeks", &own));
}

/// The record changed after it was confirmed: the agency's word is its own again.
#[test]
fn what_was_confirmed_stays_the_agencys_word_when_the_record_changes() {
    let (mut first, mut own) = (known(39), Answers::default());
    first.say("gestation_weeks", Say::Right, &mut own);
    let now = Known {
        says: first.says,
        ..known(40)
    };
    assert!(!now.spares("gestation_weeks", &own));
    assert_eq!(own.integer("gestation_weeks"), Some(39));
}

#[test]
fn a_question_opened_and_left_empty_is_known_again() {
    let (mut known, mut own) = (known(39), Answers::default());
    known.say("gestation_weeks", Say::Different, &mut own);
    known.forget_unanswered(&BTreeSet::from(["birth_weight_g"]), &own);
    assert!(
        !known.spares("gestation_weeks", &own),
        "it was not on that page"
    );
    known.forget_unanswered(&BTreeSet::from(["gestation_weeks"]), &own);
    assert!(known.spares("gestation_weeks", &own));
}

#[test]
fn not_known_tells_nothing() {
    assert!(!tells(&Answer::NotKnown));
    assert!(!tells(&Answer::Choice("not_known".into())));
    assert!(tells(&Answer::Choice("no".into())));
}
