//! A case's agreed answers, one row per form: the notification, the collated reporting and supplementary
//! forms, the analysis. `sources` says for each field who gave it and which answers still differ.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::records;
use super::seal::Keyring;
use super::sealed::{all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    pub struct Record, Row of records {
        plain {
            id: String,
            case_id: String,
            form: String,
            form_version: String,
            updated_at: NaiveDateTime,
            version: i32,
        }
        sealed {
            answers: String,
            sources: String,
            /// Warnings that were found right with the reasons, as JSON.
            confirmed: String,
        }
        marked {
        }
    }
}

/// The versions of the forms to which anything kept was answered.
pub fn versions(conn: &mut Conn) -> Result<BTreeSet<String>, StoreError> {
    use super::schema::{notifications, responses, signed_analyses};
    let mut all = BTreeSet::new();
    let mut add = |found: Vec<String>| all.extend(found);
    add(records::table
        .select(records::form_version)
        .distinct()
        .load(conn.engine())?);
    add(responses::table
        .select(responses::form_version)
        .distinct()
        .load(conn.engine())?);
    add(notifications::table
        .select(notifications::form_version)
        .distinct()
        .load(conn.engine())?);
    add(signed_analyses::table
        .select(signed_analyses::form_version)
        .distinct()
        .load(conn.engine())?);
    Ok(all)
}

pub fn insert(tx: &mut Tx<'_>, row: &Record) -> Result<(), StoreError> {
    let sealed = row.seal(tx.conn().keys());
    diesel::insert_into(records::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Record) -> Result<bool, StoreError> {
    let next = Record {
        version: row.version + 1,
        ..row.clone()
    }
    .seal(tx.conn().keys());
    let hit = diesel::update(
        records::table
            .filter(records::id.eq(&row.id))
            .filter(records::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.engine())?;
    Ok(hit == 1)
}

/// Puts a form back as it was, unless somebody changed it since this version; `false` when somebody did.
pub fn put_back(tx: &mut Tx<'_>, row: &Record, read: i32) -> Result<bool, StoreError> {
    let sealed = row.seal(tx.conn().keys());
    let hit = diesel::update(
        records::table
            .filter(records::id.eq(&row.id))
            .filter(records::version.eq(read)),
    )
    .set(&sealed)
    .execute(tx.engine())?;
    Ok(hit == 1)
}

/// Takes a form away that there was not before, unless somebody changed it since it was read; `false` when somebody did.
pub fn remove(tx: &mut Tx<'_>, row: &Record) -> Result<bool, StoreError> {
    let hit = diesel::delete(
        records::table
            .filter(records::id.eq(&row.id))
            .filter(records::version.eq(row.version)),
    )
    .execute(tx.engine())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, case_id: &str, form: &str) -> Result<Option<Record>, StoreError> {
    let found = records::table
        .filter(records::case_id.eq(case_id))
        .filter(records::form.eq(form))
        .select(Row::as_select())
        .get_result::<Row>(conn.engine())
        .optional()?;
    opened(conn, found)
}

pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<Record>, StoreError> {
    let rows = records::table
        .filter(records::case_id.eq(case_id))
        .order(records::form.asc())
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// The records of several cases at once, for an export's next stretch; `forms` empty means all.
pub fn of_cases(
    conn: &mut Conn,
    case_ids: &[String],
    forms: &[String],
) -> Result<Vec<Record>, StoreError> {
    let mut query = records::table
        .filter(records::case_id.eq_any(case_ids))
        .into_boxed();
    if !forms.is_empty() {
        query = query.filter(records::form.eq_any(forms));
    }
    let rows = query
        .order((records::case_id.asc(), records::form.asc()))
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// The sealed answers of one row, for an export that reads no more of it.
pub(super) fn answers(keys: &Keyring, id: &str, kept: &[u8]) -> Result<String, StoreError> {
    let damaged = || StoreError::Damaged {
        table: "records",
        row: id.to_owned(),
    };
    let plain = keys
        .open_bytes("records", "answers", id, kept)
        .map_err(|_| damaged())?;
    String::from_utf8(plain).map_err(|_| damaged())
}
