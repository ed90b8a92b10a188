//! What somebody took on: actions and recommendations. Must not know what one says.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::case_people::ids_of;
use super::cases::Sight;
use super::restrictions::hidden_from;
use super::schema::{actions, cases};
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// One action or recommendation.
    pub struct Action, Row of actions {
        plain {
            id: String,
            case_id: Option<String>,
            meeting_id: Option<String>,
            kind: String,
            state: String,
            set_on: NaiveDate,
            due_on: NaiveDate,
            closed_on: Option<NaiveDate>,
            /// When somebody looks back whether it worked.
            look_on: Option<NaiveDate>,
            created_at: NaiveDateTime,
            updated_at: NaiveDateTime,
            version: i32,
        }
        sealed {
            /// What was said of it, as JSON.
            body: String,
            owner_email: Option<String>,
            saved_by: String,
        }
        marked {}
    }
}

/// Which of them a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// Those that are open, the one due soonest first.
    #[default]
    Open,
    /// Open and past their day.
    Late(NaiveDate),
    /// Done, and to be looked back at by this day.
    LookBack(NaiveDate),
    Closed,
}

pub fn insert(tx: &mut Tx<'_>, row: &Action) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(actions::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Action) -> Result<bool, StoreError> {
    let next = Action {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let hit = diesel::update(
        actions::table
            .filter(actions::id.eq(&row.id))
            .filter(actions::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Action>, StoreError> {
    let found = actions::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// Those of a case, by when they are due.
pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<Action>, StoreError> {
    let rows = actions::table
        .filter(actions::case_id.eq(case_id))
        .order((actions::due_on.asc(), actions::id.asc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// The case and the state of every recommendation that stands.
pub fn recommended(conn: &mut Conn) -> Result<Vec<(Option<String>, String)>, StoreError> {
    Ok(actions::table
        .filter(actions::kind.eq("recommendation"))
        .filter(actions::state.ne("withdrawn"))
        .select((actions::case_id, actions::state))
        .load(conn.engine())?)
}

/// Those of cases within sight, with each case's reference, by when they are due.
pub fn list(
    conn: &mut Conn,
    wanted: Wanted,
    sight: &Sight,
    most: i64,
) -> Result<Vec<(Action, String)>, StoreError> {
    let mut query = actions::table
        .inner_join(cases::table)
        .filter(cases::id.ne_all(hidden_from(sight.reader.clone())))
        .select((Row::as_select(), cases::reference))
        .into_boxed();
    if let Some(person) = &sight.assigned_to {
        query = query.filter(cases::id.eq_any(ids_of(person)));
    }
    query = match wanted {
        Wanted::Open => query.filter(actions::state.eq("open")),
        Wanted::Late(today) => query
            .filter(actions::state.eq("open"))
            .filter(actions::due_on.lt(today)),
        Wanted::LookBack(until) => query.filter(actions::look_on.le(until)),
        Wanted::Closed => query.filter(actions::state.ne("open")),
    };
    let rows: Vec<(Row, String)> = query
        .order((actions::due_on.asc(), actions::id.asc()))
        .limit(most)
        .load(conn.engine())?;
    let (rows, references): (Vec<Row>, Vec<String>) = rows.into_iter().unzip();
    Ok(all_opened(conn, rows)?
        .into_iter()
        .zip(references)
        .collect())
}
