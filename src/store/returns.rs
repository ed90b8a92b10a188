//! The ledger of what was sent to the national database, and which questions were verified.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::{return_ledger, return_lines, verified_fields};
use super::sealed::{Place, Sealable, all_opened, opened, sealed_row};
use super::{Conn, StoreError, Tx};

sealed_row! {
    /// One package that left the system.
    pub struct Entry, EntryRow of return_ledger {
        plain {
            id: String,
            kind: String,
            period_from: NaiveDate,
            period_to: NaiveDate,
            created_at: NaiveDateTime,
            file_name: String,
            sha256: String,
            row_count: i64,
            case_count: i64,
            identified: bool,
            /// `accepted` or `refused`.
            receiver_answer: Option<String>,
            answered_at: Option<NaiveDateTime>,
        }
        sealed {
            created_by: String,
            /// What the receiver said beside that.
            answer_words: Option<String>,
        }
        marked {
        }
    }
}

pub fn insert(tx: &mut Tx<'_>, entry: &Entry) -> Result<(), StoreError> {
    let sealed = entry.seal(tx.conn().keys());
    diesel::insert_into(return_ledger::table)
        .values(&sealed)
        .execute(tx.engine())?;
    Ok(())
}

/// Which version of which case a package held, and as what: `notification`, `final`, `correction` or
/// `withdrawal`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(table_name = return_lines)]
pub struct Line {
    pub ledger_id: String,
    pub case_id: String,
    pub version: i32,
    pub submission: String,
}

/// Writes lines in one statement; give it some hundreds at a time.
pub fn insert_lines(tx: &mut Tx<'_>, lines: &[Line]) -> Result<(), StoreError> {
    crate::each_engine!(tx.engine(), |c| diesel::insert_into(return_lines::table)
        .values(lines)
        .execute(c))?;
    Ok(())
}

/// The next lines of a package, in the order of case ids.
pub fn lines(
    conn: &mut Conn,
    ledger_id: &str,
    after: &str,
    most: i64,
) -> Result<Vec<Line>, StoreError> {
    Ok(return_lines::table
        .filter(return_lines::ledger_id.eq(ledger_id))
        .filter(return_lines::case_id.gt(after))
        .order(return_lines::case_id)
        .limit(most)
        .select(Line::as_select())
        .load(conn.engine())?)
}

pub fn latest(conn: &mut Conn, most: i64) -> Result<Vec<Entry>, StoreError> {
    let rows = return_ledger::table
        .order(return_ledger::created_at.desc())
        .limit(most)
        .select(EntryRow::as_select())
        .load(conn.engine())?;
    all_opened(conn, rows)
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Option<Entry>, StoreError> {
    let row = return_ledger::table
        .find(id)
        .select(EntryRow::as_select())
        .get_result(conn.engine())
        .optional()?;
    opened(conn, row)
}

/// Notes what the receiver said of a package: `accepted` or `refused`, and in which words.
pub fn answer(
    tx: &mut Tx<'_>,
    id: &str,
    answer: &str,
    words: Option<&str>,
    now: NaiveDateTime,
) -> Result<bool, StoreError> {
    let words = words.map(|words| words.to_owned().seal(tx.conn().keys(), said(id)));
    let hit = diesel::update(return_ledger::table.find(id))
        .set((
            return_ledger::receiver_answer.eq(answer),
            return_ledger::answer_words.eq(words),
            return_ledger::answered_at.eq(now),
        ))
        .execute(tx.engine())?;
    Ok(hit == 1)
}

const fn said(row: &str) -> Place<'_> {
    Place {
        table: "return_ledger",
        column: "answer_words",
        row,
    }
}

/// Seals the words of answers that an earlier version kept in clear, behind `accepted: ` or `refused: `. A step of the
/// schema has no key, so it is done when the database is opened; a second time finds nothing.
pub(super) fn seal_words(conn: &mut Conn) -> Result<(), StoreError> {
    let clear: Vec<(String, String)> = return_ledger::table
        .filter(return_ledger::receiver_answer.is_not_null())
        .filter(
            return_ledger::receiver_answer
                .assume_not_null()
                .like("%: %"),
        )
        .select((
            return_ledger::id,
            return_ledger::receiver_answer.assume_not_null(),
        ))
        .load(conn.engine())?;
    for (id, kept) in clear {
        let (answer, words) = kept.split_once(": ").unwrap_or((&kept, ""));
        let sealed = words.to_owned().seal(conn.keys(), said(&id));
        diesel::update(return_ledger::table.find(&id))
            .set((
                return_ledger::receiver_answer.eq(answer),
                return_ledger::answer_words.eq(Some(sealed)),
            ))
            .execute(conn.engine())?;
    }
    Ok(())
}

/// Every question marked as checked against the official form: `(form version, form, field)`.
pub fn verified(conn: &mut Conn) -> Result<BTreeSet<(String, String, String)>, StoreError> {
    let rows: Vec<(String, String, String)> = verified_fields::table
        .select((
            verified_fields::form_version,
            verified_fields::form,
            verified_fields::field,
        ))
        .load(conn.engine())?;
    Ok(rows.into_iter().collect())
}

pub fn verify(
    tx: &mut Tx<'_>,
    key: (&str, &str, &str),
    by: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    unverify(tx, key)?;
    let row = [key.0, key.1, key.2].join("/");
    let by = by.to_owned().seal(tx.conn().keys(), verifier(&row));
    diesel::insert_into(verified_fields::table)
        .values((
            verified_fields::form_version.eq(key.0),
            verified_fields::form.eq(key.1),
            verified_fields::field.eq(key.2),
            verified_fields::verified_by.eq(by),
            verified_fields::verified_at.eq(now),
        ))
        .execute(tx.engine())?;
    Ok(())
}

pub fn unverify(tx: &mut Tx<'_>, key: (&str, &str, &str)) -> Result<(), StoreError> {
    diesel::delete(verified_fields::table.find(key)).execute(tx.engine())?;
    Ok(())
}

const fn verifier(row: &str) -> Place<'_> {
    Place {
        table: "verified_fields",
        column: "verified_by",
        row,
    }
}

/// The questions of one form that were marked as checked: field, by whom, when.
pub fn verifications(
    conn: &mut Conn,
    version: &str,
    form: &str,
) -> Result<Vec<(String, String, NaiveDateTime)>, StoreError> {
    let rows: Vec<(String, Vec<u8>, NaiveDateTime)> = verified_fields::table
        .filter(verified_fields::form_version.eq(version))
        .filter(verified_fields::form.eq(form))
        .order(verified_fields::field.asc())
        .select((
            verified_fields::field,
            verified_fields::verified_by,
            verified_fields::verified_at,
        ))
        .load(conn.engine())?;
    let opened = rows.into_iter().map(|(field, by, at)| {
        let row = [version, form, field.as_str()].join("/");
        let by = String::open(&by, conn.keys(), verifier(&row));
        let by = by.map_err(|_| StoreError::Damaged {
            table: "verified_fields",
            row,
        })?;
        Ok((field, by, at))
    });
    opened.collect()
}
