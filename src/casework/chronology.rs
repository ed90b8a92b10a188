//! One timeline of a child's life and contacts from everything that was answered, each entry with who said so. Where staff
//! corrected an agency, what they agreed stands there, with both. Only what this reader may see of each answer goes into
//! it. Must not know how it is shown.

use std::collections::{BTreeMap, BTreeSet};

use super::picture::{Sources, seen, stored};
use super::{Context, Outcome, gather, merge};
use crate::domain::chronology::{Entry, of_fields};
use crate::domain::event::Event;
use crate::domain::form::{Answers, Dictionary, Form, Ours};
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

/// The timeline of a case, in order, with what was answered on cases that are read under it.
pub fn told(conn: &mut Conn, ctx: &Context, case: &Case, facts: &Facts) -> Outcome<Told> {
    ctx.allow(Verb::ReadCase, facts)?;
    let mut all = Told::new();
    let mut typed: BTreeMap<Asked, Ours> = BTreeMap::new();
    let mut stand: BTreeMap<Asked, BTreeSet<Entry>> = BTreeMap::new();
    for row in records::of_case(conn, &case.id)? {
        let dict = ctx.house.dictionary_of(&row.form_version);
        let Some(form) = dict.form(&row.form) else {
            continue;
        };
        let answers = stored(dict, &row.form, &row.answers);
        if let Some((_, who)) = OF_RECORD.iter().find(|(code, _)| *code == row.form) {
            for (_, entry) in dated((ctx, facts), dict, form, answers) {
                all.entry(entry).or_default().who.insert((*who).to_owned());
            }
            continue;
        }
        // What agencies agreed on stands with each of them.
        let sources: Sources = serde_json::from_str(&row.sources).unwrap_or_default();
        for (field, source) in sources {
            let Some(ours) = source.of_staff(dict, form, &field, answers.get(&field)) else {
                continue;
            };
            let own = ours.answer.iter().map(|a| (field.clone(), a.clone()));
            for (_, entry) in dated((ctx, facts), dict, form, Answers(own.collect())) {
                let at = (row.form.clone(), field.clone());
                stand.entry(at).or_default().insert(entry.clone());
                all.entry(entry).or_default().who.insert(TEAM.to_owned());
            }
            typed.insert((row.form.clone(), field), ours);
        }
    }
    let said = said(conn, (ctx, facts), case, &typed)?;
    let of_agencies: BTreeSet<(&Asked, &Entry)> = said.iter().map(|s| (&s.at, &s.entry)).collect();
    let nothing = BTreeSet::new();
    for one in &said {
        let of_staff = stand.get(&one.at).unwrap_or(&nothing);
        let stands = !one.corrected || of_staff.contains(&one.entry);
        // Beside what staff changed, rather than beside what an agency says as well.
        let changed = of_staff
            .iter()
            .filter(|entry| !of_agencies.contains(&(&one.at, *entry)));
        let changed: Vec<&Entry> = changed.collect();
        add(&mut all, one, stands, &changed);
    }
    Ok(all)
}

/// What of a form's answers has a day, of what this reader may see.
fn dated(
    (ctx, facts): (&Context, &Facts),
    dict: &Dictionary,
    form: &Form,
    answers: Answers,
) -> Vec<(String, Entry)> {
    of_fields(dict, form, &seen(ctx, facts, dict, &form.code, answers))
}

/// Everything with a day that agencies said, also on cases that are read under this one.
fn said(
    conn: &mut Conn,
    (ctx, facts): (&Context, &Facts),
    case: &Case,
    typed: &BTreeMap<Asked, Ours>,
) -> Outcome<Vec<Dated>> {
    let mut together = vec![case.id.clone()];
    together.extend(merge::under(conn, ctx, case)?.into_iter().map(|one| one.id));
    let agencies: BTreeMap<String, String> = requests::of_cases(conn, &together)?
        .into_iter()
        .map(|row| (row.id, gather::agency_label(ctx, &row.agency)))
        .collect();
    let mut all = Vec::new();
    for row in responses::of_cases(conn, &together)? {
        let who = agencies
            .get(&row.request_id)
            .filter(|_| row.state == "accepted");
        let dict = ctx.house.dictionary_of(&row.form_version);
        let (Some(who), Some(form)) = (who, dict.form(&row.form)) else {
            continue;
        };
        let answers = stored(dict, &row.form, &row.answers);
        for (field, entry) in dated((ctx, facts), dict, form, answers.clone()) {
            let at = (row.form.clone(), field);
            let answer = answers.get(&at.1);
            let seen = typed.get(&at).zip(answer);
            all.push(Dated {
                who: who.clone(),
                entry,
                corrected: seen.is_some_and(|(ours, answer)| ours.looked_at(&row.id, answer)),
                at,
            });
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
