//! The work itself: one function per verb, each checking permission, applying the rule, writing, recording
//! the event and queueing what follows, all in the caller's one transaction. Pages, command line, jobs and
//! the API call the same functions. Must not know of HTTP, HTML or SQL.

pub mod access;
pub mod actions;
pub mod agency;
pub mod asked;
pub mod assign;
pub mod attachments;
pub mod audit;
pub mod backup;
pub mod calendar;
pub mod chronology;
pub mod clocks;
pub mod closing;
pub mod clusters;
pub mod correspondence;
pub mod delays;
pub mod directory;
pub mod documents;
pub mod factors;
pub mod family;
pub mod forms;
pub mod gather;
pub mod held;
pub mod house;
pub(crate) mod ids;
pub mod imports;
pub mod invitations;
mod jar;
pub mod kept;
mod known;
pub mod learning;
pub mod letters;
pub mod likeness;
pub mod links;
pub mod mailing;
pub mod meetings;
pub mod merge;
pub mod naming;
pub mod noted;
pub mod notify;
pub mod openings;
pub mod packs;
pub mod panels;
pub mod parts;
pub mod passwords;
pub mod people;
pub mod picture;
pub mod processes;
pub mod quality;
pub mod remind;
pub mod respond;
pub mod response;
pub mod restrict;
pub mod review;
mod sealing;
pub mod secrets;
pub mod sessions;
pub mod signed;
pub mod submit_return;
pub mod tokens;
pub mod transfer;
pub mod triage;
pub mod typing;
pub mod years;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound, Utc};

use crate::domain::actor::{Actor, ActorKind};
use crate::domain::calendar::london;
use crate::domain::event::Event;
use crate::domain::form::{Answer, Problem, Surroundings};
use crate::domain::permission::{Facts, Verb, may};
use crate::store::{Conn, StoreError, Tx, events};

pub use house::House;
pub use ids::{Ids, new_id};
pub use noted::Noted;

/// Why a verb was not done.
#[derive(Debug)]
pub enum Error {
    /// Not there, or not for this actor: the two must look the same.
    NotFound,
    /// This actor may never do this.
    Forbidden,
    /// The case with this reference is restricted, the actor is not named, and may open it for a while with a
    /// reason. It tells no more than that: whoever may open it may know that it is there.
    Restricted(String),
    /// Somebody else saved first.
    Stale,
    /// What was given does not hold, field by field.
    Invalid(Vec<Problem>),
    /// A rule of the process refuses it, in words for the person.
    Rule(String),
    /// The store cannot be reached just now.
    Unavailable,
    /// Something sealed is not as it was written: a row of this table, named for the audit trail.
    Damaged { table: &'static str, row: String },
    /// A fault of ours; the text is for the log and holds no case content.
    Internal(String),
}

impl From<StoreError> for Error {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Unavailable(why) => {
                tracing::warn!(%why, "the store is unavailable");
                Self::Unavailable
            }
            StoreError::Damaged { table, row } => Self::Damaged { table, row },
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<crate::domain::case::Refused> for Error {
    fn from(refused: crate::domain::case::Refused) -> Self {
        Self::Rule(refused.to_string())
    }
}

pub type Outcome<T> = Result<T, Error>;

/// Who asks, when, under which request id, in which house.
#[derive(Clone)]
pub struct Context {
    pub now: DateTime<Utc>,
    pub actor: Actor,
    pub correlation: String,
    pub house: Arc<House>,
    /// Where new ids and links come from.
    pub ids: Ids,
    /// Where the request came from; empty where none began the work.
    pub source: String,
    /// The address that was asked for, without what follows a question mark.
    pub page: String,
    /// What is looked at on the way.
    pub noted: Noted,
    /// Work done in bulk: a case's row is brought in step with its facts once, at the end, and not after each
    /// verb.
    pub bulk: bool,
}

impl Context {
    /// A context at `now`, cut to microseconds so that both engines store the same moment.
    pub fn new(house: &Arc<House>, now: DateTime<Utc>, actor: Actor, correlation: &str) -> Self {
        Self {
            now: now.trunc_subsecs(6),
            actor,
            correlation: correlation.to_owned(),
            house: Arc::clone(house),
            ids: Ids::Chance,
            source: String::new(),
            page: String::new(),
            noted: Noted::default(),
            bulk: false,
        }
    }

    /// A new id: time-ordered, made by the application.
    pub fn new_id(&self) -> String {
        self.ids.id(self.now)
    }

    /// The moment as stored: UTC.
    pub fn stamp(&self) -> NaiveDateTime {
        self.now.naive_utc()
    }

    /// The day in England.
    pub fn today(&self) -> NaiveDate {
        london(self.now).date()
    }

    /// What surrounds a form that is checked now.
    pub fn around<'a>(&self, elsewhere: &'a dyn Fn(&str) -> Option<Answer>) -> Surroundings<'a> {
        let now = london(self.now);
        Surroundings {
            today: now.date(),
            now,
            elsewhere,
        }
    }

    /// Refuses unless the table of permissions allows the verb.
    pub fn allow(&self, verb: Verb, facts: &Facts) -> Outcome<()> {
        if may(&self.actor, verb, facts) {
            Ok(())
        } else {
            self.refuse(None)?;
            Err(Error::Forbidden)
        }
    }
}

/// Keeps in the trail that something sealed was found damaged; nothing of it was shown.
pub fn found_damaged(tx: &mut Tx<'_>, ctx: &Context, table: &str, row: &str) -> Outcome<()> {
    record(tx, ctx, None, Some(row), &damaged(table, row))
}

fn damaged(table: &str, row: &str) -> Event {
    Event::RecordFoundDamaged {
        table: table.to_owned(),
        row: row.to_owned(),
    }
}

/// The same for what a list came upon: the list was shown without it, and it is written before the list leaves.
pub fn note_damaged(conn: &Conn, ctx: &Context) -> Outcome<()> {
    let met = conn.take_damaged();
    met.iter()
        .try_for_each(|(table, row)| ctx.note(None, Some(row), &damaged(table, row)))
}

/// Writes what happened, in the same transaction, and lets the clocks of the case follow it. What a list met damaged on the
/// way is written with it.
pub(crate) fn record(
    tx: &mut Tx<'_>,
    ctx: &Context,
    case_id: Option<&str>,
    subject_id: Option<&str>,
    event: &Event,
) -> Outcome<()> {
    for (table, row) in tx.conn().take_damaged() {
        let met = event_row(ctx, None, Some(&row), &damaged(table, &row))?;
        events::record(tx, &met)?;
    }
    let row = event_row(ctx, case_id, subject_id, event)?;
    events::record(tx, &row)?;
    match case_id {
        Some(case_id) => clocks::follow(tx, ctx, case_id, event),
        None => Ok(()),
    }
}

/// One line of the trail, not yet written.
fn event_row(
    ctx: &Context,
    case_id: Option<&str>,
    subject_id: Option<&str>,
    event: &Event,
) -> Outcome<events::NewEvent> {
    let detail = serde_json::to_string(event).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(events::NewEvent {
        at: ctx.stamp(),
        actor_kind: kind(&ctx.actor).to_owned(),
        actor_id: Some(ctx.actor.id()),
        actor_name: Some(ctx.actor.label()),
        actor_role: ctx.actor.role().map(|r| r.as_str().to_owned()),
        what: event.name().to_owned(),
        case_id: case_id.map(str::to_owned),
        subject_id: subject_id.map(str::to_owned),
        detail,
        correlation: ctx.correlation.clone(),
        source: ctx.source.clone(),
    })
}

fn kind(actor: &Actor) -> &'static str {
    match actor.kind {
        ActorKind::Public => "public",
        ActorKind::Staff { .. } => "staff",
        ActorKind::Link { .. } => "link",
        ActorKind::System { .. } => "system",
        ActorKind::Job { .. } => "job",
        ActorKind::Operator => "operator",
    }
}
