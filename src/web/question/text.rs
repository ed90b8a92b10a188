//! How an input for words or a number looks and behaves, and the hint above it.

use crate::domain::form::{Field, Identifies, Kind};
use serde::Serialize;

/// What the browser is told about an input.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Style {
    pub kind: Option<&'static str>,
    pub width: Option<&'static str>,
    pub inputmode: Option<&'static str>,
    pub autocomplete: &'static str,
    /// Off for what names people: some browsers send words to be checked elsewhere.
    pub spellcheck: Option<bool>,
    pub suffix: Option<&'static str>,
}

/// Whether the dictionary's `check` column has this term, as a stop or as a warning.
pub(super) fn has_check(field: &Field, term: &str) -> bool {
    field.checks.iter().any(|check| {
        let text = check.text.trim();
        text.strip_prefix("warn ").unwrap_or(text).trim() == term
    })
}

pub(super) fn style(field: &Field, nested: bool) -> Style {
    let plain = Style {
        autocomplete: own_details(&field.id),
        ..Style::default()
    };
    let names = field.identifies == Identifies::Direct;
    let spellcheck = (names || field.id.contains("name")).then_some(false);
    let words = Style {
        spellcheck,
        ..plain.clone()
    };
    let exact = Style {
        spellcheck: Some(false),
        ..plain.clone()
    };
    match field.kind {
        Kind::LongText => Style {
            spellcheck: None,
            ..plain
        },
        Kind::Time => Style {
            width: Some("govuk-input--width-5"),
            ..exact
        },
        Kind::Integer | Kind::Decimal => Style {
            autocomplete: plain.autocomplete,
            ..number(field)
        },
        Kind::Text if has_check(field, "nhs_number") => Style {
            width: Some("govuk-input--width-10"),
            inputmode: Some("numeric"),
            ..exact
        },
        Kind::Text if has_check(field, "phone") => Style {
            width: Some("govuk-input--width-20"),
            kind: Some("tel"),
            ..exact
        },
        Kind::Text if has_check(field, "email") => Style {
            inputmode: Some("email"),
            ..exact
        },
        Kind::Text if CODES.iter().any(|term| has_check(field, term)) => Style {
            width: Some("govuk-input--width-10"),
            ..exact
        },
        Kind::Text if !nested => Style {
            width: Some("govuk-!-width-two-thirds"),
            ..words
        },
        _ => words,
    }
}

/// Checks for short codes, which no dictionary of words knows.
const CODES: [&str; 4] = ["postcode", "icd10", "ods_code", "lsoa"];

fn number(field: &Field) -> Style {
    // A telephone's number pad often has no minus sign.
    let below_zero = field
        .checks
        .iter()
        .any(|check| check.text.trim().starts_with('-'));
    let pad = if field.kind == Kind::Integer {
        "numeric"
    } else {
        "decimal"
    };
    Style {
        width: Some("govuk-input--width-5"),
        inputmode: (!below_zero).then_some(pad),
        suffix: unit(field).map(|(shown, _)| shown),
        ..Style::default()
    }
}

/// The unit as it stands after the box, and in words for those who do not see it there.
fn unit(field: &Field) -> Option<(&'static str, &'static str)> {
    Some(match field.unit.as_deref()? {
        "C" => ("°C", "In degrees Celsius"),
        "g" => ("g", "In grams"),
        "kg" => ("kg", "In kilograms"),
        "kg/m2" => ("kg/m²", "In kilograms per square metre"),
        "cm" => ("cm", "In centimetres"),
        "m" => ("m", "In metres"),
        "%" => ("%", "As a percentage"),
        "mph" => ("mph", "In miles per hour"),
        "mg/100ml" => ("mg/100ml", "In milligrams per 100 millilitres"),
        "mmol/mol" => ("mmol/mol", "In millimoles per mole"),
        "mmol/l" => ("mmol/l", "In millimoles per litre"),
        "minutes" => ("minutes", "In minutes"),
        "hours" => ("hours", "In hours"),
        "days" => ("days", "In days"),
        "weeks" => ("weeks", "In weeks"),
        "months" => ("months", "In months"),
        "years" => ("years", "In years"),
        _ => return None,
    })
}

/// A few words where they help; most questions need none.
pub(super) fn hint(field: &Field) -> Option<String> {
    let words = match field.kind {
        Kind::Date => "For example, 27 3 2026",
        Kind::DateTime => "For example, 27 3 2026 at 14 05 (24-hour clock)",
        Kind::Time => "For example, 14:05 or 2:05pm",
        Kind::MultiChoice => "Select all that apply",
        Kind::Text if has_check(field, "nhs_number") => "10 digits, for example 999 000 0018",
        Kind::Text if has_check(field, "icd10") => "An ICD-10 code, for example Q24.9",
        Kind::Integer | Kind::Decimal => match (unit(field), field.unit.as_deref()) {
            (Some((_, words)), _) => words,
            (None, Some(other)) => return Some(format!("In {other}")),
            (None, None) => return None,
        },
        _ => return None,
    };
    Some(words.to_owned())
}

/// What a browser may fill in: only the details of the person at the keyboard. Everything else
/// is about someone else, and must not be kept by a shared machine.
fn own_details(id: &str) -> &'static str {
    match id {
        "referrer_name" | "reporter_name" => "name",
        "referrer_email" | "reporter_email" => "email",
        "referrer_phone" | "reporter_phone" => "tel",
        "referrer_job_title" | "reporter_job_title" => "organization-title",
        _ => "off",
    }
}
