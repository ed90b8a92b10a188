//! Keeps the end of the audit trail outside the database: a signed line in a file beside it and, when one is
//! set, at an anchor. A trail that does not reach its last checkpoint, and one whose checkpoint has gone, is told and
//! left as it is, because that is the proof: only a person begins a checkpoint over rows that are there. Must not know
//! what the trail tells.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Stop;
use crate::casework::audit::{checkpoint, read_checkpoint};
use crate::casework::{Context, House};
use crate::config::Anchor;
use crate::domain::actor::Actor;
use crate::store::chain::{Head, head, holds};
use crate::store::{Db, StoreError};

/// How often the end of the trail is looked at.
const PAUSE: Duration = Duration::from_secs(5);
/// Looks after which what is wrong is said again.
const SAY_AGAIN: u32 = 60;
/// More bytes than a checkpoint's line has.
const END: u64 = 4_096;

/// How long a command that is the anchor may take: while it hangs nothing is signed, and whatever waits for that waits too.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is asked whether it has ended.
const ASK: Duration = Duration::from_millis(20);

/// What is said where rows are there and no checkpoint is.
const LOST: &str = "there are rows in the trail and no checkpoint of them: it was taken away, or this data folder is \
                    another; find out which, then run cdr audit verify --begin";

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
    stop: Stop,
) {
    std::thread::spawn(move || {
        let (mut said, mut looks) = (String::new(), 0);
        loop {
            let ctx = Context::new(&house, clock(), Actor::job("checkpoint"), "job");
            let why = keep(&db, &ctx, &file, anchor.as_ref())
                .err()
                .unwrap_or_default();
            looks = if why == said { looks + 1 } else { 0 };
            if !why.is_empty() && looks % SAY_AGAIN == 0 {
                tracing::error!(%why, "the audit trail's checkpoint was not kept");
            }
            said = why;
            if !stop.pause(PAUSE) {
                return;
            }
        }
    });
}

/// The row that the checkpoint in this file names; none when there is no such file.
pub fn signed_in(file: &Path, house: &House) -> Result<Option<Head>, String> {
    match std::fs::read_to_string(file) {
        Ok(text) => match read_checkpoint(house, &text) {
            Some(head) => Ok(Some(head)),
            None => Err(format!("{} was not signed with this key", file.display())),
        },
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(format!(
            "{} could not be read: {}",
            file.display(),
            e.kind()
        )),
    }
}

/// Every row that an anchor's file names, in the order they were handed to it; none when there is no such file.
pub fn signed_at(file: &Path, house: &House) -> Result<Option<Vec<Head>>, String> {
    let unread = |e: &std::io::Error| {
        format!(
            "CDR_AUDIT_ANCHOR: {} could not be read: {}",
            file.display(),
            e.kind()
        )
    };
    let lines = match File::open(file) {
        Ok(open) => BufReader::new(open).lines(),
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(unread(&e)),
    };
    let mut found = Vec::new();
    for (number, line) in lines.enumerate() {
        let line = line.map_err(|e| unread(&e))?;
        let head = read_checkpoint(house, &line).ok_or_else(|| {
            format!(
                "CDR_AUDIT_ANCHOR: line {} of {} is not whole, or was not signed with this key",
                number + 1,
                file.display()
            )
        })?;
        found.push(head);
    }
    Ok(Some(found))
}

/// The newest row that the anchor names, where it can be read. Only its end is looked at: it grows for years.
fn last_at(anchor: Option<&Anchor>, house: &House) -> Result<Option<Head>, String> {
    let Some(Anchor::File(path)) = anchor else {
        return Ok(None);
    };
    let end = match end_of(path) {
        Ok(end) => end,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(format!("the anchor could not be read: {}", e.kind())),
    };
    let Some(line) = end
        .trim_end_matches('\n')
        .rsplit('\n')
        .next()
        .filter(|line| !line.is_empty())
    else {
        return Ok(None);
    };
    read_checkpoint(house, line)
        .filter(|_| end.ends_with('\n'))
        .map(Some)
        .ok_or_else(|| {
            "the last line of the anchor is not whole, or was not signed with this key".into()
        })
}

fn end_of(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let from = file.metadata()?.len().saturating_sub(END);
    file.seek(SeekFrom::Start(from))?;
    let mut end = Vec::new();
    file.take(END).read_to_end(&mut end)?;
    Ok(String::from_utf8_lossy(&end).into_owned())
}

/// Held while a checkpoint is read, judged and written. The service and every command keep the same one: of two at a time
/// the slower would put an older head over a newer one. Where a file system knows no locks it goes without.
fn alone(file: &Path) -> Result<File, String> {
    let lock = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(false)
        .open(file.with_extension("lock"));
    let held = lock.and_then(|lock| match lock.lock() {
        Err(e) if e.kind() != ErrorKind::Unsupported => Err(e),
        _ => Ok(lock),
    });
    held.map_err(|e| format!("its lock could not be had: {}", e.kind()))
}

/// Keeps one checkpoint, when the trail has grown since the last.
pub fn keep(db: &Db, ctx: &Context, file: &Path, anchor: Option<&Anchor>) -> Result<(), String> {
    let _alone = alone(file)?;
    let before = signed_in(file, &ctx.house)?;
    let (now, whole) = db
        .read(|conn| {
            let whole = before.as_ref().map_or(Ok(true), |kept| holds(conn, kept))?;
            Ok((head(conn)?, whole))
        })
        .map_err(|e: StoreError| e.to_string())?;
    if !whole {
        return Err(
            "the trail does not hold the row of its last checkpoint; run cdr audit verify".into(),
        );
    }
    if now.seq == 0 || before.as_ref() == Some(&now) {
        return Ok(());
    }
    before.map_or(Err(LOST.to_owned()), |_| Ok(()))?;
    let last = last_at(anchor, &ctx.house)?;
    let whole = db
        .read(|conn| last.as_ref().map_or(Ok(true), |kept| holds(conn, kept)))
        .map_err(|e: StoreError| e.to_string())?;
    if !whole {
        return Err("the trail does not hold the last row that CDR_AUDIT_ANCHOR was handed: an old copy was put back; run cdr audit verify".into());
    }
    sign(db, ctx, file, anchor, &now)
}

/// Signs the end of a trail of which there is no checkpoint: of a new database, of one that was put back whole, and where
/// a person said so.
pub fn begin(db: &Db, ctx: &Context, file: &Path, anchor: Option<&Anchor>) -> Result<(), String> {
    let _alone = alone(file)?;
    let now = db.read(head).map_err(|e: StoreError| e.to_string())?;
    sign(db, ctx, file, anchor, &now)
}

/// The anchor comes first: what it does not take is not in the file either, and is tried again.
fn sign(
    db: &Db,
    ctx: &Context,
    file: &Path,
    anchor: Option<&Anchor>,
    now: &Head,
) -> Result<(), String> {
    // On a server's database a row can be read a moment before it is on disk: what is signed must not be lost.
    db.settle().map_err(|e| e.to_string())?;
    let line = format!("{}\n", checkpoint(ctx, now));
    if let Some(anchor) = anchor {
        hand_on(anchor, &line).map_err(|e| format!("the anchor did not take it: {}", e.kind()))?;
    }
    replace(file, &line).map_err(|e| format!("the file could not be written: {}", e.kind()))
}

/// Whole or not at all, also when the machine stops meanwhile. The name is this program's own.
fn replace(file: &Path, line: &str) -> std::io::Result<()> {
    let fresh = file.with_extension(format!("fresh.{}", std::process::id()));
    let made = File::create(&fresh).and_then(|mut out| {
        out.write_all(line.as_bytes())?;
        out.sync_all()?;
        std::fs::rename(&fresh, file)
    });
    if made.is_err() {
        // It is tried again; that what is half cannot be taken away is no news beside that.
        drop(std::fs::remove_file(&fresh));
    }
    made
}

fn hand_on(anchor: &Anchor, line: &str) -> std::io::Result<()> {
    match anchor {
        Anchor::File(path) => {
            let mut out = OpenOptions::new().create(true).append(true).open(path)?;
            let whole = out.metadata()?.len();
            let written = out.write_all(line.as_bytes()).and_then(|()| out.sync_all());
            if written.is_err() {
                // Half a line, on a full disk, would stop every later one.
                out.set_len(whole)?;
            }
            written
        }
        Anchor::Command(words) => tell(words, line, PATIENCE),
    }
}

/// Gives a command a line on its standard input, and ends it when it takes longer than this.
fn tell(words: &[String], line: &str, patience: Duration) -> std::io::Result<()> {
    let mut words = words.iter();
    let program = words.next().ok_or(ErrorKind::InvalidInput)?;
    let mut child = Command::new(program)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    let stdin = child.stdin.take();
    let given = stdin.map_or(Ok(()), |mut stdin| stdin.write_all(line.as_bytes()));
    let ended = given.and_then(|()| ended(&mut child, patience));
    if ended.is_err() {
        // Whether it could be ended or had ended by itself, what is told is why.
        drop(child.kill());
        drop(child.wait());
    }
    if ended?.success() {
        Ok(())
    } else {
        Err(ErrorKind::Other.into())
    }
}

fn ended(child: &mut Child, patience: Duration) -> std::io::Result<ExitStatus> {
    let mut waited = Duration::ZERO;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if waited >= patience {
            return Err(ErrorKind::TimedOut.into());
        }
        std::thread::sleep(ASK);
        waited += ASK;
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_takes_too_long_is_ended_and_told() {
        let words = |all: &[&str]| {
            all.iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>()
        };
        let told =
            |all: &[&str], patience| tell(&words(all), "a line\n", patience).map_err(|e| e.kind());
        let long = Duration::from_mins(1);
        assert_eq!(told(&["sleep", "600"], ASK), Err(ErrorKind::TimedOut));
        assert_eq!(told(&["cat"], long), Ok(()));
        assert_eq!(
            told(&["sh", "-c", "cat; exit 3"], long),
            Err(ErrorKind::Other)
        );
        assert_eq!(told(&[], long), Err(ErrorKind::InvalidInput));
    }
}
