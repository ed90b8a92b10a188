//! The answers a choice offers.

use super::{Cell, Item, Page};
use crate::domain::form::{Code, Field, Kind};

/// Longer lists are a select: nine still fit one look.
pub(super) const MOST_RADIOS: usize = 9;

pub(super) fn is_not_known(code: &str) -> bool {
    matches!(code, "not_known" | "unknown")
}

/// A boolean is asked as yes or no, however it is written down.
pub(super) fn code_of(field: &Field, value: &str) -> String {
    match (field.kind, value) {
        (Kind::Boolean, "true") => "yes",
        (Kind::Boolean, "false") => "no",
        _ => value,
    }
    .to_owned()
}

impl<'a> Page<'a> {
    /// The whole list of a choice; for yes-or-no questions, their own.
    pub(super) fn codes(&self, field: &Field) -> &'a [Code] {
        let own = if field.kind == Kind::YesNoUnknown {
            "yes_no_unknown"
        } else {
            ""
        };
        self.dict.codes(field.codes.as_deref().unwrap_or(own))
    }

    pub(super) fn items(&self, field: &Field, cell: Option<Cell>, name: &str) -> Vec<Item> {
        if field.kind == Kind::Boolean {
            return vec![item("yes", "Yes"), item("no", "No")];
        }
        if !field.kind.is_choice() {
            return Vec::new();
        }
        let codes = self.codes(field);
        let parent = self.parent(codes, cell);
        let chosen = self.values.all(name);
        let offered = codes.iter().filter(|code| {
            parent.is_none_or(|p| code.parent.as_deref() == Some(p)) || chosen.contains(&code.code)
        });
        let mut items: Vec<Item> = offered.map(|code| of(field, code)).collect();
        // A code that a later list has lost is still this person's answer.
        let lost = chosen
            .iter()
            .filter(|c| !c.is_empty() && !codes.iter().any(|k| k.code == **c));
        items.extend(lost.map(|code| item(code, code)));
        if codes.len() > MOST_RADIOS && field.kind == Kind::SingleChoice {
            items.insert(0, item("", ""));
        }
        items
    }

    /// The part of a list that belongs here, where a list has parts: by the table's own ending
    /// (`factors_b` offers what stands under `b`), or by the answer to the one question of the
    /// form that chooses among the parts (a sub-category under its category).
    fn parent<'c>(&self, codes: &'c [Code], cell: Option<Cell>) -> Option<&'c str> {
        let parents = || codes.iter().filter_map(|code| code.parent.as_deref());
        let ending = cell
            .and_then(|at| at.table.id.rsplit_once('_'))
            .map(|(_, ending)| ending);
        parents()
            .find(|parent| Some(*parent) == ending)
            .or_else(|| {
                let chosen = self
                    .form
                    .fields()
                    .filter(|f| f.kind == Kind::SingleChoice)
                    .find_map(|f| {
                        let whole =
                            parents().all(|p| self.codes(f).iter().any(|code| code.code == p));
                        whole.then(|| self.answers.choice(&f.id)).flatten()
                    })?;
                parents().find(|parent| *parent == chosen)
            })
    }
}

fn of(field: &Field, code: &Code) -> Item {
    let text = match code.code.as_str() {
        // The list's own words carry abbreviations for the return.
        "not_known" if field.kind == Kind::YesNoUnknown => "Not known",
        "not_applicable" if field.kind == Kind::YesNoUnknown => "Not applicable",
        _ => &code.label,
    };
    let exclusive = field.kind == Kind::MultiChoice
        && (is_not_known(&code.code) || matches!(code.code.as_str(), "none" | "not_applicable"));
    Item {
        behaviour: exclusive.then_some("exclusive"),
        ..item(&code.code, text)
    }
}

fn item(value: &str, text: &str) -> Item {
    Item {
        value: value.to_owned(),
        text: text.to_owned(),
        behaviour: None,
    }
}
