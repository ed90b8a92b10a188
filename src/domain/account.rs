//! One continuous account of a case from what was agreed about it: age band, steps from the day of the death instead of
//! dates, kinds of place instead of places, roles instead of names. Which section goes where is data. Words that people
//! typed are marked as such: a person goes through them. Must not know who reads it, nor what is taken out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::form::{Answer, Answers, Dictionary, Field, Form, Identifies, Kind, Section, words};
use super::redaction::{Rules, part_of_day};
use super::table::{Line, lines};

const FILE: &str = "account.csv";

/// A heading with its paragraphs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub code: String,
    pub heading: String,
    /// What a reader will meet, before it opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    pub blocks: Vec<Block>,
}

/// One paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Unlike that of any other paragraph of the case; the same as long as it tells of the same.
    pub key: String,
    /// The form that it stands in; none for a document or a question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    pub text: String,
    /// Somebody typed it: what it gives away is not known beforehand.
    pub free: bool,
}

/// Where a section, or one question of it, stands in the account.
#[derive(Debug, Clone)]
struct Place {
    part: String,
    heading: String,
    /// What stands before the part, unless a person decided otherwise.
    note: Option<String>,
    form: String,
    section: String,
    field: Option<String>,
}

/// The order of an account.
#[derive(Debug, Clone, Default)]
pub struct Layout(Vec<Place>);

/// The part that is not shown.
const NOWHERE: &str = "none";

impl Layout {
    /// Reads the data file against a dictionary.
    ///
    /// # Errors
    /// Everything that cannot be right, as `account.csv:5: column section: …`.
    pub fn load(dict: &Dictionary, text: &str) -> Result<Self, Vec<String>> {
        let mut all = Vec::new();
        let faults = lines(FILE, text, |line| all.extend(line.place(dict)));
        if faults.is_empty() {
            Ok(Self(all))
        } else {
            Err(faults)
        }
    }

    /// Whether a question is not told with its section: it stands in another part, or nowhere.
    fn sets_apart(&self, form: &str, field: &str) -> bool {
        let is = |place: &&Place| place.form == form && place.field.as_deref() == Some(field);
        self.0.iter().any(|place| is(&place))
    }

    fn is_placed(&self, form: &str, section: &str) -> bool {
        let is = |place: &Place| place.form == form && place.section == section;
        self.0
            .iter()
            .any(|place| place.field.is_none() && is(place))
    }
}

impl Line<'_> {
    fn place(&mut self, dict: &Dictionary) -> Option<Place> {
        let (part, heading) = (self.text("part"), self.text("heading"));
        let (form, section) = (self.text("form"), self.text("section"));
        let field = Some(self.text("field")).filter(|field| !field.is_empty());
        if part.is_empty() || (part != NOWHERE && heading.is_empty()) {
            self.wrong("heading", "needs a part and a heading");
        }
        if self.text("basis").is_empty() {
            self.wrong("basis", "is empty");
        }
        let asked = dict.form(&form).and_then(|form| form.section(&section));
        let here = |field: &String| asked.is_some_and(|s| s.fields.iter().any(|f| f.id == *field));
        if asked.is_none() || field.as_ref().is_some_and(|field| !here(field)) {
            self.wrong("section", "is no such section or question of the form");
        }
        let note = Some(self.text("note")).filter(|note| !note.is_empty());
        if note.is_some() && part == NOWHERE {
            self.wrong("note", "stands before a part that is not shown");
        }
        self.is_sound().then_some(Place {
            part,
            heading,
            note,
            form,
            section,
            field,
        })
    }
}

/// What an account is written from.
pub struct Source<'a> {
    pub dict: &'a Dictionary,
    pub form: &'a Form,
    /// Without what names somebody.
    pub answers: &'a Answers,
}

/// The parts in the order of the layout; sections that it does not place follow, form by form.
pub fn account(layout: &Layout, rules: &Rules, sources: &[Source<'_>]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for place in layout.0.iter().filter(|place| place.part != NOWHERE) {
        let source = sources.iter().find(|source| source.form.code == place.form);
        let section = source.and_then(|s| Some((s, s.form.section(&place.section)?)));
        if let Some((source, section)) = section {
            let blocks = of_section(layout, rules, source, section, place.field.as_deref());
            let note = place.note.as_deref();
            put(&mut parts, &place.part, &place.heading, note, blocks);
        }
    }
    for source in sources {
        let code = &source.form.code;
        for section in &source.form.sections {
            if !layout.is_placed(code, &section.id) {
                let blocks = of_section(layout, rules, source, section, None);
                put(&mut parts, code, &source.form.label, None, blocks);
            }
        }
    }
    parts
}

fn put(
    parts: &mut Vec<Part>,
    code: &str,
    heading: &str,
    note: Option<&str>,
    mut blocks: Vec<Block>,
) {
    if blocks.is_empty() {
        return;
    }
    let note = note.map(str::to_owned);
    match parts.iter_mut().find(|part| part.code == code) {
        Some(part) => {
            part.blocks.append(&mut blocks);
            part.note = part.note.take().or(note);
        }
        None => parts.push(Part {
            code: code.to_owned(),
            heading: heading.to_owned(),
            note,
            blocks,
        }),
    }
}

/// What is short in one paragraph, and each longer answer in one of its own; of `only` one question of the section.
fn of_section(
    layout: &Layout,
    rules: &Rules,
    from: &Source<'_>,
    section: &Section,
    only: Option<&str>,
) -> Vec<Block> {
    let code = &from.form.code;
    let (mut facts, mut no, mut longer) = (Vec::new(), Vec::new(), Vec::new());
    for field in &section.fields {
        let Some(answer) = from.answers.get(&field.id) else {
            continue;
        };
        let elsewhere = match only {
            Some(only) => field.id != only,
            None => layout.sets_apart(code, &field.id),
        };
        let told_otherwise = rules.of(code, &field.id).is_some() || elsewhere;
        if told_otherwise || answer.is_blank() || answer.is_not_known() {
            continue;
        }
        let key = format!("{code}.{}", field.id);
        match answer {
            // The timeline has them.
            Answer::Date(_) | Answer::DateTime(_) => {}
            Answer::Time(time) => facts.push(sentence(&field.label, part_of_day(*time))),
            Answer::Rows(rows) => longer.extend(
                rows.iter()
                    .enumerate()
                    .filter(|(_, row)| !row.values().any(is_dated))
                    .filter_map(|(n, row)| of_row(rules, from, field, row, &format!("{key}.{n}"))),
            ),
            Answer::Boolean(false) => no.push(bare(&field.label)),
            Answer::Choice(said) if field.kind == Kind::YesNoUnknown && said == "no" => {
                no.push(bare(&field.label));
            }
            Answer::Choice(said) if matches!(said.as_str(), "not_known" | "not_applicable") => {}
            Answer::Text(text) => longer.push(Block {
                key,
                form: Some(code.clone()),
                label: Some(field.label.clone()),
                text: text.clone(),
                free: true,
            }),
            other => {
                let said = band(field, other).unwrap_or_else(|| words(from.dict, field, other));
                facts.push(sentence(&field.label, &said));
            }
        }
    }
    if !no.is_empty() {
        facts.push(format!("Answered with no: {}.", no.join("; ")));
    }
    let mut blocks = Vec::new();
    if !facts.is_empty() {
        blocks.push(Block {
            key: match only {
                Some(field) => format!("{code}:{}.{field}", section.id),
                None => format!("{code}:{}", section.id),
            },
            form: Some(code.clone()),
            label: None,
            text: facts.join(" "),
            free: false,
        });
    }
    blocks.append(&mut longer);
    blocks
}

fn is_dated(answer: &Answer) -> bool {
    matches!(answer, Answer::Date(_) | Answer::DateTime(_))
}

/// A row of a table in one line. It is free when one of its cells is.
fn of_row(
    rules: &Rules,
    from: &Source<'_>,
    table: &Field,
    row: &BTreeMap<String, Answer>,
    key: &str,
) -> Option<Block> {
    let (mut said, mut free) = (Vec::new(), false);
    for column in &table.columns {
        let Some(answer) = row.get(&column.id).filter(|answer| !answer.is_blank()) else {
            continue;
        };
        let name = format!("{}.{}", table.id, column.id);
        if rules.of(&from.form.code, &name).is_some() {
            continue;
        }
        free |= column.identifies == Identifies::FreeText || matches!(answer, Answer::Text(_));
        said.push(format!(
            "{}: {}",
            column.label,
            words(from.dict, column, answer)
        ));
    }
    (!said.is_empty()).then(|| Block {
        key: key.to_owned(),
        form: Some(from.form.code.clone()),
        label: Some(table.label.clone()),
        text: format!("{}.", said.join("; ")),
        free,
    })
}

/// A number that could point to one child is told as a band: weights of 500 g, ages and counts of five. Weeks of gestation
/// are told as they are: what they mean for a baby cannot be judged otherwise.
fn band(field: &Field, answer: &Answer) -> Option<String> {
    if field.identifies != Identifies::Indirect || field.unit.as_deref() == Some("weeks") {
        return None;
    }
    if field.id.contains("gestation") || field.id.contains("birth_order") {
        return None;
    }
    let (Answer::Integer(_) | Answer::Decimal(_)) = answer else {
        return None;
    };
    let number = answer
        .number()
        .filter(|number| (0.0..100_000.0).contains(number))?;
    let step = if field.unit.as_deref() == Some("g") {
        500.0
    } else {
        5.0
    };
    let from = (number / step).floor() * step;
    let unit = field
        .unit
        .as_deref()
        .map(|unit| format!(" {unit}"))
        .unwrap_or_default();
    Some(format!("{from} to {}{unit}", from + step - 1.0))
}

fn bare(label: &str) -> String {
    label.trim().trim_end_matches(['?', ':', '.']).to_owned()
}

fn sentence(label: &str, said: &str) -> String {
    let mark = if label.trim_end().ends_with('?') {
        "?"
    } else {
        ":"
    };
    format!("{}{mark} {said}.", bare(label))
}

/// The answers without those that are told otherwise, also in tables.
pub fn told_of(rules: &Rules, form: &Form, mut answers: Answers) -> Answers {
    answers.0.retain(|id, _| rules.of(&form.code, id).is_none());
    for (id, answer) in &mut answers.0 {
        if let Answer::Rows(rows) = answer {
            for row in rows {
                row.retain(|cell, _| rules.of(&form.code, &format!("{id}.{cell}")).is_none());
            }
        }
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::library;

    const HEAD: &str = "part,heading,form,section,field,note,basis\n";

    #[test]
    fn what_a_post_mortem_found_stands_in_a_part_of_its_own_behind_a_note() {
        let library = library();
        let dict = library.current();
        let text = include_str!("../../fixtures/account.csv");
        let layout = Layout::load(dict, text).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let form = dict.form("reporting").unwrap();
        let mut answers = Answers::default();
        let said = |text: &str| Answer::Text(text.to_owned());
        answers.set("presenting_history", said("Found in the morning."));
        answers.set("post_mortem_findings", said("Detail of the examination."));
        let sources = [Source {
            dict,
            form,
            answers: &answers,
        }];
        let parts = account(&layout, &Rules::default(), &sources);
        let told: Vec<(&str, Option<&str>, &str)> = parts
            .iter()
            .map(|part| {
                let text = part.blocks[0].text.as_str();
                (part.code.as_str(), part.note.as_deref(), text)
            })
            .collect();
        assert_eq!(
            told,
            [
                ("death", None, "Found in the morning."),
                (
                    "post_mortem",
                    Some("What the post-mortem found."),
                    "Detail of the examination."
                ),
            ]
        );
    }

    #[test]
    fn a_note_before_what_is_not_shown_is_named() {
        let library = library();
        let line = "none,,notification,referrer,,Words.,proposed\n";
        let faults = Layout::load(library.current(), &format!("{HEAD}{line}")).unwrap_err();
        assert!(
            faults[0].starts_with("account.csv:2: column note"),
            "{faults:?}"
        );
    }
}
