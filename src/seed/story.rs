//! What children die of, as shapes for synthetic cases: data, read from `stories.toml`. Must not know of any
//! one child.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One shape of a death.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    pub name: String,
    /// How often, out of the sum of all.
    pub weight: u64,
    /// Youngest and oldest age at death, in days.
    pub days: (i64, i64),
    /// Weeks of pregnancy, where they matter.
    #[serde(default = "term")]
    pub gestation: (i64, i64),
    pub category: String,
    pub sub: String,
    pub icd: String,
    pub cause: String,
    pub underlying: String,
    pub expected: bool,
    /// Why a joint agency response is called for; none is called for without.
    pub trigger: Option<String>,
    /// What the inquest finds, where there is one.
    pub inquest: Option<String>,
    pub mode: String,
    /// Places of death: code and name.
    pub places: Vec<(String, String)>,
    /// Where it began, when not at the place of death.
    pub event_place: Option<String>,
    pub events: Vec<String>,
    /// Agency and professional who know most.
    pub lead: (String, String),
    pub others: Vec<(String, String)>,
    pub told: Vec<String>,
    /// Code, influence, whether modifiable, words.
    pub factors: Vec<(String, String, String, String)>,
    /// `field` or `form.field` to its answer, as in a CSV of codes.
    pub facts: BTreeMap<String, String>,
}

fn term() -> (i64, i64) {
    (37, 41)
}

#[derive(Deserialize)]
struct File {
    story: Vec<Story>,
}

/// Every story.
///
/// # Errors
/// What in the data cannot be read.
pub fn load() -> Result<Vec<Story>, String> {
    toml::from_str::<File>(include_str!("stories.toml"))
        .map(|file| file.story)
        .map_err(|e| format!("stories.toml: {}", e.message()))
}

impl Story {
    /// Whether a coroner looks into it, so that no certificate is issued at first.
    pub fn is_for_coroner(&self) -> bool {
        self.trigger.is_some() || self.inquest.is_some()
    }

    /// Whether the child is under 28 days in every case of this story.
    pub fn is_newborn(&self) -> bool {
        self.days.1 < 28
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_that_of_life() {
        let stories = load().unwrap();
        let share = |of: &dyn Fn(&Story) -> bool| {
            let all: u64 = stories.iter().map(|s| s.weight).sum();
            let some: u64 = stories.iter().filter(|s| of(s)).map(|s| s.weight).sum();
            some * 100 / all
        };
        assert!((40..=45).contains(&share(&|s| s.days.1 < 28)));
        assert!((57..=64).contains(&share(&|s| s.days.1 < 365)));
    }
}
