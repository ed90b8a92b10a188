//! Requests to agencies and the browsers that claimed their links.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::{form_waivers, request_claims, requests};
use super::{Conn, StoreError, Tx};

/// A request as stored. `link_hash` is a keyed hash: the link itself is nowhere in the database but in
/// the mail that carries it.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = requests)]
#[diesel(treat_none_as_null = true)]
pub struct Request {
    pub id: String,
    pub case_id: String,
    pub agency: String,
    pub professional_type: Option<String>,
    pub recipient: String,
    pub organisation: Option<String>,
    pub email: String,
    pub state: String,
    pub link_hash: Option<String>,
    pub link_expires_at: Option<NaiveDateTime>,
    pub agreed_date: NaiveDate,
    pub created_at: NaiveDateTime,
    pub sent_at: Option<NaiveDateTime>,
    pub opened_at: Option<NaiveDateTime>,
    pub answered_at: Option<NaiveDateTime>,
    pub closed_at: Option<NaiveDateTime>,
    pub reason: Option<String>,
    pub nil_return: bool,
    pub version: i32,
}

pub fn insert(tx: &mut Tx<'_>, row: &Request) -> Result<(), StoreError> {
    diesel::insert_into(requests::table)
        .values(row)
        .execute(tx.conn())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Request) -> Result<bool, StoreError> {
    let next = Request {
        version: row.version + 1,
        ..row.clone()
    };
    let hit = diesel::update(
        requests::table
            .filter(requests::id.eq(&row.id))
            .filter(requests::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.conn())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Request>, StoreError> {
    Ok(requests::table
        .find(id)
        .select(Request::as_select())
        .get_result(conn)
        .optional()?)
}

pub fn by_link(conn: &mut Conn, link_hash: &str) -> Result<Option<Request>, StoreError> {
    Ok(requests::table
        .filter(requests::link_hash.eq(link_hash))
        .select(Request::as_select())
        .get_result(conn)
        .optional()?)
}

pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<Request>, StoreError> {
    Ok(requests::table
        .filter(requests::case_id.eq(case_id))
        .order((requests::created_at.asc(), requests::id.asc()))
        .select(Request::as_select())
        .load(conn)?)
}

pub fn of_cases(conn: &mut Conn, case_ids: &[String]) -> Result<Vec<Request>, StoreError> {
    Ok(requests::table
        .filter(requests::case_id.eq_any(case_ids))
        .order((requests::case_id.asc(), requests::id.asc()))
        .select(Request::as_select())
        .load(conn)?)
}

/// Remembers that one browser claimed the link.
pub fn insert_claim(
    tx: &mut Tx<'_>,
    id: &str,
    request_id: &str,
    secret_hash: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::insert_into(request_claims::table)
        .values((
            request_claims::id.eq(id),
            request_claims::request_id.eq(request_id),
            request_claims::secret_hash.eq(secret_hash),
            request_claims::claimed_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// The request that a claimed browser holds.
pub fn by_claim(conn: &mut Conn, secret_hash: &str) -> Result<Option<Request>, StoreError> {
    Ok(request_claims::table
        .inner_join(requests::table.on(requests::id.eq(request_claims::request_id)))
        .filter(request_claims::secret_hash.eq(secret_hash))
        .select(Request::as_select())
        .get_result(conn)
        .optional()?)
}

/// A withdrawn or reissued link also ends every browser's claim.
pub fn drop_claims(tx: &mut Tx<'_>, request_id: &str) -> Result<(), StoreError> {
    diesel::delete(request_claims::table.filter(request_claims::request_id.eq(request_id)))
        .execute(tx.conn())?;
    Ok(())
}

/// Notes that a form is not needed on a case; a second reason replaces the first.
pub fn waive(
    tx: &mut Tx<'_>,
    case_id: &str,
    form: &str,
    reason: &str,
    by: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::delete(form_waivers::table.find((case_id, form))).execute(tx.conn())?;
    diesel::insert_into(form_waivers::table)
        .values((
            form_waivers::case_id.eq(case_id),
            form_waivers::form.eq(form),
            form_waivers::reason.eq(reason),
            form_waivers::waived_by.eq(by),
            form_waivers::waived_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// The forms that are not needed on a case, each with its reason.
pub fn waivers(conn: &mut Conn, case_id: &str) -> Result<Vec<(String, String)>, StoreError> {
    Ok(form_waivers::table
        .filter(form_waivers::case_id.eq(case_id))
        .order(form_waivers::form.asc())
        .select((form_waivers::form, form_waivers::reason))
        .load(conn)?)
}

/// The waivers of several cases: case, form, reason.
pub fn waivers_of(
    conn: &mut Conn,
    case_ids: &[String],
) -> Result<Vec<(String, String, String)>, StoreError> {
    Ok(form_waivers::table
        .filter(form_waivers::case_id.eq_any(case_ids))
        .order((form_waivers::case_id.asc(), form_waivers::form.asc()))
        .select((
            form_waivers::case_id,
            form_waivers::form,
            form_waivers::reason,
        ))
        .load(conn)?)
}
