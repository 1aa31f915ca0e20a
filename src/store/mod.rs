//! All SQL, behind two doors: [`Store::read`] gives one snapshot, [`Store::write`] one transaction
//! and the instant that it happens at. A verb lives with its noun, in the file of that name.

pub mod alarms;
mod announcer;
pub mod appearance;
pub mod audit;
pub mod backup;
pub mod canned_answers;
pub mod changes;
mod checkpoint;
pub mod components;
pub mod connection;
pub mod counters;
pub mod demonstration;
mod doors;
pub mod error;
pub mod export_rows;
pub mod follow;
pub mod help;
pub mod idempotency;
pub mod imports;
pub mod improvements;
pub mod insights;
pub mod instance;
pub mod jobs;
pub mod keeping;
pub mod known_issues;
pub mod language;
pub mod login_debts;
pub mod me_toos;
mod measure;
mod migrations;
pub mod people;
mod place;
pub mod reports;
pub mod responses;
pub mod saved_filters;
pub mod schema;
pub mod search;
pub mod server;
mod statement;
pub mod surveys;
pub mod syncing;
pub mod texts;
pub mod triage_rules;
mod trouble;
pub mod turns;
pub mod verify;
pub mod windows;
mod wording;
mod writer;

use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant as Clock};

use tokio::sync::{mpsc, oneshot, watch};

use announcer::Announcer;
use connection::{Begin, Database, Db};
pub use doors::CONNECTIONS;
use doors::{Doors, Gate, WAITING};
pub use error::{Error, Result};
use follow::{Follower, Following, Pulse};
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
    gate: Arc<Gate>,
    /// How the database answers those who follow it; only a server can go silent.
    pulse: Arc<Pulse>,
    follower: OnceLock<Follower>,
    /// The queue of the writer thread; nothing on PostgreSQL, where every change uses the pool.
    queue: Option<mpsc::Sender<Box<dyn Change>>>,
    /// Tells on PostgreSQL of what was committed.
    announcer: Option<Announcer>,
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
        let place = Arc::new(Place::new(database));
        let watch = Arc::new(Watch::default());
        let gate = Arc::new(Gate::open(place.clone())?);
        let changed = watch::Sender::new(0);
        let mut threads = Vec::new();
        let (mut queue, mut checkpoints, mut announcer) = (None, None, None);
        if !sqlite {
            announcer = Some(Announcer::begin(gate.clone(), changed.clone())?);
        } else {
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
                gate,
                pulse: Arc::default(),
                follower: OnceLock::new(),
                queue,
                announcer,
                changed,
                threads: Mutex::new(threads),
                checkpoints,
            }),
        })
    }

    /// How many migrations the next start would bring to a database; nothing is changed.
    pub fn lacking(database: &Database) -> Result<usize> {
        migrations::lacking(database)
    }

    /// Which database this is.
    pub fn database(&self) -> &Database {
        &self.inner.place.database
    }

    /// Follows what other processes commit, from now on: [`Store::changed`] then tells of it within
    /// a moment, and a PostgreSQL server that goes silent is noticed.
    ///
    /// [`Error::Internal`] if there can be no thread for it.
    pub fn follow(&self) -> Result<()> {
        self.follow_by(Following::Both)
    }

    /// The same, in one way alone. Who follows already goes on as it does.
    pub fn follow_by(&self, way: Following) -> Result<()> {
        if self.inner.follower.get().is_none() {
            let inner = &self.inner;
            let new = Follower::begin(inner.gate.clone(), inner.pulse.clone(), inner.changed.clone(), way)?;
            // Of two who begin at once, one's ends again.
            drop(inner.follower.set(new));
        }
        Ok(())
    }

    /// Tells whoever waits for [`Store::changed`] of a commit of somebody else that was come upon in
    /// another way than by following.
    pub fn came_upon_change(&self) {
        self.inner.changed.send_modify(|times| *times += 1);
    }

    /// Tells, by changing, that a commit announced something: one of this process at once, those of
    /// others within a moment if the store follows them.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.inner.changed.subscribe()
    }

    /// What stands in the way of the database, as the last calls met it.
    pub fn trouble(&self) -> Option<Trouble> {
        let met = self.inner.watch.trouble();
        let refused = || self.inner.refusal().or_else(|| self.inner.pulse.outgrown());
        met.or_else(|| Trouble::of(&refused()?))
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
        let doors = inner.gate.doors();
        let pool = doors.pool.state();
        let (waiting, room) = match &inner.queue {
            Some(queue) => (writer::QUEUE - queue.capacity(), writer::QUEUE),
            None => (doors.writers.waiting(), WAITING),
        };
        Load {
            waiting,
            room,
            connections: pool.connections,
            idle: pool.idle_connections,
            listening: inner.queue.is_none() && inner.pulse.is_listening(),
        }
    }

    /// Runs a query in one snapshot, off the caller's thread.
    ///
    /// [`Error::Busy`] if its turn did not come within [`PATIENCE`], at once if too many are waiting.
    pub async fn read<T, F>(&self, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Db) -> Result<T> + Send + 'static,
    {
        let asked = Clock::now();
        self.inner.is_heard("read")?;
        let doors = self.inner.gate.doors();
        let permit = doors.readers.take().await.inspect_err(|e| measure::failed("read", e))?;
        let inner = self.inner.clone();
        self.bounded("a query", async move {
            let done = tokio::task::spawn_blocking(move || {
                // Kept here, for the query goes on even if the caller is gone.
                let _permit = permit;
                inner.read(&doors, query, asked)
            });
            done.await.map_err(|e| Error::Internal(format!("a query panicked: {e}")))?
        })
        .await
    }

    /// Runs a query in one snapshot on the caller's thread, which may block.
    pub fn read_here<T>(&self, query: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        self.inner.read(&self.inner.gate.doors(), query, Clock::now())
    }

    /// Makes a change: one transaction, acknowledged only after its commit is synced.
    ///
    /// The change may run more than once before it is acknowledged, so it must not touch anything
    /// but the transaction. [`Error::Busy`] at once if too many changes are waiting.
    pub async fn write<T, F>(&self, mut change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Write<'_>) -> Result<T> + Send + 'static,
    {
        self.inner.may_write()?;
        let (reply, answer) = oneshot::channel();
        let place = self.inner.place.clone();
        let change = move |w: &mut Write<'_>| change(w).map_err(|error| place.judge(error));
        let change: Box<dyn Change> = Box::new(Typed { change, outcome: None, reply });
        match &self.inner.queue {
            Some(queue) => queue.try_send(change).map_err(|_| {
                measure::failed("write", &Error::Busy);
                Error::Busy
            })?,
            None => {
                let asked = Clock::now();
                self.inner.is_heard("write")?;
                let doors = self.inner.gate.doors();
                let permit = doors.writers.take().await.inspect_err(|e| measure::failed("write", e))?;
                let inner = self.inner.clone();
                let done = tokio::task::spawn_blocking(move || {
                    let _permit = permit;
                    inner.write_alone(&doors, change, asked)
                });
                self.bounded("a change", async {
                    done.await.map_err(|e| Error::Internal(format!("a change panicked: {e}")))?
                })
                .await?;
            }
        }
        self.bounded("a change", async {
            answer.await.map_err(|_| Error::Unavailable("the writer has stopped".into()))?
        })
        .await
    }

    /// [`Store::write`] for callers that have no runtime, such as the command line.
    pub fn write_here<T, F>(&self, mut change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Write<'_>) -> Result<T> + Send + 'static,
    {
        self.inner.may_write()?;
        let (reply, answer) = oneshot::channel();
        let place = self.inner.place.clone();
        let change = move |w: &mut Write<'_>| change(w).map_err(|error| place.judge(error));
        let change: Box<dyn Change> = Box::new(Typed { change, outcome: None, reply });
        match &self.inner.queue {
            Some(queue) => queue
                .blocking_send(change)
                .map_err(|_| Error::Unavailable("the writer has stopped".into()))?,
            None => self.inner.write_alone(&self.inner.gate.doors(), change, Clock::now())?,
        }
        answer.blocking_recv().map_err(|_| Error::Unavailable("the writer has stopped".into()))?
    }

    /// Gives a connection inside one snapshot to a long-running reader on a thread of its own, such
    /// as an export; it does not count against the readers of pages.
    pub fn snapshot<T>(&self, query: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        let mut connection = self.inner.place.open(PATIENCE_MS)?;
        in_snapshot(&mut connection, query).map_err(|error| self.inner.place.judge(error))
    }

    /// A call under way, given up when it takes too long or the database has gone silent.
    async fn bounded<T>(&self, what: &str, call: impl Future<Output = Result<T>>) -> Result<T> {
        let silent = async {
            match self.inner.queue {
                None => self.inner.pulse.lost().await,
                Some(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            outcome = call => outcome,
            error = silent => {
                measure::failed("silent", &error);
                Err(error)
            }
            () = tokio::time::sleep(BOUND) => {
                Err(Error::Unavailable(format!("{what} took longer than {BOUND:?}")))
            }
        }
    }
}

impl Inner {
    /// Why nobody can be let in, if the database has gone silent.
    fn refusal(&self) -> Option<Error> {
        if self.queue.is_none() { self.pulse.refusal() } else { None }
    }

    /// Refuses changes once a newer version of the program has changed the tables.
    fn may_write(&self) -> Result<()> {
        match self.pulse.outgrown() {
            Some(error) => {
                measure::failed("write", &error);
                Err(error)
            }
            None => Ok(()),
        }
    }

    fn is_heard(&self, door: &'static str) -> Result<()> {
        match self.refusal() {
            Some(error) => {
                measure::failed(door, &error);
                Err(error)
            }
            None => Ok(()),
        }
    }

    fn read<T>(&self, doors: &Doors, query: impl FnOnce(&mut Db) -> Result<T>, asked: Clock) -> Result<T> {
        let outcome = doors.connection(asked).and_then(|mut c| in_snapshot(&mut c, query));
        let outcome = outcome.map_err(|error| self.place.judge(error));
        let error = outcome.as_ref().err().filter(|e| e.is_trouble());
        if let Some(error) = error {
            measure::failed("read", error);
        }
        // A lock on what one call reads says nothing of all the others.
        let lasting = error.filter(|e| !matches!(e, Error::Locked));
        self.watch.read(lasting.and_then(Trouble::of));
        outcome
    }

    fn write_alone(&self, doors: &Doors, change: Box<dyn Change>, asked: Clock) -> Result<()> {
        match doors.connection(asked) {
            Ok(mut connection) => {
                writer::run_alone(
                    &self.place,
                    &mut connection,
                    change,
                    &self.changed,
                    self.announcer.as_ref(),
                    &self.watch,
                    asked,
                );
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
        drop(self.follower.take());
        // What was committed is told before the connections go.
        drop(self.announcer.take());
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
