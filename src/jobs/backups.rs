//! Backups by the clock, on a thread of their own: one may take minutes, and a window that is due must
//! not wait for it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant as Clock};

use crate::domain::instant::Instant;
use crate::store::backup::schedule::Schedule;
use crate::store::backup::{self, Progress};
use crate::store::connection::Database;
use crate::store::people::Actor;
use crate::store::turns::{self, Work};

/// How long the end of the process waits for a backup to notice that it is to end.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// The thread that makes backups while the server runs.
pub struct Backups {
    stop: Sender<()>,
    course: Course,
    thread: JoinHandle<()>,
}

impl Backups {
    /// Ends it. A backup that is under way is given up, for one may take minutes and the process has
    /// seconds; the next start makes it.
    pub fn end(self) {
        self.course.0.over.store(true, Ordering::Release);
        drop(self.stop);
        let until = Clock::now() + LAST_WAIT;
        while !self.thread.is_finished() {
            if Clock::now() > until {
                // One statement of the database may take as long as it likes, and cannot be called off.
                tracing::warn!("a backup does not end by itself and is left to end with the process");
                self.course.remove();
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        if self.thread.join().is_err() {
            tracing::error!("the thread of the backups ended with a panic");
        }
    }
}

/// Whether the backup under way is to end, and which file it makes.
#[derive(Clone, Default)]
struct Course(Arc<State>);

#[derive(Default)]
struct State {
    over: AtomicBool,
    file: Mutex<Option<PathBuf>>,
}

impl Course {
    /// Removes the file in the making, and what SQLite keeps beside it.
    fn remove(&self) {
        let Some(file) = self.0.file.lock().unwrap_or_else(|e| e.into_inner()).take() else { return };
        for beside in ["", "-journal", "-wal", "-shm"] {
            let mut name = OsString::from(&file);
            name.push(beside);
            // Most are never there, and none is worth a failure at the end.
            drop(std::fs::remove_file(name));
        }
    }
}

impl Progress for Course {
    fn begin(&mut self, _: &'static str) {}
    fn at(&mut self, _: &str, _: u64, _: u64) {}

    fn is_over(&self) -> bool {
        self.0.over.load(Ordering::Acquire)
    }

    fn makes(&mut self, file: &Path) {
        *self.0.file.lock().unwrap_or_else(|e| e.into_inner()) = Some(file.to_owned());
    }
}

/// Makes backups by a schedule until told to end. A failure is logged, and tried again soon.
///
/// Fails only if there can be no thread.
pub fn start(schedule: Schedule, database: Database) -> std::io::Result<Backups> {
    /// How often the clock is looked at; it may be set meanwhile, or the machine may sleep.
    const LOOK: Duration = Duration::from_secs(30);
    /// How long after a failure the next attempt is made.
    const AGAIN: i64 = 300;
    let (stop, stopped) = channel::<()>();
    let course = Course::default();
    let mut own = course.clone();
    let work = move || {
        let (mut wait, mut not_before) = (Duration::ZERO, Instant::MIN);
        // Without any backup yet, the first is due since we began.
        let mut due = Instant::now();
        while matches!(stopped.recv_timeout(wait), Err(RecvTimeoutError::Timeout)) {
            wait = LOOK;
            let now = Instant::now();
            if now < not_before {
                continue;
            }
            let outcome = one_turn(&schedule, &database, now, &mut due, &mut own);
            // Also after a failure: what stands still is told by the time that goes on.
            metrics::gauge!("interlude_backup_due_time_seconds").set(due.micros() as f64 / 1e6);
            // In time, if it is due before the next look.
            let rest = u64::try_from(due.micros() - Instant::now().micros()).unwrap_or(0);
            if rest > 0 {
                wait = LOOK.min(Duration::from_micros(rest));
            }
            if matches!(outcome, Err(backup::Error::Ended)) {
                tracing::info!(
                    "the backup under way is given up, for the server ends; the next start makes it"
                );
                return;
            }
            if let Err(error) = outcome {
                tracing::error!(%error, folder = %schedule.folder.display(), "no backup was made; tried again in {AGAIN} s");
                not_before = now.plus_seconds(AGAIN);
            }
        }
    };
    Ok(Backups { stop, course, thread: std::thread::Builder::new().name("backups".into()).spawn(work)? })
}

/// Makes a backup if one is due, and keeps in `due` since or from when one is.
fn one_turn(
    schedule: &Schedule,
    database: &Database,
    now: Instant,
    due: &mut Instant,
    course: &mut Course,
) -> backup::Result<()> {
    // Where there is none, it is due at whatever moment one asks.
    *due = Some(schedule.due(database, now)?).filter(|next| *next != now).unwrap_or(*due);
    if *due > now {
        return Ok(());
    }
    // Of several instances with one folder, one makes it; the others then find a young file.
    let Some(_turn) = turns::take(database, Work::Backup)? else { return Ok(()) };
    if schedule.due(database, now)? > now {
        return Ok(());
    }
    let folder = schedule.folder.display().to_string();
    if let Err(error) = backup::note(database, &Actor::Clock, "backup.make", &folder, "") {
        tracing::warn!(%error, "the backup is not noted in the audit log");
    }
    if course.is_over() {
        return Err(backup::Error::Ended);
    }
    let turn = schedule.make(database, now, course)?;
    *due = schedule.due(database, now)?;
    tracing::info!(
        file = %turn.made.display(),
        rows = turn.header.rows(),
        removed = turn.removed.len(),
        "a backup was made and checked"
    );
    Ok(())
}
