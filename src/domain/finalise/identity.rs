//! Who the child is: rules ID-3, ID-6, ID-8, ID-9 and ID-10.

use chrono::Days;

use super::Place;
use super::look::{Found, Look, when};
use crate::domain::duplicate::{Strength, is_stand_in};
use crate::domain::nhs_number::NhsNumber;

/// A number may be awaited for this long before it is worth asking again (ID-6).
const DAYS_FOR_A_NUMBER: u64 = 14;

/// Under this age a child may have no name of its own yet (ID-10).
const DAYS_WITHOUT_A_NAME: i64 = 28;

pub(super) fn test_range(look: &Look) -> Vec<Found> {
    let number = look
        .form("notification")
        .and_then(|answers| answers.text("nhs_number"));
    let test = number
        .is_some_and(|number| NhsNumber::parse(number).is_ok_and(|number| number.is_test_range()));
    when(look.case.live && test, || {
        Found::at(
            "notification",
            "nhs_number",
            "The NHS number begins with 999, which is kept for tests. Check it against the record",
        )
    })
}

pub(super) fn number_long_awaited(look: &Look) -> Vec<Found> {
    let awaited = look.says("notification", "nhs_number_missing_reason", "not_available");
    let long = look
        .case
        .notified_on
        .checked_add_days(Days::new(DAYS_FOR_A_NUMBER))
        .is_some_and(|until| look.today > until);
    when(awaited && long, || {
        Found::at(
            "notification",
            "nhs_number",
            "The NHS number was not available when the death was notified. Find it if you can",
        )
    })
}

pub(super) fn same_number(look: &Look) -> Vec<Found> {
    lookalikes(look, true, |reference| {
        format!(
            "{reference} has the same NHS number. Join it to this case, or record why it is another child"
        )
    })
}

pub(super) fn lookalike(look: &Look) -> Vec<Found> {
    lookalikes(look, false, |reference| {
        format!(
            "{reference} may be of the same child. Join it to this case, or record why it is another child"
        )
    })
}

fn lookalikes(look: &Look, certain: bool, message: impl Fn(&str) -> String) -> Vec<Found> {
    look.case
        .duplicates
        .iter()
        .filter(|other| !other.explained && (other.strength == Strength::Certain) == certain)
        .map(|other| Found::in_place("notification", Place::Duplicates, message(&other.reference)))
        .collect()
}

pub(super) fn unnamed(look: &Look) -> Vec<Found> {
    let old_enough = look
        .age()
        .is_some_and(|age| age.days >= DAYS_WITHOUT_A_NAME);
    let names = [
        ("child_surname", "family name"),
        ("child_forenames", "first name"),
    ];
    names
        .into_iter()
        .filter(|(field, _)| {
            let name = look
                .form("notification")
                .and_then(|answers| answers.text(field));
            old_enough && name.is_some_and(is_stand_in)
        })
        .map(|(field, word)| {
            let message = format!("Enter the child’s {word}: a child of 28 days or more has one");
            Found::at("notification", field, message)
        })
        .collect()
}
