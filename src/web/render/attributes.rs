//! The components' `attributes` parameter as HTML, by the official macros' rules.

use minijinja::HtmlEscape;
use minijinja::value::{Value, ValueKind};
use std::fmt::Write as _;

/// Attributes with a leading blank each. A text stands as it is; of a map, each entry is a
/// value or `{value, optional}`. An optional attribute without a value is left out, with
/// `true` it is written as the name alone.
pub fn attributes(given: &Value) -> Value {
    let mut out = String::new();
    if given.kind() == ValueKind::String {
        out = given.to_string();
    } else if given.kind() == ValueKind::Map {
        for name in given.try_iter().into_iter().flatten() {
            let item = given.get_item(&name).unwrap_or_default();
            push(&mut out, &name, &item);
        }
    }
    Value::from_safe_string(out)
}

fn push(out: &mut String, name: &Value, item: &Value) {
    let part = |key: &str| item.get_attr(key).unwrap_or_default();
    let (value, optional) = if item.kind() == ValueKind::Map {
        (part("value"), part("optional").is_true())
    } else {
        (item.clone(), false)
    };
    let absent = value.is_none() || value.is_undefined();
    if optional && (absent || is(&value, false)) {
        return;
    }
    let name = name.to_string();
    let _ = write!(out, " {}", HtmlEscape(&name));
    if optional && is(&value, true) {
        return;
    }
    let text = if absent {
        String::new()
    } else {
        value.to_string()
    };
    if value.is_safe() {
        let _ = write!(out, "=\"{text}\"");
    } else {
        let _ = write!(out, "=\"{}\"", HtmlEscape(&text));
    }
}

fn is(value: &Value, wanted: bool) -> bool {
    value.kind() == ValueKind::Bool && value.is_true() == wanted
}
