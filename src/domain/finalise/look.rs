//! What the rules share: the case seen whole, and the building of what they find.

use chrono::{NaiveDate, NaiveDateTime};

use super::{Missing, Place, WholeCase};
use crate::domain::age::Age;
use crate::domain::form::{Answer, Answers, Dictionary, Severity, Surroundings};
use crate::domain::supplementary::{Opened, opened};

/// The case, with what follows from it.
pub(super) struct Look<'a> {
    pub case: &'a WholeCase<'a>,
    pub today: NaiveDate,
    pub now: NaiveDateTime,
    pub opened: Vec<Opened>,
}

impl<'a> Look<'a> {
    pub fn new(case: &'a WholeCase<'a>, today: NaiveDate, now: NaiveDateTime) -> Self {
        let opened = opened(case.dict, case.openings, &case.record);
        Self {
            case,
            today,
            now,
            opened,
        }
    }

    pub fn dict(&self) -> &'a Dictionary {
        self.case.dict
    }

    /// The answers of a form; none when it has not been answered.
    pub fn form(&self, code: &str) -> Option<&'a Answers> {
        self.case.record.form(code)
    }

    pub fn get(&self, form: &str, field: &str) -> Option<Answer> {
        self.case.record.get(form, field)
    }

    /// A date that is known.
    pub fn date(&self, form: &str, field: &str) -> Option<NaiveDate> {
        self.form(form)?.date(field)
    }

    pub fn choice(&self, form: &str, field: &str) -> Option<&'a str> {
        self.form(form)?.choice(field)
    }

    pub fn choices(&self, form: &str, field: &str) -> &'a [String] {
        self.form(form)
            .map_or(&[], |answers| answers.choices(field))
    }

    pub fn number(&self, form: &str, field: &str) -> Option<f64> {
        self.form(form)?.get(field)?.number()
    }

    pub fn says(&self, form: &str, field: &str, code: &str) -> bool {
        self.choice(form, field) == Some(code)
    }

    pub fn answered(&self, form: &str, field: &str) -> bool {
        self.form(form)
            .is_some_and(|answers| answers.is_answered(field))
    }

    pub fn age(&self) -> Option<Age> {
        self.case.record.age()
    }

    pub fn death(&self) -> Option<NaiveDate> {
        self.date("notification", "date_of_death")
    }

    /// What lies around one form of this case.
    pub fn around<'b>(&self, elsewhere: &'b dyn Fn(&str) -> Option<Answer>) -> Surroundings<'b> {
        Surroundings {
            today: self.today,
            now: self.now,
            elsewhere,
        }
    }

    pub fn form_label(&self, code: &str) -> &'a str {
        self.dict()
            .form(code)
            .map_or("", |form| form.label.as_str())
    }

    /// A question's wording, in quotation marks.
    pub fn quoted(&self, form: &str, field: &str) -> String {
        let label = self
            .dict()
            .form(form)
            .and_then(|form| form.field(field))
            .map_or("", |field| &field.label);
        format!("“{label}”")
    }
}

/// What a rule finds.
pub(super) struct Found {
    form: String,
    field: Option<String>,
    row: Option<usize>,
    column: Option<String>,
    message: String,
    place: Option<Place>,
}

impl Found {
    /// At a question.
    pub fn at(form: &str, field: &str, message: impl Into<String>) -> Self {
        Self {
            form: form.to_owned(),
            field: Some(field.to_owned()),
            row: None,
            column: None,
            message: message.into(),
            place: None,
        }
    }

    /// At a table's cell.
    pub fn in_cell(
        form: &str,
        table: &str,
        row: usize,
        column: &str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            row: Some(row),
            column: Some(column.to_owned()),
            ..Self::at(form, table, message)
        }
    }

    /// At something that is no question.
    pub fn in_place(form: &str, place: Place, message: impl Into<String>) -> Self {
        Self {
            form: form.to_owned(),
            field: None,
            row: None,
            column: None,
            message: message.into(),
            place: Some(place),
        }
    }

    /// With another place than the question itself.
    pub fn put_right_at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    pub fn is_at(&self, held: &Missing) -> bool {
        self.form == held.form
            && self.field == held.field
            && self.row == held.row
            && self.column == held.column
    }

    pub fn into_missing(self, rule: &str, severity: Severity, dict: &Dictionary) -> Missing {
        let place = self
            .place
            .unwrap_or_else(|| place_of(dict, &self.form, self.field.as_deref()));
        Missing {
            rule: rule.to_owned(),
            severity,
            form: self.form,
            field: self.field,
            row: self.row,
            column: self.column,
            message: self.message,
            place,
        }
    }
}

/// The question's place, or the whole form's where the question is not in the dictionary.
pub(super) fn place_of(dict: &Dictionary, form: &str, field: Option<&str>) -> Place {
    let section = field.and_then(|field| dict.form(form)?.section_of(field));
    match (section, field) {
        (Some(section), Some(field)) => Place::Question {
            form: form.to_owned(),
            section: section.id.clone(),
            field: field.to_owned(),
        },
        _ => Place::Form(form.to_owned()),
    }
}

/// One finding or none.
pub(super) fn when(holds: bool, found: impl FnOnce() -> Found) -> Vec<Found> {
    if holds { vec![found()] } else { Vec::new() }
}
