//! What the record of one form takes from other forms: the notification, or what agencies answered to a form that asks the
//! same. Nobody is asked that again, so the record takes it from there; and where an agency's own records say something
//! else, the two stand beside each other. Must not know who was asked what.

use std::collections::{BTreeMap, BTreeSet};

use super::{FieldSource, Picture, answer_of};
use crate::casework::response::PART;
use crate::casework::{Context, Outcome, notify};
use crate::domain::form::{Answer, Answers, Dictionary, Form, Given, STAFF, holds, same};
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

/// What other forms say to questions of this one.
#[derive(Default)]
pub(super) struct Elsewhere {
    /// By who said it.
    pub given: Vec<Given>,
    /// Questions to which those who answered there differ. What a person decided here waits until somebody settles it.
    pub disputed: BTreeSet<String>,
    /// By question, the answers that a person looked at there and did not take: that decision holds here too.
    pub passed_over: BTreeMap<String, Vec<Answer>>,
}

impl Elsewhere {
    /// Takes out of what was answered to this form what a person looked at elsewhere and did not take, but where they decided
    /// on this form by itself.
    pub(super) fn decides(&self, given: &mut [Given], old: &super::Sources) {
        for (field, answers) in &self.passed_over {
            if old.get(field).is_some_and(FieldSource::decided) {
                continue;
            }
            for one in given.iter_mut() {
                let said = one.answers.get(field);
                if said.is_some_and(|said| answers.iter().any(|answer| same(answer, said))) {
                    one.answers.remove(field);
                }
            }
        }
    }
}

pub(super) fn told_elsewhere(
    conn: &mut Conn,
    ctx: &Context,
    known: &Picture,
    (dict, form): (&Dictionary, &Form),
    together: &[String],
) -> Outcome<Elsewhere> {
    let voices: BTreeMap<String, String> =
        responses::agencies(conn, together)?.into_iter().collect();
    let mut said: BTreeMap<String, Answers> = BTreeMap::new();
    let mut all = Elsewhere::default();
    for share in ctx.house.shares.of_form(&form.code) {
        let Some((place, stands)) = first(known, &share.also) else {
            continue;
        };
        match stands {
            Stands::Told(answer, from) if fits(ctx, known, (dict, form), &share.field, answer) => {
                for source in sources(place, from) {
                    let given = said.entry(source).or_default();
                    given.set(share.field.clone(), answer.clone());
                }
                let passed = passed_over(ctx, known, place, answer);
                all.passed_over.insert(share.field.clone(), passed);
            }
            Stands::Differs => {
                all.disputed.insert(share.field.clone());
            }
            _ => {}
        }
    }
    let given = |(source, answers): (String, Answers)| Given {
        agency: voices.get(&source).cloned().unwrap_or_default(),
        source,
        answers,
    };
    all.given = said.into_iter().map(given).collect();
    Ok(all)
}

/// The first of these places where something stands, or is in dispute.
fn first<'a>(known: &'a Picture, places: &'a [Place]) -> Option<(&'a Place, Stands<'a>)> {
    places
        .iter()
        .map(|place| (place, known.stands(&place.0, &place.1)))
        .find(|(_, stands)| !matches!(stands, Stands::Nothing))
}

/// What a person looked at where they decided for an answer.
fn passed_over(
    ctx: &Context,
    known: &Picture,
    (form, field): &Place,
    stands: &Answer,
) -> Vec<Answer> {
    let Some(agreed) = known.forms.get(form) else {
        return Vec::new();
    };
    let dict = ctx.house.dictionary_of(&agreed.row.form_version);
    let Some((form, source)) = dict.form(form).zip(agreed.sources.get(field)) else {
        return Vec::new();
    };
    let over = source.correction.iter().flat_map(|c| c.over.iter());
    let settled = source
        .options
        .iter()
        .filter(|_| source.settled_by.is_some());
    let seen = settled.chain(over);
    seen.filter_map(|one| answer_of(dict, form, field, &one.answer))
        .filter(|answer| !same(answer, stands))
        .collect()
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
