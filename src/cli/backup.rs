//! `cdr backup` and `cdr restore`.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use cdr::casework::audit::{verified, verify};
use cdr::casework::backup::{self, Broken};
use cdr::casework::{Context, House};
use cdr::domain::actor::Actor;
use cdr::jobs::checkpoint;
use cdr::store::vault::Vault;
use cdr::store::{Db, Target};
use clap::Args;

use super::{Outcome, key, lines, now, open, settings, told};

/// Where the backup lies.
#[derive(Args)]
pub struct Place {
    /// One file with rows, documents and the audit trail, which the key file alone opens
    file: PathBuf,
}

fn vault(data: &Path) -> Result<Vault, Vec<String>> {
    Vault::folder(&data.join("documents")).map_err(|e| vec![format!("CDR_DATA_DIR: {e}")])
}

/// Writes a backup beside the place where it is to be, and puts it there once it is whole.
pub fn backup(place: &Place) -> Outcome {
    let file = &place.file;
    if file.exists() {
        return Err(vec![format!("{} is there already", file.display())]);
    }
    let opened = open()?;
    let vault = vault(&opened.settings.data_dir)?;
    let cannot = |_| vec![format!("{} could not be written", file.display())];
    let mut part = file.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let out = options.open(&part).map_err(cannot)?;
    let sync = out.try_clone().map_err(cannot)?;
    let made = backup::backup(&opened.db, &vault, &opened.operator(), BufWriter::new(out));
    let made = match made.map_err(|e| opened.told(e)) {
        Ok(made) => made,
        Err(words) => {
            // What is not whole is of no use to anybody.
            drop(std::fs::remove_file(&part));
            return Err(words);
        }
    };
    sync.sync_all().map_err(cannot)?;
    std::fs::rename(&part, file).map_err(cannot)?;
    let (ctx, sha256) = (opened.operator(), made.sha256.clone());
    opened
        .db
        .write(move |tx| backup::noted(tx, &ctx, &sha256))
        .map_err(|e| opened.told(e))?;
    println!(
        "{} rows and {} files are in {}. Its SHA-256 is {}. Without the key file it cannot be opened.",
        made.rows,
        made.documents,
        file.display(),
        made.sha256
    );
    Ok(ExitCode::SUCCESS)
}

/// Puts a backup back into an empty place, and walks its audit trail.
pub fn restore(place: &Place) -> Outcome {
    let settings = settings()?;
    let shown = place.file.display();
    let file = File::open(&place.file).map_err(|_| vec![format!("{shown} could not be read")])?;
    if !settings.key_file.exists() {
        return Err(vec![format!(
            "CDR_KEY_FILE: {} is missing; a backup is opened with the key file that it was made with",
            settings.key_file.display()
        )]);
    }
    let secrets = key(&settings, None)?;
    let target = Target::parse(&settings.database_url, &secrets.database_key())
        .map_err(|e| vec![format!("CDR_DATABASE_URL: {e}")])?;
    if let Some(folder) = target.file().and_then(Path::parent) {
        std::fs::create_dir_all(folder)
            .map_err(|_| vec![format!("{} could not be made", folder.display())])?;
    }
    let vault = vault(&settings.data_dir)?;
    let keys = Arc::new(secrets.keyring());
    let house = House::load(secrets, &settings.base_url, settings.area.as_deref())?;
    let ctx = Context::new(&Arc::new(house), now(), Actor::operator(), "command-line");
    let back =
        backup::restore(&target, &vault, &ctx, BufReader::new(file)).map_err(
            |broken| match broken {
                Broken::Refused(words) => vec![format!("{shown}: {words}")],
                Broken::Failed(error) => lines(error),
            },
        )?;
    let db = Db::start(&target, &keys).map_err(|e| vec![format!("CDR_DATABASE_URL: {e}")])?;
    println!(
        "{} rows and {} files were restored.",
        back.rows, back.documents
    );
    let found = db
        .snapshot(|conn| verify(conn, &ctx, std::slice::from_ref(&back.audit)))
        .map_err(|e| told(&db, ctx.clone(), e))?;
    let holds = found.is_ok();
    let rows = u64::try_from(back.audit.seq).unwrap_or(0);
    let noted = ctx.clone();
    db.write(move |tx| {
        backup::restored(tx, &ctx, &back.sha256)?;
        verified(tx, &ctx, rows, holds)
    })
    .map_err(|e| told(&db, noted.clone(), e))?;
    let file = checkpoint::place(&settings.data_dir);
    if holds && !file.exists() {
        checkpoint::begin(&db, &noted, &file, settings.audit_anchor.as_ref())
            .map_err(|why| vec![format!("the audit trail’s checkpoint: {why}")])?;
    }
    match found {
        Ok(head) => {
            println!(
                "The audit trail holds: {} rows, as when the backup was made.",
                head.seq
            );
            Ok(ExitCode::SUCCESS)
        }
        Err(broken) => Err(vec![format!(
            "the audit trail does not hold at {}: {}",
            broken.seq,
            broken.how.words()
        )]),
    }
}
