//! The rows of "ask for information": who is proposed from the notification, what was typed, and what is
//! wrong with it. Must not send anything.

mod propose;
#[cfg(test)]
mod tests;
mod typed;

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use crate::domain::form::{Dictionary, FormKind};
use crate::domain::holders::Holders;
use crate::store::requests::Request;

pub use propose::{Beside, proposed};
pub use typed::{judged, typed, warned};

/// More rows than this are not read.
const MOST_ROWS: usize = 60;

/// One row of the page, proposed or as it was typed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    /// The number in its field names.
    pub number: usize,
    /// Where the proposal comes from: `notification`, `gp`, `school`, `consultant`, `notifier`, `rule` for what the
    /// circumstances speak for, `directory` for somebody found there, or nothing for the row in which somebody else
    /// is typed.
    pub from: String,
    /// Why the circumstances speak for it.
    pub reason: String,
    /// Id of the contact of the directory whose name and address these are.
    pub contact: String,
    pub chosen: bool,
    pub agency: String,
    pub professional_type: String,
    pub name: String,
    pub organisation: String,
    pub email: String,
    pub forms: Vec<String>,
    pub day: String,
    pub month: String,
    pub year: String,
    /// The organisation that was shown to have ended; sent again with it, it is meant.
    pub ended: String,
    /// Said beside the organisation when it has ended.
    pub warning: String,
    /// Messages by column.
    pub errors: BTreeMap<String, String>,
}

impl Row {
    /// Sends whoever is ticked, and whoever was typed into an empty row.
    fn counts(&self) -> bool {
        let typed = [&self.name, &self.organisation, &self.email];
        self.chosen || (self.from.is_empty() && typed.iter().any(|text| !text.trim().is_empty()))
    }

    fn prefix(&self) -> String {
        format!("ask-{}", self.number)
    }

    /// The id of the first input of a column.
    fn anchor(&self, column: &str) -> String {
        match column {
            "date" => format!("#{}-date-day", self.prefix()),
            other => format!("#{}-{other}", self.prefix()),
        }
    }
}

/// The forms an agency may be asked for: the reporting form first, then the supplementary ones.
pub fn askable(dict: &Dictionary) -> Vec<(&str, &str)> {
    let wanted = |kind| matches!(kind, FormKind::Reporting | FormKind::Supplementary);
    dict.forms
        .iter()
        .filter(|form| wanted(form.kind))
        .map(|form| (form.code.as_str(), form.label.as_str()))
        .collect()
}

/// What every row starts from.
pub struct Defaults<'a> {
    /// The supplementary forms that the circumstances open and nobody was asked for.
    pub missing: Vec<String>,
    pub holders: &'a Holders,
    pub due: NaiveDate,
}

impl Defaults<'_> {
    /// A row for an agency, with the reporting form and what else it holds ticked.
    fn row(&self, from: &str, agency: &str) -> Row {
        let held = |form: &&String| self.holders.hold(agency, form);
        let more = self.missing.iter().filter(held).cloned();
        Row {
            from: from.to_owned(),
            agency: agency.to_owned(),
            forms: std::iter::once("reporting".to_owned())
                .chain(more)
                .collect(),
            day: self.due.day().to_string(),
            month: self.due.month().to_string(),
            year: self.due.year().to_string(),
            ..Row::default()
        }
    }
}

/// Not let off again.
pub fn is_open(request: &Request) -> bool {
    !matches!(request.state.as_str(), "withdrawn" | "waived")
}

/// The error summary's list of all rows.
pub fn summary(rows: &[Row]) -> Vec<serde_json::Value> {
    const ORDER: [&str; 7] = [
        "agency",
        "professional_type",
        "name",
        "organisation",
        "email",
        "forms",
        "date",
    ];
    rows.iter()
        .flat_map(|row| {
            ORDER.iter().filter_map(|column| {
                let text = row.errors.get(*column)?;
                Some(context! { text, href => row.anchor(column) })
            })
        })
        .collect()
}
