//! Cases: the row that worklists, searches and clocks look at. What is known of the child is in `records`.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::case_people::ids_of;
use super::marks::{self, Likeness};
use super::restrictions::hidden_from;
use super::schema::{case_numbers, cases};
use super::sealed::{SealedRow, all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// A case as stored. `state` is an index of what `domain::case` computes; `next_due_at` is far in the
    /// future when nothing is owed, so that one order serves all rows.
    pub struct Case, Row of cases {
        plain {
            id: String,
            reference: String,
            state: String,
            notification_id: String,
            opened_at: NaiveDateTime,
            date_of_death: NaiveDate,
            age_band: String,
            residence: String,
            district: Option<String>,
            expected: Option<String>,
            open: bool,
            next_due_at: NaiveDateTime,
            next_due_what: Option<String>,
            requests_out: i32,
            requests_back: i32,
            finalised_at: Option<NaiveDateTime>,
            return_version: i32,
            national_notified_at: Option<NaiveDateTime>,
            national_accepted_at: Option<NaiveDateTime>,
            /// Name of the panel that took the case over, while it has it.
            transferred_to: Option<String>,
            updated_at: NaiveDateTime,
            version: i32,
        }
        sealed {
            display_name: String,
            nhs_number: Option<String>,
            surname_folded: String,
            forenames_folded: String,
            date_of_birth: Option<NaiveDate>,
        }
        marked {
            nhs_mark: Option<String> = |row: &Case, keys| row.nhs_number.as_deref().map(|n| marks::number(keys, n)),
            surname_mark: Option<String> = |row: &Case, keys| marks::surname(keys, &row.surname_folded),
            sound_mark: Option<String> = |row: &Case, keys| marks::sounding(keys, &row.surname_folded),
            birth_mark: Option<String> = |row: &Case, keys| row.date_of_birth.map(|day| marks::birth(keys, day)),
        }
    }
}

/// The order of a worklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// What is due soonest first.
    Due,
    /// The newest case first.
    Opened,
    /// The most recent death first.
    Death,
}

/// Where the last page ended.
#[derive(Clone, Debug)]
pub enum After {
    Moment(NaiveDateTime, String),
    Day(NaiveDate, String),
}

/// Which cases a worklist shows. Empty fields do not narrow.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub open: Option<bool>,
    pub state: Option<String>,
    pub due_before: Option<NaiveDateTime>,
    pub residence: Option<String>,
    pub age_band: Option<String>,
    pub sight: Sight,
}

/// For whose eyes a list is. Nobody's, unless it is said: then no restricted case is in it.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    /// Only the cases that this person is assigned to.
    pub assigned_to: Option<Person>,
    /// The account that may be named on a restricted case.
    pub reader: String,
}

/// An account in the role it has now: whoever was assigned in another role is not assigned in this one.
#[derive(Clone, Debug)]
pub struct Person {
    pub user_id: String,
    pub role: String,
}

pub fn insert(tx: &mut Tx<'_>, row: &Case) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(cases::table)
        .values(&sealed)
        .execute(tx.engine())?;
    super::counts::bump(tx, &bucket(&row.state), &row.id, 1)
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Case, was: &str) -> Result<bool, StoreError> {
    let next = Case {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let hit = diesel::update(
        cases::table
            .filter(cases::id.eq(&row.id))
            .filter(cases::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.engine())?;
    if hit == 1 && was != row.state {
        super::counts::bump(tx, &bucket(was), &row.id, -1)?;
        super::counts::bump(tx, &bucket(&row.state), &row.id, 1)?;
    }
    Ok(hit == 1)
}

fn bucket(state: &str) -> String {
    format!("case:{state}")
}

/// The next number of a year; the row is locked until the transaction ends.
pub fn next_number(tx: &mut Tx<'_>, year: i32) -> Result<i32, StoreError> {
    let hit = diesel::update(case_numbers::table.find(year))
        .set(case_numbers::next.eq(case_numbers::next + 1))
        .execute(tx.engine())?;
    if hit == 0 {
        let row = (case_numbers::year.eq(year), case_numbers::next.eq(2));
        crate::each_engine!(tx.engine(), |c| diesel::insert_into(case_numbers::table)
            .values(&row)
            .on_conflict(case_numbers::year)
            .do_update()
            .set(case_numbers::next.eq(case_numbers::next + 1))
            .execute(c))?;
    }
    let next: i32 = case_numbers::table
        .find(year)
        .select(case_numbers::next)
        .first(tx.engine())?;
    Ok(next - 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Case>, StoreError> {
    let found = cases::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

pub fn by_reference(conn: &mut Conn, reference: &str) -> Result<Option<Case>, StoreError> {
    let found = cases::table
        .filter(cases::reference.eq(reference))
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// The references of these cases.
pub fn references(conn: &mut Conn, ids: &[String]) -> Result<Vec<(String, String)>, StoreError> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids.dedup();
    Ok(cases::table
        .filter(cases::id.eq_any(ids))
        .select((cases::id, cases::reference))
        .load(conn.engine())?)
}

/// One page of a worklist: at most `most` rows after `after`.
pub fn page(
    conn: &mut Conn,
    filter: &Filter,
    sort: Sort,
    after: Option<After>,
    most: i64,
) -> Result<Vec<Case>, StoreError> {
    let mut query = cases::table.select(Row::as_select()).into_boxed();
    if let Some(open) = filter.open {
        query = query.filter(cases::open.eq(open));
    }
    if let Some(state) = &filter.state {
        query = query.filter(cases::state.eq(state.clone()));
    }
    if let Some(before) = filter.due_before {
        query = query.filter(cases::next_due_at.lt(before));
    }
    if let Some(residence) = &filter.residence {
        query = query.filter(cases::residence.eq(residence.clone()));
    }
    if let Some(band) = &filter.age_band {
        query = query.filter(cases::age_band.eq(band.clone()));
    }
    query = query.filter(cases::id.ne_all(hidden_from(filter.sight.reader.clone())));
    if let Some(person) = &filter.sight.assigned_to {
        query = query.filter(cases::id.eq_any(ids_of(person)));
    }
    query = match (sort, after) {
        (Sort::Due, Some(After::Moment(at, id))) => query
            .filter(cases::next_due_at.ge(at))
            .filter(cases::next_due_at.gt(at).or(cases::id.gt(id))),
        (Sort::Opened, Some(After::Moment(at, id))) => query
            .filter(cases::opened_at.le(at))
            .filter(cases::opened_at.lt(at).or(cases::id.lt(id))),
        (Sort::Death, Some(After::Day(day, id))) => query
            .filter(cases::date_of_death.le(day))
            .filter(cases::date_of_death.lt(day).or(cases::id.lt(id))),
        _ => query,
    };
    query = match sort {
        Sort::Due => query.order((cases::next_due_at.asc(), cases::id.asc())),
        Sort::Opened => query.order((cases::opened_at.desc(), cases::id.desc())),
        Sort::Death => query.order((cases::date_of_death.desc(), cases::id.desc())),
    };
    let rows = query.limit(most).load::<Row>(conn.engine())?;
    Ok(rows
        .iter()
        .map(|row| row.open(conn.keys()).unwrap_or_else(|_| damaged(conn, row)))
        .collect())
}

/// A damaged row must not hide the list's other rows. It says what it is, and tells the rest when it is opened.
fn damaged(conn: &Conn, row: &Row) -> Case {
    conn.met_damaged("cases", &row.id);
    Case {
        display_name: "Damaged record".into(),
        ..row.unread()
    }
}

/// The ids of the cases within sight that stand in one of these states.
pub fn ids_in(conn: &mut Conn, sight: &Sight, states: &[&str]) -> Result<Vec<String>, StoreError> {
    let mut query = cases::table
        .filter(
            cases::state.eq_any(
                states
                    .iter()
                    .map(|state| (*state).to_owned())
                    .collect::<Vec<_>>(),
            ),
        )
        .filter(cases::id.ne_all(hidden_from(sight.reader.clone())))
        .into_boxed();
    if let Some(person) = &sight.assigned_to {
        query = query.filter(cases::id.eq_any(ids_of(person)));
    }
    Ok(query.select(cases::id).load(conn.engine())?)
}

/// Whether a case was opened on this day or before.
pub fn opened_by(conn: &mut Conn, day: NaiveDate) -> Result<bool, StoreError> {
    let next = day
        .succ_opt()
        .unwrap_or(day)
        .and_time(chrono::NaiveTime::MIN);
    let first = cases::table.filter(cases::opened_at.lt(next));
    Ok(diesel::select(diesel::dsl::exists(first)).get_result(conn.engine())?)
}

/// The cases of deaths from one day to another, both included, for one pair of eyes: id and reference, the newest first.
pub fn died_between(
    conn: &mut Conn,
    sight: &Sight,
    from: NaiveDate,
    to: NaiveDate,
    most: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let mut query = cases::table
        .filter(cases::date_of_death.ge(from))
        .filter(cases::date_of_death.le(to))
        .filter(cases::id.ne_all(hidden_from(sight.reader.clone())))
        .into_boxed();
    if let Some(person) = &sight.assigned_to {
        query = query.filter(cases::id.eq_any(ids_of(person)));
    }
    Ok(query
        .order((cases::date_of_death.desc(), cases::id.desc()))
        .limit(most)
        .select((cases::id, cases::reference))
        .load(conn.engine())?)
}

/// How many open cases are overdue, of those that are not hidden from this reader, counted no further than `most`.
pub fn overdue(
    conn: &mut Conn,
    reader: &str,
    now: NaiveDateTime,
    most: i64,
) -> Result<i64, StoreError> {
    let ids: Vec<String> = cases::table
        .filter(cases::id.ne_all(hidden_from(reader.to_owned())))
        .filter(cases::open.eq(true))
        .filter(cases::next_due_at.lt(now))
        .order((cases::next_due_at.asc(), cases::id.asc()))
        .limit(most)
        .select(cases::id)
        .load(conn.engine())?;
    Ok(i64::try_from(ids.len()).unwrap_or(most))
}

/// What might tell of the same child, or is what was searched for: the same number, the same birth, the same
/// family name or one that sounds like it; only those for whose eyes they are.
pub fn alike(
    conn: &mut Conn,
    sight: &Sight,
    likeness: &Likeness<'_>,
    most: i64,
) -> Result<Vec<Case>, StoreError> {
    let wanted = likeness.marks(conn.keys());
    let all = || {
        let query = cases::table
            .select(Row::as_select())
            .filter(cases::id.ne_all(hidden_from(sight.reader.clone())))
            .limit(most)
            .into_boxed();
        match &sight.assigned_to {
            Some(person) => query.filter(cases::id.eq_any(ids_of(person))),
            None => query,
        }
    };
    let mut found = Vec::new();
    if let Some(mark) = wanted.number {
        let same = all().filter(cases::nhs_mark.eq(mark));
        found.push(same.load::<Row>(conn.engine())?);
    }
    if let Some(mark) = wanted.birth {
        let same = all().filter(cases::birth_mark.eq(mark));
        found.push(same.load::<Row>(conn.engine())?);
    }
    if let Some(mark) = wanted.surname {
        let same = all().filter(cases::surname_mark.eq(mark));
        found.push(same.load::<Row>(conn.engine())?);
    }
    if let Some(mark) = wanted.sound {
        let same = all().filter(cases::sound_mark.eq(mark));
        found.push(same.load::<Row>(conn.engine())?);
    }
    all_opened(conn, marks::joined(found, |row| &row.id, most))
}

/// The next stretch of cases by id, for an export that must not hold them all.
pub fn stretch(conn: &mut Conn, after: &str, most: i64) -> Result<Vec<Case>, StoreError> {
    let rows = cases::table
        .filter(cases::id.gt(after))
        .order(cases::id.asc())
        .limit(most)
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}
