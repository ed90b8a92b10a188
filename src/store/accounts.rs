//! Staff accounts and their sessions.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{sessions, users};
use super::{Conn, StoreError, Tx};

/// A member of staff as stored. `role` is the code of contracts' role list.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = users)]
pub struct User {
    pub id: String,
    pub email: String,
    pub email_folded: String,
    pub name: String,
    pub role: String,
    pub organisation: Option<String>,
    pub password_hash: String,
    pub active: bool,
    pub created_at: NaiveDateTime,
    pub version: i32,
}

/// A signed-in browser. Only a keyed hash of its token is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct Session {
    pub id: String,
    pub token_hash: String,
    pub user_id: String,
    pub created_at: NaiveDateTime,
    pub last_seen_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
    pub ended_at: Option<NaiveDateTime>,
}

pub fn insert_user(tx: &mut Tx<'_>, user: &User) -> Result<(), StoreError> {
    diesel::insert_into(users::table)
        .values(user)
        .execute(tx.engine())?;
    Ok(())
}

/// The account with this address, compared without regard to case.
pub fn by_email(conn: &mut Conn, folded: &str) -> Result<Option<User>, StoreError> {
    Ok(users::table
        .filter(users::email_folded.eq(folded))
        .select(User::as_select())
        .get_result(conn.engine())
        .optional()?)
}

pub fn by_id(conn: &mut Conn, id: &str) -> Result<Option<User>, StoreError> {
    Ok(users::table
        .find(id)
        .select(User::as_select())
        .get_result(conn.engine())
        .optional()?)
}

pub fn list(conn: &mut Conn) -> Result<Vec<User>, StoreError> {
    Ok(users::table
        .order(users::name)
        .select(User::as_select())
        .load(conn.engine())?)
}

pub fn insert_session(tx: &mut Tx<'_>, session: &Session) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table)
        .values(session)
        .execute(tx.engine())?;
    Ok(())
}

/// The session behind a token's hash with its account, whatever their state; the caller judges both.
pub fn session(conn: &mut Conn, token_hash: &str) -> Result<Option<(Session, User)>, StoreError> {
    Ok(sessions::table
        .inner_join(users::table)
        .filter(sessions::token_hash.eq(token_hash))
        .select((Session::as_select(), User::as_select()))
        .get_result(conn.engine())
        .optional()?)
}

pub fn touch_session(tx: &mut Tx<'_>, id: &str, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(id))
        .set(sessions::last_seen_at.eq(now))
        .execute(tx.engine())?;
    // Being seen is not an act of its own: it leaves no event and so counts as one already left.
    tx.recorded();
    Ok(())
}

pub fn end_session(tx: &mut Tx<'_>, id: &str, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(id))
        .set(sessions::ended_at.eq(now))
        .execute(tx.engine())?;
    Ok(())
}
