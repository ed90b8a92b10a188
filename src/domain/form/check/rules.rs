//! The named rules of `validation.md` that the dictionary calls by id.

mod analysis;
mod identity;

pub(super) use identity::placeholder_name;

use super::judge::Judge;
use super::term::Rule;
use crate::domain::form::{Answer, Field, Problem};

/// Weighs a field against a named rule.
pub(super) fn weigh<'a>(
    rule: Rule,
    judge: &Judge<'_, 'a>,
    field: &'a Field,
    answer: Option<&Answer>,
    found: &mut Vec<Problem>,
) {
    match rule {
        Rule::An1 => analysis::one_line_per_factor(judge, field, answer, found),
        Rule::An2 => found.extend(analysis::factors_or_none(judge, field, answer)),
        Rule::An4 => found.extend(analysis::lowest_is_primary(judge, field, answer)),
        Rule::An5 => found.extend(analysis::within_primary(judge, field, answer)),
        Rule::An9 => found.extend(analysis::modifiability(judge, field, answer)),
        Rule::Dt5 => found.extend(identity::time_on_one_day(judge, field, answer)),
        Rule::Me1 => found.extend(identity::mothers_age(judge, field, answer)),
        Rule::Pl3 => found.extend(identity::residence(judge, field, answer)),
        Rule::Su1 => found.extend(identity::hazardous_sleep(judge, field, answer)),
        // AN-10 (finalised only when the whole case is in order) and X-1 (each event opens its
        // form) look at the whole case: see `domain::finalise`. X-10 (nil return) is kept by
        // `visible`. None of them can fail on one form.
        Rule::An10 | Rule::X1 | Rule::X10 => {}
    }
}
