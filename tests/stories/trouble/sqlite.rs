//! Trouble of the embedded database: the disk, the file, somebody else's lock.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use interlude::store::connection::Database;

use super::{
    Staff, TYPED, is_given_back, is_refused, is_taken, keeps_what_was_typed, recovers, says_why, send_form,
    still_shows_the_notice,
};
use crate::support::disk::SmallDisk;
use crate::support::process::{Start, exactly, has, signal};

fn keys(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| key(name)).collect()
}

/// A key, which is also the description.
fn key(name: &str) -> String {
    format!("a-key-of-22-characters-{name}")
}

#[test]
fn a_full_disk() {
    let _alone = crate::support::alone();
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::in_folder(folder.path(), 4) else {
        println!("left out: a small disk cannot be mounted here (this needs root)");
        return;
    };
    let database = Database::Sqlite(disk.at.join("interlude.db"));
    let process = Start::on(&database, folder.path()).go();
    is_taken(&process, &key("before"));
    still_shows_the_notice(&process);
    let staff = Staff::of(&database);

    let filler = disk.fill();
    // What the log has room for, once it was emptied, is still taken; and it may be emptied at any moment, by
    // the server's own clock too, so it is filled until the server still says why a report was refused.
    let mut taken = vec![key("before")];
    let during = (0..4_000).find_map(|_| {
        let next = key(&format!("in-what-is-left-{:04}", taken.len()));
        let answer = process.report(&next, &next).unwrap();
        if answer.status == 201 {
            taken.push(next);
            return None;
        }
        is_refused(&answer, 507, "full");
        let ready = process.get("/readyz");
        let told = process.get("/metrics").text().contains("interlude_trouble{kind=\"full\"} 1");
        if ready.status != 503 || !told {
            return None;
        }
        assert_eq!(ready.json()["reason"], "full", "{}", ready.text());
        Some(next)
    });
    let during = during.expect("the disk is never full for as long as one looks");
    still_shows_the_notice(&process);
    // The log may have been emptied meanwhile and have room again: what is taken then is taken.
    let given_back = loop {
        let answer = send_form(&process, &format!("a-form-of-22-characters-{:04}", taken.len()));
        if answer.status != 303 {
            break answer;
        }
        taken.push(TYPED.to_owned());
        assert!(taken.len() < 4_000, "the disk is not full any more");
    };
    is_given_back(&given_back, 507);
    staff.can_read(&process);
    let counted = process.get("/metrics").text();
    assert!(counted.contains("interlude_database_errors_total{door=\"write\",kind=\"full\"}"), "{counted}");

    std::fs::remove_file(filler).unwrap();
    recovers(&process, &during);
    process.kill();
    taken.push(during);
    exactly(&database, &taken);
}

#[test]
fn a_lock_of_another_process() {
    let _alone = crate::support::alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("interlude.db");
    let database = Database::Sqlite(path.clone());
    let process = Start::on(&database, folder.path()).go();
    is_taken(&process, &key("before"));
    let staff = Staff::of(&database);

    let mut other = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
    // The server's own clock may be writing just now.
    other.batch_execute("PRAGMA busy_timeout = 30000; BEGIN IMMEDIATE").unwrap();
    let several: Vec<_> = (0..4)
        .map(|n| {
            let address = process.address.clone();
            std::thread::spawn(move || {
                // Some come while the first waits in vain.
                std::thread::sleep(Duration::from_millis(100 * n));
                crate::support::process::report(&address, &key(&format!("during-{n}")), "never")
            })
        })
        .collect();
    let refused: Vec<_> = several.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect();
    for refused in &refused {
        is_refused(refused, 503, "busy");
    }
    // A busy machine slows some of them; not one in time would be the product.
    let fastest = refused.iter().map(|answer| answer.took).min().unwrap();
    assert!(fastest < Duration::from_secs(1), "nobody was told before {fastest:?}");
    says_why(&process, "locked");
    still_shows_the_notice(&process);
    keeps_what_was_typed(&process, 503);
    staff.can_read(&process);

    other.batch_execute("ROLLBACK").unwrap();
    recovers(&process, &key("after"));
    process.kill();
    exactly(&database, &keys(&["before", "after"]));
}

/// A file that goes away takes no acknowledged report with it, and no empty one comes in its place.
#[test]
fn a_file_that_is_moved_away() {
    let _alone = crate::support::alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("interlude.db");
    let database = Database::Sqlite(path.clone());
    let process = Start::on(&database, folder.path()).go();
    is_taken(&process, &key("before"));
    still_shows_the_notice(&process);

    let away = folder.path().join("away.db");
    std::fs::rename(&path, &away).unwrap();
    is_refused(&process.report(&key("during"), &key("during")).unwrap(), 503, "unavailable");
    says_why(&process, "unavailable");
    still_shows_the_notice(&process);
    keeps_what_was_typed(&process, 503);
    assert!(!path.exists());

    std::fs::rename(&away, &path).unwrap();
    recovers(&process, &key("during"));
    process.kill();
    exactly(&database, &keys(&["before", "during"]));
}

/// Lets system calls of a running process fail, until dropped.
struct Failing(Child);

impl Failing {
    /// Nothing where this may not be done.
    fn calls(process: u32, calls: &str, error: &str) -> Option<Failing> {
        let mut strace = Command::new("strace")
            .args(["-f", "-p", &process.to_string(), "-o", "/dev/null"])
            .args(["-e", &format!("trace={calls}"), "-e", &format!("inject={calls}:error={error}")])
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        let mut said = BufReader::new(strace.stderr.take()?);
        let mut line = String::new();
        said.read_line(&mut line).ok()?;
        if !line.contains("attached") {
            drop(strace.wait());
            return None;
        }
        std::thread::spawn(move || said.lines().count());
        let failing = Failing(strace);
        // The other threads are attached right after the first, on a busy machine a while after it.
        let until = Instant::now() + Duration::from_secs(30);
        while !every_thread_is_watched(process) {
            assert!(Instant::now() < until, "strace does not hold every thread");
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(300));
        Some(failing)
    }
}

fn every_thread_is_watched(process: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap().flatten();
    // A thread that has ended meanwhile makes no calls.
    let states = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("status")).ok());
    states.into_iter().all(|state| !state.contains("TracerPid:\t0\n"))
}

impl Drop for Failing {
    fn drop(&mut self) {
        signal("TERM", self.0.id());
        drop(self.0.wait());
    }
}

fn with_failing(calls: &str) {
    if !has("strace") {
        println!("left out: there is no strace");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(folder.path().join("interlude.db"));
    let process = Start::on(&database, folder.path()).go();
    is_taken(&process, &key("before"));
    still_shows_the_notice(&process);

    let Some(failing) = Failing::calls(process.id(), calls, "EIO") else {
        println!("left out: strace may not watch a process here");
        return;
    };
    is_refused(&process.report(&key("during"), &key("during")).unwrap(), 503, "unavailable");
    is_refused(&process.report(&key("never"), &key("never")).unwrap(), 503, "unavailable");
    says_why(&process, "unavailable");
    still_shows_the_notice(&process);

    drop(failing);
    recovers(&process, &key("during"));
    process.kill();
    exactly(&database, &keys(&["before", "during"]));
}

#[test]
fn a_failing_sync() {
    let _alone = crate::support::alone();
    with_failing("fsync,fdatasync");
}

#[test]
fn a_failing_write() {
    let _alone = crate::support::alone();
    with_failing("pwrite64");
}
