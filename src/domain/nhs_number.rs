//! NHS numbers: ten digits, the last of which checks the others (rules ID-1 to ID-3).

use std::fmt;

/// A number that passes the checks, held as ten digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NhsNumber(String);

/// Why a number was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NhsNumberFault {
    /// Something other than digits, spaces and hyphens.
    NotDigits,
    /// Not ten digits.
    Length,
    /// Ten equal digits; `0000000000` would pass the arithmetic (ID-3).
    AllEqual,
    /// The last digit does not check the others (ID-2).
    CheckDigit,
}

impl fmt::Display for NhsNumberFault {
    /// As the end of a sentence that starts "The NHS number …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotDigits => "must be made of digits only",
            Self::Length => "must be 10 digits long",
            Self::AllEqual => "cannot be the same digit ten times",
            Self::CheckDigit => "does not add up. Check each digit against the record",
        })
    }
}

impl std::error::Error for NhsNumberFault {}

impl NhsNumber {
    /// Reads a number with any spacing or hyphens (ID-1).
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(typed: &str) -> Result<NhsNumber, NhsNumberFault> {
        let mut digits = String::with_capacity(10);
        for c in typed.chars() {
            if c.is_ascii_digit() {
                digits.push(c);
            } else if !(c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}')) {
                return Err(NhsNumberFault::NotDigits);
            }
        }
        if digits.len() != 10 {
            return Err(NhsNumberFault::Length);
        }
        let mut each = digits.bytes();
        let first = each.next();
        if each.all(|b| Some(b) == first) {
            return Err(NhsNumberFault::AllEqual);
        }
        if !checks(&digits) {
            return Err(NhsNumberFault::CheckDigit);
        }
        Ok(NhsNumber(digits))
    }

    /// Ten digits without spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In the 999 range, which is never issued to a person.
    pub fn is_test_range(&self) -> bool {
        self.0.starts_with("999")
    }
}

/// Modulus 11 (ID-2): weights 10 to 2; a check of 11 counts as 0, and 10 is no number at all.
fn checks(digits: &str) -> bool {
    let values: Vec<u32> = digits.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = values
        .iter()
        .zip((2..=10).rev())
        .map(|(digit, weight)| digit * weight)
        .sum();
    let check = match 11 - sum % 11 {
        11 => 0,
        other => other,
    };
    values.last() == Some(&check)
}

impl fmt::Display for NhsNumber {
    /// Spaced 3-3-4, as people read it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, digit) in self.0.chars().enumerate() {
            if place == 3 || place == 6 {
                f.write_str(" ")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_the_known_good_numbers() {
        for good in ["9434765919", "9990000018", "4010232137", "4505577104"] {
            assert_eq!(NhsNumber::parse(good).unwrap().as_str(), good);
        }
        assert_eq!(
            NhsNumber::parse(" 943-476 5919 ").unwrap().to_string(),
            "943 476 5919"
        );
        assert!(NhsNumber::parse("999 000 0018").unwrap().is_test_range());
        assert!(!NhsNumber::parse("9434765919").unwrap().is_test_range());
    }

    #[test]
    fn says_what_is_wrong() {
        for (typed, fault) in [
            ("9434765918", NhsNumberFault::CheckDigit),
            ("0000000000", NhsNumberFault::AllEqual),
            ("943476591", NhsNumberFault::Length),
            ("94347659190", NhsNumberFault::Length),
            ("", NhsNumberFault::Length),
            ("943476591O", NhsNumberFault::NotDigits),
            ("٩٤٣٤٧٦٥٩١٩", NhsNumberFault::NotDigits),
        ] {
            assert_eq!(NhsNumber::parse(typed), Err(fault), "{typed}");
        }
    }

    #[test]
    fn a_prefix_whose_check_would_be_ten_has_no_number() {
        for prefix in ["999000000", "999123456"] {
            for digit in 0..10 {
                assert!(NhsNumber::parse(&format!("{prefix}{digit}")).is_err());
            }
        }
    }

    fn valid() -> impl Strategy<Value = String> {
        (1_u64..1_000_000_000).prop_filter_map("check digit 10 or equal digits", |nine| {
            (0..10)
                .map(|d| format!("{nine:09}{d}"))
                .find(|n| NhsNumber::parse(n).is_ok())
        })
    }

    proptest! {
        #[test]
        fn any_one_wrong_digit_is_caught(good in valid(), place in 0_usize..10, by in 1_u32..10) {
            let wrong: String = good
                .chars()
                .enumerate()
                .map(|(i, c)| {
                    let digit = c.to_digit(10).unwrap();
                    let digit = if i == place { (digit + by) % 10 } else { digit };
                    char::from_digit(digit, 10).unwrap()
                })
                .collect();
            prop_assert!(NhsNumber::parse(&wrong).is_err());
        }

        #[test]
        fn two_swapped_neighbours_are_caught(good in valid(), place in 0_usize..9) {
            let mut digits: Vec<char> = good.chars().collect();
            digits.swap(place, place + 1);
            let swapped: String = digits.into_iter().collect();
            prop_assert!(swapped == good || NhsNumber::parse(&swapped).is_err());
        }

        #[test]
        fn spacing_does_not_matter(good in valid()) {
            let number = NhsNumber::parse(&good).unwrap();
            prop_assert_eq!(NhsNumber::parse(&number.to_string()).unwrap(), number);
        }

        #[test]
        fn never_panics(junk in ".*") {
            let _ = NhsNumber::parse(&junk);
        }
    }
}
