//! All SQL, behind two doors: [`Store::read`] gives one snapshot, [`Store::write`] one transaction
//! and the instant that it happens at. A verb lives with its noun, in the file of that name.

pub mod audit;
pub mod changes;
mod checkpoint;
pub mod components;
pub mod connection;
pub mod counters;
pub mod error;
pub mod idempotency;
pub mod instance;
pub mod jobs;
mod migrations;
pub mod people;
pub mod reports;
pub mod responses;
pub mod schema;
pub mod texts;
pub mod verify;
pub mod windows;
mod writer;

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use diesel::r2d2::{Pool, PooledConnection};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

use connection::{Begin, Database, Db, Manager};
pub use error::{Error, Result};
pub use writer::Write;
use writer::{Change, Typed};

/// How long a call may wait for its turn before it is told to come back later.
pub const PATIENCE: Duration = Duration::from_millis(500);
const PATIENCE_MS: u32 = 500;

/// The store of one server. Cheap to clone; all clones share the same doors.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    database: Database,
    pool: Pool<Manager>,
    readers: Semaphore,
    /// The queue of the writer thread; nothing on PostgreSQL, where every change uses the pool.
    queue: Option<mpsc::Sender<Box<dyn Change>>>,
    writers: Semaphore,
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
        let writers = 8;
        let pool = Pool::builder()
            .max_size(if sqlite { readers } else { readers + writers })
            .min_idle(Some(1))
            .connection_timeout(PATIENCE)
            .test_on_check_out(!sqlite)
            .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
            .build(Manager { database: database.clone(), patience_ms: PATIENCE_MS })
            .map_err(|e| Error::Unavailable(e.to_string()))?;
        let changed = watch::Sender::new(0);
        let mut threads = Vec::new();
        let (mut queue, mut checkpoints) = (None, None);
        if sqlite {
            let (sender, receiver) = mpsc::channel(writer::QUEUE);
            queue = Some(sender);
            let (at, told) = (database.clone(), changed.clone());
            threads.push(start("writer", move || writer::run(&at, PATIENCE_MS, receiver, &told))?);
            let (going, stop) = std::sync::mpsc::channel();
            checkpoints = Some(going);
            let at = database.clone();
            threads.push(start("checkpoints", move || checkpoint::run(&at, PATIENCE_MS, &stop))?);
        }
        Ok(Store {
            inner: Arc::new(Inner {
                database,
                pool,
                readers: Semaphore::new(readers as usize),
                queue,
                writers: Semaphore::new(writers as usize),
                changed,
                threads: Mutex::new(threads),
                checkpoints,
            }),
        })
    }

    /// Which database this is.
    pub fn database(&self) -> &Database {
        &self.inner.database
    }

    /// Tells, by changing, that a commit of this process announced something.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.inner.changed.subscribe()
    }

    /// Runs a query in one snapshot, off the caller's thread.
    ///
    /// [`Error::Busy`] if no connection came free within [`PATIENCE`].
    pub async fn read<T, F>(&self, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Db) -> Result<T> + Send + 'static,
    {
        let permit = tokio::time::timeout(PATIENCE, self.inner.readers.acquire())
            .await
            .map_err(|_| Error::Busy)?
            .map_err(|_| Error::Unavailable("the store is closed".into()))?;
        let inner = self.inner.clone();
        let outcome = tokio::task::spawn_blocking(move || inner.read(query)).await;
        drop(permit);
        outcome.unwrap_or_else(|e| Err(Error::Internal(format!("a query panicked: {e}"))))
    }

    /// Runs a query in one snapshot on the caller's thread, which may block.
    pub fn read_here<T>(&self, query: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        self.inner.read(query)
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
            Some(queue) => queue.try_send(change).map_err(|_| Error::Busy)?,
            None => {
                let permit = tokio::time::timeout(PATIENCE, self.inner.writers.acquire())
                    .await
                    .map_err(|_| Error::Busy)?
                    .map_err(|_| Error::Unavailable("the store is closed".into()))?;
                let inner = self.inner.clone();
                let done = tokio::task::spawn_blocking(move || inner.write_alone(change)).await;
                drop(permit);
                done.map_err(|e| Error::Internal(format!("a change panicked: {e}")))??;
            }
        }
        answer.await.map_err(|_| Error::Unavailable("the writer has stopped".into()))?
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
            None => self.inner.write_alone(change)?,
        }
        answer.blocking_recv().map_err(|_| Error::Unavailable("the writer has stopped".into()))?
    }

    /// Gives a connection inside one snapshot to a long-running reader on a thread of its own, such
    /// as an export; it does not count against the readers of pages.
    pub fn snapshot<T>(&self, query: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        let mut connection =
            self.inner.database.open(PATIENCE_MS).map_err(|e| Error::Unavailable(e.to_string()))?;
        in_snapshot(&mut connection, query)
    }
}

impl Inner {
    fn connection(&self) -> Result<PooledConnection<Manager>> {
        self.pool.get().map_err(|e| Error::Unavailable(e.to_string()))
    }

    fn read<T>(&self, query: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        in_snapshot(&mut *self.connection()?, query)
    }

    fn write_alone(&self, change: Box<dyn Change>) -> Result<()> {
        let mut connection = self.connection()?;
        writer::run_alone(&mut connection, change, &self.changed);
        Ok(())
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
