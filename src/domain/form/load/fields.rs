//! Reads one form's file: a question a line, a table's columns after their table.

use std::collections::HashMap;

use super::cross::Lines;
use super::fault::Faults;
use super::table::{self, Line};
use crate::domain::form::check::Check;
use crate::domain::form::{AnsweredBy, Basis, Code, Condition, Field, Identifies, Kind, Section};

const COLUMNS: [&str; 16] = [
    "section",
    "section_label",
    "field",
    "label",
    "type",
    "codes",
    "unit",
    "required",
    "answered_by",
    "show_when",
    "check",
    "national",
    "identifies",
    "basis",
    "note",
    "source",
];

/// One line's cells, with somewhere to say what is wrong in them.
struct Reading<'r, 'c> {
    path: &'r str,
    line: Line<'c>,
    faults: &'r mut Faults,
}

pub(super) fn read(
    path: &str,
    text: &str,
    lists: &HashMap<String, Vec<Code>>,
    places: &mut Lines,
    faults: &mut Faults,
) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in table::lines(path, text, &COLUMNS, faults) {
        let mut reading = Reading { path, line, faults };
        let field = reading.field(lists);
        places.note(path, &field.id, reading.line.number);
        reading.place(field, &mut sections);
    }
    sections
}

impl Reading<'_, '_> {
    fn fault(&mut self, column: &str, message: impl Into<String>) {
        self.faults.at(self.path, self.line.number, column, message);
    }

    fn filled(&mut self, column: &str) -> String {
        self.line.filled(column, self.path, self.faults)
    }

    /// The field as the line has it; its id still with the table's before the dot.
    fn field(&mut self, lists: &HashMap<String, Vec<Code>>) -> Field {
        let id = self.filled("field");
        if !is_id(&id) {
            self.fault("field", format!("“{id}” must be lower-case letters, digits and _, with one dot for a table’s column"));
        }
        let kind = self.named("type", kind).unwrap_or(Kind::Text);
        let unit = self.line.cell("unit");
        let unit = (!unit.is_empty()).then(|| unit.to_owned());
        Field {
            label: self.filled("label"),
            kind,
            codes: self.codes(kind, lists),
            unit,
            required: self.yes("required"),
            answered_by: self
                .named("answered_by", answered_by)
                .unwrap_or(AnsweredBy::System),
            show_when: self.condition(),
            checks: self.checks(kind),
            national: self.yes("national"),
            identifies: self
                .named("identifies", identifies)
                .unwrap_or(Identifies::Direct),
            basis: self.named("basis", basis).unwrap_or(Basis::Inferred),
            note: self.line.cell("note").to_owned(),
            source: self.line.cell("source").to_owned(),
            columns: Vec::new(),
            id,
        }
    }

    fn named<T>(&mut self, column: &str, of: fn(&str) -> Option<T>) -> Option<T> {
        let text = self.line.cell(column).to_owned();
        let value = of(&text);
        if value.is_none() {
            self.fault(column, format!("“{text}” is not known here"));
        }
        value
    }

    fn yes(&mut self, column: &str) -> bool {
        let text = self.line.cell(column).to_owned();
        if !matches!(text.as_str(), "yes" | "no") {
            self.fault(column, format!("“{text}” must be yes or no"));
        }
        text == "yes"
    }

    fn codes(&mut self, kind: Kind, lists: &HashMap<String, Vec<Code>>) -> Option<String> {
        let mut list = self.line.cell("codes").to_owned();
        if list.is_empty() && kind == Kind::YesNoUnknown {
            "yes_no_unknown".clone_into(&mut list);
        }
        match (kind.is_choice(), list.is_empty()) {
            (false, true) => return None,
            (false, false) => self.fault("codes", format!("a {} takes no codes", kind.name())),
            (true, true) => self.fault("codes", format!("a {} needs a code list", kind.name())),
            (true, false) if !lists.contains_key(&list) => {
                self.fault("codes", format!("codes.csv has no list “{list}”"));
            }
            (true, false) => {}
        }
        Some(list)
    }

    fn condition(&mut self) -> Option<Condition> {
        let text = self.line.cell("show_when").to_owned();
        if text.is_empty() {
            return None;
        }
        Condition::parse(&text)
            .map_err(|words| self.fault("show_when", words))
            .ok()
    }

    fn checks(&mut self, kind: Kind) -> Vec<Check> {
        let (checks, errors) = Check::parse_all(self.line.cell("check"));
        for words in errors {
            self.fault("check", words);
        }
        for check in checks.iter().filter(|check| !check.term.fits(kind)) {
            self.fault(
                "check",
                format!("“{}” cannot apply to a {}", check.text, kind.name()),
            );
        }
        checks
    }

    /// Puts a question into its section, or a column into its table.
    fn place(&mut self, mut field: Field, sections: &mut Vec<Section>) {
        if let Some((table, column)) = field.id.clone().split_once('.') {
            column.clone_into(&mut field.id);
            return self.place_column(table, field, sections);
        }
        if sections
            .iter()
            .flat_map(|section| &section.fields)
            .any(|held| held.id == field.id)
        {
            return self.fault("field", format!("“{}” is on this form already", field.id));
        }
        let (id, label) = (self.filled("section"), self.filled("section_label"));
        match sections.iter_mut().find(|section| section.id == id) {
            Some(section) => {
                if section.label != label {
                    let words = format!("section “{id}” was called “{}” before", section.label);
                    self.fault("section_label", words);
                }
                section.fields.push(field);
            }
            None => sections.push(Section {
                id,
                label,
                fields: vec![field],
            }),
        }
    }

    fn place_column(&mut self, table: &str, column: Field, sections: &mut [Section]) {
        let found = sections
            .iter_mut()
            .flat_map(|section| &mut section.fields)
            .find(|held| held.id == table && held.kind == Kind::Table);
        let Some(found) = found else {
            return self.fault(
                "field",
                format!("there is no table “{table}” above this column"),
            );
        };
        if column.kind == Kind::Table {
            return self.fault("type", "a table cannot stand in a table");
        }
        if found.column(&column.id).is_some() {
            let words = format!("“{}” is a column of this table already", column.id);
            return self.fault("field", words);
        }
        found.columns.push(column);
    }
}

/// Ids are part of post names, where `-` parts them, so they hold none.
fn is_id(id: &str) -> bool {
    let sound = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    match id.split_once('.') {
        Some((table, column)) => sound(table) && sound(column),
        None => sound(id),
    }
}

fn kind(text: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.name() == text)
}

fn answered_by(text: &str) -> Option<AnsweredBy> {
    match text {
        "notifier" => Some(AnsweredBy::Notifier),
        "respondent" => Some(AnsweredBy::Respondent),
        "staff" => Some(AnsweredBy::Staff),
        "system" => Some(AnsweredBy::System),
        _ => None,
    }
}

fn identifies(text: &str) -> Option<Identifies> {
    match text {
        "direct" => Some(Identifies::Direct),
        "indirect" => Some(Identifies::Indirect),
        "free_text" => Some(Identifies::FreeText),
        "none" => Some(Identifies::None),
        _ => None,
    }
}

fn basis(text: &str) -> Option<Basis> {
    match text {
        "seen" => Some(Basis::Seen),
        "recalled" => Some(Basis::Recalled),
        "inferred" => Some(Basis::Inferred),
        _ => None,
    }
}
