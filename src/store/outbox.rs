//! The outbox: mail is written in the same transaction as its cause and sent afterwards.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::outbox;
use super::{Conn, StoreError, Tx};

/// One mail. It names no child.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = outbox)]
pub struct Mail {
    pub id: String,
    pub dedupe_key: String,
    pub recipient: String,
    pub subject: String,
    pub body: String,
    pub state: String,
    pub attempts: i32,
    pub next_attempt_at: NaiveDateTime,
    pub created_at: NaiveDateTime,
    pub sent_at: Option<NaiveDateTime>,
    pub last_error: Option<String>,
    pub case_id: Option<String>,
    pub request_id: Option<String>,
}

/// Queues a mail; one with the same key is not queued twice.
pub fn queue(tx: &mut Tx<'_>, mail: &Mail) -> Result<(), StoreError> {
    crate::each_engine!(tx.conn(), |c| diesel::insert_into(outbox::table)
        .values(mail)
        .on_conflict(outbox::dedupe_key)
        .do_nothing()
        .execute(c))?;
    Ok(())
}

pub fn due(conn: &mut Conn, now: NaiveDateTime, most: i64) -> Result<Vec<Mail>, StoreError> {
    Ok(outbox::table
        .filter(outbox::state.eq("queued"))
        .filter(outbox::next_attempt_at.le(now))
        .order(outbox::next_attempt_at.asc())
        .limit(most)
        .select(Mail::as_select())
        .load(conn)?)
}

/// The newest mails, whatever their state.
pub fn latest(conn: &mut Conn, most: i64) -> Result<Vec<Mail>, StoreError> {
    Ok(outbox::table
        .order((outbox::created_at.desc(), outbox::id.desc()))
        .limit(most)
        .select(Mail::as_select())
        .load(conn)?)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Mail>, StoreError> {
    Ok(outbox::table
        .find(id)
        .select(Mail::as_select())
        .get_result(conn)
        .optional()?)
}

pub fn of_request(conn: &mut Conn, request_id: &str) -> Result<Vec<Mail>, StoreError> {
    Ok(outbox::table
        .filter(outbox::request_id.eq(request_id))
        .order(outbox::created_at.desc())
        .select(Mail::as_select())
        .load(conn)?)
}

pub fn mark_sent(tx: &mut Tx<'_>, id: &str, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(outbox::table.find(id))
        .set((
            outbox::state.eq("sent"),
            outbox::sent_at.eq(now),
            outbox::attempts.eq(outbox::attempts + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}

pub fn mark_failed(
    tx: &mut Tx<'_>,
    id: &str,
    error: &str,
    next: Option<NaiveDateTime>,
) -> Result<(), StoreError> {
    let target = diesel::update(outbox::table.find(id));
    match next {
        Some(at) => target
            .set((
                outbox::next_attempt_at.eq(at),
                outbox::last_error.eq(error),
                outbox::attempts.eq(outbox::attempts + 1),
            ))
            .execute(tx.conn())?,
        None => target
            .set((
                outbox::state.eq("failed"),
                outbox::last_error.eq(error),
                outbox::attempts.eq(outbox::attempts + 1),
            ))
            .execute(tx.conn())?,
    };
    Ok(())
}
