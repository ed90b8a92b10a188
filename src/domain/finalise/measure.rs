//! Measurements that do not fit together: section 3 of `validation.md`, cross-checks. All warn.
//! The document gives these no ids; here they are ME-2 (weight and gestation), ME-3 (last weight
//! and height), ME-4 (very early birth) and ME-5 (mother's age).

use super::look::{Found, Look, when};
use crate::domain::age::{Age, months_later};

/// The forms that hold weight and gestation at birth, the agreed record first.
const BIRTH: [&str; 4] = [
    "reporting",
    "neonatal",
    "notification",
    "sudden_unexpected_death",
];

fn at_birth(look: &Look, field: &str) -> Option<(&'static str, f64)> {
    BIRTH
        .into_iter()
        .find_map(|form| Some((form, look.number(form, field)?)))
}

pub(super) fn weight_for_gestation(look: &Look) -> Vec<Found> {
    let (Some((form, weight)), Some((_, weeks))) = (
        at_birth(look, "birth_weight_g"),
        at_birth(look, "gestation_weeks"),
    ) else {
        return Vec::new();
    };
    let odd = (weight < 500.0 && weeks >= 28.0)
        || (weight > 2500.0 && weeks <= 28.0)
        || (weight > 4000.0 && weeks <= 34.0);
    when(odd, || {
        let message =
            format!("A birth weight of {weight} g is unusual at {weeks} weeks. Check both");
        Found::at(form, "birth_weight_g", message)
    })
}

pub(super) fn last_measured(look: &Look) -> Vec<Found> {
    let mut found = Vec::new();
    for (date, word) in [
        ("last_weight_date", "weight"),
        ("last_height_date", "height"),
    ] {
        let late = look
            .date("reporting", date)
            .zip(look.death())
            .is_some_and(|(measured, died)| measured > died);
        found.extend(when(late, || {
            Found::at(
                "reporting",
                date,
                format!("The last {word} was taken after the death. Check the dates"),
            )
        }));
    }
    found.extend(when(lost_since_birth(look), || {
        Found::at(
            "reporting",
            "last_weight_kg",
            "The last weight is below the birth weight. Check both",
        )
    }));
    found
}

/// After three months no child weighs less than at birth.
fn lost_since_birth(look: &Look) -> bool {
    let born = look.date("notification", "date_of_birth");
    let old_enough = born
        .zip(
            look.date("reporting", "last_weight_date")
                .or_else(|| look.death()),
        )
        .is_some_and(|(born, weighed)| weighed >= months_later(born, 3));
    let weights = look
        .number("reporting", "last_weight_kg")
        .zip(at_birth(look, "birth_weight_g"));
    old_enough && weights.is_some_and(|(last, (_, birth))| last * 1000.0 < birth)
}

pub(super) fn early_birth(look: &Look) -> Vec<Found> {
    let early = at_birth(look, "gestation_weeks").is_some_and(|(_, weeks)| weeks < 22.0);
    let within_a_day = look.age().is_some_and(|age| age.days == 0);
    let confirmed = look.says("notification", "live_birth_confirmed", "yes");
    when(early && within_a_day && !confirmed, || {
        Found::at(
            "notification",
            "live_birth_confirmed",
            "The pregnancy was shorter than 22 weeks. Confirm that signs of life were seen",
        )
    })
}

pub(super) fn mothers_age(look: &Look) -> Vec<Found> {
    let dates = look
        .date("notification", "mother_date_of_birth")
        .zip(look.date("notification", "date_of_birth"));
    let by_dates = dates
        .and_then(|(mother, child)| Age::at(mother, child))
        .map(|age| age.years);
    let stated = look
        .form("reporting")
        .and_then(|answers| answers.integer("mother_age_at_birth"));
    when(
        by_dates
            .zip(stated)
            .is_some_and(|(dates, stated)| dates != stated),
        || {
            Found::at(
                "reporting",
                "mother_age_at_birth",
                "The mother’s age at birth does not follow from the dates of birth. Check all three",
            )
        },
    )
}
