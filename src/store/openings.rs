//! Restricted cases that were opened for a few hours by somebody who is not named. Must not know who may.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{case_openings, cases};
use super::sealed::{SealedRow, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// One opening and what an auditor made of it.
    pub struct Opening, Row of case_openings {
        plain {
            id: String,
            case_id: String,
            user_id: String,
            /// Code of `domain::restriction::Why`.
            why: String,
            opened_at: NaiveDateTime,
            ends_at: NaiveDateTime,
            reviewed_at: Option<NaiveDateTime>,
            /// Code of `domain::restriction::Finding`.
            outcome: Option<String>,
            version: i32,
        }
        sealed {
            /// Who opened it, as the timeline says it.
            opened_by: String,
            reviewed_by: Option<String>,
            words: String,
            review: Option<String>,
        }
        marked {}
    }
}

pub fn insert(tx: &mut Tx<'_>, row: &Opening) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    crate::each_engine!(tx.engine(), |c| diesel::insert_into(case_openings::table)
        .values(&sealed)
        .execute(c))?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Opening) -> Result<bool, StoreError> {
    let next = Opening {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let hit = diesel::update(
        case_openings::table
            .filter(case_openings::id.eq(&row.id))
            .filter(case_openings::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Opening>, StoreError> {
    let found = case_openings::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// Until when and why this account has a case open at `now`: the opening that lasts longest.
pub fn live(
    conn: &mut Conn,
    case_id: &str,
    user_id: &str,
    now: NaiveDateTime,
) -> Result<Option<(NaiveDateTime, String)>, StoreError> {
    let found: Vec<(NaiveDateTime, String)> = case_openings::table
        .filter(case_openings::case_id.eq(case_id))
        .filter(case_openings::user_id.eq(user_id))
        .filter(case_openings::ends_at.gt(now))
        .order(case_openings::ends_at.desc())
        .limit(1)
        .select((case_openings::ends_at, case_openings::why))
        .load(conn.engine())?;
    Ok(found.into_iter().next())
}

/// Ends what this account has open of a case.
pub fn end(tx: &mut Tx<'_>, case_id: &str, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(
        case_openings::table
            .filter(case_openings::case_id.eq(case_id))
            .filter(case_openings::ends_at.gt(now)),
    )
    .set(case_openings::ends_at.eq(now))
    .execute(tx.engine())?;
    Ok(())
}

/// The newest openings with the reference of each case; those that wait for a review before the others.
pub fn latest(conn: &mut Conn, most: i64) -> Result<Vec<(Opening, String)>, StoreError> {
    let rows: Vec<(Row, String)> = case_openings::table
        .inner_join(cases::table)
        .order((
            case_openings::reviewed_at.is_not_null().asc(),
            case_openings::opened_at.desc(),
            case_openings::id.desc(),
        ))
        .limit(most)
        .select((Row::as_select(), cases::reference))
        .load(conn.engine())?;
    rows.into_iter()
        .map(|(row, reference)| Ok((row.open(conn.keys())?, reference)))
        .collect()
}

/// How many wait for a review.
pub fn waiting(conn: &mut Conn) -> Result<i64, StoreError> {
    Ok(case_openings::table
        .filter(case_openings::reviewed_at.is_null())
        .count()
        .get_result(conn.engine())?)
}
