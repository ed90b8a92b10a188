//! Holds of the reminders to a whole agency. Must not know which request falls under one, nor whether one is in force
//! on a day.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::agency_holds;
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// A hold; it ends by hand, or after its last day.
    pub struct Hold, Row of agency_holds {
        plain {
            id: String,
            agency: String,
            last_day: Option<NaiveDate>,
            held_at: NaiveDateTime,
            ended_at: Option<NaiveDateTime>,
            version: i32,
        }
        sealed {
            /// Name or code; none for the whole agency.
            organisation: Option<String>,
            why: String,
            held_by: String,
            ended_by: Option<String>,
        }
        marked {}
    }
}

pub fn insert(tx: &mut Tx<'_>, row: &Hold) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(agency_holds::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Hold) -> Result<bool, StoreError> {
    let next = Hold {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let held = agency_holds::table
        .filter(agency_holds::id.eq(&row.id))
        .filter(agency_holds::version.eq(row.version));
    let hit = diesel::update(held).set(&next).execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Hold>, StoreError> {
    let found = agency_holds::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// Those that nobody ended and that last until `today` or longer.
pub fn in_force(conn: &mut Conn, today: NaiveDate) -> Result<Vec<Hold>, StoreError> {
    let rows = agency_holds::table
        .filter(agency_holds::ended_at.is_null())
        .filter(
            agency_holds::last_day
                .is_null()
                .or(agency_holds::last_day.ge(today)),
        )
        .order((agency_holds::held_at.asc(), agency_holds::id.asc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// Every hold there was of an agency, the newest first.
pub fn of_agency(conn: &mut Conn, agency: &str) -> Result<Vec<Hold>, StoreError> {
    let rows = agency_holds::table
        .filter(agency_holds::agency.eq(agency))
        .order((agency_holds::held_at.desc(), agency_holds::id.desc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}
