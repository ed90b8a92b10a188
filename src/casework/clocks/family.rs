//! What the family's part of a case tells its clocks: the day on which a key worker was named, and on which the leaflet
//! was offered. Worked out anew from the lines each time, so that a day that was typed wrong is put right. Must not know
//! what else stands on a line.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{CASE, alone, caught_up, keep, record_word, replay, settle_all};
use crate::casework::picture::stored;
use crate::casework::{Context, Outcome, notify};
use crate::domain::clock::{Occasion, Start, Told, When, told};
use crate::domain::family::{LEAFLET_OFFERED, Part, Said};
use crate::store::{Tx, family, records};

/// Where what the family's part says comes from.
const FAMILY: &str = "family";

/// Follows what the family's part of a case says now.
pub(in crate::casework) fn family_says(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case_id: &str,
) -> Outcome<()> {
    alone(tx, case_id)?;
    let mut about = caught_up(tx, ctx, case_id)?;
    if says(tx, ctx, case_id)? {
        about.insert(CASE.to_owned());
    }
    settle_all(tx, ctx, case_id, about)
}

/// Keeps what the lines say now; says whether any of it was news.
pub(super) fn says(tx: &mut Tx<'_>, ctx: &Context, case_id: &str) -> Outcome<bool> {
    let mut named: BTreeSet<NaiveDate> = BTreeSet::new();
    let mut offered: BTreeSet<NaiveDate> = BTreeSet::new();
    for line in family::of_case(tx.conn(), case_id)? {
        let said: Said = serde_json::from_str(&line.body).unwrap_or_default();
        let day = |name: &str| said.get(name)?.parse::<NaiveDate>().ok();
        match line.part.parse() {
            // Who did not accept is not the family's key worker.
            Ok(Part::KeyWorker) if line.state != "declined" => named.extend(day("named_on")),
            Ok(Part::People) if line.state == LEAFLET_OFFERED => offered.extend(day("leaflet_on")),
            _ => {}
        }
    }
    let first = |occasion, days: &BTreeSet<NaiveDate>| Told {
        occasion,
        when: days.first().map(|day| When::Given(Start::Day(*day))),
    };
    let all = [
        first(Occasion::KeyWorkerNamed, &named),
        first(Occasion::LeafletRecorded, &offered),
    ];
    let news = keep(tx, case_id, FAMILY, &all, ctx.stamp())?;
    if news {
        // What is taken back here may still stand in the notification.
        said_by_notifier(tx, ctx, case_id)?;
    }
    Ok(news)
}

fn said_by_notifier(tx: &mut Tx<'_>, ctx: &Context, case_id: &str) -> Outcome<()> {
    let Some(row) = records::get(tx.conn(), case_id, notify::FORM)? else {
        return Ok(());
    };
    let answers = stored(
        ctx.house.dictionary_of(&row.form_version),
        &row.form,
        &row.answers,
    );
    let noted = replay::sent(tx, case_id)?.unwrap_or(row.updated_at);
    let all = told(&row.form, &answers, ctx.today());
    record_word(tx, case_id, &row.form, &all, noted)?;
    Ok(())
}
