//! Numbers as people type them: spaces and commas between thousands, the unit after.

use super::{Misread, Read};
use crate::domain::form::Field;
use crate::domain::form::phrase::start;

/// Beyond this a number is a slip, and a 64-bit float no longer counts in whole steps.
const MOST: f64 = 1e11;

/// With this many places a number within `MOST` keeps to the 15 or so digits that go through JSON
/// text and back unchanged.
const MOST_PLACES: usize = 4;

pub(in crate::domain::form) fn integer(field: &Field, text: &str) -> Read<i64> {
    let (whole, part) = plain(field, text).ok_or_else(|| not_whole(field))?;
    if part.bytes().any(|b| b != b'0') {
        return Err(not_whole(field));
    }
    let number: i64 = whole.parse().map_err(|_| too_large(field))?;
    #[expect(clippy::cast_precision_loss, reason = "only the size matters here")]
    number_fits(field, number as f64).map(|()| number)
}

pub(in crate::domain::form) fn decimal(field: &Field, text: &str) -> Read<f64> {
    let (whole, part) = plain(field, text).ok_or_else(|| not_number(field))?;
    if part.trim_end_matches('0').len() > MOST_PLACES {
        let words = format!(
            "{} can have at most {MOST_PLACES} decimal places",
            start(field)
        );
        return Err(Misread::new("number", words));
    }
    let number: f64 = format!("{whole}.{part}0")
        .parse()
        .map_err(|_| not_number(field))?;
    number_fits(field, number).map(|()| number)
}

fn number_fits(field: &Field, number: f64) -> Read<()> {
    if number.is_finite() && number.abs() <= MOST {
        Ok(())
    } else {
        Err(too_large(field))
    }
}

fn not_number(field: &Field) -> Misread {
    Misread::new(
        "number",
        format!("{} must be a number, for example 3 or 3.5", start(field)),
    )
}

fn not_whole(field: &Field) -> Misread {
    Misread::new(
        "number",
        format!("{} must be a whole number, for example 3", start(field)),
    )
}

fn too_large(field: &Field) -> Misread {
    Misread::new("number", format!("{} is too large a number", start(field)))
}

/// The digits before and after the point, the sign with the first. A comma or space may only part
/// thousands: "3,5" could mean 3.5 as well as 35, so it is asked about.
fn plain(field: &Field, text: &str) -> Option<(String, String)> {
    let text = text.trim();
    let bare = field
        .unit
        .as_deref()
        .and_then(|unit| strip_unit(text, unit))
        .unwrap_or(text);
    let (sign, bare) = match bare.strip_prefix(['-', '−', '–']) {
        Some(rest) => ("-", rest.trim_start()),
        None => ("", bare.strip_prefix('+').unwrap_or(bare)),
    };
    let (whole, part) = bare.split_once('.').unwrap_or((bare, ""));
    let groups: Vec<&str> = whole
        .split(|c: char| c == ',' || c.is_whitespace())
        .collect();
    let digits = |group: &&str| group.bytes().all(|b| b.is_ascii_digit());
    let grouped = match groups.as_slice() {
        [_] => true,
        [first, rest @ ..] => {
            (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3)
        }
        [] => false,
    };
    let some = !(whole.is_empty() && part.is_empty());
    if !(grouped && some && groups.iter().all(digits) && digits(&part)) {
        return None;
    }
    let whole = groups.concat();
    let whole = if whole.is_empty() { "0" } else { &whole };
    Some((format!("{sign}{whole}"), part.to_owned()))
}

fn strip_unit<'t>(text: &'t str, unit: &str) -> Option<&'t str> {
    let cut = text.len().checked_sub(unit.len())?;
    let (number, end) = (text.get(..cut)?, text.get(cut..)?);
    end.eq_ignore_ascii_case(unit)
        .then(|| number.trim_end().trim_end_matches('°').trim_end())
}
