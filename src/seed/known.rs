//! What is known of one synthetic child, by the name of the question that asks it, whatever the form. Must not
//! know which forms there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::story::Story;
use crate::domain::form::{Answer, Dictionary, Field, Kind};

/// Answers by `field`, or by `form.field` where one form means something else by it. What is set here goes
/// before what lies under it.
#[derive(Debug, Clone, Default)]
pub struct Known {
    under: Option<Arc<Known>>,
    answers: BTreeMap<String, Answer>,
    raw: BTreeMap<String, String>,
}

impl Known {
    /// A layer of its own over what is shared.
    pub fn over(under: &Arc<Known>) -> Self {
        Self {
            under: Some(Arc::clone(under)),
            ..Self::default()
        }
    }

    /// Takes the facts of a story.
    pub fn of_story(story: &Story) -> Self {
        Self {
            raw: story.facts.clone(),
            ..Self::default()
        }
    }

    pub fn set(&mut self, id: &str, answer: Answer) {
        self.answers.insert(id.to_owned(), answer);
    }

    /// An answer as the code lists write it; what it means depends on the question.
    pub fn put(&mut self, id: &str, raw: &str) {
        if !raw.is_empty() {
            self.raw.insert(id.to_owned(), raw.to_owned());
        }
    }

    /// As [`put`](Self::put), where the story does not say otherwise.
    pub fn suppose(&mut self, id: &str, raw: &str) {
        if !self.raw.contains_key(id) {
            self.put(id, raw);
        }
    }

    pub fn date(&mut self, id: &str, day: NaiveDate) {
        self.set(id, Answer::Date(day));
    }

    /// The answer to a question of a form, when it is known and fits.
    pub fn answer(&self, dict: &Dictionary, form: &str, field: &Field) -> Option<Answer> {
        let own = format!("{form}.{}", field.id);
        [own.as_str(), field.id.as_str()]
            .into_iter()
            .find_map(|id| self.held(dict, field, id))
    }

    fn held(&self, dict: &Dictionary, field: &Field, id: &str) -> Option<Answer> {
        let typed = self.answers.get(id).filter(|a| fits(dict, field, a));
        typed
            .cloned()
            .or_else(|| typed_of(dict, field, self.raw.get(id)?))
            .or_else(|| self.under.as_ref()?.held(dict, field, id))
    }
}

fn has(dict: &Dictionary, field: &Field, code: &str) -> bool {
    let list = field.codes.as_deref().unwrap_or_default();
    dict.code(list, code).is_some()
}

fn fits(dict: &Dictionary, field: &Field, answer: &Answer) -> bool {
    match (field.kind, answer) {
        (kind, Answer::Text(_)) => kind.is_text(),
        (Kind::Date, Answer::Date(_))
        | (Kind::DateTime, Answer::DateTime(_))
        | (Kind::Time, Answer::Time(_))
        | (Kind::Boolean, Answer::Boolean(_))
        | (Kind::Integer, Answer::Integer(_))
        | (Kind::Decimal, Answer::Decimal(_))
        | (Kind::Table, Answer::Rows(_))
        | (_, Answer::NotKnown) => true,
        (Kind::SingleChoice | Kind::YesNoUnknown, Answer::Choice(code)) => has(dict, field, code),
        (Kind::MultiChoice, Answer::Choices(codes)) => codes.iter().all(|c| has(dict, field, c)),
        _ => false,
    }
}

/// A raw answer as a question of this kind takes it.
pub fn typed_of(dict: &Dictionary, field: &Field, raw: &str) -> Option<Answer> {
    let answer = match field.kind {
        Kind::Text | Kind::LongText => Answer::Text(raw.to_owned()),
        Kind::SingleChoice | Kind::YesNoUnknown => Answer::Choice(raw.to_owned()),
        Kind::MultiChoice => Answer::Choices(in_order(dict, field, raw)),
        Kind::Boolean => Answer::Boolean(matches!(raw, "yes" | "true")),
        Kind::Integer => Answer::Integer(raw.parse().ok()?),
        Kind::Decimal => Answer::Decimal(raw.parse().ok()?),
        Kind::Date => Answer::Date(raw.parse().ok()?),
        Kind::DateTime | Kind::Time | Kind::Table => return None,
    };
    (fits(dict, field, &answer) && !answer.is_blank()).then_some(answer)
}

/// Codes joined by `|`, in the list's order.
fn in_order(dict: &Dictionary, field: &Field, raw: &str) -> Vec<String> {
    let wanted: Vec<&str> = raw.split('|').collect();
    dict.codes(field.codes.as_deref().unwrap_or_default())
        .iter()
        .map(|held| held.code.as_str())
        .filter(|code| wanted.contains(code))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::library;
    use crate::seed::story;

    #[test]
    fn every_fact_of_every_story_is_an_answer_to_some_question() {
        let dict = library().current();
        for story in story::load().unwrap() {
            let known = Known::of_story(&story);
            for (id, raw) in &story.facts {
                let (form, field) = id.split_once('.').unwrap_or(("", id));
                let answered = dict
                    .forms
                    .iter()
                    .filter(|f| form.is_empty() || f.code == form)
                    .filter_map(|f| Some((f, f.field(field)?)))
                    .any(|(f, field)| known.answer(dict, &f.code, field).is_some());
                assert!(answered, "{}: {id} = {raw}", story.name);
            }
        }
    }
}
