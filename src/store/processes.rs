//! What runs beside reviews. Must not know what a kind of process is, nor what follows from one.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::case_people::ids_of;
use super::cases::Sight;
use super::restrictions::hidden_from;
use super::schema::{cases, processes};
use super::sealed::{SealedRow, all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// One process beside one case.
    pub struct Process, Row of processes {
        plain {
            id: String,
            case_id: String,
            /// Code of a kind in the data file.
            kind: String,
            state: String,
            holds_meeting: bool,
            holds_panel: bool,
            began_on: Option<NaiveDate>,
            step_on: Option<NaiveDate>,
            checked_on: Option<NaiveDate>,
            next_check: Option<NaiveDate>,
            expected_end: Option<NaiveDate>,
            over_on: Option<NaiveDate>,
            /// Number of a document of the case.
            document: Option<i32>,
            created_at: NaiveDateTime,
            updated_at: NaiveDateTime,
            version: i32,
        }
        sealed {
            reference: Option<String>,
            lead_body: Option<String>,
            outcome: Option<String>,
            note: Option<String>,
        }
        marked {}
    }
}

/// The order of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// What is to be looked at soonest first.
    Check,
    /// What is expected to end soonest first.
    End,
}

/// Where the last page ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    pub day: Option<NaiveDate>,
    pub id: String,
}

/// Which processes the board shows. Empty fields do not narrow.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub kind: Option<String>,
    pub states: Vec<String>,
    /// To be looked at before this day.
    pub check_before: Option<NaiveDate>,
    pub holds_meeting: bool,
    pub holds_panel: bool,
    pub sight: Sight,
}

pub fn insert(tx: &mut Tx<'_>, row: &Process) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(processes::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Process) -> Result<bool, StoreError> {
    let next = Process {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let hit = diesel::update(
        processes::table
            .filter(processes::id.eq(&row.id))
            .filter(processes::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Process>, StoreError> {
    let found = processes::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// Every process of a case, in the order in which they were recorded.
pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<Process>, StoreError> {
    let rows = processes::table
        .filter(processes::case_id.eq(case_id))
        .order((processes::created_at.asc(), processes::id.asc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// One page of the board, each with the reference of its case: at most `most` rows after `after`. What has no day
/// comes last.
pub fn page(
    conn: &mut Conn,
    filter: &Filter,
    sort: Sort,
    after: Option<After>,
    most: i64,
) -> Result<Vec<(Process, String)>, StoreError> {
    let mut query = processes::table
        .inner_join(cases::table)
        .filter(cases::id.ne_all(hidden_from(filter.sight.reader.clone())))
        .select((Row::as_select(), cases::reference))
        .into_boxed();
    if let Some(person) = &filter.sight.assigned_to {
        query = query.filter(processes::case_id.eq_any(ids_of(person)));
    }
    if let Some(kind) = &filter.kind {
        query = query.filter(processes::kind.eq(kind.clone()));
    }
    if !filter.states.is_empty() {
        query = query.filter(processes::state.eq_any(filter.states.clone()));
    }
    if let Some(day) = filter.check_before {
        query = query.filter(processes::next_check.lt(day));
    }
    if filter.holds_meeting {
        query = query.filter(processes::holds_meeting.eq(true));
    }
    if filter.holds_panel {
        query = query.filter(processes::holds_panel.eq(true));
    }
    macro_rules! ordered {
        ($day:expr) => {{
            query = match after {
                Some(After { day: Some(day), id }) => query.filter(
                    $day.gt(day)
                        .or($day.eq(day).and(processes::id.gt(id)))
                        .or($day.is_null()),
                ),
                Some(After { day: None, id }) => {
                    query.filter($day.is_null().and(processes::id.gt(id)))
                }
                None => query,
            };
            query.order(($day.is_null().asc(), $day.asc(), processes::id.asc()))
        }};
    }
    let query = match sort {
        Sort::Check => ordered!(processes::next_check),
        Sort::End => ordered!(processes::expected_end),
    };
    let rows = query.limit(most).load::<(Row, String)>(conn.engine())?;
    Ok(rows
        .iter()
        .map(|(row, reference)| (shown(conn, row), reference.clone()))
        .collect())
}

/// A damaged row must not hide the list's other rows.
fn shown(conn: &Conn, row: &Row) -> Process {
    row.open(conn.keys()).unwrap_or_else(|_| {
        conn.met_damaged("processes", &row.id);
        Process {
            lead_body: Some("Damaged record".into()),
            ..row.unread()
        }
    })
}
