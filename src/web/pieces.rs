//! A file on its way to a browser: a blocking thread makes it, in pieces through a short channel. When the browser goes
//! away the next piece finds nobody, and the work stops there. Must not know what is in the file.

use std::io::{self, Write};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;

use super::{Fault, Page};
use crate::casework::Error;

/// Bytes of a piece.
const PIECE: usize = 64 * 1024;
/// Pieces made ahead of the browser.
const AHEAD: usize = 4;
/// Files made at once: each takes connections, and pages must still find one.
static AT_ONCE: Semaphore = Semaphore::const_new(3);
/// How long a file waits for its turn.
const TURN: Duration = Duration::from_secs(2);
/// A browser that takes nothing for this long has gone, whatever its connection says.
const STALL: Duration = Duration::from_mins(1);

/// A piece of a file.
enum Piece {
    More(Bytes),
    /// Held back until everything is done that must stand before the file is whole.
    Last(Bytes),
}

type Sent = Result<Piece, Fault>;

/// What a file is called, and what it is.
pub struct Named<'a> {
    pub name: &'a str,
    pub media: &'a str,
    /// Packed already; packing it again would hold the first piece back.
    pub packed: bool,
    /// How many lines it has, where that can be told before the first.
    pub lines: Option<i64>,
}

/// Answers with the file that `work` makes. Waits for its first piece, so that what fails at once is answered with a
/// page.
pub async fn start(named: Named<'_>, work: impl FnOnce(Pieces) + Send + 'static) -> Page {
    let busy = || Fault::from(Error::Unavailable);
    let turn = timeout(TURN, AT_ONCE.acquire()).await;
    let turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
    let (send, mut take) = channel::<Sent>(AHEAD);
    let runtime = Handle::current();
    let all = move || {
        work(Pieces {
            send,
            runtime,
            held: Vec::new(),
            started: false,
        });
        drop(turn);
    };
    drop(tokio::task::spawn_blocking(all));
    let (first, rest) = match take.recv().await {
        Some(Ok(Piece::More(first))) => (first, Some(take)),
        Some(Ok(Piece::Last(only))) => (only, None),
        Some(Err(fault)) => return Err(fault),
        None => return Err(Error::Internal("an export stopped before it began".into()).into()),
    };
    let body = stream::once(async { Ok::<_, io::Error>(first) }).chain(pieces(rest));
    let mut answer = HttpResponse::Ok();
    answer.content_type(named.media).insert_header((
        "Content-Disposition",
        format!("attachment; filename=\"{}\"", named.name),
    ));
    if named.packed {
        answer.insert_header(("Content-Encoding", "identity"));
    }
    if let Some(lines) = named.lines {
        answer.insert_header(("X-Lines", lines.to_string()));
    }
    Ok(answer.streaming(body))
}

/// The pieces as they come. An end that is not the last piece breaks the answer off, so that no browser takes
/// half a package for a whole one.
fn pieces(take: Option<Receiver<Sent>>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold(take, |take| async move {
        let mut take = take?;
        match take.recv().await {
            Some(Ok(Piece::More(piece))) => Some((Ok(piece), Some(take))),
            Some(Ok(Piece::Last(piece))) => Some((Ok(piece), None)),
            Some(Err(_)) | None => Some((Err(io::Error::other("the export stopped")), None)),
        }
    })
}

/// Gathers what is written into pieces and hands them on.
pub struct Pieces {
    send: Sender<Sent>,
    runtime: Handle,
    held: Vec<u8>,
    started: bool,
}

impl Pieces {
    /// Whether the browser has gone; asked without the pieces themselves.
    pub fn gone(&self) -> impl Fn() -> bool + use<> {
        let taker = self.send.clone();
        move || taker.is_closed()
    }

    fn hand_on(&mut self, piece: Sent) -> io::Result<()> {
        self.started = true;
        self.runtime
            .block_on(self.send.send_timeout(piece, STALL))
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn more(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.held, Vec::with_capacity(PIECE));
        self.hand_on(Ok(Piece::More(piece.into())))
    }

    /// The file is whole.
    pub fn end(mut self) {
        let last = std::mem::take(&mut self.held);
        // That the browser went away at the very end changes nothing.
        drop(self.hand_on(Ok(Piece::Last(last.into()))));
    }

    /// It cannot be finished.
    pub fn fail(mut self, error: Error) {
        // What fails before the first piece is answered with a page, and logged with it.
        match &error {
            _ if !self.started => {}
            Error::Internal(cause) => tracing::error!(%cause, "an export stopped half-way"),
            Error::Damaged { table, .. } => {
                tracing::error!(table, "an export stopped half-way at a damaged record");
            }
            _ => tracing::error!("an export stopped half-way"),
        }
        drop(self.hand_on(Err(error.into())));
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= PIECE {
            self.more()?;
        }
        Ok(bytes.len())
    }

    /// Only the first bytes are sent before a piece is full: somebody is waiting for them.
    fn flush(&mut self) -> io::Result<()> {
        if self.started || self.held.is_empty() {
            Ok(())
        } else {
            self.more()
        }
    }
}
