//! Cases: the row that worklists, searches and clocks look at. What is known of the child is in `records`.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::{case_numbers, case_people, cases};
use super::{Conn, StoreError, Tx};

/// A case as stored. `state` is an index of what `domain::case` computes; `next_due_at` is far in the
/// future when nothing is owed, so that one order serves all rows.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = cases)]
#[diesel(treat_none_as_null = true)]
pub struct Case {
    pub id: String,
    pub reference: String,
    pub state: String,
    pub notification_id: String,
    pub opened_at: NaiveDateTime,
    pub display_name: String,
    pub nhs_number: Option<String>,
    pub surname_folded: String,
    pub forenames_folded: String,
    pub date_of_birth: Option<NaiveDate>,
    pub date_of_death: NaiveDate,
    pub age_band: String,
    pub residence: String,
    pub district: Option<String>,
    pub expected: Option<String>,
    pub open: bool,
    pub next_due_at: NaiveDateTime,
    pub next_due_what: Option<String>,
    pub requests_out: i32,
    pub requests_back: i32,
    pub finalised_at: Option<NaiveDateTime>,
    pub return_version: i32,
    pub national_notified_at: Option<NaiveDateTime>,
    pub national_accepted_at: Option<NaiveDateTime>,
    /// Name of the panel that took the case over, while it has it.
    pub transferred_to: Option<String>,
    pub updated_at: NaiveDateTime,
    pub version: i32,
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
    pub assigned_to: Option<Person>,
}

/// An account in the role it has now: whoever was assigned in another role is not assigned in this one.
#[derive(Clone, Debug)]
pub struct Person {
    pub user_id: String,
    pub role: String,
}

pub fn insert(tx: &mut Tx<'_>, row: &Case) -> Result<(), StoreError> {
    diesel::insert_into(cases::table)
        .values(row)
        .execute(tx.conn())?;
    super::counts::bump(tx, &bucket(&row.state), &row.id, 1)
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Case, was: &str) -> Result<bool, StoreError> {
    let next = Case {
        version: row.version + 1,
        ..row.clone()
    };
    let hit = diesel::update(
        cases::table
            .filter(cases::id.eq(&row.id))
            .filter(cases::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.conn())?;
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
        .execute(tx.conn())?;
    if hit == 0 {
        let row = (case_numbers::year.eq(year), case_numbers::next.eq(2));
        crate::each_engine!(tx.conn(), |c| diesel::insert_into(case_numbers::table)
            .values(&row)
            .on_conflict(case_numbers::year)
            .do_update()
            .set(case_numbers::next.eq(case_numbers::next + 1))
            .execute(c))?;
    }
    let next: i32 = case_numbers::table
        .find(year)
        .select(case_numbers::next)
        .first(tx.conn())?;
    Ok(next - 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Case>, StoreError> {
    Ok(cases::table
        .find(id)
        .select(Case::as_select())
        .first(conn)
        .optional()?)
}

pub fn by_reference(conn: &mut Conn, reference: &str) -> Result<Option<Case>, StoreError> {
    Ok(cases::table
        .filter(cases::reference.eq(reference))
        .select(Case::as_select())
        .first(conn)
        .optional()?)
}

/// One page of a worklist: at most `most` rows after `after`.
pub fn page(
    conn: &mut Conn,
    filter: &Filter,
    sort: Sort,
    after: Option<After>,
    most: i64,
) -> Result<Vec<Case>, StoreError> {
    let mut query = cases::table.select(Case::as_select()).into_boxed();
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
    if let Some(person) = &filter.assigned_to {
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
    Ok(query.limit(most).load(conn)?)
}

/// How many open cases are overdue, counted no further than `most`.
pub fn overdue(conn: &mut Conn, now: NaiveDateTime, most: i64) -> Result<i64, StoreError> {
    let ids: Vec<String> = cases::table
        .filter(cases::open.eq(true))
        .filter(cases::next_due_at.lt(now))
        .order((cases::next_due_at.asc(), cases::id.asc()))
        .limit(most)
        .select(cases::id)
        .load(conn)?;
    Ok(i64::try_from(ids.len()).unwrap_or(most))
}

/// The ids of the cases that a person is assigned to.
#[diesel::dsl::auto_type]
fn ids_of(person: &Person) -> _ {
    let (user_id, role): (String, String) = (person.user_id.clone(), person.role.clone());
    case_people::table
        .filter(case_people::user_id.eq(user_id))
        .filter(case_people::role.eq(role))
        .select(case_people::case_id)
}

/// Cases whose child's folded family name begins with, or whose NHS number or reference is, what was typed;
/// only those of one person, where one is given.
pub fn search(
    conn: &mut Conn,
    assigned_to: Option<&Person>,
    folded: &str,
    digits: &str,
    reference: &str,
    most: i64,
) -> Result<Vec<Case>, StoreError> {
    let mut query = cases::table.select(Case::as_select()).into_boxed();
    query = query.filter(cases::reference.eq(reference.to_owned()));
    if digits.len() == 10 {
        query = query.or_filter(
            cases::nhs_number
                .is_not_null()
                .and(cases::nhs_number.assume_not_null().eq(digits.to_owned())),
        );
    }
    if !folded.is_empty() {
        // A range, not LIKE: it uses the index and means the same on both engines.
        let end = format!("{folded}\u{10FFFF}");
        query = query.or_filter(
            cases::surname_folded
                .ge(folded.to_owned())
                .and(cases::surname_folded.lt(end)),
        );
    }
    if let Some(person) = assigned_to {
        query = query.filter(cases::id.eq_any(ids_of(person)));
    }
    Ok(query
        .order((cases::surname_folded.asc(), cases::id.asc()))
        .limit(most)
        .load(conn)?)
}

/// What might tell of the same child: the same number, the same birth, or the same family name.
pub fn alike(
    conn: &mut Conn,
    nhs_number: Option<&str>,
    surname_folded: &str,
    date_of_birth: Option<NaiveDate>,
    most: i64,
) -> Result<Vec<Case>, StoreError> {
    let mut query = cases::table.select(Case::as_select()).into_boxed();
    query = query.filter(
        cases::surname_folded
            .eq(surname_folded.to_owned())
            .and(cases::surname_folded.ne("")),
    );
    if let Some(n) = nhs_number {
        query = query.or_filter(
            cases::nhs_number
                .is_not_null()
                .and(cases::nhs_number.assume_not_null().eq(n.to_owned())),
        );
    }
    if let Some(d) = date_of_birth {
        query = query.or_filter(
            cases::date_of_birth
                .is_not_null()
                .and(cases::date_of_birth.assume_not_null().eq(d)),
        );
    }
    Ok(query.limit(most).load(conn)?)
}

/// The next stretch of cases by id, for an export that must not hold them all.
pub fn stretch(conn: &mut Conn, after: &str, most: i64) -> Result<Vec<Case>, StoreError> {
    Ok(cases::table
        .filter(cases::id.gt(after))
        .order(cases::id.asc())
        .limit(most)
        .select(Case::as_select())
        .load(conn)?)
}
