//! What can only be judged when every form of a version is there: that conditions and checks name
//! fields that exist, codes those fields can take, and no circles.

use std::collections::{HashMap, HashSet};

use super::fault::Faults;
use crate::domain::form::check::Term;
use crate::domain::form::condition::Test;
use crate::domain::form::{Check, Condition, Dictionary, Field, Form, Kind};

/// Where each field stands, for the faults.
#[derive(Default)]
pub(super) struct Lines {
    /// By form code, then by the field's full id.
    by_form: HashMap<String, HashMap<String, (String, u64)>>,
}

impl Lines {
    pub fn note(&mut self, path: &str, id: &str, line: u64) {
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        let form = self
            .by_form
            .entry(name.trim_end_matches(".csv").to_owned())
            .or_default();
        form.entry(id.to_owned())
            .or_insert_with(|| (path.to_owned(), line));
    }

    fn of(&self, form: &str, id: &str) -> (String, u64) {
        let place = self.by_form.get(form).and_then(|ids| ids.get(id));
        place.cloned().unwrap_or_else(|| (form.to_owned(), 0))
    }
}

pub(super) fn check(dictionary: &Dictionary, lines: &Lines, faults: &mut Faults) {
    for form in &dictionary.forms {
        for field in form.fields() {
            let mut judge = Judge {
                dictionary,
                form,
                table: None,
                lines,
                faults,
            };
            judge.field(field, &field.id);
            judge.circle(field);
            for column in &field.columns {
                let id = format!("{}.{}", field.id, column.id);
                let mut judge = Judge {
                    dictionary,
                    form,
                    table: Some(field),
                    lines,
                    faults,
                };
                judge.field(column, &id);
            }
        }
    }
}

struct Judge<'j> {
    dictionary: &'j Dictionary,
    form: &'j Form,
    /// The table, when a column is judged.
    table: Option<&'j Field>,
    lines: &'j Lines,
    faults: &'j mut Faults,
}

impl Judge<'_> {
    fn field(&mut self, field: &Field, full_id: &str) {
        if let Some(condition) = &field.show_when {
            self.condition(condition, full_id);
        }
        for check in &field.checks {
            self.check(field, check, full_id);
        }
        if field.kind == Kind::Table && field.columns.is_empty() {
            self.fault(full_id, "type", "this table has no columns".to_owned());
        }
    }

    fn fault(&mut self, full_id: &str, column: &str, message: String) {
        let (path, line) = self.lines.of(&self.form.code, full_id);
        self.faults.at(&path, line, column, message);
    }

    /// A field by name: of the table, of this form, or else of the version's other forms.
    fn find(&self, id: &str) -> Vec<&Field> {
        let column = self.table.and_then(|table| table.column(id));
        match column.or_else(|| self.form.field(id)) {
            Some(field) => vec![field],
            None => self
                .dictionary
                .forms
                .iter()
                .filter_map(|form| form.field(id))
                .collect(),
        }
    }

    fn condition(&mut self, condition: &Condition, full_id: &str) {
        for term in &condition.terms {
            let found = self.find(&term.field);
            if found.is_empty() {
                self.fault(
                    full_id,
                    "show_when",
                    format!("no form has a field “{}”", term.field),
                );
                continue;
            }
            let takes = |code: &String| found.iter().any(|field| self.takes(field, code));
            let strange: Vec<&String> = term
                .test
                .codes()
                .iter()
                .filter(|code| !takes(code))
                .collect();
            let numberless = matches!(term.test, Test::Number(..))
                && !found
                    .iter()
                    .any(|field| field.kind.is_number() || field.kind.is_choice());
            let words: Vec<String> = strange
                .into_iter()
                .map(|code| format!("“{}” never takes “{code}”", term.field))
                .chain(numberless.then(|| format!("“{}” is no number", term.field)))
                .collect();
            for words in words {
                self.fault(full_id, "show_when", words);
            }
        }
    }

    /// Whether a field's answer can be a code.
    fn takes(&self, field: &Field, code: &str) -> bool {
        match (&field.codes, field.kind) {
            (Some(list), _) => self.dictionary.code(list, code).is_some() || code == "not_known",
            (None, Kind::Boolean) => matches!(code, "yes" | "no" | "true" | "false" | "not_known"),
            (None, Kind::Table | Kind::Date | Kind::DateTime | Kind::Time) => false,
            (None, _) => true,
        }
    }

    fn check(&mut self, field: &Field, check: &Check, full_id: &str) {
        for id in check.term.reads(&field.id) {
            let found = self.find(&id);
            if found.is_empty() {
                let words = format!("“{}”: no form has a field “{id}”", check.text);
                self.fault(full_id, "check", words);
            } else if matches!(check.term, Term::Compare(..) | Term::Within(..))
                && !found.iter().any(|other| comparable(field.kind, other.kind))
            {
                let words = format!("“{}”: “{id}” is of another kind", check.text);
                self.fault(full_id, "check", words);
            }
        }
        if let Term::Equals(value) | Term::Default(value) = &check.term
            && !self.takes(field, value)
        {
            let words = format!("“{}”: this field never takes “{value}”", check.text);
            self.fault(full_id, "check", words);
        }
    }

    /// A question that is shown only when it is itself shown never is.
    fn circle(&mut self, field: &Field) {
        let mut seen = HashSet::new();
        let mut next: Vec<&str> = conditions(field).collect();
        while let Some(id) = next.pop() {
            if id == field.id {
                let words = "this question’s condition leads back to itself".to_owned();
                return self.fault(&field.id, "show_when", words);
            }
            if seen.insert(id)
                && let Some(other) = self.form.field(id)
            {
                next.extend(conditions(other));
            }
        }
    }
}

fn conditions(field: &Field) -> impl Iterator<Item = &str> {
    field
        .show_when
        .iter()
        .flat_map(|when| &when.terms)
        .map(|term| term.field.as_str())
}

fn comparable(one: Kind, other: Kind) -> bool {
    let day = |kind| matches!(kind, Kind::Date | Kind::DateTime);
    (one.is_number() && other.is_number()) || (day(one) && day(other))
}
