//! What the record of one form takes from other forms: the notification, or what agencies answered to a form that asks the
//! same. Nobody is asked that again, so the record takes it from there; and where an agency's own records say something
//! else, the two stand beside each other. Must not know who was asked what.

use std::collections::BTreeMap;

use super::Picture;
use crate::casework::response::PART;
use crate::casework::{Context, Outcome, notify};
use crate::domain::form::{Answer, Answers, Dictionary, Form, Given, STAFF, holds};
use crate::domain::shared_answers::{Place, tells};
use crate::store::{Conn, responses};

/// What stands in the record at a place, for another that asks the same.
pub(in crate::casework) enum Stands<'a> {
    /// Nothing that tells: another place may be looked at.
    Nothing,
    /// Those who answered differ, and nobody settled it: nothing counts until somebody does.
    Differs,
    /// An answer, and from whom: ids of responses, `notification` or `staff`.
    Told(&'a Answer, &'a [String]),
}

impl Picture {
    pub(in crate::casework) fn stands(&self, form: &str, field: &str) -> Stands<'_> {
        let Some(agreed) = self.forms.get(form) else {
            return Stands::Nothing;
        };
        let source = agreed.sources.get(field);
        if source.is_some_and(super::FieldSource::unsettled) {
            return Stands::Differs;
        }
        match agreed.answers.get(field).filter(|answer| tells(answer)) {
            Some(answer) => Stands::Told(
                answer,
                source.map(|s| s.from.as_slice()).unwrap_or_default(),
            ),
            None => Stands::Nothing,
        }
    }
}

/// What other forms say to questions of this one, by who said it.
pub(super) fn told_elsewhere(
    conn: &mut Conn,
    ctx: &Context,
    known: &Picture,
    (dict, form): (&Dictionary, &Form),
    together: &[String],
) -> Outcome<Vec<Given>> {
    let voices: BTreeMap<String, String> =
        responses::agencies(conn, together)?.into_iter().collect();
    let mut said: BTreeMap<String, Answers> = BTreeMap::new();
    for share in ctx.house.shares.of_form(&form.code) {
        if let Some((place, answer, from)) = first(known, &share.also)
            && fits(ctx, known, (dict, form), &share.field, answer)
        {
            for source in sources(place, from) {
                let given = said.entry(source).or_default();
                given.set(share.field.clone(), answer.clone());
            }
        }
    }
    let given = |(source, answers): (String, Answers)| Given {
        agency: voices.get(&source).cloned().unwrap_or_default(),
        source,
        answers,
    };
    Ok(said.into_iter().map(given).collect())
}

/// The first of these places where something stands; none while those who answered there differ.
fn first<'a>(
    known: &'a Picture,
    places: &'a [Place],
) -> Option<(&'a Place, &'a Answer, &'a [String])> {
    for place in places {
        match known.stands(&place.0, &place.1) {
            Stands::Nothing => {}
            Stands::Differs => return None,
            Stands::Told(answer, from) => return Some((place, answer, from)),
        }
    }
    None
}

/// Whose words an answer of another form is here. What staff typed there is not what they typed here.
fn sources((form, _): &Place, from: &[String]) -> Vec<String> {
    if form == notify::FORM || from.is_empty() {
        return vec![part_of(form)];
    }
    let of_staff = |id: &String| id == STAFF || id.starts_with(PART);
    let mut all: Vec<String> = from.iter().filter(|id| !of_staff(id)).cloned().collect();
    if from.iter().any(of_staff) {
        all.push(part_of(form));
    }
    all
}

fn part_of(form: &str) -> String {
    if form == notify::FORM {
        notify::FORM.to_owned()
    } else {
        format!("{PART}{form}")
    }
}

/// Whether an answer that was given elsewhere would be taken here.
pub(in crate::casework) fn fits(
    ctx: &Context,
    known: &Picture,
    (dict, form): (&Dictionary, &Form),
    field: &str,
    answer: &Answer,
) -> bool {
    let elsewhere = |asked: &str| known.elsewhere(&form.code, asked);
    holds(dict, form, field, answer, &ctx.around(&elsewhere))
}
