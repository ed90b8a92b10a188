//! What is known of a case before an agency answers: the agreed answers that it may see, who gave them, and what it said
//! itself on another form of the same request. The one place where an agency is shown what others said. Must not decide who may see what (`domain::shared_answers` does).

use std::collections::BTreeMap;

use super::picture::{Picture, Stands, fits, stored};
use super::{Context, Outcome, gather, respond};
use crate::domain::form::{Answer, Answers, prune};
use crate::domain::shared_answers::{Known, Own, Place, Share, tells};
use crate::store::requests::Request;
use crate::store::responses::Response;
use crate::store::{Conn, merges, responses};

/// What is known of each form of a request, by the form's code.
pub(super) fn of_request(
    conn: &mut Conn,
    ctx: &Context,
    request: &Request,
    own: &[Response],
) -> Outcome<BTreeMap<String, Known>> {
    if !knew(request, own) {
        return Ok(own.iter().map(said).collect());
    }
    let together = merges::together(conn, &request.case_id)?;
    let voices: BTreeMap<String, String> =
        responses::agencies(conn, &together)?.into_iter().collect();
    let picture = Picture::load(conn, ctx, &request.case_id)?;
    let own_words: Vec<(&str, Answers)> = own
        .iter()
        .map(|row| (row.form.as_str(), asked_of(ctx, &picture, row)))
        .collect();
    let look = Look {
        ctx,
        picture: &picture,
        own: own.iter().map(|row| row.id.as_str()).collect(),
        own_words: &own_words,
        voices: &voices,
    };
    // A form that was sent shows what its agency said, not what others say since.
    Ok(own
        .iter()
        .filter(|row| respond::open(row))
        .map(|row| (row.form.clone(), look.form(request, row)))
        .collect())
}

/// What was answered to questions that are asked; what is hidden by now goes nowhere.
fn asked_of(ctx: &Context, picture: &Picture, row: &Response) -> Answers {
    let dict = ctx.house.dictionary_of(&row.form_version);
    let mut answers = stored(dict, &row.form, &row.answers);
    let elsewhere = |field: &str| picture.elsewhere(&row.form, field);
    if let Some(form) = dict.form(&row.form) {
        prune(form, &mut answers, &ctx.around(&elsewhere));
    }
    answers
}

/// What an agency said of known answers, without any of them.
fn said(row: &Response) -> (String, Known) {
    let says = serde_json::from_str(&row.says).unwrap_or_default();
    let known = Known {
        says,
        ..Known::default()
    };
    (row.form.clone(), known)
}

/// Whether the agency said that it knew the child: on its form, or else before it opened one. What others told is for
/// nobody else's eyes.
pub(super) fn knew(request: &Request, own: &[Response]) -> bool {
    let on_form = own.iter().find_map(|row| {
        let answers: serde_json::Value = serde_json::from_str(&row.answers).ok()?;
        let answer = answers.get("agency_knew_child")?.as_str()?;
        Some(answer == "yes")
    });
    on_form.unwrap_or(request.knew_child)
}

/// One agency looking at what is agreed.
struct Look<'a> {
    ctx: &'a Context,
    picture: &'a Picture,
    /// Ids of its own answers, which are no news to it.
    own: Vec<&'a str>,
    /// What it answered so far, form by form.
    own_words: &'a [(&'a str, Answers)],
    /// Which agency gave which answers.
    voices: &'a BTreeMap<String, String>,
}

impl Look<'_> {
    fn form(&self, request: &Request, row: &Response) -> Known {
        let mut known = Known {
            says: serde_json::from_str(&row.says).unwrap_or_default(),
            ..Known::default()
        };
        let dict = self.ctx.house.dictionary_of(&row.form_version);
        let Some(form) = dict.form(&row.form) else {
            return known;
        };
        let shares = &self.ctx.house.shares;
        for share in shares.of(&row.form, &request.agency) {
            let fits =
                |answer: &Answer| fits(self.ctx, self.picture, (dict, form), &share.field, answer);
            if let Some((answer, from)) = self.told(share).filter(|(answer, _)| fits(answer)) {
                known.answers.set(share.field.clone(), answer.clone());
                known.from.insert(share.field.clone(), from);
            }
        }
        for field in form.fields() {
            let Some((place, answer)) = self.said_itself(&row.form, &field.id) else {
                continue;
            };
            if !fits(self.ctx, self.picture, (dict, form), &field.id, answer) {
                continue;
            }
            // What tells nothing is not taken from there.
            let rests = tells(answer) && shares.rests(&row.form, &field.id, place);
            let own = if rests { Own::Rests } else { Own::Goes };
            let label = dict.form(&place.0).map(|form| form.label.clone());
            known.answers.set(field.id.clone(), answer.clone());
            known
                .from
                .insert(field.id.clone(), label.unwrap_or_default());
            known.own.insert(field.id.clone(), own);
        }
        known
    }

    /// What the agency answered to the same question on another form of the request.
    fn said_itself(&self, form: &str, field: &str) -> Option<(&Place, &Answer)> {
        let places = self.ctx.house.shares.alike(form, field);
        self.own_words.iter().find_map(|(there, answers)| {
            let place = places.iter().find(|place| place.0 == *there)?;
            let answer = answers.get(&place.1).filter(|answer| !answer.is_blank())?;
            Some((*place, answer))
        })
    }

    /// The first agreed answer that somebody else gave, and who.
    fn told(&self, share: &Share) -> Option<(Answer, String)> {
        for (form, field) in share.places() {
            match self.picture.stands(form, field) {
                Stands::Nothing => {}
                // Where those who answered differ, another word helps to settle it.
                Stands::Differs => return None,
                Stands::Told(answer, from) => {
                    let others: Vec<&String> = from
                        .iter()
                        .filter(|id| !self.own.contains(&id.as_str()))
                        .collect();
                    let only_own = others.is_empty() && !from.is_empty();
                    if !only_own {
                        return Some((answer.clone(), self.names(&others, form)));
                    }
                }
            }
        }
        None
    }

    /// Who gave an answer, in words: agencies, never people.
    fn names(&self, from: &[&String], form: &str) -> String {
        let mut names: Vec<String> = from.iter().filter_map(|id| self.name(id)).collect();
        if names.is_empty() && form == super::notify::FORM {
            names.push("The notification".into());
        }
        names.dedup();
        if names.is_empty() {
            "The review team".into()
        } else {
            names.join(", ")
        }
    }

    fn name(&self, id: &str) -> Option<String> {
        match id {
            "notification" => Some("The notification".into()),
            "staff" => Some("The review team".into()),
            id => {
                let agency = self.voices.get(id)?;
                Some(gather::agency_label(self.ctx, agency))
            }
        }
    }
}
