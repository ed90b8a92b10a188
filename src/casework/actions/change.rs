//! What becomes of one that is open: other words, more time, or none at all.

use chrono::NaiveDate;
use serde_json::json;

use super::check::{is_of_family, judge, naming_family, owner_of, tidy};
use super::{Given, OWNED, kept, open, said_of, save, stored};
use crate::casework::gather::given_reason;
use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome};
use crate::domain::action::{State, questions};
use crate::domain::event::{Event, differing};
use crate::store::Tx;

/// What the person who must act is told.
const TOLD: [&str; 4] = ["problem", "what", "owner", "owner_email"];

/// Changes what was said of one; its day is moved with a reason.
pub fn change(tx: &mut Tx<'_>, ctx: &Context, id: &str, version: i32, given: Given) -> Outcome<()> {
    let (mut row, case, kind) = kept(tx, ctx, id, version)?;
    open(&row)?;
    let before = said_of(&row);
    let was = json!(before);
    let given = Given {
        due_on: Some(row.due_on),
        ..given
    };
    let mut said = tidy(kind, given.said.clone());
    let of_family = is_of_family(tx.conn(), &case.id, owner_of(&said))?;
    let naming = naming_family(tx.conn(), ctx, &case, (kind, &said))?;
    judge(ctx, kind, &said, &given, (row.set_on, of_family, naming))?;
    let differs = |name: &str| before.get(name) != said.get(name);
    let changed = questions(kind)
        .iter()
        .filter(|(name, ..)| differs(name))
        .map(|(_, label, _)| (*label).to_owned())
        .collect();
    // The proof is one of other words, or of words to somebody else.
    let resent = TOLD.iter().any(|name| differs(name));
    let owned = differs("owner_email").then(|| before.get("owner_email").cloned());
    // What was recorded besides stays.
    for (name, text) in before {
        let proof = name == "sent_on" || name == "sent_how";
        if questions(kind).iter().all(|(asked, ..)| *asked != name) && !(proof && resent) {
            said.insert(name, text);
        }
    }
    if let Some(email) = owned.flatten() {
        let all = said.entry(OWNED.to_owned()).or_default();
        all.push_str(&email);
        all.push('\n');
    }
    row.owner_email = said.get("owner_email").cloned();
    row.body = stored(&said)?;
    let (was, is) = differing(was, json!(said));
    let event = Event::ActionChanged {
        action_id: id.to_owned(),
        kind,
        fields: changed,
        before: was,
        after: is,
    };
    save(tx, ctx, &mut row, &event)
}

/// Agrees on a later day, with a reason.
pub fn extend(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    due_on: Option<NaiveDate>,
    reason: &str,
) -> Outcome<()> {
    let (mut row, _, kind) = kept(tx, ctx, id, version)?;
    open(&row)?;
    let due = due_on.filter(|day| *day > row.due_on).ok_or_else(|| {
        let words = "Enter a day after the one that was agreed";
        Error::Invalid(vec![problem("until", "required", words)])
    })?;
    let reason = given_reason(reason, "Say why there is more time")?;
    row.due_on = due;
    let event = Event::ActionExtended {
        action_id: id.to_owned(),
        kind,
        due,
        reason,
    };
    save(tx, ctx, &mut row, &event)
}

/// Withdraws one, with a reason.
pub fn withdraw(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    version: i32,
    reason: &str,
) -> Outcome<()> {
    let (mut row, _, kind) = kept(tx, ctx, id, version)?;
    open(&row)?;
    let reason = given_reason(reason, "Say why it is withdrawn")?;
    State::Withdrawn.as_str().clone_into(&mut row.state);
    row.closed_on = Some(ctx.today());
    let event = Event::ActionWithdrawn {
        action_id: id.to_owned(),
        kind,
        reason,
    };
    save(tx, ctx, &mut row, &event)
}
