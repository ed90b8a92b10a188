//! The rules that a return is checked by, in words, and where on a case each is put right. Must not check
//! anything itself.

use crate::domain::national_return::Issue;

/// Each rule that a check may name, with what it asks.
const RULES: [(&str, &str); 17] = [
    (
        "AN-1",
        "Every contributory factor stands on a line of its own and is graded 0, 1 or 2.",
    ),
    (
        "AN-2",
        "Each of the four domains has its factors, or says that there were none.",
    ),
    (
        "AN-4",
        "At least one category of death is chosen; the lowest number is the primary one.",
    ),
    (
        "AN-9",
        "The panel says whether it identified modifiable factors.",
    ),
    ("DT-1", "The date of death is not before the date of birth."),
    ("DT-2", "The child died before the 18th birthday."),
    (
        "DT-14",
        "The national database does not take deaths reviewed before 1 April 2019.",
    ),
    (
        "ID-2",
        "An NHS number has ten digits, the last of which checks the others.",
    ),
    ("ID-4", "Without an NHS number there is a reason for it."),
    (
        "ID-6",
        "An NHS number that was not available is looked for again before the year ends.",
    ),
    (
        "ID-8",
        "No two cases have the same NHS number: one of them is a duplicate.",
    ),
    (
        "SB-3",
        "An open case goes out with its notification, which must be complete.",
    ),
    (
        "SB-4",
        "A reviewed case goes out with its notification, reporting, supplementary and analysis forms.",
    ),
    (
        "SB-6",
        "The demographics of a finalised case are complete before the year ends.",
    ),
    ("SB-9", "A duplicate names the case that stays."),
    (
        "SB-11",
        "A case that was transferred names the panel that took it over, and when.",
    ),
    (
        "X-1",
        "Every form that the circumstances opened was returned, or was waived with a reason.",
    ),
];

/// The rules as the page lists them.
pub fn all() -> Vec<serde_json::Value> {
    RULES
        .iter()
        .map(|(id, words)| context! { id, words })
        .collect()
}

/// The page on which an issue is put right.
pub fn place(issue: &Issue) -> String {
    let case = format!("/cases/{}", issue.case_id);
    match issue.rule_id {
        "DT-14" | "SB-9" | "SB-11" => case,
        "X-1" => format!("{case}/requests"),
        rule if rule.starts_with("AN-") => format!("{case}/analysis"),
        "SB-4" if issue.field == "review_date" || issue.field == "analysis" => {
            format!("{case}/analysis")
        }
        "SB-4" => format!("{case}/record"),
        _ => format!("{case}/record/notification"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_that_a_check_names_has_its_words() {
        let source = include_str!("../../domain/national_return/check.rs");
        let named: Vec<&str> = source
            .split('"')
            .filter(|text| {
                text.split_once('-').is_some_and(|(letters, number)| {
                    letters.bytes().all(|b| b.is_ascii_uppercase()) && number.parse::<u8>().is_ok()
                })
            })
            .collect();
        assert!(named.len() > 10);
        for rule in named {
            assert!(RULES.iter().any(|(id, _)| *id == rule), "{rule}");
        }
    }
}
