//! What follows about the child: age (DT-4), residence (PL-4), co-sleeping (SU-1).

use super::Follows;
use crate::domain::age::{Age, months_later};
use crate::domain::form::Answer;
use crate::domain::form::visible::Sight;

fn at_death(sight: &Sight) -> Option<Age> {
    Age::at(sight.day("date_of_birth")?, sight.day("date_of_death")?)
}

/// The age fields. Where this form holds both dates and no age follows, an old age is dropped.
pub(super) fn age(sight: &Sight, id: &str) -> Follows {
    let answer = at_death(sight).map(|age| match id {
        "age_at_death_years" => Answer::Integer(age.years),
        "age_at_death_days" => Answer::Integer(age.days),
        _ => Answer::Choice(age.band().to_owned()),
    });
    let here = ["date_of_birth", "date_of_death"]
        .iter()
        .all(|id| sight.form.field(id).is_some());
    if here {
        Follows::value_or_nothing(answer)
    } else {
        Follows::value(answer)
    }
}

/// "3 years and 2 months", on the analysis form.
pub(super) fn age_in_words(sight: &Sight) -> Follows {
    Follows::value(at_death(sight).map(|age| Answer::Text(age.words())))
}

/// A child whose local authority is none of the area's own.
pub(super) fn nonresident(sight: &Sight) -> Follows {
    let Some(authority) = sight.value("normally_resident_la") else {
        return Follows::Nothing;
    };
    match authority.as_ref() {
        Answer::Choice(code) => Follows::Value(Answer::Boolean(matches!(
            code.as_str(),
            "other" | "outside"
        ))),
        _ => Follows::Nothing,
    }
}

/// SU-1: sleep shared with alcohol, smoking or a sofa, or by a child under three months who was
/// preterm (under 37 weeks) or of low birth weight (under 2,500 g). `None` while the answers
/// leave it open.
pub(in crate::domain::form) fn hazardous_cosleep(sight: &Sight) -> Option<bool> {
    match said(sight, "shared")? {
        false => return Some(false),
        true if sofa(sight) => return Some(true),
        true => {}
    }
    let hazards = [
        said(sight, "sharer_alcohol"),
        said(sight, "sharer_smoked"),
        said(sight, "slept_on_sofa"),
        vulnerable(sight),
    ];
    if hazards.contains(&Some(true)) {
        return Some(true);
    }
    (!hazards.contains(&None)).then_some(false)
}

fn sofa(sight: &Sight) -> bool {
    ["surface", "sleep_place"].iter().any(|id| {
        sight
            .value(id)
            .is_some_and(|answer| *answer == Answer::Choice("sofa".to_owned()))
    })
}

/// A yes or a no; anything else says nothing.
fn said(sight: &Sight, id: &str) -> Option<bool> {
    match sight.value(id)?.as_ref() {
        Answer::Choice(code) if code == "yes" => Some(true),
        Answer::Choice(code) if code == "no" => Some(false),
        Answer::Boolean(yes) => Some(*yes),
        _ => None,
    }
}

fn vulnerable(sight: &Sight) -> Option<bool> {
    let young = sight
        .day("date_of_birth")
        .zip(sight.day("date_of_death"))
        .map(|(born, died)| died < months_later(born, 3));
    let preterm = number(sight, "gestation_weeks").map(|weeks| weeks < 37.0);
    let small = number(sight, "birth_weight_g").map(|grams| grams < 2500.0);
    let frail = match (preterm, small) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    };
    match (young, frail) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// A measure from this form, or else from the case's other forms.
fn number(sight: &Sight, id: &str) -> Option<f64> {
    let here = sight.value(id).and_then(|answer| answer.number());
    here.or_else(|| (sight.around.elsewhere)(id)?.number())
}
