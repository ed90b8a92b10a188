//! A form's questions as the page shows them: what kind of input, its words, what stands in it,
//! and what is wrong with it, ready for `components/question.html`.
//! Knows the dictionary and the engine's answers; it decides nothing about who may see a
//! question, which are shown, or whether an answer is right.

mod choice;
mod summary;
mod table;
mod text;
mod values;

use crate::domain::form::{
    AnsweredBy, Answers, Dictionary, Field, Form, Kind, LONGEST_REASON, Posted, Problem, Reasons,
    Severity,
};
use serde::Serialize;
use values::Values;

pub use summary::{ErrorSummary, SummaryItem, confirm_key, error_summary};

/// What a page asks of its questions beside their answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// The warnings already confirmed, by [`confirm_key`]; their boxes stay ticked. What is
    /// posted as `confirm` counts too.
    pub confirmed: Option<&'a Reasons>,
    /// Whether confirming one takes a reason.
    pub asks_why: bool,
    /// The table to show one more empty row in, when the page was asked for with a link. A posted
    /// `add` or `remove` is followed by itself.
    pub add: Option<&'a str>,
    /// Adds "(optional)" to the words of what need not be answered.
    pub mark_optional: bool,
}

/// Which component shows the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Control {
    Input,
    Textarea,
    /// Boxes in [`Question::parts`]: day, month, year, and hour, minute for a date with a time.
    Date,
    Radios,
    Select,
    Checkboxes,
    Table,
}

/// One question, ready to show.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Question {
    /// The input's name, and the id of the first input but for [`Control::Date`].
    pub id: String,
    pub control: Control,
    pub label: String,
    pub hint: Option<String>,
    /// A table's cell: smaller words, full width.
    pub nested: bool,
    pub value: String,
    pub values: Vec<String>,
    pub items: Vec<Item>,
    pub parts: Vec<Part>,
    pub rows: Vec<table::Row>,
    pub style: text::Style,
    /// Side by side, for two to four short items.
    pub inline: bool,
    /// What must be put right, in the words of the error summary.
    pub errors: Vec<String>,
    pub warnings: Vec<Warning>,
    /// Whether "Not known" can be ticked beside the input, and if so whether it is.
    pub not_known: Option<bool>,
    pub autofocus: bool,
}

/// One of the answers to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    pub value: String,
    pub text: String,
    /// `exclusive` unticks the others where scripts run: "None of these".
    pub behaviour: Option<&'static str>,
}

/// One box of a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    pub name: &'static str,
    pub value: String,
    /// In characters.
    pub width: u8,
}

/// What is said where a reason is missing.
const SAY_WHY: &str = "Say why this is right";
const TOO_LONG: &str = "The reason must have 1,000 characters or fewer";

/// Something to look at again, which the person can confirm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Posted as `confirm`.
    pub key: String,
    pub message: String,
    pub confirmed: bool,
    /// Why it is right, where that is asked: the name of its box, what stands in it, and what is wrong with it.
    pub why: Option<Why>,
}

/// The reason for which a warning is right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Why {
    pub name: String,
    pub value: String,
    pub error: Option<&'static str>,
}

/// The name of the box for the reason that goes with a confirmation.
pub fn why_name(key: &str) -> String {
    format!("why-{key}")
}

/// The questions of `fields`, in their order. With a post, what was typed is shown as it was
/// typed; without one, the answers held. What the system answers is left out.
pub fn questions(
    dict: &Dictionary,
    form: &Form,
    fields: &[&Field],
    answers: &Answers,
    posted: Option<&Posted>,
    problems: &[Problem],
    options: &Options,
) -> Vec<Question> {
    let typed: Vec<&Field> = fields
        .iter()
        .filter(|field| field.answered_by != AnsweredBy::System)
        .copied()
        .collect();
    let values = posted.map_or_else(|| Values::held(&typed, answers), Values::posted);
    let page = Page {
        dict,
        form,
        answers,
        values,
        problems,
        options,
    };
    typed
        .into_iter()
        .map(|field| page.question(field, None))
        .collect()
}

/// The id of the first input of a field whose name is `name`: where an error summary leads.
fn first_input(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Date | Kind::DateTime => format!("{name}-day"),
        _ => name.to_owned(),
    }
}

struct Page<'a> {
    dict: &'a Dictionary,
    form: &'a Form,
    answers: &'a Answers,
    values: Values,
    problems: &'a [Problem],
    options: &'a Options<'a>,
}

/// Where in a table a cell stands: shown as row `shown`, posted or held as row `source`.
#[derive(Clone, Copy)]
struct Cell<'a> {
    table: &'a Field,
    shown: usize,
    source: usize,
}

impl Page<'_> {
    fn question(&self, field: &Field, cell: Option<Cell>) -> Question {
        let name = |row: fn(&Cell) -> usize| match &cell {
            Some(at) => format!("{}-{}-{}", at.table.id, row(at), field.id),
            None => field.id.clone(),
        };
        let source = name(|at| at.source);
        let value = self.values.first(&source);
        let control = self.control(field);
        let problems = self.problems_at(field, cell);
        Question {
            id: name(|at| at.shown),
            control,
            label: self.label(field),
            hint: text::hint(field),
            nested: cell.is_some(),
            value: choice::code_of(field, value),
            values: self.values.all(&source).to_vec(),
            items: self.items(field, cell, &source),
            parts: self.parts(field.kind, &source),
            rows: if control == Control::Table {
                self.rows(field)
            } else {
                Vec::new()
            },
            style: text::style(field, cell.is_some()),
            inline: matches!(field.kind, Kind::Boolean | Kind::YesNoUnknown),
            errors: messages(&problems),
            warnings: self.warnings(&problems),
            not_known: self.not_known(field, &source),
            autofocus: false,
        }
    }

    fn control(&self, field: &Field) -> Control {
        match field.kind {
            Kind::Text | Kind::Time | Kind::Integer | Kind::Decimal => Control::Input,
            Kind::LongText => Control::Textarea,
            Kind::Date | Kind::DateTime => Control::Date,
            Kind::Boolean | Kind::YesNoUnknown => Control::Radios,
            Kind::SingleChoice if self.codes(field).len() <= choice::MOST_RADIOS => Control::Radios,
            Kind::SingleChoice => Control::Select,
            Kind::MultiChoice => Control::Checkboxes,
            Kind::Table => Control::Table,
        }
    }

    fn label(&self, field: &Field) -> String {
        if self.options.mark_optional && !must_answer(field) {
            format!("{} (optional)", field.label)
        } else {
            field.label.clone()
        }
    }

    fn parts(&self, kind: Kind, name: &str) -> Vec<Part> {
        let names: &[(&str, u8)] = match kind {
            Kind::Date => &[("day", 2), ("month", 2), ("year", 4)],
            Kind::DateTime => &[
                ("day", 2),
                ("month", 2),
                ("year", 4),
                ("hour", 2),
                ("minute", 2),
            ],
            _ => &[],
        };
        let part = |&(part, width): &(&'static str, u8)| Part {
            name: part,
            value: self.values.first(&format!("{name}-{part}")).to_owned(),
            width,
        };
        names.iter().map(part).collect()
    }

    /// The problems of a question itself: for a table without those of its cells.
    fn problems_at(&self, field: &Field, cell: Option<Cell>) -> Vec<&Problem> {
        let here = |p: &&Problem| match cell {
            Some(at) => {
                p.field == at.table.id
                    && p.row == Some(at.source)
                    && p.column.as_ref() == Some(&field.id)
            }
            None => p.field == field.id && p.row.is_none() && p.column.is_none(),
        };
        self.problems.iter().filter(here).collect()
    }

    fn warnings(&self, problems: &[&Problem]) -> Vec<Warning> {
        let warns = problems.iter().filter(|p| p.severity == Severity::Warn);
        warns
            .map(|problem| {
                let key = confirm_key(problem);
                let ticked = self.values.all("confirm").contains(&key);
                let held = self.options.confirmed.and_then(|held| held.get(&key));
                let why = self.options.asks_why.then(|| {
                    let name = why_name(&key);
                    let typed = self.values.first(&name);
                    let value = match held {
                        Some(held) if typed.is_empty() => held.clone(),
                        _ => typed.to_owned(),
                    };
                    let error = match value.trim().chars().count() {
                        0 => ticked.then_some(SAY_WHY),
                        n => (n > LONGEST_REASON).then_some(TOO_LONG),
                    };
                    Why { name, value, error }
                });
                Warning {
                    confirmed: held.is_some() || ticked,
                    key,
                    message: problem.message.clone(),
                    why,
                }
            })
            .collect()
    }

    /// "Not known" is a fair answer to whatever must be answered. A list that has a code for it
    /// needs no box; nor does the NHS number, whose absence has a question of its own (ID-4).
    /// Where it has been said all the same, the box shows it.
    fn not_known(&self, field: &Field, name: &str) -> Option<bool> {
        let ticked = self.values.first(&format!("{name}-not_known")) == "yes";
        let code = || {
            self.codes(field)
                .iter()
                .any(|c| choice::is_not_known(&c.code))
        };
        let has_code = field.kind.is_choice() && code();
        let offered = must_answer(field) && !has_code && !text::has_check(field, "nhs_number");
        (offered || ticked).then_some(ticked)
    }
}

/// Each message once: two rules may find the same thing.
fn messages(problems: &[&Problem]) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    for problem in problems.iter().filter(|p| p.severity == Severity::Stop) {
        if !messages.contains(&problem.message) {
            messages.push(problem.message.clone());
        }
    }
    messages
}

fn must_answer(field: &Field) -> bool {
    field.required || text::has_check(field, "required")
}

#[cfg(test)]
mod tests;
