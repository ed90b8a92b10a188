//! Postcodes in their normal form, `ME1 1AA` (rules PL-1 and PL-2).

use std::fmt;

/// A postcode, upper case with one space before its last three characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Postcode(String);

/// Does not look like a postcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostcodeFault;

impl fmt::Display for PostcodeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be a full postcode, for example ME1 1AA")
    }
}

impl std::error::Error for PostcodeFault {}

/// What a pseudo postcode stands for (PL-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pseudo {
    NoFixedAbode,
    NotKnown,
    EnglandUnspecified,
}

impl Postcode {
    /// Reads a postcode in any case and spacing.
    ///
    /// # Errors
    /// When it has neither the shape of PL-1 nor that of a pseudo postcode, `ZZ99 …` (PL-2).
    pub fn parse(typed: &str) -> Result<Postcode, PostcodeFault> {
        let bare: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if !bare.is_ascii() || bare.len() < 5 || bare.len() > 7 {
            return Err(PostcodeFault);
        }
        let (outward, inward) = bare.split_at(bare.len() - 3);
        if is_outward(outward) && (is_inward(inward) || is_pseudo(outward, inward)) {
            Ok(Postcode(format!("{outward} {inward}")))
        } else {
            Err(PostcodeFault)
        }
    }

    /// The normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the space, such as `ME1`.
    pub fn outward(&self) -> &str {
        self.0.split_once(' ').map_or("", |(outward, _)| outward)
    }

    pub fn pseudo(&self) -> Option<Pseudo> {
        match self.0.as_str() {
            "ZZ99 3VZ" => Some(Pseudo::NoFixedAbode),
            "ZZ99 3WZ" => Some(Pseudo::NotKnown),
            "ZZ99 3CZ" => Some(Pseudo::EnglandUnspecified),
            _ => None,
        }
    }
}

/// `[A-Z]{1,2}[0-9][A-Z0-9]?`
fn is_outward(part: &str) -> bool {
    let rest = part.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let letters = part.len() - rest.len();
    let mut rest = rest.chars();
    (1..=2).contains(&letters)
        && rest.next().is_some_and(|c| c.is_ascii_digit())
        && rest
            .next()
            .is_none_or(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        && rest.next().is_none()
}

/// `[0-9][ABD-HJLNP-UW-Z]{2}`
fn is_inward(part: &str) -> bool {
    let mut part = part.chars();
    part.next().is_some_and(|c| c.is_ascii_digit())
        && part.all(|c| c.is_ascii_uppercase() && !matches!(c, 'C' | 'I' | 'K' | 'M' | 'O' | 'V'))
}

/// `ZZ99` with any last part: those that stand for no fixed abode and for England use letters
/// (`C`, `V`) which real postcodes never end in.
fn is_pseudo(outward: &str, inward: &str) -> bool {
    outward == "ZZ99"
        && inward.starts_with(|c: char| c.is_ascii_digit())
        && inward.chars().skip(1).all(|c| c.is_ascii_uppercase())
}

impl fmt::Display for Postcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_the_shapes_there_are() {
        for (typed, normal) in [
            ("me11aa", "ME1 1AA"),
            (" ME1  1AA ", "ME1 1AA"),
            ("ct2-7nz", "CT2 7NZ"),
            ("M1 1AE", "M1 1AE"),
            ("EC1A1BB", "EC1A 1BB"),
            ("W1A 0AX", "W1A 0AX"),
            ("tn251aa", "TN25 1AA"),
            ("ZZ993WZ", "ZZ99 3WZ"),
        ] {
            assert_eq!(Postcode::parse(typed).unwrap().as_str(), normal);
        }
        assert_eq!(
            Postcode::parse("zz99 3vz").unwrap().pseudo(),
            Some(Pseudo::NoFixedAbode)
        );
        assert_eq!(Postcode::parse("ME1 1AA").unwrap().outward(), "ME1");
    }

    #[test]
    fn refuses_what_is_none() {
        for typed in [
            "", "ME1", "ME1 1A", "1ME 1AA", "ME1 1AV", "MEE1 1AA", "ME1 AAA", "ÉE1 1AA",
        ] {
            assert!(Postcode::parse(typed).is_err(), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn the_normal_form_stays(typed in "[a-z]{1,2}[0-9][a-z0-9]? ?[0-9][abd-hjlnp-uw-z]{2}") {
            let once = Postcode::parse(&typed).unwrap();
            prop_assert_eq!(Postcode::parse(once.as_str()).unwrap(), once);
        }

        #[test]
        fn never_panics(junk in ".*") {
            let _ = Postcode::parse(&junk);
        }
    }
}
