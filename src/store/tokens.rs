//! Tokens of other systems and the answers already given to their repeated posts.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{api_replies, api_tokens};
use super::{Conn, StoreError, Tx};

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(table_name = api_tokens)]
pub struct Token {
    pub id: String,
    pub system: String,
    pub scopes: String,
    pub issued_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
    pub revoked_at: Option<NaiveDateTime>,
}

pub fn insert(tx: &mut Tx<'_>, token: &Token) -> Result<(), StoreError> {
    diesel::insert_into(api_tokens::table)
        .values(token)
        .execute(tx.engine())?;
    Ok(())
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Token>, StoreError> {
    Ok(api_tokens::table
        .find(id)
        .select(Token::as_select())
        .get_result(conn.engine())
        .optional()?)
}

pub fn list(conn: &mut Conn) -> Result<Vec<Token>, StoreError> {
    Ok(api_tokens::table
        .order(api_tokens::issued_at.asc())
        .select(Token::as_select())
        .load(conn.engine())?)
}

/// `false` when there is no such token still in force.
pub fn revoke(tx: &mut Tx<'_>, id: &str, now: NaiveDateTime) -> Result<bool, StoreError> {
    let hit = diesel::update(
        api_tokens::table
            .filter(api_tokens::id.eq(id))
            .filter(api_tokens::revoked_at.is_null()),
    )
    .set(api_tokens::revoked_at.eq(now))
    .execute(tx.engine())?;
    Ok(hit == 1)
}

/// The reference given for a key before, with the hash of the body that it came with.
pub fn reply(conn: &mut Conn, key_hash: &str) -> Result<Option<(String, String)>, StoreError> {
    Ok(api_replies::table
        .find(key_hash)
        .select((api_replies::body_hash, api_replies::reference))
        .get_result(conn.engine())
        .optional()?)
}

pub fn insert_reply(
    tx: &mut Tx<'_>,
    key_hash: &str,
    body_hash: &str,
    reference: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let row = (
        api_replies::key_hash.eq(key_hash),
        api_replies::body_hash.eq(body_hash),
        api_replies::reference.eq(reference),
        api_replies::created_at.eq(now),
    );
    crate::each_engine!(tx.engine(), |c| diesel::insert_into(api_replies::table)
        .values(row)
        .execute(c))?;
    Ok(())
}
