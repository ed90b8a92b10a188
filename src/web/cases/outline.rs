//! A case as its key worker sees it: who the child was, the stage, the dates, and what happened, without any
//! answer, reason or request. Must not read more of the case than that.

use serde_json::Value;

use super::head::head;
use super::words::{day_of, event_items};
use crate::casework::picture::Picture;
use crate::casework::{Context, Outcome};
use crate::domain::event::Event;
use crate::domain::permission::Facts;
use crate::store::cases::Case;
use crate::store::events::StoredEvent;
use crate::store::{Conn, events, notifications};

/// The most that is shown of what happened.
const MOST: i64 = 500;

/// For `cases/outline.html`.
pub fn outline(conn: &mut Conn, ctx: &Context, facts: Facts, case: &Case) -> Outcome<Value> {
    let sent = notifications::get(conn, &case.notification_id)?.and_then(|n| n.sent_at);
    let dates = [
        ("Notified", sent.map(day_of)),
        ("Review opened", Some(day_of(case.opened_at))),
        ("Review finalised", case.finalised_at.map(day_of)),
    ];
    let dates: Vec<Value> = dates
        .into_iter()
        .map(|(label, day)| context! { label, day })
        .collect();
    let mut rows = events::timeline(conn, &case.id, &[], &Event::unshown(), MOST)?;
    rows.retain(of_the_case);
    let mut timeline = event_items(&rows);
    for item in &mut timeline {
        // A reason is in a person's own words, and may quote what an agency said.
        if let Some(item) = item.as_object_mut() {
            item.remove("text");
        }
    }
    let known = Picture::default();
    Ok(context! {
        title => format!("Case {}", case.reference), case => head(ctx, facts, case, &known), dates, timeline,
    })
}

/// What tells of the review's course, and not of what an agency was asked or said.
fn of_the_case(row: &StoredEvent) -> bool {
    row.what.starts_with("case_")
}
