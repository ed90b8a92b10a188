//! The command groups and what they share: opening the house and the database as the settings say.

pub mod audit;
pub mod backup;
pub mod database;
pub mod demo;
pub mod imports;
pub mod mail;
pub mod people;
pub mod returns;
pub mod routes;
pub mod seed;
pub mod serve;

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use cdr::casework::secrets::Secrets;
use cdr::casework::{Context, Error, House, found_damaged};
use cdr::config::{Anchor, Settings};
use cdr::domain::actor::Actor;
use cdr::jobs::checkpoint;
use cdr::store::{Db, Target};
use chrono::{DateTime, Utc};

/// What a command comes to: an exit code, or lines for standard error.
pub type Outcome = Result<ExitCode, Vec<String>>;

/// The one place that reads the system's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "time enters the program here and is handed on"
)]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// The settings, the house and the database, opened and migrated.
pub struct Opened {
    pub settings: Settings,
    pub house: Arc<House>,
    pub db: Db,
    pub end: End,
}

/// The end of a command: what it added to the audit trail is signed like what a running service adds, so that a cut of it
/// is seen.
pub struct End {
    db: Db,
    house: Arc<House>,
    file: PathBuf,
    anchor: Option<Anchor>,
    signs: Cell<bool>,
}

impl End {
    /// Nothing is to be signed when this command ends.
    pub fn unsigned(&self) {
        self.signs.set(false);
    }
}

impl Drop for End {
    fn drop(&mut self) {
        // Where there is no checkpoint it was taken away, which a person looks into first.
        if !self.signs.get() || !self.file.exists() {
            return;
        }
        let ctx = operator(&self.house);
        if let Err(why) = checkpoint::keep(&self.db, &ctx, &self.file, self.anchor.as_ref()) {
            eprintln!("cdr: the audit trail’s checkpoint was not kept: {why}");
        }
    }
}

/// The settings from the environment.
pub fn settings() -> Result<Settings, Vec<String>> {
    let settings = Settings::read(|name| std::env::var(name).ok())?;
    let filter = tracing_subscriber::EnvFilter::try_new(&settings.log)
        .map_err(|_| vec!["CDR_LOG: is not a filter such as info or cdr=debug".to_owned()])?;
    // A second call, as in tests, changes nothing.
    let quiet = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .json()
        .try_init();
    drop(quiet);
    Ok(settings)
}

/// Opens everything as the settings say.
pub fn open() -> Result<Opened, Vec<String>> {
    open_with(settings()?, true)
}

/// The master key: lent by systemd, or from a file of one's own, which is made where there is no database yet.
pub fn key(settings: &Settings, database: Option<&Path>) -> Result<Secrets, Vec<String>> {
    let read = if settings.key_lent {
        Secrets::lent(&settings.key_file)
    } else {
        Secrets::from_file(&settings.key_file, database)
    };
    read.map_err(|e| vec![e])
}

/// Opens everything; `live` is false where test NHS numbers are no mistake.
pub fn open_with(settings: Settings, live: bool) -> Result<Opened, Vec<String>> {
    let file = Target::parse(&settings.database_url, "")
        .ok()
        .and_then(|t| t.file().map(Path::to_path_buf));
    let secrets = key(&settings, file.as_deref())?;
    let target = Target::parse(&settings.database_url, &secrets.database_key())
        .map_err(|e| vec![format!("CDR_DATABASE_URL: {e}")])?;
    if let Some(folder) = file.as_deref().and_then(Path::parent) {
        std::fs::create_dir_all(folder).map_err(|_| {
            vec![format!(
                "CDR_DATABASE_URL: {} could not be made",
                folder.display()
            )]
        })?;
    }
    let keys = Arc::new(secrets.keyring());
    let mut house = House::load(secrets, &settings.base_url, settings.area.as_deref())?;
    house.live = live;
    let db = Db::start(&target, &keys).map_err(|e| vec![format!("CDR_DATABASE_URL: {e}")])?;
    let house = Arc::new(house);
    let opened = Opened {
        end: End {
            db: db.clone(),
            house: Arc::clone(&house),
            file: checkpoint::place(&settings.data_dir),
            anchor: settings.audit_anchor.clone(),
            signs: Cell::new(true),
        },
        settings,
        house,
        db,
    };
    if opened.db.is_new() {
        opened.begin_checkpoint()?;
    }
    Ok(opened)
}

impl Opened {
    /// A context for whoever runs the command line.
    pub fn operator(&self) -> Context {
        operator(&self.house)
    }

    /// An error as lines for standard error, kept in the trail where it has to be.
    pub fn told(&self, error: Error) -> Vec<String> {
        told(&self.db, self.operator(), error)
    }

    /// The first checkpoint, of a database that was just made. One that lies there is of another database: it stays,
    /// and what it says is not so any more.
    fn begin_checkpoint(&self) -> Result<(), Vec<String>> {
        let file = checkpoint::place(&self.settings.data_dir);
        if file.exists() {
            return Ok(());
        }
        let told = |why: String| vec![format!("the audit trail’s checkpoint: {why}")];
        std::fs::create_dir_all(&self.settings.data_dir)
            .map_err(|e| told(format!("its folder could not be made: {}", e.kind())))?;
        let anchor = self.settings.audit_anchor.as_ref();
        checkpoint::begin(&self.db, &self.operator(), &file, anchor).map_err(told)
    }
}

/// A context for whoever runs the command line in this house.
pub fn operator(house: &Arc<House>) -> Context {
    Context::new(house, now(), Actor::operator(), "command-line")
}

/// An error as lines for standard error. Something sealed that was found damaged is kept in the trail, as when a page comes
/// upon it.
pub fn told(db: &Db, ctx: Context, error: Error) -> Vec<String> {
    if let Error::Damaged { table, row } = &error {
        let (table, row) = (*table, row.clone());
        let kept: Result<(), Error> = db.write(move |tx| found_damaged(tx, &ctx, table, &row));
        if kept.is_err() {
            tracing::error!(table, "what was found damaged could not be recorded");
        }
    }
    lines(error)
}

/// A verb's error as lines for standard error, where there is no trail yet to keep it in.
pub fn lines(error: Error) -> Vec<String> {
    match error {
        Error::Invalid(problems) => problems.into_iter().map(|p| p.message).collect(),
        Error::NotFound | Error::Restricted(_) => vec!["there is no such thing".into()],
        Error::Forbidden => vec!["this may not be done from the command line".into()],
        Error::Stale => vec!["somebody else saved first; try again".into()],
        Error::Unavailable => vec!["the database is busy or cannot be reached".into()],
        Error::Rule(why) | Error::Internal(why) => vec![why],
        Error::Damaged { table, .. } => vec![format!(
            "something kept in {table} is not as it was written"
        )],
    }
}
