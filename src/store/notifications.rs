//! Notifications: drafts, what was sent, and what triage made of them.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::cases::Sight;
use super::marks::{self, Likeness};
use super::restrictions::hidden_from;
use super::schema::notifications;
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// A notification as stored. `answers` and `confirmed` are JSON; the folded names, dates and NHS number
    /// repeat answers so that duplicates can be found.
    pub struct Notification, Row of notifications {
        plain {
            id: String,
            state: String,
            form_version: String,
            confirmed: String,
            source: String,
            reference: String,
            code_hash: String,
            complete: bool,
            created_at: NaiveDateTime,
            updated_at: NaiveDateTime,
            sent_at: Option<NaiveDateTime>,
            case_id: Option<String>,
            decided_at: Option<NaiveDateTime>,
            decided_by: Option<String>,
            decision: Option<String>,
            /// Name of the panel that took the death over.
            transferred_to: Option<String>,
            date_of_death: Option<NaiveDate>,
            version: i32,
        }
        sealed {
            answers: String,
            decision_reason: Option<String>,
            nhs_number: Option<String>,
            surname_folded: String,
            forenames_folded: String,
            date_of_birth: Option<NaiveDate>,
        }
        marked {
            nhs_mark: Option<String> = |row: &Notification, keys| row.nhs_number.as_deref().map(|n| marks::number(keys, n)),
            surname_mark: Option<String> = |row: &Notification, keys| marks::surname(keys, &row.surname_folded),
            sound_mark: Option<String> = |row: &Notification, keys| marks::sounding(keys, &row.surname_folded),
            birth_mark: Option<String> = |row: &Notification, keys| row.date_of_birth.map(|day| marks::birth(keys, day)),
        }
    }
}

pub fn insert(tx: &mut Tx<'_>, row: &Notification) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    crate::each_engine!(tx.engine(), |c| diesel::insert_into(notifications::table)
        .values(&sealed)
        .execute(c))?;
    super::counts::bump(tx, &bucket(&row.state), &row.id, 1)
}

/// Saves the row if it is still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Notification, was: &str) -> Result<bool, StoreError> {
    let next = Notification {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let hit = diesel::update(
        notifications::table
            .filter(notifications::id.eq(&row.id))
            .filter(notifications::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.engine())?;
    if hit == 1 && was != row.state {
        super::counts::bump(tx, &bucket(was), &row.id, -1)?;
        super::counts::bump(tx, &bucket(&row.state), &row.id, 1)?;
    }
    Ok(hit == 1)
}

/// Takes a notification out again that nobody worked on; `false` when somebody did.
pub fn remove(tx: &mut Tx<'_>, row: &Notification) -> Result<bool, StoreError> {
    let held = notifications::table
        .filter(notifications::id.eq(&row.id))
        .filter(notifications::version.eq(row.version));
    let hit = diesel::delete(held).execute(tx.engine())?;
    if hit == 1 {
        super::counts::bump(tx, &bucket(&row.state), &row.id, -1)?;
    }
    Ok(hit == 1)
}

fn bucket(state: &str) -> String {
    format!("notification:{state}")
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Notification>, StoreError> {
    let found = notifications::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

pub fn by_code(conn: &mut Conn, code_hash: &str) -> Result<Option<Notification>, StoreError> {
    let found = notifications::table
        .filter(notifications::code_hash.eq(code_hash))
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

pub fn by_reference(conn: &mut Conn, reference: &str) -> Result<Option<Notification>, StoreError> {
    let found = notifications::table
        .filter(notifications::reference.eq(reference))
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
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
    let rows = query
        .order((notifications::sent_at.asc(), notifications::id.asc()))
        .limit(most)
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<Notification>, StoreError> {
    let rows = notifications::table
        .filter(notifications::case_id.eq(case_id))
        .order(notifications::created_at.asc())
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// What might tell of the same child: the same number, the same birth, the same family name or one that sounds
/// like it. What was never sent tells of nothing yet, what was set aside of nobody, and what became a restricted
/// case only to those named on it.
pub fn alike(
    conn: &mut Conn,
    sight: &Sight,
    likeness: &Likeness<'_>,
    most: i64,
) -> Result<Vec<Notification>, StoreError> {
    let wanted = likeness.marks(conn.keys());
    let all = || {
        notifications::table
            .select(Row::as_select())
            .filter(notifications::state.ne_all(["draft", "set_aside"]))
            .filter(
                notifications::case_id.is_null().or(notifications::case_id
                    .assume_not_null()
                    .ne_all(hidden_from(sight.reader.clone()))),
            )
            .limit(most)
    };
    let mut found = Vec::new();
    if let Some(mark) = wanted.number {
        found.push(
            all()
                .filter(notifications::nhs_mark.eq(mark))
                .load::<Row>(conn.engine())?,
        );
    }
    if let Some(mark) = wanted.birth {
        found.push(
            all()
                .filter(notifications::birth_mark.eq(mark))
                .load::<Row>(conn.engine())?,
        );
    }
    if let Some(mark) = wanted.surname {
        found.push(
            all()
                .filter(notifications::surname_mark.eq(mark))
                .load::<Row>(conn.engine())?,
        );
    }
    if let Some(mark) = wanted.sound {
        found.push(
            all()
                .filter(notifications::sound_mark.eq(mark))
                .load::<Row>(conn.engine())?,
        );
    }
    all_opened(conn, marks::joined(found, |row| &row.id, most))
}
