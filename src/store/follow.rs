//! Follows what other processes commit, and feels the pulse of the database.
//!
//! A thread with a connection of its own looks at the change log: as soon as PostgreSQL tells of a
//! change (`LISTEN`), and every [`LOOK`] in any case, for a notification can be missed while the
//! connection is broken, and SQLite tells nothing. What it finds makes [`super::Store::changed`] change.
//! Looking hides that nothing is told, so now and then it calls itself, on another connection, and
//! says that it listens only as long as it hears something.
//!
//! The same look is the pulse. A server that refuses or breaks off says so by itself; one that goes
//! silent (a network cut, a frozen machine) says nothing, and a call would wait for as long as the
//! operating system does. When the pulse is overdue, those who wait are told that the database
//! cannot be used, and new calls hear it at once.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant as Clock};

use diesel::connection::SimpleConnection;
use tokio::sync::watch;

use super::changes;
use super::connection::Db;
use super::doors::Gate;
use super::error::{Error, Result};
use super::{PATIENCE_MS, migrations, start};

/// How often the change log is looked at although nothing was told.
pub const LOOK: Duration = Duration::from_millis(250);
/// How often it is tried whether what PostgreSQL is told arrives here.
const CALL: Duration = Duration::from_secs(30);
/// Who has heard nothing for so long does not listen, whatever it believes.
const DEAF: Duration = Duration::from_secs(90);
/// What such a call says; a change says nothing.
const CALLING: &str = "calling";
/// How often it is seen whether PostgreSQL told something, which costs one read that does not wait.
const EAR: Duration = Duration::from_millis(20);
/// In how many looks once it is seen whether a newer version of the program changed the tables: every
/// two seconds.
const VERSIONS: u64 = 8;
/// A look that has no answer for so long is overdue; whoever waits as long is told.
const OVERDUE: Duration = Duration::from_millis(600);
/// After so long a silence nobody is let in to wait.
const SILENT: Duration = Duration::from_secs(2);
/// A look that has no answer for so long never will have one: another connection is tried.
const LOST: Duration = Duration::from_secs(4);

/// How changes of other processes are learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Following {
    /// By being told and by looking.
    #[default]
    Both,
    /// By being told alone, so that tests see whether anything is told.
    Told,
    /// By looking alone, as where a pooler swallows what is told.
    Looking,
}

impl Following {
    /// How often is looked.
    fn look(self) -> Duration {
        if self == Following::Told { Duration::from_secs(600) } else { LOOK }
    }
}

/// What the last looks met.
#[derive(Default)]
pub(super) struct Pulse {
    state: Mutex<State>,
    /// Which thread looks; another one has been given up.
    looking: AtomicU64,
    /// The latest change that was seen.
    seen: AtomicI64,
    listening: AtomicBool,
    /// The migration of a newer version, if one has been applied.
    newer: Mutex<Option<String>>,
}

#[derive(Default)]
struct State {
    /// When the look that is under way began.
    asked: Option<Clock>,
    /// When the first look without an answer began.
    silent: Option<Clock>,
}

impl Pulse {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// For how long the database has not answered.
    fn silence(&self) -> Duration {
        self.state().silent.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Nothing, or why it is of no use to wait.
    pub(super) fn refusal(&self) -> Option<Error> {
        (self.silence() > SILENT).then(|| Error::Unavailable("the database does not answer".into()))
    }

    /// Waits until the database has been silent for too long for somebody who asks now.
    pub(super) async fn lost(&self) -> Error {
        tokio::time::sleep(OVERDUE).await;
        while self.silence() < OVERDUE {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Error::Unavailable("the database does not answer".into())
    }

    /// Whether PostgreSQL tells this process of changes at present.
    pub(super) fn is_listening(&self) -> bool {
        self.listening.load(Ordering::Relaxed)
    }

    /// Why nothing may be written any more: a newer version has changed the tables, and knows of them what
    /// this one does not.
    pub(super) fn outgrown(&self) -> Option<Error> {
        let newer = self.newer.lock().unwrap_or_else(|e| e.into_inner());
        let said = |migration: &String| {
            Error::Unavailable(format!(
                "a newer version of Interlude changed the database (migration {migration}); put it in the place of this one"
            ))
        };
        newer.as_ref().map(said)
    }

    fn found_newer(&self, found: Option<String>) {
        let mut newer = self.newer.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(migration) = found.as_ref().filter(|_| newer.is_none()) {
            tracing::error!(
                migration,
                "a newer version of Interlude changed the database; this one writes nothing any more"
            );
        }
        *newer = found;
    }

    fn is_current(&self, thread: u64) -> bool {
        self.looking.load(Ordering::Acquire) == thread
    }

    fn begin(&self) {
        let now = Clock::now();
        let mut state = self.state();
        state.asked = Some(now);
        state.silent.get_or_insert(now);
    }

    /// The database answered, with a refusal perhaps; or a wait for it ended in vain.
    fn end(&self, in_vain: bool) {
        let mut state = self.state();
        state.asked = None;
        if !in_vain {
            state.silent = None;
        }
    }

    fn is_lost(&self) -> bool {
        self.state().asked.is_some_and(|asked| asked.elapsed() > LOST)
    }
}

/// The threads that follow; they end when this goes.
pub(super) struct Follower {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    /// Begins to follow.
    pub(super) fn begin(
        gate: Arc<Gate>,
        pulse: Arc<Pulse>,
        changed: watch::Sender<u64>,
        way: Following,
    ) -> Result<Follower> {
        let (stop, stopped) = channel::<()>();
        // Other changes than those that are there now are news.
        pulse.seen.store(-1, Ordering::Release);
        let watch = move || {
            let look = |thread: u64| {
                pulse.looking.store(thread, Ordering::Release);
                let (gate, pulse, changed) = (gate.clone(), pulse.clone(), changed.clone());
                start("follower", move || Looker { gate, pulse, changed, thread, way }.run())
            };
            let mut thread = 1;
            let mut looker = look(thread).ok();
            while matches!(stopped.recv_timeout(Duration::from_millis(100)), Err(RecvTimeoutError::Timeout)) {
                if pulse.is_lost() || looker.is_none() {
                    thread += 1;
                    pulse.end(true);
                    looker = look(thread).ok();
                }
            }
            pulse.looking.store(0, Ordering::Release);
            // One that hangs on a silent server ends with the process.
            let until = Clock::now() + Duration::from_secs(1);
            while looker.as_ref().is_some_and(|l| !l.is_finished()) && Clock::now() < until {
                std::thread::sleep(Duration::from_millis(5));
            }
        };
        Ok(Follower { stop: Some(stop), thread: Some(start("follower-watch", watch)?) })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.stop = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that follows changes ended with a panic");
        }
    }
}

/// One thread that looks, on one connection at a time.
struct Looker {
    gate: Arc<Gate>,
    pulse: Arc<Pulse>,
    changed: watch::Sender<u64>,
    thread: u64,
    way: Following,
}

/// When something was called and heard on the present connection.
#[derive(Default)]
struct Ear {
    called: Option<Clock>,
    heard: Option<Clock>,
}

impl Ear {
    fn is_deaf(&self) -> bool {
        self.heard.is_none_or(|heard| heard.elapsed() > DEAF)
    }

    fn is_to_be_tried(&self) -> bool {
        self.called.is_none_or(|called| called.elapsed() > CALL)
    }
}

impl Looker {
    fn run(self) {
        let mut connection = None;
        let mut ear = Ear::default();
        // The thread before this one hangs, and so do the calls that went the same way.
        let mut renew = self.thread > 1;
        let mut looks: u64 = 0;
        while self.pulse.is_current(self.thread) {
            self.pulse.begin();
            let asked = Clock::now();
            let found = self.look(&mut connection, looks.is_multiple_of(VERSIONS));
            looks += 1;
            if found.is_ok() && matches!(connection, Some(Db::Postgres(_))) && ear.is_to_be_tried() {
                self.call(&mut ear);
            }
            if !self.pulse.is_current(self.thread) {
                return;
            }
            self.pulse.end(found.is_err() && asked.elapsed() > OVERDUE);
            match found {
                Ok(latest) => {
                    if std::mem::take(&mut renew) {
                        tracing::info!("the database answers again, on other connections");
                        self.gate.renew();
                    }
                    if self.pulse.seen.swap(latest, Ordering::AcqRel) != latest {
                        self.changed.send_modify(|n| *n += 1);
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "the change log cannot be followed at present");
                    (connection, ear) = (None, Ear::default());
                }
            }
            self.wait(&mut connection, &mut ear);
        }
    }

    /// Calls on a connection of the pool: what is told comes from others, too. Where none is free the next
    /// look tries again.
    fn call(&self, ear: &mut Ear) {
        if let Some(mut other) = self.gate.doors().pool.try_get()
            && let Db::Postgres(c) = &mut *other
        {
            match c.batch_execute(&format!("NOTIFY {}, '{CALLING}'", changes::CHANNEL)) {
                Ok(()) => ear.called = Some(Clock::now()),
                Err(error) => tracing::debug!(%error, "it cannot be tried whether what is told is heard"),
            }
        }
    }

    /// The id of the latest change; now and then also whose version the tables are of.
    fn look(&self, connection: &mut Option<Db>, versions: bool) -> Result<i64> {
        let open = match connection {
            Some(open) => {
                self.gate.place.check()?;
                open
            }
            none => {
                let mut new = self.gate.place.open(PATIENCE_MS)?;
                if let Db::Postgres(c) = &mut new
                    && self.way != Following::Looking
                {
                    c.batch_execute(&format!("LISTEN {}", changes::CHANNEL))?;
                }
                none.insert(new)
            }
        };
        if versions {
            self.pulse.found_newer(migrations::newer(open)?);
        }
        changes::latest(open)
    }

    /// Waits for a word of PostgreSQL, or until it is time to look in any case.
    fn wait(&self, connection: &mut Option<Db>, ear: &mut Ear) {
        // Where nobody can tell anything, looking is the only way.
        let until = Clock::now() + if connection.is_some() { self.way.look() } else { LOOK };
        while Clock::now() < until && self.pulse.is_current(self.thread) {
            self.pulse.listening.store(!ear.is_deaf(), Ordering::Relaxed);
            std::thread::sleep(EAR);
            if let Some(Db::Postgres(c)) = connection {
                // All that was told is taken in one look.
                let mut changed = false;
                for told in c.notifications_iter() {
                    let Ok(told) = told else {
                        // A connection that has ended says so for ever, and without waiting. The look meets it, too,
                        // and makes another.
                        changed = true;
                        break;
                    };
                    ear.heard = Some(Clock::now());
                    changed |= told.payload != CALLING;
                }
                if changed {
                    return;
                }
            }
        }
    }
}
