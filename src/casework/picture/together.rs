//! One form of the record from everything that is said to it: what agencies answered, what staff typed beside them, and what
//! a person settled. Must not know which answers count, nor where any are kept.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Correction, Differing, FieldSource, Sources, answer_of, json_of};
use crate::domain::form::{
    Answer, AnsweredBy, Answers, Collated, Dictionary, Form, Given, Ours, STAFF, collate, same,
};
use crate::domain::record::is_about_the_case;

/// The answers to one form and where each comes from; `old` and `kept` are how they stood.
pub(super) fn bring_together(
    dict: &Dictionary,
    form: &Form,
    given: &[Given],
    old: &Sources,
    kept: &Answers,
) -> (Answers, Sources) {
    let ours = typed_by_staff(dict, form, given, old, kept);
    let mut answers = Answers::default();
    let mut sources = Sources::new();
    for (field, collated) in collate(dict, form, given, &ours) {
        // What an agency says of itself stays with its own answer; it is no part of what is agreed. But that
        // anybody knew the child opens the rest of the form.
        let agreed = field == "agency_knew_child"
            || form
                .field(&field)
                .is_some_and(|f| is_about_the_case(form, f));
        let ours = ours.get(&field);
        if !agreed && ours.is_none() {
            continue;
        }
        let before = Before {
            source: old.get(&field).cloned().unwrap_or_default(),
            stands: kept.get(&field),
            given,
            ours,
        };
        let collated = match ours.filter(|_| !agreed) {
            Some(ours) => alone(ours),
            None => collated,
        };
        let (answer, source) = before.follows(dict, form, &field, collated);
        if let Some(answer) = answer {
            answers.set(field.clone(), answer);
        }
        sources.insert(field, source);
    }
    (answers, sources)
}

/// What staff typed, by question, with what they had looked at of what is still said. What follows from other answers is
/// worked out and typed by nobody.
fn typed_by_staff(
    dict: &Dictionary,
    form: &Form,
    given: &[Given],
    old: &Sources,
    kept: &Answers,
) -> BTreeMap<String, Ours> {
    let typed = |field: &String| {
        form.field(field)
            .is_some_and(|f| f.answered_by != AnsweredBy::System)
    };
    let mut all = BTreeMap::new();
    for (field, source) in old.iter().filter(|(field, _)| typed(field)) {
        let stands = kept.get(field).map(|a| json_of(field, a.clone()));
        let Some(mut typed) = source.typed(stands) else {
            continue;
        };
        typed.over = still_said(typed.over, given);
        all.insert(field.clone(), typed.read(dict, form, field));
    }
    all
}

/// What staff typed, where no agency is heard on the question.
fn alone(ours: &Ours) -> Collated {
    match &ours.answer {
        Some(answer) => Collated::Agreed {
            answer: answer.clone(),
            sources: vec![STAFF.to_owned()],
        },
        None => Collated::TakenAway,
    }
}

/// Answers without those who say nothing here any more, as after a merge was undone.
fn still_said(all: Vec<Differing>, given: &[Given]) -> Vec<Differing> {
    let there = |of: &String| of == STAFF || given.iter().any(|given| given.source == *of);
    all.into_iter()
        .map(|mut one| {
            one.from.retain(&there);
            one
        })
        .filter(|one| one.from.iter().any(|of| of != STAFF))
        .collect()
}

/// How a question stood before its answers were brought together again.
struct Before<'a> {
    source: FieldSource,
    stands: Option<&'a Answer>,
    given: &'a [Given],
    ours: Option<&'a Ours>,
}

impl Before<'_> {
    /// What stands now and where it comes from.
    fn follows(
        self,
        dict: &Dictionary,
        form: &Form,
        field: &str,
        collated: Collated,
    ) -> (Option<Answer>, FieldSource) {
        let correction = self.ours.map(|ours| Correction {
            answer: json(field, ours.answer.as_ref()),
            over: listed(field, &ours.over),
        });
        let (answer, source) = match collated {
            Collated::TakenAway => (None, self.of_staff(vec![STAFF.to_owned()])),
            Collated::Agreed { answer, sources } if sources.iter().any(|of| of == STAFF) => {
                (Some(answer), self.of_staff(sources))
            }
            Collated::Agreed { answer, sources } => {
                let source = FieldSource {
                    from: sources,
                    ..FieldSource::default()
                };
                (Some(answer), source)
            }
            Collated::Conflict { options } => self.chosen(dict, form, field, &options),
        };
        let source = FieldSource {
            correction,
            ..source
        };
        (answer, source)
    }

    /// What staff said stands; what agencies differed on, and still do, stays beside it.
    fn of_staff(self, from: Vec<String>) -> FieldSource {
        let mut options = still_said(self.source.options, self.given);
        if options.len() < 2 || self.source.settled_by.is_none() {
            options.clear();
        }
        FieldSource {
            from,
            settled_by: self.source.settled_by,
            settled_why: self.source.settled_why,
            options,
            correction: None,
        }
    }

    /// What a person settled stays settled while it is one of the answers there are, and every one of them was looked at.
    /// Otherwise a person chooses, and what staff typed stands meanwhile.
    fn chosen(
        self,
        dict: &Dictionary,
        form: &Form,
        field: &str,
        options: &[(Answer, Vec<String>)],
    ) -> (Option<Answer>, FieldSource) {
        let over = self
            .ours
            .map(|ours| ours.over.as_slice())
            .unwrap_or_default();
        let mine = self.ours.and_then(|ours| ours.answer.as_ref());
        let mut seen: Vec<Answer> = over.iter().map(|(answer, _)| answer.clone()).collect();
        seen.extend(mine.cloned());
        let before = self.source.options.iter();
        seen.extend(before.filter_map(|o| answer_of(dict, form, field, &o.answer)));
        let is_seen = |answer: &Answer| seen.iter().any(|one| same(one, answer));
        let settled = self.source.settled_by.is_some() && options.iter().all(|(a, _)| is_seen(a));
        let find = |wanted: Option<&Answer>| {
            let wanted = wanted?;
            options.iter().find(|(answer, _)| same(answer, wanted))
        };
        if let (true, Some((answer, from))) = (settled, find(self.stands)) {
            let of_staff = |from: &[String]| from.iter().any(|of| of == STAFF);
            let others: Vec<&Answer> = options
                .iter()
                .filter(|(_, from)| !of_staff(from))
                .map(|(answer, _)| answer)
                .collect();
            // One answer that staff typed over is no difference between those who were asked.
            let typed_over = |answer: &Answer| over.iter().any(|(seen, _)| same(seen, answer));
            let plain = of_staff(from) && others.len() < 2 && others.into_iter().all(typed_over);
            let source = FieldSource {
                from: from.clone(),
                settled_by: self.source.settled_by,
                settled_why: self.source.settled_why,
                options: if plain {
                    Vec::new()
                } else {
                    listed(field, options)
                },
                correction: None,
            };
            return (Some(answer.clone()), source);
        }
        let meanwhile = find(mine);
        let source = FieldSource {
            from: meanwhile.map(|(_, from)| from.clone()).unwrap_or_default(),
            options: listed(field, options),
            ..FieldSource::default()
        };
        (meanwhile.map(|(answer, _)| answer.clone()), source)
    }
}

fn listed(field: &str, all: &[(Answer, Vec<String>)]) -> Vec<Differing> {
    all.iter()
        .map(|(answer, from)| Differing {
            answer: json(field, Some(answer)),
            from: from.clone(),
        })
        .collect()
}

fn json(field: &str, answer: Option<&Answer>) -> Value {
    answer.map_or(Value::Null, |answer| json_of(field, answer.clone()))
}
