//! A backup is made while the service runs and put back whole into an empty place on either engine, or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Output};

use cdr::casework::audit::verify;
use cdr::casework::backup::{self, Back, Broken};
use cdr::casework::documents::content_index;
use cdr::casework::secrets::Secrets;
use cdr::casework::{Context, Error, notify};
use cdr::domain::actor::Actor;
use cdr::store::dump::{stretch, tables};
use cdr::store::transfers::{self, Transfer};
use cdr::store::vault::Vault;
use cdr::store::{Conn, Db, StoreError, chain};
use chrono::Timelike;
use sha2::{Digest, Sha256};

use super::support::database::{KEY, keys, put_key};
use super::support::files::WORD;
use super::support::journey::a_finalised_case;
use super::support::{Database, Engine, Service, given, service};
use crate::both_engines;

/// One checksum over every row of every table, in the form that both engines share.
pub(super) fn checksum(
    conn: &mut Conn,
    leave_out: &[&str],
) -> Result<Vec<(String, usize, Vec<u8>)>, StoreError> {
    let mut all = Vec::new();
    for table in tables()
        .iter()
        .filter(|t| !leave_out.contains(&t.name.as_str()))
    {
        let (mut sum, mut last, mut count) = (Sha256::new(), None, 0);
        loop {
            let rows = stretch(conn, table, last.as_deref(), 3)?;
            for row in &rows {
                sum.update(serde_json::to_vec(row).unwrap());
                count += 1;
            }
            let Some(row) = rows.into_iter().next_back() else {
                break;
            };
            last = Some(row);
        }
        all.push((table.name.clone(), count, sum.finalize().to_vec()));
    }
    Ok(all)
}

/// A panel whose name must be kept letter by letter.
const ODD: &str = "O’Sample \"Panel\" \\ ü 👶\t\u{1}\n";

/// A case with a document, and a row with odd letters.
fn used(service: &Service) {
    let case = given::case(service, 2);
    given::request(service, &case, "gp", &["reporting"]);
    let now = service.now().naive_utc();
    let odd = Transfer {
        id: "odd".into(),
        direction: "in".into(),
        state: "refused".into(),
        file_id: "odd".into(),
        case_id: None,
        panel: ODD.into(),
        theirs: Some(String::new()),
        agreed_on: now.date(),
        learning_due: now.date(),
        size: i64::MAX,
        made_at: now.with_nanosecond(0).unwrap(),
        answered_at: None,
        sealed_key: None,
        version: 1,
        made_by: ODD.into(),
        reason: String::new(),
        agreed_by: String::new(),
        learning: String::new(),
        answered_by: None,
        answer: None,
    };
    service
        .write(Actor::operator(), move |tx, ctx| {
            transfers::insert(tx, &odd)?;
            backup::noted(tx, ctx, "sum")
        })
        .unwrap();
    let reference = case.reference.clone();
    let key = service
        .write(Service::coordinator(), move |tx, ctx| {
            cdr::casework::documents::key_to_add(tx, ctx, &reference)
        })
        .unwrap();
    let text = format!("A note about {WORD}.\n").repeat(100_000);
    let ctx = service.context(Service::coordinator());
    let kept = cdr::casework::documents::Kept {
        id: ctx.new_id(),
        file: cdr::domain::document::inspect("note.txt", text.as_bytes()).unwrap(),
        size: text.len(),
        content_index: content_index(&ctx, text.as_bytes()),
        to_scan: false,
    };
    let (vault, id) = (service.app.vault.clone(), kept.id.clone());
    apart(move || vault.keep(&id, &key, text.as_bytes()).unwrap());
    let told = cdr::casework::documents::Told {
        title: format!("A report on {WORD}"),
        ..cdr::casework::documents::Told::default()
    };
    let reference = case.reference;
    service
        .write(Service::coordinator(), move |tx, ctx| {
            cdr::casework::documents::add(tx, ctx, &reference, &told, &kept)
        })
        .unwrap();
}

/// The vault blocks, which a test's own thread must not.
fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|s| s.spawn(work).join()).unwrap()
}

fn made(service: &Service) -> (Vec<u8>, backup::Summary) {
    let mut file = Vec::new();
    let ctx = service.context(Actor::operator());
    let app = &service.app;
    let done = apart(|| backup::backup(&app.db, &app.vault, &ctx, &mut file).unwrap());
    (file, done)
}

/// An empty place of this engine.
struct Place {
    database: Database,
    vault: Vault,
    ctx: Context,
}

impl Place {
    fn empty(engine: Engine, key: &str) -> Option<Self> {
        let database = Database::empty(engine)?;
        let path = database.folder().join("other.key");
        put_key(&path, key);
        let secrets = Secrets::from_file(&path, None).unwrap();
        let mut house = service::house(secrets, "http://127.0.0.1");
        house.live = true;
        let now = "2026-04-02T09:00:00Z".parse().unwrap();
        let ctx = Context::new(&std::sync::Arc::new(house), now, Actor::operator(), "test");
        let vault = Vault::folder(&database.folder().join("documents")).unwrap();
        Some(Self {
            database,
            vault,
            ctx,
        })
    }

    fn restore(&self, file: &[u8]) -> Result<Back, Broken> {
        apart(|| backup::restore(&self.database.target, &self.vault, &self.ctx, file))
    }

    /// What was refused, in words.
    fn refused(&self, file: &[u8]) -> String {
        match self.restore(file) {
            Err(Broken::Refused(words)) => words,
            other => panic!("{other:?}"),
        }
    }

    fn db(&self) -> Db {
        Db::start(&self.database.target, &keys()).unwrap()
    }
}

both_engines! {
    async fn a_backup_restores_the_same_rows_on_either_engine(service) {
        a_finalised_case(service).await;
        used(service);
        let before = service.read(|conn| Ok(checksum(conn, &[])?));
        assert!(before.iter().filter(|(_, n, _)| *n > 0).count() > 12, "{before:?}");
        let (file, done) = made(service);
        let rows: usize = before.iter().map(|(_, n, _)| n).sum();
        assert_eq!((usize::try_from(done.rows).unwrap(), done.documents), (rows, 1));
        for word in [WORD, "Testfamily", "users", "cases", "ustar", "json"] {
            assert!(!file.windows(word.len()).any(|w| w == word.as_bytes()), "{word} can be read in the backup");
        }
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let Some(place) = Place::empty(engine, KEY) else { continue };
            let back = place.restore(&file).unwrap();
            assert_eq!((back.rows, back.documents, &back.sha256), (done.rows, 1, &done.sha256));
            let db = place.db();
            let after = db.read(|conn| checksum(conn, &[])).unwrap();
            assert_eq!(after, before, "to {engine:?}");
            let odd = db.read(|conn| Ok::<_, Error>(transfers::get(conn, "odd")?)).unwrap().unwrap();
            assert_eq!((odd.panel.as_str(), odd.made_by.as_str()), (ODD, ODD));
            let found = db.read(|conn| verify(conn, &place.ctx, std::slice::from_ref(&back.audit))).unwrap();
            assert_eq!(found, Ok(back.audit));
            let all = |folder: &Path| {
                let mut files: Vec<_> = fs::read_dir(folder.join("documents")).unwrap()
                    .map(|e| e.unwrap()).map(|e| (e.file_name(), fs::read(e.path()).unwrap())).collect();
                files.sort();
                files
            };
            assert_eq!(all(place.database.folder()), all(service.database.folder()), "the documents as they lay");
            assert!(place.refused(&file).contains("something here already"));
            // What was put back goes on: the chain takes the next row.
            let ctx = place.ctx.clone();
            db.write(move |tx| backup::restored(tx, &ctx, "sum")).unwrap();
            assert!(db.read(|conn| Ok::<_, Error>(chain::verify(conn, &[])?)).unwrap().is_ok());
        }
    }

    async fn what_is_written_meanwhile_does_not_tear_it(service) {
        used(service);
        let before = service.read(|conn| Ok(checksum(conn, &[])?));
        let mut out = Busy { service, file: Vec::new(), written: 0 };
        let ctx = service.context(Actor::operator());
        let app = &service.app;
        apart(|| backup::backup(&app.db, &app.vault, &ctx, &mut out).unwrap());
        assert!(out.written > 3, "rows were written while it was made");
        assert_ne!(service.read(|conn| Ok(checksum(conn, &[])?)), before);
        let Some(place) = Place::empty(service.engine, KEY) else { return };
        place.restore(&out.file).unwrap();
        assert_eq!(place.db().read(|conn| checksum(conn, &[])).unwrap(), before, "as of one moment");
    }

    async fn what_is_not_whole_or_not_ours_restores_nothing(service) {
        given::case(service, 1);
        let (file, _) = made(service);
        let Some(place) = Place::empty(service.engine, KEY) else { return };
        let Some(other) = Place::empty(service.engine, &KEY.replace('0', "f")) else { return };
        assert!(other.refused(&file).contains("the key file is not the one"));
        assert!(place.refused(b"not a backup").contains("no backup"));
        for cut in [file.len() - 1, file.len() / 2, 300] {
            let words = place.refused(&file[..cut]);
            assert!(words.contains("damaged") || words.contains("no backup"), "{cut}: {words}");
        }
        for at in [file.len() / 3, file.len() - 20] {
            let mut bent = file.clone();
            bent[at] ^= 1;
            assert!(place.refused(&bent).contains("damaged"), "{at}");
        }
        assert!(apart(|| place.vault.is_empty()).unwrap(), "nothing lies there");
        place.restore(&file).unwrap();
    }

    async fn a_document_that_is_not_there_is_named(service) {
        used(service);
        let folder = service.database.folder().join("documents");
        let lost = fs::read_dir(&folder).unwrap().next().unwrap().unwrap();
        fs::remove_file(lost.path()).unwrap();
        let ctx = service.context(Actor::operator());
        let app = &service.app;
        let done = apart(|| backup::backup(&app.db, &app.vault, &ctx, std::io::sink()));
        let Err(Error::Rule(words)) = done else { panic!("{done:?}") };
        assert!(words.contains(lost.file_name().to_str().unwrap()) && words.contains("documents"), "{words}");
        let other = service.context(Service::coordinator());
        let done = apart(|| backup::backup(&app.db, &app.vault, &other, std::io::sink()));
        assert!(matches!(done, Err(Error::Forbidden)), "only who runs the service may");
    }
}

/// A file on which each write finds somebody beginning a notification.
struct Busy<'a> {
    service: &'a Service,
    file: Vec<u8>,
    written: usize,
}

impl Write for Busy<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The snapshot begins after the file's own head, and the first pieces are of its rows.
        if self.file.len() > 60_000 && self.written < 5 {
            let begun = self
                .service
                .write(Actor::public(), |tx, ctx| notify::begin(tx, ctx).map(drop));
            begun.unwrap();
            self.written += 1;
        }
        self.file.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The command, in a place of its own.
fn cdr(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cdr"));
    command
        .env_clear()
        .env("CDR_DATA_DIR", folder.join("data"))
        .env("CDR_KEY_FILE", folder.join("cdr.key"))
        .env(
            "CDR_DATABASE_URL",
            format!("sqlite://{}", folder.join("data/cdr.db").display()),
        )
        .env("CDR_LOG", "error");
    command.args(words).output().unwrap()
}

#[test]
fn the_commands_say_what_they_did_and_what_they_refuse() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = from.path().join("all.cdr");
    let file = file.to_str().unwrap();
    assert!(cdr(from.path(), &["migrate"]).status.success());
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let done = cdr(from.path(), &["backup", file]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(!Path::new(&format!("{file}.part")).exists());
    let again = cdr(from.path(), &["backup", file]);
    assert_eq!(again.status.code(), Some(1));
    assert!(
        said(&again).ends_with("is there already"),
        "{}",
        said(&again)
    );
    let without = cdr(to.path(), &["restore", file]);
    assert_eq!(
        (without.status.code(), said(&without).lines().count()),
        (Some(1), 1)
    );
    assert!(said(&without).contains("is missing"), "{}", said(&without));
    put_key(&to.path().join("cdr.key"), KEY);
    let wrong = cdr(to.path(), &["restore", file]);
    assert_eq!(
        (wrong.status.code(), said(&wrong).lines().count()),
        (Some(1), 1)
    );
    assert!(
        said(&wrong).contains("the key file is not the one"),
        "{}",
        said(&wrong)
    );
    fs::copy(from.path().join("cdr.key"), to.path().join("cdr.key")).unwrap();
    let back = cdr(to.path(), &["restore", file]);
    assert!(back.status.success(), "{}", said(&back));
    assert!(String::from_utf8_lossy(&back.stdout).contains("The audit trail holds"));
    assert!(cdr(to.path(), &["audit", "verify"]).status.success());
    let filled = cdr(to.path(), &["restore", file]);
    assert_eq!(
        (filled.status.code(), said(&filled).lines().count()),
        (Some(1), 1)
    );
    assert!(
        said(&filled).contains("something here already"),
        "{}",
        said(&filled)
    );
}
