//! A private PostgreSQL cluster that syncs as one in service does, run by a user who is not root, reached by a
//! socket in its own folder; and pgbench putting the row of a notification in its table.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cdr::store::{Engine, Purpose, Target, migrate, open};
use diesel::connection::SimpleConnection;

use super::{bare, sample};

/// A running cluster; its end is the end of its folder.
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    child: Child,
}

/// Makes the cluster, starts it, and clears everything away when its pipe closes.
const WATCH: &str = r#"
"$1/initdb" -D "$2/data" -U cdr -A trust -E UTF8 --locale=C --no-instructions </dev/null >"$2/log" 2>&1 || exit 1
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=100 >>"$2/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT $server
wait $server
rm -rf "$2"
"#;

impl Cluster {
    pub fn start() -> Result<Self, String> {
        let programs = programs().ok_or("initdb, postgres and pgbench are not installed")?;
        let folder = tempfile::Builder::new().prefix("cdr-load-pg").tempdir();
        let folder = folder.map_err(|e| e.to_string())?.keep();
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH, "sh"]).arg(&programs).arg(&folder);
        watch
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        if std::fs::metadata(&folder).map_err(|e| e.to_string())?.uid() == 0 {
            let (uid, gid) = somebody().ok_or("there is no user postgres or nobody")?;
            chown(&folder, Some(uid), Some(gid)).map_err(|e| e.to_string())?;
            watch.uid(uid).gid(gid);
        }
        let child = watch.spawn().map_err(|e| e.to_string())?;
        let mut cluster = Self {
            programs,
            folder,
            child,
        };
        let begun = Instant::now();
        while cluster.batch("postgres", "SELECT 1").is_err() {
            let ended = cluster.child.try_wait().is_ok_and(|s| s.is_some());
            if ended || begun.elapsed() > Duration::from_secs(60) {
                return Err("the cluster did not start".into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(cluster)
    }

    fn address(&self, database: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://cdr@/{database}?host={folder}&port=5432")
    }

    fn batch(&self, database: &str, sql: &str) -> Result<(), String> {
        let url = self.address(database);
        match open(&Target::Postgres { url }, Purpose::Write).map_err(|e| e.to_string())? {
            Engine::Postgres(mut conn) => conn.batch_execute(sql).map_err(|e| e.to_string()),
            Engine::Sqlite(_) => unreachable!("a postgres address opens PostgreSQL"),
        }
    }

    /// An empty database; gives its address.
    pub fn database(&self, name: &str) -> String {
        self.batch("postgres", &format!("CREATE DATABASE {name}"))
            .unwrap();
        self.address(name)
    }

    /// Rows a second that 32 clients of pgbench insert, each in a transaction of its own, in a fresh database
    /// with the product's tables.
    pub fn pgbench(&self, time: Duration) -> f64 {
        let name = format!("bare_{}", self.child.id());
        self.batch("postgres", &format!("DROP DATABASE IF EXISTS {name}"))
            .unwrap();
        let url = self.database(&name);
        migrate(&mut open(&Target::Postgres { url }, Purpose::Write).unwrap()).unwrap();
        let script = self.folder.join("equal.sql");
        std::fs::write(&script, insert()).unwrap();
        let done = Command::new(self.programs.join("pgbench"))
            .args([
                "-n", "-M", "prepared", "-c", "32", "-j", "2", "-U", "cdr", "-h",
            ])
            .arg(&self.folder)
            .args(["-T", &time.as_secs().max(1).to_string(), "-f"])
            .arg(&script)
            .arg(&name)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let tps = said.lines().find_map(|l| l.strip_prefix("tps = "));
        tps.and_then(|l| l.split(' ').next()?.parse().ok())
            .unwrap_or_else(|| panic!("pgbench: {said} {}", String::from_utf8_lossy(&done.stderr)))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

/// The row of a notification as pgbench inserts it. A colon would be a variable to pgbench.
fn insert() -> String {
    let row = bare::row("");
    let text = |t: &str| format!("'{}'", t.replace('\'', "''"));
    let random = "md5(random()::text)";
    let bytes = |n: usize| {
        let parts = vec![format!("decode({random}, 'hex')"); n];
        parts.join(" || ")
    };
    let answers = format!(
        "{} || convert_to({}, 'UTF8')",
        bytes(3),
        text(&sample::stored().replace(':', ";"))
    );
    let columns = [
        ("id", "gen_random_uuid()::text".to_owned()),
        ("state", text(&row.state)),
        ("form_version", text(&row.form_version)),
        ("answers", answers),
        ("confirmed", text(&row.confirmed)),
        ("source", text(&row.source)),
        ("reference", format!("'NKM-' || {random}")),
        ("code_hash", format!("{random} || {random}")),
        ("complete", "true".to_owned()),
        ("created_at", "now()".to_owned()),
        ("updated_at", "now()".to_owned()),
        ("sent_at", "now()".to_owned()),
        ("nhs_number", bytes(3)),
        ("surname_folded", bytes(3)),
        ("forenames_folded", bytes(3)),
        ("date_of_birth", bytes(3)),
        ("date_of_death", "'2025-06-01'".to_owned()),
        ("nhs_mark", random.to_owned()),
        ("surname_mark", random.to_owned()),
        ("sound_mark", random.to_owned()),
        ("birth_mark", random.to_owned()),
        ("version", "1".to_owned()),
    ];
    let (names, values): (Vec<&str>, Vec<String>) = columns.into_iter().unzip();
    format!(
        "INSERT INTO notifications ({}) VALUES ({});",
        names.join(", "),
        values.join(", ").replace('\n', " ")
    )
}

/// The folder that holds `initdb`, `postgres` and `pgbench`.
fn programs() -> Option<PathBuf> {
    let has = |folder: &PathBuf| {
        ["initdb", "postgres", "pgbench"]
            .iter()
            .all(|name| folder.join(name).is_file())
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|v| v.path().join("bin")));
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
