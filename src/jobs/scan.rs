//! Has documents looked at by clamd before anybody reads them. While the scanner cannot be reached they wait,
//! and nobody reads them. Must not know what the documents are.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Stop;
use crate::casework::documents::{self, Finding};
use crate::casework::{Context, Error, House};
use crate::config::Clamd;
use crate::domain::actor::Actor;
use crate::store::Db;
use crate::store::documents::{Document, waiting};
use crate::store::vault::{Lost, Vault};

/// Bytes sent to the scanner at once.
const PIECE: usize = 64 * 1024;
/// The scanner may take this long over one read or write.
const PATIENCE: Duration = Duration::from_mins(1);
/// Its answer is one short line.
const LONGEST_ANSWER: u64 = 4_096;

/// A connection both ways.
trait Talk: Read + Write {}
impl<T: Read + Write> Talk for T {}

fn connect(clamd: &Clamd) -> std::io::Result<Box<dyn Talk>> {
    match clamd {
        #[cfg(unix)]
        Clamd::Unix(path) => {
            let socket = std::os::unix::net::UnixStream::connect(path)?;
            socket.set_read_timeout(Some(PATIENCE))?;
            socket.set_write_timeout(Some(PATIENCE))?;
            Ok(Box::new(socket))
        }
        #[cfg(not(unix))]
        Clamd::Unix(_) => Err(std::io::ErrorKind::Unsupported.into()),
        Clamd::Tcp(address) => {
            let to = address
                .to_socket_addrs()?
                .next()
                .ok_or(std::io::ErrorKind::NotFound)?;
            let socket = TcpStream::connect_timeout(&to, Duration::from_secs(5))?;
            socket.set_read_timeout(Some(PATIENCE))?;
            socket.set_write_timeout(Some(PATIENCE))?;
            Ok(Box::new(socket))
        }
    }
}

/// Sends bytes for scanning; nothing when the scanner gave no verdict, whatever it said instead.
fn ask(clamd: &Clamd, bytes: &[u8]) -> std::io::Result<Option<Finding>> {
    let mut socket = connect(clamd)?;
    socket.write_all(b"zINSTREAM\0")?;
    for piece in bytes.chunks(PIECE) {
        let length = u32::try_from(piece.len()).unwrap_or(u32::MAX);
        socket.write_all(&length.to_be_bytes())?;
        socket.write_all(piece)?;
    }
    socket.write_all(&0_u32.to_be_bytes())?;
    socket.flush()?;
    let mut answer = Vec::new();
    socket.take(LONGEST_ANSWER).read_to_end(&mut answer)?;
    let words = String::from_utf8_lossy(&answer);
    let words = words.trim_end_matches(['\0', '\n']);
    Ok(if words == "stream: OK" {
        Some(Finding::Clean)
    } else if words.starts_with("stream: ") && words.ends_with(" FOUND") {
        Some(Finding::Infected)
    } else {
        None
    })
}

/// Has everything that waits scanned; says how many got a verdict. One that the scanner answers without a verdict
/// waits, and the next is asked about; when the scanner cannot be reached, all the rest waits.
pub fn scan_waiting(
    db: &Db,
    house: &Arc<House>,
    vault: &Vault,
    clamd: &Clamd,
    now: DateTime<Utc>,
) -> Result<usize, Error> {
    let (mut done, mut without) = (0, 0);
    loop {
        let Some(row) = db
            .read(|conn| Ok::<_, Error>(waiting(conn, without, 1)?))?
            .pop()
        else {
            return Ok(done);
        };
        let ctx = Context::new(house, now, Actor::job("scan"), "scan");
        let finding = match stored(db, &ctx, vault, &row)? {
            Some(bytes) => match ask(clamd, &bytes) {
                Ok(Some(finding)) => finding,
                Ok(None) => {
                    tracing::warn!(document = %row.id, "the scanner gave no verdict");
                    without += 1;
                    continue;
                }
                Err(_) => {
                    tracing::warn!("the scanner cannot be reached; documents wait");
                    return Ok(done);
                }
            },
            None => Finding::Damaged,
        };
        db.write(move |tx| documents::scanned(tx, &ctx, &row.id, finding))?;
        done += 1;
    }
}

/// The bytes of a document; nothing when they are damaged.
fn stored(db: &Db, ctx: &Context, vault: &Vault, row: &Document) -> Result<Option<Vec<u8>>, Error> {
    let key = db.read(|conn| documents::key(conn, ctx, &row.case_id))?;
    let Some(Ok(key)) = key else {
        return Ok(None);
    };
    match vault.read(&row.id, &key) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Lost::Damaged) => Ok(None),
        Err(Lost::Store(e)) => Err(e.into()),
    }
}

/// Keeps scanning until the process ends.
pub fn keep_scanning(
    db: Db,
    house: Arc<House>,
    vault: Vault,
    clamd: Clamd,
    clock: impl Fn() -> DateTime<Utc> + Send + 'static,
    stop: Stop,
) {
    std::thread::spawn(move || {
        loop {
            if let Err(e) = scan_waiting(&db, &house, &vault, &clamd, clock()) {
                tracing::warn!(fault = ?e, "documents could not be scanned");
            }
            if !stop.pause(Duration::from_secs(2)) {
                return;
            }
        }
    });
}
