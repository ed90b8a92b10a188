//! Which case is read under which other one. Must not know what is shown of them.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::case_merges;
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// A merge in force. When it is undone the row goes; the trail keeps what it was.
    pub struct Merge, Row of case_merges {
        plain {
            id: String,
            case_id: String,
            into_id: String,
            /// The stage it goes back to.
            state_before: String,
            since: NaiveDateTime,
        }
        sealed {
            merged_by: String,
            reason: String,
        }
        marked {}
    }
}

pub fn insert(tx: &mut Tx<'_>, row: &Merge) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(case_merges::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

pub fn remove(tx: &mut Tx<'_>, id: &str) -> Result<(), StoreError> {
    diesel::delete(case_merges::table.find(id)).execute(tx.engine())?;
    Ok(())
}

/// Where a case went, when it went under another.
pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Option<Merge>, StoreError> {
    let found = case_merges::table
        .filter(case_merges::case_id.eq(case_id))
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// The cases that are read under one, the earliest first.
pub fn under(conn: &mut Conn, into_id: &str) -> Result<Vec<Merge>, StoreError> {
    let rows = case_merges::table
        .filter(case_merges::into_id.eq(into_id))
        .order((case_merges::since.asc(), case_merges::id.asc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}
