//! Names, numbers and places that nobody can take for real: every word says that it is a sample. Must not
//! know of any answer or form.

use super::chance::Chance;

const FIRST: &[&str] = &[
    "Testa",
    "Testo",
    "Sampla",
    "Samplo",
    "Exampla",
    "Exemplo",
    "Mocka",
    "Mocko",
    "Dummia",
    "Dummio",
    "Fictia",
    "Fictor",
    "Inventa",
    "Invento",
    "Pretenda",
    "Placehold",
    "Trialla",
    "Trialo",
    "Specima",
    "Specimo",
    "Protta",
    "Proto",
    "Drafta",
    "Drafto",
];
const FRONT: &[&str] = &[
    "Sample", "Test", "Example", "Mock", "Dummy", "Pretend", "Specimen", "Invented", "Trial",
    "Madeup", "Fictive", "Demo",
];
const BACK: &[&str] = &[
    "child", "worth", "ton", "field", "ham", "well", "ford", "brook", "dale", "hurst", "wick",
    "stone", "ridge", "combe",
];
const STREETS: &[&str] = &[
    "Sample Street",
    "Example Road",
    "Test Lane",
    "Placeholder Close",
    "Specimen Way",
    "Mock Avenue",
];

/// A first name.
pub fn forename(chance: &mut Chance) -> String {
    chance.word(FIRST).to_owned()
}

/// A family name: one of 168.
pub fn surname(chance: &mut Chance) -> String {
    format!("{}{}", chance.word(FRONT), chance.word(BACK))
}

/// A family name of two parts, for caseloads where one part would meet itself too often.
pub fn double_surname(chance: &mut Chance) -> String {
    format!("{}-{}", surname(chance), surname(chance))
}

/// A street with a number.
pub fn street(chance: &mut Chance) -> String {
    format!("{} {}", chance.between(1, 199), chance.word(STREETS))
}

/// A postcode of a district: the inward part is drawn from letters that make it plain.
pub fn postcode(chance: &mut Chance, outward: &str) -> String {
    let letters = ["XX", "XY", "XZ", "YX", "YY", "YZ", "ZX", "ZY", "ZZ"];
    format!("{outward} {}{}", chance.below(10), chance.word(&letters))
}

/// A mail address that can never be delivered.
pub fn email(of: &str) -> String {
    let local: String = of
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '.' })
        .collect();
    format!("{}@agency.example", local.replace("..", "."))
}

/// The valid NHS numbers of the test range, one after the other and round again: about 909,000.
#[derive(Debug, Clone)]
pub struct NhsNumbers(u64);

impl NhsNumbers {
    /// Begins somewhere in the range.
    pub fn from(chance: &mut Chance) -> Self {
        Self(chance.below(1_000_000))
    }
}

impl Iterator for NhsNumbers {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        loop {
            self.0 = (self.0 + 1) % 1_000_000;
            let nine = format!("999{:06}", self.0);
            if let Some(check) = check_digit(&nine) {
                return Some(format!("{nine}{check}"));
            }
        }
    }
}

/// Modulus 11 (ID-2); none where the sum gives 10, for which no number exists.
fn check_digit(nine: &str) -> Option<u32> {
    let sum: u32 = nine
        .chars()
        .filter_map(|c| c.to_digit(10))
        .zip((2..=10).rev())
        .map(|(digit, weight)| digit * weight)
        .sum();
    match 11 - sum % 11 {
        11 => Some(0),
        10 => None,
        check => Some(check),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::duplicate::is_stand_in;
    use crate::domain::nhs_number::NhsNumber;
    use crate::domain::postcode::Postcode;

    #[test]
    fn numbers_are_valid_in_the_test_range_and_do_not_repeat() {
        let drawn: Vec<String> = NhsNumbers::from(&mut Chance::new(1)).take(5_000).collect();
        for number in &drawn {
            assert!(
                NhsNumber::parse(number).unwrap().is_test_range(),
                "{number}"
            );
        }
        let once: std::collections::BTreeSet<_> = drawn.iter().collect();
        assert_eq!(once.len(), drawn.len());
    }

    #[test]
    fn names_are_names_and_postcodes_can_be_read() {
        let mut chance = Chance::new(2);
        for name in FIRST.iter().chain(FRONT) {
            assert!(!is_stand_in(name), "{name}");
        }
        for _ in 0..50 {
            let postcode = postcode(&mut chance, "ME14");
            assert!(Postcode::parse(&postcode).is_ok(), "{postcode}");
            assert!(email(&surname(&mut chance)).ends_with(".example"));
        }
    }
}
