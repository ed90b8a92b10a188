//! Reads who may see which known answers, and names everything in it that cannot be right, by file, line and column.
//! Must not know what is known of any case.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Place, Share, Shares};
use crate::domain::form::{AnsweredBy, Dictionary, Field, FormKind, Kind};

/// Names of the data files, as faults name them.
const FILE: &str = "shared_answers.csv";
const GROUPS: &str = "agency_groups.csv";
/// The list that agencies are of.
const AGENCIES: &str = "agency";

#[derive(Deserialize)]
struct Line {
    form: String,
    field: String,
    readers: String,
    also: String,
    basis: String,
}

#[derive(Deserialize)]
struct Member {
    group: String,
    agency: String,
    basis: String,
}

type Groups = BTreeMap<String, BTreeSet<String>>;

impl Shares {
    /// Reads the data file against a dictionary, and the groups of agencies that it names.
    ///
    /// # Errors
    /// Everything that cannot be right, as `shared_answers.csv:5: column field: …`.
    pub fn load(dict: &Dictionary, groups: &str, text: &str) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let groups = groups_of(dict, groups, &mut faults);
        let mut all: Vec<Share> = Vec::new();
        for (number, line) in lines::<Line>(text) {
            let read = line
                .map_err(|fault| fault.to_string())
                .and_then(|line| share(dict, &groups, &all, &line));
            match read {
                Ok(share) => all.push(share),
                Err(fault) => faults.push(format!("{FILE}:{number}: {fault}")),
            }
        }
        if faults.is_empty() {
            faults.extend(all.iter().enumerate().flat_map(|(at, share)| {
                let number = at + 2;
                let wrong = linked(dict, &all, share);
                wrong
                    .into_iter()
                    .map(move |fault| format!("{FILE}:{number}: {fault}"))
            }));
        }
        if faults.is_empty() {
            let alike = alike(&all);
            Ok(Self { rows: all, alike })
        } else {
            Err(faults)
        }
    }
}

/// What is wrong with the places that one question is linked to: an answer must not come back to where it came from, nor be
/// shown by way of a link to somebody who may not see it where it stands.
fn linked(dict: &Dictionary, all: &[Share], share: &Share) -> Vec<String> {
    let mut faults = Vec::new();
    if rests_on(all, &share.form).contains(&share.form) {
        faults.push(format!(
            "column also: the record of “{}” would rest on itself",
            share.form
        ));
    }
    for (form, field) in &share.also {
        let there = all.iter().find(|s| s.form == *form && s.field == *field);
        let may = |agency: &String| there.is_some_and(|there| there.readers.contains(agency));
        // What the notification says is no agency's answer.
        let open = dict
            .form(form)
            .is_some_and(|form| form.kind == FormKind::Notification);
        let kept_from = share.readers.iter().filter(|agency| !open && !may(agency));
        let more: Vec<&str> = kept_from.map(String::as_str).collect();
        if !more.is_empty() {
            faults.push(format!(
                "column readers: {} may not see “{form}.{field}”",
                more.join(", ")
            ));
        }
    }
    faults
}

/// Every form that the record of one rests on, also by way of others.
fn rests_on(all: &[Share], form: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut open = vec![form.to_owned()];
    while let Some(form) = open.pop() {
        for share in all.iter().filter(|share| share.form == form) {
            for (on, _) in &share.also {
                if found.insert(on.clone()) {
                    open.push(on.clone());
                }
            }
        }
    }
    found
}

/// The places that are linked, each with all that it is linked to in whatever steps.
fn alike(all: &[Share]) -> Vec<BTreeSet<Place>> {
    let mut groups: Vec<BTreeSet<Place>> = Vec::new();
    for share in all.iter().filter(|share| !share.also.is_empty()) {
        let mut group: BTreeSet<Place> = share
            .places()
            .map(|(form, field)| (form.to_owned(), field.to_owned()))
            .collect();
        let (touched, apart): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .partition(|other| !other.is_disjoint(&group));
        group.extend(touched.into_iter().flatten());
        groups = apart;
        groups.push(group);
    }
    groups
}

fn lines<T: for<'de> Deserialize<'de>>(text: &str) -> Vec<(usize, Result<T, csv::Error>)> {
    let all: Vec<Result<T, csv::Error>> = csv::Reader::from_reader(text.as_bytes())
        .into_deserialize()
        .collect();
    (2..).zip(all).collect()
}

fn groups_of(dict: &Dictionary, text: &str, faults: &mut Vec<String>) -> Groups {
    let mut groups = Groups::new();
    for (number, line) in lines::<Member>(text) {
        let mut wrong = |what: String| faults.push(format!("{GROUPS}:{number}: {what}"));
        match line {
            Err(fault) => wrong(fault.to_string()),
            Ok(line) if dict.code(AGENCIES, &line.agency).is_none() => {
                wrong(format!(
                    "column agency: there is no agency “{}”",
                    line.agency
                ));
            }
            Ok(line) if line.basis.trim().is_empty() => wrong("column basis: is empty".into()),
            Ok(line) if dict.code(AGENCIES, &line.group).is_some() => {
                wrong(format!("column group: “{}” is an agency", line.group));
            }
            Ok(line) => {
                groups.entry(line.group).or_default().insert(line.agency);
            }
        }
    }
    groups
}

fn share(
    dict: &Dictionary,
    groups: &Groups,
    before: &[Share],
    line: &Line,
) -> Result<Share, String> {
    let field = field_of(dict, &line.form, &line.field)?;
    if before
        .iter()
        .any(|s| s.form == line.form && s.field == line.field)
    {
        return Err(format!("column field: “{}” stands here twice", line.field));
    }
    if field.answered_by != AnsweredBy::Respondent {
        return Err(format!(
            "column field: “{}” is not asked of an agency",
            line.field
        ));
    }
    if field.kind == Kind::Table {
        return Err(format!("column field: “{}” is a table", line.field));
    }
    if line.basis.trim().is_empty() {
        return Err("column basis: is empty".into());
    }
    Ok(Share {
        form: line.form.clone(),
        field: line.field.clone(),
        readers: readers(dict, groups, &line.readers)?,
        also: also(dict, field, &line.also)?,
    })
}

fn field_of<'d>(dict: &'d Dictionary, form: &str, field: &str) -> Result<&'d Field, String> {
    dict.form(form)
        .ok_or_else(|| format!("column form: there is no form “{form}”"))?
        .field(field)
        .ok_or_else(|| format!("column field: form “{form}” does not ask “{field}”"))
}

fn readers(dict: &Dictionary, groups: &Groups, cell: &str) -> Result<BTreeSet<String>, String> {
    let mut all = BTreeSet::new();
    // Nobody, where a question is linked alone, so that nobody who answered the one is asked the other.
    for name in cell.split('|').map(str::trim).filter(|n| !n.is_empty()) {
        if let Some(members) = groups.get(name) {
            all.extend(members.iter().cloned());
        } else if dict.code(AGENCIES, name).is_some() {
            all.insert(name.to_owned());
        } else {
            return Err(format!(
                "column readers: there is no group or agency “{name}”"
            ));
        }
    }
    Ok(all)
}

/// The other places where the same is answered; an answer must fit there and here.
fn also(dict: &Dictionary, field: &Field, cell: &str) -> Result<Vec<Place>, String> {
    let mut all = Vec::new();
    for place in cell.split('|').map(str::trim).filter(|p| !p.is_empty()) {
        let (form, id) = place
            .split_once('.')
            .ok_or_else(|| format!("column also: “{place}” is not form.field"))?;
        let other = field_of(dict, form, id).map_err(|fault| fault.replace("column ", "also: "))?;
        if other.kind != field.kind || codes(dict, other) != codes(dict, field) {
            return Err(format!("column also: “{place}” takes other answers"));
        }
        all.push((form.to_owned(), id.to_owned()));
    }
    Ok(all)
}

fn codes<'d>(dict: &'d Dictionary, field: &Field) -> BTreeSet<&'d str> {
    let list = field.codes.as_deref().unwrap_or_default();
    dict.codes(list)
        .iter()
        .map(|code| code.code.as_str())
        .collect()
}
