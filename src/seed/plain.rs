//! What an ordinary answer to a question is, where nothing is known: mostly no, mostly none, sometimes not
//! known. Numbers and dates are never made up. Must not know of any one child.

use super::chance::Chance;
use crate::domain::form::{Answer, Dictionary, Field, Kind, Surroundings, Term};

/// How often, in a hundred, the answer is yes; three where a question is not named here.
const YES: &[(&str, u64)] = &[
    ("attendance", 85),
    ("bereavement_support", 92),
    ("breastfed", 55),
    ("drafted_at_cdrm", 100),
    ("duty_of_candour", 12),
    ("early_help", 8),
    ("family_informed", 80),
    ("family_smoking", 26),
    ("father_known", 94),
    ("follow_up_appointment", 60),
    ("growth_concern", 8),
    ("key_worker", 82),
    ("immigration_status_concern", 1),
    ("in_custody_or_detained", 0),
    ("known_medical_conditions", 22),
    ("known_to_social_care", 15),
    ("lived_in_poverty", 20),
    ("neonatal_unit_admission", 15),
    ("ncmd_alert", 2),
    ("panel_satisfied", 100),
    ("parents_informed_of_review", 88),
    ("pregnancy_of_child", 0),
    ("quality_issues", 10),
    ("resuscitation_attempted", 60),
    ("smoking_in_pregnancy", 11),
    ("tissue_organ_donation", 5),
    ("was_not_brought", 7),
];

/// Words for questions that ask for a few lines.
const LINES: &[(&str, &[&str])] = &[
    (
        "health_narrative",
        &[
            "Seen when expected. No concerns were recorded before the last illness.",
            "Under regular follow-up. The last appointment was kept.",
        ],
    ),
    (
        "safeguarding_narrative",
        &["No open involvement. Earlier contacts were closed after assessment."],
    ),
    (
        "parenting_narrative",
        &["Parents were attentive and worked well with the service."],
    ),
    (
        "service_narrative",
        &[
            "The service was involved as set out above. Records were complete.",
            "Two contacts in the last year, both planned.",
        ],
    ),
    (
        "good_practice",
        &["The family had one named person to call throughout."],
    ),
    (
        "family_views",
        &["The family would like to know what was learned."],
    ),
    (
        "agency_learning",
        &["Discussed at the team’s own meeting. Nothing further to add."],
    ),
    (
        "education_narrative",
        &["Settled and well liked. The school is supporting friends and staff."],
    ),
    (
        "bereavement_support_detail",
        &["Offered by the hospital’s bereavement team."],
    ),
    (
        "quality_detail",
        &["A delay in referral is being looked at."],
    ),
    (
        "documents_available",
        &["Reporting forms, supplementary forms and the review meeting’s notes."],
    ),
    (
        "follow_up_family",
        &["The key worker will meet the family to share what was learned."],
    ),
    (
        "criminal_detail",
        &["A police investigation is open. See the police report."],
    ),
];

/// An ordinary answer; none where the question may be left open and nothing plausible is to be said.
/// `must` asks for some answer in any case.
pub fn ordinary(
    dict: &Dictionary,
    field: &Field,
    around: &Surroundings,
    must: bool,
    chance: &mut Chance,
) -> Option<Answer> {
    let answer = match field.kind {
        Kind::YesNoUnknown => Some(yes_or_no(&field.id, chance)),
        Kind::SingleChoice => one(dict, field, must, chance),
        Kind::MultiChoice => several(dict, field, must),
        Kind::LongText => lines(&field.id, chance),
        Kind::Boolean if field.id == "bereavement_support_offered" => Some(Answer::Boolean(true)),
        Kind::Boolean => must.then_some(Answer::Boolean(false)),
        _ => None,
    };
    answer.or_else(|| must.then(|| asked(field, around)))
}

fn yes_or_no(id: &str, chance: &mut Chance) -> Answer {
    let often = YES.iter().find(|(of, _)| *of == id).map_or(3, |(_, n)| *n);
    let code = if chance.percent(often) {
        "yes"
    } else if chance.percent(5) {
        "not_known"
    } else {
        "no"
    };
    Answer::Choice(code.to_owned())
}

fn one(dict: &Dictionary, field: &Field, must: bool, chance: &mut Chance) -> Option<Answer> {
    let codes = dict.codes(field.codes.as_deref()?);
    let holds = |of: &[&str]| {
        of.iter()
            .find(|code| codes.iter().any(|held| held.code == **code))
            .map(|code| (*code).to_owned())
    };
    let nothing = holds(&["none", "never", "no"]);
    let unknown = holds(&["unknown", "not_known"]);
    let found = if chance.percent(10) {
        unknown.or(nothing)
    } else {
        nothing.or(unknown)
    };
    let first = || {
        must.then(|| codes.first().map(|c| c.code.clone()))
            .flatten()
    };
    found.or_else(first).map(Answer::Choice)
}

fn several(dict: &Dictionary, field: &Field, must: bool) -> Option<Answer> {
    let codes = dict.codes(field.codes.as_deref()?);
    let none = codes.iter().find(|held| held.code == "none");
    let code = none.or_else(|| must.then(|| codes.first()).flatten())?;
    Some(Answer::Choices(vec![code.code.clone()]))
}

fn lines(id: &str, chance: &mut Chance) -> Option<Answer> {
    let (_, words) = LINES.iter().find(|(of, _)| *of == id)?;
    Some(Answer::Text(chance.word(words).to_owned()))
}

/// The least that answers a question which must be answered.
fn asked(field: &Field, around: &Surroundings) -> Answer {
    let lowest = field.checks.iter().find_map(|check| match check.term {
        Term::Range(low, _) => Some(low),
        _ => None,
    });
    match field.kind {
        Kind::Text | Kind::LongText => Answer::Text("Nothing further is recorded.".into()),
        Kind::Date => Answer::Date(around.today),
        Kind::DateTime => Answer::DateTime(around.now),
        Kind::Decimal => Answer::Decimal(lowest.unwrap_or(0.0)),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "bounds are small whole numbers"
        )]
        Kind::Integer => Answer::Integer(lowest.unwrap_or(0.0) as i64),
        Kind::Boolean => Answer::Boolean(false),
        _ => Answer::NotKnown,
    }
}
