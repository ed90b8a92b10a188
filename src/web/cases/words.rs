//! How the pages of staff say times, stages and what happened. Must not know which page asks.

use chrono::{DateTime, Duration, NaiveDateTime, NaiveTime, Timelike, Utc};
use serde_json::Value;

use crate::domain::calendar::london;
use crate::domain::case::{Stage, State};
use crate::domain::event::Event;
use crate::store::events::StoredEvent;

/// The classes of a state's tag. The words always stand beside the colour.
pub(in crate::web) const fn tag(state: State) -> &'static str {
    match state.stage() {
        Stage::New => "govuk-tag--pink",
        Stage::Gathering => "",
        Stage::Waiting => "govuk-tag--yellow",
        Stage::ReviewMeeting => "govuk-tag--teal",
        Stage::Panel => "govuk-tag--purple",
        Stage::Finalised => "govuk-tag--green",
        Stage::Closed | Stage::Ended => "govuk-tag--grey",
    }
}

/// A moment of London as people say it; what runs to the end of a day is said as the day.
pub(in crate::web) fn moment(at: NaiveDateTime) -> String {
    let day = at.format("%-d %B %Y");
    if at.time() >= NaiveTime::from_hms_opt(23, 59, 0).unwrap_or(NaiveTime::MIN) {
        return day.to_string();
    }
    let (afternoon, hour) = at.hour12();
    let half = if afternoon { "pm" } else { "am" };
    format!("{day} at {hour}:{:02}{half}", at.minute())
}

/// "Due 27 March 2026", or "Late: was due …" once that has passed. Both in London time.
pub(in crate::web) fn due_words(due: NaiveDateTime, now: NaiveDateTime) -> String {
    if due < now {
        format!("Late: was due {}", moment(due))
    } else {
        format!("Due {}", moment(due))
    }
}

/// How long something has waited.
pub(super) fn waited(since: NaiveDateTime, now: DateTime<Utc>) -> String {
    let span = now.naive_utc() - since;
    let count = |n: i64, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    if span < Duration::hours(1) {
        "less than an hour".into()
    } else if span < Duration::hours(48) {
        count(span.num_hours(), "hour")
    } else {
        count(span.num_days(), "day")
    }
}

/// What the timeline shows of stored events, in their order.
pub(in crate::web) fn event_items(rows: &[StoredEvent]) -> Vec<Value> {
    rows.iter()
        .filter_map(|row| {
            let event: Event = serde_json::from_str(&row.detail).ok()?;
            let by = row.actor_name.as_deref().map(after_by);
            event.shown_on_timeline().then(|| {
                context! {
                    label => context! { text => event.sentence() }, text => event.reason(),
                    byline => by.map(|text| context! { text }),
                    datetime => context! { timestamp => row.at.and_utc().to_rfc3339(), r#type => "datetime" },
                }
            })
        })
        .collect()
}

/// "The notifier" stands after "by" here; a person's name stays as it is.
fn after_by(name: &str) -> String {
    name.strip_prefix("The ")
        .map_or_else(|| name.to_owned(), |rest| format!("the {rest}"))
}

/// The days on which two moments fall in London are all a reader needs.
pub(super) fn day_of(at: NaiveDateTime) -> String {
    london(at.and_utc()).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
    }

    #[test]
    fn what_is_late_is_said_in_words() {
        let now = at("2026-03-27T12:00");
        for (due, said) in [
            ("2026-03-27T12:01", "Due 27 March 2026 at 12:01pm"),
            ("2026-03-27T23:59", "Due 27 March 2026"),
            ("2026-03-27T09:05", "Late: was due 27 March 2026 at 9:05am"),
            ("2026-03-01T23:59", "Late: was due 1 March 2026"),
        ] {
            assert_eq!(due_words(at(due), now), said);
        }
    }

    #[test]
    fn a_wait_is_said_in_hours_and_then_in_days() {
        let now = at("2026-03-27T12:00").and_utc();
        for (since, said) in [
            ("2026-03-27T11:30", "less than an hour"),
            ("2026-03-27T11:00", "1 hour"),
            ("2026-03-25T12:01", "47 hours"),
            ("2026-03-25T12:00", "2 days"),
        ] {
            assert_eq!(waited(at(since), now), said);
        }
    }
}
