//! Notifications: drafts, what was sent, and what triage made of them.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::notifications;
use super::{Conn, StoreError, Tx};

/// A notification as stored. `answers` and `confirmed` are JSON; the folded names, dates and NHS number
/// repeat answers so that duplicates can be found.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = notifications)]
#[diesel(treat_none_as_null = true)]
pub struct Notification {
    pub id: String,
    pub state: String,
    pub form_version: String,
    pub answers: String,
    pub confirmed: String,
    pub source: String,
    pub reference: String,
    pub code_hash: String,
    pub complete: bool,
    pub created_at: NaiveDateTime,
    pub updated_at: NaiveDateTime,
    pub sent_at: Option<NaiveDateTime>,
    pub case_id: Option<String>,
    pub decided_at: Option<NaiveDateTime>,
    pub decided_by: Option<String>,
    pub decision: Option<String>,
    pub decision_reason: Option<String>,
    /// Name of the panel that took the death over.
    pub transferred_to: Option<String>,
    pub nhs_number: Option<String>,
    pub surname_folded: String,
    pub forenames_folded: String,
    pub date_of_birth: Option<NaiveDate>,
    pub date_of_death: Option<NaiveDate>,
    pub version: i32,
}

pub fn insert(tx: &mut Tx<'_>, row: &Notification) -> Result<(), StoreError> {
    crate::each_engine!(tx.conn(), |c| diesel::insert_into(notifications::table)
        .values(row)
        .execute(c))?;
    super::counts::bump(tx, &bucket(&row.state), &row.id, 1)
}

/// Saves the row if it is still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Notification, was: &str) -> Result<bool, StoreError> {
    let next = Notification {
        version: row.version + 1,
        ..row.clone()
    };
    let hit = diesel::update(
        notifications::table
            .filter(notifications::id.eq(&row.id))
            .filter(notifications::version.eq(row.version)),
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
    format!("notification:{state}")
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Notification>, StoreError> {
    Ok(notifications::table
        .find(id)
        .select(Notification::as_select())
        .get_result(conn)
        .optional()?)
}

pub fn by_code(conn: &mut Conn, code_hash: &str) -> Result<Option<Notification>, StoreError> {
    Ok(notifications::table
        .filter(notifications::code_hash.eq(code_hash))
        .select(Notification::as_select())
        .get_result(conn)
        .optional()?)
}

pub fn by_reference(conn: &mut Conn, reference: &str) -> Result<Option<Notification>, StoreError> {
    Ok(notifications::table
        .filter(notifications::reference.eq(reference))
        .select(Notification::as_select())
        .get_result(conn)
        .optional()?)
}

/// Those in one state, the longest waiting first, after `(sent_at, id)`.
pub fn in_state(
    conn: &mut Conn,
    state: &str,
    after: Option<(NaiveDateTime, String)>,
    most: i64,
) -> Result<Vec<Notification>, StoreError> {
    let mut query = notifications::table
        .filter(notifications::state.eq(state))
        .filter(notifications::sent_at.is_not_null())
        .into_boxed();
    if let Some((at, id)) = after {
        query = query.filter(
            notifications::sent_at
                .gt(at)
                .or(notifications::sent_at.eq(at).and(notifications::id.gt(id))),
        );
    }
    Ok(query
        .order((notifications::sent_at.asc(), notifications::id.asc()))
        .limit(most)
        .select(Notification::as_select())
        .load(conn)?)
}

pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<Notification>, StoreError> {
    Ok(notifications::table
        .filter(notifications::case_id.eq(case_id))
        .order(notifications::created_at.asc())
        .select(Notification::as_select())
        .load(conn)?)
}

/// What might tell of the same child: the same number, either date, or the same family name.
pub fn alike(
    conn: &mut Conn,
    nhs_number: Option<&str>,
    surname_folded: &str,
    date_of_birth: Option<NaiveDate>,
    most: i64,
) -> Result<Vec<Notification>, StoreError> {
    let mut query = notifications::table
        .select(Notification::as_select())
        .into_boxed();
    query = query.filter(
        notifications::surname_folded
            .eq(surname_folded.to_owned())
            .and(notifications::surname_folded.ne("")),
    );
    if let Some(n) = nhs_number {
        query = query.or_filter(
            notifications::nhs_number
                .is_not_null()
                .and(notifications::nhs_number.assume_not_null().eq(n.to_owned())),
        );
    }
    if let Some(d) = date_of_birth {
        query = query.or_filter(
            notifications::date_of_birth
                .is_not_null()
                .and(notifications::date_of_birth.assume_not_null().eq(d)),
        );
    }
    let rows: Vec<Notification> = query.limit(most).load(conn)?;
    // A draft was never sent, so it tells of nothing yet.
    Ok(rows.into_iter().filter(|n| n.state != "draft").collect())
}
