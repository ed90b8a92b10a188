//! Kept counts: how many rows stand in each bucket, without counting the table at each view. A bucket is
//! spread over slots so that two writers on PostgreSQL do not wait for one row.

use diesel::prelude::*;

use super::schema::kept_counts;
use super::{Conn, StoreError, Tx};

const SLOTS: u32 = 32;

/// Adds `by` to a bucket; `key` picks the slot.
pub(super) fn bump(tx: &mut Tx<'_>, bucket: &str, key: &str, by: i64) -> Result<(), StoreError> {
    let slot = slot_of(key);
    let kept = diesel::update(kept_counts::table.find((bucket, slot)))
        .set(kept_counts::n.eq(kept_counts::n + by));
    let hit = crate::each_engine!(tx.engine(), |c| kept.execute(c))?;
    if hit == 0 {
        insert(tx, bucket, slot, by)?;
    }
    Ok(())
}

fn insert(tx: &mut Tx<'_>, bucket: &str, slot: i32, by: i64) -> Result<(), StoreError> {
    use diesel::upsert::excluded;
    let row = (
        kept_counts::bucket.eq(bucket),
        kept_counts::slot.eq(slot),
        kept_counts::n.eq(by),
    );
    crate::each_engine!(tx.engine(), |c| diesel::insert_into(kept_counts::table)
        .values(&row)
        .on_conflict((kept_counts::bucket, kept_counts::slot))
        .do_update()
        .set(kept_counts::n.eq(kept_counts::n + excluded(kept_counts::n)))
        .execute(c))?;
    Ok(())
}

/// The last characters of an id are random, so they spread evenly.
fn slot_of(key: &str) -> i32 {
    let sum: u32 = key.bytes().rev().take(4).map(u32::from).sum();
    i32::try_from(sum % SLOTS).unwrap_or(0)
}

/// Every bucket with its sum.
pub fn all(conn: &mut Conn) -> Result<Vec<(String, i64)>, StoreError> {
    let rows: Vec<(String, i64)> = kept_counts::table
        .order(kept_counts::bucket)
        .select((kept_counts::bucket, kept_counts::n))
        .load(conn.engine())?;
    let mut sums: Vec<(String, i64)> = Vec::new();
    for (bucket, n) in rows {
        match sums.last_mut() {
            Some((last, sum)) if *last == bucket => *sum += n,
            _ => sums.push((bucket, n)),
        }
    }
    Ok(sums)
}
