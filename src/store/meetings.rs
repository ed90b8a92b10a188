//! Meetings and who is asked to them. Must not know what a meeting is for, nor what its minutes say.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::case_people::ids_of;
use super::cases::Sight;
use super::restrictions::hidden_from;
use super::schema::{cases, meeting_people, meetings};
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// One meeting; `case_id` is absent for one about several cases.
    pub struct Meeting, Row of meetings {
        plain {
            id: String,
            purpose: String,
            case_id: Option<String>,
            state: String,
            /// UTC.
            starts_at: NaiveDateTime,
            minutes_long: i32,
            /// One more each time those invited have to be told anew.
            sequence: i32,
            signed_at: Option<NaiveDateTime>,
            created_at: NaiveDateTime,
            updated_at: NaiveDateTime,
            version: i32,
            /// What the cases of a panel have in common, for one that is about such cases.
            theme: Option<String>,
        }
        sealed {
            /// A room or a link.
            place: String,
            /// Parts of the minutes, as JSON.
            minutes: Option<String>,
            signed_by: Option<String>,
            /// Why it was cancelled.
            reason: Option<String>,
        }
        marked {}
    }
}

mod people {
    use super::{
        Conn, NaiveDateTime, StoreError, Tx, all_opened, meeting_people, opened, sealed_row,
    };
    use diesel::prelude::*;

    sealed_row! {
        /// Somebody who is asked to a meeting.
        pub struct Invited, InvitedRow of meeting_people {
            plain {
                id: String,
                meeting_id: String,
                user_id: Option<String>,
                /// A code of the list of agencies.
                agency: Option<String>,
                is_chair: bool,
                /// In the child's care: then this person does not chair.
                was_involved: bool,
                reply: String,
                attendance: String,
                /// The meeting's sequence that this person was told last.
                invited: Option<i32>,
                created_at: NaiveDateTime,
                updated_at: NaiveDateTime,
                version: i32,
            }
            sealed {
                name: String,
                role: String,
                email: Option<String>,
            }
            marked {}
        }
    }

    pub fn invite(tx: &mut Tx<'_>, row: &Invited) -> Result<(), StoreError> {
        let sealed = row.seal(tx.conn().keys());
        diesel::insert_into(meeting_people::table)
            .values(&sealed)
            .execute(tx.engine())?;
        Ok(())
    }

    /// Saves if still at the version that was read; `false` when somebody was faster.
    pub fn save_invited(tx: &mut Tx<'_>, row: &Invited) -> Result<bool, StoreError> {
        let next = Invited {
            version: row.version + 1,
            ..row.clone()
        }
        .seal(tx.conn().keys());
        let hit = diesel::update(
            meeting_people::table
                .filter(meeting_people::id.eq(&row.id))
                .filter(meeting_people::version.eq(row.version)),
        )
        .set(&next)
        .execute(tx.engine())?;
        Ok(hit == 1)
    }

    pub fn remove_invited(tx: &mut Tx<'_>, id: &str) -> Result<(), StoreError> {
        diesel::delete(meeting_people::table.find(id)).execute(tx.engine())?;
        Ok(())
    }

    pub fn invited(conn: &mut Conn, id: &str) -> Result<Option<Invited>, StoreError> {
        let found = meeting_people::table
            .find(id)
            .select(InvitedRow::as_select())
            .get_result::<InvitedRow>(conn.engine())
            .optional()?;
        opened(conn, found)
    }

    /// Everybody asked to a meeting, in the order in which they were put down.
    pub fn people_of(conn: &mut Conn, meeting_id: &str) -> Result<Vec<Invited>, StoreError> {
        let rows = meeting_people::table
            .filter(meeting_people::meeting_id.eq(meeting_id))
            .order((meeting_people::created_at.asc(), meeting_people::id.asc()))
            .select(InvitedRow::as_select())
            .load::<InvitedRow>(conn.engine())?;
        all_opened(conn, rows)
    }
}

pub use people::{Invited, invite, invited, people_of, remove_invited, save_invited};

pub fn insert(tx: &mut Tx<'_>, row: &Meeting) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(meetings::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Meeting) -> Result<bool, StoreError> {
    let next = Meeting {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let hit = diesel::update(
        meetings::table
            .filter(meetings::id.eq(&row.id))
            .filter(meetings::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Meeting>, StoreError> {
    let found = meetings::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// The meetings about one case, by when they are.
pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<Meeting>, StoreError> {
    let rows = meetings::table
        .filter(meetings::case_id.eq(case_id))
        .order((meetings::starts_at.asc(), meetings::id.asc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// Meetings about one case each that begin since `from`, of cases within sight, soonest first, with the case's reference.
pub fn of_cases_since(
    conn: &mut Conn,
    from: NaiveDateTime,
    sight: &Sight,
    most: i64,
) -> Result<Vec<(Meeting, String)>, StoreError> {
    let mut query = meetings::table
        .inner_join(cases::table)
        .filter(meetings::starts_at.ge(from))
        .filter(cases::id.ne_all(hidden_from(sight.reader.clone())))
        .select((Row::as_select(), cases::reference))
        .into_boxed();
    if let Some(person) = &sight.assigned_to {
        query = query.filter(cases::id.eq_any(ids_of(person)));
    }
    let rows: Vec<(Row, String)> = query
        .order((meetings::starts_at.asc(), meetings::id.asc()))
        .limit(most)
        .load(conn.engine())?;
    let mut all = Vec::new();
    for (row, reference) in rows {
        all.extend(
            all_opened(conn, vec![row])?
                .into_iter()
                .map(|row| (row, reference.clone())),
        );
    }
    Ok(all)
}

/// Panels that begin since `from`, soonest first: all of them, or those for which this account is put down.
pub fn panels_since(
    conn: &mut Conn,
    from: NaiveDateTime,
    only_of: Option<&str>,
    most: i64,
) -> Result<Vec<Meeting>, StoreError> {
    let mut query = meetings::table
        .filter(meetings::purpose.eq("panel"))
        .filter(meetings::starts_at.ge(from))
        .select(Row::as_select())
        .into_boxed();
    if let Some(user) = only_of {
        let theirs = meeting_people::table
            .filter(meeting_people::user_id.eq(user.to_owned()))
            .select(meeting_people::meeting_id);
        query = query.filter(meetings::id.eq_any(theirs));
    }
    let rows: Vec<Row> = query
        .order((meetings::starts_at.asc(), meetings::id.asc()))
        .limit(most)
        .load(conn.engine())?;
    all_opened(conn, rows)
}

/// Whether this account is put down for a meeting.
pub fn is_put_down(conn: &mut Conn, meeting_id: &str, user_id: &str) -> Result<bool, StoreError> {
    let n: i64 = meeting_people::table
        .filter(meeting_people::meeting_id.eq(meeting_id))
        .filter(meeting_people::user_id.eq(user_id))
        .count()
        .get_result(conn.engine())?;
    Ok(n > 0)
}

/// The agency for which an account was last put down.
pub fn last_agency_of(conn: &mut Conn, user_id: &str) -> Result<Option<String>, StoreError> {
    let all: Vec<Option<String>> = meeting_people::table
        .filter(meeting_people::user_id.eq(user_id))
        .filter(meeting_people::agency.is_not_null())
        .order(meeting_people::created_at.desc())
        .limit(1)
        .select(meeting_people::agency)
        .load(conn.engine())?;
    Ok(all.into_iter().flatten().next())
}
