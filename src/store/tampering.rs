//! What was done to a chain of the audit trail that does not hold, as far as its rows still tell: the code of a row that
//! was written with the key fits nowhere but after the row before it and under its own number. Must not know what the
//! rows tell.

use chrono::NaiveDateTime;
use diesel::dsl::max;
use diesel::prelude::*;

use super::chain::{Head, How, fits};
use super::events::Row;
use super::schema::{events, outbox, sessions};
use super::seal::Keyring;
use super::{Conn, StoreError};

/// Rows after the fault that are looked at.
const NEAR: i64 = 1_000;

/// Names what was done where the row after `last` is not what was written there.
pub(super) fn named(conn: &mut Conn, last: &Head) -> Result<How, StoreError> {
    let rows: Vec<Row> = events::table
        .filter(events::seq.gt(last.seq))
        .order(events::seq.asc())
        .limit(NEAR)
        .select(Row::as_select())
        .load(conn.engine())?;
    let Some((first, later)) = rows.split_first() else {
        return Ok(How::Missing);
    };
    let alike: i64 = events::table
        .filter(events::mac.eq(&first.mac))
        .count()
        .get_result(conn.engine())?;
    Ok(if alike > 1 {
        // No two rows were ever written with one code: this is a copy.
        How::Inserted
    } else {
        by_neighbours(conn.keys(), last, first, later)
    })
}

fn by_neighbours(keys: &Keyring, last: &Head, first: &Row, later: &[Row]) -> How {
    let Some(next) = later.first() else {
        return How::Unkeyed;
    };
    // What follows was written after the code that this row still has: its own words are other ones.
    if fits(keys, &first.mac, next, next.seq) {
        return How::Changed;
    }
    // What belongs here stands further on.
    let here = last.seq + 1;
    let belongs = |row: &&Row| fits(keys, &last.mac, row, here);
    if let Some(displaced) = later.iter().find(belongs) {
        let before = |row: &Row| {
            let numbers = [row.seq, row.seq + 1];
            numbers.iter().any(|seq| fits(keys, &row.mac, first, *seq))
        };
        let moved = fits(keys, &displaced.mac, first, here + 1) || later.iter().any(before);
        return if moved { How::Moved } else { How::Inserted };
    }
    // What follows was written after this row, and both under later numbers.
    let closed_up = (1..=NEAR).any(|by| fits(keys, &first.mac, next, next.seq + by));
    if closed_up {
        How::Missing
    } else {
        How::Unkeyed
    }
}

/// Whether other tables hold what happened after the newest row: then the end was cut off a database that went on. Without
/// it the whole database may as well be an old one.
pub(super) fn went_on(conn: &mut Conn) -> Result<bool, StoreError> {
    let newest: Option<NaiveDateTime> = events::table
        .select(max(events::at))
        .get_result(conn.engine())?;
    let signed_in: Option<NaiveDateTime> = sessions::table
        .select(max(sessions::created_at))
        .get_result(conn.engine())?;
    let mailed: Option<NaiveDateTime> = outbox::table
        .select(max(outbox::created_at))
        .get_result(conn.engine())?;
    Ok(signed_in.max(mailed) > newest)
}
