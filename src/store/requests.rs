//! Requests to agencies and the browsers that claimed their links.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::{form_waivers, request_claims, requests};
use super::sealed::{Place, Sealable, all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// A request as stored. `link_hash` is a keyed hash: the link itself is nowhere in the database but in
    /// the mail that carries it.
    pub struct Request, Row of requests {
        plain {
            id: String,
            case_id: String,
            agency: String,
            professional_type: Option<String>,
            state: String,
            link_hash: Option<String>,
            link_expires_at: Option<NaiveDateTime>,
            agreed_date: NaiveDate,
            created_at: NaiveDateTime,
            sent_at: Option<NaiveDateTime>,
            opened_at: Option<NaiveDateTime>,
            answered_at: Option<NaiveDateTime>,
            closed_at: Option<NaiveDateTime>,
            nil_return: bool,
            version: i32,
            /// The contact of the directory that was asked.
            contact_id: Option<String>,
            /// The request of which this one answers some parts.
            part_of: Option<String>,
            /// Its agency said that it knew the child.
            knew_child: bool,
        }
        sealed {
            recipient: String,
            organisation: Option<String>,
            email: String,
            reason: Option<String>,
        }
        marked {
        }
    }
}

/// Whether its agency is still to answer it.
pub fn waits(row: &Request) -> bool {
    WAITING.contains(&row.state.as_str())
}

/// Whether nothing more comes of it: its answer was accepted, or it was withdrawn.
pub fn is_closed(row: &Request) -> bool {
    matches!(row.state.as_str(), "accepted" | "withdrawn" | "waived")
}

/// The states in which an agency is still to answer.
const WAITING: [&str; 3] = ["sent", "opened", "sent_back"];

pub fn insert(tx: &mut Tx<'_>, row: &Request) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(requests::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Request) -> Result<bool, StoreError> {
    let next = Request {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let hit = diesel::update(
        requests::table
            .filter(requests::id.eq(&row.id))
            .filter(requests::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Request>, StoreError> {
    let found = requests::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

pub fn by_link(conn: &mut Conn, link_hash: &str) -> Result<Option<Request>, StoreError> {
    let found = requests::table
        .filter(requests::link_hash.eq(link_hash))
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<Request>, StoreError> {
    let rows = requests::table
        .filter(requests::case_id.eq(case_id))
        .order((requests::created_at.asc(), requests::id.asc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

pub fn of_cases(conn: &mut Conn, case_ids: &[String]) -> Result<Vec<Request>, StoreError> {
    let rows = requests::table
        .filter(requests::case_id.eq_any(case_ids))
        .order((requests::case_id.asc(), requests::id.asc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// Every request that is still to be answered, over all cases.
pub fn waiting(conn: &mut Conn) -> Result<Vec<Request>, StoreError> {
    let rows = requests::table
        .filter(requests::state.eq_any(WAITING))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// The requests to these agencies that are not answered yet, over all cases.
pub fn open_of(conn: &mut Conn, agencies: &[String]) -> Result<Vec<Request>, StoreError> {
    let rows = requests::table
        .filter(requests::agency.eq_any(agencies))
        .filter(requests::state.eq_any(WAITING))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
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
        .execute(tx.engine())?;
    Ok(())
}

/// The request that a claimed browser holds.
pub fn by_claim(conn: &mut Conn, secret_hash: &str) -> Result<Option<Request>, StoreError> {
    let found = request_claims::table
        .inner_join(requests::table.on(requests::id.eq(request_claims::request_id)))
        .filter(request_claims::secret_hash.eq(secret_hash))
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// A withdrawn or reissued link also ends every browser's claim.
pub fn drop_claims(tx: &mut Tx<'_>, request_id: &str) -> Result<(), StoreError> {
    diesel::delete(request_claims::table.filter(request_claims::request_id.eq(request_id)))
        .execute(tx.engine())?;
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
    let row = waiver_row(case_id, form);
    let sealed = reason.to_owned().seal(tx.conn().keys(), waiver_place(&row));
    diesel::delete(form_waivers::table.find((case_id, form))).execute(tx.engine())?;
    diesel::insert_into(form_waivers::table)
        .values((
            form_waivers::case_id.eq(case_id),
            form_waivers::form.eq(form),
            form_waivers::reason.eq(sealed),
            form_waivers::waived_by.eq(by),
            form_waivers::waived_at.eq(now),
        ))
        .execute(tx.engine())?;
    Ok(())
}

fn waiver_row(case_id: &str, form: &str) -> String {
    format!("{case_id}/{form}")
}

const fn waiver_place(row: &str) -> Place<'_> {
    Place {
        table: "form_waivers",
        column: "reason",
        row,
    }
}

/// The forms that are not needed on a case, each with its reason.
pub fn waivers(conn: &mut Conn, case_id: &str) -> Result<Vec<(String, String)>, StoreError> {
    let rows = waivers_of(conn, &[case_id.to_owned()])?;
    Ok(rows
        .into_iter()
        .map(|(_, form, reason)| (form, reason))
        .collect())
}

/// The waivers of several cases: case, form, reason.
pub fn waivers_of(
    conn: &mut Conn,
    case_ids: &[String],
) -> Result<Vec<(String, String, String)>, StoreError> {
    let rows: Vec<(String, String, Vec<u8>)> = form_waivers::table
        .filter(form_waivers::case_id.eq_any(case_ids))
        .order((form_waivers::case_id.asc(), form_waivers::form.asc()))
        .select((
            form_waivers::case_id,
            form_waivers::form,
            form_waivers::reason,
        ))
        .load(conn.engine())?;
    let keys = conn.keys();
    rows.into_iter()
        .map(|(case_id, form, kept)| {
            let row = waiver_row(&case_id, &form);
            match String::open(&kept, keys, waiver_place(&row)) {
                Ok(reason) => Ok((case_id, form, reason)),
                Err(_) => Err(StoreError::Damaged {
                    table: "form_waivers",
                    row,
                }),
            }
        })
        .collect()
}
