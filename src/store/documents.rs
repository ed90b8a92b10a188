//! Files kept on a case, but for their bytes: those lie in the vault. Titles, names and notes come here sealed.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{case_keys, documents};
use super::{Conn, StoreError, Tx};

/// A document as stored. `title`, `file_name`, `content_note`, `withdrawn_reason` and `uploaded_by` are sealed;
/// `content_index` is a keyed index of the bytes.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(table_name = documents)]
#[diesel(treat_none_as_null = true)]
pub struct Document {
    pub id: String,
    pub case_id: String,
    pub number: i32,
    pub request_id: Option<String>,
    pub response_id: Option<String>,
    pub kind: String,
    pub size: i64,
    pub content_index: String,
    pub title: String,
    pub file_name: String,
    pub content_note: Option<String>,
    pub state: String,
    pub uploaded_by: String,
    pub uploaded_at: NaiveDateTime,
    pub scanned_at: Option<NaiveDateTime>,
    pub withdrawn_at: Option<NaiveDateTime>,
    pub withdrawn_reason: Option<String>,
    pub version: i32,
    /// When the agency's answer that it belongs to was sent; until then it is the agency's own.
    pub handed_in_at: Option<NaiveDateTime>,
    /// The meeting whose paper it is.
    pub meeting_id: Option<String>,
}

pub fn insert(tx: &mut Tx<'_>, row: &Document) -> Result<(), StoreError> {
    diesel::insert_into(documents::table)
        .values(row)
        .execute(tx.engine())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Document) -> Result<bool, StoreError> {
    let next = Document {
        version: row.version + 1,
        ..row.clone()
    };
    let hit = diesel::update(
        documents::table
            .filter(documents::id.eq(&row.id))
            .filter(documents::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Document>, StoreError> {
    Ok(documents::table
        .find(id)
        .select(Document::as_select())
        .get_result(conn.engine())
        .optional()?)
}

/// The document of this number on a case.
pub fn numbered(
    conn: &mut Conn,
    case_id: &str,
    number: i32,
) -> Result<Option<Document>, StoreError> {
    Ok(documents::table
        .filter(documents::case_id.eq(case_id))
        .filter(documents::number.eq(number))
        .select(Document::as_select())
        .get_result(conn.engine())
        .optional()?)
}

/// Every document of a case, the newest first.
pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<Document>, StoreError> {
    Ok(documents::table
        .filter(documents::case_id.eq(case_id))
        .order(documents::number.desc())
        .select(Document::as_select())
        .load(conn.engine())?)
}

/// The files of one agency's answer, the newest first.
pub fn of_request(conn: &mut Conn, request_id: &str) -> Result<Vec<Document>, StoreError> {
    Ok(documents::table
        .filter(documents::request_id.eq(request_id))
        .order(documents::number.desc())
        .select(Document::as_select())
        .load(conn.engine())?)
}

/// The papers of a meeting, the newest first.
pub fn of_meeting(conn: &mut Conn, meeting_id: &str) -> Result<Vec<Document>, StoreError> {
    Ok(documents::table
        .filter(documents::meeting_id.eq(meeting_id))
        .order(documents::number.desc())
        .select(Document::as_select())
        .load(conn.engine())?)
}

/// Takes a row away that was never handed in; `false` when there is none.
pub fn delete(tx: &mut Tx<'_>, id: &str) -> Result<bool, StoreError> {
    let own = documents::table
        .find(id)
        .filter(documents::handed_in_at.is_null());
    Ok(diesel::delete(own).execute(tx.engine())? == 1)
}

/// Which of these ids are documents.
pub fn named(conn: &mut Conn, ids: &[String]) -> Result<Vec<String>, StoreError> {
    Ok(documents::table
        .filter(documents::id.eq_any(ids))
        .select(documents::id)
        .load(conn.engine())?)
}

/// The number of the next document of a case.
pub fn next_number(conn: &mut Conn, case_id: &str) -> Result<i32, StoreError> {
    let last: Option<i32> = documents::table
        .filter(documents::case_id.eq(case_id))
        .select(diesel::dsl::max(documents::number))
        .get_result(conn.engine())?;
    Ok(last.unwrap_or(0) + 1)
}

/// Those that wait for the scanner, the oldest first.
pub fn waiting(conn: &mut Conn, past: i64, most: i64) -> Result<Vec<Document>, StoreError> {
    Ok(documents::table
        .filter(documents::state.eq("checking"))
        .order((documents::uploaded_at.asc(), documents::id.asc()))
        .limit(most)
        .offset(past)
        .select(Document::as_select())
        .load(conn.engine())?)
}

/// The sealed key of a case's documents.
pub fn case_key(conn: &mut Conn, case_id: &str) -> Result<Option<String>, StoreError> {
    Ok(case_keys::table
        .find(case_id)
        .select(case_keys::sealed_key)
        .get_result(conn.engine())
        .optional()?)
}

pub fn insert_case_key(
    tx: &mut Tx<'_>,
    case_id: &str,
    sealed_key: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::insert_into(case_keys::table)
        .values((
            case_keys::case_id.eq(case_id),
            case_keys::sealed_key.eq(sealed_key),
            case_keys::made_at.eq(now),
        ))
        .execute(tx.engine())?;
    Ok(())
}
