//! `cdr audit verify` against what was kept outside the database: a checkpoint that has gone, an old data folder, an
//! anchor that was cut.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use cdr::casework::secrets::Secrets;
use cdr::casework::{Context, House, notify};
use cdr::config::Anchor;
use cdr::domain::actor::Actor;
use cdr::jobs::checkpoint::{keep, place};
use cdr::store::{Db, Engine, Purpose, Target, open};
use diesel::connection::SimpleConnection;

use super::support::service::{self, BEGINS};

/// An installation in a folder of its own, with an anchor elsewhere.
struct Installed {
    folder: tempfile::TempDir,
}

impl Installed {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let installed = Self { folder };
        assert!(installed.cdr(&["migrate"]).status.success());
        installed
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn anchor(&self) -> PathBuf {
        self.folder.path().join("elsewhere")
    }

    fn target(&self, secrets: &Secrets) -> Target {
        Target::Sqlite {
            path: self.data().join("cdr.db"),
            key_hex: secrets.database_key(),
        }
    }

    fn secrets(&self) -> Secrets {
        Secrets::from_file(&self.folder.path().join("cdr.key"), None).unwrap()
    }

    fn cdr(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cdr"));
        command
            .env_clear()
            .env("CDR_DATA_DIR", self.data())
            .env("CDR_KEY_FILE", self.folder.path().join("cdr.key"))
            .env("CDR_AUDIT_ANCHOR", self.anchor())
            .env("CDR_LOG", "error");
        command.args(words).output().unwrap()
    }

    /// Something happens while the service runs, and the end of the trail is kept.
    fn used(&self) {
        let secrets = self.secrets();
        let keys = Arc::new(secrets.keyring());
        let db = Db::start(&self.target(&secrets), &keys).unwrap();
        let mut house = service::house(secrets, "http://localhost");
        house.live = true;
        let house = Arc::new(house);
        let at = BEGINS.parse().unwrap();
        let ctx = Context::new(&house, at, Actor::public(), "test");
        db.write(move |tx| notify::begin(tx, &ctx).map(drop))
            .unwrap();
        let ctx = Context::new(&house, at, Actor::job("checkpoint"), "job");
        let anchor = Anchor::File(self.anchor());
        keep(&db, &ctx, &place(&self.data()), Some(&anchor)).unwrap();
        drop(db);
        // The last connection takes the log away when it closes: until then the file is not to be copied.
        let log = self.data().join("cdr.db-wal");
        while log.exists() {
            std::thread::yield_now();
        }
    }

    /// Takes the newest rows away, as whoever has the file and the key could.
    fn cut(&self) {
        let statement = "DROP TRIGGER IF EXISTS events_never_change; DROP TRIGGER IF EXISTS events_never_go; \
                         DELETE FROM events WHERE seq = (SELECT max(seq) FROM events);";
        match open(&self.target(&self.secrets()), Purpose::Write).unwrap() {
            Engine::Sqlite(mut c) => c.batch_execute(statement).unwrap(),
            Engine::Postgres(_) => unreachable!("this is the embedded database"),
        }
    }

    fn verify(&self) -> (Option<i32>, String, String) {
        said(&self.cdr(&["audit", "verify"]))
    }
}

fn said(done: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    (done.status.code(), text(&done.stdout), text(&done.stderr))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        if entry.path().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[test]
fn a_checkpoint_that_was_taken_away_is_missed_and_begun_anew_only_by_a_person() {
    let installed = Installed::new();
    let (code, words, _) = installed.verify();
    assert_eq!(code, Some(0), "a new database begins with a checkpoint");
    assert!(words.contains("holds"), "{words}");
    installed.used();
    installed.cut();
    fs::remove_file(place(&installed.data())).unwrap();
    fs::remove_file(installed.anchor()).unwrap();
    fs::write(installed.anchor(), "").unwrap();
    let (code, number, why) = installed.verify();
    assert_eq!((code, number.as_str()), (Some(1), "2"), "{why}");
    assert!(why.contains("there is no checkpoint"), "{why}");
    assert!(!place(&installed.data()).exists());
    let (code, words, why) = said(&installed.cdr(&["audit", "verify", "--begin"]));
    assert_eq!(code, Some(0), "{why}");
    assert!(words.contains("was begun"), "{words}");
    assert_eq!(installed.verify().0, Some(0));
    let db = Db::start(
        &installed.target(&installed.secrets()),
        &Arc::new(installed.secrets().keyring()),
    )
    .unwrap();
    let begun = db.read(|conn| cdr::store::events::latest(conn, "audit_begun", 9));
    assert_eq!(begun.unwrap().len(), 1, "and the trail says so");
}

#[test]
fn what_a_command_adds_to_the_trail_is_signed_when_it_ends() {
    let installed = Installed::new();
    let done = installed.cdr(&["seed", "--cases", "1", "--seed", "7"]);
    assert!(done.status.success(), "{}", said(&done).2);
    assert_eq!(installed.verify().0, Some(0));
    for _ in 0..2 {
        installed.cut();
    }
    // What the verification itself noted is cut first, and is not signed yet.
    let (code, _, why) = installed.verify();
    assert_eq!(code, Some(1));
    assert!(
        why.contains("cut") || why.contains("ends before its checkpoint"),
        "{why}"
    );
}

/// The service signs every few seconds and each command when it ends, all in the same file.
#[test]
fn many_that_sign_at_once_do_not_get_in_each_others_way() {
    let installed = Installed::new();
    let secrets = installed.secrets();
    let keys = Arc::new(secrets.keyring());
    let db = Db::start(&installed.target(&secrets), &keys).unwrap();
    let house = Arc::new(House::load(secrets, "http://localhost", None).unwrap());
    let file = place(&installed.data());
    let faults: Vec<String> = std::thread::scope(|all| {
        let signer = || {
            let mut faults = Vec::new();
            for _ in 0..12 {
                let ctx = Context::new(&house, BEGINS.parse().unwrap(), Actor::public(), "test");
                let begun = ctx.clone();
                db.write(move |tx| notify::begin(tx, &begun).map(drop))
                    .unwrap();
                let anchor = Anchor::File(installed.anchor());
                faults.extend(keep(&db, &ctx, &file, Some(&anchor)).err());
            }
            faults
        };
        let signers: Vec<_> = (0..4).map(|_| all.spawn(signer)).collect();
        let joined = signers.into_iter().map(|one| one.join().unwrap());
        joined.flatten().collect()
    });
    assert!(faults.is_empty(), "{faults:?}");
    let head = db.read(cdr::store::chain::head).unwrap();
    let signed = cdr::jobs::checkpoint::signed_in(&file, &house).unwrap();
    assert_eq!(signed, Some(head), "the newest stands");
    drop(db);
    let (code, _, why) = installed.verify();
    assert_eq!(code, Some(0), "{why}");
    let left = fs::read_dir(installed.data()).unwrap().flatten();
    let left: Vec<String> = left
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("fresh"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(unix)]
#[test]
#[expect(
    clippy::zombie_processes,
    reason = "where an assertion fails the whole run of tests ends with it"
)]
fn an_anchor_that_hangs_holds_up_neither_the_service_nor_its_end() {
    let installed = Installed::new();
    // What is not signed yet is there to be signed.
    assert_eq!(installed.verify().0, Some(0));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let mut service = Command::new(env!("CARGO_BIN_EXE_cdr"))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("CDR_DATA_DIR", installed.data())
        .env("CDR_KEY_FILE", installed.folder.path().join("cdr.key"))
        .env("CDR_AUDIT_ANCHOR", "| sleep 600")
        .env("CDR_BIND", &address)
        .env("CDR_LOG", "off")
        .arg("serve")
        .spawn()
        .unwrap();
    let answers = || {
        use std::io::{Read, Write};
        let mut said = String::new();
        if let Ok(mut to) = std::net::TcpStream::connect(&address) {
            let asked = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            drop(to.write_all(asked.as_bytes()));
            to.set_read_timeout(Some(std::time::Duration::from_secs(2)))
                .unwrap();
            drop(to.read_to_string(&mut said));
        }
        said.starts_with("HTTP/1.1 200")
    };
    let begun = std::time::Instant::now();
    let mut served = false;
    while !served && begun.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(50));
        served = answers();
    }
    let asked = Command::new("kill").arg(service.id().to_string()).status();
    assert!(asked.unwrap().success());
    let mut ended = None;
    let told = std::time::Instant::now();
    while ended.is_none() && told.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(50));
        ended = service.try_wait().unwrap();
    }
    if ended.is_none() {
        service.kill().unwrap();
    }
    assert!(served, "it serves whatever the anchor does");
    assert_eq!(ended.and_then(|status| status.code()), Some(0));
}

#[test]
fn an_old_data_folder_with_its_own_checkpoint_is_found_against_the_anchor() {
    let installed = Installed::new();
    installed.used();
    let old = installed.folder.path().join("old");
    copy(&installed.data(), &old);
    installed.used();
    assert_eq!(installed.verify().0, Some(0));
    fs::remove_dir_all(installed.data()).unwrap();
    copy(&old, &installed.data());
    let (code, _, why) = installed.verify();
    assert_eq!(code, Some(1));
    assert!(why.contains("ends before its checkpoint"), "{why}");
    // Nor does it help that it goes on, or to begin anew.
    for _ in 0..3 {
        assert_eq!(installed.verify().0, Some(1));
    }
    let (code, _, why) = said(&installed.cdr(&["audit", "verify", "--begin"]));
    assert_eq!(code, Some(1));
    assert!(why.contains("not the one that was there"), "{why}");
}

#[test]
fn an_anchor_that_was_cut_or_taken_away_is_told() {
    let installed = Installed::new();
    installed.used();
    installed.used();
    let whole = fs::read_to_string(installed.anchor()).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    assert_eq!(lines.len(), 3, "{whole}");
    assert_eq!(installed.verify().0, Some(0));
    let end = whole.len() - 9;
    let wrong = whole.replacen("\"seq\":1,", "\"seq\":2,", 1);
    for (text, wanted) in [
        (format!("{}\n{}\n", lines[0], lines[1]), "its end was cut"),
        (whole[..end].to_owned(), "line 3 of"),
        (wrong, "line 2 of"),
    ] {
        fs::write(installed.anchor(), text).unwrap();
        let (code, _, why) = installed.verify();
        assert_eq!(code, Some(1), "{wanted}");
        assert!(why.contains(wanted), "{why}");
    }
    fs::remove_file(installed.anchor()).unwrap();
    assert!(installed.verify().2.contains("taken away"));
    fs::write(installed.anchor(), whole).unwrap();
    assert_eq!(installed.verify().0, Some(0));
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused_unless_systemd_lends_it() {
    use std::os::unix::fs::PermissionsExt;
    let installed = Installed::new();
    let key = installed.folder.path().join("cdr.key");
    for mode in [0o640, 0o604, 0o660] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        let (code, _, why) = said(&installed.cdr(&["migrate"]));
        assert_eq!(code, Some(1), "{mode:o}");
        assert!(
            why.contains("CDR_KEY_FILE") && why.contains("chmod 600"),
            "{why}"
        );
    }
    let lent = Command::new(env!("CARGO_BIN_EXE_cdr"))
        .env_clear()
        .env("CDR_DATA_DIR", installed.data())
        .env("CDR_KEY_FILE", &key)
        .env("CREDENTIALS_DIRECTORY", installed.folder.path())
        .arg("migrate")
        .output()
        .unwrap();
    assert!(lent.status.success(), "{}", said(&lent).2);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(installed.cdr(&["migrate"]).status.success());
}
