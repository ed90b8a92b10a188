//! The turns of phrase that messages are made of.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::Field;

/// First words of labels that keep their capital inside a sentence.
const PROPER: [&str; 6] = ["Apgar", "Avon", "England", "English", "Kent", "Medway"];

/// A label inside a sentence: "date of death", but "NHS number" and "Apgar score".
pub(super) fn mid(label: &str) -> String {
    let label = label.trim().trim_end_matches(['.', '?', ':']);
    let word = label
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    let plain = word.chars().skip(1).all(char::is_lowercase) && word.chars().count() > 1;
    if !plain || PROPER.contains(&word) {
        return label.to_owned();
    }
    let mut letters = label.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

/// A label at the start of a sentence, as the form words it; the unit, which messages give with
/// the number, is left off ("Gestation at birth, weeks").
pub(super) fn start(field: &Field) -> &str {
    let label = field.label.trim().trim_end_matches(['.', '?', ':']);
    let unit = field.unit.as_deref().unwrap_or_default();
    match label
        .strip_suffix(unit)
        .and_then(|rest| rest.strip_suffix(", "))
    {
        Some(rest) if !unit.is_empty() => rest,
        _ => label,
    }
}

/// "the date of death"; a label that is a question or a clause of its own is quoted.
pub(super) fn the(field: &Field) -> String {
    if is_question(&field.label) {
        quoted(field)
    } else {
        format!("the {}", mid(start(field)))
    }
}

/// The label in quotation marks.
pub(super) fn quoted(field: &Field) -> String {
    format!("“{}”", field.label.trim())
}

/// Whether a label asks or tells rather than names: no "the" goes before it.
pub(super) fn is_question(label: &str) -> bool {
    const ASKING: [&str; 22] = [
        "who", "what", "when", "where", "which", "why", "how", "whether", "was", "were", "is",
        "are", "did", "do", "does", "has", "have", "had", "can", "could", "any", "anyone",
    ];
    const OPEN: [&str; 6] = ["by", "from", "to", "with", "in", "on"];
    let bare = label.split(" (").next().unwrap_or_default().trim();
    let first = bare
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let last = bare.rsplit(' ').next().unwrap_or_default();
    label.trim_end().ends_with('?')
        || ASKING.contains(&first.as_str())
        || OPEN.contains(&last)
        || bare.contains(" or ")
}

/// A number as people write it: `7,000`, `0.2`.
pub(super) fn figures(number: f64) -> String {
    let plain = number.abs().to_string();
    let (whole, part) = plain
        .split_once('.')
        .map_or((plain.as_str(), None), |(w, p)| (w, Some(p)));
    let mut text = String::new();
    if number < 0.0 {
        text.push('−');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(part) = part {
        text.push('.');
        text.push_str(part);
    }
    text
}

/// A number with its unit: "3,200 g", "40%", "36.5°C".
pub(super) fn measure(number: f64, unit: Option<&str>) -> String {
    let number = figures(number);
    match unit {
        None | Some("pH") => number,
        Some("%") => format!("{number}%"),
        Some("C") => format!("{number}°C"),
        Some(unit) => format!("{number} {unit}"),
    }
}

pub(super) fn date(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

pub(super) fn time(time: NaiveTime) -> String {
    time.format("%H:%M").to_string()
}

pub(super) fn moment(moment: NaiveDateTime) -> String {
    moment.format("%-d %B %Y, %H:%M").to_string()
}

/// "a day and a month"
pub(super) fn listed(parts: &[&str]) -> String {
    match parts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// "1 row", "2 rows"
pub(super) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_fall_in_with_the_sentence() {
        for (label, inside) in [
            ("Date of death", "date of death"),
            ("NHS number", "NHS number"),
            ("ICD-10 code", "ICD-10 code"),
            ("Mother's parity", "mother's parity"),
            ("Apgar score at 1 minute", "Apgar score at 1 minute"),
            ("Was the death expected?", "was the death expected"),
            ("GP and practice", "GP and practice"),
            ("", ""),
        ] {
            assert_eq!(mid(label), inside);
        }
    }

    #[test]
    fn numbers_are_written_for_people() {
        for (number, unit, text) in [
            (7000.0, Some("g"), "7,000 g"),
            (1_234_567.0, None, "1,234,567"),
            (0.2, Some("kg"), "0.2 kg"),
            (-20.0, Some("C"), "−20°C"),
            (100.0, Some("%"), "100%"),
        ] {
            assert_eq!(measure(number, unit), text);
        }
    }
}
