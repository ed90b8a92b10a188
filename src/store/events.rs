//! The audit trail: the one writer of it, and reading it back as a timeline.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::chain::{self, Head};
use super::schema::events;
use super::seal::Keyring;
use super::sealed::{Place, Sealable, SealedRow, all_opened};
use super::{Conn, Engine, StoreError, Tx};

/// One thing that happened, ready to be written.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub at: NaiveDateTime,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub actor_name: Option<String>,
    pub actor_role: Option<String>,
    pub what: String,
    pub case_id: Option<String>,
    pub subject_id: Option<String>,
    pub detail: String,
    pub correlation: String,
    /// Where the request came from; empty for what happens without one.
    pub source: String,
}

/// One thing that happened, as read back.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    pub seq: i64,
    pub at: NaiveDateTime,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub actor_name: Option<String>,
    pub actor_role: Option<String>,
    pub what: String,
    pub case_id: Option<String>,
    pub subject_id: Option<String>,
    pub detail: String,
    pub correlation: String,
    /// Where the request came from; empty for what happens without one.
    pub source: String,
}

/// The same as it lies in the database: in its place in the chain, who and what sealed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(table_name = events)]
pub(super) struct Row {
    pub seq: i64,
    pub at: NaiveDateTime,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub actor_name: Option<Vec<u8>>,
    pub actor_role: Option<String>,
    pub what: String,
    pub case_id: Option<String>,
    pub subject_id: Option<String>,
    pub detail: Vec<u8>,
    pub correlation: String,
    pub source: String,
    pub mac: Vec<u8>,
}

impl Row {
    fn after(head: &Head, event: &NewEvent, keys: &Keyring) -> Self {
        let seq = head.seq + 1;
        let row = seq.to_string();
        let at = |column| place(column, &row);
        let mut next = Self {
            seq,
            at: event.at,
            actor_kind: event.actor_kind.clone(),
            actor_id: event.actor_id.clone(),
            actor_name: event.actor_name.seal(keys, at("actor_name")),
            actor_role: event.actor_role.clone(),
            what: event.what.clone(),
            case_id: event.case_id.clone(),
            subject_id: event.subject_id.clone(),
            detail: event.detail.seal(keys, at("detail")),
            correlation: event.correlation.clone(),
            source: event.source.clone(),
            mac: Vec::new(),
        };
        next.mac = chain::link(keys, &head.mac, &next);
        next
    }
}

const fn place<'a>(column: &'static str, row: &'a str) -> Place<'a> {
    Place {
        table: "events",
        column,
        row,
    }
}

impl SealedRow for Row {
    type Open = StoredEvent;

    fn open(&self, keys: &Keyring) -> Result<StoredEvent, StoreError> {
        let row = self.seq.to_string();
        let damaged = |_| StoreError::Damaged {
            table: "events",
            row: row.clone(),
        };
        let name = Option::<String>::open(&self.actor_name, keys, place("actor_name", &row));
        let detail = String::open(&self.detail, keys, place("detail", &row));
        Ok(StoredEvent {
            actor_name: name.map_err(damaged)?,
            detail: detail.map_err(damaged)?,
            ..self.unread()
        })
    }

    fn unread(&self) -> StoredEvent {
        StoredEvent {
            seq: self.seq,
            at: self.at,
            actor_kind: self.actor_kind.clone(),
            actor_id: self.actor_id.clone(),
            actor_name: None,
            actor_role: self.actor_role.clone(),
            what: self.what.clone(),
            case_id: self.case_id.clone(),
            subject_id: self.subject_id.clone(),
            detail: String::new(),
            correlation: self.correlation.clone(),
            source: self.source.clone(),
        }
    }
}

/// Notes what happened: it is written with the change that it tells of, as the last thing before the commit.
pub fn record(tx: &mut Tx<'_>, event: &NewEvent) -> Result<(), StoreError> {
    tx.pending.push(event.clone());
    tx.recorded();
    Ok(())
}

/// Writes what a transaction noted at the end of the chain. On a server's database the chain is held from here
/// to the commit, and nothing else is asked for meanwhile, so that two transactions cannot wait for each other.
/// The commit itself does not wait for the disk there: the next may take the chain while [`super::flushed`] waits.
pub(super) fn append(conn: &mut Conn, pending: &[NewEvent]) -> Result<(), StoreError> {
    if pending.is_empty() {
        return Ok(());
    }
    if let Engine::Postgres(c) = conn.engine() {
        diesel::sql_query(
            "SELECT pg_advisory_xact_lock(7263001), set_config('synchronous_commit', 'off', true)",
        )
        .execute(c)?;
    }
    let mut head = chain::head(conn)?;
    for event in pending {
        let row = Row::after(&head, event, conn.keys());
        crate::each_engine!(conn.engine(), |c| diesel::insert_into(events::table)
            .values(&row)
            .execute(c))?;
        head = Head {
            seq: row.seq,
            mac: row.mac,
        };
    }
    Ok(())
}

/// The sealed detail of an event, for an export that reads no more of it.
pub(super) fn detail(keys: &Keyring, seq: i64, kept: &[u8]) -> Result<String, StoreError> {
    let row = seq.to_string();
    String::open(&kept.to_vec(), keys, place("detail", &row)).map_err(|_| StoreError::Damaged {
        table: "events",
        row,
    })
}

/// Everything that happened to a case, and to the notifications joined to it before it was one.
pub fn of_case(
    conn: &mut Conn,
    case_id: &str,
    subjects: &[String],
    most: i64,
) -> Result<Vec<StoredEvent>, StoreError> {
    timeline(conn, case_id, subjects, &[], most)
}

/// What a timeline shows of a case and of the notifications joined to it before it was one: not the reads, of
/// which there are many, and no other kind named in `left_out`.
pub fn timeline(
    conn: &mut Conn,
    case_id: &str,
    subjects: &[String],
    left_out: &[&str],
    most: i64,
) -> Result<Vec<StoredEvent>, StoreError> {
    let rows = events::table
        .filter(
            events::case_id
                .eq(case_id)
                .or(events::subject_id.eq_any(subjects)),
        )
        .filter(events::what.ne_all(left_out))
        .order(events::seq.desc())
        .limit(most)
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// What of one kind happened to one notification or request.
pub fn of_subject(
    conn: &mut Conn,
    subject_id: &str,
    what: &str,
    most: i64,
) -> Result<Vec<StoredEvent>, StoreError> {
    let rows = events::table
        .filter(events::subject_id.eq(subject_id))
        .filter(events::what.eq(what))
        .order(events::seq.desc())
        .limit(most)
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// What of one kind happened to a case, the newest first.
pub fn of_kind(conn: &mut Conn, case_id: &str, what: &str) -> Result<Vec<StoredEvent>, StoreError> {
    let rows = events::table
        .filter(events::case_id.eq(case_id))
        .filter(events::what.eq(what))
        .order(events::seq.desc())
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}

/// When something of this kind happened to a case the last time.
pub fn last_of_case(
    conn: &mut Conn,
    case_id: &str,
    what: &str,
) -> Result<Option<NaiveDateTime>, StoreError> {
    Ok(events::table
        .filter(events::case_id.eq(case_id))
        .filter(events::what.eq(what))
        .select(diesel::dsl::max(events::at))
        .get_result(conn.engine())?)
}

/// What is looked for in the trail. Empty fields do not narrow.
#[derive(Clone, Debug, Default)]
pub struct Search {
    pub case_id: Option<String>,
    pub actor_id: Option<String>,
    pub names: Option<Vec<&'static str>>,
    pub from: Option<NaiveDateTime>,
    pub to: Option<NaiveDateTime>,
    /// Only rows before this number.
    pub before: Option<i64>,
}

/// Narrows a query to what is looked for.
macro_rules! narrowed {
    ($query:expr, $wanted:expr) => {{
        let (mut query, wanted) = ($query, $wanted);
        if let Some(case_id) = &wanted.case_id {
            query = query.filter(events::case_id.eq(case_id.clone()));
        }
        if let Some(actor_id) = &wanted.actor_id {
            query = query.filter(events::actor_id.eq(actor_id.clone()));
        }
        if let Some(names) = &wanted.names {
            query = query.filter(events::what.eq_any(names.clone()));
        }
        if let Some(from) = wanted.from {
            query = query.filter(events::at.ge(from));
        }
        if let Some(to) = wanted.to {
            query = query.filter(events::at.lt(to));
        }
        if let Some(before) = wanted.before {
            query = query.filter(events::seq.lt(before));
        }
        query
    }};
}

/// How many rows are looked for.
pub fn count(conn: &mut Conn, wanted: &Search) -> Result<i64, StoreError> {
    let query = narrowed!(events::table.count().into_boxed(), wanted);
    Ok(query.get_result(conn.engine())?)
}

/// The newest rows that are looked for. A damaged row must not hide the others: it comes without its words.
pub fn search(conn: &mut Conn, wanted: &Search, most: i64) -> Result<Vec<StoredEvent>, StoreError> {
    let query = narrowed!(events::table.select(Row::as_select()).into_boxed(), wanted);
    let rows = query
        .order(events::seq.desc())
        .limit(most)
        .load::<Row>(conn.engine())?;
    Ok(rows
        .iter()
        .map(|row| row.open(conn.keys()).unwrap_or_else(|_| row.unread()))
        .collect())
}

/// The newest events of one kind, for example every sign-in that failed.
pub fn latest(conn: &mut Conn, what: &str, most: i64) -> Result<Vec<StoredEvent>, StoreError> {
    let rows = events::table
        .filter(events::what.eq(what))
        .order(events::seq.desc())
        .limit(most)
        .select(Row::as_select())
        .load::<Row>(conn.engine())?;
    all_opened(conn, rows)
}
