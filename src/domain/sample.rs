//! The shipped dictionaries and made-up answers, for tests of rules that stand on them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::form::{Answer, Answers, Dictionary, Field, Kind, Library};

/// Reads `fixtures/forms/2022-04-r1`.
macro_rules! shipped {
    ($($name:literal)+) => {
        [$((
            concat!("2022-04-r1/", $name, ".csv"),
            include_str!(concat!("../../fixtures/forms/2022-04-r1/", $name, ".csv")),
        )),+]
    };
}

/// Every shipped version of the forms, read once.
pub(crate) fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(load)
}

fn load() -> Library {
    let files = shipped!(
        "analysis" "asthma_anaphylaxis" "cardiac" "care_pathway" "cdrm_jar" "chromosomal_genetic_congenital"
        "codes" "death_abroad" "diabetic_ketoacidosis" "drowning" "epilepsy" "fire_burns" "first_hours" "forms" "infection"
        "learning_disability" "life_limiting_condition" "neonatal" "notification" "oncology"
        "other_unintentional_injury" "poisoning" "reporting" "substance_misuse" "sudden_unexpected_death"
        "suicide_self_harm" "trauma_vehicle" "violence_maltreatment"
    );
    Library::load(files).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// Answers from lines such as `sex = female`, `events_known = drowning|none` and, for the first row
/// of a table, `factors_a.influence = 2`. Panics where the form does not ask the question.
pub(crate) fn answers(dict: &Dictionary, form: &str, lines: &str) -> Answers {
    let mut answers = Answers::default();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = line
            .split_once(" = ")
            .unwrap_or((line.trim_end_matches(" ="), ""));
        put(dict, form, &mut answers, name, value);
    }
    answers
}

/// Gives one answer; a blank one clears.
pub(crate) fn put(dict: &Dictionary, form: &str, answers: &mut Answers, name: &str, value: &str) {
    let (id, column) = name
        .split_once('.')
        .map_or((name, None), |(id, column)| (id, Some(column)));
    let field = dict
        .form(form)
        .and_then(|form| form.field(id))
        .unwrap_or_else(|| panic!("{form}.{id}"));
    let Some(column) = column else {
        if value.is_empty() {
            answers.remove(id);
        } else {
            answers.set(id, typed(field, value));
        }
        return;
    };
    let mut row = answers
        .rows(id)
        .first()
        .cloned()
        .unwrap_or_else(BTreeMap::new);
    if value.is_empty() {
        row.remove(column);
    } else {
        row.insert(
            column.to_owned(),
            typed(field.column(column).unwrap(), value),
        );
    }
    answers.set(id, Answer::Rows(vec![row]));
}

fn typed(field: &Field, value: &str) -> Answer {
    match field.kind {
        Kind::Text | Kind::LongText => Answer::Text(value.to_owned()),
        Kind::Date => Answer::Date(value.parse().unwrap()),
        Kind::DateTime => Answer::DateTime(format!("{value}:00").parse().unwrap()),
        Kind::Time => Answer::Time(format!("{value}:00").parse().unwrap()),
        Kind::Boolean => Answer::Boolean(value == "true"),
        Kind::YesNoUnknown | Kind::SingleChoice => Answer::Choice(value.to_owned()),
        Kind::MultiChoice => Answer::Choices(value.split('|').map(str::to_owned).collect()),
        Kind::Integer => Answer::Integer(value.parse().unwrap()),
        Kind::Decimal => Answer::Decimal(value.parse().unwrap()),
        Kind::Table => panic!("{} is a table", field.id),
    }
}
