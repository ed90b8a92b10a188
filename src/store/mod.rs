//! All SQL. `Db` is the one way to the database: `read` lends a connection, `write` runs a verb in its own
//! transaction and refuses to commit when no event was recorded. Knows domain types; must hold no rules.

pub mod accounts;
pub mod actions;
pub mod agency_holds;
pub mod calendars;
pub mod case_people;
pub mod cases;
pub mod chain;
pub mod cipher;
pub mod clocks;
pub mod clusters;
mod connection;
pub mod contacts;
pub mod counts;
pub mod documents;
pub mod dump;
pub mod events;
pub mod exports;
pub mod factors;
pub mod family;
pub mod grants;
pub mod imports;
pub mod invitations;
pub mod kept;
mod keycheck;
pub mod learning;
pub mod links;
pub mod marks;
pub mod meetings;
pub mod merges;
pub mod notifications;
pub mod openings;
pub mod outbox;
pub mod packs;
pub mod panels;
pub mod processes;
pub mod records;
pub mod requests;
pub mod responses;
pub mod restrictions;
pub mod returns;
pub mod schema;
pub mod seal;
mod sealed;
mod tampering;
pub mod tokens;
pub mod transfers;
pub mod tries;
pub mod typings;
pub mod vault;
pub mod waits;
mod writer;
pub mod years;

use std::sync::Arc;

use diesel::RunQueryDsl;
use diesel::connection::TransactionManager;

use connection::ConnPool;
pub use connection::{Conn, Engine, Purpose, Target, migrate, open, schema_of, wait_for_closed};
use seal::Keyring;
use writer::Writer;

/// What can go wrong below the rules. Never carries case content.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, opened or waited for.
    #[error("{0}")]
    Unavailable(String),
    /// A verb tried to commit without leaving a trace.
    #[error("nothing was recorded in the audit trail, so nothing was saved")]
    NoEvent,
    /// Something sealed is not as it was written, or lies where it does not belong.
    #[error("a row of {table} is damaged")]
    Damaged { table: &'static str, row: String },
    /// A verb panicked; nothing of it was kept.
    #[error("a verb stopped unexpectedly")]
    Stopped,
    /// Anything the engine said.
    #[error("the database refused a statement: {0}")]
    Engine(#[from] diesel::result::Error),
}

/// A write in progress: the only thing that store's writing functions accept.
pub struct Tx<'a> {
    conn: &'a mut Conn,
    events: u32,
    /// What happened, written at the end.
    pending: Vec<events::NewEvent>,
}

impl Tx<'_> {
    /// The connection, for reading what this transaction sees.
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// Waits until no other transaction holds `key`, then holds it until this one ends: a button pressed twice
    /// is two verbs one after the other, on PostgreSQL too. SQLite has one writer anyway.
    pub fn hold(&mut self, key: &str) -> Result<(), StoreError> {
        if let Engine::Postgres(conn) = self.conn.engine() {
            diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
                .bind::<diesel::sql_types::Text, _>(key)
                .execute(conn)?;
        }
        Ok(())
    }

    /// The engine, for a statement.
    fn engine(&mut self) -> &mut Engine {
        self.conn.engine()
    }

    /// Writes what was noted so far, for a transaction that reads its own events back. On a server's database
    /// nobody else writes from here to the commit.
    pub fn write_noted(&mut self) -> Result<(), StoreError> {
        let noted = std::mem::take(&mut self.pending);
        events::append(self.conn, &noted)
    }

    fn recorded(&mut self) {
        self.events += 1;
    }

    /// Says that the verb found its work done already and changed nothing, so there is nothing to record.
    pub fn unchanged(&mut self) {
        self.recorded();
    }
}

/// The database, shared by all threads.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    readers: ConnPool,
    writer: Route,
    target: Target,
    new: bool,
}

/// How writes reach the engine: SQLite has one writer thread that commits in groups; PostgreSQL has a pool.
enum Route {
    One(Writer),
    Many(ConnPool),
}

impl Db {
    /// Opens, migrates and readies the database. Fails with one line and touches nothing when the key
    /// does not fit or the server does not answer.
    pub fn start(target: &Target, keys: &Arc<Keyring>) -> Result<Self, StoreError> {
        let mut first = Conn::open(target, Purpose::Write, keys)?;
        let new = connection::bring_up(first.engine())?;
        keycheck::fits(&mut first)?;
        returns::seal_words(&mut first)?;
        let (readers, writer) = match target {
            Target::Sqlite { .. } => (
                connection::pool(target, Purpose::Read, 6, keys)?,
                Route::One(Writer::start(first)),
            ),
            Target::Postgres { .. } => {
                let pool = connection::pool(target, Purpose::Write, 10, keys)?;
                (pool.clone(), Route::Many(pool))
            }
        };
        Ok(Self {
            inner: Arc::new(Inner {
                readers,
                writer,
                target: target.clone(),
                new,
            }),
        })
    }

    /// Which engine and where.
    pub fn target(&self) -> &Target {
        &self.inner.target
    }

    /// Whether there was no schema yet when it was opened.
    pub fn is_new(&self) -> bool {
        self.inner.new
    }

    /// Lends a connection for reading.
    pub fn read<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.lent()?;
        f(&mut conn)
    }

    /// A connection for reading. What it met damaged for whoever had it before is not this one's find.
    fn lent(&self) -> Result<impl std::ops::DerefMut<Target = Conn>, StoreError> {
        let conn = self.inner.readers.get().map_err(|_| busy())?;
        drop(conn.take_damaged());
        Ok(conn)
    }

    /// Reads several things as of one moment: one snapshot for as long as `f` runs.
    pub fn snapshot<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.lent()?;
        Transactions::begin_transaction(conn.engine()).map_err(StoreError::Engine)?;
        let kept = as_of_one_moment(conn.engine())
            .map_err(|e| StoreError::Engine(e).into())
            .and_then(|()| f(&mut conn));
        // Nothing was changed, so however it ends there is nothing to keep.
        Transactions::rollback_transaction(conn.engine()).map_err(StoreError::Engine)?;
        kept
    }

    /// Waits until everything that could be read so far is on disk, for what must not be ahead of it.
    pub fn settle(&self) -> Result<(), StoreError> {
        let mut conn = self.inner.readers.get().map_err(|_| busy())?;
        flushed(conn.engine())
    }

    /// Runs one verb in one transaction. When `f` fails nothing of it is kept; when it records no
    /// event the commit is refused. Returns only after the commit is on disk.
    pub fn write<T, E>(
        &self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.inner.writer {
            Route::One(writer) => writer.run(f),
            Route::Many(pool) => {
                let mut conn = pool.get().map_err(|_| busy())?;
                let done = in_transaction(&mut conn, f)?;
                flushed(conn.engine())?;
                Ok(done)
            }
        }
    }
}

/// Waits until what a server's database committed is on disk, and on its standbys where it waits for them. Those
/// who wait at the same time share one sync, which they could not while each held the chain of events.
/// A record of one's own in the log is the way to wait: a commit that wrote nothing waits for nothing.
fn flushed(engine: &mut Engine) -> Result<(), StoreError> {
    if let Engine::Postgres(c) = engine {
        diesel::sql_query("SELECT pg_logical_emit_message(true, 'cdr', '')").execute(c)?;
    }
    Ok(())
}

fn busy() -> StoreError {
    StoreError::Unavailable("no connection to the database became free in time".into())
}

/// A snapshot may take long and must not see what others write meanwhile; SQLite gives that anyway.
fn as_of_one_moment(engine: &mut Engine) -> Result<(), diesel::result::Error> {
    if let Engine::Postgres(c) = engine {
        diesel::sql_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .execute(c)?;
        diesel::sql_query("SET LOCAL statement_timeout = 0").execute(c)?;
    }
    Ok(())
}

/// One verb between BEGIN and COMMIT, or in a savepoint when a transaction is already open.
pub(crate) fn in_transaction<T, E: From<StoreError>>(
    conn: &mut Conn,
    f: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    Transactions::begin_transaction(conn.engine()).map_err(StoreError::Engine)?;
    // What was met damaged before is not this verb's find, nor is what it meets the next one's.
    drop(conn.take_damaged());
    let mut tx = Tx {
        conn,
        events: 0,
        pending: Vec::new(),
    };
    let outcome = f(&mut tx);
    let (recorded, pending) = (tx.events > 0, tx.pending);
    let outcome = outcome.and_then(|value| {
        if !recorded {
            return Err(StoreError::NoEvent.into());
        }
        events::append(conn, &pending)?;
        Ok(value)
    });
    match outcome {
        Ok(value) => {
            Transactions::commit_transaction(conn.engine()).map_err(StoreError::Engine)?;
            Ok(value)
        }
        Err(e) => {
            Transactions::rollback_transaction(conn.engine()).map_err(StoreError::Engine)?;
            Err(e)
        }
    }
}

type Transactions = <Engine as diesel::Connection>::TransactionManager;
