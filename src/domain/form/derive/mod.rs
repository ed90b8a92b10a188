//! What follows from the answers and is never typed: ages, the primary category, sums.
//!
//! Each calculation is known by its field's id and runs on whatever form and version has that
//! field. A `derived` field that no calculation knows is filled elsewhere (references, lookups).

mod analysis;
mod child;

use super::check::Term;
use super::visible::Sight;
use super::{Answer, Answers, Dictionary, Field, Form, Surroundings};

pub(super) use analysis::lowest;
pub(super) use child::hazardous_cosleep;

/// What a calculation says of its field.
enum Follows {
    Value(Answer),
    /// Nothing follows from the answers as they are: what was there is out of date.
    Nothing,
    /// The answers it rests on are not to be seen from here; leave what is there.
    Unsaid,
}

impl Follows {
    fn value(answer: Option<Answer>) -> Follows {
        answer.map_or(Follows::Unsaid, Follows::Value)
    }

    fn value_or_nothing(answer: Option<Answer>) -> Follows {
        answer.map_or(Follows::Nothing, Follows::Value)
    }
}

/// Fills what follows from the answers, and the dictionary's `default`s where nothing was answered.
pub fn derive(dict: &Dictionary, form: &Form, answers: &mut Answers, around: &Surroundings) {
    let mut filled = Vec::new();
    let sight = Sight::new(form, answers, around);
    for field in sight.shown() {
        match follows(dict, &sight, field) {
            Some(Follows::Value(answer)) => filled.push((field.id.clone(), Some(answer))),
            Some(Follows::Nothing) => filled.push((field.id.clone(), None)),
            Some(Follows::Unsaid) | None => {}
        }
        if let Some(answer) = default(&sight, field)
            && !answers.is_answered(&field.id)
        {
            filled.push((field.id.clone(), Some(answer)));
        }
    }
    for (id, answer) in filled {
        match answer {
            Some(answer) => answers.set(id, answer),
            None => drop(answers.remove(&id)),
        }
    }
}

/// The calculation of a field, if it has one.
fn follows(dict: &Dictionary, sight: &Sight, field: &Field) -> Option<Follows> {
    let id = field.id.as_str();
    let follows = match id {
        "age_at_death_years" | "age_at_death_days" | "age_band" => child::age(sight, id),
        "child_age_at_death" => child::age_in_words(sight),
        "is_nonresident_death" => child::nonresident(sight),
        "hazardous_cosleep" => {
            Follows::value_or_nothing(hazardous_cosleep(sight).map(Answer::Boolean))
        }
        "primary_category" => Follows::value_or_nothing(analysis::primary(sight)),
        "secondary_categories" => analysis::secondary(sight),
        "contributory_count" => analysis::contributory(sight),
        "modifiable_factors_listed" => analysis::modifiable_listed(dict, sight, field),
        _ => match id.strip_prefix("domain_summary_") {
            Some(domain) => analysis::summary(sight, domain),
            None => return None,
        },
    };
    Some(follows)
}

/// What conditions and checks may ask for before `derive` has run, or of another form.
pub(super) fn looked_up(sight: &Sight, id: &str) -> Option<Answer> {
    match id {
        "age_at_death_years" | "age_at_death_days" | "age_band" => match child::age(sight, id) {
            Follows::Value(answer) => Some(answer),
            Follows::Nothing | Follows::Unsaid => None,
        },
        "primary_category" => analysis::primary(sight),
        _ => None,
    }
}

/// The dictionary's `default`. A death abroad (PL-5) has no default country.
fn default(sight: &Sight, field: &Field) -> Option<Answer> {
    let value = field.checks.iter().find_map(|check| match &check.term {
        Term::Default(value) => Some(value.clone()),
        _ => None,
    })?;
    if field.id == "place_of_death_country"
        && sight.answers.choice("place_of_death_type") == Some("abroad")
    {
        return None;
    }
    match field.kind {
        super::Kind::Boolean => Some(Answer::Boolean(matches!(value.as_str(), "yes" | "true"))),
        super::Kind::MultiChoice => Some(Answer::Choices(vec![value])),
        kind if kind.is_choice() => Some(Answer::Choice(value)),
        _ => Some(Answer::Text(value)),
    }
}
