//! What a person proves besides the password, and the codes for when that is lost.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{factors, recovery_codes};
use super::{Conn, StoreError, Tx};

/// One factor. `kind` is `totp` today; a passkey would keep its public key in `detail`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(table_name = factors)]
pub struct Factor {
    pub id: String,
    pub user_id: String,
    pub kind: String,
    /// Sealed by the application.
    pub secret: String,
    pub detail: Option<String>,
    /// The last step whose code was taken: that code and all before it are used up.
    pub last_step: i64,
    pub created_at: NaiveDateTime,
}

/// A code on paper, of which only a keyed hash is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(table_name = recovery_codes)]
pub struct RecoveryCode {
    pub code_hash: String,
    pub user_id: String,
    pub created_at: NaiveDateTime,
    pub used_at: Option<NaiveDateTime>,
}

pub fn of(conn: &mut Conn, user_id: &str, kind: &str) -> Result<Option<Factor>, StoreError> {
    Ok(factors::table
        .filter(factors::user_id.eq(user_id))
        .filter(factors::kind.eq(kind))
        .select(Factor::as_select())
        .get_result(conn.engine())
        .optional()?)
}

/// Who has a factor of any kind.
pub fn holders(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    Ok(factors::table
        .select(factors::user_id)
        .distinct()
        .load(conn.engine())?)
}

pub fn insert(tx: &mut Tx<'_>, factor: &Factor) -> Result<(), StoreError> {
    diesel::insert_into(factors::table)
        .values(factor)
        .execute(tx.engine())?;
    Ok(())
}

/// Takes the factors of a person away, and the codes with them.
pub fn remove(tx: &mut Tx<'_>, user_id: &str) -> Result<usize, StoreError> {
    remove_codes(tx, user_id)?;
    Ok(diesel::delete(factors::table.filter(factors::user_id.eq(user_id))).execute(tx.engine())?)
}

/// Uses up a step; false when it or a later one was used already.
pub fn use_step(tx: &mut Tx<'_>, id: &str, step: i64) -> Result<bool, StoreError> {
    let hit = diesel::update(factors::table.find(id).filter(factors::last_step.lt(step)))
        .set(factors::last_step.eq(step))
        .execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn insert_code(tx: &mut Tx<'_>, code: &RecoveryCode) -> Result<(), StoreError> {
    diesel::insert_into(recovery_codes::table)
        .values(code)
        .execute(tx.engine())?;
    Ok(())
}

pub fn remove_codes(tx: &mut Tx<'_>, user_id: &str) -> Result<(), StoreError> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user_id)))
        .execute(tx.engine())?;
    Ok(())
}

/// Uses up a code of this person; false when there is none such or it was used.
pub fn use_code(
    tx: &mut Tx<'_>,
    user_id: &str,
    code_hash: &str,
    now: NaiveDateTime,
) -> Result<bool, StoreError> {
    let hit = diesel::update(
        recovery_codes::table
            .find(code_hash)
            .filter(recovery_codes::user_id.eq(user_id))
            .filter(recovery_codes::used_at.is_null()),
    )
    .set(recovery_codes::used_at.eq(now))
    .execute(tx.engine())?;
    Ok(hit == 1)
}

/// How many codes of this person are left.
pub fn codes_left(conn: &mut Conn, user_id: &str) -> Result<i64, StoreError> {
    Ok(recovery_codes::table
        .filter(recovery_codes::user_id.eq(user_id))
        .filter(recovery_codes::used_at.is_null())
        .count()
        .get_result(conn.engine())?)
}
