//! What agencies answered: one row per request and form, kept as it was given.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{requests, responses};
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    pub struct Response, Row of responses {
        plain {
            id: String,
            case_id: String,
            request_id: String,
            form: String,
            form_version: String,
            state: String,
            updated_at: NaiveDateTime,
            sent_at: Option<NaiveDateTime>,
            accepted_at: Option<NaiveDateTime>,
            version: i32,
            /// What was said of answers that were known before, as JSON: fields and codes.
            says: String,
            /// The questions marked on sending it back, as JSON: field ids.
            marks: String,
            /// How many questions were not asked, once it was sent.
            spared: Option<i32>,
            /// The pages of the form that it answers, as JSON; none where it answers all of them.
            pages: Option<String>,
        }
        sealed {
            answers: String,
            /// Warnings that were found right with the reasons, as JSON.
            confirmed: String,
            reason: Option<String>,
        }
        marked {
        }
    }
}

pub fn insert(tx: &mut Tx<'_>, row: &Response) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(responses::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Response) -> Result<bool, StoreError> {
    let next = Response {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let hit = diesel::update(
        responses::table
            .filter(responses::id.eq(&row.id))
            .filter(responses::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, request_id: &str, form: &str) -> Result<Option<Response>, StoreError> {
    let found = responses::table
        .filter(responses::request_id.eq(request_id))
        .filter(responses::form.eq(form))
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

pub fn of_request(conn: &mut Conn, request_id: &str) -> Result<Vec<Response>, StoreError> {
    let rows = responses::table
        .filter(responses::request_id.eq(request_id))
        .order(responses::form.asc())
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<Response>, StoreError> {
    let rows = responses::table
        .filter(responses::case_id.eq(case_id))
        .order((responses::form.asc(), responses::id.asc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

pub fn of_cases(conn: &mut Conn, case_ids: &[String]) -> Result<Vec<Response>, StoreError> {
    let rows = responses::table
        .filter(responses::case_id.eq_any(case_ids))
        .order((
            responses::case_id.asc(),
            responses::form.asc(),
            responses::id.asc(),
        ))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// Which agency gave which answers of these cases: the id of the response and the agency's code.
pub fn agencies(conn: &mut Conn, case_ids: &[String]) -> Result<Vec<(String, String)>, StoreError> {
    Ok(responses::table
        .inner_join(requests::table)
        .filter(responses::case_id.eq_any(case_ids))
        .select((responses::id, requests::agency))
        .load(conn.engine())?)
}
