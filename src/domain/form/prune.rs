//! Removes answers to questions that are no longer asked.

use super::visible::Sight;
use super::{Answer, Answers, Form, Surroundings};

/// Removes every answer to a hidden question, and every cell of a hidden column (so a reason for
/// having no NHS number goes once the number is there, ID-5). Call it when a form is sent, not
/// while it is a draft: an answer that is only hidden for now should come back with its question.
pub fn prune(form: &Form, answers: &mut Answers, around: &Surroundings) {
    let whole = answers.clone();
    let sight = Sight::new(form, &whole, around);
    for (field, shown) in sight.each() {
        if !shown {
            answers.remove(&field.id);
        } else if let Some(Answer::Rows(rows)) = answers.0.get_mut(&field.id) {
            for row in rows.iter_mut() {
                let before = row.clone();
                row.retain(|id, _| {
                    field
                        .column(id)
                        .is_none_or(|column| sight.shows_column(field, column, &before))
                });
            }
            rows.retain(|row| !row.is_empty());
            if rows.is_empty() {
                answers.remove(&field.id);
            }
        }
    }
}
