//! The pooled connections and who may use them at a time. All of it can be replaced while the
//! server runs: calls that hang on connections to a server that went silent keep the old ones.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant as Clock};

use diesel::r2d2::{Pool, PooledConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connection::{Database, Manager};
use super::error::{Error, Result};
use super::place::Place;
use super::writer::QUEUE;
use super::{PATIENCE, PATIENCE_MS, WRITERS};

/// How many calls may wait for a turn at one door; one more is told to come back later. As many as may
/// wait for the one writer of SQLite.
pub(super) const WAITING: usize = QUEUE;

/// How long the first connection may take, on a machine with much else to do.
const OPENING: Duration = Duration::from_secs(5);

/// One set of connections and turns.
pub(super) struct Doors {
    pub(super) pool: Pool<Manager>,
    pub(super) readers: Turns,
    pub(super) writers: Turns,
}

impl Doors {
    /// A connection of the pool; whoever has waited for a turn waits here only for the rest.
    pub(super) fn connection(&self, asked: Clock) -> Result<PooledConnection<Manager>> {
        let rest = PATIENCE.saturating_sub(asked.elapsed()).max(Duration::from_millis(100));
        self.pool.get_timeout(rest).map_err(Error::opening)
    }
}

/// Makes doors to a database and says which are used now.
pub(super) struct Gate {
    pub(super) place: Arc<Place>,
    now: RwLock<Arc<Doors>>,
}

impl Gate {
    /// Fails if no connection can be had; at the start that may take longer than a call may wait.
    pub(super) fn open(place: Arc<Place>) -> Result<Gate> {
        let pool = builder(&place).build_unchecked(manager(&place));
        drop(pool.get_timeout(OPENING).map_err(Error::opening)?);
        let doors = turns(&place.database)(pool);
        Ok(Gate { now: RwLock::new(Arc::new(doors)), place })
    }

    pub(super) fn doors(&self) -> Arc<Doors> {
        self.now.read().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// From now on other connections and turns are used. Those who hang on the old ones keep them
    /// until the operating system gives their connections up.
    pub(super) fn renew(&self) {
        let pool = builder(&self.place).build_unchecked(manager(&self.place));
        let doors = turns(&self.place.database)(pool);
        *self.now.write().unwrap_or_else(|e| e.into_inner()) = Arc::new(doors);
    }
}

/// How many read at once on PostgreSQL.
const READERS: u32 = 8;

/// Up to how many connections to PostgreSQL one instance takes: those of both doors, and one that listens.
pub const CONNECTIONS: i64 = READERS as i64 + WRITERS as i64 + 1;

fn readers(database: &Database) -> u32 {
    if matches!(database, Database::Sqlite(_)) { 4 } else { READERS }
}

fn builder(place: &Place) -> diesel::r2d2::Builder<Manager> {
    let readers = readers(&place.database);
    let sqlite = matches!(place.database, Database::Sqlite(_));
    Pool::builder()
        .max_size(if sqlite { readers } else { readers + WRITERS })
        .min_idle(Some(1))
        .connection_timeout(PATIENCE)
        .test_on_check_out(true)
        .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
}

fn manager(place: &Arc<Place>) -> Manager {
    Manager { place: place.clone(), patience_ms: PATIENCE_MS }
}

fn turns(database: &Database) -> impl FnOnce(Pool<Manager>) -> Doors + use<> {
    let readers = readers(database) as usize;
    move |pool| Doors { pool, readers: Turns::new(readers), writers: Turns::new(WRITERS as usize) }
}

/// Turns at one door, and how many wait for one.
pub(super) struct Turns {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// One that waits; it leaves the count however its wait ends.
struct Waiter<'a>(&'a AtomicUsize);

impl Turns {
    fn new(at_once: usize) -> Turns {
        Turns { free: Arc::new(Semaphore::new(at_once)), waiting: AtomicUsize::new(0) }
    }

    /// How many wait at this moment.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// A turn. [`Error::Busy`] if it did not come within [`PATIENCE`], and at once if [`WAITING`] others
    /// wait for theirs.
    pub(super) async fn take(&self) -> Result<OwnedSemaphorePermit> {
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiter = Waiter(&self.waiting);
        if before >= WAITING {
            return Err(Error::Busy);
        }
        let turn = tokio::time::timeout(PATIENCE, self.free.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| Error::Busy)?;
        turn.map_err(|_| Error::Unavailable("the store is closed".into()))
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
