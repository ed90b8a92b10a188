//! A form read back: every section with its answers in words, and what is missing or to be looked at.

use serde::Serialize;

use super::Journey;
use crate::domain::form::{Answer, Dictionary, Field, Kind, Problem, Section, words};

/// One answer as it is read back.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub field: String,
    pub label: String,
    pub value: String,
    /// For a table: each row as label and words.
    pub rows: Vec<Vec<(String, String)>>,
    pub answered: bool,
    pub required: bool,
    pub problems: Vec<String>,
    pub href: String,
}

/// A section as it is read back.
#[derive(Clone, Debug, Serialize)]
pub struct Read {
    pub id: String,
    pub label: String,
    pub href: String,
    pub lines: Vec<Line>,
}

impl Journey<'_> {
    /// Every section read back, with what is missing or to be looked at.
    pub fn read_back(&self, problems: &[Problem], only_answered: bool) -> Vec<Read> {
        let open = self.open();
        self.sections()
            .into_iter()
            .map(|section| {
                let href = format!("{}/{}", self.base, section.id);
                let lines = self
                    .shown(section, &open)
                    .into_iter()
                    .filter(|f| {
                        self.answers.is_answered(&f.id) || !(only_answered || self.spared(f))
                    })
                    .map(|f| self.line(f, &href, problems))
                    .collect();
                Read {
                    id: section.id.clone(),
                    label: section.label.clone(),
                    href,
                    lines,
                }
            })
            .collect()
    }

    /// Every answer of a form that was sent, section by section. What was not asked was taken out when it was sent.
    pub fn sent(&self) -> Vec<Read> {
        let section = |section: &Section| Read {
            id: section.id.clone(),
            label: section.label.clone(),
            href: String::new(),
            lines: section
                .fields
                .iter()
                .filter(|f| (self.wanted)(f) && self.answers.is_answered(&f.id))
                .map(|f| self.line(f, "", &[]))
                .collect(),
        };
        self.outline.iter().map(section).collect()
    }

    fn line(&self, field: &Field, href: &str, problems: &[Problem]) -> Line {
        let answer = self.answers.get(&field.id);
        let target = match field.kind {
            Kind::Date | Kind::DateTime => format!("{href}#{}-day", field.id),
            _ => format!("{href}#{}", field.id),
        };
        Line {
            field: field.id.clone(),
            label: field.label.clone(),
            value: answer
                .map(|a| words(self.dict, field, a))
                .unwrap_or_default(),
            rows: answer
                .map(|a| table_words(self.dict, field, a))
                .unwrap_or_default(),
            answered: answer.is_some(),
            required: field.required,
            problems: problems
                .iter()
                .filter(|p| p.field == field.id)
                .map(|p| p.message.clone())
                .collect(),
            href: target,
        }
    }
}

/// The rows of a table's answer: label and words of each answered cell.
pub fn table_words(
    dict: &Dictionary,
    field: &Field,
    answer: &Answer,
) -> Vec<Vec<(String, String)>> {
    let Answer::Rows(rows) = answer else {
        return Vec::new();
    };
    rows.iter()
        .map(|row| {
            field
                .columns
                .iter()
                .filter_map(|c| Some((c.label.clone(), words(dict, c, row.get(&c.id)?))))
                .collect()
        })
        .collect()
}
