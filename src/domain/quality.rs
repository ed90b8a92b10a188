//! How complete the answers are: by question what is missing, not known or contradictory, by agency what came late,
//! thin or not at all; each figure with the cases behind it. Must not know where answers are kept, nor any answer.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

/// Cases by reference.
pub type Cases = BTreeSet<String>;

/// What can be wrong with the answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    Missing,
    NotKnown,
    /// Agencies gave different answers, settled or not.
    Contradictory,
}

/// One question over all cases in which it was open.
#[derive(Debug, Clone, Default)]
pub struct Question {
    pub open: Cases,
    pub faults: BTreeMap<Fault, Cases>,
}

impl Question {
    pub fn with(&self, fault: Fault) -> usize {
        self.faults.get(&fault).map_or(0, BTreeSet::len)
    }
}

/// What can be told of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fared {
    Asked,
    Answered,
    /// Answered after the date agreed, or not answered though it has passed.
    Late,
    /// Said that it did not know the child.
    Nil,
    /// Answered "not known" at least once.
    NotKnown,
    /// Gave another answer than others somewhere, settled or not.
    Contradictory,
    /// Left a question of the national return open that nobody had answered before.
    Thin,
}

/// One agency over all requests.
pub type Agency = BTreeMap<Fared, Cases>;

/// A request as far as lateness goes.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub agreed: NaiveDate,
    /// London day of the answer.
    pub answered: Option<NaiveDate>,
    /// Withdrawn, waived, or its clock stands still: nothing is expected any more.
    pub closed: bool,
}

impl Asked {
    pub fn is_late(&self, today: NaiveDate) -> bool {
        match self.answered {
            Some(day) => day > self.agreed,
            None => !self.closed && today > self.agreed,
        }
    }
}

/// Everything that was counted.
#[derive(Debug, Clone, Default)]
pub struct Quality {
    /// By form and field.
    pub questions: BTreeMap<(String, String), Question>,
    /// By the agency's code.
    pub agencies: BTreeMap<String, Agency>,
}

impl Quality {
    /// Notes one question that was open in a case.
    pub fn question(&mut self, (form, field): (&str, &str), case: &str, faults: &[Fault]) {
        let asked = (form.to_owned(), field.to_owned());
        let question = self.questions.entry(asked).or_default();
        question.open.insert(case.to_owned());
        for fault in faults {
            let cases = question.faults.entry(*fault).or_default();
            cases.insert(case.to_owned());
        }
    }

    /// Notes how one request fared.
    pub fn agency(&mut self, agency: &str, case: &str, fared: &[Fared]) {
        let all = self.agencies.entry(agency.to_owned()).or_default();
        for one in fared {
            all.entry(*one).or_default().insert(case.to_owned());
        }
    }

    /// The questions with a fault, those with most first.
    pub fn worst(&self) -> Vec<(&(String, String), &Question)> {
        let count = |q: &Question| q.faults.values().map(BTreeSet::len).sum::<usize>();
        let mut all: Vec<_> = self
            .questions
            .iter()
            .filter(|(_, question)| count(question) > 0)
            .collect();
        all.sort_by_key(|(field, question)| (std::cmp::Reverse(count(question)), *field));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn late_is_after_the_date_agreed_whether_answered_or_not() {
        let asked = |answered: Option<&str>, closed| Asked {
            agreed: day("2026-03-10"),
            answered: answered.map(day),
            closed,
        };
        let today = day("2026-03-11");
        assert!(asked(Some("2026-03-11"), false).is_late(today));
        assert!(!asked(Some("2026-03-10"), false).is_late(today));
        assert!(asked(None, false).is_late(today));
        assert!(!asked(None, true).is_late(today));
        assert!(!asked(None, false).is_late(day("2026-03-10")));
    }

    #[test]
    fn a_case_counts_once_and_the_worst_comes_first() {
        let mut quality = Quality::default();
        quality.question(("reporting", "good"), "C1", &[]);
        quality.question(("neonatal", "bad"), "C1", &[Fault::Missing]);
        quality.question(
            ("reporting", "worse"),
            "C1",
            &[Fault::NotKnown, Fault::Contradictory],
        );
        quality.question(("reporting", "worse"), "C1", &[Fault::NotKnown]);
        let order: Vec<&str> = quality
            .worst()
            .iter()
            .map(|((_, field), _)| field.as_str())
            .collect();
        assert_eq!(order, ["worse", "bad"]);
        assert_eq!(quality.worst()[0].1.with(Fault::NotKnown), 1);
        quality.agency("gp", "C1", &[Fared::Asked, Fared::Late]);
        quality.agency("gp", "C1", &[Fared::Asked]);
        assert_eq!(quality.agencies["gp"][&Fared::Asked].len(), 1);
    }
}
