//! Links by mail that make an account or a new password. Only a keyed hash of each link is stored.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{invitations, password_resets};
use super::{Conn, StoreError, Tx};

/// Somebody who may make an account.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(table_name = invitations)]
pub struct Invitation {
    pub id: String,
    pub email: String,
    pub email_folded: String,
    pub name: String,
    pub role: String,
    pub organisation: Option<String>,
    pub token_hash: String,
    /// The account of whoever invited, or `operator`.
    pub invited_by: String,
    pub created_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
    pub joined_at: Option<NaiveDateTime>,
    pub withdrawn_at: Option<NaiveDateTime>,
    pub version: i32,
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
    diesel::insert_into(invitations::table)
        .values(row)
        .execute(tx.engine())?;
    Ok(())
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Invitation>, StoreError> {
    Ok(invitations::table
        .find(id)
        .select(Invitation::as_select())
        .get_result(conn.engine())
        .optional()?)
}

pub fn by_token(conn: &mut Conn, token_hash: &str) -> Result<Option<Invitation>, StoreError> {
    Ok(invitations::table
        .filter(invitations::token_hash.eq(token_hash))
        .select(Invitation::as_select())
        .get_result(conn.engine())
        .optional()?)
}

/// Those that nobody used and nobody withdrew, the newest first.
pub fn waiting(conn: &mut Conn) -> Result<Vec<Invitation>, StoreError> {
    Ok(invitations::table
        .filter(invitations::joined_at.is_null())
        .filter(invitations::withdrawn_at.is_null())
        .order((invitations::created_at.desc(), invitations::id.desc()))
        .select(Invitation::as_select())
        .load(conn.engine())?)
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
