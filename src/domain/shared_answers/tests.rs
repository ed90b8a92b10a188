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
    let shares = shares();
    let seen = |form, agency| shares.of(form, agency).count();
    assert!(seen("neonatal", "neonatal") > 0);
    assert_eq!(seen("neonatal", "police"), 0);
}

/// What is linked asks the same of the same kind, and nobody sees by way of a link what they may not see where it stands:
/// the loader refuses the rest.
#[test]
fn a_question_rests_on_the_place_that_counts_first() {
    let shares = shares();
    let reporting = ("reporting".to_owned(), "gestation_weeks".to_owned());
    let notified = ("notification".to_owned(), "gestation_weeks".to_owned());
    assert!(shares.rests("neonatal", "gestation_weeks", &reporting));
    assert!(!shares.rests(
        "reporting",
        "gestation_weeks",
        &("neonatal".into(), "gestation_weeks".into())
    ));
    let alike = shares.alike("neonatal", "gestation_weeks");
    assert!(alike.contains(&&reporting) && alike.contains(&&notified));
    assert!(
        alike
            .iter()
            .any(|(form, _)| form == "sudden_unexpected_death")
    );
    assert!(shares.alike("neonatal", "cord_ph").is_empty());
    let all = shares.with_resting(["notification".to_owned()].into());
    assert!(all.contains("reporting") && all.contains("neonatal"));
}

#[test]
fn links_that_go_round_or_show_more_are_refused() {
    let head = "form,field,readers,also,basis\n";
    let of = |rows: &str| {
        Shares::load(library().current(), GROUPS, &format!("{head}{rows}")).unwrap_err()
    };
    let round = "neonatal,apgar_1,gp,reporting.apgar_1,proposed\nreporting,apgar_1,gp,neonatal.apgar_1,proposed\n";
    assert_eq!(
        of(round),
        [
            "shared_answers.csv:2: column also: the record of “neonatal” would rest on itself",
            "shared_answers.csv:3: column also: the record of “reporting” would rest on itself",
        ]
    );
    let more = "reporting,apgar_1,gp,,proposed\nneonatal,apgar_1,gp|police,reporting.apgar_1,proposed\nneonatal,apgar_5,gp,reporting.apgar_5,proposed\n";
    assert_eq!(
        of(more),
        [
            "shared_answers.csv:3: column readers: police may not see “reporting.apgar_1”",
            "shared_answers.csv:4: column readers: gp may not see “reporting.apgar_5”",
        ]
    );
}

/// What the agency said on another form of the request is its own: not asked, not confirmed, counted for nobody.
#[test]
fn what_an_agency_said_itself_is_not_asked_again() {
    let (mut known, mut own) = (known(39), Answers::default());
    known.own.insert("gestation_weeks".into(), Own::Rests);
    assert!(known.spares("gestation_weeks", &own));
    assert!(known.own_elsewhere("gestation_weeks", &own).is_some());
    assert_eq!(known.spared(["gestation_weeks"].into_iter(), &own), 0);
    known.say("gestation_weeks", Say::Different, &mut own);
    assert!(known.says.is_empty() && !own.is_answered("gestation_weeks"));
    own.set("gestation_weeks", Answer::Integer(38));
    assert!(!known.spares("gestation_weeks", &own));
    assert!(known.own_elsewhere("gestation_weeks", &own).is_none());
}

/// What agencies write in their own words is theirs alone.
#[test]
fn free_text_is_not_shared() {
    let library = library();
    for share in &shares().rows {
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
