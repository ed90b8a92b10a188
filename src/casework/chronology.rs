//! One timeline of a child's life and contacts from everything that was answered, each entry with who said so. Where staff
//! corrected an agency, what they agreed stands there, with both. Only what this reader may see of each answer goes into
//! it. Must not know how it is shown.

use std::collections::{BTreeMap, BTreeSet};

use super::picture::{FieldSource, Sources, seen, stored};
use super::{Context, Outcome, gather, merge};
use crate::domain::chronology::{Entry, of_fields};
use crate::domain::event::Event;
use crate::domain::form::{Answers, Dictionary};
use crate::domain::permission::{Facts, Verb};
use crate::store::cases::Case;
use crate::store::{Conn, records, requests, responses};

/// Forms of the record that are no agency's answers.
const OF_RECORD: [(&str, &str); 2] = [
    (super::notify::FORM, "The notification"),
    ("cdrm_jar", "Joint agency response and review meeting"),
];
/// Who corrects.
const TEAM: &str = "The review team";

/// Who said what stands at an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct From {
    pub who: BTreeSet<String>,
    /// What agencies had said in its place, before staff corrected it: who, and which day.
    pub instead: BTreeSet<(String, Entry)>,
}

/// What happened, and who said so.
pub type Told = BTreeMap<Entry, From>;

/// The answers of one form with who gave them.
struct Said<'a> {
    form: &'a str,
    version: &'a str,
    answers: &'a str,
    who: &'a str,
}

/// What staff corrected or settled: by form and question, the entries that stand there now.
type Corrected = BTreeMap<(String, String), Vec<Entry>>;

/// The timeline of a case, in order, with what was answered on cases that are read under it.
pub fn told(conn: &mut Conn, ctx: &Context, case: &Case, facts: &Facts) -> Outcome<Told> {
    ctx.allow(Verb::ReadCase, facts)?;
    let mut together = vec![case.id.clone()];
    together.extend(merge::under(conn, ctx, case)?.into_iter().map(|one| one.id));
    gathered(conn, ctx, (case, &together), &|dict, form, given| {
        seen(ctx, facts, dict, form, given)
    })
}

/// What of a form's answers goes into a timeline.
type Shown<'a> = &'a dyn Fn(&Dictionary, &str, Answers) -> Answers;

/// The timeline of a case and of those read together with it, from what `shown` leaves of each form. The caller has asked
/// for permission.
pub(super) fn gathered(
    conn: &mut Conn,
    ctx: &Context,
    (case, together): (&Case, &[String]),
    shown: Shown<'_>,
) -> Outcome<Told> {
    let dated = |said: &Said<'_>| -> Vec<(String, Entry)> {
        let dict = ctx.house.dictionary_of(said.version);
        let given = stored(dict, said.form, said.answers);
        let answers = shown(dict, said.form, given);
        let form = dict.form(said.form);
        form.map_or_else(Vec::new, |form| of_fields(dict, form, &answers))
    };
    let mut responses = responses::of_cases(conn, together)?;
    responses.retain(|row| row.state == "accepted");
    let accepted: BTreeSet<&str> = responses.iter().map(|row| row.id.as_str()).collect();
    let mut all = Told::new();
    let mut corrected = Corrected::new();
    for row in records::of_case(conn, &case.id)? {
        let own = OF_RECORD.iter().find(|(form, _)| *form == row.form);
        let who = own.map_or(TEAM, |(_, who)| who);
        let found = dated(&Said {
            form: &row.form,
            version: &row.form_version,
            answers: &row.answers,
            who,
        });
        let sources: Sources = serde_json::from_str(&row.sources).unwrap_or_default();
        if own.is_none() {
            for field in sources.iter().filter(|(_, s)| is_of_staff(s)) {
                corrected.insert((row.form.clone(), field.0.clone()), Vec::new());
            }
        }
        for (field, entry) in found {
            let said_elsewhere = sources.get(&field).is_some_and(|source| {
                let there =
                    |id: &String| accepted.contains(id.as_str()) || id == super::notify::FORM;
                source.from.iter().any(there)
            });
            let key = (row.form.clone(), field);
            if let Some(now) = corrected.get_mut(&key) {
                now.push(entry.clone());
            } else if own.is_none() && said_elsewhere {
                // What agencies agreed on stands with each of them.
                continue;
            }
            all.entry(entry).or_default().who.insert(who.to_owned());
        }
    }
    let agencies: BTreeMap<String, String> = requests::of_cases(conn, together)?
        .into_iter()
        .map(|row| (row.id, gather::agency_label(ctx, &row.agency)))
        .collect();
    for row in &responses {
        let Some(who) = agencies.get(&row.request_id) else {
            continue;
        };
        let said = Said {
            form: &row.form,
            version: &row.form_version,
            answers: &row.answers,
            who,
        };
        for (field, entry) in dated(&said) {
            let now = corrected.get(&(row.form.clone(), field));
            add(&mut all, said.who, &entry, now);
        }
    }
    Ok(all)
}

/// The same to print, which is noted.
pub fn printed(conn: &mut Conn, ctx: &Context, case: &Case, facts: &Facts) -> Outcome<Told> {
    let told = told(conn, ctx, case, facts)?;
    let event = Event::ChronologyPrinted {
        entries: told.len(),
    };
    ctx.note(Some(&case.id), None, &event)?;
    Ok(told)
}

/// Whether staff said what stands at a question, or which of several answers does, rather than an agency.
fn is_of_staff(source: &FieldSource) -> bool {
    source.from == ["staff"] || source.settled_by.is_some()
}

/// Puts what an agency said where it belongs: at its own day, or beside what staff said in its place.
fn add(all: &mut Told, who: &str, entry: &Entry, corrected: Option<&Vec<Entry>>) {
    let stands = corrected.is_none_or(|now| now.contains(entry));
    let places: Vec<Entry> = match corrected {
        Some(now) if !stands && !now.is_empty() => now.clone(),
        // Corrected to no day at all: there is no other place to tell of it.
        _ => vec![entry.clone()],
    };
    for place in places {
        let from = all.entry(place).or_default();
        if stands {
            from.who.insert(who.to_owned());
        } else {
            from.instead.insert((who.to_owned(), entry.clone()));
        }
    }
}
