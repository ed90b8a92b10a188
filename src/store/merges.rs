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
            /// What the record said before, as JSON.
            kept: Option<String>,
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

/// Keeps what changed of one.
pub fn save(tx: &mut Tx<'_>, row: &Merge) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::update(case_merges::table.find(&row.id))
        .set(&sealed)
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

/// A case and the cases that are read under it: their answers are read together.
pub fn together(conn: &mut Conn, case_id: &str) -> Result<Vec<String>, StoreError> {
    let mut all = vec![case_id.to_owned()];
    let under: Vec<String> = case_merges::table
        .filter(case_merges::into_id.eq(case_id))
        .order((case_merges::since.asc(), case_merges::id.asc()))
        .select(case_merges::case_id)
        .load(conn.engine())?;
    all.extend(under);
    Ok(all)
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
