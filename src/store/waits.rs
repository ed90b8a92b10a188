//! More time that agencies asked for. Must not know who decides.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::request_waits;
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// One question for more time and what was decided.
    pub struct Wait, Row of request_waits {
        plain {
            id: String,
            request_id: String,
            asked_at: NaiveDateTime,
            /// The day until which more time is asked.
            until: NaiveDate,
            /// `asked`, `agreed`, `refused`, or `overtaken` by the answer or the end of the request.
            state: String,
            decided_at: Option<NaiveDateTime>,
            version: i32,
        }
        sealed {
            reason: String,
            decided_by: Option<String>,
            /// What was said to a question that was not agreed to.
            answer: Option<String>,
        }
        marked {}
    }
}

pub fn insert(tx: &mut Tx<'_>, row: &Wait) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(request_waits::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Wait) -> Result<bool, StoreError> {
    let next = Wait {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let hit = diesel::update(
        request_waits::table
            .filter(request_waits::id.eq(&row.id))
            .filter(request_waits::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.engine())?;
    Ok(hit == 1)
}

/// The question that waits to be decided.
pub fn open(conn: &mut Conn, request_id: &str) -> Result<Option<Wait>, StoreError> {
    let found = request_waits::table
        .filter(request_waits::request_id.eq(request_id))
        .filter(request_waits::state.eq("asked"))
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// Every question of a request, the newest first.
pub fn of_request(conn: &mut Conn, request_id: &str) -> Result<Vec<Wait>, StoreError> {
    let rows = request_waits::table
        .filter(request_waits::request_id.eq(request_id))
        .order((request_waits::asked_at.desc(), request_waits::id.desc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// What is asked and not decided is overtaken: the request was answered, handed back or closed.
pub fn overtake(tx: &mut Tx<'_>, request_id: &str, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(
        request_waits::table
            .filter(request_waits::request_id.eq(request_id))
            .filter(request_waits::state.eq("asked")),
    )
    .set((
        request_waits::state.eq("overtaken"),
        request_waits::decided_at.eq(Some(now)),
    ))
    .execute(tx.engine())?;
    Ok(())
}
