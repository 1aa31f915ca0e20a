//! All SQL, behind two doors: [`Store::read`] gives one snapshot, [`Store::write`] one transaction
//! and the instant that it happens at. A verb lives with its noun, in the file of that name.

pub mod audit;
pub mod backup;
pub mod changes;
mod checkpoint;
pub mod components;
pub mod connection;
pub mod counters;
pub mod demonstration;
pub mod error;
pub mod export_rows;
pub mod idempotency;
pub mod imports;
pub mod insights;
pub mod instance;
pub mod jobs;
mod measure;
mod migrations;
pub mod people;
mod place;
pub mod reports;
pub mod responses;
pub mod schema;
pub mod surveys;
pub mod texts;
mod trouble;
pub mod verify;
pub mod windows;
mod writer;

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant as Clock};

use diesel::r2d2::{Pool, PooledConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use connection::{Begin, Database, Db, Manager};
pub use error::{Error, Result};
pub use measure::Load;
use place::Place;
use trouble::Watch;
pub use trouble::{Trouble, TroubleKind};
pub use writer::Write;
use writer::{Change, Typed};

/// How long a call may wait for its turn before it is told to come back later.
pub const PATIENCE: Duration = Duration::from_millis(500);
const PATIENCE_MS: u32 = 500;
/// How long a call may take in all, once its turn has come. Past it the caller is answered, though a
/// change may still be made: sent again with its key, it counts once.
const BOUND: Duration = Duration::from_secs(15);

/// How many changes are made at once on PostgreSQL.
const WRITERS: u32 = 8;

/// The store of one server. Cheap to clone; all clones share the same doors.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    place: Arc<Place>,
    watch: Arc<Watch>,
    pool: Pool<Manager>,
    readers: Arc<Semaphore>,
    /// The queue of the writer thread; nothing on PostgreSQL, where every change uses the pool.
    queue: Option<mpsc::Sender<Box<dyn Change>>>,
    writers: Arc<Semaphore>,
    changed: watch::Sender<u64>,
    /// The writer and the checkpoints, joined when the last clone of the store goes.
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Its end tells the checkpoints to stop.
    checkpoints: Option<std::sync::mpsc::Sender<()>>,
}

impl Store {
    /// Opens the database, brings it to this version and starts the writer.
    ///
    /// Fails if the database cannot be reached or was made by a newer version.
    pub fn open(database: Database) -> Result<Store> {
        migrations::run(&database)?;
        let sqlite = matches!(database, Database::Sqlite(_));
        let readers = if sqlite { 4 } else { 8 };
        let place = Arc::new(Place::new(database));
        let watch = Arc::new(Watch::default());
        let pool = Pool::builder()
            .max_size(if sqlite { readers } else { readers + WRITERS })
            .min_idle(Some(1))
            .connection_timeout(PATIENCE)
            .test_on_check_out(true)
            .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
            .build(Manager { place: place.clone(), patience_ms: PATIENCE_MS })
            .map_err(Error::opening)?;
        let changed = watch::Sender::new(0);
        let mut threads = Vec::new();
        let (mut queue, mut checkpoints) = (None, None);
        if sqlite {
            let (sender, receiver) = mpsc::channel(writer::QUEUE);
            queue = Some(sender);
            let (at, told, seen) = (place.clone(), changed.clone(), watch.clone());
            threads.push(start("writer", move || writer::run(&at, PATIENCE_MS, receiver, &told, &seen))?);
            let (going, stop) = std::sync::mpsc::channel();
            checkpoints = Some(going);
            let at = place.clone();
            threads.push(start("checkpoints", move || checkpoint::run(&at, PATIENCE_MS, &stop))?);
        }
        Ok(Store {
            inner: Arc::new(Inner {
                place,
                watch,
                pool,
                readers: Arc::new(Semaphore::new(readers as usize)),
                queue,
                writers: Arc::new(Semaphore::new(WRITERS as usize)),
                changed,
                threads: Mutex::new(threads),
                checkpoints,
            }),
        })
    }

    /// Which database this is.
    pub fn database(&self) -> &Database {
        &self.inner.place.database
    }

    /// Tells, by changing, that a commit of this process announced something.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.inner.changed.subscribe()
    }

    /// What stands in the way of the database, as the last calls met it.
    pub fn trouble(&self) -> Option<Trouble> {
        self.inner.watch.trouble()
    }

    /// Sees whether the database answers, and, every few seconds while nothing could be written,
    /// whether it can be written again. Gives what stands in the way.
    pub async fn probe(&self) -> Option<Trouble> {
        let read = self.read(changes::latest).await;
        if self.inner.watch.probe_due()
            && let Err(error) = self.write(instance::probe).await
        {
            tracing::debug!(%error, "the database still cannot be written");
        }
        self.trouble().or_else(|| Trouble::of(&read.err()?))
    }

    /// What is waiting and what is open at this moment.
    pub fn load(&self) -> Load {
        let inner = &self.inner;
        let pool = inner.pool.state();
        let (room, free) = match &inner.queue {
            Some(queue) => (writer::QUEUE, queue.capacity()),
            None => (WRITERS as usize, inner.writers.available_permits()),
        };
        Load { waiting: room - free, room, connections: pool.connections, idle: pool.idle_connections }
    }

    /// Runs a query in one snapshot, off the caller's thread.
    ///
    /// [`Error::Busy`] if its turn did not come within [`PATIENCE`].
    pub async fn read<T, F>(&self, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Db) -> Result<T> + Send + 'static,
    {
        let asked = Clock::now();
        let permit = turn(&self.inner.readers).await?;
        let inner = self.inner.clone();
        bounded("a query", async move {
            let done = tokio::task::spawn_blocking(move || {
                // Kept here, for the query goes on even if the caller is gone.
                let _permit = permit;
                inner.read(query, asked)
            });
            done.await.map_err(|e| Error::Internal(format!("a query panicked: {e}")))?
        })
        .await
    }

    /// Runs a query in one snapshot on the caller's thread, which may block.
    pub fn read_here<T>(&self, query: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        self.inner.read(query, Clock::now())
    }

    /// Makes a change: one transaction, acknowledged only after its commit is synced.
    ///
    /// The change may run more than once before it is acknowledged, so it must not touch anything
    /// but the transaction. [`Error::Busy`] at once if too many changes are waiting.
    pub async fn write<T, F>(&self, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Write<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let change: Box<dyn Change> = Box::new(Typed { change, outcome: None, reply });
        match &self.inner.queue {
            Some(queue) => queue.try_send(change).map_err(|_| {
                measure::failed("write", &Error::Busy);
                Error::Busy
            })?,
            None => {
                let asked = Clock::now();
                let permit = turn(&self.inner.writers).await?;
                let inner = self.inner.clone();
                let done = tokio::task::spawn_blocking(move || {
                    let _permit = permit;
                    inner.write_alone(change, asked)
                });
                bounded("a change", async {
                    done.await.map_err(|e| Error::Internal(format!("a change panicked: {e}")))?
                })
                .await?;
            }
        }
        bounded("a change", async {
            answer.await.map_err(|_| Error::Unavailable("the writer has stopped".into()))?
        })
        .await
    }

    /// [`Store::write`] for callers that have no runtime, such as the command line.
    pub fn write_here<T, F>(&self, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Write<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let change: Box<dyn Change> = Box::new(Typed { change, outcome: None, reply });
        match &self.inner.queue {
            Some(queue) => queue
                .blocking_send(change)
                .map_err(|_| Error::Unavailable("the writer has stopped".into()))?,
            None => self.inner.write_alone(change, Clock::now())?,
        }
        answer.blocking_recv().map_err(|_| Error::Unavailable("the writer has stopped".into()))?
    }

    /// Gives a connection inside one snapshot to a long-running reader on a thread of its own, such
    /// as an export; it does not count against the readers of pages.
    pub fn snapshot<T>(&self, query: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        let mut connection = self.inner.place.open(PATIENCE_MS)?;
        in_snapshot(&mut connection, query)
    }
}

/// A turn, or [`Error::Busy`].
async fn turn(doors: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit> {
    let turn = tokio::time::timeout(PATIENCE, doors.clone().acquire_owned()).await;
    let turn = turn.map_err(|_| Error::Busy)?;
    turn.map_err(|_| Error::Unavailable("the store is closed".into()))
}

async fn bounded<T>(what: &str, call: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(BOUND, call).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Error::Unavailable(format!("{what} took longer than {BOUND:?}"))),
    }
}

impl Inner {
    /// A connection of the pool; whoever has waited for a turn waits here only for the rest.
    fn connection(&self, asked: Clock) -> Result<PooledConnection<Manager>> {
        let rest = PATIENCE.saturating_sub(asked.elapsed()).max(PATIENCE / 5);
        self.pool.get_timeout(rest).map_err(Error::opening)
    }

    fn read<T>(&self, query: impl FnOnce(&mut Db) -> Result<T>, asked: Clock) -> Result<T> {
        let outcome = self.connection(asked).and_then(|mut c| in_snapshot(&mut c, query));
        let error = outcome.as_ref().err().filter(|e| e.is_trouble());
        if let Some(error) = error {
            measure::failed("read", error);
        }
        self.watch.read(error.and_then(Trouble::of));
        outcome
    }

    fn write_alone(&self, change: Box<dyn Change>, asked: Clock) -> Result<()> {
        match self.connection(asked) {
            Ok(mut connection) => {
                writer::run_alone(&mut connection, change, &self.changed, &self.watch);
                Ok(())
            }
            Err(error) => {
                measure::not_committed(&error);
                self.watch.wrote(Trouble::of(&error));
                Err(error)
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Closing the queue lets the writer finish what it has; what was acknowledged is committed.
        self.queue = None;
        self.checkpoints = None;
        let threads = self.threads.lock().map(|mut t| std::mem::take(&mut *t)).unwrap_or_default();
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the store ended with a panic");
            }
        }
    }
}

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.into()).spawn(work).map_err(|e| Error::Internal(e.to_string()))
}

fn in_snapshot<T>(connection: &mut Db, query: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
    connection.begin(Begin::Read)?;
    let outcome = query(connection);
    match &outcome {
        Ok(_) => connection.commit()?,
        // The reason for the failure says more than the failure to roll back would.
        Err(_) => drop(connection.rollback()),
    }
    outcome
}
