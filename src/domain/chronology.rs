//! A child's life and contacts in order of time, from the dated answers of forms. Must not know who gave them, nor who
//! reads them.

use std::collections::BTreeMap;

use chrono::{Days, Months, NaiveDate, NaiveDateTime, NaiveTime};

use super::form::{Answer, Answers, Dictionary, Field, Form, words};
use super::record::is_about_the_case;

/// Sections that tell of the paper, not of the child.
const ABOUT_PAPER: [&str; 3] = ["administration", "reporting_agency", "referrer"];

/// Something that has a day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub day: NaiveDate,
    pub time: Option<NaiveTime>,
    pub what: String,
}

/// Everything of a form's answers that has a day, each with the id of the question that it answers.
pub fn of_fields(dict: &Dictionary, form: &Form, answers: &Answers) -> Vec<(String, Entry)> {
    let mut all = Vec::new();
    for section in &form.sections {
        if ABOUT_PAPER.contains(&section.id.as_str()) {
            continue;
        }
        for field in section.fields.iter().filter(|f| is_about_the_case(form, f)) {
            match answers.get(&field.id) {
                Some(Answer::Rows(rows)) => {
                    let found = rows.iter().flat_map(|row| of_row(dict, field, row));
                    all.extend(found.map(|entry| (field.id.clone(), entry)));
                }
                Some(answer) => all.extend(
                    dated(answer).map(|at| (field.id.clone(), entry(at, field.label.clone()))),
                ),
                None => {}
            }
        }
    }
    all
}

/// A row of a table for each day in it, with what the other cells say.
fn of_row(dict: &Dictionary, table: &Field, row: &BTreeMap<String, Answer>) -> Vec<Entry> {
    let rest: Vec<String> = table
        .columns
        .iter()
        .filter_map(|column| {
            let answer = row.get(&column.id)?;
            dated(answer).is_none().then(|| words(dict, column, answer))
        })
        .filter(|text| !text.is_empty())
        .collect();
    let days = table.columns.iter().filter_map(|column| {
        let at = dated(row.get(&column.id)?)?;
        Some(entry(at, format!("{}: {}", column.label, rest.join(", "))))
    });
    days.collect()
}

fn entry((day, time): (NaiveDate, Option<NaiveTime>), what: String) -> Entry {
    Entry { day, time, what }
}

fn dated(answer: &Answer) -> Option<(NaiveDate, Option<NaiveTime>)> {
    match answer {
        Answer::Date(day) => Some((*day, None)),
        Answer::DateTime(at) => Some(at_of(*at)),
        _ => None,
    }
}

fn at_of(at: NaiveDateTime) -> (NaiveDate, Option<NaiveTime>) {
    (at.date(), Some(at.time()))
}

/// The stretch of time that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    All,
    /// The year before the death.
    LastYear,
    LastMonth,
    LastWeek,
    /// The day of the death and after.
    After,
}

impl Period {
    pub const ALL: [Self; 5] = [
        Self::All,
        Self::LastYear,
        Self::LastMonth,
        Self::LastWeek,
        Self::After,
    ];

    /// As it stands in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::LastYear => "year",
            Self::LastMonth => "month",
            Self::LastWeek => "week",
            Self::After => "after",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::All => "Everything",
            Self::LastYear => "The last year of life",
            Self::LastMonth => "The last month of life",
            Self::LastWeek => "The last week of life",
            Self::After => "The death and after",
        }
    }

    /// Whether a day lies in it.
    pub fn holds(self, day: NaiveDate, died: NaiveDate) -> bool {
        let since = |from: Option<NaiveDate>| from.is_none_or(|from| from <= day) && day <= died;
        match self {
            Self::All => true,
            Self::LastYear => since(died.checked_sub_months(Months::new(12))),
            Self::LastMonth => since(died.checked_sub_months(Months::new(1))),
            Self::LastWeek => since(died.checked_sub_days(Days::new(7))),
            Self::After => day >= died,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::library;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn entries(dict: &Dictionary, form: &Form, answers: &Answers) -> Vec<Entry> {
        let all = of_fields(dict, form, answers);
        all.into_iter().map(|(_, entry)| entry).collect()
    }

    #[test]
    fn dates_of_the_child_are_in_and_dates_of_the_paper_are_not() {
        let library = library();
        let dict = library.current();
        let form = dict.form("reporting").unwrap();
        let mut answers = Answers::default();
        answers.set("last_weight_date", Answer::Date(day("2026-01-05")));
        answers.set("date_completed", Answer::Date(day("2026-04-05")));
        let found = entries(dict, form, &answers);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].day, day("2026-01-05"));
        let notification = dict.form("notification").unwrap();
        let mut answers = Answers::default();
        answers.set("date_of_referral", Answer::Date(day("2026-04-01")));
        answers.set("date_of_birth", Answer::Date(day("2020-04-01")));
        let at = day("2026-03-01").and_hms_opt(14, 5, 0).unwrap();
        answers.set("event_datetime", Answer::DateTime(at));
        let found = entries(dict, notification, &answers);
        let days: Vec<(NaiveDate, bool)> =
            found.iter().map(|e| (e.day, e.time.is_some())).collect();
        assert_eq!(
            days,
            [(day("2020-04-01"), false), (day("2026-03-01"), true)]
        );
    }

    #[test]
    fn periods_end_with_the_death_or_begin_with_it() {
        let died = day("2026-03-31");
        for (period, there, not) in [
            (Period::LastYear, "2025-03-31", "2025-03-30"),
            (Period::LastMonth, "2026-02-28", "2026-02-27"),
            (Period::LastWeek, "2026-03-24", "2026-03-23"),
            (Period::After, "2026-03-31", "2026-03-30"),
        ] {
            assert!(period.holds(day(there), died), "{period:?}");
            assert!(!period.holds(day(not), died), "{period:?}");
        }
        assert!(!Period::LastWeek.holds(day("2026-04-01"), died));
        assert!(Period::All.holds(day("1999-01-01"), died));
    }
}
