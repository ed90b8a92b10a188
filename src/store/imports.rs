//! Files of notifications that were checked, taken over or undone. What a file held and what became of each row are
//! sealed. Must not know how a file is read.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::imports;
use super::sealed::{SealedRow, all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// One file.
    pub struct Import, Row of imports {
        plain {
            id: String,
            state: String,
            created_at: NaiveDateTime,
            committed_at: Option<NaiveDateTime>,
            undone_at: Option<NaiveDateTime>,
            created: i32,
            matched: i32,
            refused: i32,
            /// Notifications that an undo left, because somebody had worked on them.
            kept: i32,
            version: i32,
        }
        sealed {
            made_by: String,
            /// The file itself, for as long as it waits to be taken over.
            content: String,
            /// What became of each row, as JSON.
            lines: String,
        }
        marked {}
    }
}

pub fn insert(tx: &mut Tx<'_>, row: &Import) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    crate::each_engine!(tx.engine(), |c| diesel::insert_into(imports::table)
        .values(&sealed)
        .execute(c))?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Import) -> Result<bool, StoreError> {
    let next = Import {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let held = imports::table
        .filter(imports::id.eq(&row.id))
        .filter(imports::version.eq(row.version));
    let hit = diesel::update(held).set(&next).execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Import>, StoreError> {
    let found = imports::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// The newest first, without what is sealed of them.
pub fn latest(conn: &mut Conn, most: i64) -> Result<Vec<Import>, StoreError> {
    let rows = imports::table
        .order((imports::created_at.desc(), imports::id.desc()))
        .limit(most)
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    Ok(rows.iter().map(SealedRow::unread).collect())
}

/// Every file that was taken over and found something known, the newest first.
pub fn that_matched(conn: &mut Conn) -> Result<Vec<Import>, StoreError> {
    let rows = imports::table
        .filter(imports::state.eq("committed"))
        .filter(imports::matched.gt(0))
        .order((imports::created_at.desc(), imports::id.desc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// Forgets the files that were checked before `since` and never taken over.
pub fn forget(tx: &mut Tx<'_>, since: NaiveDateTime) -> Result<(), StoreError> {
    let old = imports::table
        .filter(imports::state.eq("checked"))
        .filter(imports::created_at.lt(since));
    diesel::delete(old).execute(tx.engine())?;
    Ok(())
}
