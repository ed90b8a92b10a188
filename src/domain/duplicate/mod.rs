//! Whether two records may be of one child: the NHS number first (ID-8), then dates, sex, names and
//! postcode (ID-9), with twins told apart. Must not merge anything: a person decides.

mod names;

pub use names::{fold, is_stand_in, sound};

use chrono::NaiveDate;

use super::code::coded;
use names::{Likeness, likeness, stand_in_alike};

coded! {
    /// How likely it is that two records are of one child.
    pub enum Strength {
        Possible = "possible", "May be the same child";
        Probable = "probable", "Probably the same child";
        Certain = "certain", "The same number";
    }
}

/// What of a child tells it from another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// Ten digits.
    pub nhs_number: Option<String>,
    /// Its number in the feed of neonatal deaths, which has one for each child.
    pub feed_number: Option<String>,
    pub surname: String,
    pub forenames: String,
    pub date_of_birth: Option<NaiveDate>,
    pub date_of_death: Option<NaiveDate>,
    /// A code of list `sex`.
    pub sex: Option<String>,
    /// In its normal form, `ME1 1AA`.
    pub postcode: Option<String>,
    /// Born as one of several.
    pub multiple_birth: bool,
    /// Place in the order of birth of one of several, from 1.
    pub birth_order: Option<i64>,
}

/// Why two records were set side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    pub strength: Strength,
    /// In whole sentences, the weightiest first. Says what agrees, never what it is.
    pub reasons: Vec<String>,
    /// It may be a twin rather than the same child.
    pub may_be_twin: bool,
}

/// What agrees between two records.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent piece of evidence"
)]
struct Evidence {
    same_number: bool,
    other_number: bool,
    same_record: bool,
    other_record: bool,
    born: bool,
    died: bool,
    sex_differs: bool,
    postcode: bool,
    surname: Likeness,
    forenames: Likeness,
    other_order: bool,
    multiple: bool,
}

/// Compares two records. None where nothing suggests that they are of one child.
///
/// The same NHS number is certain, unless the records show two of a multiple birth, where a number
/// given to the wrong twin is the likelier mistake. Two different numbers are two children, unless
/// all else agrees.
pub fn compare(a: &Identity, b: &Identity) -> Option<Match> {
    let evidence = weigh(a, b);
    let may_be_twin = evidence.may_be_twin();
    let strength = evidence.strength(may_be_twin)?;
    Some(Match {
        strength,
        reasons: evidence.reasons(may_be_twin),
        may_be_twin,
    })
}

fn weigh(a: &Identity, b: &Identity) -> Evidence {
    let (numbers_held, same_number) = agree(a.nhs_number.as_deref(), b.nhs_number.as_deref());
    let (records_held, same_record) = agree(a.feed_number.as_deref(), b.feed_number.as_deref());
    let (sexes_held, same_sex) = agree(known_sex(a), known_sex(b));
    let multiple = a.multiple_birth || b.multiple_birth;
    let (surname, mut forenames) = likeness((&a.surname, &a.forenames), (&b.surname, &b.forenames));
    if multiple && stand_in_alike(&a.forenames, &b.forenames) {
        // "Baby" and "Baby" of two that were born together say nothing of which is which.
        forenames = Likeness::Unnamed;
    }
    Evidence {
        same_number,
        other_number: numbers_held && !same_number,
        same_record,
        other_record: records_held && !same_record,
        born: agree(a.date_of_birth, b.date_of_birth).1,
        died: agree(a.date_of_death, b.date_of_death).1,
        sex_differs: sexes_held && !same_sex,
        postcode: agree(postcode(a), postcode(b)).1,
        surname,
        forenames,
        other_order: a
            .birth_order
            .zip(b.birth_order)
            .is_some_and(|(a, b)| a != b),
        multiple,
    }
}

/// Whether both are held, and whether they are the same.
fn agree<T: PartialEq>(a: Option<T>, b: Option<T>) -> (bool, bool) {
    a.zip(b).map_or((false, false), |(a, b)| (true, a == b))
}

fn known_sex(identity: &Identity) -> Option<&str> {
    identity
        .sex
        .as_deref()
        .filter(|sex| matches!(*sex, "male" | "female"))
}

/// Pseudo postcodes (no fixed abode, not known) are shared by strangers.
fn postcode(identity: &Identity) -> Option<String> {
    let held = identity.postcode.as_deref()?;
    let text: String = held
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect();
    (!text.is_empty() && !text.starts_with("ZZ99")).then_some(text)
}

impl Evidence {
    /// Born on one day into one family, yet told apart: by first name, sex, order of birth or number; or one of several
    /// whom no name tells apart.
    fn may_be_twin(&self) -> bool {
        let family = self.surname.is_like() || self.postcode || self.same_number;
        let told_apart = self.forenames == Likeness::Different
            || self.other_record
            || self.other_order
            || self.sex_differs
            || (self.multiple && !self.same_number && self.forenames == Likeness::Unnamed)
            || (self.other_number && self.multiple);
        // One number on two records is one child unless the records themselves speak of several.
        let several = !self.same_number || self.multiple || self.other_order;
        self.born && family && told_apart && several && !self.same_record
    }

    fn strength(&self, may_be_twin: bool) -> Option<Strength> {
        if self.same_record {
            return Some(Strength::Certain);
        }
        if self.same_number {
            return Some(if may_be_twin {
                Strength::Probable
            } else {
                Strength::Certain
            });
        }
        let names = self.surname.is_like() && self.forenames.is_like();
        if may_be_twin {
            return self.died.then_some(Strength::Possible);
        }
        if self.other_number {
            let all_else = self.born && self.died && names;
            return all_else.then_some(Strength::Possible);
        }
        let names_or_home = self.surname.is_like() || self.postcode;
        match (self.born, self.died) {
            (true, true) if names && !self.sex_differs => Some(Strength::Probable),
            (true, true) if names_or_home => Some(Strength::Possible),
            // One date may be mistyped where the names agree.
            (true, false) | (false, true) if names && !self.sex_differs => Some(Strength::Possible),
            _ => None,
        }
    }

    fn reasons(&self, may_be_twin: bool) -> Vec<String> {
        let said = [
            (self.same_number, "Both have the same NHS number."),
            (self.other_number, "They have different NHS numbers."),
            (
                self.same_record,
                "Both have the same number in the neonatal feed.",
            ),
            (
                self.other_record,
                "They have different numbers in the neonatal feed.",
            ),
            (
                self.born && self.died,
                "The dates of birth and of death are the same.",
            ),
            (self.born && !self.died, "The date of birth is the same."),
            (!self.born && self.died, "The date of death is the same."),
            (
                self.surname == Likeness::Same && self.forenames == Likeness::Same,
                "The names are the same.",
            ),
            (
                self.surname.is_like() && self.forenames.is_like() && !self.same_names(),
                "The names are alike.",
            ),
            (
                self.surname.is_like() && self.forenames == Likeness::Unnamed,
                "The family names are alike, and a child is not named.",
            ),
            (
                self.surname.is_like() && self.forenames == Likeness::Different,
                "The family names are alike, and the first names differ.",
            ),
            (self.postcode, "The home postcode is the same."),
            (self.sex_differs, "The sex differs."),
            (self.other_order, "The order of birth differs."),
            (
                may_be_twin,
                "It may be a twin: check the first name and the order of birth.",
            ),
        ];
        said.iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, reason)| (*reason).to_owned())
            .collect()
    }

    fn same_names(&self) -> bool {
        self.surname == Likeness::Same && self.forenames == Likeness::Same
    }
}

#[cfg(test)]
mod tests;
