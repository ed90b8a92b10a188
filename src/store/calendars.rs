//! The addresses of people's calendars, each found by a keyed hash of its secret. Must not know what is in one.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::calendars;
use super::{Conn, StoreError, Tx};

/// The calendar of one account.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = calendars)]
#[diesel(treat_none_as_default_value = false)]
pub struct Calendar {
    pub user_id: String,
    pub token_hash: String,
    pub created_at: NaiveDateTime,
    /// When a program last fetched it.
    pub read_at: Option<NaiveDateTime>,
}

/// Gives an account this calendar in place of any other.
pub fn replace(tx: &mut Tx<'_>, row: &Calendar) -> Result<(), StoreError> {
    remove(tx, &row.user_id)?;
    diesel::insert_into(calendars::table)
        .values(row)
        .execute(tx.engine())?;
    Ok(())
}

/// Takes an account's calendar away; `false` when it had none.
pub fn remove(tx: &mut Tx<'_>, user_id: &str) -> Result<bool, StoreError> {
    let hit = diesel::delete(calendars::table.find(user_id)).execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn of(conn: &mut Conn, user_id: &str) -> Result<Option<Calendar>, StoreError> {
    Ok(calendars::table
        .find(user_id)
        .select(Calendar::as_select())
        .get_result(conn.engine())
        .optional()?)
}

pub fn by_token(conn: &mut Conn, token_hash: &str) -> Result<Option<Calendar>, StoreError> {
    Ok(calendars::table
        .filter(calendars::token_hash.eq(token_hash))
        .select(Calendar::as_select())
        .get_result(conn.engine())
        .optional()?)
}

pub fn mark_read(tx: &mut Tx<'_>, user_id: &str, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(calendars::table.find(user_id))
        .set(calendars::read_at.eq(now))
        .execute(tx.engine())?;
    Ok(())
}
