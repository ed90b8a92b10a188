//! What is known of families and promised to them, one row each. Must not know what a row says.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::family;
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// One line of a family's part of a case.
    pub struct Line, Row of family {
        plain {
            id: String,
            case_id: String,
            /// A code of `domain::family::Part`.
            part: String,
            /// How far it is, as its part says it.
            state: String,
            created_at: NaiveDateTime,
            updated_at: NaiveDateTime,
            version: i32,
        }
        sealed {
            /// Its answers, as JSON.
            body: String,
            /// Who saved it last, as the timeline says it.
            saved_by: String,
        }
        marked {}
    }
}

pub fn insert(tx: &mut Tx<'_>, row: &Line) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(family::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Line) -> Result<bool, StoreError> {
    let next = Line {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let hit = diesel::update(
        family::table
            .filter(family::id.eq(&row.id))
            .filter(family::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Line>, StoreError> {
    let found = family::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// Everything of a case, in the order in which it was recorded.
pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<Line>, StoreError> {
    let rows = family::table
        .filter(family::case_id.eq(case_id))
        .order((family::created_at.asc(), family::id.asc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// Part and state of everything of a case: what is counted, without opening anything.
pub fn standing(conn: &mut Conn, case_id: &str) -> Result<Vec<(String, String)>, StoreError> {
    Ok(family::table
        .filter(family::case_id.eq(case_id))
        .select((family::part, family::state))
        .load(conn.engine())?)
}
