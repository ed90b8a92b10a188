//! The rungs of ladders of reminders. Each is taken once, whoever asks and however often. Must not know whom a rung
//! reminds.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::store::schema::{clock_rungs, clocks};
use crate::store::{Conn, StoreError, Tx};

/// One rung of one clock.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = clock_rungs)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
pub struct Rung {
    pub clock_id: String,
    /// As the data file writes it: `respondent@-5d`.
    pub rung: String,
    pub at: NaiveDateTime,
    pub state: String,
    pub done_at: Option<NaiveDateTime>,
}

/// Puts a rung in its place, unless it was sent: what was sent is never sent again.
pub fn put(tx: &mut Tx<'_>, row: &Rung) -> Result<(), StoreError> {
    let there = clock_rungs::table
        .find((&row.clock_id, &row.rung))
        .filter(clock_rungs::state.ne("sent"));
    let hit = diesel::update(there).set(row).execute(tx.engine())?;
    if hit == 0 {
        crate::each_engine!(tx.engine(), |c| diesel::insert_into(clock_rungs::table)
            .values(row)
            .on_conflict((clock_rungs::clock_id, clock_rungs::rung))
            .do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// The rungs of some clocks, in the order of their times.
pub fn of_clock(conn: &mut Conn, ids: &[String]) -> Result<Vec<Rung>, StoreError> {
    Ok(clock_rungs::table
        .filter(clock_rungs::clock_id.eq_any(ids))
        .order((clock_rungs::at.asc(), clock_rungs::rung.asc()))
        .select(Rung::as_select())
        .load(conn.engine())?)
}

/// The clocks of which a rung is reached at `now`: those that run, do not stand still, and whose reminders are not
/// held; none of these requests, to whose agencies nobody writes.
pub fn reached(
    conn: &mut Conn,
    now: NaiveDateTime,
    resting: &[String],
    most: i64,
) -> Result<Vec<String>, StoreError> {
    let mut ids: Vec<String> = clock_rungs::table
        .inner_join(clocks::table)
        .filter(clock_rungs::state.eq("waiting"))
        .filter(clock_rungs::at.le(now))
        .filter(clocks::outcome.eq("running"))
        .filter(clocks::paused.eq(false))
        .filter(clocks::held_at.is_null())
        .filter(clocks::about.ne_all(resting.to_vec()))
        .order((clock_rungs::at.asc(), clock_rungs::clock_id.asc()))
        .limit(most)
        .select(clock_rungs::clock_id)
        .load(conn.engine())?;
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    Ok(ids)
}

/// Takes a rung: `sent` when it is to be sent now, `passed` when a later one is sent in its place. `false` when
/// somebody else took it.
pub fn take(
    tx: &mut Tx<'_>,
    clock_id: &str,
    rung: &str,
    state: &str,
    now: NaiveDateTime,
) -> Result<bool, StoreError> {
    let waiting = clock_rungs::table
        .find((clock_id, rung))
        .filter(clock_rungs::state.eq("waiting"));
    let hit = diesel::update(waiting)
        .set((clock_rungs::state.eq(state), clock_rungs::done_at.eq(now)))
        .execute(tx.engine())?;
    Ok(hit == 1)
}

/// Passes over whatever of a case's rungs is reached, for a case that was brought in with its past.
pub fn pass_over(tx: &mut Tx<'_>, case_id: &str, now: NaiveDateTime) -> Result<(), StoreError> {
    let of_case = clocks::table
        .filter(clocks::case_id.eq(case_id.to_owned()))
        .select(clocks::id);
    let reached = clock_rungs::table
        .filter(clock_rungs::clock_id.eq_any(of_case))
        .filter(clock_rungs::state.eq("waiting"))
        .filter(clock_rungs::at.le(now));
    diesel::update(reached)
        .set(clock_rungs::state.eq("passed"))
        .execute(tx.engine())?;
    Ok(())
}
