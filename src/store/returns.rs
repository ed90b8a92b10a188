//! The ledger of what was sent to the national database, and which questions were verified.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::{return_ledger, return_lines, verified_fields};
use super::{Conn, StoreError, Tx};

/// One package that left the system.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(table_name = return_ledger)]
pub struct Entry {
    pub id: String,
    pub kind: String,
    pub period_from: NaiveDate,
    pub period_to: NaiveDate,
    pub created_at: NaiveDateTime,
    pub created_by: String,
    pub file_name: String,
    pub sha256: String,
    pub row_count: i64,
    pub case_count: i64,
    pub identified: bool,
    pub receiver_answer: Option<String>,
    pub answered_at: Option<NaiveDateTime>,
}

pub fn insert(tx: &mut Tx<'_>, entry: &Entry) -> Result<(), StoreError> {
    diesel::insert_into(return_ledger::table)
        .values(entry)
        .execute(tx.engine())?;
    Ok(())
}

/// Which version of which case a package held, and as what: `notification`, `final`, `correction` or
/// `withdrawal`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(table_name = return_lines)]
pub struct Line {
    pub ledger_id: String,
    pub case_id: String,
    pub version: i32,
    pub submission: String,
}

/// Writes lines in one statement; give it some hundreds at a time.
pub fn insert_lines(tx: &mut Tx<'_>, lines: &[Line]) -> Result<(), StoreError> {
    crate::each_engine!(tx.engine(), |c| diesel::insert_into(return_lines::table)
        .values(lines)
        .execute(c))?;
    Ok(())
}

/// The next lines of a package, in the order of case ids.
pub fn lines(
    conn: &mut Conn,
    ledger_id: &str,
    after: &str,
    most: i64,
) -> Result<Vec<Line>, StoreError> {
    Ok(return_lines::table
        .filter(return_lines::ledger_id.eq(ledger_id))
        .filter(return_lines::case_id.gt(after))
        .order(return_lines::case_id)
        .limit(most)
        .select(Line::as_select())
        .load(conn.engine())?)
}

pub fn latest(conn: &mut Conn, most: i64) -> Result<Vec<Entry>, StoreError> {
    Ok(return_ledger::table
        .order(return_ledger::created_at.desc())
        .limit(most)
        .select(Entry::as_select())
        .load(conn.engine())?)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Entry>, StoreError> {
    Ok(return_ledger::table
        .find(id)
        .select(Entry::as_select())
        .get_result(conn.engine())
        .optional()?)
}

/// Notes what the receiver said of a package.
pub fn answer(
    tx: &mut Tx<'_>,
    id: &str,
    answer: &str,
    now: NaiveDateTime,
) -> Result<bool, StoreError> {
    let hit = diesel::update(return_ledger::table.find(id))
        .set((
            return_ledger::receiver_answer.eq(answer),
            return_ledger::answered_at.eq(now),
        ))
        .execute(tx.engine())?;
    Ok(hit == 1)
}

/// Every question marked as checked against the official form: `(form version, form, field)`.
pub fn verified(conn: &mut Conn) -> Result<BTreeSet<(String, String, String)>, StoreError> {
    let rows: Vec<(String, String, String)> = verified_fields::table
        .select((
            verified_fields::form_version,
            verified_fields::form,
            verified_fields::field,
        ))
        .load(conn.engine())?;
    Ok(rows.into_iter().collect())
}

pub fn verify(
    tx: &mut Tx<'_>,
    key: (&str, &str, &str),
    by: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    unverify(tx, key)?;
    diesel::insert_into(verified_fields::table)
        .values((
            verified_fields::form_version.eq(key.0),
            verified_fields::form.eq(key.1),
            verified_fields::field.eq(key.2),
            verified_fields::verified_by.eq(by),
            verified_fields::verified_at.eq(now),
        ))
        .execute(tx.engine())?;
    Ok(())
}

pub fn unverify(tx: &mut Tx<'_>, key: (&str, &str, &str)) -> Result<(), StoreError> {
    diesel::delete(verified_fields::table.find(key)).execute(tx.engine())?;
    Ok(())
}

/// The questions of one form that were marked as checked: field, by whom, when.
pub fn verifications(
    conn: &mut Conn,
    version: &str,
    form: &str,
) -> Result<Vec<(String, String, NaiveDateTime)>, StoreError> {
    Ok(verified_fields::table
        .filter(verified_fields::form_version.eq(version))
        .filter(verified_fields::form.eq(form))
        .order(verified_fields::field.asc())
        .select((
            verified_fields::field,
            verified_fields::verified_by,
            verified_fields::verified_at,
        ))
        .load(conn.engine())?)
}
