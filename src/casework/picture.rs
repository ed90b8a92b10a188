//! The whole picture of a case: its agreed answers, where each came from, what still differs, and what the
//! rules need to know of it. Reads stored JSON back into typed answers. Must not decide anything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Context, Error, Outcome};
use crate::domain::form::{
    Answer, Answers, Clearance, Collated, Dictionary, Form, Given, Problem, collate, derive, masked,
};
use crate::domain::permission::{Facts, clearance};
use crate::domain::record::{CaseRecord, is_about_the_case};
use crate::domain::shared_answers::tells;
use crate::store::cases::Case;
use crate::store::records::Record;
use crate::store::responses::Response;
use crate::store::{Conn, Tx, merges, records, requests, responses};

/// How an answer that staff gave is told from others.
const STAFF: &str = "staff";

/// Where the answer to one question came from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FieldSource {
    /// Response ids, or `notification`, or `staff`.
    pub from: Vec<String>,
    /// Name of who settled a disagreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_by: Option<String>,
    /// Every answer given, when they differ; nothing of it is ever dropped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Differing>,
}

impl FieldSource {
    /// Whether a person still has to choose.
    pub fn unsettled(&self) -> bool {
        self.options.len() > 1 && self.settled_by.is_none()
    }

    /// Whether staff said what stands, rather than choosing between what others say.
    fn corrected(&self) -> bool {
        self.settled_by.is_some() && (self.options.is_empty() || self.from == [STAFF])
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
/// one. What a person settled stays
/// settled while the answers it chose between are the same.
pub fn recollate(tx: &mut Tx<'_>, ctx: &Context, case_id: &str, form_code: &str) -> Outcome<()> {
    let together = merges::together(tx.conn(), case_id)?;
    let accepted: Vec<Response> = responses::of_cases(tx.conn(), &together)?
        .into_iter()
        .filter(|r| r.form == form_code && r.state == "accepted")
        .collect();
    if accepted.is_empty() {
        return Ok(());
    }
    bring(tx, ctx, case_id, form_code, &together, &accepted)
}

/// The same where answers went that were there, if need be all of them.
pub(super) fn leave_out(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case_id: &str,
    form_code: &str,
) -> Outcome<()> {
    let together = merges::together(tx.conn(), case_id)?;
    let mut accepted = responses::of_cases(tx.conn(), &together)?;
    accepted.retain(|r| r.form == form_code && r.state == "accepted");
    bring(tx, ctx, case_id, form_code, &together, &accepted)
}

fn bring(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case_id: &str,
    form_code: &str,
    together: &[String],
    accepted: &[Response],
) -> Outcome<()> {
    let before = records::get(tx.conn(), case_id, form_code)?;
    let versions = accepted.iter().map(|r| r.form_version.clone());
    let held = before.as_ref().map(|row| row.form_version.clone());
    // What stands in the record by a newer version is not read by an older one because an older answer comes late.
    let Some(version) = versions.chain(held).max() else {
        return Ok(());
    };
    let agencies: BTreeMap<String, String> = requests::of_cases(tx.conn(), together)?
        .into_iter()
        .map(|r| (r.id, r.agency))
        .collect();
    let dict = ctx.house.dictionary_of(&version);
    let form = dict.form(form_code).ok_or(Error::NotFound)?;
    let known = Picture::load(tx.conn(), ctx, case_id)?;
    let mut given: Vec<Given> = accepted
        .iter()
        .map(|r| Given {
            source: r.id.clone(),
            agency: agencies.get(&r.request_id).cloned().unwrap_or_default(),
            answers: stored(
                ctx.house.dictionary_of(&r.form_version),
                form_code,
                &r.answers,
            ),
        })
        .collect();
    let knew = |given: &Given| given.answers.choice("agency_knew_child") != Some("no");
    if given.iter().any(knew) {
        given.extend(notified(ctx, &known, form_code));
    }
    let old: Sources = before
        .as_ref()
        .map(|r| serde_json::from_str(&r.sources).unwrap_or_default())
        .unwrap_or_default();
    let kept = before
        .map(|r| stored(dict, form_code, &r.answers))
        .unwrap_or_default();
    let (mut answers, sources) = bring_together(dict, form, &given, &old, &kept);
    let elsewhere = |field: &str| known.elsewhere(form_code, field);
    derive(dict, form, &mut answers, &ctx.around(&elsewhere));
    write(tx, ctx, case_id, form_code, &version, &answers, &sources)
}

/// What the notification says to questions of this form. Agencies are not asked it again, so the record takes it from
/// there; and where an agency's own records say something else, the two stand beside each other.
fn notified(ctx: &Context, known: &Picture, form: &str) -> Option<Given> {
    let said = known.answers(super::notify::FORM)?;
    let answers = ctx.house.shares.from(form, super::notify::FORM);
    let answers: BTreeMap<String, Answer> = answers
        .filter_map(|(field, there)| Some((field.to_owned(), said.get(there)?.clone())))
        .filter(|(_, answer)| tells(answer))
        .collect();
    Some(Given {
        source: super::notify::FORM.to_owned(),
        agency: String::new(),
        answers: Answers(answers),
    })
}

fn bring_together(
    dict: &Dictionary,
    form: &Form,
    given: &[Given],
    old: &Sources,
    kept: &Answers,
) -> (Answers, Sources) {
    let mut answers = Answers::default();
    let mut sources = Sources::new();
    for (field, collated) in collate(dict, form, given) {
        // What an agency says of itself stays with its own answer; it is no part of what is agreed. But that
        // anybody knew the child opens the rest of the form.
        let agreed = field == "agency_knew_child"
            || form
                .field(&field)
                .is_some_and(|f| is_about_the_case(form, f));
        if !agreed {
            continue;
        }
        let before = old.get(&field);
        match collated {
            Collated::Agreed {
                answer,
                sources: from,
            } => {
                // A correction by staff outlives a new answer that says what was there before; so does an answer that
                // staff took away.
                if let Some(before) = before.filter(|s| s.corrected()) {
                    if let Some(ours) = kept.get(&field) {
                        answers.set(field.clone(), ours.clone());
                    }
                    sources.insert(field, before.clone());
                } else {
                    answers.set(field.clone(), answer);
                    sources.insert(
                        field,
                        FieldSource {
                            from,
                            ..FieldSource::default()
                        },
                    );
                }
            }
            Collated::Conflict { options } => {
                let options: Vec<Differing> = options
                    .into_iter()
                    .map(|(answer, from)| Differing {
                        answer: json_of(&field, answer),
                        from,
                    })
                    .collect();
                if let Some((source, ours)) =
                    beside_staff(before, kept.get(&field), &field, &options)
                {
                    answers.set(field.clone(), ours);
                    sources.insert(field, source);
                    continue;
                }
                let settled =
                    before.filter(|s| same_choice(&s.options, &options) && s.settled_by.is_some());
                if let (Some(_), Some(ours)) = (settled, kept.get(&field)) {
                    answers.set(field.clone(), ours.clone());
                }
                let source = FieldSource {
                    from: settled.map(|s| s.from.clone()).unwrap_or_default(),
                    settled_by: settled.and_then(|s| s.settled_by.clone()),
                    options,
                };
                sources.insert(field, source);
            }
        }
    }
    // What staff alone answered is nobody else's to take away.
    for (field, source) in old.iter().filter(|(_, s)| s.from == [STAFF]) {
        if let (false, Some(ours)) = (sources.contains_key(field), kept.get(field)) {
            answers.set(field.clone(), ours.clone());
            sources.insert(field.clone(), source.clone());
        }
    }
    (answers, sources)
}

/// What staff said before agencies came to differ stands, and beside it what each of them says.
fn beside_staff(
    before: Option<&FieldSource>,
    ours: Option<&Answer>,
    field: &str,
    options: &[Differing],
) -> Option<(FieldSource, Answer)> {
    let (before, ours) = (before.filter(|s| s.corrected())?, ours?);
    let said = json_of(field, ours.clone());
    let mut options = options.to_vec();
    if !options.iter().any(|option| option.answer == said) {
        options.push(Differing {
            answer: said,
            from: vec![STAFF.into()],
        });
    }
    let source = FieldSource {
        from: vec![STAFF.into()],
        settled_by: before.settled_by.clone(),
        options,
    };
    Some((source, ours.clone()))
}

fn same_choice(a: &[Differing], b: &[Differing]) -> bool {
    a.len() == b.len() && a.iter().all(|x| b.iter().any(|y| y.answer == x.answer))
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
