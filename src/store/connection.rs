//! The two-engine connection, its pools and pragmas, the database address and the migrations.
//! Must not know what is stored.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::migration::MigrationSource;
use diesel::r2d2::{ManageConnection, Pool};
use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::StoreError;
use super::seal::Keyring;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// A session with whichever engine the service was started on.
#[derive(diesel::MultiConnection)]
pub enum Engine {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// One connection: the engine, and the keys to what is sealed in it.
pub struct Conn {
    engine: Engine,
    keys: Arc<Keyring>,
    /// Rows of lists that could not be opened, by table and id.
    damaged: RefCell<Vec<(&'static str, String)>>,
    /// Goes last: until then the engine is not closed.
    _counted: Counted,
}

/// How many connections are open in this process.
static OPEN: AtomicUsize = AtomicUsize::new(0);

/// One of those that are open.
struct Counted;

impl Counted {
    fn new() -> Self {
        OPEN.fetch_add(1, Ordering::AcqRel);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Waits until every connection is closed, and no longer than this. A pool may close its last ones on a thread of its own, and
/// work that was under way when the service was told to stop ends first; a program that ended meanwhile would take away
/// under them what the embedded engine closes with.
pub fn wait_for_closed(most: Duration) {
    for _ in 0..most.as_millis() {
        if OPEN.load(Ordering::Acquire) == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

impl Conn {
    /// Opens one; it counts as open from before it is.
    pub(super) fn open(
        target: &Target,
        purpose: Purpose,
        keys: &Arc<Keyring>,
    ) -> Result<Self, StoreError> {
        let counted = Counted::new();
        Ok(Self {
            engine: open(target, purpose)?,
            keys: Arc::clone(keys),
            damaged: RefCell::default(),
            _counted: counted,
        })
    }

    /// Joins the two.
    pub fn new(engine: Engine, keys: &Arc<Keyring>) -> Self {
        Self {
            engine,
            keys: Arc::clone(keys),
            damaged: RefCell::default(),
            _counted: Counted::new(),
        }
    }

    /// A list met a row that is not as it was written, and goes on without it.
    pub(super) fn met_damaged(&self, table: &'static str, row: &str) {
        self.damaged.borrow_mut().push((table, row.to_owned()));
    }

    /// What was met damaged and is not in the audit trail yet.
    pub fn take_damaged(&self) -> Vec<(&'static str, String)> {
        self.damaged.take()
    }

    /// The engine, for a statement.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// The keys, for a sealed value.
    pub fn keys(&self) -> &Keyring {
        &self.keys
    }
}

/// Runs an expression with the engine's own connection, for the few statements that
/// the common form cannot express.
#[macro_export]
macro_rules! each_engine {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::store::Engine::Sqlite($c) => $body,
            $crate::store::Engine::Postgres($c) => $body,
        }
    };
}

/// Where the database is and how it is opened.
#[derive(Clone)]
pub enum Target {
    /// The embedded default: an encrypted file and its 256-bit key in hexadecimal.
    Sqlite { path: PathBuf, key_hex: String },
    /// A PostgreSQL server, as a libpq address with one or several hosts.
    Postgres { url: String },
}

impl Target {
    /// Reads `sqlite://path` or `postgres://…`; anything else is refused with what was expected.
    pub fn parse(url: &str, key_hex: &str) -> Result<Self, String> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            if path.is_empty() {
                return Err("names no file after sqlite://".into());
            }
            return Ok(Self::Sqlite {
                path: PathBuf::from(path),
                key_hex: key_hex.to_owned(),
            });
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres {
                url: url.to_owned(),
            });
        }
        Err("must begin with sqlite:// or postgres://".into())
    }

    /// The embedded database's file, when that is the engine.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite { path, .. } => Some(path),
            Self::Postgres { .. } => None,
        }
    }
}

/// What a connection will be used for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Read,
    Write,
}

/// Opens one connection, its key as the first statement, and proves that it answers.
pub fn open(target: &Target, purpose: Purpose) -> Result<Engine, StoreError> {
    match target {
        Target::Sqlite { path, key_hex } => open_sqlite(path, key_hex, purpose).map(Engine::Sqlite),
        Target::Postgres { url } => {
            let mut conn = PgConnection::establish(url).map_err(|_| {
                StoreError::Unavailable("the database server did not answer".into())
            })?;
            // What was answered is on disk, even where the server is set not to wait for it. What it is set to
            // wait for beyond its own disk stays as it is.
            conn.batch_execute(
                "SET statement_timeout = '15s'; SET TIME ZONE 'UTC'; \
                 SELECT set_config('synchronous_commit', 'on', false) \
                 WHERE current_setting('synchronous_commit') = 'off';",
            )?;
            Ok(Engine::Postgres(conn))
        }
    }
}

fn open_sqlite(
    path: &Path,
    key_hex: &str,
    purpose: Purpose,
) -> Result<SqliteConnection, StoreError> {
    let text = path
        .to_str()
        .ok_or_else(|| StoreError::Unavailable("the database path is not text".into()))?;
    let mut conn = SqliteConnection::establish(text)
        .map_err(|_| StoreError::Unavailable("the database file could not be opened".into()))?;
    // The key comes before anything that would read the file. The engine's own log would tell of a wrong key
    // in several lines; we say it in one.
    conn.batch_execute("PRAGMA cipher_log_level = NONE;")?;
    conn.batch_execute(&format!("PRAGMA key = \"x'{key_hex}'\";"))?;
    // Processors have instructions for SHA-256 and none for SHA-512, which is the engine's own choice.
    conn.batch_execute("PRAGMA cipher_hmac_algorithm = HMAC_SHA256;")?;
    // Before the first read, which otherwise would take another process's short lock for a wrong key.
    conn.batch_execute("PRAGMA busy_timeout = 5000;")?;
    // A wrong key shows itself only when the first page is read, under misleading words.
    conn.batch_execute("SELECT count(*) FROM sqlite_master;")
        .map_err(|_| StoreError::Unavailable("the key does not open this database".into()))?;
    conn.batch_execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000; \
         PRAGMA wal_autocheckpoint = 4000;",
    )?;
    if purpose == Purpose::Read {
        conn.batch_execute("PRAGMA query_only = ON;")?;
    }
    Ok(conn)
}

/// Hands out connections to the pool.
pub struct Manager {
    target: Target,
    purpose: Purpose,
    keys: Arc<Keyring>,
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = StoreError;

    fn connect(&self) -> Result<Conn, StoreError> {
        Conn::open(&self.target, self.purpose, &self.keys)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), StoreError> {
        each_engine!(conn.engine(), |c| c.batch_execute("SELECT 1"))?;
        Ok(())
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || Transactions::is_broken_transaction_manager(conn.engine())
    }
}

type Transactions = <Engine as Connection>::TransactionManager;

pub type ConnPool = Pool<Manager>;

/// A pool of `size` connections for `purpose`; a caller waits two seconds at most for one.
pub fn pool(
    target: &Target,
    purpose: Purpose,
    size: u32,
    keys: &Arc<Keyring>,
) -> Result<ConnPool, StoreError> {
    Pool::builder()
        .max_size(size)
        .min_idle(Some(0))
        .test_on_check_out(matches!(target, Target::Postgres { .. }))
        .connection_timeout(Duration::from_secs(2))
        .build(Manager {
            target: target.clone(),
            purpose,
            keys: Arc::clone(keys),
        })
        .map_err(|_| StoreError::Unavailable("no connection to the database could be made".into()))
}

/// Brings the schema to the current one. Says which step failed; a failed step leaves nothing behind.
pub fn migrate(engine: &mut Engine) -> Result<Vec<String>, StoreError> {
    fn run<C: MigrationHarness<DB>, DB: diesel::backend::Backend>(
        c: &mut C,
        all: EmbeddedMigrations,
    ) -> Result<Vec<String>, StoreError> {
        c.run_pending_migrations(all)
            .map(|done| done.iter().map(ToString::to_string).collect())
            .map_err(|e| StoreError::Unavailable(format!("a migration step failed: {e}")))
    }
    match engine {
        Engine::Sqlite(c) => run(c, SQLITE),
        Engine::Postgres(c) => run(c, POSTGRES),
    }
}

/// The same for whoever may not own the tables: whose schema is current already is not asked for anything. Says
/// whether there was no schema before.
pub(super) fn bring_up(engine: &mut Engine) -> Result<bool, StoreError> {
    let known = steps(engine)?;
    let newest = newest().map_err(|e| failed(&*e))?;
    if known.iter().max().is_some_and(|at| *at == newest) {
        return Ok(false);
    }
    migrate(engine)?;
    Ok(known.is_empty())
}

/// The steps done so far, asked without the library, which would make its table first.
fn steps(engine: &mut Engine) -> Result<Vec<String>, StoreError> {
    #[derive(diesel::QueryableByName)]
    struct Table {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        there: bool,
    }
    #[derive(diesel::QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let asked = match engine {
        Engine::Sqlite(_) => {
            "SELECT count(*) > 0 AS there FROM sqlite_master WHERE name = '__diesel_schema_migrations'"
        }
        Engine::Postgres(_) => {
            "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS there"
        }
    };
    let table: Table = each_engine!(engine, |c| diesel::sql_query(asked).get_result(c))?;
    if !table.there {
        return Ok(Vec::new());
    }
    let all = "SELECT version FROM __diesel_schema_migrations";
    let steps: Vec<Step> = each_engine!(engine, |c| diesel::sql_query(all).load(c))?;
    Ok(steps.into_iter().map(|step| step.version).collect())
}

/// The newest step that this program knows; both engines have the same.
fn newest() -> diesel::migration::Result<String> {
    let all = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE)?;
    let names = all.iter().map(|step| step.name().version().to_string());
    Ok(names.max().unwrap_or_default())
}

/// The step that the schema of a database stands at. Asked without the library, which would make its table first: a
/// snapshot only reads.
pub fn schema_of(conn: &mut Conn) -> Result<String, StoreError> {
    #[derive(diesel::QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let newest = "SELECT max(version) AS version FROM __diesel_schema_migrations";
    let step: Step = each_engine!(conn.engine(), |c| diesel::sql_query(newest).get_result(c))?;
    Ok(step.version)
}

/// Brings the schema to this step and no further; `false` when it is already beyond, or the step is not known here.
pub(super) fn migrate_to(engine: &mut Engine, step: &str) -> Result<bool, StoreError> {
    fn run<C: MigrationHarness<DB>, DB: diesel::backend::Backend>(
        c: &mut C,
        all: EmbeddedMigrations,
        step: &str,
    ) -> Result<bool, StoreError> {
        for next in c.pending_migrations(all).map_err(|e| failed(&*e))? {
            if next.name().version().to_string().as_str() > step {
                break;
            }
            c.run_migration(&next).map_err(|e| failed(&*e))?;
        }
        let steps = c.applied_migrations().map_err(|e| failed(&*e))?;
        let last = steps.iter().map(ToString::to_string).max();
        Ok(last.as_deref() == Some(step))
    }
    match engine {
        Engine::Sqlite(c) => run(c, SQLITE, step),
        Engine::Postgres(c) => run(c, POSTGRES, step),
    }
}

fn failed(e: &(dyn std::error::Error + Send + Sync)) -> StoreError {
    StoreError::Unavailable(format!("a migration step failed: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_stops_at_a_step_and_goes_on_from_there() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::Sqlite {
            path: folder.path().join("cdr.db"),
            key_hex: "00".repeat(32),
        };
        let mut engine = open(&target, Purpose::Write).unwrap();
        let early = "20261122000003";
        assert!(migrate_to(&mut engine, early).unwrap());
        assert!(!migrate_to(&mut engine, "20261122000002").unwrap());
        assert!(!migrate_to(&mut engine, "20261122000003x").unwrap());
        let rest = migrate(&mut engine).unwrap();
        assert!(rest.iter().all(|step| step.as_str() > early));
        assert!(rest.len() > 5, "{rest:?}");
        let keys = Keyring::new(&[], (1, [1; 32]), [2; 32], [3; 32]);
        let mut conn = Conn::new(engine, &Arc::new(keys));
        assert_eq!(Some(&schema_of(&mut conn).unwrap()), rest.last());
    }
}
