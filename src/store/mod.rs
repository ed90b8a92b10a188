//! All SQL. `Db` is the one way to the database: `read` lends a connection, `write` runs a verb in its own
//! transaction and refuses to commit when no event was recorded. Knows domain types; must hold no rules.

pub mod accounts;
pub mod cases;
mod connection;
pub mod counts;
pub mod events;
pub mod exports;
pub mod factors;
pub mod invitations;
pub mod kept;
pub mod notifications;
pub mod outbox;
pub mod records;
pub mod requests;
pub mod responses;
pub mod returns;
pub mod schema;
pub mod tokens;
mod writer;

use std::sync::Arc;

use diesel::{Connection, RunQueryDsl};

use connection::ConnPool;
pub use connection::{Conn, Purpose, Target, migrate, open};
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
}

impl Tx<'_> {
    /// The connection, for reading what this transaction sees.
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// Waits until no other transaction holds `key`, then holds it until this one ends: a button pressed twice
    /// is two verbs one after the other, on PostgreSQL too. SQLite has one writer anyway.
    pub fn hold(&mut self, key: &str) -> Result<(), StoreError> {
        if let Conn::Postgres(conn) = self.conn {
            diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
                .bind::<diesel::sql_types::Text, _>(key)
                .execute(conn)?;
        }
        Ok(())
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
}

/// How writes reach the engine: SQLite has one writer thread that commits in groups; PostgreSQL has a pool.
enum Route {
    One(Writer),
    Many(ConnPool),
}

impl Db {
    /// Opens, migrates and readies the database. Fails with one line and touches nothing when the key
    /// does not fit or the server does not answer.
    pub fn start(target: &Target) -> Result<Self, StoreError> {
        let mut first = open(target, Purpose::Write)?;
        migrate(&mut first)?;
        let (readers, writer) = match target {
            Target::Sqlite { .. } => (
                connection::pool(target, Purpose::Read, 6)?,
                Route::One(Writer::start(first)),
            ),
            Target::Postgres { .. } => {
                let pool = connection::pool(target, Purpose::Write, 10)?;
                (pool.clone(), Route::Many(pool))
            }
        };
        Ok(Self {
            inner: Arc::new(Inner {
                readers,
                writer,
                target: target.clone(),
            }),
        })
    }

    /// Which engine and where.
    pub fn target(&self) -> &Target {
        &self.inner.target
    }

    /// Lends a connection for reading.
    pub fn read<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.inner.readers.get().map_err(|_| busy())?;
        f(&mut conn)
    }

    /// Reads several things as of one moment: one snapshot for as long as `f` runs.
    pub fn snapshot<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.inner.readers.get().map_err(|_| busy())?;
        let mut kept: Option<Result<T, E>> = None;
        let done = match &mut *conn {
            Conn::Sqlite(_) => conn.transaction(|c| {
                kept = Some(f(c));
                Ok::<(), diesel::result::Error>(())
            }),
            Conn::Postgres(_) => conn.transaction(|c| {
                diesel::RunQueryDsl::execute(
                    diesel::sql_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"),
                    c,
                )?;
                diesel::RunQueryDsl::execute(
                    diesel::sql_query("SET LOCAL statement_timeout = 0"),
                    c,
                )?;
                kept = Some(f(c));
                Ok::<(), diesel::result::Error>(())
            }),
        };
        match (kept, done) {
            (Some(result), _) => result,
            (None, Err(e)) => Err(StoreError::Engine(e).into()),
            (None, Ok(())) => Err(busy().into()),
        }
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
                in_transaction(&mut conn, f)
            }
        }
    }
}

fn busy() -> StoreError {
    StoreError::Unavailable("no connection to the database became free in time".into())
}

/// Carries a verb's own error through diesel's transaction function.
pub(crate) enum Aborted<E> {
    Verb(E),
    Engine(diesel::result::Error),
}

impl<E> From<diesel::result::Error> for Aborted<E> {
    fn from(e: diesel::result::Error) -> Self {
        Self::Engine(e)
    }
}

/// One verb between BEGIN and COMMIT, or in a savepoint when a transaction is already open.
pub(crate) fn in_transaction<T, E: From<StoreError>>(
    conn: &mut Conn,
    f: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let outcome = conn.transaction::<T, Aborted<E>, _>(|conn| {
        let mut tx = Tx { conn, events: 0 };
        let value = f(&mut tx).map_err(Aborted::Verb)?;
        if tx.events == 0 {
            return Err(Aborted::Verb(StoreError::NoEvent.into()));
        }
        Ok(value)
    });
    outcome.map_err(|aborted| match aborted {
        Aborted::Verb(e) => e,
        Aborted::Engine(e) => StoreError::Engine(e).into(),
    })
}
