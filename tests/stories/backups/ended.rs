//! A backup that is under way when the program is asked to end.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant as Clock};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use interlude::domain::instant::Instant;
use interlude::store::Store;
use interlude::store::backup::{self, Error, Progress};

use super::filled::fill;
use super::on_both;
use crate::support::Place;
use crate::support::process::{Process, Start};
use crate::support::tampered::{self, Tampered};

/// What is promised of the end, whatever runs.
const END: Duration = Duration::from_secs(15);
/// When a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends the work when it has been asked so often.
struct Until {
    asked: Cell<usize>,
    most: usize,
}

impl Progress for Until {
    fn begin(&mut self, _: &'static str) {}
    fn at(&mut self, _: &str, _: u64, _: u64) {}
    fn is_over(&self) -> bool {
        self.asked.set(self.asked.get() + 1);
        self.asked.get() > self.most
    }
}

on_both! {
    /// Whenever it is told to end, it leaves nothing behind.
    fn one_that_is_ended_leaves_nothing(place) {
        fill(&place);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup");
        let mut ended = 0;
        for most in [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89] {
            match backup::to_file(&place.database, &file, &mut Until { asked: Cell::new(0), most }) {
                Err(Error::Ended) => ended += 1,
                done => {
                    done.unwrap();
                    break;
                }
            }
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "ended at {most}");
        }
        assert!(ended > 4, "it asked {ended} times only");
    }
}

/// The folder of the backups.
struct Backups(PathBuf);

impl Backups {
    fn names(&self) -> Vec<String> {
        let names = std::fs::read_dir(&self.0).unwrap().map(|f| f.unwrap().file_name());
        names.map(|name| name.to_string_lossy().into_owned()).collect()
    }

    /// Those in the making.
    fn partial(&self) -> usize {
        self.names().iter().filter(|name| name.starts_with('.')).count()
    }

    /// Those that are done.
    fn done(&self) -> Vec<PathBuf> {
        let names = self.names().into_iter().filter(|name| name.starts_with("interlude-"));
        names.map(|name| self.0.join(name)).collect()
    }

    #[track_caller]
    fn wait(&self, process: &Process, mut good: impl FnMut(&Backups) -> bool) {
        let until = Clock::now() + PATIENCE;
        while !good(self) {
            assert!(Clock::now() < until, "{:?}: {}", self.names(), process.logged());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The next start makes it, and nothing half-written is left.
    #[track_caller]
    fn is_made_by(&self, process: &Process, before: usize) {
        self.wait(process, |b| b.done().len() > before && b.partial() == 0);
        let made = self.done().into_iter().max().unwrap();
        assert!(backup::check(&made, &mut ()).unwrap().rows() > 0);
    }
}

/// It ends in time and in order, and gives the backup up.
#[track_caller]
fn ends(process: &mut Process) {
    let begun = Clock::now();
    process.ask_to_end();
    let status = process.wait_for_end(PATIENCE);
    assert_eq!(status.code(), Some(0), "{}", process.logged());
    assert!(begun.elapsed() < END, "ended after {:?}", begun.elapsed());
}

/// A program in the midst of a backup that its disk hardly lets it write: each piece takes half a second.
fn in_the_midst(start: &mut Start, backups: &Backups) -> Option<(Process, Tampered)> {
    for seconds in [8, 20, 40] {
        for file in backups.done() {
            std::fs::remove_file(file).unwrap();
        }
        // The next one is due when the thread that makes it has been found.
        let newest = Instant::now().plus_hours(-1).plus_seconds(seconds).utc();
        let name = format!("interlude-{}.sqlite", newest.format("%Y%m%dT%H%M%SZ"));
        std::fs::write(backups.0.join(name), "not one").unwrap();
        let process = start.go();
        let thread = tampered::thread_named(process.id(), "backups");
        let slow = Tampered::slow(thread, "pwrite64", Duration::from_millis(500))?;
        backups.wait(&process, |b| b.partial() > 0 || b.done().len() > 1);
        if backups.partial() > 0 {
            return Some((process, slow));
        }
        // A busy machine: it was done before it was slowed.
        process.kill();
    }
    panic!("the backup is always done before it can be slowed");
}

/// On SQLite, where the copy is one statement that cannot be called off.
#[test]
fn a_slow_disk_keeps_nothing_from_ending() {
    let _alone = crate::support::alone();
    if !tampered::is_possible() {
        return;
    }
    let place = Place::on_sqlite();
    drop(Store::open(place.database.clone()).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let backups = Backups(folder.path().join("backups"));
    std::fs::create_dir(&backups.0).unwrap();
    let mut start = Start::on(&place.database, folder.path())
        .with("INTERLUDE_BACKUP_DIR", backups.0.to_str().unwrap())
        .with("INTERLUDE_BACKUP_EVERY", "1");

    let (mut process, slow) = in_the_midst(&mut start, &backups).unwrap();
    std::thread::sleep(Duration::from_secs(1));
    ends(&mut process);
    drop(slow);
    assert_eq!((backups.partial(), backups.done().len()), (0, 1), "{:?}", backups.names());
    let process = start.go();
    backups.is_made_by(&process, 1);
    process.kill();

    // One that is killed leaves what it had, and the next start clears it away.
    let (process, slow) = in_the_midst(&mut start, &backups).unwrap();
    process.kill();
    drop(slow);
    assert!(backups.partial() > 0 && backups.done().len() == 1, "{:?}", backups.names());
    let process = start.go();
    backups.is_made_by(&process, 1);
}

/// On PostgreSQL, where somebody holds a lock on a table that is to be copied.
#[test]
fn a_lock_keeps_nothing_from_ending() {
    let _alone = crate::support::alone();
    let Some(place) = Place::on_postgres() else { return };
    drop(Store::open(place.database.clone()).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let backups = Backups(folder.path().join("backups"));
    std::fs::create_dir(&backups.0).unwrap();
    let mut start =
        Start::on(&place.database, folder.path()).with("INTERLUDE_BACKUP_DIR", backups.0.to_str().unwrap());
    // The lock is waited for ten seconds; a busy machine may need longer to see that.
    let in_time = (0..3).any(|_| {
        let mut other = PgConnection::establish(&place.url()).unwrap();
        other.batch_execute("BEGIN; LOCK TABLE canned_answers IN ACCESS EXCLUSIVE MODE").unwrap();
        let before = logged(folder.path());
        let mut process = start.go();
        let failed = |process: &Process| process.logged()[before..].contains("no backup was made");
        backups.wait(&process, |b| b.partial() > 0 || failed(&process));
        ends(&mut process);
        assert_eq!(backups.names(), [""; 0]);
        !failed(&process)
    });
    assert!(in_time, "it always waited for the lock to the end");
    let process = start.go();
    backups.is_made_by(&process, 0);
}

/// How much has been logged.
fn logged(folder: &Path) -> usize {
    std::fs::read_to_string(folder.join("log.txt")).map_or(0, |log| log.len())
}
