//! A case's agreed answers, one row per form: the notification, the collated reporting and supplementary
//! forms, the analysis. `sources` says for each field who gave it and which answers still differ.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::records;
use super::{Conn, StoreError, Tx};

#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = records)]
pub struct Record {
    pub id: String,
    pub case_id: String,
    pub form: String,
    pub form_version: String,
    pub answers: String,
    pub sources: String,
    pub confirmed: String,
    pub updated_at: NaiveDateTime,
    pub version: i32,
}

pub fn insert(tx: &mut Tx<'_>, row: &Record) -> Result<(), StoreError> {
    diesel::insert_into(records::table)
        .values(row)
        .execute(tx.conn())?;
    Ok(())
}

/// Saves if still at the version that was read; `false` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, row: &Record) -> Result<bool, StoreError> {
    let next = Record {
        version: row.version + 1,
        ..row.clone()
    };
    let hit = diesel::update(
        records::table
            .filter(records::id.eq(&row.id))
            .filter(records::version.eq(row.version)),
    )
    .set(&next)
    .execute(tx.conn())?;
    Ok(hit == 1)
}

pub fn get(conn: &mut Conn, case_id: &str, form: &str) -> Result<Option<Record>, StoreError> {
    Ok(records::table
        .filter(records::case_id.eq(case_id))
        .filter(records::form.eq(form))
        .select(Record::as_select())
        .get_result(conn)
        .optional()?)
}

pub fn of_case(conn: &mut Conn, case_id: &str) -> Result<Vec<Record>, StoreError> {
    Ok(records::table
        .filter(records::case_id.eq(case_id))
        .order(records::form.asc())
        .select(Record::as_select())
        .load(conn)?)
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
    Ok(query
        .order((records::case_id.asc(), records::form.asc()))
        .select(Record::as_select())
        .load(conn)?)
}
