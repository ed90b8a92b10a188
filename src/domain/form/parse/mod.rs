//! Typed values from what people and programs write. Each fault is worded for the field's reader.

mod date;
mod number;
mod text;
mod time;

use super::{Answer, Dictionary, Field, phrase};

pub(super) use date::{boxes, date, date_in_parts};
pub use date::{date_of_boxes, month_of};
pub(super) use number::{decimal, integer};
pub(super) use text::{canonical, clean, too_long};
pub(super) use time::{time, time_in_parts};

/// What could not be read: the rule's stable name, and the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misread {
    pub rule: &'static str,
    pub message: String,
}

impl Misread {
    fn new(rule: &'static str, message: impl Into<String>) -> Misread {
        Misread {
            rule,
            message: message.into(),
        }
    }
}

pub(super) type Read<T> = Result<T, Misread>;

/// One code of the field's list. A list without a code for it still takes `not_known`.
pub(super) fn choice(dict: &Dictionary, field: &Field, code: &str) -> Read<Answer> {
    let code = code.trim();
    if dict.code(list(field), code).is_some() {
        return Ok(Answer::Choice(code.to_owned()));
    }
    if code == "not_known" {
        return Ok(Answer::NotKnown);
    }
    let message = format!(
        "Choose one of the answers listed for {}",
        phrase::quoted(field)
    );
    Err(Misread::new("choice", message))
}

/// Several codes of the field's list, brought into the list's order, each once.
pub(super) fn choices(dict: &Dictionary, field: &Field, given: &[&str]) -> Read<Answer> {
    let given: Vec<&str> = given
        .iter()
        .map(|c| c.trim())
        .filter(|c| !c.is_empty())
        .collect();
    let codes = dict.codes(list(field));
    if given == ["not_known"] && !codes.iter().any(|held| held.code == "not_known") {
        return Ok(Answer::NotKnown);
    }
    if given
        .iter()
        .any(|code| !codes.iter().any(|held| held.code == *code))
    {
        let message = format!(
            "Choose from the answers listed for {}",
            phrase::quoted(field)
        );
        return Err(Misread::new("choice", message));
    }
    let held = codes
        .iter()
        .filter(|held| given.contains(&held.code.as_str()));
    Ok(Answer::Choices(
        held.map(|held| held.code.clone()).collect(),
    ))
}

/// "Not known" for a field: its list's own code where it has one for a single choice.
pub(super) fn not_known(dict: &Dictionary, field: &Field) -> Answer {
    let single = field.kind.is_choice() && field.kind != super::Kind::MultiChoice;
    if single && dict.code(list(field), "not_known").is_some() {
        return Answer::Choice("not_known".to_owned());
    }
    Answer::NotKnown
}

/// A yes or a no.
pub(super) fn boolean(field: &Field, text: &str) -> Read<Answer> {
    match text.trim().to_lowercase().as_str() {
        "yes" | "true" => Ok(Answer::Boolean(true)),
        "no" | "false" => Ok(Answer::Boolean(false)),
        "not_known" => Ok(Answer::NotKnown),
        _ => Err(Misread::new(
            "boolean",
            format!("Answer yes or no to {}", phrase::quoted(field)),
        )),
    }
}

fn list(field: &Field) -> &str {
    field.codes.as_deref().unwrap_or_default()
}
