//! What stands in the inputs: from a post as it was typed, or from the answers held.

use crate::domain::form::{Answers, Field, Posted, write};
use std::collections::BTreeMap;

/// Far more rows than a form has; a post that names row 999,999 gets no page of that length.
const MOST_ROWS: usize = 200;

/// Input names to values, in the order they came.
pub(super) struct Values(BTreeMap<String, Vec<String>>);

impl Values {
    pub fn posted(posted: &Posted) -> Self {
        Self::of(posted.0.iter().cloned())
    }

    pub fn held(fields: &[&Field], answers: &Answers) -> Self {
        Self::of(fields.iter().flat_map(|field| {
            answers
                .get(&field.id)
                .map(|answer| write(field, answer))
                .unwrap_or_default()
        }))
    }

    fn of(pairs: impl Iterator<Item = (String, String)>) -> Self {
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in pairs {
            values.entry(name).or_default().push(value);
        }
        Self(values)
    }

    /// The first value of that name, or nothing.
    pub fn first(&self, name: &str) -> &str {
        self.all(name).first().map_or("", String::as_str)
    }

    pub fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// How many rows of a table there are, counting up to the last.
    pub fn rows(&self, table: &str) -> usize {
        let prefix = format!("{table}-");
        let row = |name: &String| {
            let (row, _column) = name.strip_prefix(&prefix)?.split_once('-')?;
            row.parse::<usize>().ok().filter(|row| *row < MOST_ROWS)
        };
        self.0
            .keys()
            .filter_map(row)
            .max()
            .map_or(0, |last| last + 1)
    }
}
