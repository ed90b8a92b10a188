//! Several agencies' answers to one form, brought together.
//!
//! * "Not known" never stands against an answer that is known.
//! * Coded answers, dates, numbers and what X-4 names are agreed or in conflict.
//! * Other text is joined, each part under its agency's name; several choices and tables are
//!   united.
//! * What tells of the person who filled a form in, and not of the child, never conflicts.
//! * What staff typed speaks beside the agencies: an answer that they had not looked at is offered beside theirs, or
//!   united with it ([`Ours`]).

mod ours;

use std::collections::{BTreeMap, BTreeSet};

use super::answer::Row;
use super::check::Term;
use super::{Answer, Answers, Dictionary, Field, Form, Kind};

pub use ours::{Ours, STAFF};

/// One agency's answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The response's id.
    pub source: String,
    /// The agency's code, or its name where it has no code.
    pub agency: String,
    pub answers: Answers,
}

/// What several agencies say to one question.
#[derive(Debug, Clone, PartialEq)]
pub enum Collated {
    /// One answer, and the responses it rests on.
    Agreed {
        answer: Answer,
        sources: Vec<String>,
    },
    /// Different answers, each with the responses that give it. A person chooses.
    Conflict { options: Vec<(Answer, Vec<String>)> },
    /// Staff took away what was said, and nobody has said anything else since.
    TakenAway,
}

/// One agency's answer to the question at hand.
#[derive(Clone, Copy)]
struct Said<'g> {
    given: &'g Given,
    answer: &'g Answer,
}

/// Brings the answers together, question by question, with what staff typed; a question nobody answered is not there.
pub fn collate(
    dict: &Dictionary,
    form: &Form,
    given: &[Given],
    ours: &BTreeMap<String, Ours>,
) -> BTreeMap<String, Collated> {
    let mut collated = BTreeMap::new();
    for field in form.fields() {
        let ours = ours.get(&field.id);
        let mine = ours.and_then(|ours| ours.given(&field.id));
        let said = |given| Said::of(given, &field.id);
        let mut all: Vec<Said> = given.iter().filter_map(said).collect();
        if let Some(ours) = ours {
            ours.join(field, &mut all, mine.as_ref());
        }
        if all.iter().any(|said| !said.answer.is_not_known()) {
            all.retain(|said| !said.answer.is_not_known());
        }
        if !all.is_empty() {
            collated.insert(field.id.clone(), one(dict, field, &all));
        } else if ours.is_some() {
            collated.insert(field.id.clone(), Collated::TakenAway);
        }
    }
    collated
}

impl<'g> Said<'g> {
    fn of(given: &'g Given, id: &str) -> Option<Said<'g>> {
        let answer = given.answers.get(id).filter(|answer| !answer.is_blank())?;
        Some(Said { given, answer })
    }
}

fn one(dict: &Dictionary, field: &Field, all: &[Said]) -> Collated {
    if let Some(chosen) = about_the_response(field, all) {
        let of_staff = all.iter().find(|said| said.given.source == STAFF);
        let chosen = of_staff.copied().unwrap_or(chosen);
        return agreed(chosen.answer.clone(), &[chosen]);
    }
    if let [first, ..] = all
        && first.answer.is_not_known()
    {
        return agreed(first.answer.clone(), all);
    }
    let mut options: Vec<(Answer, Vec<String>)> = Vec::new();
    for said in all {
        match options
            .iter_mut()
            .find(|(answer, _)| same(answer, said.answer))
        {
            Some((_, sources)) => sources.push(said.given.source.clone()),
            None => options.push((said.answer.clone(), vec![said.given.source.clone()])),
        }
    }
    if let [(answer, sources)] = options.as_slice() {
        return Collated::Agreed {
            answer: answer.clone(),
            sources: sources.clone(),
        };
    }
    match united(dict, field, all) {
        Some(answer) => agreed(answer, all),
        None => Collated::Conflict { options },
    }
}

fn agreed(answer: Answer, said: &[Said]) -> Collated {
    let sources = said.iter().map(|said| said.given.source.clone()).collect();
    Collated::Agreed { answer, sources }
}

/// Questions about who filled the form in, and when. The record keeps the first agency's, but the
/// earliest request, the latest completion, and "yes" where any agency knew the child.
fn about_the_response<'s>(field: &Field, all: &[Said<'s>]) -> Option<Said<'s>> {
    match field.id.as_str() {
        "agency" | "reporter_name" | "reporter_role" | "reporter_address" | "reporter_phone"
        | "reporter_email" | "completed_by" => all.first().copied(),
        "date_requested" => all.iter().min_by_key(|said| said.answer.day()).copied(),
        "date_completed" | "completed_on" => {
            all.iter().max_by_key(|said| said.answer.day()).copied()
        }
        "agency_knew_child" => {
            let yes = all
                .iter()
                .find(|s| matches!(s.answer, Answer::Choice(c) if c == "yes"));
            yes.or(all.first()).copied()
        }
        _ => None,
    }
}

/// Equal for a reader: case and spacing of text do not matter.
pub fn same(one: &Answer, other: &Answer) -> bool {
    match (one, other) {
        (Answer::Text(one), Answer::Text(other)) => one
            .split_whitespace()
            .map(str::to_lowercase)
            .eq(other.split_whitespace().map(str::to_lowercase)),
        _ => one == other,
    }
}

/// Whether different answers to it stand together rather than against each other.
fn unites(field: &Field) -> bool {
    match field.kind {
        Kind::LongText | Kind::MultiChoice | Kind::Table => true,
        Kind::Text => !must_agree(field),
        _ => false,
    }
}

/// Different answers as one, where that does justice to each; `None` where a person must choose.
fn united(dict: &Dictionary, field: &Field, all: &[Said]) -> Option<Answer> {
    if !unites(field) {
        return None;
    }
    match field.kind {
        Kind::LongText => Some(Answer::Text(joined(dict, all, ":\n", "\n\n"))),
        Kind::Text => Some(Answer::Text(joined(dict, all, ": ", "; "))),
        Kind::MultiChoice => choices(dict, field, all),
        Kind::Table => Some(Answer::Rows(rows(all))),
        _ => None,
    }
}

/// Text that names a place, or has a shape that joining would break.
fn must_agree(field: &Field) -> bool {
    let shaped = |term: &Term| matches!(term, Term::NhsNumber | Term::Postcode | Term::Shape(_));
    field.id.starts_with("place_of_") || field.checks.iter().any(|check| shaped(&check.term))
}

/// Each agency's words under its name; the same words once.
fn joined(dict: &Dictionary, all: &[Said], colon: &str, gap: &str) -> String {
    let mut parts: Vec<(Vec<&str>, &Answer)> = Vec::new();
    for said in all {
        let agency = said.given.agency.as_str();
        let agency = dict.label("agency", agency).unwrap_or(agency);
        match parts
            .iter_mut()
            .find(|(_, answer)| same(answer, said.answer))
        {
            Some((names, _)) if names.contains(&agency) => {}
            Some((names, _)) => names.push(agency),
            None => parts.push((vec![agency], said.answer)),
        }
    }
    let parts: Vec<String> = parts
        .iter()
        .map(|(names, answer)| {
            let text = match answer {
                Answer::Text(text) => text.as_str(),
                _ => "",
            };
            // What staff corrected of several agencies has their names in it.
            let names: Vec<&str> = names.iter().copied().filter(|n| !n.is_empty()).collect();
            match names.join(", ") {
                nobody if nobody.is_empty() => text.to_owned(),
                names => format!("{names}{colon}{text}"),
            }
        })
        .collect();
    parts.join(gap)
}

/// Every code that any agency ticked. "None" beside a code is a conflict, "not known" gives way.
fn choices(dict: &Dictionary, field: &Field, all: &[Said]) -> Option<Answer> {
    let mut ticked = BTreeSet::new();
    for said in all {
        match said.answer {
            Answer::Choices(codes) => ticked.extend(codes.iter().map(String::as_str)),
            _ => return None,
        }
    }
    ticked.retain(|code| !super::answer::says_not_known(code));
    if ticked.contains("none") && ticked.len() > 1 {
        return None;
    }
    let list = dict.codes(field.codes.as_deref()?);
    let held = list
        .iter()
        .filter(|code| ticked.contains(code.code.as_str()));
    Some(Answer::Choices(
        held.map(|code| code.code.clone()).collect(),
    ))
}

/// Every row, equal ones once.
fn rows(all: &[Said]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for row in all.iter().flat_map(|said| said.answer.rows()) {
        if !rows.contains(row) {
            rows.push(row.clone());
        }
    }
    rows
}

#[cfg(test)]
mod tests;
