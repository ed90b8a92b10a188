//! Links by mail that make an account or a new password. Only a keyed hash of each link is stored.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{invitations, password_resets};
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx, marks};

sealed_row! {
    /// Somebody who may make an account.
    pub struct Invitation, Row of invitations {
        plain {
            id: String,
            role: String,
            organisation: Option<String>,
            token_hash: String,
            /// The account of whoever invited, or `operator`.
            invited_by: String,
            created_at: NaiveDateTime,
            expires_at: NaiveDateTime,
            joined_at: Option<NaiveDateTime>,
            withdrawn_at: Option<NaiveDateTime>,
            version: i32,
        }
        sealed {
            email: String,
            name: String,
        }
        marked {
            email_mark: String = |row: &Invitation, keys| marks::address(keys, &row.email),
        }
    }
}

/// A link that sets a new password.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(table_name = password_resets)]
pub struct Reset {
    pub token_hash: String,
    pub user_id: String,
    pub created_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
    pub used_at: Option<NaiveDateTime>,
}

pub fn insert(tx: &mut Tx<'_>, row: &Invitation) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(invitations::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Invitation>, StoreError> {
    let row = invitations::table
        .find(id)
        .select(Row::as_select())
        .get_result(conn.engine())
        .optional()?;
    opened(conn, row)
}

pub fn by_token(conn: &mut Conn, token_hash: &str) -> Result<Option<Invitation>, StoreError> {
    let row = invitations::table
        .filter(invitations::token_hash.eq(token_hash))
        .select(Row::as_select())
        .get_result(conn.engine())
        .optional()?;
    opened(conn, row)
}

/// Those that nobody used and nobody withdrew, the newest first.
pub fn waiting(conn: &mut Conn) -> Result<Vec<Invitation>, StoreError> {
    let rows = invitations::table
        .filter(invitations::joined_at.is_null())
        .filter(invitations::withdrawn_at.is_null())
        .order((invitations::created_at.desc(), invitations::id.desc()))
        .select(Row::as_select())
        .load(conn.engine())?;
    all_opened(conn, rows)
}

/// Whether somebody with this address is invited and has not joined yet.
pub fn is_waiting(conn: &mut Conn, email: &str) -> Result<bool, StoreError> {
    let mark = marks::address(conn.keys(), email);
    let hits: i64 = invitations::table
        .filter(invitations::email_mark.eq(mark))
        .filter(invitations::joined_at.is_null())
        .filter(invitations::withdrawn_at.is_null())
        .count()
        .get_result(conn.engine())?;
    Ok(hits > 0)
}

/// A new link for the same invitation, if nobody saved since.
pub fn renew(tx: &mut Tx<'_>, row: &Invitation) -> Result<bool, StoreError> {
    let hit = diesel::update(still_open(row.id.clone(), row.version))
        .set((
            invitations::token_hash.eq(&row.token_hash),
            invitations::expires_at.eq(row.expires_at),
            invitations::version.eq(row.version + 1),
        ))
        .execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn withdraw(tx: &mut Tx<'_>, row: &Invitation, now: NaiveDateTime) -> Result<bool, StoreError> {
    let hit = diesel::update(still_open(row.id.clone(), row.version))
        .set((
            invitations::withdrawn_at.eq(now),
            invitations::version.eq(row.version + 1),
        ))
        .execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn joined(tx: &mut Tx<'_>, row: &Invitation, now: NaiveDateTime) -> Result<bool, StoreError> {
    let hit = diesel::update(still_open(row.id.clone(), row.version))
        .set((
            invitations::joined_at.eq(now),
            invitations::version.eq(row.version + 1),
        ))
        .execute(tx.engine())?;
    Ok(hit == 1)
}

#[diesel::dsl::auto_type]
fn still_open(id: String, version: i32) -> _ {
    invitations::table
        .filter(invitations::id.eq(id))
        .filter(invitations::version.eq(version))
        .filter(invitations::joined_at.is_null())
        .filter(invitations::withdrawn_at.is_null())
}

pub fn insert_reset(tx: &mut Tx<'_>, row: &Reset) -> Result<(), StoreError> {
    diesel::insert_into(password_resets::table)
        .values(row)
        .execute(tx.engine())?;
    Ok(())
}

pub fn reset(conn: &mut Conn, token_hash: &str) -> Result<Option<Reset>, StoreError> {
    Ok(password_resets::table
        .find(token_hash)
        .select(Reset::as_select())
        .get_result(conn.engine())
        .optional()?)
}

/// Uses up every link of this person; false when there was none left.
pub fn use_resets(tx: &mut Tx<'_>, user_id: &str, now: NaiveDateTime) -> Result<bool, StoreError> {
    let hit = diesel::update(
        password_resets::table
            .filter(password_resets::user_id.eq(user_id))
            .filter(password_resets::used_at.is_null()),
    )
    .set(password_resets::used_at.eq(now))
    .execute(tx.engine())?;
    Ok(hit > 0)
}
