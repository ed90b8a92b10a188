//! One case as it stands in the store, with the holes of its texts found: what copies are written from. Must
//! not write anything.

use chrono::NaiveDateTime;

use super::pattern::{Pattern, Slot, Slots, Values};
use crate::casework::Outcome;
use crate::domain::event::Event;
use crate::seed::child::Child;
use crate::store::cases::Case;
use crate::store::events::{NewEvent, StoredEvent};
use crate::store::learning::{self, Features};
use crate::store::notifications::Notification;
use crate::store::records::Record;
use crate::store::requests::Request;
use crate::store::responses::Response;
use crate::store::{Conn, events, notifications, records, requests, responses};

/// More events than any case has.
const MOST_EVENTS: i64 = 10_000;

/// A case to be copied.
#[derive(Debug)]
pub struct Template {
    pub child: Child,
    pub case: Case,
    pub notifications: Vec<(Notification, Pattern)>,
    pub requests: Vec<Request>,
    pub responses: Vec<(Response, Pattern)>,
    pub records: Vec<(Record, Pattern, Pattern)>,
    pub waivers: Vec<(String, String)>,
    /// By what it is like others: codes alone.
    pub features: Option<Features>,
    pub events: Vec<(NewEvent, Pattern)>,
    slots: Slots,
}

impl Template {
    /// Reads a case back.
    pub fn read(conn: &mut Conn, child: &Child, case: Case) -> Outcome<Self> {
        let notified = notifications::of_case(conn, &case.id)?;
        let requests = requests::of_case(conn, &case.id)?;
        let responses = responses::of_case(conn, &case.id)?;
        let records = records::of_case(conn, &case.id)?;
        let waivers = requests::waivers(conn, &case.id)?;
        let features = learning::features_of(conn, &case.id)?;
        let subjects: Vec<String> = notified.iter().map(|n| n.id.clone()).collect();
        let happened = events::of_case(conn, &case.id, &subjects, MOST_EVENTS)?;
        let events: Vec<NewEvent> = happened
            .into_iter()
            .rev()
            .filter(on_timeline)
            .map(as_new)
            .collect();
        let mut slots = Slots::default();
        name(&mut slots, child);
        slots.add(&case.reference, Slot::Case);
        slots.add(&case.id, Slot::Id(case.opened_at.and_utc()));
        for row in &notified {
            slots.add(&row.id, Slot::Id(row.created_at.and_utc()));
            let prefix = row.reference.split('-').next().unwrap_or_default();
            slots.add(&row.reference, Slot::Notification(prefix.to_owned()));
        }
        let made = |at: NaiveDateTime| -> Slot { Slot::Id(at.and_utc()) };
        for r in &requests {
            slots.add(&r.id, made(r.created_at));
        }
        for r in &responses {
            slots.add(&r.id, made(r.updated_at));
        }
        for r in &records {
            slots.add(&r.id, made(r.updated_at));
        }
        let texts = notified
            .iter()
            .map(|n| &n.answers)
            .chain(responses.iter().map(|r| &r.answers))
            .chain(records.iter().map(|r| &r.answers))
            .chain(records.iter().map(|r| &r.sources))
            .chain(events.iter().map(|e| &e.detail));
        for text in texts {
            slots.add_days(text);
        }
        Ok(Self {
            notifications: cut(&slots, notified, |n| std::mem::take(&mut n.answers)),
            responses: cut(&slots, responses, |r| std::mem::take(&mut r.answers)),
            records: cut(&slots, records, |r| std::mem::take(&mut r.answers))
                .into_iter()
                .map(|(mut r, answers)| {
                    let sources = slots.cut(&std::mem::take(&mut r.sources));
                    (r, answers, sources)
                })
                .collect(),
            events: cut(&slots, events, |e| std::mem::take(&mut e.detail)),
            child: child.clone(),
            case,
            requests,
            waivers,
            features,
            slots,
        })
    }

    /// What fills each hole in one copy.
    pub fn values(&self, value: impl FnMut(&Slot) -> String) -> Values {
        self.slots.values(value)
    }
}

fn name(slots: &mut Slots, child: &Child) {
    let first = |name: &str| name.split(' ').next().unwrap_or_default().to_owned();
    slots.add(&child.surname, Slot::Surname);
    if child.forenames != "Baby" {
        slots.add(&child.forenames, Slot::Forenames);
    }
    slots.add(&first(&child.mother), Slot::Mother);
    slots.add(&first(&child.father), Slot::Father);
    slots.add(
        child.nhs_number.as_deref().unwrap_or_default(),
        Slot::NhsNumber,
    );
    slots.add(&child.street, Slot::Street);
    slots.add(&child.postcode, Slot::Postcode);
}

fn cut<T>(slots: &Slots, rows: Vec<T>, text: impl Fn(&mut T) -> String) -> Vec<(T, Pattern)> {
    rows.into_iter()
        .map(|mut row| {
            let pattern = slots.cut(&text(&mut row));
            (row, pattern)
        })
        .collect()
}

fn on_timeline(row: &StoredEvent) -> bool {
    serde_json::from_str::<Event>(&row.detail).is_ok_and(|event| event.shown_on_timeline())
}

fn as_new(row: StoredEvent) -> NewEvent {
    NewEvent {
        at: row.at,
        actor_kind: row.actor_kind,
        actor_id: row.actor_id,
        actor_name: row.actor_name,
        actor_role: row.actor_role,
        what: row.what,
        case_id: row.case_id,
        subject_id: row.subject_id,
        detail: row.detail,
        correlation: row.correlation,
        source: row.source,
    }
}
