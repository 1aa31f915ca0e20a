//! The write door. On SQLite one thread takes what is queued, does it in one transaction, commits
//! and syncs once, and only then acknowledges each change; on PostgreSQL each change has its own
//! transaction on a pooled connection.
//!
//! One bad change fails alone: a batch first runs without savepoints, which cost about a third of
//! the throughput; when a change in it fails, everything is rolled back and the batch runs again
//! with a savepoint around each. So a change may run more than once before it is acknowledged and
//! must not touch anything but the transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant as Clock;

use tokio::sync::{mpsc, oneshot, watch};

use super::connection::{Begin, Database, Db};
use super::error::{Error, Result};
use crate::domain::instant::Instant;

/// How many changes may wait for the writer; one more is told to come back later.
pub const QUEUE: usize = 2_048;
/// How many changes share one commit at most.
pub const BATCH: usize = 512;

/// A change under way: the connection inside its transaction, and the instant that it happens at.
pub struct Write<'a> {
    /// The connection, inside the transaction.
    pub connection: &'a mut Db,
    /// When the change happens; the same value for everything that it writes.
    pub now: Instant,
    /// Something public or live changed, so those who keep copies must be told after the commit.
    pub(super) announced: bool,
}

/// A queued change, its type forgotten.
pub(super) trait Change: Send {
    /// Does it; `false` if it failed and must be undone. The outcome is kept inside.
    fn run(&mut self, write: &mut Write<'_>) -> bool;
    /// The last run failed only because another transaction was in the way.
    fn collided(&self) -> bool;
    /// Tells the caller the outcome, now that the commit succeeded or failed.
    fn finish(self: Box<Self>, committed: std::result::Result<(), &Error>);
}

pub(super) struct Typed<T, F> {
    pub(super) change: F,
    pub(super) outcome: Option<Result<T>>,
    pub(super) reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Change for Typed<T, F>
where
    T: Send,
    F: FnMut(&mut Write<'_>) -> Result<T> + Send,
{
    fn run(&mut self, write: &mut Write<'_>) -> bool {
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.change)(write)))
            .unwrap_or_else(|panic| Err(Error::Internal(format!("a change panicked: {}", said(&panic)))));
        let good = outcome.is_ok();
        self.outcome = Some(outcome);
        good
    }

    fn collided(&self) -> bool {
        matches!(self.outcome, Some(Err(Error::Busy)))
    }

    fn finish(self: Box<Self>, committed: std::result::Result<(), &Error>) {
        let outcome = match (committed, self.outcome) {
            (_, Some(Err(own))) => Err(own),
            (Ok(()), Some(Ok(value))) => Ok(value),
            (Ok(()), None) => Err(Error::Internal("a change was never run".into())),
            (Err(error), _) => Err(error.again()),
        };
        // The caller may have gone away; what was committed stays committed.
        drop(self.reply.send(outcome));
    }
}

fn said(panic: &Box<dyn std::any::Any + Send>) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

impl Error {
    /// The same trouble, told to one more waiting caller.
    fn again(&self) -> Error {
        match self {
            Error::Busy => Error::Busy,
            Error::Internal(why) => Error::Internal(why.clone()),
            other => Error::Unavailable(other.to_string()),
        }
    }
}

/// The thread's loop; ends when the last sender is gone and the queue is empty.
pub(super) fn run(
    database: &Database,
    patience_ms: u32,
    mut queue: mpsc::Receiver<Box<dyn Change>>,
    changed: &watch::Sender<u64>,
) {
    let mut connection: Option<Db> = None;
    let mut batch = Vec::with_capacity(BATCH);
    while queue.blocking_recv_many(&mut batch, BATCH) > 0 {
        let started = Clock::now();
        let outcome = match &mut connection {
            Some(open) => commit_batch(open, &mut batch),
            none => match database.open(patience_ms) {
                Ok(opened) => commit_batch(none.insert(opened), &mut batch),
                Err(error) => Err(Error::Unavailable(error.to_string())),
            },
        };
        match outcome {
            Ok(announced) => {
                for change in batch.drain(..) {
                    change.finish(Ok(()));
                }
                if announced {
                    changed.send_modify(|n| *n += 1);
                }
            }
            Err(error) => {
                tracing::error!(%error, changes = batch.len(), took = ?started.elapsed(), "nothing of a batch was committed");
                for change in batch.drain(..) {
                    change.finish(Err(&error));
                }
                // Whatever state the connection is in, a fresh one is not in it.
                connection = None;
            }
        }
    }
}

fn commit_batch(connection: &mut Db, batch: &mut [Box<dyn Change>]) -> Result<bool> {
    connection.begin(Begin::Write)?;
    let now = Instant::now();
    let mut announced = false;
    let mut all_good = true;
    for change in batch.iter_mut() {
        let mut write = Write { connection, now, announced };
        all_good &= change.run(&mut write);
        announced = write.announced;
        if !all_good {
            break;
        }
    }
    if !all_good {
        connection.rollback()?;
        announced = run_each_alone(connection, batch, now)?;
    }
    connection.commit()?;
    Ok(announced)
}

fn run_each_alone(connection: &mut Db, batch: &mut [Box<dyn Change>], now: Instant) -> Result<bool> {
    connection.begin(Begin::Write)?;
    let mut announced = false;
    for change in batch.iter_mut() {
        connection.savepoint()?;
        let mut write = Write { connection, now, announced: false };
        let good = change.run(&mut write);
        let told = write.announced;
        if good {
            connection.commit()?;
            announced |= told;
        } else {
            connection.rollback()?;
        }
    }
    Ok(announced)
}

/// One change on PostgreSQL, in a transaction of its own; tried again a few times when another
/// transaction was in its way.
pub(super) fn run_alone(connection: &mut Db, mut change: Box<dyn Change>, changed: &watch::Sender<u64>) {
    const TRIES: u32 = 3;
    for attempt in 1..=TRIES {
        match try_alone(connection, change.as_mut()) {
            Ok(None) if attempt < TRIES => continue,
            Ok(announced) => {
                change.finish(Ok(()));
                if announced == Some(true) {
                    changed.send_modify(|n| *n += 1);
                }
            }
            Err(error) => change.finish(Err(&error)),
        }
        return;
    }
}

/// Whether something was announced, or nothing if the change collided and may be tried again.
fn try_alone(connection: &mut Db, change: &mut dyn Change) -> Result<Option<bool>> {
    connection.begin(Begin::Write)?;
    let mut write = Write { connection, now: Instant::now(), announced: false };
    let good = change.run(&mut write);
    let announced = write.announced;
    if good {
        connection.commit()?;
        return Ok(Some(announced));
    }
    connection.rollback()?;
    Ok(if change.collided() { None } else { Some(false) })
}
