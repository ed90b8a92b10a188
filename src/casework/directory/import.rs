//! The directory from a file: every line is judged before any is written, and a file with one fault changes nothing.
//! Must not know where the file came from.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Typed, faults, row};
use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome as Done, record};
use crate::domain::address::fold;
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb};
use crate::store::contacts::{self, Contact};
use crate::store::{Conn, Tx};

/// More lines than this are not read.
const MOST: usize = 10_000;

/// What would become of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Added,
    Changed,
    /// It is in the directory as it stands here.
    Same,
    /// Column and words of each fault.
    Refused(Vec<(String, String)>),
}

/// One line of the file.
#[derive(Clone, Debug)]
pub struct Line {
    /// From 1, the header.
    pub number: usize,
    pub typed: Typed,
    pub outcome: Outcome,
}

/// A file that was read.
#[derive(Clone, Debug, Default)]
pub struct Import {
    pub lines: Vec<Line>,
}

impl Import {
    pub fn count(&self, outcome: &Outcome) -> usize {
        self.lines
            .iter()
            .filter(|line| line.outcome == *outcome)
            .count()
    }

    /// The lines that cannot be taken.
    pub fn refused(&self) -> impl Iterator<Item = &Line> {
        let refused = |line: &&Line| matches!(line.outcome, Outcome::Refused(_));
        self.lines.iter().filter(refused)
    }
}

#[derive(Deserialize)]
struct Cells {
    agency: String,
    name: String,
    email: String,
    #[serde(default)]
    professional_type: String,
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    district: String,
    #[serde(default)]
    deputy_name: String,
    #[serde(default)]
    deputy_email: String,
}

/// Reads a file and says of each line what would become of it. Writes nothing.
pub fn read(conn: &mut Conn, ctx: &Context, text: &str) -> Done<Import> {
    ctx.allow(Verb::KeepDirectory, &Facts::default())?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let names = reader
        .headers()
        .map_err(|_| unreadable("The file is not CSV"))?;
    for wanted in ["agency", "name", "email"] {
        if !names.iter().any(|name| name == wanted) {
            let words = format!("The first line of the file must name a column “{wanted}”");
            return Err(unreadable(&words));
        }
    }
    let columns: BTreeSet<String> = names.iter().map(str::to_owned).collect();
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut import = Import::default();
    for (number, cells) in (2..).zip(reader.deserialize::<Cells>()) {
        if import.lines.len() == MOST {
            return Err(unreadable("The file must have 10,000 lines or fewer"));
        }
        let line = match cells {
            Ok(cells) => judged(conn, ctx, number, (typed(ctx, cells), &columns), &mut seen)?,
            Err(_) => Line {
                number,
                typed: Typed::default(),
                outcome: Outcome::Refused(vec![(
                    String::new(),
                    "The line has another number of cells than the first line".into(),
                )]),
            },
        };
        import.lines.push(line);
    }
    if import.lines.is_empty() {
        return Err(unreadable("The file holds no line below its first"));
    }
    Ok(import)
}

fn unreadable(words: &str) -> Error {
    Error::Invalid(vec![problem("file", "format", words)])
}

/// An agency, a professional type and a district may stand as code or in words.
fn typed(ctx: &Context, cells: Cells) -> Typed {
    let dict = ctx.house.dictionary();
    let code = |list: &str, text: String| {
        let named = dict
            .codes(list)
            .iter()
            .find(|c| fold(&c.label) == fold(&text));
        named.map_or(text, |c| c.code.clone())
    };
    let mut districts = ctx.house.area.districts.keys();
    let named = |code: &&String| {
        let name = ctx.house.organisation_name(code).unwrap_or_default();
        [code.as_str(), name]
            .map(fold)
            .contains(&fold(&cells.district))
    };
    let district = districts.find(named).cloned();
    Typed {
        agency: code("agency", cells.agency),
        professional_type: code("professional_type", cells.professional_type),
        organisation: cells.organisation,
        district: district.unwrap_or(cells.district),
        name: cells.name,
        email: cells.email,
        deputy_name: cells.deputy_name,
        deputy_email: cells.deputy_email,
        ..Typed::default()
    }
}

fn judged(
    conn: &mut Conn,
    ctx: &Context,
    number: usize,
    (mut typed, named): (Typed, &BTreeSet<String>),
    seen: &mut BTreeMap<(String, String), usize>,
) -> Done<Line> {
    let mut wrong: Vec<(String, String)> = faults(ctx, &typed)
        .into_iter()
        .map(|p| (p.field, p.message))
        .collect();
    let key = (typed.agency.clone(), fold(&typed.email));
    if let Some(first) = seen.get(&key) {
        let words = format!("Line {first} has the same agency and email address");
        wrong.push(("email".into(), words));
    } else if !typed.email.is_empty() {
        seen.insert(key, number);
    }
    let outcome = if wrong.is_empty() {
        match contacts::by_address(conn, &typed.agency, &typed.email)? {
            None => Outcome::Added,
            Some(old) => {
                fill_in(&mut typed, super::typed_of(&old), named);
                if as_it_stands(&old, &typed) {
                    Outcome::Same
                } else {
                    Outcome::Changed
                }
            }
        }
    } else {
        Outcome::Refused(wrong)
    };
    Ok(Line {
        number,
        typed,
        outcome,
    })
}

/// What the file has no column for stays as it is; it has none for who is away.
fn fill_in(typed: &mut Typed, old: Typed, named: &BTreeSet<String>) {
    (typed.away_from, typed.away_to) = (old.away_from, old.away_to);
    let cells = [
        (
            "professional_type",
            &mut typed.professional_type,
            old.professional_type,
        ),
        ("organisation", &mut typed.organisation, old.organisation),
        ("district", &mut typed.district, old.district),
        ("deputy_name", &mut typed.deputy_name, old.deputy_name),
        ("deputy_email", &mut typed.deputy_email, old.deputy_email),
    ];
    for (name, cell, stands) in cells {
        if !named.contains(name) {
            *cell = stands;
        }
    }
}

fn as_it_stands(old: &Contact, typed: &Typed) -> bool {
    old.ended_at.is_none() && super::typed_of(old) == *typed
}

/// Takes a file into the directory. Nothing is written while any line is refused.
pub fn import(tx: &mut Tx<'_>, ctx: &Context, text: &str) -> Done<Import> {
    let import = read(tx.conn(), ctx, text)?;
    if import.refused().next().is_some() {
        let words = "Nothing was taken over, because some lines cannot be. Correct the file and check it again";
        return Err(unreadable(words));
    }
    for line in &import.lines {
        let old = contacts::by_address(tx.conn(), &line.typed.agency, &line.typed.email)?;
        let done = match (&line.outcome, old) {
            (Outcome::Same, _) => true,
            (_, Some(old)) => {
                let before = super::typed_of(&old);
                super::changed(tx, ctx, &old.id, &before, &line.typed)?;
                contacts::save(tx, &row(ctx, &line.typed, old.id, old.version))?
            }
            (_, None) => contacts::insert(tx, &row(ctx, &line.typed, ctx.new_id(), 1))?,
        };
        if !done {
            return Err(Error::Stale);
        }
    }
    let event = Event::DirectoryImported {
        added: import.count(&Outcome::Added),
        changed: import.count(&Outcome::Changed),
    };
    record(tx, ctx, None, None, &event)?;
    Ok(import)
}
