//! Whether words may leave the service with thanks to those who contributed: what in them could tell who a child was. A
//! person decides; this only finds what they must not overlook. Must not know where the words go.

use std::collections::BTreeSet;

use super::postcode;

/// The longest point, in characters: what is shared is short.
pub const LONGEST: usize = 600;

/// What in a text could tell who somebody is; `names` are the words of names that the record knows, in lower case.
pub fn tells(text: &str, names: &BTreeSet<String>) -> Vec<&'static str> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let long = words
        .iter()
        .any(|word| word.chars().filter(char::is_ascii_digit).count() >= 4);
    let mut found = Vec::new();
    let mut tell = |so: bool, what: &'static str| {
        if so {
            found.push(what);
        }
    };
    tell(
        words.iter().any(|word| names.contains(word)),
        "a name that stands in the record",
    );
    tell(is_reference(&words), "the reference of a case");
    tell(text.contains('@'), "an email address");
    tell(long || digits >= 8, "a number or a date");
    tell(dated(&words), "a day");
    tell(has_postcode(&words), "a postcode");
    found
}

/// `KM-2026-0041` in whatever spelling.
fn is_reference(words: &[String]) -> bool {
    words.windows(3).any(|w| match w {
        [area, year, number] => {
            area.len() == 2
                && area.chars().all(char::is_alphabetic)
                && year.len() == 4
                && number.len() == 4
                && [year, number]
                    .iter()
                    .all(|t| t.chars().all(|c| c.is_ascii_digit()))
        }
        _ => false,
    })
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A number beside the name of a month.
fn dated(words: &[String]) -> bool {
    let is_month = |word: &str| {
        MONTHS
            .iter()
            .any(|month| *month == word || (word.len() == 3 && month.starts_with(word)))
    };
    let numbered = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    words.windows(2).any(|w| match w {
        [a, b] => (numbered(a) && is_month(b)) || (is_month(a) && numbered(b)),
        _ => false,
    })
}

fn has_postcode(words: &[String]) -> bool {
    words
        .windows(2)
        .any(|w| postcode::Postcode::parse(&w.join(" ")).is_ok())
        || words
            .iter()
            .any(|w| w.len() >= 5 && postcode::Postcode::parse(w).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names() -> BTreeSet<String> {
        ["testfamily", "samplechild"].map(str::to_owned).into()
    }

    #[test]
    fn what_tells_is_found_and_plain_learning_is_not() {
        for (text, what) in [
            (
                "Samplechild’s mother was not asked.",
                "a name that stands in the record",
            ),
            ("TESTFAMILY was known.", "a name that stands in the record"),
            ("See km-2026-0041.", "the reference of a case"),
            ("Ask a.person@example.org", "an email address"),
            ("NHS number 999 000 0018", "a number or a date"),
            ("On 27/03/2026 nobody came.", "a number or a date"),
            ("On 27 March nobody came.", "a day"),
            ("The house at ME14 1AA", "a postcode"),
        ] {
            assert!(
                tells(text, &names()).contains(&what),
                "{text}: {:?}",
                tells(text, &names())
            );
        }
        for text in [
            "Babies sleep on their backs on a flat surface of their own.",
            "Two services did not know of each other.",
            "In 3 of 10 homes the alarm did not work.",
            "May we ask every family about smoking?",
        ] {
            assert_eq!(tells(text, &names()), Vec::<&str>::new(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_name_is_found_in_whatever_case_and_between_whatever_marks(before in "[ .,;:a-z]{0,20}", after in "[ .,;:’-][a-z ]{0,20}", upper: bool) {
            let name = if upper { "TESTFAMILY" } else { "Testfamily" };
            let text = format!("{before} {name}{after}");
            prop_assert!(tells(&text, &names()).contains(&"a name that stands in the record"), "{}", text);
        }
    }
}
