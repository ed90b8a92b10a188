//! What the store promises: nothing without a trace, nothing half done, nothing lost, nothing readable.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cdr::casework::{Error, notify};
use cdr::domain::actor::Actor;
use cdr::store::{Db, StoreError, Target, notifications, schema};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::support::database::{keys, put_key};
use super::support::journey::{a_finalised_case, begin_notification};
use super::support::postgres;
use super::support::{Browser, Database, Engine, Service, logs};
use crate::both_engines;

fn drafts(service: &Service) -> i64 {
    service.read(|conn| {
        Ok(schema::notifications::table
            .count()
            .get_result(conn.engine())
            .map_err(StoreError::from)?)
    })
}

both_engines! {
    async fn what_leaves_no_trace_is_not_kept(service) {
        let mut row = service.write(Actor::public(), notify::begin).unwrap();
        row.id = "silent".into();
        row.reference = "N-silent".into();
        row.code_hash = "silent".into();
        let done = service.write(Actor::public(), move |tx, _| Ok(notifications::insert(tx, &row)?));
        assert!(matches!(done, Err(Error::Internal(_))), "{done:?}");
        assert_eq!(drafts(service), 1);
    }

    async fn what_fails_half_way_is_not_kept(service) {
        let done = service.write(Actor::public(), |tx, ctx| {
            notify::begin(tx, ctx)?;
            Err::<(), _>(Error::Rule("no".into()))
        });
        assert!(matches!(done, Err(Error::Rule(_))));
        assert_eq!(drafts(service), 0);
        service.write(Actor::public(), notify::begin).unwrap();
        assert_eq!(drafts(service), 1);
    }

    async fn a_verb_that_panics_takes_nothing_with_it(service) {
        for _ in 0..3 {
            let db = service.app.db.clone();
            let ctx = service.context(Actor::public());
            let verb = move || db.write::<(), Error>(move |tx| {
                notify::begin(tx, &ctx)?;
                panic!("on purpose");
            });
            let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(verb));
            assert!(!matches!(done, Ok(Ok(()))));
        }
        assert_eq!(drafts(service), 0, "nothing of a verb that stopped is kept");
        // What comes after is really committed: another connection sees it.
        service.write(Actor::public(), notify::begin).unwrap();
        assert_eq!(drafts(service), 1);
        begin_notification(service).await;
        assert_eq!(drafts(service), 2);
    }

    async fn many_writers_at_once_all_get_through(service) {
        let threads: Vec<_> = (0..8).map(|_| {
            let (db, ctx) = (service.app.db.clone(), service.context(Actor::public()));
            std::thread::spawn(move || {
                for _ in 0..10 {
                    let ctx = ctx.clone();
                    db.write(move |tx| notify::begin(tx, &ctx)).unwrap();
                }
            })
        }).collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(drafts(service), 80);
        let kept = service.read(|conn| Ok(cdr::store::counts::all(conn)?));
        assert!(kept.contains(&("notification:draft".into(), 80)), "{kept:?}");
    }

    async fn what_was_answered_is_on_the_servers_disk(service) {
        if service.engine != Engine::Postgres {
            return;
        }
        // Looked at many times: another's commit, or the server's own writer, may bring the log to disk by chance.
        for _ in 0..50 {
            let ctx = service.context(Actor::public());
            let at = service.app.db.write(move |tx| {
                notify::begin(tx, &ctx)?;
                let at = diesel::select(sql::<Text>("pg_current_wal_insert_lsn()::text"));
                Ok::<_, cdr::casework::Error>(at.get_result::<String>(tx.conn().engine()).map_err(StoreError::Engine)?)
            }).unwrap();
            let flushed = service.app.db.read::<_, StoreError>(|conn| {
                let flushed = format!("pg_current_wal_flush_lsn() >= '{at}'");
                Ok(diesel::select(sql::<Bool>(&flushed)).get_result::<bool>(conn.engine())?)
            });
            assert!(flushed.unwrap());
        }
    }

    async fn reading_connections_cannot_write_on_sqlite(service) {
        if service.engine == Engine::Sqlite {
            let done = service.app.db.read::<_, StoreError>(|conn| {
                Ok(diesel::delete(schema::notifications::table).execute(conn.engine())?)
            });
            assert!(done.is_err());
        }
    }
}

/// What was typed in the journey below, and what only an unsealed or unencrypted store would show.
const TYPED: [&str; 16] = [
    "Testfamily1",
    "Samplechild1",
    "Sample Street",
    "9990000018",
    "999 000 0018",
    "Practitioner",
    "gp1@cdr.example",
    "What the practice knew",
    "A synthetic summary",
    "Sample Coordinator",
    "coordinator@cdr.example",
    "Invited Sample",
    "Zqmother",
    "Zqquestion",
    "Zqleadbody",
    "Zqoutcome",
];

/// A whole case: notified, asked about, answered, analysed, finalised, and exported; and somebody invited.
async fn use_it(service: &Service) {
    for word in TYPED {
        logs::planted(word);
    }
    let (coordinator, _) = a_finalised_case(service).await;
    let token = coordinator.token().await;
    let pairs = [
        ("csrf", token.as_str()),
        ("kind", "final"),
        ("from-day", "1"),
        ("from-month", "4"),
        ("from-year", "2026"),
        ("to-day", "30"),
        ("to-month", "4"),
        ("to-year", "2026"),
    ];
    let request = coordinator.request(reqwest::Method::POST, "/returns");
    let package = request.form(&pairs).send().await.unwrap();
    assert_eq!(package.status(), 200);
    package.bytes().await.unwrap();
    let family = "/cases/KM-2026-0001/family";
    let mother = [
        ("name", "Zqmother"),
        ("relation", "mother"),
        ("responsibility", "yes"),
    ];
    let question = [
        ("words", "Zqquestion"),
        ("asked_on", "2026-03-30"),
        ("state", "asked"),
    ];
    let inquest = [
        ("kind", "inquest"),
        ("state", "under_way"),
        ("lead_body", "Zqleadbody"),
        ("note", "Zqoutcome"),
        ("began_on", "2026-03-30"),
    ];
    for (path, pairs) in [
        (format!("{family}/people/new"), mother.as_slice()),
        (format!("{family}/questions/new"), question.as_slice()),
        (
            "/cases/KM-2026-0001/processes/add".to_owned(),
            inquest.as_slice(),
        ),
    ] {
        coordinator.post(&path, pairs).await.is(303);
    }
    let invited = [
        ("csrf", token.as_str()),
        ("name", "Invited Sample"),
        ("email", "invited@cdr.example"),
        ("role", "key_worker"),
    ];
    let request = coordinator.request(reqwest::Method::POST, "/admin/invitations");
    let answer = request.form(&invited).send().await.unwrap();
    assert!(answer.status().is_redirection() || answer.status() == 200);
}

fn assert_without(bytes: &[u8], words: &[&str], name: &str) {
    for word in words {
        let needle = word.as_bytes();
        assert!(
            !bytes.windows(needle.len()).any(|w| w == needle),
            "{name} holds {word:?}"
        );
    }
}

/// Shows 6: nothing that was typed can be read in the files of a used system.
#[test]
fn no_name_typed_can_be_read_in_the_database_files() {
    let database = Database::fresh(Engine::Sqlite).unwrap();
    let folder = database.folder().to_owned();
    actix_web::rt::System::new().block_on(async {
        let service = Service::start(database);
        use_it(&service).await;
        let mut seen = 0;
        for name in ["cdr.db", "cdr.db-wal", "cdr.db-shm"] {
            let Ok(bytes) = std::fs::read(folder.join(name)) else {
                continue;
            };
            seen += bytes.len();
            assert_without(&bytes, &TYPED, name);
            assert_without(
                &bytes,
                &["circumstances", "CREATE TABLE", "SQLite format"],
                name,
            );
        }
        assert!(
            seen > 100_000,
            "the files are not where they were looked for"
        );
        service.stop().await;
    });
}

fn in_hexadecimal(word: &str) -> String {
    use std::fmt::Write as _;
    word.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// A server's database is not encrypted as a whole: what the application seals must be enough.
#[test]
fn no_name_typed_can_be_read_in_a_dump_of_the_server() {
    let Some(database) = Database::fresh(Engine::Postgres) else {
        return;
    };
    actix_web::rt::System::new().block_on(async {
        let Target::Postgres { url } = database.target.clone() else {
            panic!("a server's database has an address");
        };
        let service = Service::start(database);
        use_it(&service).await;
        let dump = Command::new(postgres::program("pg_dump"))
            .args(["--inserts", "--dbname", &url])
            .output()
            .unwrap();
        assert!(
            dump.status.success(),
            "{}",
            String::from_utf8_lossy(&dump.stderr)
        );
        let text = String::from_utf8(dump.stdout).unwrap();
        assert!(text.contains("INSERT INTO public.cases"), "an empty dump");
        // Sealed values are bytes, which a dump writes in hexadecimal: each word is looked for so as well.
        let hex: Vec<String> = TYPED.iter().map(|word| in_hexadecimal(word)).collect();
        let hex: Vec<&str> = hex.iter().map(String::as_str).collect();
        assert_without(text.as_bytes(), &TYPED, "the dump");
        assert_without(text.as_bytes(), &hex, "the dump");
        service.stop().await;
    });
}

#[test]
fn a_wrong_key_opens_nothing_and_touches_nothing() {
    let database = Database::fresh(Engine::Sqlite).unwrap();
    let path = database.target.file().unwrap().to_owned();
    let before = std::fs::read(&path).unwrap();
    let wrong = Target::Sqlite {
        path: path.clone(),
        key_hex: "00".repeat(32),
    };
    let said = Db::start(&wrong, &keys()).err().unwrap().to_string();
    assert_eq!(said, "the key does not open this database");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert!(Db::start(&database.target, &keys()).is_ok());
}

#[test]
fn an_unreachable_server_is_said_in_one_line() {
    let gone = Target::Postgres {
        url: "postgres://cdr@127.0.0.1:1/cdr?connect_timeout=2".into(),
    };
    let said = Db::start(&gone, &keys()).err().unwrap().to_string();
    assert_eq!(said, "the database server did not answer");
}

/// `cdr` as an operator runs it, on a data folder of its own.
struct Program {
    child: Child,
    address: String,
}

impl Program {
    fn command(data: &Path, word: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cdr"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CDR_")) {
            command.env_remove(name);
        }
        command
            .arg(word)
            .env("CDR_DATA_DIR", data)
            .current_dir(data);
        command
    }

    async fn serve(data: &Path) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let address = format!("http://127.0.0.1:{port}");
        let mut command = Self::command(data, "serve");
        command
            .env("CDR_BIND", format!("127.0.0.1:{port}"))
            .stderr(Stdio::null())
            .stdout(Stdio::null());
        let program = Self {
            child: command.spawn().unwrap(),
            address,
        };
        let begun = Instant::now();
        while reqwest::get(format!("{}/health/ready", program.address))
            .await
            .is_err()
        {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "cdr serve does not answer"
            );
            actix_web::rt::time::sleep(Duration::from_millis(20)).await;
        }
        program
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What was answered is on disk: the process is killed without warning straight after the answer.
#[test]
fn what_was_answered_survives_a_kill() {
    let data = tempfile::tempdir().unwrap();
    actix_web::rt::System::new().block_on(async {
        let program = Program::serve(data.path()).await;
        let browser = Browser::new(&program.address);
        let start = browser.get("/notify").await.is(200).form_with("Start now");
        browser.submit(&start).await.is(303);
        let section = "/notify/section/name";
        let mut form = browser.get(section).await.is(200).form_to(section);
        form.set("child_surname", "Testfamily1");
        browser.submit(&form).await.is(303);
        let code = browser
            .get("/notify/tasks")
            .await
            .is(200)
            .texts(".cdr-code")
            .remove(0);
        program.kill();

        let program = Program::serve(data.path()).await;
        let browser = Browser::new(&program.address);
        let mut form = browser
            .get("/notify/continue")
            .await
            .is(200)
            .form_to("/notify/continue");
        form.set("code", &code);
        browser.submit(&form).await.is(303);
        assert_eq!(
            browser
                .get(section)
                .await
                .is(200)
                .form_to(section)
                .value("child_surname"),
            "Testfamily1"
        );
        program.kill();
    });
}

/// Starts that must not succeed: one line each, exit 1, nothing touched.
#[test]
fn a_start_that_cannot_be_is_refused_in_one_line() {
    let data = tempfile::tempdir().unwrap();
    let migrate = Program::command(data.path(), "migrate").output().unwrap();
    assert!(
        migrate.status.success(),
        "{}",
        String::from_utf8_lossy(&migrate.stderr)
    );
    let files = || {
        let mut all: Vec<_> = std::fs::read_dir(data.path())
            .unwrap()
            .flatten()
            .filter(|e| e.path().is_file())
            .map(|e| (e.file_name(), std::fs::read(e.path()).unwrap()))
            .collect();
        all.sort();
        all
    };
    let refused = |setting: &str, value: &str, words: &str| {
        let before = files();
        let done = Program::command(data.path(), "serve")
            .env(setting, value)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(1), "{setting}={value}: {said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(said.contains(words) && said.contains(setting), "{said}");
        assert_eq!(files(), before, "{setting}={value} touched something");
    };
    let other = tempfile::tempdir().unwrap();
    let key = other.path().join("other.key");
    put_key(&key, &"11".repeat(32));
    let done = Program::command(data.path(), "serve")
        .env("CDR_KEY_FILE", &key)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(
        said.contains("the key does not open this database"),
        "{said}"
    );
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    refused(
        "CDR_DATABASE_URL",
        "mysql://x",
        "must begin with sqlite:// or postgres://",
    );
    refused(
        "CDR_DATABASE_URL",
        "postgres://cdr@127.0.0.1:1/cdr",
        "the database server did not answer",
    );
    refused("CDR_BIND", "0.0.0.0:8080", "plain HTTP");
    refused("CDR_AREA", "/nowhere.toml", "could not be read");
}

/// SIGTERM is a clean stop.
#[test]
fn it_stops_cleanly_when_told() {
    let data = tempfile::tempdir().unwrap();
    actix_web::rt::System::new().block_on(async {
        let mut program = Program::serve(data.path()).await;
        let pid = program.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = program.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(10),
                "it does not stop"
            );
            actix_web::rt::time::sleep(Duration::from_millis(20)).await;
        };
        assert_eq!(status.code(), Some(0));
    });
}

/// `cdr routes --json` prints the one list.
#[test]
fn the_program_prints_its_routes() {
    let data = tempfile::tempdir().unwrap();
    let done = Program::command(data.path(), "routes")
        .arg("--json")
        .stdout(Stdio::piped())
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let lines = BufReader::new(done.stdout.as_slice()).lines().count();
    assert!(lines > 0);
    let listed: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        listed.as_array().unwrap().len(),
        cdr::web::routes::all().len()
    );
}
