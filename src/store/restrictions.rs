//! Which cases only named people see, and who is named. Must not know who may name whom.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{case_named, case_restrictions, cases, notifications, users};
use super::sealed::{opened, sealed_row};
use super::{Conn, StoreError, Tx, accounts};

sealed_row! {
    /// A restriction in force. When it is lifted the row goes; the trail keeps what it was.
    pub struct Restriction, Row of case_restrictions {
        plain {
            id: String,
            case_id: String,
            since: NaiveDateTime,
        }
        sealed {
            /// Who restricted it, as the timeline says it.
            restricted_by: String,
            reason: String,
        }
        marked {}
    }
}

/// One person who sees a restricted case.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_named)]
pub struct Named {
    pub case_id: String,
    pub user_id: String,
    pub since: NaiveDateTime,
}

pub fn insert(tx: &mut Tx<'_>, row: &Restriction) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(case_restrictions::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

/// Lifts the restriction of a case, with everybody who was named.
pub fn remove(tx: &mut Tx<'_>, case_id: &str) -> Result<(), StoreError> {
    diesel::delete(case_named::table.filter(case_named::case_id.eq(case_id)))
        .execute(tx.engine())?;
    diesel::delete(case_restrictions::table.filter(case_restrictions::case_id.eq(case_id)))
        .execute(tx.engine())?;
    Ok(())
}

/// The restriction of a case, when there is one.
pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Option<Restriction>, StoreError> {
    let found = case_restrictions::table
        .filter(case_restrictions::case_id.eq(case_id))
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// Whether a case is restricted.
pub fn is_restricted(conn: &mut Conn, case_id: &str) -> Result<bool, StoreError> {
    let found: Option<String> = case_restrictions::table
        .filter(case_restrictions::case_id.eq(case_id))
        .select(case_restrictions::id)
        .get_result(conn.engine())
        .optional()?;
    Ok(found.is_some())
}

pub fn name(tx: &mut Tx<'_>, row: &Named) -> Result<(), StoreError> {
    diesel::insert_into(case_named::table)
        .values(row)
        .execute(tx.engine())?;
    Ok(())
}

/// Takes a name off; `false` when it was not there.
pub fn unname(tx: &mut Tx<'_>, case_id: &str, user_id: &str) -> Result<bool, StoreError> {
    let hit = diesel::delete(case_named::table.find((case_id, user_id))).execute(tx.engine())?;
    Ok(hit == 1)
}

/// Whether the account is named on the case.
pub fn is_named(conn: &mut Conn, case_id: &str, user_id: &str) -> Result<bool, StoreError> {
    let found: Option<String> = case_named::table
        .find((case_id, user_id))
        .select(case_named::user_id)
        .get_result(conn.engine())
        .optional()?;
    Ok(found.is_some())
}

/// Everybody who is named on a case: with the account's name and role, and whether it can be signed in to.
pub fn named(
    conn: &mut Conn,
    case_id: &str,
) -> Result<Vec<(Named, String, String, bool)>, StoreError> {
    let rows: Vec<(Named, Vec<u8>, String, bool)> = case_named::table
        .inner_join(users::table)
        .filter(case_named::case_id.eq(case_id))
        .select((Named::as_select(), users::name, users::role, users::active))
        .load(conn.engine())?;
    let mut all = Vec::with_capacity(rows.len());
    for (named, kept, role, active) in rows {
        let name = accounts::opened_name(conn, &named.user_id, &kept);
        all.push((named, name, role, active));
    }
    all.sort_by(|(a, x, ..), (b, y, ..)| (x, &a.user_id).cmp(&(y, &b.user_id)));
    Ok(all)
}

/// The ids of the cases on which this reader is named.
#[diesel::dsl::auto_type]
fn named_to(reader: String) -> _ {
    case_named::table
        .filter(case_named::user_id.eq(reader))
        .select(case_named::case_id)
}

/// The ids of the cases that are not for this reader's eyes.
#[diesel::dsl::auto_type]
pub(super) fn hidden_from(reader: String) -> _ {
    let named: named_to = named_to(reader);
    case_restrictions::table
        .filter(case_restrictions::case_id.ne_all(named))
        .select(case_restrictions::case_id)
}

/// What is kept from a reader, as far as it is counted: reference and state.
pub fn hidden(conn: &mut Conn, reader: &str) -> Result<Vec<(String, String)>, StoreError> {
    Ok(cases::table
        .filter(cases::id.eq_any(hidden_from(reader.to_owned())))
        .select((cases::reference, cases::state))
        .load(conn.engine())?)
}

/// The ids of the cases that are kept from a reader.
pub fn hidden_ids(conn: &mut Conn, reader: &str) -> Result<Vec<String>, StoreError> {
    let ids: hidden_from = hidden_from(reader.to_owned());
    Ok(ids.load(conn.engine())?)
}

/// References of the notifications that became cases which are kept from a reader.
pub fn hidden_notifications(conn: &mut Conn, reader: &str) -> Result<Vec<String>, StoreError> {
    Ok(notifications::table
        .filter(notifications::case_id.is_not_null())
        .filter(
            notifications::case_id
                .assume_not_null()
                .eq_any(hidden_from(reader.to_owned())),
        )
        .select(notifications::reference)
        .load(conn.engine())?)
}
