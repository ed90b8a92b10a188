//! Finds out what is known of a case that no clock has looked at yet: one that was brought in with its past. Goes
//! through what happened and through what the record says, as if the clocks had been there. Must not start a clock.

use std::collections::BTreeSet;

use super::{CASE, keep, record_word, words_of};
use crate::casework::picture::stored;
use crate::casework::{Context, Outcome};
use crate::domain::clock::{EVENT, Occasion, Told, When, told};
use crate::domain::event::Event;
use crate::store::{Tx, cases, clocks as store, events, notifications, records};

/// More events than any case has.
const MOST: i64 = 10_000;

/// Keeps what is known of the case; gives the case and its requests, whose clocks then stand by it.
pub(super) fn replay(tx: &mut Tx<'_>, ctx: &Context, case_id: &str) -> Outcome<BTreeSet<String>> {
    let mut about = BTreeSet::from([CASE.to_owned()]);
    let mut past = events::of_case(tx.conn(), case_id, &[], MOST)?;
    past.reverse();
    for row in past {
        let Ok(event) = serde_json::from_str::<Event>(&row.detail) else {
            continue;
        };
        about.extend(words_of(tx, case_id, &event, row.at)?);
    }
    let sent = sent(tx, case_id)?;
    if let Some(sent) = sent {
        let received = Told {
            occasion: Occasion::NotificationReceived,
            when: Some(When::Noted),
        };
        keep(tx, case_id, EVENT, &[received], sent)?;
    }
    super::panel::says(tx, ctx, case_id)?;
    super::family::says(tx, ctx, case_id)?;
    for row in records::of_case(tx.conn(), case_id)? {
        let dict = ctx.house.dictionary_of(&row.form_version);
        let answers = stored(dict, &row.form, &row.answers);
        let of_notifier = row.form == crate::casework::notify::FORM;
        let noted = sent.filter(|_| of_notifier).unwrap_or(row.updated_at);
        record_word(
            tx,
            case_id,
            &row.form,
            &told(&row.form, &answers, ctx.today()),
            noted,
        )?;
    }
    Ok(about)
}

/// When the notification of a case was sent.
pub(super) fn sent(tx: &mut Tx<'_>, case_id: &str) -> Outcome<Option<chrono::NaiveDateTime>> {
    let Some(case) = cases::get(tx.conn(), case_id)? else {
        return Ok(None);
    };
    let row = notifications::get(tx.conn(), &case.notification_id)?;
    Ok(row.and_then(|row| row.sent_at).or(Some(case.opened_at)))
}

/// Whether no clock has looked at the case yet.
pub(super) fn is_new(tx: &mut Tx<'_>, case_id: &str) -> Outcome<bool> {
    Ok(store::known(tx.conn(), case_id, CASE)?.is_empty())
}
