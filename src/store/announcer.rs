//! Tells, on PostgreSQL, of reports and answers that were committed.
//!
//! The ids of the change log must become visible in their order, so whoever writes into it holds a lock
//! until its own commit has been synced. Were that the transaction of each report, reports could only be
//! taken in one after the other, by however many instances. So a report tells of itself once it is
//! committed: what was told within a moment goes into the log together, in a transaction that need not be
//! synced. If the process ends in that moment, the clock tells of a new report that was missed
//! ([`changes::catch_up`]); a missed change of a report, or an answer, is seen with the next one that is
//! told, or when somebody looks.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant as Clock};

use diesel::connection::SimpleConnection;
use tokio::sync::watch;

use super::changes::{self, Kind};
use super::connection::{Begin, Db};
use super::doors::Gate;
use super::error::Result;
use super::{Write, start};
use crate::domain::instant::Instant;

/// What belongs to a commit and is told after it.
pub(super) type Told = (Kind, Option<i64>);

/// How long is gathered.
const GATHER: Duration = Duration::from_millis(20);
/// How long is waited before it is tried again.
const AGAIN: Duration = Duration::from_millis(250);

#[derive(Default)]
struct Waiting {
    told: BTreeSet<Told>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    woken: Condvar,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// The thread that tells, and what it has not told yet.
pub(super) struct Announcer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Announcer {
    /// Begins; `changed` is told of each commit to the log.
    pub(super) fn begin(gate: Arc<Gate>, changed: watch::Sender<u64>) -> Result<Announcer> {
        let shared = Arc::new(Shared::default());
        let own = shared.clone();
        let thread = start("announcer", move || run(&own, &gate, &changed))?;
        Ok(Announcer { shared, thread: Some(thread) })
    }

    /// Tells of it soon.
    pub(super) fn tell(&self, told: Vec<Told>) {
        if !told.is_empty() {
            self.shared.waiting().told.extend(told);
            self.shared.woken.notify_one();
        }
    }
}

impl Drop for Announcer {
    fn drop(&mut self) {
        self.shared.waiting().closed = true;
        self.shared.woken.notify_one();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the announcer ended with a panic");
        }
    }
}

fn run(shared: &Shared, gate: &Gate, changed: &watch::Sender<u64>) {
    loop {
        let mut waiting = shared.waiting();
        while waiting.told.is_empty() && !waiting.closed {
            waiting = shared.woken.wait(waiting).unwrap_or_else(|e| e.into_inner());
        }
        if waiting.told.is_empty() {
            return;
        }
        if !waiting.closed {
            drop(waiting);
            std::thread::sleep(GATHER);
            waiting = shared.waiting();
        }
        let (told, closed) = (std::mem::take(&mut waiting.told), waiting.closed);
        drop(waiting);
        match write(gate, &told) {
            Ok(()) => changed.send_modify(|n| *n += 1),
            Err(error) if closed => {
                tracing::warn!(%error, "the last changes are told by the clock");
                return;
            }
            Err(error) => {
                tracing::debug!(%error, "changes could not be told yet");
                shared.waiting().told.extend(told);
                std::thread::sleep(AGAIN);
            }
        }
    }
}

fn write(gate: &Gate, told: &BTreeSet<Told>) -> Result<()> {
    let doors = gate.doors();
    let mut connection = doors.connection(Clock::now())?;
    let connection: &mut Db = &mut connection;
    connection.begin(Begin::Write)?;
    let outcome = enter(connection, told);
    match outcome {
        Ok(()) => Ok(connection.commit()?),
        Err(error) => {
            drop(connection.rollback());
            Err(error)
        }
    }
}

fn enter(connection: &mut Db, told: &BTreeSet<Told>) -> Result<()> {
    if let Db::Postgres(c) = connection {
        c.batch_execute("SET LOCAL synchronous_commit = off")?;
    }
    let mut write = Write::at(connection, Instant::now());
    told.iter().try_for_each(|(kind, window)| changes::enter(&mut write, *kind, *window))
}
