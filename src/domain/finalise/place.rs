//! Where the child lived and died: rules PL-4, PL-5 and PL-7. All warn.

use super::look::{Found, Look, when};
use crate::domain::scope::{self, Residence};

/// The question about the place of death on the form that is agreed.
fn place_of_death<'a>(look: &Look<'a>) -> Option<(&'static str, &'static str, &'a str)> {
    [
        ("reporting", "place_of_death"),
        ("notification", "place_of_death_type"),
    ]
    .into_iter()
    .find_map(|(form, field)| Some((form, field, look.choice(form, field)?)))
}

pub(super) fn lived_elsewhere(look: &Look) -> Vec<Found> {
    let residence = look
        .form("notification")
        .map(|answers| scope::residence(answers, look.case.footprint));
    let elsewhere = matches!(
        residence,
        Some(Residence::ElsewhereInEngland | Residence::OutsideEngland)
    );
    when(elsewhere, || {
        Found::at(
            "notification",
            "normally_resident_la",
            "The child normally lived outside this area. Transfer the case, or check that the review here is agreed",
        )
    })
}

pub(super) fn abroad_in_england(look: &Look) -> Vec<Found> {
    let abroad = look.form("notification").is_some_and(scope::died_abroad);
    let country = look
        .form("notification")
        .and_then(|answers| answers.text("place_of_death_country"));
    let england = country.is_none_or(|country| country.trim().eq_ignore_ascii_case("england"));
    when(abroad && england, || {
        Found::at(
            "notification",
            "place_of_death_country",
            "The child died abroad. Enter the country of death",
        )
    })
}

pub(super) fn ward_for_age(look: &Look) -> Vec<Found> {
    let (Some((form, field, place)), Some(age)) = (place_of_death(look), look.age()) else {
        return Vec::new();
    };
    let newborn_ward = matches!(place, "hosp_neonatal" | "hosp_delivery") && age.years >= 1;
    let adult_ward = place == "hosp_adult" && age.years < 12;
    when(newborn_ward || adult_ward, || {
        let label = look.dict().label("place_of_death", place).unwrap_or(place);
        Found::at(
            form,
            field,
            format!("“{label}” is unusual at the child’s age. Check the place of death"),
        )
    })
}
