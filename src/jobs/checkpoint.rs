//! Keeps the end of the audit trail outside the database: a signed line in a file beside it and, when one is
//! set, at an anchor. A trail that does not reach its last checkpoint is told and the file left as it is, because
//! it is the proof. Must not know what the trail tells.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::casework::audit::{checkpoint, read_checkpoint};
use crate::casework::{Context, House};
use crate::config::Anchor;
use crate::domain::actor::Actor;
use crate::store::chain::{Head, code_at, head};
use crate::store::{Db, StoreError};

/// How often the end of the trail is looked at.
const PAUSE: Duration = Duration::from_secs(5);

/// The checkpoint's file in the data folder.
pub fn place(data_dir: &Path) -> PathBuf {
    data_dir.join("audit.checkpoint")
}

/// Starts keeping checkpoints for as long as the program runs.
pub fn keep_checkpoints(
    db: Db,
    house: Arc<House>,
    file: PathBuf,
    anchor: Option<Anchor>,
    clock: fn() -> DateTime<Utc>,
) {
    std::thread::spawn(move || {
        loop {
            let ctx = Context::new(&house, clock(), Actor::job("checkpoint"), "job");
            if let Err(why) = keep(&db, &ctx, &file, anchor.as_ref()) {
                tracing::error!(%why, "the audit trail's checkpoint was not kept");
            }
            std::thread::sleep(PAUSE);
        }
    });
}

/// Keeps one checkpoint, when the trail has grown since the last.
pub fn keep(db: &Db, ctx: &Context, file: &Path, anchor: Option<&Anchor>) -> Result<(), String> {
    let before = match std::fs::read_to_string(file) {
        Ok(text) => Some(
            read_checkpoint(&ctx.house, &text)
                .ok_or("the checkpoint that is there was not signed with this key")?,
        ),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
        Err(e) => return Err(format!("the checkpoint could not be read: {}", e.kind())),
    };
    let now: Head = db
        .read(|conn| {
            if let Some(kept) = &before
                && kept.seq > 0
                && code_at(conn, kept.seq)?.as_ref() != Some(&kept.mac)
            {
                return Ok(None);
            }
            head(conn).map(Some)
        })
        .map_err(|e: StoreError| e.to_string())?
        .ok_or("the trail does not hold the row of its last checkpoint; run cdr audit verify")?;
    if before.as_ref() == Some(&now) || now.seq == 0 {
        return Ok(());
    }
    // On a server's database a row can be read a moment before it is on disk: what is signed must not be lost.
    db.settle().map_err(|e| e.to_string())?;
    let line = format!("{}\n", checkpoint(ctx, &now));
    replace(file, &line).map_err(|e| format!("the file could not be written: {}", e.kind()))?;
    anchor.map_or(Ok(()), |anchor| {
        hand_on(anchor, &line).map_err(|e| format!("the anchor did not take it: {}", e.kind()))
    })
}

/// Whole or not at all, also when the machine stops meanwhile.
fn replace(file: &Path, line: &str) -> std::io::Result<()> {
    let fresh = file.with_extension("fresh");
    let mut out = std::fs::File::create(&fresh)?;
    out.write_all(line.as_bytes())?;
    out.sync_all()?;
    std::fs::rename(fresh, file)
}

fn hand_on(anchor: &Anchor, line: &str) -> std::io::Result<()> {
    match anchor {
        Anchor::File(path) => {
            let mut out = std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)?;
            out.write_all(line.as_bytes())?;
            out.sync_all()
        }
        Anchor::Command(words) => {
            let mut words = words.iter();
            let program = words.next().ok_or(std::io::ErrorKind::InvalidInput)?;
            let mut child = Command::new(program)
                .args(words)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .spawn()?;
            if let Some(mut stdin) = child.stdin.take() {
                stdin.write_all(line.as_bytes())?;
            }
            if child.wait()?.success() {
                Ok(())
            } else {
                Err(std::io::ErrorKind::Other.into())
            }
        }
    }
}
