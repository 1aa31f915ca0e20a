//! `interlude backup`

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use clap::Args;

use super::exit;
use super::progress::Shown;
use crate::config::DataOptions;
use crate::domain::instant::Instant;
use crate::store::backup::schedule::Schedule;
use crate::store::backup::{self, Error, Header};
use crate::store::connection::Database;

#[derive(Debug, Args)]
pub(super) struct BackupCommand {
    /// The file to write, or - for standard output. An older backup of this name is replaced.
    file: String,
}

pub(super) fn run(data: &DataOptions, command: &BackupCommand) -> anyhow::Result<()> {
    let database = data.database()?;
    if command.file == "-" {
        let header = backup::to_stream(&database, std::io::stdout().lock(), &mut Shown::new())?;
        eprintln!("{} rows of {} tables written.", header.rows(), header.tables.len());
        return Ok(());
    }
    let header = backup::to_file(&database, Path::new(&command.file), &mut Shown::new())?;
    println!("{} holds {}, written, read again and counted:", command.file, database.label());
    counts(&header);
    Ok(())
}

/// One line a table, and their sum.
pub(super) fn counts(header: &Header) {
    for table in header.tables.iter().filter(|t| t.rows > 0) {
        println!("  {:<24}{:>12}", table.name, table.rows);
    }
    println!("  {:<24}{:>12}", format!("in {} tables", header.tables.len()), header.rows());
}

/// The exit code of what went wrong.
pub(super) fn code(error: &Error) -> u8 {
    match error {
        Error::Damaged(_) => exit::DAMAGED,
        Error::Foreign(_) => exit::FOREIGN,
        Error::Newer(_) => exit::NEWER,
        Error::Occupied(_) => exit::OCCUPIED,
        Error::File(_, e) if e.kind() == std::io::ErrorKind::NotFound => exit::NOT_FOUND,
        Error::File(..) => exit::INVALID,
        Error::Store(_) => exit::UNAVAILABLE,
    }
}

/// The thread that makes backups while the server runs.
pub(super) struct ByTheClock {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl ByTheClock {
    /// Ends it, after the backup that it may be making.
    pub(super) fn end(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the thread of the backups ended with a panic");
        }
    }
}

/// Makes backups by a schedule until told to end. A failure is logged, and tried again soon.
pub(super) fn by_the_clock(schedule: Schedule, database: Database) -> anyhow::Result<ByTheClock> {
    /// How often the clock is looked at; it may be set meanwhile, or the machine may sleep.
    const LOOK: Duration = Duration::from_secs(30);
    /// How long after a failure the next attempt is made.
    const AGAIN: i64 = 300;
    let (stop, stopped) = channel::<()>();
    let work = move || {
        let (mut wait, mut not_before) = (Duration::ZERO, Instant::MIN);
        while matches!(stopped.recv_timeout(wait), Err(RecvTimeoutError::Timeout)) {
            wait = LOOK;
            let now = Instant::now();
            if now < not_before {
                continue;
            }
            if let Err(error) = one_turn(&schedule, &database, now) {
                tracing::error!(%error, folder = %schedule.folder.display(), "no backup was made; tried again in {AGAIN} s");
                not_before = now.plus_seconds(AGAIN);
            }
        }
    };
    Ok(ByTheClock { stop, thread: std::thread::Builder::new().name("backups".into()).spawn(work)? })
}

fn one_turn(schedule: &Schedule, database: &Database, now: Instant) -> backup::Result<()> {
    if schedule.due(database, now)? > now {
        return Ok(());
    }
    let turn = schedule.make(database, now, &mut ())?;
    tracing::info!(
        file = %turn.made.display(),
        rows = turn.header.rows(),
        removed = turn.removed.len(),
        "a backup was made and checked"
    );
    Ok(())
}
