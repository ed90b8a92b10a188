//! The audit trail: the one writer of it, and reading it back as a timeline.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::events;
use super::{Conn, StoreError, Tx};

/// One thing that happened, ready to be written.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = events)]
pub struct NewEvent {
    pub at: NaiveDateTime,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub actor_name: Option<String>,
    pub actor_role: Option<String>,
    pub what: String,
    pub case_id: Option<String>,
    pub subject_id: Option<String>,
    pub detail: String,
    pub correlation: String,
}

/// One thing that happened, as read back.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = events)]
pub struct StoredEvent {
    pub seq: i64,
    pub at: NaiveDateTime,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub actor_name: Option<String>,
    pub actor_role: Option<String>,
    pub what: String,
    pub case_id: Option<String>,
    pub subject_id: Option<String>,
    pub detail: String,
    pub correlation: String,
}

/// Writes one event in the same transaction as the change that it tells of.
pub fn record(tx: &mut Tx<'_>, event: &NewEvent) -> Result<(), StoreError> {
    crate::each_engine!(tx.engine(), |c| diesel::insert_into(events::table)
        .values(event)
        .execute(c))?;
    tx.recorded();
    Ok(())
}

/// Everything that happened to a case, and to the notifications joined to it before it was one.
pub fn of_case(
    conn: &mut Conn,
    case_id: &str,
    subjects: &[String],
    most: i64,
) -> Result<Vec<StoredEvent>, StoreError> {
    Ok(events::table
        .filter(
            events::case_id
                .eq(case_id)
                .or(events::subject_id.eq_any(subjects)),
        )
        .order(events::seq.desc())
        .limit(most)
        .select(StoredEvent::as_select())
        .load(conn.engine())?)
}

/// Everything that happened to one notification or request.
pub fn of_subject(
    conn: &mut Conn,
    subject_id: &str,
    most: i64,
) -> Result<Vec<StoredEvent>, StoreError> {
    Ok(events::table
        .filter(events::subject_id.eq(subject_id))
        .order(events::seq.desc())
        .limit(most)
        .select(StoredEvent::as_select())
        .load(conn.engine())?)
}

/// The newest events of one kind, for example every sign-in that failed.
pub fn latest(conn: &mut Conn, what: &str, most: i64) -> Result<Vec<StoredEvent>, StoreError> {
    Ok(events::table
        .filter(events::what.eq(what))
        .order(events::seq.desc())
        .limit(most)
        .select(StoredEvent::as_select())
        .load(conn.engine())?)
}
