//! The one writer of the embedded database. It takes every verb that waits, runs each in its own savepoint,
//! commits once, and only then answers each: many clients share one disk sync. Must not know what a verb does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};

use super::{Conn, Engine, StoreError, Tx, in_transaction};

/// At most this many verbs share one commit, so that the first of them does not wait long.
const GROUP: usize = 64;
/// After this much quiet the log is folded back into the database file.
const IDLE: Duration = Duration::from_millis(500);

/// A verb that has run and waits to hear whether the commit held.
type Reply = Box<dyn FnOnce(bool) + Send>;
/// A verb that has not run yet.
type Job = Box<dyn FnOnce(&mut Conn) -> Reply + Send>;

/// The sending side; cloneable through the `Arc` that holds it.
pub struct Writer {
    /// Present until the writer is told to stop.
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Writer {
    /// Waits until the last verb is on disk and the connection is closed, which folds the log into the file.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer did not stop cleanly");
        }
    }
}

impl Writer {
    /// Starts the thread that owns the only writing connection.
    pub fn start(conn: Conn) -> Self {
        let (queue, jobs) = sync_channel::<Job>(1024);
        let thread = std::thread::spawn(move || serve(conn, &jobs));
        Self {
            queue: Some(queue),
            thread: Some(thread),
        }
    }

    /// Queues a verb and waits until its commit is on disk.
    pub fn run<T, E>(
        &self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = sync_channel::<Result<T, E>>(1);
        let job: Job = Box::new(move |conn| {
            // A verb that panics must not take the writer with it. It is caught inside its savepoint, which
            // is then rolled back like that of any verb that failed.
            let result = in_transaction(conn, |tx| {
                catch_unwind(AssertUnwindSafe(|| f(tx)))
                    .unwrap_or_else(|_| Err(StoreError::Stopped.into()))
            });
            Box::new(move |committed| {
                let result = if committed || result.is_err() {
                    result
                } else {
                    Err(StoreError::Unavailable("the change could not be committed".into()).into())
                };
                // The one who asked may have gone; there is nobody left to tell.
                drop(answer.send(result));
            })
        });
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        queue.send(job).map_err(|_| gone())?;
        answered.recv().map_err(|_| gone())?
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable("the writer has stopped".into())
}

fn serve(mut conn: Conn, jobs: &Receiver<Job>) {
    let mut dirty = false;
    loop {
        let first = match jobs.recv_timeout(IDLE) {
            Ok(job) => job,
            Err(RecvTimeoutError::Timeout) => {
                if dirty {
                    dirty = false;
                    drop(batch(&mut conn, "PRAGMA wal_checkpoint(PASSIVE);"));
                }
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        commit_group(&mut conn, first, jobs);
        dirty = true;
    }
}

/// Runs `first` and whatever else already waits, under one `BEGIN IMMEDIATE` and one commit.
fn commit_group(conn: &mut Conn, first: Job, jobs: &Receiver<Job>) {
    let mut replies: Vec<Reply> = Vec::new();
    let outcome = immediate(conn, |conn| {
        let mut next = Some(first);
        while let Some(job) = next {
            replies.push(job(conn));
            next = if replies.len() < GROUP {
                jobs.try_recv().ok()
            } else {
                None
            };
        }
        Ok::<(), diesel::result::Error>(())
    });
    if let Err(e) = &outcome {
        tracing::error!(error = %e, "a group of writes was not committed");
    }
    for reply in replies {
        reply(outcome.is_ok());
    }
}

/// `BEGIN IMMEDIATE`: a transaction that reads first and writes later would be told "database is locked"
/// when another process writes in between, whatever the busy timeout.
fn immediate(
    conn: &mut Conn,
    f: impl FnOnce(&mut Conn) -> Result<(), diesel::result::Error>,
) -> Result<(), diesel::result::Error> {
    match conn.engine() {
        Engine::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")?,
        Engine::Postgres(c) => AnsiTransactionManager::begin_transaction(c)?,
    }
    match f(conn) {
        Ok(()) => Transactions::commit_transaction(conn.engine()),
        Err(e) => {
            Transactions::rollback_transaction(conn.engine())?;
            Err(e)
        }
    }
}

type Transactions = <Engine as diesel::Connection>::TransactionManager;

fn batch(conn: &mut Conn, sql: &str) -> Result<(), diesel::result::Error> {
    crate::each_engine!(conn.engine(), |c| c.batch_execute(sql))
}
