//! What an export reads of many cases: narrow rows in stretches, so that neither memory nor the pages of
//! answers that nobody asked for are touched. Must not know what is made of them.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::restrictions::hidden_from;
use super::schema::{cases, events, notifications, records, responses, return_lines};
use super::seal::Keyring;
use super::{Conn, StoreError};

/// A case as an export needs it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = cases)]
pub struct Row {
    pub id: String,
    pub reference: String,
    pub state: String,
    pub notification_id: String,
    pub opened_at: NaiveDateTime,
    /// Keyed index of the NHS number.
    pub nhs_mark: Option<String>,
    pub residence: String,
    pub finalised_at: Option<NaiveDateTime>,
    pub return_version: i32,
    pub national_notified_at: Option<NaiveDateTime>,
    pub transferred_to: Option<String>,
    pub updated_at: NaiveDateTime,
}

/// Which cases are worth reading. Empty fields do not narrow.
#[derive(Clone, Debug, Default)]
pub struct Narrow {
    /// The one case, by id.
    pub case: Option<String>,
    pub states: Vec<String>,
    /// Leaves out what was finalised before.
    pub finalised_from: Option<NaiveDateTime>,
    /// Leaves out what is not finalised, and what was finalised at this moment or later.
    pub finalised_before: Option<NaiveDateTime>,
    /// Leaves out the restricted cases on which this account is not named.
    pub hidden_from: Option<String>,
}

/// The next stretch of cases in the order of their references.
pub fn stretch(
    conn: &mut Conn,
    narrow: &Narrow,
    after: &str,
    most: i64,
) -> Result<Vec<Row>, StoreError> {
    let mut query = cases::table
        .filter(cases::reference.gt(after))
        .select(Row::as_select())
        .into_boxed();
    if let Some(id) = &narrow.case {
        query = query.filter(cases::id.eq(id));
    }
    if !narrow.states.is_empty() {
        query = query.filter(cases::state.eq_any(&narrow.states));
    }
    if let Some(from) = narrow.finalised_from {
        query = query.filter(
            cases::finalised_at
                .is_null()
                .or(cases::finalised_at.assume_not_null().ge(from)),
        );
    }
    if let Some(before) = narrow.finalised_before {
        query = query.filter(
            cases::finalised_at
                .is_not_null()
                .and(cases::finalised_at.assume_not_null().lt(before)),
        );
    }
    if let Some(reader) = &narrow.hidden_from {
        query = query.filter(cases::id.ne_all(hidden_from(reader.clone())));
    }
    Ok(query
        .order(cases::reference.asc())
        .limit(most)
        .load(conn.engine())?)
}

/// When notifications were sent, and by which way: id, moment, source.
pub fn notified(
    conn: &mut Conn,
    ids: &[&str],
) -> Result<Vec<(String, Option<NaiveDateTime>, String)>, StoreError> {
    Ok(notifications::table
        .filter(notifications::id.eq_any(ids))
        .select((
            notifications::id,
            notifications::sent_at,
            notifications::source,
        ))
        .load(conn.engine())?)
}

/// The agreed answers to one form.
#[derive(Clone, Debug)]
pub struct Agreed {
    pub case_id: String,
    pub form: String,
    pub form_version: String,
    pub answers: String,
    /// Only when it was asked for.
    pub updated_at: Option<NaiveDateTime>,
}

/// The agreed answers of several cases, in the order of form codes; `forms` none means all. Without
/// `timed` the row is not read past its answers, which on an encrypted file is worth having.
pub fn agreed(
    conn: &mut Conn,
    case_ids: &[&str],
    forms: Option<&[String]>,
    timed: bool,
) -> Result<Vec<Agreed>, StoreError> {
    let mut query = records::table
        .filter(records::case_id.eq_any(case_ids))
        .into_boxed();
    if let Some(forms) = forms {
        query = query.filter(records::form.eq_any(forms));
    }
    let query = query.order((records::case_id.asc(), records::form.asc()));
    let answers = (
        records::case_id,
        records::form,
        records::form_version,
        records::id,
        records::answers,
    );
    if timed {
        let rows: Vec<(Held, NaiveDateTime)> = query
            .select((answers, records::updated_at))
            .load(conn.engine())?;
        let keys = conn.keys();
        return rows
            .into_iter()
            .map(|(r, at)| of(keys, r, Some(at)))
            .collect();
    }
    let rows: Vec<Held> = query.select(answers).load(conn.engine())?;
    let keys = conn.keys();
    rows.into_iter().map(|r| of(keys, r, None)).collect()
}

/// Case, form, its version, the row and its sealed answers.
type Held = (String, String, String, String, Vec<u8>);

fn of(
    keys: &Keyring,
    (case_id, form, form_version, id, answers): Held,
    updated_at: Option<NaiveDateTime>,
) -> Result<Agreed, StoreError> {
    Ok(Agreed {
        answers: super::records::answers(keys, &id, &answers)?,
        case_id,
        form,
        form_version,
        updated_at,
    })
}

/// Which forms the requests of several cases ask for: request, form, state of the answer.
pub fn asked(
    conn: &mut Conn,
    case_ids: &[&str],
) -> Result<Vec<(String, String, String)>, StoreError> {
    Ok(responses::table
        .filter(responses::case_id.eq_any(case_ids))
        .order((responses::request_id.asc(), responses::form.asc()))
        .select((responses::request_id, responses::form, responses::state))
        .load(conn.engine())?)
}

/// The moves of several cases, in the order they were made: case, moment, detail.
pub fn moves(
    conn: &mut Conn,
    case_ids: &[&str],
) -> Result<Vec<(String, NaiveDateTime, String)>, StoreError> {
    let rows: Vec<(String, NaiveDateTime, i64, Vec<u8>)> = events::table
        .filter(events::case_id.assume_not_null().eq_any(case_ids))
        .filter(events::what.eq("case_moved"))
        .order(events::seq.asc())
        .select((
            events::case_id.assume_not_null(),
            events::at,
            events::seq,
            events::detail,
        ))
        .load(conn.engine())?;
    let keys = conn.keys();
    rows.into_iter()
        .map(|(case, at, seq, kept)| Ok((case, at, super::events::detail(keys, seq, &kept)?)))
        .collect()
}

/// What was sent of several cases before: case, version, kind of submission.
pub fn sent(conn: &mut Conn, case_ids: &[&str]) -> Result<Vec<(String, i32, String)>, StoreError> {
    Ok(return_lines::table
        .filter(return_lines::case_id.eq_any(case_ids))
        .select((
            return_lines::case_id,
            return_lines::version,
            return_lines::submission,
        ))
        .load(conn.engine())?)
}

/// The cases that hold one of some NHS numbers, given by their marks, are in none of `but` states and, where a `reader` is
/// given, are not kept from that account: mark, id, reference.
pub fn holders(
    conn: &mut Conn,
    marks: &[&str],
    but: &[&str],
    reader: Option<&str>,
) -> Result<Vec<(String, String, String)>, StoreError> {
    let mut query = cases::table
        .filter(cases::nhs_mark.is_not_null())
        .filter(cases::nhs_mark.assume_not_null().eq_any(marks))
        .filter(cases::state.ne_all(but))
        .into_boxed();
    if let Some(reader) = reader {
        query = query.filter(cases::id.ne_all(hidden_from(reader.to_owned())));
    }
    Ok(query
        .order(cases::reference.asc())
        .select((
            cases::nhs_mark.assume_not_null(),
            cases::id,
            cases::reference,
        ))
        .load(conn.engine())?)
}
