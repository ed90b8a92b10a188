//! A private PostgreSQL cluster for one run of the tests: started from the installed programs as a user who
//! is not root, reached by a socket in its own folder, gone when this process is gone, however that ends.
//! `CDR_TEST_POSTGRES_URL` names a server to use instead.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use cdr::store::{Engine, Purpose, Target, migrate, open};
use diesel::connection::SimpleConnection;

use super::folder;

/// A server on which tests make and drop databases of their own.
pub struct Server {
    address: Address,
    admin: Mutex<()>,
    template: String,
    made: AtomicU32,
    /// Closed by the end of this process, which is what stops the cluster.
    _alive: Option<ChildStdin>,
}

enum Address {
    Socket(PathBuf),
    Given(url::Url),
}

impl Address {
    fn of(&self, database: &str) -> String {
        match self {
            Self::Socket(folder) => {
                let folder = folder.display().to_string().replace('/', "%2F");
                format!("postgres://cdr@/{database}?host={folder}&port=5432")
            }
            Self::Given(url) => {
                let mut url = url.clone();
                url.set_path(database);
                url.to_string()
            }
        }
    }

    fn admin(&self) -> String {
        match self {
            Self::Socket(_) => self.of("postgres"),
            Self::Given(url) => url.to_string(),
        }
    }
}

/// The server of this run, or why there is none.
pub fn server() -> Result<&'static Server, String> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    SERVER.get_or_init(start).as_ref().map_err(Clone::clone)
}

impl Server {
    /// A migrated database of its own; gives its name and its address.
    pub fn database(&self) -> (String, String) {
        let name = format!(
            "cdr_test_{}_{}",
            std::process::id(),
            self.made.fetch_add(1, Ordering::Relaxed)
        );
        self.run(&format!(
            "CREATE DATABASE {name} TEMPLATE {} STRATEGY = FILE_COPY",
            self.template
        ));
        let address = self.address.of(&name);
        (name, address)
    }

    /// A database without any table.
    pub fn empty(&self) -> (String, String) {
        let name = format!(
            "cdr_test_{}_{}",
            std::process::id(),
            self.made.fetch_add(1, Ordering::Relaxed)
        );
        self.run(&format!("CREATE DATABASE {name}"));
        let address = self.address.of(&name);
        (name, address)
    }

    pub fn drop_database(&self, name: &str) {
        // A server that has gone has nothing to drop, and a test that ends badly must be allowed to end.
        let _one = self
            .admin
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(batch(
            &self.address.admin(),
            &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        ));
    }

    /// A statement of the server's owner. One at a time: a template may not be in use while it is copied.
    pub fn run(&self, sql: &str) {
        let _one = self
            .admin
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        batch(&self.address.admin(), sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
    }
}

fn batch(url: &str, sql: &str) -> Result<(), String> {
    let target = Target::Postgres {
        url: url.to_owned(),
    };
    match open(&target, Purpose::Write).map_err(|e| e.to_string())? {
        Engine::Postgres(mut conn) => conn.batch_execute(sql).map_err(|e| e.to_string()),
        Engine::Sqlite(_) => unreachable!("a postgres address opens PostgreSQL"),
    }
}

fn start() -> Result<Server, String> {
    let (address, alive) = if let Ok(given) = std::env::var("CDR_TEST_POSTGRES_URL") {
        let url = given
            .parse()
            .map_err(|_| "CDR_TEST_POSTGRES_URL is not an address".to_owned())?;
        (Address::Given(url), None)
    } else {
        let (folder, alive) = cluster()?;
        (Address::Socket(folder), Some(alive))
    };
    let template = format!("cdr_test_{}_template", std::process::id());
    let fault = |e: String| format!("PostgreSQL started but could not be used: {e}");
    batch(&address.admin(), &format!("CREATE DATABASE {template}")).map_err(fault)?;
    let target = Target::Postgres {
        url: address.of(&template),
    };
    let mut conn = open(&target, Purpose::Write).map_err(|e| fault(e.to_string()))?;
    migrate(&mut conn).map_err(|e| fault(e.to_string()))?;
    Ok(Server {
        address,
        admin: Mutex::new(()),
        template,
        made: AtomicU32::new(0),
        _alive: alive,
    })
}

/// Makes the cluster, starts it, waits until this pipe closes, and clears everything away.
const WATCH: &str = r#"
"$1/initdb" -D "$2/data" -U cdr -A trust -E UTF8 --locale=C --no-sync --no-instructions </dev/null >"$2/log" 2>&1 || exit 1
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c full_page_writes=off \
  -c synchronous_commit=off -c max_connections=200 -c wal_level=minimal -c max_wal_senders=0 \
  -c max_wal_size=128MB -c autovacuum=off -c jit=off >>"$2/log" 2>&1 &
server=$!
cat >/dev/null
kill -QUIT $server
wait $server
rm -rf "$2"
"#;

fn cluster() -> Result<(PathBuf, ChildStdin), String> {
    let programs = programs().ok_or(
        "PostgreSQL is not installed (no initdb in PATH, under /usr/lib/postgresql or from pg_config); \
         install it (Debian: apt-get install postgresql) or set CDR_TEST_POSTGRES_URL",
    )?;
    let folder = folder::fresh("cdr-pg").map_err(|e| e.to_string())?.keep();
    let mut watch = Command::new("sh");
    watch
        .args(["-c", WATCH, "sh"])
        .arg(&programs)
        .arg(&folder)
        .current_dir(&folder);
    watch
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    if std::fs::metadata(&folder).map_err(|e| e.to_string())?.uid() == 0 {
        let (uid, gid) =
            somebody().ok_or("PostgreSQL refuses root, and there is no user postgres or nobody")?;
        chown(&folder, Some(uid), Some(gid)).map_err(|e| e.to_string())?;
        watch.uid(uid).gid(gid);
    }
    let mut child = watch
        .spawn()
        .map_err(|e| format!("PostgreSQL could not be started: {e}"))?;
    let alive = child
        .stdin
        .take()
        .ok_or("PostgreSQL could not be started: no pipe")?;
    let address = Address::Socket(folder.clone()).admin();
    let begun = Instant::now();
    while batch(&address, "SELECT 1").is_err() {
        let ended = child.try_wait().map_err(|e| e.to_string())?.is_some();
        if ended || begun.elapsed() > Duration::from_mins(1) {
            let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            return Err(format!(
                "PostgreSQL did not start; its log in {} ends: {}",
                folder.display(),
                last(&log)
            ));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok((folder, alive))
}

fn last(log: &str) -> String {
    log.lines().rev().take(3).collect::<Vec<_>>().join(" / ")
}

/// A program of the server's, beside its others where they are found, else by its name alone.
pub fn program(name: &str) -> PathBuf {
    programs()
        .map(|folder| folder.join(name))
        .filter(|path| path.is_file())
        .unwrap_or_else(|| name.into())
}

/// The folder that holds `initdb` and `postgres`.
fn programs() -> Option<PathBuf> {
    let has =
        |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|v| v.path().join("bin")));
    }
    if let Ok(said) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(String::from_utf8_lossy(&said.stdout).trim()));
    }
    folders.into_iter().find(has)
}

/// A user who is not root: user and group id.
fn somebody() -> Option<(u32, u32)> {
    let users = std::fs::read_to_string(Path::new("/etc/passwd")).ok()?;
    ["postgres", "nobody"].iter().find_map(|name| {
        let line = users.lines().find(|l| l.split(':').next() == Some(name))?;
        let mut parts = line.split(':').skip(2);
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    })
}
