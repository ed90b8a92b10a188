//! What a person is told when a check finds something.

use chrono::NaiveDate;

use super::term::{Other, Shape, Side, Span};
use crate::domain::form::phrase::{self, measure, mid, quoted, start, the};
use crate::domain::form::{Dictionary, Field, Form, Kind};

/// A question that must be answered and is not.
pub(super) fn required(field: &Field) -> String {
    let asks = phrase::is_question(&field.label);
    match field.kind {
        Kind::YesNoUnknown => format!("Answer yes, no or not known to {}", quoted(field)),
        Kind::Boolean => format!("Answer yes or no to {}", quoted(field)),
        Kind::MultiChoice => format!("Choose at least one answer to {}", quoted(field)),
        Kind::Table => format!("Add at least one entry under {}", quoted(field)),
        _ if asks => format!("Answer {}", quoted(field)),
        Kind::SingleChoice => format!("Choose {}", the(field)),
        Kind::Date => format!("Enter {}, for example 27 3 2026", dated(field)),
        Kind::DateTime => format!("Enter {}, for example 27 3 2026 at 14:05", dated(field)),
        Kind::Time => format!("Enter {}, for example 14:05", the(field)),
        Kind::Text | Kind::LongText | Kind::Integer | Kind::Decimal => {
            format!("Enter {}", the(field))
        }
    }
}

/// "the date of death"; "the date for “Next meeting”" where the label does not speak of a date.
fn dated(field: &Field) -> String {
    let lower = field.label.to_lowercase();
    if lower.contains("date") || lower.contains("when") {
        the(field)
    } else {
        format!("the date for {}", quoted(field))
    }
}

/// A required field whose want another field can explain (ID-4).
pub(super) fn required_or_reason(field: &Field) -> String {
    format!("Enter {}, or say why there is none", the(field))
}

/// The reason for there being no answer to another field (ID-4).
pub(super) fn reason_required(explained: &Field) -> String {
    format!("Say why there is no {}", mid(&explained.label))
}

pub(super) fn range(field: &Field, low: f64, high: f64) -> String {
    let top = measure(high, field.unit.as_deref());
    format!(
        "{} must be between {} and {top}",
        start(field),
        phrase::figures(low)
    )
}

pub(super) fn usual_range(field: &Field, low: f64, high: f64, given: f64) -> String {
    let top = measure(high, field.unit.as_deref());
    let given = measure(given, field.unit.as_deref());
    format!(
        "{} is usually between {} and {top}. Check that {given} is right",
        start(field),
        phrase::figures(low)
    )
}

/// The rule's stable name, and the words.
pub(super) fn compare(
    dict: &Dictionary,
    form: &Form,
    field: &Field,
    side: Side,
    other: &Other,
) -> (String, String) {
    let number = field.kind.is_number();
    let code = match (number, side) {
        (false, Side::AtLeast) => "on_or_after",
        (false, Side::AtMost) => "on_or_before",
        (true, Side::AtLeast) => "at_least",
        (true, Side::AtMost) => "at_most",
    };
    let name = start(field);
    let (id, words) = match (other, side) {
        (Other::Today, Side::AtMost) => ("today", format!("{name} must be today or in the past")),
        (Other::Today, Side::AtLeast) => ("today", format!("{name} must be today or later")),
        (Other::Now, Side::AtMost) => ("now", format!("{name} must not be in the future")),
        (Other::Now, Side::AtLeast) => ("now", format!("{name} must not be in the past")),
        (Other::Field(id), _) => {
            let other = label(dict, form, id);
            let must = match (number, side) {
                (false, Side::AtLeast) => "on or after",
                (false, Side::AtMost) => "on or before",
                (true, Side::AtLeast) => "the same as or more than",
                (true, Side::AtMost) => "the same as or less than",
            };
            (id.as_str(), format!("{name} must be {must} {other}"))
        }
    };
    (format!("{code}:{id}"), words)
}

/// "the date of death", from this form or the first form that has the field.
fn label(dict: &Dictionary, form: &Form, id: &str) -> String {
    let elsewhere = || dict.forms.iter().find_map(|form| form.field(id));
    form.field(id)
        .or_else(elsewhere)
        .map_or_else(|| id.replace('_', " "), the)
}

pub(super) fn before_eighteen(field: &Field, birthday: NaiveDate) -> String {
    format!(
        "{} must be before the child’s 18th birthday, {}",
        start(field),
        phrase::date(birthday)
    )
}

pub(super) fn length(field: &Field, low: usize, high: usize, given: usize) -> String {
    let name = start(field);
    if given < low {
        format!(
            "{name} must be at least {}",
            phrase::count(low, "character")
        )
    } else {
        let [high, given] =
            [high, given].map(|n| phrase::figures(u32::try_from(n).unwrap_or(u32::MAX).into()));
        format!("{name} must be {high} characters or fewer. You have entered {given}")
    }
}

pub(super) fn rows(field: &Field, least: usize) -> String {
    format!(
        "Add at least {least} {} under {}",
        if least == 1 { "entry" } else { "entries" },
        quoted(field)
    )
}

pub(super) fn choices(field: &Field, least: usize, given: usize, warn: bool) -> String {
    if warn {
        let usual = if least == 1 {
            "one answer is"
        } else {
            "answers are"
        };
        let least = if least == 1 {
            String::new()
        } else {
            format!("{least} ")
        };
        return format!(
            "At least {least}{usual} usual for {}. Check that {given} is right",
            quoted(field)
        );
    }
    if least == 1 {
        return format!("Choose at least one answer to {}", quoted(field));
    }
    format!("Choose at least {least} answers to {}", quoted(field))
}

pub(super) fn shape(field: &Field, shape: Shape) -> String {
    let name = start(field);
    match shape {
        Shape::Email => {
            format!("{name} must be an email address, for example name@example.nhs.uk")
        }
        Shape::SecureEmail => format!(
            "{name} is not at a secure address such as nhs.net, gov.uk or police.uk. Use a secure one if you can"
        ),
        Shape::Phone => format!(
            "{name} does not look like a UK telephone number with its area code. Check that it is right"
        ),
        Shape::OdsCode => {
            format!("{name} has no ODS code in it. Add it if you know it, for example RVV")
        }
        Shape::Icd10 => format!("{name} must be an ICD-10 code, for example Q91.3"),
        Shape::Lsoa => format!("{name} must be an LSOA code for England, for example E01024123"),
    }
}

pub(super) fn equals(field: &Field, expected: &str, given: &str) -> String {
    format!(
        "{} is usually answered “{expected}”. Check that “{given}” is right",
        quoted(field)
    )
}

pub(super) fn must_equal(field: &Field, expected: &str) -> String {
    format!("{} must be answered “{expected}”", quoted(field))
}

pub(super) fn within(
    dict: &Dictionary,
    form: &Form,
    field: &Field,
    (n, span): (u32, Span),
    other: &str,
    warn: bool,
) -> String {
    let unit = match (span, n) {
        (Span::Days, 1) => "day",
        (Span::Days, _) => "days",
        (Span::Months, 1) => "month",
        (Span::Months, _) => "months",
    };
    let other = label(dict, form, other);
    let name = start(field);
    if warn {
        format!("{name} is usually within {n} {unit} of {other}. Check that it is right")
    } else {
        format!("{name} must be within {n} {unit} of {other}")
    }
}

/// The number is there, and so is a reason for having none (ID-5).
pub(super) fn needless_reason(explained: &Field) -> String {
    format!(
        "Remove the reason for having no {}, because one is given",
        mid(&explained.label)
    )
}
