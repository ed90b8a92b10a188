//! The whole picture of a case: its agreed answers, where each came from, what still differs, and what the
//! rules need to know of it. Reads stored JSON back into typed answers. Must not decide anything.

mod resting;
mod together;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Context, Error, Outcome, parts};
use crate::domain::case::State;
use crate::domain::form::{
    Answer, Answers, Clearance, Dictionary, Form, Given, Ours, Problem, STAFF, derive, masked,
};
use crate::domain::permission::{Facts, clearance};
use crate::domain::record::CaseRecord;
use crate::store::cases::Case;
use crate::store::records::Record;
use crate::store::responses::Response;
use crate::store::{Conn, Tx, cases, merges, records, requests, responses};

use resting::told_elsewhere;
pub(super) use resting::{Stands, fits};

/// Where the answer to one question came from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FieldSource {
    /// Response ids, or `notification`, or `staff`.
    pub from: Vec<String>,
    /// Name of who settled a disagreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_by: Option<String>,
    /// Why this answer was taken, in their words; they may name somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_why: Option<String>,
    /// Every answer given, when they differ; nothing of it is ever dropped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Differing>,
    /// What staff typed here, which is brought together with what agencies say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<Correction>,
}

/// What staff typed to one question.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Correction {
    /// Null where they took an answer away.
    pub answer: Value,
    /// The answers that they had looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over: Vec<Differing>,
}

impl FieldSource {
    /// Whether a person still has to choose.
    pub fn unsettled(&self) -> bool {
        self.options.len() > 1 && self.settled_by.is_none()
    }

    /// Whether a person decided what stands.
    fn decided(&self) -> bool {
        self.settled_by.is_some() || self.correction.is_some()
    }

    /// Staff, by this name, type an answer over what stood here: none where they take it away.
    pub fn corrected(before: Option<Self>, stood: Option<Value>, typed: Value, by: String) -> Self {
        let before = before.unwrap_or_default();
        let mut over = before.correction.map(|c| c.over).unwrap_or_default();
        let stood = stood.map(|answer| Differing {
            answer,
            from: before.from,
        });
        // What they typed themselves before is nothing that anybody else said.
        let theirs = |seen: &Differing| seen.from.iter().any(|of| of != STAFF);
        let seen = before.options.iter().cloned().chain(stood);
        over.extend(seen.filter(theirs));
        Self {
            from: vec![STAFF.to_owned()],
            settled_by: Some(by),
            settled_why: None,
            options: before.options,
            correction: Some(Correction {
                answer: typed,
                over,
            }),
        }
    }

    /// What staff typed, also where a person settled for another answer since.
    fn typed(&self, stands: Option<Value>) -> Option<Correction> {
        let untold = self.settled_by.is_some() && self.from == [STAFF];
        let kept = self.correction.clone();
        kept.or_else(|| untold.then(|| self.untold(stands)))
    }

    /// In records of before corrections were kept apart, what stands is what staff typed.
    fn untold(&self, stands: Option<Value>) -> Correction {
        let mut over = self.options.clone();
        over.retain(|seen| seen.from != [STAFF]);
        Correction {
            answer: stands.unwrap_or_default(),
            over,
        }
    }

    /// What staff said, where it stands, alone or with what came since.
    pub fn of_staff(
        &self,
        dict: &Dictionary,
        form: &Form,
        field: &str,
        stands: Option<&Answer>,
    ) -> Option<Ours> {
        let said = self.from.iter().any(|of| of == STAFF);
        let stands = stands.map(|answer| json_of(field, answer.clone()));
        let kept = self.correction.clone();
        let kept = said.then(|| kept.unwrap_or_else(|| self.untold(stands)));
        kept.map(|kept| kept.read(dict, form, field))
    }

    /// Every id by which it names who said something.
    pub fn ids_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let over = self.correction.iter_mut().flat_map(|c| c.over.iter_mut());
        let differing = self.options.iter_mut().chain(over);
        let from = differing.flat_map(|one| one.from.iter_mut());
        self.from.iter_mut().chain(from)
    }
}

impl Correction {
    fn read(&self, dict: &Dictionary, form: &Form, field: &str) -> Ours {
        let read = |value: &Value| answer_of(dict, form, field, value);
        let over = self.over.iter();
        Ours {
            answer: read(&self.answer),
            over: over
                .filter_map(|seen| Some((read(&seen.answer)?, seen.from.clone())))
                .collect(),
        }
    }
}

/// One of several answers to one question, in its JSON form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Differing {
    pub answer: Value,
    pub from: Vec<String>,
}

/// Sources of every answered question of one form.
pub type Sources = BTreeMap<String, FieldSource>;

/// Stored answers, typed again. What a stored text no longer fits is left out rather than guessed.
pub fn stored(dict: &Dictionary, form: &str, json: &str) -> Answers {
    let value: Value = serde_json::from_str(json).unwrap_or(Value::Null);
    dict.form(form).map_or_else(Answers::default, |form| {
        Answers::from_json(form, dict, &value).0
    })
}

/// The answers of a form as this reader of the case may see them: none of it, part of it or all.
pub fn seen(
    ctx: &Context,
    facts: &Facts,
    dict: &Dictionary,
    form: &str,
    answers: Answers,
) -> Answers {
    match (dict.form(form), clearance(&ctx.actor, facts)) {
        (Some(form), Some(clearance)) => masked(form, answers, clearance),
        _ => Answers::default(),
    }
}

/// A confirmation of a warning, as stored and posted: `field:rule` or `table.row.column:rule`.
pub fn confirmation(p: &Problem) -> String {
    match (p.row, &p.column) {
        (Some(row), Some(column)) => format!("{}.{row}.{column}:{}", p.field, p.rule),
        _ => format!("{}:{}", p.field, p.rule),
    }
}

/// One agreed form of a case.
#[derive(Clone, Debug)]
pub struct Agreed {
    pub row: Record,
    pub answers: Answers,
    pub sources: Sources,
}

/// Everything agreed on a case so far.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    pub forms: BTreeMap<String, Agreed>,
}

impl Picture {
    /// Reads a case's records.
    pub fn load(conn: &mut Conn, ctx: &Context, case_id: &str) -> Outcome<Self> {
        Ok(Self::of(ctx, records::of_case(conn, case_id)?))
    }

    /// Reads a case's records for a page: only what this reader may see of them.
    pub fn shown(conn: &mut Conn, ctx: &Context, case: &Case, facts: Facts) -> Outcome<Self> {
        let Some(clearance) = clearance(&ctx.actor, &facts) else {
            return Ok(Self::default());
        };
        let mut picture = Self::load(conn, ctx, &case.id)?;
        for (code, agreed) in &mut picture.forms {
            let dict = ctx.house.dictionary_of(&agreed.row.form_version);
            let answers = std::mem::take(&mut agreed.answers);
            agreed.answers = seen(ctx, &facts, dict, code, answers);
            let kept = &agreed.answers;
            agreed
                .sources
                .retain(|field, _| clearance == Clearance::Identified || kept.is_answered(field));
        }
        Ok(picture)
    }

    /// Types rows that were read before.
    pub fn of(ctx: &Context, rows: Vec<Record>) -> Self {
        let forms = rows
            .into_iter()
            .map(|row| {
                let dict = ctx.house.dictionary_of(&row.form_version);
                let answers = stored(dict, &row.form, &row.answers);
                let sources = serde_json::from_str(&row.sources).unwrap_or_default();
                (
                    row.form.clone(),
                    Agreed {
                        row,
                        answers,
                        sources,
                    },
                )
            })
            .collect();
        Self { forms }
    }

    /// The agreed answers of a form.
    pub fn answers(&self, form: &str) -> Option<&Answers> {
        self.forms.get(form).map(|a| &a.answers)
    }

    /// An answer of any form but `form`: the notification first, then reporting, then the others.
    pub fn elsewhere(&self, form: &str, field: &str) -> Option<Answer> {
        let first = ["notification", "reporting", "analysis"];
        let rest = self
            .forms
            .keys()
            .map(String::as_str)
            .filter(|f| !first.contains(f));
        first
            .into_iter()
            .chain(rest)
            .filter(|f| *f != form)
            .find_map(|f| self.answers(f)?.get(field).cloned())
    }

    /// The agreed answers as the rules look at them.
    pub fn record(&self) -> CaseRecord<'_> {
        self.forms
            .iter()
            .fold(CaseRecord::default(), |record, (form, agreed)| {
                record.with(form, &agreed.answers)
            })
    }

    /// Every disagreement that a person still has to settle: form and field.
    pub fn unsettled(&self) -> Vec<(String, String)> {
        self.forms
            .iter()
            .flat_map(|(form, agreed)| {
                agreed
                    .sources
                    .iter()
                    .filter(|(_, s)| s.unsettled())
                    .map(move |(field, _)| (form.clone(), field.clone()))
            })
            .collect()
    }
}

/// Writes a form of the record, new or changed.
pub fn write(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case_id: &str,
    form: &str,
    version: &str,
    answers: &Answers,
    sources: &Sources,
) -> Outcome<()> {
    let sources = serde_json::to_string(sources).map_err(|e| Error::Internal(e.to_string()))?;
    super::clocks::record_says(tx, ctx, case_id, form, answers)?;
    let answers = answers.to_json().to_string();
    if let Some(row) = records::get(tx.conn(), case_id, form)? {
        let row = Record {
            answers,
            sources,
            // What it holds was read by the newer of the two.
            form_version: row.form_version.max(version.to_owned()),
            updated_at: ctx.stamp(),
            ..row
        };
        return if records::save(tx, &row)? {
            Ok(())
        } else {
            Err(Error::Stale)
        };
    }
    let row = Record {
        id: ctx.new_id(),
        case_id: case_id.to_owned(),
        form: form.to_owned(),
        form_version: version.to_owned(),
        answers,
        sources,
        confirmed: "[]".into(),
        updated_at: ctx.stamp(),
        version: 1,
    };
    Ok(records::insert(tx, &row)?)
}

/// Brings the accepted answers of all agencies to one form together again, also those on cases that are read under this
/// one; and where this one is read under another, in the record of that one too. What a person settled stays settled
/// while every answer there is was looked at.
pub fn recollate(tx: &mut Tx<'_>, ctx: &Context, case_id: &str, form_code: &str) -> Outcome<()> {
    let accepted = accepted(tx.conn(), case_id, form_code)?;
    if accepted.is_empty() {
        return Ok(());
    }
    bring(tx, ctx, case_id, form_code, &accepted)?;
    recollate_resting_on(tx, ctx, case_id, form_code)?;
    let Some(merge) = merges::of_case(tx.conn(), case_id)? else {
        return Ok(());
    };
    let above = cases::get(tx.conn(), &merge.into_id)?.ok_or(Error::NotFound)?;
    // The record of a case that is finalised stays as it was sent.
    if above.state.parse().is_ok_and(State::is_editable) {
        recollate(tx, ctx, &above.id, form_code)?;
    }
    Ok(())
}

/// The same where answers went that were there, if need be all of them.
pub(super) fn leave_out(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case_id: &str,
    form_code: &str,
) -> Outcome<()> {
    let accepted = accepted(tx.conn(), case_id, form_code)?;
    bring(tx, ctx, case_id, form_code, &accepted)?;
    recollate_resting_on(tx, ctx, case_id, form_code)
}

/// What was accepted on a case and on those that are read under it.
fn accepted(conn: &mut Conn, case_id: &str, form_code: &str) -> Outcome<Vec<Response>> {
    let together = merges::together(conn, case_id)?;
    let mut all = responses::of_cases(conn, &together)?;
    all.retain(|r| r.form == form_code && r.state == "accepted");
    Ok(all)
}

fn bring(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case_id: &str,
    form_code: &str,
    accepted: &[Response],
) -> Outcome<()> {
    let together = merges::together(tx.conn(), case_id)?;
    let before = records::get(tx.conn(), case_id, form_code)?;
    let versions = accepted.iter().map(|r| r.form_version.clone());
    let held = before.as_ref().map(|row| row.form_version.clone());
    // What stands in the record by a newer version is not read by an older one because an older answer comes late.
    let Some(version) = versions.chain(held.clone()).max() else {
        return Ok(());
    };
    let agencies: BTreeMap<String, String> = requests::of_cases(tx.conn(), &together)?
        .into_iter()
        .map(|r| (r.id, r.agency))
        .collect();
    let dict = ctx.house.dictionary_of(&version);
    let form = dict.form(form_code).ok_or(Error::NotFound)?;
    let known = Picture::load(tx.conn(), ctx, case_id)?;
    let agency_of = |r: &Response| agencies.get(&r.request_id).cloned().unwrap_or_default();
    let mut given: Vec<Given> = accepted
        .iter()
        .map(|r| {
            let dict = ctx.house.dictionary_of(&r.form_version);
            let agency = agency_of(r);
            let others = accepted.iter().filter(|o| o.id != r.id);
            let of_agency: Vec<&Response> = others.filter(|o| agency_of(o) == agency).collect();
            let said = stored(dict, form_code, &r.answers);
            Given {
                source: r.id.clone(),
                answers: parts::own_answers(ctx, r, said, &of_agency),
                agency,
            }
        })
        .collect();
    let knew = |given: &Given| given.answers.choice("agency_knew_child") != Some("no");
    let old: Sources = before
        .as_ref()
        .map(|r| serde_json::from_str(&r.sources).unwrap_or_default())
        .unwrap_or_default();
    let mut disputed = BTreeSet::new();
    if given.iter().any(knew) {
        let there = told_elsewhere(tx.conn(), ctx, &known, (dict, form), &together)?;
        there.decides(&mut given, &old);
        given.extend(there.given);
        disputed = there.disputed;
    }
    let kept = before
        .map(|r| stored(dict, form_code, &r.answers))
        .unwrap_or_default();
    let (mut answers, mut sources) = together::bring_together(dict, form, &given, &old, &kept);
    // What a person decided stands while it is in dispute where it rests.
    for field in disputed {
        if let Some(decided) = old.get(&field).filter(|source| source.decided()) {
            sources.insert(field.clone(), decided.clone());
            match kept.get(&field) {
                Some(answer) => answers.set(field, answer.clone()),
                None => drop(answers.remove(&field)),
            }
        }
    }
    let elsewhere = |field: &str| known.elsewhere(form_code, field);
    derive(dict, form, &mut answers, &ctx.around(&elsewhere));
    if held.is_some() && answers == kept && sources == old {
        // A page that is open on it stays good.
        return Ok(());
    }
    write(tx, ctx, case_id, form_code, &version, &answers, &sources)
}

/// One answer in its JSON form.
pub fn json_of(field: &str, answer: Answer) -> Value {
    let mut one = Answers::default();
    one.set(field, answer);
    one.to_json().get(field).cloned().unwrap_or(Value::Null)
}

/// One answer from its JSON form.
pub fn answer_of(dict: &Dictionary, form: &Form, field: &str, value: &Value) -> Option<Answer> {
    let mut object = serde_json::Map::new();
    object.insert(field.to_owned(), value.clone());
    Answers::from_json(form, dict, &Value::Object(object))
        .0
        .remove(field)
}

/// A notifier completed what was sent early, after it had become a case: what was empty is filled, and
/// what differs from the record waits for the coordinator with both answers.
pub fn add_from_notifier(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case_id: &str,
    version: &str,
    given: &Answers,
) -> Outcome<()> {
    let form = super::notify::FORM;
    let Some(row) = records::get(tx.conn(), case_id, form)? else {
        return Ok(());
    };
    let mut answers = stored(
        ctx.house.dictionary_of(&row.form_version),
        form,
        &row.answers,
    );
    let mut sources: Sources = serde_json::from_str(&row.sources).unwrap_or_default();
    for (field, answer) in &given.0 {
        let source = sources.entry(field.clone()).or_default();
        match answers.get(field).cloned() {
            None => {
                answers.set(field.clone(), answer.clone());
                source.from = vec!["notification".into()];
            }
            Some(ours) if ours != *answer && source.settled_by.is_some() => {
                source.settled_by = None;
                source.settled_why = None;
                source.options = vec![
                    Differing {
                        answer: json_of(field, ours),
                        from: vec!["staff".into()],
                    },
                    Differing {
                        answer: json_of(field, answer.clone()),
                        from: vec!["notification".into()],
                    },
                ];
            }
            // Nobody but the notifier had spoken to this question, so the newer word stands.
            Some(_) => answers.set(field.clone(), answer.clone()),
        }
    }
    write(tx, ctx, case_id, form, version, &answers, &sources)?;
    recollate_resting_on(tx, ctx, case_id, form)
}

/// Brings the forms together again whose record takes answers from this one.
pub(super) fn recollate_resting_on(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case_id: &str,
    form: &str,
) -> Outcome<()> {
    for resting in ctx.house.shares.resting_on(form) {
        recollate(tx, ctx, case_id, resting)?;
    }
    Ok(())
}

/// The case behind a reference in an address; a reference that cannot be one is simply not there.
pub fn case_by_reference(conn: &mut Conn, reference: &str) -> Outcome<Case> {
    crate::store::cases::by_reference(conn, reference)?.ok_or(Error::NotFound)
}
