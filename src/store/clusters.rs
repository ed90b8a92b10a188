//! Counts that were higher than the years before, and what a person found of each. Must not know how a count is judged.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::clusters;
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// One count. There is one row for each thing that is counted over so many months.
    pub struct Cluster, Row of clusters {
        plain {
            id: String,
            dimension: String,
            value: String,
            months: i32,
            first_on: NaiveDate,
            last_on: NaiveDate,
            found_at: NaiveDateTime,
            count: i32,
            expected_thousandths: i32,
            chance_millionths: i32,
            state: String,
            judged_at: Option<NaiveDateTime>,
            version: i32,
        }
        sealed {
            reason: Option<String>,
            judged_by: Option<String>,
        }
        marked {}
    }
}

pub fn insert(tx: &mut Tx<'_>, row: &Cluster) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(clusters::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Cluster) -> Result<bool, StoreError> {
    let next = Cluster {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let hit = diesel::update(
        clusters::table
            .filter(clusters::id.eq(&row.id))
            .filter(clusters::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Cluster>, StoreError> {
    let found = clusters::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// The row of one thing that is counted over so many months.
pub fn of_what(
    conn: &mut Conn,
    dimension: &str,
    value: &str,
    months: i32,
) -> Result<Option<Cluster>, StoreError> {
    let found = clusters::table
        .filter(clusters::dimension.eq(dimension))
        .filter(clusters::value.eq(value))
        .filter(clusters::months.eq(months))
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// The newest first.
pub fn all(conn: &mut Conn, most: i64) -> Result<Vec<Cluster>, StoreError> {
    let rows = clusters::table
        .order((clusters::last_on.desc(), clusters::id.desc()))
        .limit(most)
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// How many wait for a person.
pub fn open(conn: &mut Conn) -> Result<i64, StoreError> {
    Ok(clusters::table
        .filter(clusters::state.eq("open"))
        .count()
        .get_result(conn.engine())?)
}
