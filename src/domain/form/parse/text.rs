//! Text: trimmed, control characters removed, at most 200 or 20,000 characters
//! (`validation.md` section 9), brought into its normal form where it has one.

use super::{Misread, Read};
use crate::domain::form::check::{Shape, Term};
use crate::domain::form::phrase::{figures, start};
use crate::domain::form::{Field, Kind, Severity};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::postcode::Postcode;

/// Text as it is kept. One line for `text`; `long_text` keeps its line breaks.
pub(in crate::domain::form) fn clean(field: &Field, raw: &str) -> String {
    let lines = field.kind == Kind::LongText;
    let mut text = String::with_capacity(raw.len());
    let mut letters = raw.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' if letters.peek() == Some(&'\n') => {}
            '\r' | '\n' | '\u{2028}' | '\u{2029}' if lines => text.push('\n'),
            '\r' | '\n' | '\t' | '\u{2028}' | '\u{2029}' | '\u{85}' => text.push(' '),
            _ if letter.is_control() || is_hidden(letter) => {}
            _ => text.push(letter),
        }
    }
    text.trim().to_owned()
}

/// Marks that turn or hide text: they can make a page show other words than were typed.
fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The normal form of an NHS number, a postcode or a code; other text as it is.
pub(in crate::domain::form) fn canonical(field: &Field, text: String) -> Read<String> {
    for check in &field.checks {
        let stops = check.severity == Severity::Stop;
        match &check.term {
            Term::NhsNumber => match NhsNumber::parse(&text) {
                Ok(number) => return Ok(number.as_str().to_owned()),
                Err(fault) if stops => {
                    return Err(Misread::new(
                        "nhs_number",
                        format!("{} {fault}", start(field)),
                    ));
                }
                Err(_) => {}
            },
            Term::Postcode => match Postcode::parse(&text) {
                Ok(postcode) => return Ok(postcode.as_str().to_owned()),
                Err(fault) if stops => {
                    return Err(Misread::new(
                        "postcode",
                        format!("{} {fault}", start(field)),
                    ));
                }
                Err(_) => {}
            },
            Term::Shape(Shape::Icd10 | Shape::Lsoa) => return Ok(text.to_ascii_uppercase()),
            _ => {}
        }
    }
    Ok(text)
}

/// The words for text beyond what is kept.
pub(in crate::domain::form) fn too_long(field: &Field, text: &str) -> Option<Misread> {
    let most: u32 = if field.kind == Kind::LongText {
        20_000
    } else {
        200
    };
    let given = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    (given > most).then(|| {
        let words = format!(
            "{} must be {} characters or fewer. You have entered {}",
            start(field),
            figures(most.into()),
            figures(given.into())
        );
        Misread::new("length", words)
    })
}
