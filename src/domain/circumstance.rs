//! A circumstance of a death as data files name it: a form, and a condition in the grammar of the dictionary's
//! `show_when`. Must not know what follows from it.

use super::form::{Condition, Dictionary, Form};
use super::record::CaseRecord;

/// What must be so.
#[derive(Debug, Clone)]
pub struct Circumstance {
    /// The form whose questions the condition names first.
    on: String,
    condition: Condition,
}

impl Circumstance {
    /// Reads it against a dictionary.
    ///
    /// # Errors
    /// In one sentence, when the form or a question is not there or the condition cannot be read.
    pub fn read(dict: &Dictionary, on: &str, condition: &str) -> Result<Self, String> {
        let form = dict
            .form(on)
            .ok_or_else(|| format!("there is no form “{on}”"))?;
        let condition = Condition::parse(condition)?;
        for term in &condition.terms {
            if !asked(dict, form, &term.field) {
                return Err(format!("form “{on}” does not ask “{}”", term.field));
            }
        }
        Ok(Self {
            on: on.to_owned(),
            condition,
        })
    }

    /// Whether it is so by what is known.
    pub fn holds(&self, record: &CaseRecord) -> bool {
        let answer = |field: &str| {
            record
                .get(&self.on, field)
                .or_else(|| record.elsewhere(&self.on, field))
        };
        self.condition.holds(&answer)
    }
}

/// The age at death stands on the notification and may be asked of any form.
fn asked(dict: &Dictionary, on: &Form, field: &str) -> bool {
    let of_case = field.starts_with("age_at_death_")
        && dict
            .form("notification")
            .is_some_and(|n| n.field(field).is_some());
    on.field(field).is_some() || of_case
}
