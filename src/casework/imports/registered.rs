//! A list of registered deaths beside what was notified: which are known, which nobody notified, and which are not
//! reviewed here. Nothing of the list is kept but that it was compared.

use serde_json::Value;

use super::file::{self, File, Row};
use super::judge::{Fault, Like, before, surely, wrong_length};
use crate::casework::triage::identity;
use crate::casework::{Context, Error, Outcome, notify, record};
use crate::domain::age::eighteenth_birthday;
use crate::domain::duplicate::fold;
use crate::domain::event::Event;
use crate::domain::form::{Answers, Dictionary, Form};
use crate::domain::permission::{Facts, Verb};
use crate::store::Tx;
use crate::store::marks::Likeness;

/// How a registered death stands here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Notified,
    NotNotified,
    /// Nobody notified it, and nobody had to here: the child lived elsewhere, or was 18 or over.
    NotOurs,
    /// The row cannot be read.
    Refused,
}

/// One row of the list.
#[derive(Clone, Debug)]
pub struct Registered {
    pub number: usize,
    pub standing: Standing,
    /// What it is, or may be.
    pub like: Vec<Like>,
    pub faults: Vec<Fault>,
}

/// Columns without which a death cannot be found again.
const NEEDED: [&str; 2] = ["child_surname", "date_of_death"];

/// Sets a list beside what was notified.
pub fn compare(tx: &mut Tx<'_>, ctx: &Context, text: &str) -> Outcome<Vec<Registered>> {
    ctx.allow(Verb::ImportNotifications, &Facts::default())?;
    let dict = ctx.house.dictionary();
    let form = dict
        .form(notify::FORM)
        .ok_or_else(|| Error::Internal("no notification form".into()))?;
    let file = file::read(dict, form, text)?;
    let mut rows = Vec::new();
    for row in &file.rows {
        rows.push(match &row.answers {
            Some(answers) => stands(tx, ctx, (dict, form), &file, row, answers)?,
            None => refused(row, vec![wrong_length()]),
        });
    }
    let count = |standing: Standing| rows.iter().filter(|r| r.standing == standing).count();
    let event = Event::RegisteredDeathsCompared {
        notified: count(Standing::Notified),
        not_notified: count(Standing::NotNotified),
        not_ours: count(Standing::NotOurs),
        refused: count(Standing::Refused),
    };
    record(tx, ctx, None, None, &event)?;
    Ok(rows)
}

fn refused(row: &Row, faults: Vec<Fault>) -> Registered {
    Registered {
        number: row.number,
        standing: Standing::Refused,
        like: Vec::new(),
        faults,
    }
}

fn stands(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (dict, form): (&Dictionary, &Form),
    file: &File<'_>,
    row: &Row,
    answers: &Value,
) -> Outcome<Registered> {
    let mut answers = answers.clone();
    if let Some(lived) = answers.get_mut("normally_resident_la") {
        of_another_area(dict, lived);
    }
    let (given, problems) = Answers::from_json(form, dict, &answers);
    let mut faults: Vec<Fault> = problems
        .iter()
        .map(|p| Fault {
            column: file.column_of(row, p),
            words: p.message.clone(),
        })
        .collect();
    for column in NEEDED {
        if !given.is_answered(column) && faults.iter().all(|f| f.column != column) {
            faults.push(Fault {
                column: column.into(),
                words: "This must be there to find the death again".into(),
            });
        }
    }
    if !faults.is_empty() {
        return Ok(refused(row, faults));
    }
    let who = identity(&given);
    let surname = fold(&who.surname);
    let likeness = Likeness {
        nhs_number: who.nhs_number.as_deref(),
        surname: &surname,
        date_of_birth: who.date_of_birth,
    };
    let mut found = before(tx.conn(), ctx, &likeness, &who)?;
    found.sort_by_key(|(hit, _)| hit.strength);
    let standing = if found.iter().any(|(hit, _)| surely(hit)) {
        found.retain(|(hit, _)| surely(hit));
        Standing::Notified
    } else if elsewhere(ctx, &given) {
        Standing::NotOurs
    } else {
        Standing::NotNotified
    };
    Ok(Registered {
        number: row.number,
        standing,
        like: found.into_iter().map(|(_, like)| like).collect(),
        faults: Vec::new(),
    })
}

/// A registrar writes every authority by its national code; our list has those of this area.
fn of_another_area(dict: &Dictionary, lived: &mut Value) {
    let code = lived.as_str().unwrap_or_default().to_uppercase();
    let mut chars = code.chars();
    let first = chars.next();
    let national = code.len() == 9 && chars.all(|c| c.is_ascii_digit());
    if national && dict.code("local_authority", &code).is_none() {
        let england = first == Some('E');
        *lived = if england { "other" } else { "outside" }.into();
    }
}

/// Whether the review is not owed here. What the list does not say is taken as ours.
fn elsewhere(ctx: &Context, given: &Answers) -> bool {
    let lived = given.choice("normally_resident_la");
    let away = lived.is_some_and(|la| !ctx.house.area.footprint.iter().any(|own| own == la));
    let dates = given.date("date_of_birth").zip(given.date("date_of_death"));
    let adult = dates.is_some_and(|(born, died)| died >= eighteenth_birthday(born));
    away || adult
}
