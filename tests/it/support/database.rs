//! A fresh, migrated database for one test: a copied file, or a copied PostgreSQL database.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use cdr::casework::secrets::Secrets;
use cdr::store::seal::Keyring;
use cdr::store::{Engine as Session, Purpose, Target, migrate, open};

use super::{folder, lacking, postgres};

/// What the key file of every test holds.
pub const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// Puts a key file where the service reads it, for its owner alone.
pub fn put_key(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A database that is gone after the test.
pub struct Database {
    pub engine: Engine,
    pub target: Target,
    folder: tempfile::TempDir,
    name: Option<String>,
}

impl Database {
    /// A migrated database without rows; none when the machine lacks the engine.
    pub fn fresh(engine: Engine) -> Option<Self> {
        let folder = folder::fresh("cdr-test").unwrap();
        let (target, name) = match engine {
            Engine::Sqlite => {
                let path = folder.path().join("cdr.db");
                std::fs::write(&path, migrated_file()).unwrap();
                (sqlite(path), None)
            }
            Engine::Postgres => {
                let (name, url) = server()?.database();
                (Target::Postgres { url }, Some(name))
            }
        };
        Some(Self {
            engine,
            target,
            folder,
            name,
        })
    }

    /// A database without any table.
    pub fn empty(engine: Engine) -> Option<Self> {
        let folder = folder::fresh("cdr-test").unwrap();
        let (target, name) = match engine {
            Engine::Sqlite => (sqlite(folder.path().join("cdr.db")), None),
            Engine::Postgres => {
                let (name, url) = server()?.empty();
                (Target::Postgres { url }, Some(name))
            }
        };
        Some(Self {
            engine,
            target,
            folder,
            name,
        })
    }

    /// One connection past the service.
    pub fn conn(&self) -> Session {
        open(&self.target, Purpose::Write).unwrap()
    }

    /// A folder of this test's own.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let (Some(name), Ok(server)) = (&self.name, postgres::server()) {
            server.drop_database(name);
        }
    }
}

fn server() -> Option<&'static postgres::Server> {
    postgres::server()
        .map_err(|why| lacking::not_run(&why))
        .ok()
}

fn sqlite(path: PathBuf) -> Target {
    Target::Sqlite {
        path,
        key_hex: key_hex(),
    }
}

/// What follows from the key file of every test, read as the service would.
fn secrets() -> &'static Secrets {
    static SECRETS: OnceLock<Secrets> = OnceLock::new();
    SECRETS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.key");
        put_key(&path, KEY);
        Secrets::from_file(&path, None).unwrap()
    })
}

fn key_hex() -> String {
    secrets().database_key()
}

/// The keys of what is sealed.
pub fn keys() -> Arc<Keyring> {
    Arc::new(secrets().keyring())
}

/// The bytes of a migrated database file, made once.
fn migrated_file() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("template.db");
        let mut conn = open(&sqlite(path.clone()), Purpose::Write).unwrap();
        migrate(&mut conn).unwrap();
        // Closing the last connection folds the log into the file.
        drop(conn);
        std::fs::read(path).unwrap()
    })
}
