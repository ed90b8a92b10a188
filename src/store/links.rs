//! What is kept about links beside the request itself: codes for a second browser, and links that ended.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{link_codes, old_links, request_claims};
use super::{Conn, StoreError, Tx};

/// A code sent to the address on file. `code_hash` is a keyed hash.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = link_codes)]
pub struct LinkCode {
    pub id: String,
    pub request_id: String,
    pub code_hash: String,
    pub made_at: NaiveDateTime,
    pub tries: i32,
    pub used_at: Option<NaiveDateTime>,
}

pub fn insert_code(tx: &mut Tx<'_>, row: &LinkCode) -> Result<(), StoreError> {
    diesel::insert_into(link_codes::table)
        .values(row)
        .execute(tx.engine())?;
    Ok(())
}

pub fn code(conn: &mut Conn, id: &str) -> Result<Option<LinkCode>, StoreError> {
    Ok(link_codes::table
        .find(id)
        .select(LinkCode::as_select())
        .get_result(conn.engine())
        .optional()?)
}

pub fn save_code(tx: &mut Tx<'_>, row: &LinkCode) -> Result<(), StoreError> {
    diesel::update(link_codes::table.find(&row.id))
        .set(row)
        .execute(tx.engine())?;
    Ok(())
}

/// How many codes were sent for a request since a moment.
pub fn codes_since(
    conn: &mut Conn,
    request_id: &str,
    since: NaiveDateTime,
) -> Result<i64, StoreError> {
    Ok(link_codes::table
        .filter(link_codes::request_id.eq(request_id))
        .filter(link_codes::made_at.gt(since))
        .count()
        .get_result(conn.engine())?)
}

/// Forgets the codes of a request.
pub fn drop_codes(tx: &mut Tx<'_>, request_id: &str) -> Result<(), StoreError> {
    diesel::delete(link_codes::table.filter(link_codes::request_id.eq(request_id)))
        .execute(tx.engine())?;
    Ok(())
}

/// Whether some browser claimed the link of this request.
pub fn is_claimed(conn: &mut Conn, request_id: &str) -> Result<bool, StoreError> {
    let n: i64 = request_claims::table
        .filter(request_claims::request_id.eq(request_id))
        .count()
        .get_result(conn.engine())?;
    Ok(n > 0)
}

/// Remembers a link that ended.
pub fn keep_old(
    tx: &mut Tx<'_>,
    link_hash: &str,
    request_id: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::insert_into(old_links::table)
        .values((
            old_links::link_hash.eq(link_hash),
            old_links::request_id.eq(request_id),
            old_links::ended_at.eq(now),
        ))
        .execute(tx.engine())?;
    Ok(())
}

/// When the newest ended link of a request ended, which is when the one in force was made.
pub fn last_ended(conn: &mut Conn, request_id: &str) -> Result<Option<NaiveDateTime>, StoreError> {
    Ok(old_links::table
        .filter(old_links::request_id.eq(request_id))
        .select(diesel::dsl::max(old_links::ended_at))
        .get_result(conn.engine())?)
}

/// The request that an ended link was for.
pub fn of_old(conn: &mut Conn, link_hash: &str) -> Result<Option<String>, StoreError> {
    Ok(old_links::table
        .find(link_hash)
        .select(old_links::request_id)
        .get_result(conn.engine())
        .optional()?)
}
