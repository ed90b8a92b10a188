//! All that is agreed about one case: its answers, form by form. Must not know where they are kept,
//! nor which agency gave them.

use std::collections::BTreeMap;

use super::age::Age;
use super::form::{Answer, Answers, Field, Form, FormKind};

/// The agreed answers of a case, by the code of the form. A form that has no answers yet is absent.
#[derive(Debug, Clone, Default)]
pub struct CaseRecord<'a>(BTreeMap<&'a str, &'a Answers>);

/// The forms that are asked first when a question is looked for on any form.
const FIRST: [&str; 4] = ["notification", "reporting", "analysis", "cdrm_jar"];

impl<'a> CaseRecord<'a> {
    /// Adds the answers of a form.
    #[must_use]
    pub fn with(mut self, form: &'a str, answers: &'a Answers) -> Self {
        self.0.insert(form, answers);
        self
    }

    /// The agreed answers of a form; none when it has not been answered.
    pub fn form(&self, code: &str) -> Option<&'a Answers> {
        self.0.get(code).copied()
    }

    /// The codes of the forms that have been answered.
    pub fn codes(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.0.keys().copied()
    }

    /// The answer to a question of one form. Ages follow from the dates, whatever was stored.
    pub fn get(&self, form: &str, field: &str) -> Option<Answer> {
        let derived = if form == "notification" {
            self.age_field(field)
        } else {
            None
        };
        derived.or_else(|| self.form(form)?.get(field).cloned())
    }

    /// The answer to a question wherever in the case it stands, but for form `except`.
    pub fn elsewhere(&self, except: &str, field: &str) -> Option<Answer> {
        let others = self.0.keys().copied().filter(|code| !FIRST.contains(code));
        FIRST
            .into_iter()
            .chain(others)
            .filter(|code| *code != except)
            .find_map(|code| self.get(code, field))
    }

    /// The child's age at death, where both dates are known and in order.
    pub fn age(&self) -> Option<Age> {
        let notification = self.form("notification")?;
        Age::at(
            notification.date("date_of_birth")?,
            notification.date("date_of_death")?,
        )
    }

    fn age_field(&self, field: &str) -> Option<Answer> {
        match field {
            "age_at_death_days" => Some(Answer::Integer(self.age()?.days)),
            "age_at_death_years" => Some(Answer::Integer(self.age()?.years)),
            "age_band" => Some(Answer::Choice(self.age()?.band().to_owned())),
            _ => None,
        }
    }
}

/// Whether a question is about the case, rather than about who answered and when. What two agencies
/// say of themselves is no disagreement, and the agreed record does not hold it.
pub fn is_about_the_case(form: &Form, field: &Field) -> bool {
    match form.kind {
        FormKind::Reporting => {
            let own = form
                .section_of(&field.id)
                .is_some_and(|section| section.id == "reporting_agency");
            !own || field.id.starts_with("child_")
        }
        FormKind::Supplementary => !matches!(
            field.id.as_str(),
            "case_ref" | "completed_by" | "completed_on"
        ),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_follow_from_dates_and_forms_are_asked_in_order() {
        let mut notification = Answers::default();
        notification.set("date_of_birth", Answer::Date("2020-02-01".parse().unwrap()));
        notification.set("date_of_death", Answer::Date("2026-01-31".parse().unwrap()));
        notification.set("gestation_weeks", Answer::Integer(39));
        let mut reporting = Answers::default();
        reporting.set("gestation_weeks", Answer::Integer(40));
        let record = CaseRecord::default()
            .with("reporting", &reporting)
            .with("notification", &notification);
        assert_eq!(
            record.elsewhere("neonatal", "gestation_weeks"),
            Some(Answer::Integer(39))
        );
        assert_eq!(
            record.elsewhere("notification", "gestation_weeks"),
            Some(Answer::Integer(40))
        );
        assert_eq!(
            record.elsewhere("reporting", "age_at_death_years"),
            Some(Answer::Integer(5))
        );
        assert_eq!(record.elsewhere("reporting", "nothing"), None);
    }
}
