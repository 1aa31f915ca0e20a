//! Backups by the clock, on a thread of their own: one may take minutes, and a window that is due must
//! not wait for it.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::domain::instant::Instant;
use crate::store::backup;
use crate::store::backup::schedule::Schedule;
use crate::store::connection::Database;
use crate::store::people::Actor;
use crate::store::turns::{self, Work};

/// The thread that makes backups while the server runs.
pub struct Backups {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Backups {
    /// Ends it, after the backup that it may be making.
    pub fn end(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the thread of the backups ended with a panic");
        }
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
            let outcome = one_turn(&schedule, &database, now, &mut due);
            // Also after a failure: what stands still is told by the time that goes on.
            metrics::gauge!("interlude_backup_due_time_seconds").set(due.micros() as f64 / 1e6);
            if let Err(error) = outcome {
                tracing::error!(%error, folder = %schedule.folder.display(), "no backup was made; tried again in {AGAIN} s");
                not_before = now.plus_seconds(AGAIN);
            }
        }
    };
    Ok(Backups { stop, thread: std::thread::Builder::new().name("backups".into()).spawn(work)? })
}

/// Makes a backup if one is due, and keeps in `due` since or from when one is.
fn one_turn(schedule: &Schedule, database: &Database, now: Instant, due: &mut Instant) -> backup::Result<()> {
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
    let turn = schedule.make(database, now, &mut ())?;
    *due = schedule.due(database, now)?;
    tracing::info!(
        file = %turn.made.display(),
        rows = turn.header.rows(),
        removed = turn.removed.len(),
        "a backup was made and checked"
    );
    Ok(())
}
