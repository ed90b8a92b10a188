//! The outline of minutes for each purpose, as the data file gives it, and which part fills which question of a form.
//! Must not know what was said.

use super::Purpose;
use crate::domain::form::{Dictionary, Field, Kind};
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
    pub asks: Asks,
}

/// What is written in a part of the minutes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Asks {
    #[default]
    Lines,
    Line,
    /// One of these codes, each with its words.
    One(Vec<(String, String)>),
}

/// Characters of a part that is one line.
const LONGEST_LINE: usize = 300;

impl Part {
    /// What was written, in words.
    pub fn shown<'a>(&'a self, text: &'a str) -> &'a str {
        let Asks::One(codes) = &self.asks else {
            return text;
        };
        let found = codes.iter().find(|(code, _)| code == text);
        found.map_or(text, |(_, label)| label.as_str())
    }

    /// What is wrong with what was written, in words.
    pub fn fault(&self, text: &str) -> Option<String> {
        let (most, length) = match &self.asks {
            Asks::Lines => (20_000, "20,000"),
            Asks::Line if text.contains(['\n', '\r']) => {
                return Some(format!("“{}” must be one line", self.label));
            }
            Asks::Line => (LONGEST_LINE, "300"),
            Asks::One(codes) => {
                let known = text.is_empty() || codes.iter().any(|(code, _)| code == text);
                return (!known).then(|| format!("Choose one of “{}”", self.label));
            }
        };
        let long = text.chars().count() > most;
        long.then(|| format!("“{}” must have {length} characters or fewer", self.label))
    }
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
        let mut what = Asks::Lines;
        let fills = (!to_form.is_empty()).then_some((to_form, to_field));
        if let Some((form, field)) = &fills {
            let field = dict.form(form).and_then(|form| form.field(field));
            match field.map(|field| asks(dict, field)) {
                Some(Some(found)) => what = found,
                _ => self.wrong(
                    "to_field",
                    "is no question of that form whose answer is words or one of a list",
                ),
            }
        }
        let purpose = purpose.filter(|_| self.is_sound())?;
        Some(Part {
            purpose,
            code,
            label,
            hint,
            fills,
            asks: what,
        })
    }
}

fn asks(dict: &Dictionary, field: &Field) -> Option<Asks> {
    match field.kind {
        Kind::LongText => Some(Asks::Lines),
        Kind::Text => Some(Asks::Line),
        Kind::SingleChoice => {
            let codes = dict.codes(field.codes.as_deref()?).iter();
            let all = codes.map(|code| (code.code.clone(), code.label.clone()));
            Some(Asks::One(all.collect()))
        }
        _ => None,
    }
}
