//! Shapes of text, checked letter by letter (`validation.md` section 9).

use super::term::Shape;

pub(super) fn has(shape: Shape, text: &str) -> bool {
    match shape {
        Shape::Email => email(text),
        Shape::SecureEmail => secure_email(text),
        Shape::Phone => phone(text),
        Shape::OdsCode => ods_code(text),
        Shape::Icd10 => icd10(text),
        Shape::Lsoa => lsoa(text),
    }
}

/// One address: something, an at sign, and a domain with a dot in it.
fn email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else {
        return false;
    };
    let sound = |c: char| {
        !c.is_whitespace()
            && !c.is_control()
            && !matches!(c, '@' | ',' | ';' | '<' | '>' | '(' | ')' | '"')
    };
    let label = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    !name.is_empty()
        && name.chars().all(sound)
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
        && domain.contains('.')
        && domain.split('.').all(label)
        && text.chars().count() <= 254
}

/// Domains whose mail stays within the public sector's secured networks.
fn secure_email(text: &str) -> bool {
    const SECURE: [&str; 7] = [
        "nhs.net",
        "nhs.uk",
        "gov.uk",
        "police.uk",
        "cjsm.net",
        "mod.uk",
        "parliament.uk",
    ];
    let domain = text
        .rsplit_once('@')
        .map(|(_, domain)| domain.to_ascii_lowercase());
    domain.is_some_and(|domain| {
        SECURE.iter().any(|end| {
            domain
                .strip_suffix(end)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    })
}

/// 10 to 15 digits, with what people write between them; an extension may follow.
fn phone(text: &str) -> bool {
    let lower = text.to_lowercase();
    let main = lower.split(['x', 'e']).next().unwrap_or_default();
    let digits = main.chars().filter(char::is_ascii_digit).count();
    let rest = lower.get(main.len()..).unwrap_or_default();
    let extension =
        rest.trim_start_matches(|c: char| c.is_alphabetic() || matches!(c, '.' | ' ' | ':'));
    (10..=15).contains(&digits)
        && main
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '(' | ')' | '.'))
        && (rest.is_empty()
            || (!extension.is_empty() && extension.chars().all(|c| c.is_ascii_digit())))
}

/// `^[A-Z0-9]{3,6}$`, alone or beside the organisation's name.
fn ods_code(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| {
        (3..=6).contains(&word.len())
            && word != "NHS"
            && word
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    })
}

/// `^[A-Z][0-9]{2}(\.[0-9]{1,2})?$`
fn icd10(text: &str) -> bool {
    let digits = |part: &str, counts: std::ops::RangeInclusive<usize>| {
        counts.contains(&part.len()) && part.chars().all(|c| c.is_ascii_digit())
    };
    let Some(rest) = text.strip_prefix(|c: char| c.is_ascii_uppercase()) else {
        return false;
    };
    match rest.split_once('.') {
        None => digits(rest, 2..=2),
        Some((block, part)) => digits(block, 2..=2) && digits(part, 1..=2),
    }
}

/// `^E01[0-9]{6}$`
fn lsoa(text: &str) -> bool {
    text.strip_prefix("E01")
        .is_some_and(|rest| rest.len() == 6 && rest.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_shape() {
        for (shape, good, bad) in [
            (
                Shape::Email,
                &["a@b.uk", "first.last+cdr@example-trust.nhs.uk"][..],
                &[
                    "", "a", "a@", "@b.uk", "a@b", "a b@c.uk", "a@b..uk", "a@@b.uk", "a@-b.uk",
                    "<a@b.uk>",
                ][..],
            ),
            (
                Shape::SecureEmail,
                &["a@nhs.net", "a@kent.gov.uk", "a@KENT.police.uk"],
                &["a@example.com", "a@fakenhs.net", "nhs.net"],
            ),
            (
                Shape::Phone,
                &[
                    "01634 000000",
                    "+44 (0)1634 000-000",
                    "01634 000000 ext 12",
                    "01634 000000 x12",
                ],
                &[
                    "",
                    "12345",
                    "call me",
                    "01634 000000 ext",
                    "0163400000000000000",
                ],
            ),
            (
                Shape::OdsCode,
                &["RVV", "Example Trust (RVV)", "G82001"],
                &["Example Trust", "NHS", "rvv", ""],
            ),
            (
                Shape::Icd10,
                &["I21", "I21.9", "Q91.35"],
                &["i21", "I2", "I21.", "I21.999", "121", "I21 9"],
            ),
            (
                Shape::Lsoa,
                &["E01024123"],
                &["E0102412", "W01024123", "E01O24123"],
            ),
        ] {
            for text in good {
                assert!(has(shape, text), "{shape:?} {text}");
            }
            for text in bad {
                assert!(!has(shape, text), "{shape:?} {text}");
            }
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in ".*") {
            for shape in [Shape::Email, Shape::SecureEmail, Shape::Phone, Shape::OdsCode, Shape::Icd10, Shape::Lsoa] {
                let _ = has(shape, &text);
            }
        }
    }
}
