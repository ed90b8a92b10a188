//! What agencies answered: one row per request and form, kept as it was given.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::responses;
use super::{Conn, StoreError, Tx};

#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = responses)]
#[diesel(treat_none_as_null = true)]
pub struct Response {
    pub id: String,
    pub case_id: String,
    pub request_id: String,
    pub form: String,
    pub form_version: String,
    pub state: String,
    pub answers: String,
    pub confirmed: String,
    pub updated_at: NaiveDateTime,
    pub sent_at: Option<NaiveDateTime>,
    pub accepted_at: Option<NaiveDateTime>,
    pub reason: Option<String>,
    pub version: i32,
}

pub fn insert(tx: &mut Tx<'_>, row: &Response) -> Result<(), StoreError> {
    diesel::insert_into(responses::table)
        .values(row)
        .execute(tx.conn())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Response) -> Result<bool, StoreError> {
    let next = Response {
        version: row.version + 1,
        ..row.clone()
    };
    let hit = diesel::update(
        responses::table
            .filter(responses::id.eq(&row.id))
            .filter(responses::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.conn())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, request_id: &str, form: &str) -> Result<Option<Response>, StoreError> {
    Ok(responses::table
        .filter(responses::request_id.eq(request_id))
        .filter(responses::form.eq(form))
        .select(Response::as_select())
        .get_result(conn)
        .optional()?)
}

pub fn of_request(conn: &mut Conn, request_id: &str) -> Result<Vec<Response>, StoreError> {
    Ok(responses::table
        .filter(responses::request_id.eq(request_id))
        .order(responses::form.asc())
        .select(Response::as_select())
        .load(conn)?)
}

pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<Response>, StoreError> {
    Ok(responses::table
        .filter(responses::case_id.eq(case_id))
        .order((responses::form.asc(), responses::id.asc()))
        .select(Response::as_select())
        .load(conn)?)
}

pub fn of_cases(conn: &mut Conn, case_ids: &[String]) -> Result<Vec<Response>, StoreError> {
    Ok(responses::table
        .filter(responses::case_id.eq_any(case_ids))
        .order((
            responses::case_id.asc(),
            responses::form.asc(),
            responses::id.asc(),
        ))
        .select(Response::as_select())
        .load(conn)?)
}
