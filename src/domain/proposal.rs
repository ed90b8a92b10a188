//! Whom the circumstances of a death speak for asking, and why, as `proposals.csv` lists them. A person decides. Must
//! not know who is behind an agency, nor who was asked.

use serde::Deserialize;

use super::circumstance::Circumstance;
use super::form::Dictionary;
use super::record::CaseRecord;

/// Name of the data file, as faults name it.
const FILE: &str = "proposals.csv";

/// Every reason to ask an agency.
#[derive(Debug, Clone, Default)]
pub struct Proposals(Vec<Proposal>);

#[derive(Debug, Clone)]
struct Proposal {
    agency: String,
    professional_type: Option<String>,
    /// None: always.
    when: Option<Circumstance>,
    reason: String,
}

/// An agency to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// By the code list `agency`.
    pub agency: String,
    /// By the code list `professional_type`.
    pub professional_type: Option<String>,
    /// Why, in whole sentences.
    pub reason: String,
}

#[derive(Deserialize)]
struct Line {
    agency: String,
    professional_type: String,
    on: String,
    condition: String,
    reason: String,
    basis: String,
}

impl Proposals {
    /// Reads the data file against a dictionary.
    ///
    /// # Errors
    /// Everything that cannot be right, as `proposals.csv:5: column agency: …`.
    pub fn load(dict: &Dictionary, text: &str) -> Result<Self, Vec<String>> {
        let mut all = Vec::new();
        let mut faults = Vec::new();
        let lines = csv::Reader::from_reader(text.as_bytes()).into_deserialize::<Line>();
        for (number, line) in (2_usize..).zip(lines) {
            let read = line
                .map_err(|fault| fault.to_string())
                .and_then(|line| Proposal::read(dict, line));
            match read {
                Ok(proposal) => all.push(proposal),
                Err(fault) => faults.push(format!("{FILE}:{number}: {fault}")),
            }
        }
        if faults.is_empty() {
            Ok(Self(all))
        } else {
            Err(faults)
        }
    }

    /// Whom to ask by what is known, in the order of the data, each agency once with all its reasons.
    pub fn of(&self, record: &CaseRecord) -> Vec<Proposed> {
        let mut found: Vec<Proposed> = Vec::new();
        for proposal in self.0.iter().filter(|p| p.holds(record)) {
            let same = found.iter_mut().find(|f| f.agency == proposal.agency);
            match same {
                Some(there) if there.reason.contains(&proposal.reason) => {}
                Some(there) => there.reason = format!("{} {}", there.reason, proposal.reason),
                None => found.push(Proposed {
                    agency: proposal.agency.clone(),
                    professional_type: proposal.professional_type.clone(),
                    reason: proposal.reason.clone(),
                }),
            }
        }
        found
    }
}

impl Proposal {
    fn read(dict: &Dictionary, line: Line) -> Result<Self, String> {
        if dict.code("agency", &line.agency).is_none() {
            return Err(format!(
                "column agency: there is no agency “{}”",
                line.agency
            ));
        }
        let kind = Some(line.professional_type).filter(|kind| !kind.is_empty());
        if let Some(kind) = &kind
            && dict.code("professional_type", kind).is_none()
        {
            let what = format!("column professional_type: there is no “{kind}”");
            return Err(what);
        }
        let when = if line.condition.is_empty() && line.on.is_empty() {
            None
        } else {
            let when = Circumstance::read(dict, &line.on, &line.condition);
            Some(when.map_err(|fault| format!("column condition: {fault}"))?)
        };
        if !line.reason.ends_with('.') {
            return Err("column reason: is not a sentence".into());
        }
        if line.basis.is_empty() {
            return Err("column basis: is empty".into());
        }
        Ok(Self {
            agency: line.agency,
            professional_type: kind,
            when,
            reason: line.reason,
        })
    }

    fn holds(&self, record: &CaseRecord) -> bool {
        self.when.as_ref().is_none_or(|when| when.holds(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::{Answer, Answers};
    use crate::domain::sample::library;

    const SHIPPED: &str = include_str!("../../fixtures/proposals.csv");

    fn agencies(notification: &Answers) -> Vec<String> {
        let library = library();
        let all = Proposals::load(library.current(), SHIPPED).unwrap();
        let record = CaseRecord::default().with("notification", notification);
        all.of(&record).into_iter().map(|p| p.agency).collect()
    }

    fn child(born: &str, died: &str) -> Answers {
        let mut answers = Answers::default();
        answers.set("date_of_birth", Answer::Date(born.parse().unwrap()));
        answers.set("date_of_death", Answer::Date(died.parse().unwrap()));
        answers
    }

    #[test]
    fn a_newborn_and_a_pupil_are_known_to_different_agencies() {
        let mut baby = child("2026-03-01", "2026-03-03");
        baby.set(
            "place_of_death_type",
            Answer::Choice("hosp_neonatal".into()),
        );
        assert_eq!(
            agencies(&baby),
            [
                "gp",
                "social_care",
                "health_visiting",
                "maternity",
                "neonatal"
            ]
        );
        let mut pupil = child("2014-03-01", "2026-03-03");
        pupil.set("expected_death", Answer::Choice("unexpected".into()));
        pupil.set("coroner_informed", Answer::Choice("yes".into()));
        assert_eq!(
            agencies(&pupil),
            [
                "gp",
                "social_care",
                "school_nursing",
                "education",
                "emergency_dept",
                "ambulance",
                "police",
                "coroner"
            ]
        );
    }

    #[test]
    fn an_agency_is_proposed_once_with_all_its_reasons() {
        let library = library();
        let all = Proposals::load(library.current(), SHIPPED).unwrap();
        let mut answers = child("2014-03-01", "2026-03-03");
        answers.set("expected_death", Answer::Choice("unexpected".into()));
        answers.set("jar_required", Answer::Choice("yes".into()));
        let record = CaseRecord::default().with("notification", &answers);
        let police: Vec<Proposed> = all
            .of(&record)
            .into_iter()
            .filter(|p| p.agency == "police")
            .collect();
        assert_eq!(police.len(), 1);
        assert_eq!(
            police[0].reason,
            "The death was unexpected. There is a joint agency response."
        );
    }

    #[test]
    fn every_fault_is_named_by_line_and_column() {
        let head = "agency,professional_type,on,condition,reason,basis\n";
        for (line, fault) in [
            (
                "nobody,,,,Because.,proposed",
                "column agency: there is no agency “nobody”",
            ),
            (
                "gp,nobody,,,Because.,proposed",
                "column professional_type: there is no “nobody”",
            ),
            (
                "gp,,nothing,x = 1,Because.,proposed",
                "column condition: there is no form “nothing”",
            ),
            (
                "gp,,notification,x = 1,Because.,proposed",
                "column condition: form “notification” does not ask “x”",
            ),
            ("gp,,,,Because,proposed", "column reason: is not a sentence"),
            ("gp,,,,Because.,", "column basis: is empty"),
        ] {
            let found = Proposals::load(library().current(), &format!("{head}{line}\n"));
            assert_eq!(found.unwrap_err(), [format!("proposals.csv:2: {fault}")]);
        }
    }
}
