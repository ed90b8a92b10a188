//! What a case is called: `KM-2026-0041`. Says nothing about the child.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A case reference: the area's prefix, the year of death and a running number within it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference {
    prefix: String,
    year: u16,
    number: u32,
}

/// Why a text is not a case reference. Written for the person who typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAReference;

impl fmt::Display for NotAReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enter a case reference, for example KM-2026-0041")
    }
}

impl std::error::Error for NotAReference {}

impl Reference {
    /// A reference from its parts. `prefix` is one to four capital letters from the area file,
    /// `year` the year of death, `number` from 1.
    pub fn new(prefix: &str, year: i32, number: u32) -> Result<Self, NotAReference> {
        let letters =
            (1..=4).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_uppercase());
        let year = u16::try_from(year)
            .ok()
            .filter(|year| (1900..=9999).contains(year))
            .ok_or(NotAReference)?;
        if letters && number > 0 {
            Ok(Self {
                prefix: prefix.to_owned(),
                year,
                number,
            })
        } else {
            Err(NotAReference)
        }
    }

    /// The area's prefix.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The year of death.
    pub fn year(&self) -> i32 {
        i32::from(self.year)
    }

    /// The running number within the year.
    pub const fn number(&self) -> u32 {
        self.number
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:04}", self.prefix, self.year, self.number)
    }
}

impl FromStr for Reference {
    type Err = NotAReference;

    /// Takes small letters and spaces around; anything else is not a reference.
    fn from_str(text: &str) -> Result<Self, NotAReference> {
        let text = text.trim().to_ascii_uppercase();
        let mut parts = text.split('-');
        let (Some(prefix), Some(year), Some(number), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NotAReference);
        };
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if year.len() != 4 || number.len() < 4 || !digits(year) || !digits(number) {
            return Err(NotAReference);
        }
        let reference = Self::new(
            prefix,
            year.parse().map_err(|_| NotAReference)?,
            number.parse().map_err(|_| NotAReference)?,
        )?;
        // One case has one spelling: `KM-2026-00041` is not another way to write `KM-2026-0041`.
        if reference.to_string() == text {
            Ok(reference)
        } else {
            Err(NotAReference)
        }
    }
}

impl TryFrom<String> for Reference {
    type Error = NotAReference;

    fn try_from(text: String) -> Result<Self, NotAReference> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_people_type() {
        for text in ["KM-2026-0041", " km-2026-0041 "] {
            assert_eq!(
                text.parse::<Reference>().unwrap().to_string(),
                "KM-2026-0041"
            );
        }
        for text in [
            "",
            "KM",
            "KM-26-0041",
            "KM-2026-41",
            "KM-2026-0000",
            "KM-2026-00041",
            "KM-2026-0041-1",
            "K2-2026-0041",
            "KM-2026-+041",
        ] {
            assert_eq!(text.parse::<Reference>(), Err(NotAReference), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reads_back_what_it_writes(prefix in "[A-Z]{1,4}", year in 1900..=9999_i32, number in 1..2_000_000_u32) {
            let reference = Reference::new(&prefix, year, number).unwrap();
            prop_assert_eq!(reference.to_string().parse::<Reference>(), Ok(reference));
        }

        #[test]
        fn never_panics(text in ".{0,40}") {
            let _ = text.parse::<Reference>();
        }
    }
}
