//! The write door. On SQLite one thread takes what is queued, does it in one transaction, commits
//! and syncs once, and only then acknowledges each change; on PostgreSQL each change has its own
//! transaction on a pooled connection.
//!
//! One bad change fails alone: a batch first runs without savepoints, which cost about a third of
//! the throughput; when a change in it fails, everything is rolled back and the batch runs again
//! with a savepoint around each. So a change may run more than once before it is acknowledged and
//! must not touch anything but the transaction.
//!
//! When the database itself is in trouble (no room, a failing sync, a lock of somebody else), nothing
//! of the batch is acknowledged, everybody in it is told within a second, the connection is closed,
//! and the next batch tries with a fresh one: it recovers by itself.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant as Clock};

use tokio::sync::{mpsc, oneshot, watch};

use super::announcer::{Announcer, Told};
use super::connection::{Begin, Db};
use super::error::{Error, Result};
use super::place::Place;
use super::trouble::{Trouble, Watch};
use super::{idempotency, measure};
use crate::domain::instant::Instant;

/// How many changes may wait for the writer; one more is told to come back later.
pub const QUEUE: usize = 2_048;
/// How many changes share one commit at most.
pub const BATCH: usize = 512;

/// How long a batch, or a change on PostgreSQL, waits for a lock of somebody else while that lock is
/// known to be there, in milliseconds: those who came during the wait before it still hear within a
/// second.
const SHORT_PATIENCE_MS: u32 = 200;

/// A change under way: the connection inside its transaction, and the instant that it happens at.
pub struct Write<'a> {
    /// The connection, inside the transaction.
    pub connection: &'a mut Db,
    /// When the change happens; the same value for everything that it writes.
    pub now: Instant,
    /// Something public or live changed, so those who keep copies must be told after the commit.
    pub(super) announced: bool,
    /// What is told once it is committed, on PostgreSQL.
    pub(super) later: Vec<Told>,
}

impl<'a> Write<'a> {
    /// A change at this instant, in which nothing has been announced yet.
    pub(super) fn at(connection: &'a mut Db, now: Instant) -> Write<'a> {
        Write { connection, now, announced: false, later: Vec::new() }
    }
}

/// A queued change, its type forgotten.
pub(super) trait Change: Send {
    /// Does it; `false` if it failed and must be undone. The outcome is kept inside.
    fn run(&mut self, write: &mut Write<'_>) -> bool;
    /// The last run failed only because another transaction was in the way.
    fn collided(&self) -> bool;
    /// The last run waited in vain for what seemed to be the same key of another call.
    fn waited_for_key(&self) -> bool;
    /// The last run met trouble of the database itself, which all others will meet too.
    fn trouble(&self) -> Option<Error>;
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

    fn waited_for_key(&self) -> bool {
        matches!(self.outcome, Some(Err(Error::KeyRunning)))
    }

    fn trouble(&self) -> Option<Error> {
        match &self.outcome {
            Some(Err(error)) if error.is_trouble() => Some(error.again()),
            _ => None,
        }
    }

    fn finish(self: Box<Self>, committed: std::result::Result<(), &Error>) {
        let outcome = match (committed, self.outcome) {
            // What a change found in a transaction that never was may not be true.
            (Err(error), _) => Err(error.again()),
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(Error::Internal("a change was never run".into())),
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
            Error::Locked => Error::Locked,
            Error::Internal(why) => Error::Internal(why.clone()),
            Error::Full(why) => Error::Full(why.clone()),
            Error::Unavailable(why) => Error::Unavailable(why.clone()),
            other => Error::Unavailable(other.to_string()),
        }
    }
}

/// The thread's loop; ends when the last sender is gone and the queue is empty.
pub(super) fn run(
    place: &Place,
    patience_ms: u32,
    mut queue: mpsc::Receiver<Box<dyn Change>>,
    changed: &watch::Sender<u64>,
    watch: &Watch,
) {
    let mut connection: Option<Db> = None;
    // A wait for somebody else's lock is shorter while the last one was in vain.
    let mut shortened = false;
    let mut batch = Vec::with_capacity(BATCH);
    while queue.blocking_recv_many(&mut batch, BATCH) > 0 {
        let started = Clock::now();
        let patience = if shortened { SHORT_PATIENCE_MS } else { patience_ms };
        match try_batch(place, &mut connection, patience, &mut batch) {
            Ok(announced) => {
                measure::committed(batch.len(), started.elapsed());
                watch.wrote(None);
                // First those who follow, then those who asked: whoever was answered and looks again
                // must find what they did.
                if announced {
                    changed.send_modify(|n| *n += 1);
                }
                for change in batch.drain(..) {
                    change.finish(Ok(()));
                }
                if shortened {
                    // The next one is opened with full patience.
                    (connection, shortened) = (None, false);
                }
            }
            Err(error) => {
                let error = place.judge(error);
                measure::not_committed(&error);
                tracing::warn!(%error, changes = batch.len(), took = ?started.elapsed(), "nothing of a batch was committed");
                watch.wrote(Trouble::of(&error));
                for change in batch.drain(..) {
                    change.finish(Err(&error));
                }
                // Whatever state the connection is in, a fresh one is not in it.
                connection = None;
                shortened = matches!(error, Error::Locked);
            }
        }
    }
}

fn try_batch(
    place: &Place,
    connection: &mut Option<Db>,
    patience_ms: u32,
    batch: &mut [Box<dyn Change>],
) -> Result<bool> {
    let open = match connection {
        Some(open) => {
            place.check()?;
            open
        }
        none => none.insert(place.open(patience_ms)?),
    };
    commit_batch(open, batch)
}

fn commit_batch(connection: &mut Db, batch: &mut [Box<dyn Change>]) -> Result<bool> {
    connection.begin(Begin::Write)?;
    let now = Instant::now();
    let mut announced = false;
    let mut all_good = true;
    for change in batch.iter_mut() {
        let mut write = Write::at(connection, now);
        all_good &= change.run(&mut write);
        announced |= write.announced;
        if let Some(trouble) = change.trouble() {
            return Err(trouble);
        }
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
        let mut write = Write::at(connection, now);
        let good = change.run(&mut write);
        let told = write.announced;
        if let Some(trouble) = change.trouble() {
            return Err(trouble);
        }
        if good {
            connection.commit()?;
            announced |= told;
        } else {
            connection.rollback()?;
        }
    }
    Ok(announced)
}

/// What came of one try of a change on PostgreSQL.
enum Tried {
    /// Whether something was announced, and what is to be told now.
    Committed(bool, Vec<Told>),
    /// It is not allowed, or a mistake; nothing was changed.
    Refused,
    /// Another change was in its way, and it may be tried again.
    Collided,
    /// A lock was waited for in vain. Whose it is, the database does not say.
    Waited,
}

/// A change that waited in vain for a lock is given up so long after it was asked for: a sender hears within a
/// second, and a form is still to be shown again.
const GIVEN_UP: Duration = Duration::from_millis(750);

/// For how long a lock is waited for once more by a change that was asked for at this moment, in
/// milliseconds; nothing if too little is left of its time to be worth it.
fn once_more(asked: Clock) -> Option<u32> {
    let left = u32::try_from(GIVEN_UP.saturating_sub(asked.elapsed()).as_millis()).unwrap_or(0);
    (left >= 50).then_some(left.min(SHORT_PATIENCE_MS))
}

/// One change on PostgreSQL, in a transaction of its own; tried again a few times when another change
/// was in its way. Two changes of ours that wait for each other are one of them: neither waits as long as
/// the server takes to call that a deadlock, so the first wait in vain is tried again once, shortly. Its
/// rollback has let the other one go on. Not so while a lock of another session is known: whoever holds one
/// for so long holds it for everybody.
pub(super) fn run_alone(
    place: &Place,
    connection: &mut Db,
    mut change: Box<dyn Change>,
    changed: &watch::Sender<u64>,
    announcer: Option<&Announcer>,
    watch: &Watch,
    asked: Clock,
) {
    const TRIES: u32 = 3;
    let mut again = None;
    for attempt in 1..=TRIES {
        let started = Clock::now();
        let known = watch.is_locked().then_some(SHORT_PATIENCE_MS);
        let error = match try_alone(connection, change.as_mut(), again.or(known)) {
            Ok(Tried::Committed(announced, later)) => {
                measure::committed(1, started.elapsed());
                watch.wrote(None);
                if announced {
                    changed.send_modify(|n| *n += 1);
                }
                if let Some(announcer) = announcer {
                    announcer.tell(later);
                }
                return change.finish(Ok(()));
            }
            Ok(Tried::Collided) if attempt < TRIES => continue,
            Ok(Tried::Collided) => {
                measure::not_committed(&Error::Busy);
                return change.finish(Ok(()));
            }
            // Says nothing of whether anything can be written.
            Ok(Tried::Refused) => return change.finish(Ok(())),
            Ok(Tried::Waited) => {
                again = once_more(asked).filter(|_| attempt == 1 && known.is_none());
                if again.is_some() {
                    continue;
                }
                Error::Locked
            }
            Err(error) => place.judge(error),
        };
        measure::not_committed(&error);
        watch.wrote(Trouble::of(&error));
        return change.finish(Err(&error));
    }
}

/// `patience_ms` is how long it waits for a lock, if not as long as its connection does.
fn try_alone(connection: &mut Db, change: &mut dyn Change, patience_ms: Option<u32>) -> Result<Tried> {
    connection.begin(Begin::Write)?;
    if let Some(patience_ms) = patience_ms {
        connection.be_patient_once(patience_ms)?;
    }
    let mut write = Write::at(connection, Instant::now());
    let good = change.run(&mut write);
    let Write { announced, later, .. } = write;
    if good {
        connection.commit()?;
        return Ok(Tried::Committed(announced, later));
    }
    if let Some(trouble) = change.trouble() {
        // Whether it can still be rolled back says nothing more; the pool looks at the connection.
        let back = connection.rollback();
        return if back.is_ok() && matches!(trouble, Error::Locked) {
            Ok(Tried::Waited)
        } else {
            Err(trouble)
        };
    }
    connection.rollback()?;
    if change.waited_for_key() && !idempotency::is_open(connection)? {
        return Err(Error::Locked);
    }
    Ok(if change.collided() { Tried::Collided } else { Tried::Refused })
}
