//! A package on its way to a browser: a blocking thread makes it from its own connection, in pieces through a
//! short channel. When the browser goes away the next piece finds nobody, the export stops there, the
//! connection goes back and the ledger holds nothing. Must not know what is in a package.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;

use crate::casework::submit_return::{self, Stopped};
use crate::casework::{Context, Error};
use crate::domain::national_return::Order;
use crate::web::{App, Fault, Page};

/// Bytes of a piece.
const PIECE: usize = 64 * 1024;
/// Pieces made ahead of the browser.
const AHEAD: usize = 4;
/// Exports at once: each holds a connection of its own, and pages must still find one.
static AT_ONCE: Semaphore = Semaphore::const_new(3);
/// How long an export waits for its turn.
const TURN: Duration = Duration::from_secs(2);
/// A browser that takes nothing for this long has gone, whatever its connection says.
const STALL: Duration = Duration::from_mins(1);

/// A piece of a package.
enum Piece {
    More(Bytes),
    /// Held back until the package stands in the ledger.
    Last(Bytes),
}

type Sent = Result<Piece, Fault>;

/// Answers with the package. Waits for its first piece, so that what fails at once is answered with a page.
pub async fn start(app: &Arc<App>, ctx: Context, order: Order) -> Page {
    let busy = || Fault::from(Error::Unavailable);
    let turn = timeout(TURN, AT_ONCE.acquire()).await;
    let turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
    let name = order.file_name();
    let (send, mut take) = channel::<Sent>(AHEAD);
    let (app, runtime) = (Arc::clone(app), Handle::current());
    let work = move || {
        let pieces = Pieces {
            send,
            runtime,
            held: Vec::new(),
            started: false,
        };
        make(&app, &ctx, order, pieces);
        drop(turn);
    };
    drop(tokio::task::spawn_blocking(work));
    let (first, rest) = match take.recv().await {
        Some(Ok(Piece::More(first))) => (first, Some(take)),
        Some(Ok(Piece::Last(only))) => (only, None),
        Some(Err(fault)) => return Err(fault),
        None => return Err(Error::Internal("an export stopped before it began".into()).into()),
    };
    let body = stream::once(async { Ok::<_, io::Error>(first) }).chain(pieces(rest));
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header((
            "Content-Disposition",
            format!("attachment; filename=\"{name}\""),
        ))
        // Packed already; packing it again would hold the first piece back.
        .insert_header(("Content-Encoding", "identity"))
        .streaming(body))
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

/// Makes the package, puts it in the ledger, and lets the last piece go.
fn make(app: &App, ctx: &Context, order: Order, mut pieces: Pieces) {
    let taker = pieces.send.clone();
    let gone = || taker.is_closed();
    let written = match submit_return::export(&app.db, ctx, order, &mut pieces, &gone) {
        Ok(written) => written,
        Err(Stopped::Gone) => return broken_off(ctx),
        Err(Stopped::Failed(error)) => return pieces.fail(error),
    };
    if gone() {
        return broken_off(ctx);
    }
    let enter = ctx.clone();
    match app
        .db
        .write(move |tx| submit_return::enter(tx, &enter, &written))
    {
        Ok(_) => pieces.end(),
        Err(error) => pieces.fail(error),
    }
}

fn broken_off(ctx: &Context) {
    tracing::info!(correlation = %ctx.correlation, "a return's download was broken off");
}

/// Gathers what is written into pieces and hands them on.
struct Pieces {
    send: Sender<Sent>,
    runtime: Handle,
    held: Vec<u8>,
    started: bool,
}

impl Pieces {
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

    fn end(mut self) {
        let last = std::mem::take(&mut self.held);
        // It stands in the ledger; that the browser went away at the very end changes nothing.
        drop(self.hand_on(Ok(Piece::Last(last.into()))));
    }

    fn fail(mut self, error: Error) {
        if self.started
            && let Error::Internal(cause) = &error
        {
            tracing::error!(%cause, "an export stopped half-way");
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
