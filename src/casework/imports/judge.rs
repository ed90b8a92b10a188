//! What would become of each row of a file: new, known already, or not to be taken. A row is set beside what was notified
//! before and beside the rows above it, by the rules that triage goes by. Must write nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::file::{self, File, Row};
use crate::casework::triage::identity;
use crate::casework::{Context, Error, Outcome, access, notify};
use crate::domain::duplicate::{Identity, Match, Strength, compare};
use crate::domain::form::Problem;
use crate::store::marks::Likeness;
use crate::store::notifications::{self, Notification};
use crate::store::{Conn, cases};

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    Created,
    /// The death is known already.
    Matched,
    Refused,
}

/// Something that may tell of the same child.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Like {
    /// Of a case, or of a notification; empty for a row of the same file.
    pub reference: String,
    pub row: Option<usize>,
    /// Why, in sentences that say what agrees and never what it is.
    pub words: String,
}

/// What is wrong in one cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub column: String,
    pub words: String,
}

/// One row of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// As a spreadsheet counts: the names of the columns stand in row 1.
    pub number: usize,
    pub became: Became,
    /// False where what is missing can be added later.
    pub complete: bool,
    /// What it was matched with; of a new one, what should be looked at beside it.
    pub like: Vec<Like>,
    pub faults: Vec<Fault>,
    /// Id and reference of the notification, once it is written.
    pub notification: Option<(String, String)>,
}

/// A file that was judged.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    pub lines: Vec<Line>,
    /// The notifications that are new, by row.
    pub(super) fresh: BTreeMap<usize, Notification>,
}

impl Judged {
    pub fn count(&self, became: Became) -> usize {
        let all = self.lines.iter();
        all.filter(|line| line.became == became).count()
    }
}

/// The rows above that are new, found again by what duplicates share.
#[derive(Default)]
struct Above {
    all: Vec<(usize, Identity)>,
    by: BTreeMap<String, Vec<usize>>,
}

fn keys(row: &Notification) -> Vec<String> {
    let number = row.nhs_number.iter().map(|n| format!("n{n}"));
    let birth = row.date_of_birth.iter().map(|d| format!("b{d}"));
    let name = Some(&row.surname_folded).filter(|s| !s.is_empty());
    let name = name.into_iter().map(|s| format!("s{s}"));
    number.chain(birth).chain(name).collect()
}

impl Above {
    fn add(&mut self, number: usize, row: &Notification, who: Identity) {
        for key in keys(row) {
            self.by.entry(key).or_default().push(self.all.len());
        }
        self.all.push((number, who));
    }

    fn like(&self, row: &Notification, who: &Identity) -> Vec<(Match, Like)> {
        let mut places: Vec<usize> = keys(row)
            .iter()
            .filter_map(|key| self.by.get(key))
            .flatten()
            .copied()
            .collect();
        places.sort_unstable();
        places.dedup();
        let near = places.iter().filter_map(|place| self.all.get(*place));
        near.filter_map(|(number, other)| {
            let found = compare(who, other)?;
            let like = Like {
                reference: String::new(),
                row: Some(*number),
                words: found.reasons.join(" "),
            };
            Some((found, like))
        })
        .collect()
    }
}

/// Reads a file and says of each row what would become of it.
pub(super) fn judge(conn: &mut Conn, ctx: &Context, text: &str) -> Outcome<Judged> {
    let dict = ctx.house.dictionary();
    let form = dict
        .form(notify::FORM)
        .ok_or_else(|| Error::Internal("no notification form".into()))?;
    let file = file::read(dict, form, text)?;
    let mut judged = Judged::default();
    let mut above = Above::default();
    for row in &file.rows {
        let line = match &row.answers {
            None => refused(row.number, vec![wrong_length()]),
            Some(answers) => line(
                conn,
                ctx,
                &file,
                row,
                answers,
                &mut judged.fresh,
                &mut above,
            )?,
        };
        judged.lines.push(line);
    }
    Ok(judged)
}

pub(super) fn wrong_length() -> Fault {
    Fault {
        column: String::new(),
        words: "The row has another number of cells than the first row".to_owned(),
    }
}

fn refused(number: usize, faults: Vec<Fault>) -> Line {
    Line {
        number,
        became: Became::Refused,
        complete: false,
        like: Vec::new(),
        faults,
        notification: None,
    }
}

fn line(
    conn: &mut Conn,
    ctx: &Context,
    file: &File<'_>,
    row: &Row,
    answers: &Value,
    fresh: &mut BTreeMap<usize, Notification>,
    above: &mut Above,
) -> Outcome<Line> {
    let (notification, given) = match notify::of_file(ctx, answers)? {
        Ok(read) => read,
        Err(problems) => {
            let fault = |p: &Problem| Fault {
                column: file.column_of(row, p),
                words: p.message.clone(),
            };
            return Ok(refused(row.number, problems.iter().map(fault).collect()));
        }
    };
    let who = identity(&given);
    let likeness = Likeness {
        nhs_number: notification.nhs_number.as_deref(),
        surname: &notification.surname_folded,
        date_of_birth: notification.date_of_birth,
    };
    let mut found = before(conn, ctx, &likeness, &who)?;
    found.extend(above.like(&notification, &who));
    found.sort_by_key(|(hit, _)| hit.strength);
    let matched = found.iter().any(|(hit, _)| surely(hit));
    if matched {
        found.retain(|(hit, _)| surely(hit));
    }
    let line = Line {
        number: row.number,
        became: if matched {
            Became::Matched
        } else {
            Became::Created
        },
        complete: notification.complete,
        like: found.into_iter().map(|(_, like)| like).collect(),
        faults: Vec::new(),
        notification: None,
    };
    if !matched {
        above.add(row.number, &notification, who);
        fresh.insert(row.number, notification);
    }
    Ok(line)
}

/// Whether it is the same child beyond doubt. A twin is another child, even under a number that was given to the wrong
/// one: a person looks at the two.
pub(super) fn surely(hit: &Match) -> bool {
    hit.strength != Strength::Possible && !hit.may_be_twin
}

/// What was notified before and may tell of the same child.
pub(in crate::casework) fn before(
    conn: &mut Conn,
    ctx: &Context,
    likeness: &Likeness<'_>,
    who: &Identity,
) -> Outcome<Vec<(Match, Like)>> {
    let alike = notifications::alike(conn, &access::sight(ctx), likeness, 50)?;
    let mut found = Vec::new();
    for other in alike {
        let Some(hit) = compare(who, &identity(&notify::answers(ctx, &other))) else {
            continue;
        };
        let case = match &other.case_id {
            Some(id) => cases::get(conn, id)?,
            None => None,
        };
        let like = Like {
            reference: case.map_or(other.reference, |case| case.reference),
            row: None,
            words: hit.reasons.join(" "),
        };
        found.push((hit, like));
    }
    Ok(found)
}
