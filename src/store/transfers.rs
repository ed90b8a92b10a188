//! Cases handed to another panel or taken over from one: the thin trace that stays whatever became of it. Must not know
//! what a file holds.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::{cases, transfers};
use super::sealed::{SealedRow, all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};
use crate::store::restrictions::hidden_from;

sealed_row! {
    /// One transfer. Its file lies among the documents under the same id while `sealed_key` is there.
    pub struct Transfer, Row of transfers {
        plain {
            id: String,
            direction: String,
            state: String,
            /// The name that the file gives itself.
            file_id: String,
            case_id: Option<String>,
            panel: String,
            /// What the case is called at the other panel.
            theirs: Option<String>,
            agreed_on: NaiveDate,
            learning_due: NaiveDate,
            size: i64,
            made_at: NaiveDateTime,
            answered_at: Option<NaiveDateTime>,
            sealed_key: Option<String>,
            version: i32,
        }
        sealed {
            made_by: String,
            reason: String,
            agreed_by: String,
            learning: String,
            answered_by: Option<String>,
            answer: Option<String>,
        }
        marked {}
    }
}

pub fn insert(tx: &mut Tx<'_>, row: &Transfer) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(transfers::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Transfer) -> Result<bool, StoreError> {
    let next = Transfer {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let held = transfers::table
        .filter(transfers::id.eq(&row.id))
        .filter(transfers::version.eq(row.version));
    let hit = diesel::update(held).set(&next).execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Transfer>, StoreError> {
    let found = transfers::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// Those of a case, the newest first.
pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<Transfer>, StoreError> {
    let rows = transfers::table
        .filter(transfers::case_id.eq(case_id))
        .order((transfers::made_at.desc(), transfers::id.desc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// What came in under this name, in these states.
pub fn came_in(conn: &mut Conn, file_id: &str, states: &[&str]) -> Result<bool, StoreError> {
    let found = transfers::table
        .filter(transfers::direction.eq("in"))
        .filter(transfers::file_id.eq(file_id))
        .filter(transfers::state.eq_any(states));
    Ok(found.count().get_result::<i64>(conn.engine())? > 0)
}

/// The row under which a file of this name was opened and waits to be decided.
pub fn waiting(conn: &mut Conn, file_id: &str) -> Result<Option<Transfer>, StoreError> {
    let found = transfers::table
        .filter(transfers::direction.eq("in"))
        .filter(transfers::file_id.eq(file_id))
        .filter(transfers::state.eq("looked"))
        .select(Row::as_select())
        .first::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// Forgets one that waits to be decided.
pub fn forget_one(tx: &mut Tx<'_>, id: &str) -> Result<(), StoreError> {
    let waits = transfers::table.find(id);
    diesel::delete(waits.filter(transfers::state.eq("looked"))).execute(tx.engine())?;
    Ok(())
}

/// The newest of both directions, without what is sealed of them, each with the reference of its case. Of a
/// restricted case none that `reader` may not know of.
pub fn latest(
    conn: &mut Conn,
    reader: &str,
    most: i64,
) -> Result<Vec<(Transfer, Option<String>)>, StoreError> {
    let known = transfers::case_id.is_null().or(transfers::case_id
        .assume_not_null()
        .ne_all(hidden_from(reader.to_owned())));
    let rows = transfers::table
        .left_join(cases::table.on(transfers::case_id.eq(cases::id.nullable())))
        .filter(known)
        .order((transfers::made_at.desc(), transfers::id.desc()))
        .limit(most)
        .select((Row::as_select(), cases::reference.nullable()))
        .load::<(Row, Option<String>)>(conn.engine())?;
    Ok(rows
        .iter()
        .map(|(row, reference)| (row.unread(), reference.clone()))
        .collect())
}

/// Forgets files that were opened before `since` and neither taken over nor refused.
pub fn forget(tx: &mut Tx<'_>, since: NaiveDateTime) -> Result<(), StoreError> {
    let old = transfers::table
        .filter(transfers::state.eq("looked"))
        .filter(transfers::made_at.lt(since));
    diesel::delete(old).execute(tx.engine())?;
    Ok(())
}

/// Which of these ids have a file of their own.
pub fn named(conn: &mut Conn, ids: &[String]) -> Result<Vec<String>, StoreError> {
    Ok(transfers::table
        .filter(transfers::id.eq_any(ids))
        .filter(transfers::sealed_key.is_not_null())
        .select(transfers::id)
        .load(conn.engine())?)
}
