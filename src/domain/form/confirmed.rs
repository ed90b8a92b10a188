//! Warnings that somebody looked at and found right, each with the reason that was given. Must not know who asks for one.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Reasons by the key of the warning, which is `field:rule`; empty where none was asked for.
pub type Reasons = BTreeMap<String, String>;

/// The longest reason, in characters.
pub const LONGEST: usize = 1_000;

/// Reads what is stored: reasons by key, or keys alone as they were kept before reasons were asked for. What cannot be
/// read confirms nothing.
pub fn confirmed(json: &str) -> Reasons {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Reasons(Reasons),
        Keys(Vec<String>),
    }
    match serde_json::from_str(json) {
        Ok(Stored::Reasons(reasons)) => reasons,
        Ok(Stored::Keys(keys)) => keys.into_iter().map(|key| (key, String::new())).collect(),
        Err(_) => Reasons::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_without_reasons_still_counts_and_nonsense_does_not() {
        let old = confirmed(r#"["weight:PL-1"]"#);
        assert_eq!(old.get("weight:PL-1").map(String::as_str), Some(""));
        let new = confirmed(r#"{"weight:PL-1":"A large baby."}"#);
        assert_eq!(
            new.get("weight:PL-1").map(String::as_str),
            Some("A large baby.")
        );
        for text in ["", "7", "{\"a\":1}", "null"] {
            assert_eq!(confirmed(text), Reasons::new(), "{text}");
        }
    }
}
