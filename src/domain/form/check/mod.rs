//! What is wrong or missing in a form's answers.
//!
//! `term` reads the `check` column, `judge` weighs one answer against it, `rules` holds the named
//! rules of `validation.md`, `message` the words. It must not know who may answer or send.

mod judge;
mod message;
mod rules;
mod shapes;
mod term;

use super::visible::Sight;
use super::{Answer, Answers, Dictionary, Field, Form, Problem, Severity, Stage, Surroundings};
use judge::Judge;

pub use term::{Check, Term};
#[cfg(test)]
pub(super) use term::{Other, Side};
pub(super) use term::{Rule, Shape, carries};

/// Every problem in the answers, in the form's order. Hidden questions are skipped, and what the
/// system answers is checked only where present. Derive first: [`super::derive`].
pub fn check(
    dict: &Dictionary,
    form: &Form,
    answers: &Answers,
    around: &Surroundings,
    stage: Stage,
) -> Vec<Problem> {
    check_where(dict, form, answers, around, stage, &|_| true)
}

/// As [`check`], but only of some questions: one page's, or those one person answers.
pub fn check_where(
    dict: &Dictionary,
    form: &Form,
    answers: &Answers,
    around: &Surroundings,
    stage: Stage,
    of: &dyn Fn(&Field) -> bool,
) -> Vec<Problem> {
    let sight = Sight::new(form, answers, around);
    let judge = Judge {
        dict,
        sight: &sight,
        stage,
    };
    let mut problems = Vec::new();
    for (field, shown) in sight.each().filter(|(field, _)| of(field)) {
        if shown {
            judge.field(field, &mut problems);
        } else {
            judge.hidden(field, &mut problems);
        }
    }
    problems
}

/// Whether an answer that was given somewhere else could be given to this question: nothing about it alone would stop it.
pub fn holds(
    dict: &Dictionary,
    form: &Form,
    field: &str,
    answer: &Answer,
    around: &Surroundings,
) -> bool {
    let Some(field) = form.field(field) else {
        return false;
    };
    let alone = Answers([(field.id.clone(), answer.clone())].into());
    let sight = Sight::new(form, &alone, around);
    let judge = Judge {
        dict,
        sight: &sight,
        stage: Stage::Draft,
    };
    let mut problems = Vec::new();
    judge.field(field, &mut problems);
    problems.iter().all(|p| p.severity != Severity::Stop)
}
