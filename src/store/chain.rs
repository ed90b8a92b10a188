//! The chain of the audit trail: each row carries a keyed code over the row before it and itself, under a number
//! without gaps. Whoever has the database but not the key can neither change, drop, move nor add a row unseen; a
//! cut end or an old backup is seen against a checkpoint that was kept elsewhere. Must not know what the rows tell.

use diesel::dsl::{min, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use subtle::ConstantTimeEq;

use super::events::Row;
use super::schema::events;
use super::seal::Keyring;
use super::{Conn, StoreError, tampering};

/// Rows read at a time.
const STRETCH: i64 = 5_000;

/// The newest row's number and code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// 0 before the first row.
    pub seq: i64,
    pub mac: Vec<u8>,
}

impl Head {
    const fn none() -> Self {
        Self {
            seq: 0,
            mac: Vec::new(),
        }
    }
}

/// Where the chain does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The first number at which it does not.
    pub seq: i64,
    pub how: How,
}

/// In what way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The row with this number is not there, whether or not those after it were numbered anew.
    Missing,
    /// The row is not what was written under this number; those after it are.
    Changed,
    /// The row stands in another's place.
    Moved,
    /// The row was put in: what belongs here stands further on, or the row is a copy.
    Inserted,
    /// Nothing from this row on fits what stands before it.
    Unkeyed,
    /// The chain holds, but is not the one that was there at the checkpoint.
    Rewritten,
    /// The chain ends before the checkpoint, and other tables go on.
    Cut,
    /// The chain ends before the checkpoint, and so does all else: its end was cut, or an old backup put back.
    Short,
}

impl How {
    /// What is said of it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Missing => "a row is missing",
            Self::Changed => "a row was changed",
            Self::Moved => "rows stand in each other’s place",
            Self::Inserted => "a row was put in",
            Self::Unkeyed => "from here on rows were changed or written again without the key",
            Self::Rewritten => {
                "the trail is not the one that was there at the checkpoint: an old copy was put back and went on, or it was \
                 written again with the key"
            }
            Self::Cut => "the end of the trail was cut: other tables hold what happened after it",
            Self::Short => {
                "the trail ends before its checkpoint: its end was cut, or an old copy was put back"
            }
        }
    }
}

/// The newest row.
pub fn head(conn: &mut Conn) -> Result<Head, StoreError> {
    // Written out, because a bound LIMIT would have SQLite prepare the statement each time.
    let newest: Option<(i64, Vec<u8>)> = events::table
        .filter(sql::<Bool>("seq = (SELECT max(seq) FROM events)"))
        .select((events::seq, events::mac))
        .get_result(conn.engine())
        .optional()?;
    Ok(newest.map_or_else(Head::none, |(seq, mac)| Head { seq, mac }))
}

/// The code of the row with this number; none when it is not there.
pub fn code_at(conn: &mut Conn, seq: i64) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(events::table
        .find(seq)
        .select(events::mac)
        .get_result(conn.engine())
        .optional()?)
}

/// Whether the row that was signed is still there as it was signed. Before the first row there is nothing to hold.
pub fn holds(conn: &mut Conn, signed: &Head) -> Result<bool, StoreError> {
    Ok(signed.seq == 0 || code_at(conn, signed.seq)?.as_ref() == Some(&signed.mac))
}

/// Walks the whole chain, against every row that was signed elsewhere; gives the newest row, or the first at which
/// the chain does not hold.
pub fn verify(conn: &mut Conn, signed: &[Head]) -> Result<Result<Head, Broken>, StoreError> {
    let mut signed: Vec<&Head> = signed.iter().filter(|head| head.seq > 0).collect();
    signed.sort_by_key(|head| head.seq);
    let mut ahead = signed.iter().peekable();
    let mut last = Head::none();
    let before: Option<i64> = events::table
        .filter(events::seq.le(0))
        .select(min(events::seq))
        .get_result(conn.engine())?;
    if let Some(seq) = before {
        let how = How::Inserted;
        return Ok(Err(Broken { seq, how }));
    }
    loop {
        let rows: Vec<Row> = events::table
            .filter(events::seq.gt(last.seq))
            .order(events::seq.asc())
            .limit(STRETCH)
            .select(Row::as_select())
            .load(conn.engine())?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let mut rewritten = false;
            while let Some(kept) = ahead.next_if(|kept| kept.seq == row.seq) {
                rewritten |= kept.mac != row.mac;
            }
            let seq = last.seq + 1;
            let how = if row.seq != seq {
                Some(How::Missing)
            } else if !fits(conn.keys(), &last.mac, &row, seq) {
                Some(tampering::named(conn, &last)?)
            } else {
                rewritten.then_some(How::Rewritten)
            };
            if let Some(how) = how {
                return Ok(Err(Broken { seq, how }));
            }
            last = Head {
                seq: row.seq,
                mac: row.mac,
            };
        }
    }
    // Whatever is still ahead was signed beyond the newest row.
    if ahead.peek().is_none() {
        return Ok(Ok(last));
    }
    let how = if tampering::went_on(conn)? {
        How::Cut
    } else {
        How::Short
    };
    let seq = last.seq + 1;
    Ok(Err(Broken { seq, how }))
}

/// Whether a row was written with the key after the row with the code `before`, under this number.
pub(super) fn fits(keys: &Keyring, before: &[u8], row: &Row, seq: i64) -> bool {
    let expected = link_at(keys, before, row, seq);
    bool::from(expected.as_slice().ct_eq(&row.mac))
}

/// The code of a row after `before`.
pub(super) fn link(keys: &Keyring, before: &[u8], row: &Row) -> Vec<u8> {
    link_at(keys, before, row, row.seq)
}

/// The code that a row has under this number: each part with its length, so that no two rows read alike.
fn link_at(keys: &Keyring, before: &[u8], row: &Row, seq: i64) -> Vec<u8> {
    let seq = seq.to_be_bytes();
    let at = row.at.and_utc().timestamp_micros().to_be_bytes();
    let parts: [Option<&[u8]>; 13] = [
        Some(before),
        Some(&seq),
        Some(&at),
        Some(row.actor_kind.as_bytes()),
        row.actor_id.as_deref().map(str::as_bytes),
        row.actor_name.as_deref(),
        row.actor_role.as_deref().map(str::as_bytes),
        Some(row.what.as_bytes()),
        row.case_id.as_deref().map(str::as_bytes),
        row.subject_id.as_deref().map(str::as_bytes),
        Some(&row.detail),
        Some(row.correlation.as_bytes()),
        Some(row.source.as_bytes()),
    ];
    keys.chained(&parts)
}
