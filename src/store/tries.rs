//! Wrong tries to sign in, counted over all servers. Must not know who tries, nor how long anybody waits: a key is a
//! keyed hash.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::tries;
use super::{Conn, StoreError, Tx};

/// One count.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tries)]
pub struct Count {
    pub mark: String,
    pub wrong: i32,
    pub last_at: NaiveDateTime,
}

/// The counts under these keys, as far as there are any.
pub fn of(conn: &mut Conn, marks: &[String]) -> Result<Vec<Count>, StoreError> {
    Ok(tries::table
        .filter(tries::mark.eq_any(marks))
        .select(Count::as_select())
        .load(conn.engine())?)
}

pub fn put(tx: &mut Tx<'_>, row: &Count) -> Result<(), StoreError> {
    let hit = diesel::update(tries::table.find(&row.mark))
        .set(row)
        .execute(tx.engine())?;
    if hit == 0 {
        crate::each_engine!(tx.engine(), |c| diesel::insert_into(tries::table)
            .values(row)
            .on_conflict(tries::mark)
            .do_nothing()
            .execute(c))?;
    }
    Ok(())
}

pub fn forget(tx: &mut Tx<'_>, marks: &[String]) -> Result<(), StoreError> {
    diesel::delete(tries::table.filter(tries::mark.eq_any(marks))).execute(tx.engine())?;
    Ok(())
}

/// Forgets the counts that nobody raised since a moment.
pub fn forget_before(tx: &mut Tx<'_>, since: NaiveDateTime) -> Result<(), StoreError> {
    diesel::delete(tries::table.filter(tries::last_at.lt(since))).execute(tx.engine())?;
    Ok(())
}

/// How many counts are kept.
pub fn all(conn: &mut Conn) -> Result<i64, StoreError> {
    Ok(tries::table.count().get_result(conn.engine())?)
}
