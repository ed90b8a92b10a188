//! The clocks of the area itself, one row for each year, and the rungs of their ladders that were taken. Must not know
//! when one is due, nor who is reminded.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::{area_year_rungs, area_years};
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// One clock of one year.
    pub struct Year, Row of area_years {
        plain {
            id: String,
            clock: String,
            /// The last day of the year.
            ends_on: NaiveDate,
            /// The definition it began with.
            definition: String,
            /// The day that was set instead of the counted one.
            agreed_on: Option<NaiveDate>,
            stopped_on: Option<NaiveDate>,
            said_at: Option<NaiveDateTime>,
            version: i32,
        }
        sealed {
            words: Option<String>,
            said_by: Option<String>,
        }
        marked {}
    }
}

/// A rung that was taken.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = area_year_rungs)]
pub struct Taken {
    pub year_id: String,
    pub rung: String,
    /// `sent`, or `passed` where a later one was sent in its place.
    pub state: String,
    pub done_at: NaiveDateTime,
}

/// Begins a year's clock; `false` when it has begun already.
pub fn begin(tx: &mut Tx<'_>, row: &Year) -> Result<bool, StoreError> {
    let sealed = row.seal(tx.conn().keys());
    let hit = crate::each_engine!(tx.engine(), |c| diesel::insert_into(area_years::table)
        .values(&sealed)
        .on_conflict((area_years::clock, area_years::ends_on))
        .do_nothing()
        .execute(c))?;
    Ok(hit == 1)
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Year) -> Result<bool, StoreError> {
    let next = Year {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let held = area_years::table
        .filter(area_years::id.eq(&row.id))
        .filter(area_years::version.eq(row.version));
    let hit = diesel::update(held).set(&next).execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Year>, StoreError> {
    let found = area_years::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// Every one, the newest year first.
pub fn all(conn: &mut Conn) -> Result<Vec<Year>, StoreError> {
    let rows = area_years::table
        .order((area_years::ends_on.desc(), area_years::clock.asc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// The rungs of one that were taken.
pub fn taken(conn: &mut Conn, id: &str) -> Result<Vec<Taken>, StoreError> {
    Ok(area_year_rungs::table
        .filter(area_year_rungs::year_id.eq(id))
        .order(area_year_rungs::done_at.asc())
        .select(Taken::as_select())
        .load(conn.engine())?)
}

/// Takes a rung; `false` when somebody else took it.
pub fn take(tx: &mut Tx<'_>, row: &Taken) -> Result<bool, StoreError> {
    let hit = crate::each_engine!(tx.engine(), |c| diesel::insert_into(area_year_rungs::table)
        .values(row)
        .on_conflict((area_year_rungs::year_id, area_year_rungs::rung))
        .do_nothing()
        .execute(c))?;
    Ok(hit == 1)
}
