//! The keyed indexes of a child: by NHS number, family name, how the name sounds, and day of birth; and of a member
//! of staff, by address. The same child has the same marks in every table, so that possible duplicates and searches need no name in clear.
//! Must not know who looks for whom.

use chrono::NaiveDate;

use super::seal::Keyring;
use crate::domain::address::fold;
use crate::domain::duplicate::sound;

pub(super) fn number(keys: &Keyring, nhs_number: &str) -> String {
    keys.blind("nhs_number", nhs_number)
}

/// Of a folded family name; none of an empty one.
pub(super) fn surname(keys: &Keyring, folded: &str) -> Option<String> {
    (!folded.is_empty()).then(|| keys.blind("surname", folded))
}

/// Of how a folded family name sounds; none where it has no sound, as when it is in another script.
pub(super) fn sounding(keys: &Keyring, folded: &str) -> Option<String> {
    let sound = sound(folded);
    (!sound.is_empty()).then(|| keys.blind("sound", &sound))
}

pub(super) fn birth(keys: &Keyring, day: NaiveDate) -> String {
    keys.blind("birth", &day.to_string())
}

/// Of a mail address, without regard to case and space.
pub(super) fn address(keys: &Keyring, email: &str) -> String {
    keys.blind("address", &fold(email))
}

/// What a search or a comparison goes by. Empty parts find nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Likeness<'a> {
    pub nhs_number: Option<&'a str>,
    /// Folded.
    pub surname: &'a str,
    pub date_of_birth: Option<NaiveDate>,
}

/// The marks of what is looked for.
pub(super) struct Wanted {
    pub number: Option<String>,
    pub surname: Option<String>,
    pub sound: Option<String>,
    pub birth: Option<String>,
}

impl Likeness<'_> {
    pub(super) fn marks(&self, keys: &Keyring) -> Wanted {
        Wanted {
            number: self.nhs_number.map(|n| number(keys, n)),
            surname: surname(keys, self.surname),
            sound: sounding(keys, self.surname),
            birth: self.date_of_birth.map(|day| birth(keys, day)),
        }
    }
}

/// Joins what several look-ups found, the surest first, each row once, no more than `most`.
pub(super) fn joined<T>(
    found: impl IntoIterator<Item = Vec<T>>,
    id: impl Fn(&T) -> &str,
    most: i64,
) -> Vec<T> {
    let mut all: Vec<T> = Vec::new();
    for row in found.into_iter().flatten() {
        if !all.iter().any(|kept| id(kept) == id(&row)) {
            all.push(row);
        }
    }
    all.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    all
}
