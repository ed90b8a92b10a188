//! One timeline of a child's life and contacts from everything that was answered, each entry with who said so. Only what
//! this reader may see of each answer goes into it. Must not know how it is shown.

use std::collections::{BTreeMap, BTreeSet};

use super::picture::{seen, stored};
use super::{Context, Outcome, gather};
use crate::domain::chronology::{Entry, entries};
use crate::domain::form::Answers;
use crate::domain::permission::{Facts, Verb};
use crate::store::cases::Case;
use crate::store::{Conn, records, requests, responses};

/// Forms of the record that are no agency's answers.
const OF_RECORD: [(&str, &str); 2] = [
    (super::notify::FORM, "The notification"),
    ("cdrm_jar", "Joint agency response and review meeting"),
];

/// What happened, and who said so.
pub type Told = BTreeMap<Entry, BTreeSet<String>>;

/// The timeline of a case, in order.
pub fn told(conn: &mut Conn, ctx: &Context, case: &Case, facts: &Facts) -> Outcome<Told> {
    ctx.allow(Verb::ReadCase, facts)?;
    let mut all = Told::new();
    let mut add = |version: &str, code: &str, answers: &str, who: &str| {
        let dict = ctx.house.dictionary_of(version);
        let answers: Answers = seen(ctx, facts, dict, code, stored(dict, code, answers));
        let found = dict.form(code).map(|form| entries(dict, form, &answers));
        for entry in found.into_iter().flatten() {
            all.entry(entry).or_default().insert(who.to_owned());
        }
    };
    for row in records::of_case(conn, &case.id)? {
        if let Some((_, who)) = OF_RECORD.iter().find(|(form, _)| *form == row.form) {
            add(&row.form_version, &row.form, &row.answers, who);
        }
    }
    let agencies: BTreeMap<String, String> = requests::of_case(conn, &case.id)?
        .into_iter()
        .map(|row| (row.id, gather::agency_label(ctx, &row.agency)))
        .collect();
    for row in responses::of_case(conn, &case.id)? {
        let who = agencies
            .get(&row.request_id)
            .filter(|_| row.state == "accepted");
        if let Some(who) = who {
            add(&row.form_version, &row.form, &row.answers, who);
        }
    }
    Ok(all)
}
