//! The directory: whom to ask at which agency, and how requests to them fared. Names and addresses are sealed; a keyed
//! index of the address finds one again. Must not know whom a case needs.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::max;
use diesel::prelude::*;

use super::outbox::UNSURE;
use super::schema::{contacts, outbox, requests};
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx, marks};

sealed_row! {
    /// A person or a team's mailbox.
    pub struct Contact, Row of contacts {
        plain {
            id: String,
            agency: String,
            professional_type: Option<String>,
            organisation: Option<String>,
            /// Whom it is for: a district's code; none for the whole area.
            district: Option<String>,
            away_from: Option<NaiveDate>,
            away_to: Option<NaiveDate>,
            ended_at: Option<NaiveDateTime>,
            updated_at: NaiveDateTime,
            version: i32,
        }
        sealed {
            name: String,
            email: String,
            deputy_name: Option<String>,
            deputy_email: Option<String>,
        }
        marked {
            email_mark: String = |row: &Contact, keys| marks::address(keys, &row.email),
        }
    }
}

/// How requests to a contact fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fared {
    pub asked_at: Option<NaiveDateTime>,
    pub replied_at: Option<NaiveDateTime>,
    /// The message with a request's link could not be delivered.
    pub bounced_at: Option<NaiveDateTime>,
}

/// Adds one; `false` when the agency has one with this address.
pub fn insert(tx: &mut Tx<'_>, row: &Contact) -> Result<bool, StoreError> {
    let sealed = row.seal(tx.conn().keys());
    let hit = crate::each_engine!(tx.engine(), |c| diesel::insert_into(contacts::table)
        .values(&sealed)
        .on_conflict((contacts::agency, contacts::email_mark))
        .do_nothing()
        .execute(c))?;
    Ok(hit == 1)
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Contact) -> Result<bool, StoreError> {
    let next = Contact {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let held = contacts::table
        .filter(contacts::id.eq(&row.id))
        .filter(contacts::version.eq(row.version));
    let hit = diesel::update(held).set(&next).execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Contact>, StoreError> {
    let found = contacts::table
        .find(id)
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// The one of an agency with this address, ended or not.
pub fn by_address(
    conn: &mut Conn,
    agency: &str,
    email: &str,
) -> Result<Option<Contact>, StoreError> {
    let mark = marks::address(conn.keys(), email);
    let found = contacts::table
        .filter(contacts::agency.eq(agency))
        .filter(contacts::email_mark.eq(mark))
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

/// Everybody who was not ended, by agency.
pub fn all(conn: &mut Conn) -> Result<Vec<Contact>, StoreError> {
    let rows = contacts::table
        .filter(contacts::ended_at.is_null())
        .order((contacts::agency.asc(), contacts::id.asc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// The organisations of all contacts that name one, ended or not.
pub fn organisations(conn: &mut Conn) -> Result<BTreeMap<String, String>, StoreError> {
    let rows: Vec<(String, Option<String>)> = contacts::table
        .filter(contacts::organisation.is_not_null())
        .select((contacts::id, contacts::organisation))
        .load(conn.engine())?;
    let named = rows.into_iter().filter_map(|(id, name)| Some((id, name?)));
    Ok(named.collect())
}

/// How requests fared, by contact.
pub fn fared(conn: &mut Conn) -> Result<BTreeMap<String, Fared>, StoreError> {
    let mut all: BTreeMap<String, Fared> = BTreeMap::new();
    let asked: Vec<(Option<String>, Option<NaiveDateTime>, Option<NaiveDateTime>)> =
        requests::table
            .filter(requests::contact_id.is_not_null())
            .group_by(requests::contact_id)
            .select((
                requests::contact_id,
                max(requests::sent_at),
                max(requests::answered_at),
            ))
            .load(conn.engine())?;
    for (id, asked_at, replied_at) in asked {
        let one = all.entry(id.unwrap_or_default()).or_default();
        (one.asked_at, one.replied_at) = (asked_at, replied_at);
    }
    let bounced: Vec<(Option<String>, Option<NaiveDateTime>)> = outbox::table
        .inner_join(requests::table.on(outbox::request_id.eq(requests::id.nullable())))
        .filter(outbox::state.eq("failed"))
        // What may have arrived says nothing of the address.
        .filter(
            outbox::last_error
                .is_null()
                .or(outbox::last_error.ne(UNSURE)),
        )
        .filter(outbox::dedupe_key.like("request:%"))
        .filter(requests::contact_id.is_not_null())
        .group_by(requests::contact_id)
        .select((requests::contact_id, max(outbox::created_at)))
        .load(conn.engine())?;
    for (id, at) in bounced {
        all.entry(id.unwrap_or_default()).or_default().bounced_at = at;
    }
    Ok(all)
}
