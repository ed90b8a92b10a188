//! Running clocks, their earlier due times and pauses, and what is known of the occasions that move them. Must not
//! know when anything is due.

mod rungs;

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::case_people::ids_of;
use super::cases::Sight;
use super::restrictions::hidden_from;
use super::schema::{cases, clock_dues, clock_events, clock_pauses, clocks};
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

pub use rungs::{Rung, of_clock as rungs_of, pass_over, put as put_rung, reached, take};

sealed_row! {
    /// A clock that was started. `about` is empty for a clock of the case, or the id of a request.
    pub struct Clock, Row of clocks {
        plain {
            id: String,
            case_id: String,
            about: String,
            /// Id in the data file, such as `C21`.
            clock: String,
            run: i32,
            /// The definition as it was at the start, as JSON.
            definition: String,
            started_at: NaiveDateTime,
            whole_day: bool,
            due_at: Option<NaiveDateTime>,
            outcome: String,
            paused: bool,
            stopped_at: Option<NaiveDateTime>,
            /// Of what stopped it only the day is known.
            stopped_day: bool,
            excused_at: Option<NaiveDateTime>,
            held_at: Option<NaiveDateTime>,
            created_at: NaiveDateTime,
        }
        sealed {
            excused_by: Option<String>,
            excuse: Option<String>,
            held_by: Option<String>,
            held_why: Option<String>,
        }
        marked {}
    }
}

/// What is known of one occasion.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = clock_events)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
pub struct Known {
    pub case_id: String,
    pub about: String,
    pub occasion: String,
    pub at: NaiveDateTime,
    pub whole_day: bool,
    pub given: bool,
    pub source: String,
    pub asked: Option<String>,
}

/// A due time that a clock had before.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = clock_dues)]
pub struct EarlierDue {
    pub id: String,
    pub clock_id: String,
    pub due_at: NaiveDateTime,
    pub replaced_at: NaiveDateTime,
}

mod paused {
    use super::{NaiveDateTime, clock_pauses, sealed_row};

    sealed_row! {
        /// A stretch during which a clock stood still, and for what reason.
        pub struct Pause, PauseRow of clock_pauses {
            plain {
                id: String,
                clock_id: String,
                reason: String,
                from_at: NaiveDateTime,
                to_at: Option<NaiveDateTime>,
                /// The process that made it, and that ends it.
                process_id: Option<String>,
                /// The day agreed was moved by it already.
                counted: bool,
            }
            sealed {
                words: String,
                paused_by: String,
                resumed_by: Option<String>,
            }
            marked {}
        }
    }

    use super::{Conn, StoreError, Tx, all_opened};
    use diesel::prelude::*;

    pub fn insert_pause(tx: &mut Tx<'_>, row: &Pause) -> Result<(), StoreError> {
        let sealed = row.seal(tx.conn().keys());
        diesel::insert_into(clock_pauses::table)
            .values(&sealed)
            .execute(tx.engine())?;
        Ok(())
    }

    /// Ends a pause; `false` when it was ended before.
    pub fn end_pause(tx: &mut Tx<'_>, row: &Pause) -> Result<bool, StoreError> {
        let sealed = row.seal(tx.conn().keys());
        let open = clock_pauses::table
            .filter(clock_pauses::id.eq(&row.id))
            .filter(clock_pauses::to_at.is_null());
        let hit = diesel::update(open).set(&sealed).execute(tx.engine())?;
        Ok(hit == 1)
    }

    /// Notes of the pauses of a clock that are over that the day agreed was moved by them.
    pub fn count_pauses(tx: &mut Tx<'_>, clock_id: &str) -> Result<(), StoreError> {
        let over = clock_pauses::table
            .filter(clock_pauses::clock_id.eq(clock_id))
            .filter(clock_pauses::to_at.is_not_null());
        diesel::update(over)
            .set(clock_pauses::counted.eq(true))
            .execute(tx.engine())?;
        Ok(())
    }

    /// Puts a pause that a process makes where its days say, whether it goes on or not.
    pub fn put_pause(tx: &mut Tx<'_>, row: &Pause) -> Result<(), StoreError> {
        let sealed = row.seal(tx.conn().keys());
        diesel::update(clock_pauses::table.filter(clock_pauses::id.eq(&row.id)))
            .set(&sealed)
            .execute(tx.engine())?;
        Ok(())
    }

    /// The pauses of some clocks, in order.
    pub fn pauses_of(conn: &mut Conn, ids: &[String]) -> Result<Vec<Pause>, StoreError> {
        let rows = clock_pauses::table
            .filter(clock_pauses::clock_id.eq_any(ids))
            .order((clock_pauses::from_at.asc(), clock_pauses::id.asc()))
            .select(PauseRow::as_select())
            .load::<PauseRow>(conn.engine())?;
        all_opened(conn, rows)
    }
}

pub use paused::{Pause, count_pauses, end_pause, insert_pause, pauses_of, put_pause};

/// What is known of a case, or of one of its requests.
pub fn known(conn: &mut Conn, case_id: &str, about: &str) -> Result<Vec<Known>, StoreError> {
    Ok(clock_events::table
        .filter(clock_events::case_id.eq(case_id))
        .filter(clock_events::about.eq(about))
        .select(Known::as_select())
        .load(conn.engine())?)
}

/// What the clocks of these cases that stand still now are about: requests, and whatever else has clocks of its own.
pub fn standing_still(conn: &mut Conn, ids: &[String]) -> Result<BTreeSet<String>, StoreError> {
    let all: Vec<String> = clocks::table
        .filter(clocks::case_id.eq_any(ids))
        .filter(clocks::paused.eq(true))
        .filter(clocks::outcome.eq("running"))
        .filter(clocks::about.ne(""))
        .select(clocks::about)
        .load(conn.engine())?;
    Ok(all.into_iter().collect())
}

pub fn put_known(tx: &mut Tx<'_>, row: &Known) -> Result<(), StoreError> {
    let place = (&row.case_id, &row.about, &row.occasion);
    let hit = diesel::update(clock_events::table.find(place))
        .set(row)
        .execute(tx.engine())?;
    if hit == 0 {
        crate::each_engine!(tx.engine(), |c| diesel::insert_into(clock_events::table)
            .values(row)
            .on_conflict((
                clock_events::case_id,
                clock_events::about,
                clock_events::occasion
            ))
            .do_nothing()
            .execute(c))?;
    }
    Ok(())
}

pub fn drop_known(
    tx: &mut Tx<'_>,
    case_id: &str,
    about: &str,
    occasion: &str,
) -> Result<(), StoreError> {
    diesel::delete(clock_events::table.find((case_id, about, occasion))).execute(tx.engine())?;
    Ok(())
}

/// Starts a clock; `false` when the same one was started a moment before.
pub fn insert(tx: &mut Tx<'_>, row: &Clock) -> Result<bool, StoreError> {
    let sealed = row.seal(tx.conn().keys());
    let hit = crate::each_engine!(tx.engine(), |c| diesel::insert_into(clocks::table)
        .values(&sealed)
        .on_conflict((clocks::case_id, clocks::about, clocks::clock, clocks::run))
        .do_nothing()
        .execute(c))?;
    Ok(hit == 1)
}

/// Keeps how a clock stands, and nothing of what a person did to it.
pub fn stand(tx: &mut Tx<'_>, row: &Clock) -> Result<(), StoreError> {
    diesel::update(clocks::table.filter(clocks::id.eq(&row.id)))
        .set((
            clocks::started_at.eq(row.started_at),
            clocks::whole_day.eq(row.whole_day),
            clocks::due_at.eq(row.due_at),
            clocks::outcome.eq(&row.outcome),
            clocks::paused.eq(row.paused),
            clocks::stopped_at.eq(row.stopped_at),
            clocks::stopped_day.eq(row.stopped_day),
        ))
        .execute(tx.engine())?;
    Ok(())
}

/// Keeps what a person did to a clock: its excuse, and whether its reminders are held.
pub fn save(tx: &mut Tx<'_>, row: &Clock) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::update(clocks::table.filter(clocks::id.eq(&row.id)))
        .set((
            clocks::excused_at.eq(sealed.excused_at),
            clocks::excused_by.eq(sealed.excused_by),
            clocks::excuse.eq(sealed.excuse),
            clocks::held_at.eq(sealed.held_at),
            clocks::held_by.eq(sealed.held_by),
            clocks::held_why.eq(sealed.held_why),
        ))
        .execute(tx.engine())?;
    Ok(())
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Clock>, StoreError> {
    let found = clocks::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// Every clock of a case and of its requests, in the order in which they were started.
pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<Clock>, StoreError> {
    let rows = clocks::table
        .filter(clocks::case_id.eq(case_id))
        .order((
            clocks::started_at.asc(),
            clocks::clock.asc(),
            clocks::id.asc(),
        ))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

pub fn keep_due(tx: &mut Tx<'_>, row: &EarlierDue) -> Result<(), StoreError> {
    diesel::insert_into(clock_dues::table)
        .values(row)
        .execute(tx.engine())?;
    Ok(())
}

/// The due times that some clocks had before, in order.
pub fn dues_of(conn: &mut Conn, ids: &[String]) -> Result<Vec<EarlierDue>, StoreError> {
    Ok(clock_dues::table
        .filter(clock_dues::clock_id.eq_any(ids))
        .order((clock_dues::replaced_at.asc(), clock_dues::id.asc()))
        .select(EarlierDue::as_select())
        .load(conn.engine())?)
}

/// The clocks that run on open cases and fall due between two moments, for one pair of eyes; the soonest first.
pub fn running(
    conn: &mut Conn,
    sight: &Sight,
    from: NaiveDateTime,
    to: NaiveDateTime,
    most: i64,
) -> Result<Vec<Clock>, StoreError> {
    let mut query = clocks::table
        .inner_join(cases::table)
        .filter(clocks::outcome.eq("running"))
        .filter(clocks::paused.eq(false))
        .filter(clocks::due_at.ge(from))
        .filter(clocks::due_at.lt(to))
        .filter(cases::id.ne_all(hidden_from(sight.reader.clone())))
        .into_boxed();
    if let Some(person) = &sight.assigned_to {
        query = query.filter(clocks::case_id.eq_any(ids_of(person)));
    }
    let rows = query
        .order((clocks::due_at.asc(), clocks::id.asc()))
        .limit(most)
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// How one clock stands, without whose it is.
#[derive(Clone, Debug, Queryable)]
pub struct Stood {
    pub clock: String,
    pub outcome: String,
    pub started_at: NaiveDateTime,
    pub whole_day: bool,
    pub due_at: Option<NaiveDateTime>,
    pub stopped_at: Option<NaiveDateTime>,
    pub stopped_day: bool,
}

/// The clocks of these kinds that began since `from` on cases within sight.
pub fn since(
    conn: &mut Conn,
    kinds: &[String],
    from: NaiveDateTime,
    sight: &Sight,
) -> Result<Vec<Stood>, StoreError> {
    let mut query = clocks::table
        .filter(clocks::clock.eq_any(kinds))
        .filter(clocks::started_at.ge(from))
        .filter(clocks::case_id.ne_all(hidden_from(sight.reader.clone())))
        .select((
            clocks::clock,
            clocks::outcome,
            clocks::started_at,
            clocks::whole_day,
            clocks::due_at,
            clocks::stopped_at,
            clocks::stopped_day,
        ))
        .into_boxed();
    if let Some(person) = &sight.assigned_to {
        query = query.filter(clocks::case_id.eq_any(ids_of(person)));
    }
    Ok(query.load(conn.engine())?)
}
