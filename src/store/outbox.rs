//! The outbox: mail is written in the same transaction as its cause and sent afterwards.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::restrictions::hidden_from;
use super::schema::outbox;
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// One mail. It names no child.
    pub struct Mail, Row of outbox {
        plain {
            id: String,
            dedupe_key: String,
            subject: String,
            state: String,
            attempts: i32,
            next_attempt_at: NaiveDateTime,
            created_at: NaiveDateTime,
            sent_at: Option<NaiveDateTime>,
            last_error: Option<String>,
            case_id: Option<String>,
            request_id: Option<String>,
            /// When we were told that it came back after it had left.
            bounced_at: Option<NaiveDateTime>,
            /// How often it was sent anew after it came back: each time under another name.
            resent: i32,
        }
        sealed {
            recipient: String,
            body: String,
            /// An invitation that goes with it, as calendar programs read it.
            calendar: Option<String>,
        }
        marked {
        }
    }
}

/// Why a mail waits of which nobody knows whether it arrived.
pub const UNSURE: &str = "the service stopped while it was being sent; it may have arrived";

/// Queues a mail; one with the same key is not queued twice. Whether it was.
pub fn queue(tx: &mut Tx<'_>, mail: &Mail) -> Result<bool, StoreError> {
    let sealed = mail.seal(tx.conn().keys());
    let rows = crate::each_engine!(tx.engine(), |c| diesel::insert_into(outbox::table)
        .values(&sealed)
        .on_conflict(outbox::dedupe_key)
        .do_nothing()
        .execute(c))?;
    Ok(rows == 1)
}

pub fn due(conn: &mut Conn, now: NaiveDateTime, most: i64) -> Result<Vec<Mail>, StoreError> {
    earliest(conn, "queued", now, most)
}

/// The mails that stand so and whose time is not later than `until`, the earliest first.
fn earliest(
    conn: &mut Conn,
    state: &str,
    until: NaiveDateTime,
    most: i64,
) -> Result<Vec<Mail>, StoreError> {
    let rows = outbox::table
        .filter(outbox::state.eq(state))
        .filter(outbox::next_attempt_at.le(until))
        .order(outbox::next_attempt_at.asc())
        .limit(most)
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// Takes a queued mail to be sent by one server; `false` when another took it. The mail is taken until `until`: what
/// is still taken then was left by a server that stopped.
pub fn claim(
    tx: &mut Tx<'_>,
    id: &str,
    now: NaiveDateTime,
    until: NaiveDateTime,
) -> Result<bool, StoreError> {
    let queued = outbox::table
        .filter(outbox::id.eq(id))
        .filter(outbox::state.eq("queued"))
        .filter(outbox::next_attempt_at.le(now));
    let hit = diesel::update(queued)
        .set((
            outbox::state.eq("sending"),
            outbox::next_attempt_at.eq(until),
        ))
        .execute(tx.engine())?;
    Ok(hit == 1)
}

/// The mails that were taken to be sent, and not later than until `until`.
pub fn left_behind(
    conn: &mut Conn,
    until: NaiveDateTime,
    most: i64,
) -> Result<Vec<Mail>, StoreError> {
    earliest(conn, "sending", until, most)
}

/// Puts a mail back to be sent as if it were new; `false` when it is not in this state any more.
pub fn requeue(
    tx: &mut Tx<'_>,
    id: &str,
    from: &str,
    now: NaiveDateTime,
) -> Result<bool, StoreError> {
    let there = outbox::table
        .filter(outbox::id.eq(id))
        .filter(outbox::state.eq(from));
    let hit = diesel::update(there)
        .set((
            outbox::state.eq("queued"),
            outbox::next_attempt_at.eq(now),
            outbox::attempts.eq(0),
            outbox::bounced_at.eq(None::<NaiveDateTime>),
        ))
        .execute(tx.engine())?;
    Ok(hit == 1)
}

/// Gives a mail that came back another name to go out under.
pub fn rename(tx: &mut Tx<'_>, id: &str) -> Result<(), StoreError> {
    diesel::update(outbox::table.find(id))
        .set(outbox::resent.eq(outbox::resent + 1))
        .execute(tx.engine())?;
    Ok(())
}

/// The mails that could not be sent and wait for a person, the newest first; without those about a case that is
/// hidden from this reader.
pub fn failed_for(conn: &mut Conn, reader: &str, most: i64) -> Result<Vec<Mail>, StoreError> {
    let rows = outbox::table
        .filter(outbox::state.eq("failed"))
        .filter(
            outbox::case_id.is_null().or(outbox::case_id
                .assume_not_null()
                .ne_all(hidden_from(reader.to_owned()))),
        )
        .order((outbox::created_at.desc(), outbox::id.desc()))
        .limit(most)
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// The newest mails, whatever their state.
pub fn latest(conn: &mut Conn, most: i64) -> Result<Vec<Mail>, StoreError> {
    let rows = outbox::table
        .order((outbox::created_at.desc(), outbox::id.desc()))
        .limit(most)
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// The newest mails, without those about a case that is hidden from this reader.
pub fn latest_for(conn: &mut Conn, reader: &str, most: i64) -> Result<Vec<Mail>, StoreError> {
    let rows = outbox::table
        .filter(
            outbox::case_id.is_null().or(outbox::case_id
                .assume_not_null()
                .ne_all(hidden_from(reader.to_owned()))),
        )
        .order((outbox::created_at.desc(), outbox::id.desc()))
        .limit(most)
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// One mail, if it is not about a case that is hidden from this reader.
pub fn get_for(conn: &mut Conn, reader: &str, id: &str) -> Result<Option<Mail>, StoreError> {
    let found = outbox::table
        .filter(outbox::id.eq(id))
        .filter(
            outbox::case_id.is_null().or(outbox::case_id
                .assume_not_null()
                .ne_all(hidden_from(reader.to_owned()))),
        )
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Mail>, StoreError> {
    let found = outbox::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

pub fn of_request(conn: &mut Conn, request_id: &str) -> Result<Vec<Mail>, StoreError> {
    let rows = outbox::table
        .filter(outbox::request_id.eq(request_id))
        .order(outbox::created_at.desc())
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// The mails about a case of which the key begins so, the first first.
pub fn of_case(conn: &mut Conn, case_id: &str, begins: &str) -> Result<Vec<Mail>, StoreError> {
    let rows = outbox::table
        .filter(outbox::case_id.eq(case_id))
        .filter(outbox::dedupe_key.like(format!("{begins}%")))
        .order((outbox::created_at.asc(), outbox::id.asc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

pub fn mark_sent(tx: &mut Tx<'_>, id: &str, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(outbox::table.find(id))
        .set((
            outbox::state.eq("sent"),
            outbox::sent_at.eq(now),
            outbox::attempts.eq(outbox::attempts + 1),
        ))
        .execute(tx.engine())?;
    Ok(())
}

/// A mail that had left came back: it waits for a person like one that could not be sent. `false` when it is not one
/// that left, as far as is known.
pub fn mark_bounced(
    tx: &mut Tx<'_>,
    id: &str,
    why: &str,
    now: NaiveDateTime,
) -> Result<bool, StoreError> {
    let left = outbox::table
        .filter(outbox::id.eq(id))
        .filter(outbox::state.eq_any(["sent", "failed"]))
        .filter(outbox::bounced_at.is_null());
    let hit = diesel::update(left)
        .set((
            outbox::state.eq("failed"),
            outbox::last_error.eq(why),
            outbox::bounced_at.eq(now),
        ))
        .execute(tx.engine())?;
    Ok(hit == 1)
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
                outbox::state.eq("queued"),
                outbox::next_attempt_at.eq(at),
                outbox::last_error.eq(error),
                outbox::attempts.eq(outbox::attempts + 1),
            ))
            .execute(tx.engine())?,
        None => target
            .set((
                outbox::state.eq("failed"),
                outbox::last_error.eq(error),
                outbox::attempts.eq(outbox::attempts + 1),
            ))
            .execute(tx.engine())?,
    };
    Ok(())
}
