//! Which supplementary forms the circumstances of a death open, and why.
//! Must not know who is asked for them, nor whether they have come.
//!
//! An event that an agency ticks opens its form by the code list `incident_to_form`. The
//! other ways are lines of `openings.csv`: a form, a condition in the grammar of the dictionary's
//! `show_when`, the rule it rests on (X-2, X-3, PL-5, AN-7…) and the reason a person is shown.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::circumstance::Circumstance;
use super::form::{Dictionary, Severity};
use super::record::CaseRecord;

/// A form that the circumstances open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The form's code.
    pub form: String,
    /// Why, in whole sentences.
    pub reason: String,
    /// The rule that opens it.
    pub rule: String,
    /// `Stop`: the case is not finalised without it, unless it is waived. `Warn`: it is offered.
    pub severity: Severity,
}

/// The ways in which circumstances open forms, as the data file lists them.
#[derive(Debug, Clone, Default)]
pub struct Openings(Vec<Opening>);

#[derive(Debug, Clone)]
struct Opening {
    form: String,
    when: Circumstance,
    rule: String,
    severity: Severity,
    reason: String,
}

#[derive(Deserialize)]
struct Line {
    form: String,
    on: String,
    condition: String,
    rule: String,
    severity: String,
    reason: String,
}

impl Openings {
    /// Reads the data file against a dictionary.
    ///
    /// # Errors
    /// Every line that names a form, question or severity that is not there, or whose condition
    /// cannot be read, as `openings.csv:5: …`.
    pub fn load(dict: &Dictionary, text: &str) -> Result<Self, Vec<String>> {
        let mut openings = Vec::new();
        let mut faults = Vec::new();
        for (number, line) in
            (2_usize..).zip(csv::Reader::from_reader(text.as_bytes()).deserialize::<Line>())
        {
            match line
                .map_err(|fault| fault.to_string())
                .and_then(|line| Opening::read(dict, line))
            {
                Ok(opening) => openings.push(opening),
                Err(fault) => faults.push(format!("openings.csv:{number}: {fault}")),
            }
        }
        if faults.is_empty() {
            Ok(Self(openings))
        } else {
            Err(faults)
        }
    }
}

impl Opening {
    fn read(dict: &Dictionary, line: Line) -> Result<Self, String> {
        dict.form(&line.form)
            .ok_or_else(|| format!("there is no form “{}”", line.form))?;
        let when = Circumstance::read(dict, &line.on, &line.condition)?;
        let severity = match line.severity.as_str() {
            "stop" => Severity::Stop,
            "warn" => Severity::Warn,
            other => return Err(format!("“{other}” is neither stop nor warn")),
        };
        Ok(Self {
            form: line.form,
            when,
            rule: line.rule,
            severity,
            reason: line.reason,
        })
    }
}

/// The forms that what is known opens, in the dictionary's order, each once with all its reasons.
pub fn opened(dict: &Dictionary, openings: &Openings, record: &CaseRecord) -> Vec<Opened> {
    let mut found: BTreeMap<usize, Opened> = BTreeMap::new();
    let all = by_event(dict, record)
        .into_iter()
        .chain(by_request(record))
        .chain(by_condition(openings, record));
    for opened in all {
        let Some(place) = dict.forms.iter().position(|form| form.code == opened.form) else {
            continue;
        };
        found
            .entry(place)
            .and_modify(|held| held.add(&opened))
            .or_insert(opened);
    }
    found.into_values().collect()
}

impl Opened {
    fn add(&mut self, other: &Self) {
        if other.severity < self.severity {
            self.severity = other.severity;
            self.rule.clone_from(&other.rule);
        }
        if !self.reason.contains(&other.reason) {
            self.reason = format!("{} {}", self.reason, other.reason);
        }
    }
}

/// Events that an agency knows of open their form for good; what the notifier suspected offers it.
fn by_event(dict: &Dictionary, record: &CaseRecord) -> Vec<Opened> {
    let sources = [
        (
            "reporting",
            "events_known",
            Severity::Stop,
            "An agency reported",
        ),
        (
            "notification",
            "suspected_event",
            Severity::Warn,
            "The notifier suspected",
        ),
    ];
    let mut all = Vec::new();
    for (form, field, severity, said) in sources {
        for event in record
            .form(form)
            .map_or(&[][..], |answers| answers.choices(field))
        {
            let Some(opens) = dict.label("incident_to_form", event) else {
                continue;
            };
            let label = dict.label("incident_type", event).unwrap_or(event);
            let reason = format!("{said}: {label}.");
            all.push(Opened {
                form: opens.to_owned(),
                reason,
                rule: "X-1".to_owned(),
                severity,
            });
        }
    }
    all
}

/// Forms that an agency itself said are needed.
fn by_request(record: &CaseRecord) -> Vec<Opened> {
    let named = record
        .form("reporting")
        .map_or(&[][..], |answers| answers.choices("supplementary_forms"));
    let opened = |form: &String| Opened {
        form: form.clone(),
        reason: "An agency said that this form is needed.".to_owned(),
        rule: "X-1".to_owned(),
        severity: Severity::Stop,
    };
    named.iter().map(opened).collect()
}

fn by_condition(openings: &Openings, record: &CaseRecord) -> Vec<Opened> {
    let held = openings
        .0
        .iter()
        .filter(|opening| opening.when.holds(record));
    let opened = |opening: &Opening| Opened {
        form: opening.form.clone(),
        reason: opening.reason.clone(),
        rule: opening.rule.clone(),
        severity: opening.severity,
    };
    held.map(opened).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::{Answer, Answers};
    use crate::domain::sample::library;

    const SHIPPED: &str = include_str!("../../fixtures/openings.csv");

    fn codes(
        notification: &Answers,
        reporting: &Answers,
        analysis: &Answers,
    ) -> Vec<(String, Severity)> {
        let library = library();
        let dict = library.current();
        let openings = Openings::load(dict, SHIPPED).unwrap();
        let record = CaseRecord::default()
            .with("notification", notification)
            .with("reporting", reporting)
            .with("analysis", analysis);
        opened(dict, &openings, &record)
            .into_iter()
            .map(|opened| {
                assert!(opened.reason.ends_with('.'), "{}", opened.reason);
                (opened.form, opened.severity)
            })
            .collect()
    }

    fn choices(codes: &[&str]) -> Answer {
        Answer::Choices(codes.iter().map(|code| (*code).to_owned()).collect())
    }

    fn choice(code: &str) -> Answer {
        Answer::Choice(code.to_owned())
    }

    #[test]
    fn every_incident_opens_the_form_that_the_code_list_names() {
        let library = library();
        let dict = library.current();
        for code in dict.codes("incident_to_form") {
            let mut reporting = Answers::default();
            reporting.set("events_known", choices(&[code.code.as_str()]));
            let found = codes(&Answers::default(), &reporting, &Answers::default());
            assert_eq!(found, [(code.label.clone(), Severity::Stop)]);
            assert!(dict.form(&code.label).is_some());
        }
        let mut reporting = Answers::default();
        reporting.set("events_known", choices(&["none", "not_known"]));
        assert!(codes(&Answers::default(), &reporting, &Answers::default()).is_empty());
    }

    #[test]
    fn a_suspicion_offers_and_a_report_requires() {
        let mut notification = Answers::default();
        notification.set("suspected_event", choices(&["drowning"]));
        let nothing = Answers::default();
        assert_eq!(
            codes(&notification, &nothing, &nothing),
            [("drowning".into(), Severity::Warn)]
        );
        let mut reporting = Answers::default();
        reporting.set("events_known", choices(&["drowning"]));
        assert_eq!(
            codes(&notification, &reporting, &nothing),
            [("drowning".into(), Severity::Stop)]
        );
    }

    #[test]
    fn a_newborn_in_hospital_opens_two_forms() {
        let mut notification = Answers::default();
        notification.set("date_of_birth", Answer::Date("2026-03-01".parse().unwrap()));
        notification.set("date_of_death", Answer::Date("2026-03-20".parse().unwrap()));
        notification.set("place_of_death_type", choice("hosp_neonatal"));
        let nothing = Answers::default();
        assert_eq!(
            codes(&notification, &nothing, &nothing),
            [
                ("care_pathway".into(), Severity::Warn),
                ("neonatal".into(), Severity::Warn)
            ]
        );
        let mut analysis = Answers::default();
        analysis.set("categories_all", choices(&["10"]));
        let found = codes(&notification, &nothing, &analysis);
        assert!(found.contains(&("sudden_unexpected_death".into(), Severity::Warn)));
    }

    #[test]
    fn an_age_gate_holds() {
        let mut notification = Answers::default();
        notification.set("date_of_birth", Answer::Date("2022-04-01".parse().unwrap()));
        notification.set("date_of_death", Answer::Date("2026-03-31".parse().unwrap()));
        let mut reporting = Answers::default();
        reporting.set("learning_disability", choice("severe"));
        assert!(codes(&notification, &reporting, &Answers::default()).is_empty());
        notification.set("date_of_death", Answer::Date("2026-04-01".parse().unwrap()));
        assert_eq!(
            codes(&notification, &reporting, &Answers::default()),
            [("learning_disability".into(), Severity::Warn)]
        );
    }

    #[test]
    fn a_bad_line_is_named() {
        let library = library();
        let text = "form,on,condition,rule,severity,reason\n\
                    drowning,notification,suspected_event contains drowning,X-1,warn,Yes.\n\
                    none,notification,sex = male,X-1,warn,No form.\n\
                    drowning,notification,nothing = male,X-1,warn,No question.\n\
                    drowning,notification,sex ~ male,X-1,warn,No grammar.\n\
                    drowning,notification,sex = male,X-1,perhaps,No severity.\n";
        let faults = Openings::load(library.current(), text).unwrap_err();
        let lines: Vec<&str> = faults
            .iter()
            .filter_map(|fault| fault.split(": ").next())
            .collect();
        assert_eq!(
            lines,
            [
                "openings.csv:3",
                "openings.csv:4",
                "openings.csv:5",
                "openings.csv:6"
            ]
        );
    }
}
