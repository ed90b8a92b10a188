//! What is listed for panels, who has an interest in it, and analyses as they were signed. Must not know what any of it
//! allows.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::{meeting_people, meetings, panel_items};
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// One case on the list of one panel.
    pub struct Item, Row of panel_items {
        plain {
            id: String,
            meeting_id: String,
            case_id: String,
            position: i32,
            /// What the panel calls the case.
            pack_number: String,
            route: String,
            state: String,
            /// Who chairs it in the place of the chair.
            chair_id: Option<String>,
            /// Why it was put off.
            deferral: Option<String>,
            next_date: Option<NaiveDate>,
            created_at: NaiveDateTime,
            updated_at: NaiveDateTime,
            version: i32,
        }
        sealed {
            /// Reasons that were given, by what for, as JSON.
            reasons: String,
        }
        marked {}
    }
}

mod interests {
    use super::{Conn, NaiveDateTime, StoreError, Tx, all_opened, sealed_row};
    use crate::store::schema::{panel_interests, panel_items};
    use diesel::prelude::*;

    sealed_row! {
        /// What one person put down for a panel has to do with one case on its list.
        pub struct Declared, DeclaredRow of panel_interests {
            plain {
                id: String,
                item_id: String,
                case_id: String,
                /// A row of those put down for the meeting.
                person_id: String,
                user_id: Option<String>,
                interest: String,
                /// Whether the person stays for the item; none until the chair decided.
                stays: Option<bool>,
                created_at: NaiveDateTime,
                updated_at: NaiveDateTime,
                version: i32,
            }
            sealed {
                decided_by: Option<String>,
            }
            marked {}
        }
    }

    pub fn declare(tx: &mut Tx<'_>, row: &Declared) -> Result<(), StoreError> {
        let sealed = row.seal(tx.conn().keys());
        diesel::insert_into(panel_interests::table)
            .values(&sealed)
            .execute(tx.engine())?;
        Ok(())
    }

    /// Saves if still at the version that was read; `false` when somebody was faster.
    pub fn save_declared(tx: &mut Tx<'_>, row: &Declared) -> Result<bool, StoreError> {
        let next = Declared {
            version: row.version + 1,
            ..row.clone()
        }
        .seal(tx.conn().keys());
        let hit = diesel::update(
            panel_interests::table
                .filter(panel_interests::id.eq(&row.id))
                .filter(panel_interests::version.eq(row.version)),
        )
        .set(&next)
        .execute(tx.engine())?;
        Ok(hit == 1)
    }

    /// What was declared about one item.
    pub fn declared_of(conn: &mut Conn, item_id: &str) -> Result<Vec<Declared>, StoreError> {
        let rows = panel_interests::table
            .filter(panel_interests::item_id.eq(item_id))
            .order((panel_interests::created_at.asc(), panel_interests::id.asc()))
            .select(DeclaredRow::as_select())
            .load::<DeclaredRow>(conn.engine())?;
        all_opened(conn, rows)
    }

    /// The cases in which an account declared this interest, at whatever panel.
    pub fn declared_in(
        conn: &mut Conn,
        user_id: &str,
        interest: &str,
    ) -> Result<Vec<String>, StoreError> {
        Ok(panel_interests::table
            .filter(panel_interests::user_id.eq(user_id))
            .filter(panel_interests::interest.eq(interest))
            .select(panel_interests::case_id)
            .distinct()
            .load(conn.engine())?)
    }

    /// The people put down by name for whom this interest in one of these cases was recorded before they had an account.
    pub fn declared_by_name(
        conn: &mut Conn,
        case_ids: &[String],
        interest: &str,
    ) -> Result<Vec<String>, StoreError> {
        let items = panel_items::table
            .filter(panel_items::case_id.eq_any(case_ids.to_vec()))
            .select(panel_items::id);
        Ok(panel_interests::table
            .filter(panel_interests::item_id.eq_any(items))
            .filter(panel_interests::user_id.is_null())
            .filter(panel_interests::interest.eq(interest))
            .select(panel_interests::person_id)
            .load(conn.engine())?)
    }
}

pub use interests::{Declared, declare, declared_by_name, declared_in, declared_of, save_declared};

mod signed {
    use super::{Conn, NaiveDateTime, StoreError, Tx, all_opened, sealed_row};
    use crate::store::schema::signed_analyses;
    use diesel::prelude::*;

    sealed_row! {
        /// The analysis of a case as a chair signed it: it never changes.
        pub struct Signed, SignedRow of signed_analyses {
            plain {
                id: String,
                case_id: String,
                item_id: Option<String>,
                /// 1 for the first of the case.
                number: i32,
                form_version: String,
                signed_at: NaiveDateTime,
            }
            sealed {
                /// The answers, as JSON.
                answers: String,
                signed_by: String,
            }
            marked {}
        }
    }

    pub fn sign(tx: &mut Tx<'_>, row: &Signed) -> Result<(), StoreError> {
        let sealed = row.seal(tx.conn().keys());
        diesel::insert_into(signed_analyses::table)
            .values(&sealed)
            .execute(tx.engine())?;
        Ok(())
    }

    /// Every version of a case, the first first.
    pub fn signed_of(conn: &mut Conn, case_id: &str) -> Result<Vec<Signed>, StoreError> {
        let rows = signed_analyses::table
            .filter(signed_analyses::case_id.eq(case_id))
            .order(signed_analyses::number.asc())
            .select(SignedRow::as_select())
            .load::<SignedRow>(conn.engine())?;
        all_opened(conn, rows)
    }
}

pub use signed::{Signed, sign, signed_of};

pub fn insert(tx: &mut Tx<'_>, row: &Item) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(panel_items::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Item) -> Result<bool, StoreError> {
    let next = Item {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let hit = diesel::update(
        panel_items::table
            .filter(panel_items::id.eq(&row.id))
            .filter(panel_items::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Item>, StoreError> {
    let found = panel_items::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// Everything that is or was on the list of a panel, in its order.
pub fn of_meeting(conn: &mut Conn, meeting_id: &str) -> Result<Vec<Item>, StoreError> {
    let rows = panel_items::table
        .filter(panel_items::meeting_id.eq(meeting_id))
        .order((panel_items::position.asc(), panel_items::id.asc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// Every time that a case was listed, the first first.
pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<Item>, StoreError> {
    let rows = panel_items::table
        .filter(panel_items::case_id.eq(case_id))
        .order((panel_items::created_at.asc(), panel_items::id.asc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// When the last panel that reviewed a case began; none where no panel did.
pub fn last_reviewed(conn: &mut Conn, case_id: &str) -> Result<Option<NaiveDateTime>, StoreError> {
    Ok(panel_items::table
        .inner_join(meetings::table)
        .filter(panel_items::case_id.eq(case_id))
        .filter(panel_items::state.eq("reviewed"))
        .select(diesel::dsl::max(meetings::starts_at))
        .get_result(conn.engine())?)
}

/// One listing of a case at a panel for which an account is put down.
#[derive(Clone, Debug)]
pub struct Place {
    pub item_id: String,
    /// As it is stored.
    pub state: String,
    pub starts_at: NaiveDateTime,
    /// Whether the account chairs the item.
    pub chairs: bool,
}

/// Every listing of a case at a panel for which this account is put down, but what was taken off and what was called off.
pub fn places_of(conn: &mut Conn, case_id: &str, user_id: &str) -> Result<Vec<Place>, StoreError> {
    type Joined = (String, String, Option<String>, NaiveDateTime, String, bool);
    let rows = panel_items::table
        .inner_join(meetings::table.inner_join(meeting_people::table))
        .filter(panel_items::case_id.eq(case_id))
        .filter(panel_items::state.ne("taken_off"))
        .filter(meetings::state.ne("cancelled"))
        .filter(meeting_people::user_id.eq(user_id))
        .select((
            panel_items::id,
            panel_items::state,
            panel_items::chair_id,
            meetings::starts_at,
            meeting_people::id,
            meeting_people::is_chair,
        ))
        .load::<Joined>(conn.engine())?;
    Ok(rows
        .into_iter()
        .map(
            |(item_id, state, chair, starts_at, person, is_chair)| Place {
                item_id,
                state,
                starts_at,
                chairs: chair.map_or(is_chair, |chair| chair == person),
            },
        )
        .collect())
}
