//! A child's life and contacts in order of time, from the dated answers of forms. Must not know who gave them, nor who
//! reads them.

use std::collections::BTreeMap;

use chrono::{Days, Months, NaiveDate, NaiveDateTime, NaiveTime};

use super::form::{Answer, Answers, Dictionary, Field, Form, Section, words};
use super::record::is_about_the_case;

/// Sections that tell of the paper, not of the child.
const ABOUT_PAPER: [&str; 3] = ["administration", "reporting_agency", "referrer"];

/// The day of the death, which its own time may be kept beside.
const DIED: &str = "date_of_death";

/// Something that has a day. In order of time, and of a day what has no time before what has one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub day: NaiveDate,
    /// The death where its time is not known: it is told after everything else of its day.
    pub ends_day: bool,
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
                Some(answer) => all.extend(dated(answer).map(|(day, time)| {
                    let time = time.or_else(|| time_beside(answers, &field.id));
                    let entry = Entry {
                        ends_day: field.id == DIED && time.is_none(),
                        ..entry((day, time), told(form, section, field))
                    };
                    (field.id.clone(), entry)
                })),
                None => {}
            }
        }
    }
    all
}

/// The time that is asked beside a day: `time_of_…` goes with `date_of_…`.
fn time_beside(answers: &Answers, id: &str) -> Option<NaiveTime> {
    let of = id.strip_prefix("date_of_")?;
    match answers.get(&format!("time_of_{of}"))? {
        Answer::Time(time) => Some(*time),
        _ => None,
    }
}

/// What a question asks; where others of the form are worded alike, also what it is asked of: `…_at` goes with the question
/// before it, or else with its section.
fn told(form: &Form, section: &Section, field: &Field) -> String {
    let alike = |other: &&Field| other.label == field.label;
    if form.fields().filter(alike).count() < 2 {
        return field.label.clone();
    }
    let of = field.id.strip_suffix("_at").and_then(|id| form.field(id));
    let of = of.map_or(&section.label, |question| &question.label);
    format!("{}: {of}", field.label)
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
    Entry {
        day,
        ends_day: false,
        time,
        what,
    }
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
    fn the_death_has_its_time_or_ends_its_day() {
        let library = library();
        let dict = library.current();
        let form = dict.form("notification").unwrap();
        let mut answers = Answers::default();
        let collapse = day("2026-03-01").and_hms_opt(2, 17, 0).unwrap();
        answers.set("event_datetime", Answer::DateTime(collapse));
        answers.set("date_of_death", Answer::Date(day("2026-03-01")));
        let order = |answers: &Answers| {
            let mut all = entries(dict, form, answers);
            all.sort();
            all.into_iter()
                .map(|e| (e.what, e.time))
                .collect::<Vec<_>>()
        };
        let found = order(&answers);
        assert!(found[0].0.contains("collapse"), "{found:?}");
        assert_eq!(found[1], ("Date of death".to_owned(), None));
        let time = NaiveTime::from_hms_opt(3, 40, 0).unwrap();
        answers.set("time_of_death", Answer::Time(time));
        assert_eq!(order(&answers)[1], ("Date of death".to_owned(), Some(time)));
        let before = NaiveTime::from_hms_opt(1, 0, 0).unwrap();
        answers.set("time_of_death", Answer::Time(before));
        assert_eq!(order(&answers)[0].1, Some(before), "as it was said");
    }

    #[test]
    fn what_is_worded_alike_says_what_it_is_asked_of() {
        let library = library();
        let dict = library.current();
        let form = dict.form("first_hours").unwrap();
        let mut answers = Answers::default();
        for (n, id) in ["jar_at", "certificate_at", "core_police_at"]
            .iter()
            .enumerate()
        {
            let at = day("2026-03-01").and_hms_opt(u32::try_from(n).unwrap(), 0, 0);
            answers.set(*id, Answer::DateTime(at.unwrap()));
        }
        let mut all = entries(dict, form, &answers);
        all.sort();
        let said: Vec<String> = all.into_iter().map(|e| e.what).collect();
        assert_eq!(
            said,
            [
                "When it was decided: Joint agency response",
                "When it was decided: Can a medical certificate be issued?",
                "When they were told: Police: lead investigator",
            ]
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
