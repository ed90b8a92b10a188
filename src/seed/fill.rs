//! Fills in any form from the dictionary: what is known, what must be answered, and an ordinary answer to some
//! of the rest, until nothing stops it from being sent. A new form or question needs no change here. Must not
//! know what any one form is about.

use super::chance::Chance;
use super::known::Known;
use super::plain::ordinary;
use crate::casework::picture::confirmation;
use crate::domain::form::{
    Answer, AnsweredBy, Answers, Dictionary, Field, Form, Problem, Reasons, Section, Severity,
    Stage, Surroundings, Term, check_where, derive, prune, visible,
};

/// One form to be filled in by one person.
pub struct Sheet<'a> {
    pub dict: &'a Dictionary,
    pub form: &'a Form,
    pub known: &'a Known,
    pub around: &'a Surroundings<'a>,
    /// The case's own chance: the same question gets the same answer from everybody.
    pub chance: &'a Chance,
    /// Whose questions.
    pub by: &'a [AnsweredBy],
    /// How far each section is answered.
    pub extent: &'a dyn Fn(&Section) -> Extent,
    /// How many in a hundred of the other questions get an ordinary answer.
    pub density: u64,
}

/// How far a section is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Left for another time.
    Later,
    /// What must be answered.
    Least,
    /// What is known, and some of the rest.
    More,
}

/// A filled form, ready to be sent.
#[derive(Debug, Clone, Default)]
pub struct Filled {
    pub answers: Answers,
    /// The warnings that were looked at and found right.
    pub confirmed: Vec<String>,
}

/// A question that opens another is answered before it, so a few rounds reach every one.
const ROUNDS: usize = 6;

impl Filled {
    /// The warnings that were found right, each with a reason.
    pub fn reasons(&self) -> Reasons {
        let why = "Checked against the notes.";
        let all = self.confirmed.iter();
        all.map(|key| (key.clone(), why.to_owned())).collect()
    }
}

impl Sheet<'_> {
    /// Goes on from what is answered already.
    pub fn fill(&self, mut answers: Answers) -> Filled {
        for _ in 0..ROUNDS {
            if !self.round(&mut answers) {
                break;
            }
        }
        derive(self.dict, self.form, &mut answers, self.around);
        // A question that was open only until another was answered.
        prune(self.form, &mut answers, self.around);
        for _ in 0..ROUNDS {
            let problems = self.problems(&answers);
            let stops: Vec<&Problem> = problems
                .iter()
                .filter(|p| p.severity == Severity::Stop)
                .collect();
            if stops.is_empty() {
                let confirmed = problems.iter().map(confirmation).collect();
                return Filled { answers, confirmed };
            }
            for problem in stops {
                self.mend(problem, &mut answers);
            }
            derive(self.dict, self.form, &mut answers, self.around);
        }
        Filled {
            answers,
            confirmed: Vec::new(),
        }
    }

    /// Answers what is shown and open; says whether anything was answered.
    fn round(&self, answers: &mut Answers) -> bool {
        let shown = visible(self.form, answers, self.around);
        let mut new = Vec::new();
        for section in &self.form.sections {
            let extent = (self.extent)(section);
            for field in &section.fields {
                let said_none = answers.boolean(&format!("no_{}", field.id)) == Some(true);
                let open = shown.contains(&field.id)
                    && self.by.contains(&field.answered_by)
                    && !said_none
                    && !answers.is_answered(&field.id);
                if let (true, Some(answer)) = (open, self.answer(field, extent)) {
                    new.push((field.id.clone(), answer));
                }
            }
        }
        let any = !new.is_empty();
        for (id, answer) in new {
            answers.set(id, answer);
        }
        any
    }

    fn answer(&self, field: &Field, extent: Extent) -> Option<Answer> {
        let must = must(field);
        if extent == Extent::Later || (extent == Extent::Least && !must) {
            return None;
        }
        if let Some(answer) = self.known.answer(self.dict, &self.form.code, field) {
            return Some(answer);
        }
        let mut chance = self.chance.branch(&field.id);
        (must || chance.percent(self.density))
            .then(|| ordinary(self.dict, field, self.around, must, &mut chance))
            .flatten()
    }

    fn problems(&self, answers: &Answers) -> Vec<Problem> {
        let now = |field: &Field| {
            let section = self.form.section_of(&field.id);
            section.is_some_and(|section| (self.extent)(section) != Extent::Later)
        };
        let by = |field: &Field| self.by.contains(&field.answered_by) && now(field);
        check_where(
            self.dict,
            self.form,
            answers,
            self.around,
            Stage::Final,
            &by,
        )
    }

    /// An answer that does not hold is taken back; what must be answered is then not known.
    fn mend(&self, problem: &Problem, answers: &mut Answers) {
        let Some(field) = self.form.field(&problem.field) else {
            return;
        };
        answers.remove(&field.id);
        if must(field) || field.required {
            answers.set(&field.id, Answer::NotKnown);
        }
    }
}

/// Whether a question must be answered once it is shown.
fn must(field: &Field) -> bool {
    let least = |term: &Term| match term {
        Term::Required => true,
        Term::Rows(n) | Term::Choices(n) => *n > 0,
        _ => false,
    };
    field.required
        || field
            .checks
            .iter()
            .any(|check| check.severity == Severity::Stop && least(&check.term))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::domain::form::{Kind, check};
    use crate::domain::sample::library;

    /// Every form, by everybody who answers it, with as much said as can be.
    #[test]
    fn every_form_can_be_filled_in() {
        let dict = library().current();
        assert_eq!(dict.forms.len(), 26);
        for seed in 0..8 {
            for form in &dict.forms {
                let filled = filled(dict, form, seed);
                let stops: Vec<_> = problems(dict, form, &filled.answers)
                    .into_iter()
                    .filter(|p| p.severity == Severity::Stop)
                    .collect();
                assert!(stops.is_empty(), "{} {seed}: {stops:?}", form.code);
                let given = filled.answers.0.len();
                assert!(given >= 3, "{} {seed}: {given}", form.code);
            }
        }
    }

    const BY: [AnsweredBy; 3] = [
        AnsweredBy::Notifier,
        AnsweredBy::Respondent,
        AnsweredBy::Staff,
    ];

    fn around(elsewhere: &dyn Fn(&str) -> Option<Answer>) -> Surroundings<'_> {
        let today = NaiveDate::from_ymd_opt(2026, 6, 30).unwrap();
        Surroundings {
            today,
            now: today.and_hms_opt(12, 0, 0).unwrap(),
            elsewhere,
        }
    }

    fn elsewhere(id: &str) -> Option<Answer> {
        let day = |d| NaiveDate::from_ymd_opt(2026, 5, d).map(Answer::Date);
        match id {
            "date_of_birth" => day(1),
            "date_of_death" => day(20),
            _ => None,
        }
    }

    fn problems(dict: &Dictionary, form: &Form, answers: &Answers) -> Vec<Problem> {
        check(dict, form, answers, &around(&elsewhere), Stage::Final)
    }

    fn filled(dict: &Dictionary, form: &Form, seed: u64) -> Filled {
        let known = Known::default();
        let mut said = Answers::default();
        for table in form.fields().filter(|f| f.kind == Kind::Table) {
            let none = format!("no_{}", table.id);
            if form.field(&none).is_some() {
                said.set(none, Answer::Boolean(true));
            }
        }
        Sheet {
            dict,
            form,
            known: &known,
            around: &around(&elsewhere),
            chance: &Chance::new(seed),
            by: &BY,
            extent: &|_| Extent::More,
            density: 100,
        }
        .fill(said)
    }
}
