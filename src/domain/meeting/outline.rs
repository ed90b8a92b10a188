//! The outline of minutes for each purpose, as the data file gives it, and which part fills which question of a form.
//! Must not know what was said.

use super::Purpose;
use crate::domain::form::{Dictionary, Kind};
use crate::domain::table::{Line, lines};

/// Name of the data file, as faults name it.
const FILE: &str = "minutes.csv";

/// One part of the minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub purpose: Purpose,
    pub code: String,
    pub label: String,
    pub hint: String,
    /// Form and question that it fills.
    pub fills: Option<(String, String)>,
}

/// Every part of every purpose, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outlines(Vec<Part>);

impl Outlines {
    /// Reads the data file against a dictionary.
    ///
    /// # Errors
    /// Everything that cannot be right, as `minutes.csv:5: column part: …`.
    pub fn load(dict: &Dictionary, text: &str) -> Result<Self, Vec<String>> {
        let mut all: Vec<Part> = Vec::new();
        let faults = lines(FILE, text, |line| all.extend(line.part(dict, &all)));
        if faults.is_empty() {
            Ok(Self(all))
        } else {
            Err(faults)
        }
    }

    /// The parts of the minutes of a meeting of this purpose.
    pub fn of(&self, purpose: Purpose) -> impl Iterator<Item = &Part> {
        self.0.iter().filter(move |part| part.purpose == purpose)
    }
}

impl Line<'_> {
    fn part(&mut self, dict: &Dictionary, before: &[Part]) -> Option<Part> {
        let purpose = self.text("purpose");
        let purpose: Option<Purpose> = self.coded("purpose", &purpose);
        let code = self.text("part");
        let (label, hint) = (self.text("label"), self.text("hint"));
        let (to_form, to_field) = (self.text("to_form"), self.text("to_field"));
        if self.text("basis").is_empty() {
            self.wrong("basis", "is empty");
        }
        if code.is_empty() || label.is_empty() {
            self.wrong("part", "needs a code and a label");
        }
        if before
            .iter()
            .any(|part| Some(part.purpose) == purpose && part.code == code)
        {
            self.wrong("part", &format!("{code} stands in an earlier line"));
        }
        let fills = (!to_form.is_empty()).then_some((to_form, to_field));
        if let Some((form, field)) = &fills {
            let field = dict.form(form).and_then(|form| form.field(field));
            if field.is_none_or(|field| field.kind != Kind::LongText) {
                self.wrong(
                    "to_field",
                    "is no question of that form with several lines for its answer",
                );
            }
        }
        let purpose = purpose.filter(|_| self.is_sound())?;
        Some(Part {
            purpose,
            code,
            label,
            hint,
            fills,
        })
    }
}
