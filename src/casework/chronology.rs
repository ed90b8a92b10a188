//! One timeline of a child's life and contacts from everything that was answered, each entry with who said so. Where staff
//! corrected an agency or chose one of several answers, what they agreed stands there, with both. Only what this reader may see of each answer goes into
//! it. Must not know how it is shown.

use std::collections::{BTreeMap, BTreeSet};

use super::picture::{FieldSource, Sources, seen, stored};
use super::{Context, Outcome, gather, merge};
use crate::domain::chronology::{Entry, of_fields};
use crate::domain::event::Event;
use crate::domain::form::{Answer, Answers, Dictionary, Form, Ours};
use crate::domain::permission::{Facts, Verb};
use crate::store::cases::Case;
use crate::store::responses::Response;
use crate::store::{Conn, records};

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

/// A question of a form.
type Asked = (String, String);

/// What an agency said on one day.
struct Dated {
    who: String,
    at: Asked,
    entry: Entry,
    /// Staff had looked at it when they typed what stands.
    corrected: bool,
}

/// What of a form's answers goes into a timeline.
type Shown<'a> = &'a dyn Fn(&Dictionary, &str, Answers) -> Answers;

/// The timeline of a case, in order, with what was answered on cases that are read under it.
pub fn told(conn: &mut Conn, ctx: &Context, case: &Case, facts: &Facts) -> Outcome<Told> {
    ctx.allow(Verb::ReadCase, facts)?;
    let mut together = vec![case.id.clone()];
    together.extend(merge::under(conn, ctx, case)?.into_iter().map(|one| one.id));
    gathered(conn, ctx, (case, &together), &|dict, form, given| {
        seen(ctx, facts, dict, form, given)
    })
}

/// The timeline of a case and of those read together with it, from what `shown` leaves of each form. The caller has asked
/// for permission.
pub(super) fn gathered(
    conn: &mut Conn,
    ctx: &Context,
    (case, together): (&Case, &[String]),
    shown: Shown<'_>,
) -> Outcome<Told> {
    let accepted = gather::accepted_answers(conn, ctx, together)?;
    let mut all = Told::new();
    let mut staff = OfStaff::default();
    for row in records::of_case(conn, &case.id)? {
        let dict = ctx.house.dictionary_of(&row.form_version);
        let Some(form) = dict.form(&row.form) else {
            continue;
        };
        let answers = stored(dict, &row.form, &row.answers);
        if let Some((_, who)) = OF_RECORD.iter().find(|(code, _)| *code == row.form) {
            for (_, entry) in dated(shown, dict, form, answers) {
                all.entry(entry).or_default().who.insert((*who).to_owned());
            }
            continue;
        }
        let sources: Sources = serde_json::from_str(&row.sources).unwrap_or_default();
        for (field, source) in &sources {
            let at = (row.form.clone(), field.clone());
            if let Some(ours) = source.of_staff(dict, form, field, answers.get(field)) {
                let own = ours.answer.iter().map(|a| (field.clone(), a.clone()));
                for (_, entry) in dated(shown, dict, form, Answers(own.collect())) {
                    staff.stands(&at, &entry);
                    all.entry(entry).or_default().who.insert(TEAM.to_owned());
                }
                staff.typed.insert(at, ours);
            } else if source.settled_by.is_some() {
                staff.settled.insert(at);
            }
        }
        let said_elsewhere = |source: &FieldSource| {
            let there = |id: &String| {
                id == super::notify::FORM || accepted.iter().any(|(_, row)| row.id == *id)
            };
            source.from.iter().any(there)
        };
        for (field, entry) in dated(shown, dict, form, answers) {
            let at = (row.form.clone(), field);
            if staff.typed.contains_key(&at) {
                continue;
            }
            if staff.settled.contains(&at) {
                staff.stands(&at, &entry);
            } else if sources.get(&at.1).is_some_and(said_elsewhere) {
                // What agencies agreed on stands with each of them.
                continue;
            }
            all.entry(entry).or_default().who.insert(TEAM.to_owned());
        }
    }
    let said = said(ctx, &accepted, &staff, shown);
    let of_agencies: BTreeSet<(&Asked, &Entry)> = said.iter().map(|s| (&s.at, &s.entry)).collect();
    let nothing = BTreeSet::new();
    for one in &said {
        let of_staff = staff.stand.get(&one.at).unwrap_or(&nothing);
        let stands = !one.corrected || of_staff.contains(&one.entry);
        // Beside what staff changed or chose, rather than beside what another agency says as well.
        let chosen = staff.settled.contains(&one.at);
        let changed = of_staff
            .iter()
            .filter(|entry| chosen || !of_agencies.contains(&(&one.at, *entry)));
        let changed: Vec<&Entry> = changed.collect();
        add(&mut all, one, stands, &changed);
    }
    Ok(all)
}

/// What of a form's answers has a day.
fn dated(
    shown: Shown<'_>,
    dict: &Dictionary,
    form: &Form,
    answers: Answers,
) -> Vec<(String, Entry)> {
    of_fields(dict, form, &shown(dict, &form.code, answers))
}

/// What staff said of questions: by typing, or by choosing one of several answers.
#[derive(Default)]
struct OfStaff {
    typed: BTreeMap<Asked, Ours>,
    settled: BTreeSet<Asked>,
    /// The entries that stand for it.
    stand: BTreeMap<Asked, BTreeSet<Entry>>,
}

impl OfStaff {
    fn stands(&mut self, at: &Asked, entry: &Entry) {
        let entries = self.stand.entry(at.clone()).or_default();
        entries.insert(entry.clone());
    }

    /// Whether staff had looked at an agency's answer when they said what stands.
    fn looked_at(&self, at: &Asked, response: &str, answer: Option<&Answer>) -> bool {
        let typed = self.typed.get(at).zip(answer);
        self.settled.contains(at) || typed.is_some_and(|(ours, a)| ours.looked_at(response, a))
    }
}

/// Everything with a day that agencies said.
fn said(
    ctx: &Context,
    accepted: &[(String, Response)],
    staff: &OfStaff,
    shown: Shown<'_>,
) -> Vec<Dated> {
    let mut all = Vec::new();
    for (who, row) in accepted {
        let dict = ctx.house.dictionary_of(&row.form_version);
        let Some(form) = dict.form(&row.form) else {
            continue;
        };
        let answers = stored(dict, &row.form, &row.answers);
        for (field, entry) in dated(shown, dict, form, answers.clone()) {
            let at = (row.form.clone(), field);
            all.push(Dated {
                who: who.clone(),
                entry,
                corrected: staff.looked_at(&at, &row.id, answers.get(&at.1)),
                at,
            });
        }
    }
    all
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

/// Puts what an agency said where it belongs: at its own day, or beside what staff typed in its place.
fn add(all: &mut Told, one: &Dated, stands: bool, changed: &[&Entry]) {
    if stands {
        let from = all.entry(one.entry.clone()).or_default();
        from.who.insert(one.who.clone());
        return;
    }
    // Corrected to no day at all: there is no other place to tell of it.
    let own = [&one.entry];
    for place in if changed.is_empty() { &own } else { changed } {
        let from = all.entry((*place).clone()).or_default();
        from.instead.insert((one.who.clone(), one.entry.clone()));
    }
}
