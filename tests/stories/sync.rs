//! The sync comes before the acknowledgement, as the system saw it.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::Place;
use crate::support::process::{Start, has, signal};
use crate::support::tampered::wait_until_watched;

const REPORTS: usize = 12;

/// What each report says, so that its own write can be told from those of the server's clock.
fn mark(number: usize) -> String {
    format!("watched-{number:04}")
}

/// Whether the next report is synced, as the calls go by.
#[derive(Default)]
struct Disk {
    /// The thread that wrote it to the log.
    written: Option<String>,
    /// That thread has synced since. What is written later, by the clock's next change of the same page
    /// perhaps, is not what is acknowledged.
    synced: bool,
    acknowledged: Vec<String>,
}

impl Disk {
    /// Takes one line of strace's output: thread, call, outcome.
    fn see(&mut self, line: &str) {
        let Some((thread, call)) = line.split_once(' ') else { return };
        let (thread, call) = (thread.to_owned(), call.trim_start());
        let log = call.contains("interlude.db-wal>");
        let sync = call.starts_with("fsync(") || call.starts_with("fdatasync(");
        let done = call.ends_with("= 0") && (sync && log || call.contains("sync resumed>"));
        if call.starts_with("pwrite64(") && log && call.contains(&mark(self.acknowledged.len())) {
            if !self.synced {
                self.written = Some(thread);
            }
        } else if done && self.written.as_ref() == Some(&thread) {
            self.synced = true;
        } else if call.contains("HTTP/1.1 201") {
            assert!(self.written.is_some(), "acknowledged before anything was written: {line}");
            assert!(self.synced, "acknowledged before the sync: {line}");
            self.acknowledged.push(line.to_owned());
            (self.written, self.synced) = (None, false);
        }
    }
}

#[test]
fn the_sync_comes_before_the_acknowledgement() {
    let _alone = crate::support::alone();
    if !has("strace") {
        crate::support::left_out("there is no strace");
        return;
    }
    let place = Place::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let process = Start::on(&place.database, folder.path()).go();
    let seen = folder.path().join("calls.txt");
    let mut strace = Command::new("strace")
        .args(["-f", "-y", "-s", "5000", "-p", &process.id().to_string(), "-o"])
        .arg(&seen)
        .args(["-e", "trace=pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(strace.stderr.take().unwrap());
    let mut first = String::new();
    said.read_line(&mut first).unwrap();
    std::thread::spawn(move || said.lines().count());
    if !first.contains("attached") || strace.try_wait().unwrap().is_some() {
        crate::support::left_out("strace may not watch a process here");
        return;
    }
    wait_until_watched(process.id());
    // What was called before a thread was stopped for the first time is over by then.
    std::thread::sleep(Duration::from_millis(500));
    for n in 0..REPORTS {
        let answer = process.report(&format!("a-key-of-22-characters-{n}"), &mark(n)).unwrap();
        assert_eq!(answer.status, 201);
    }
    signal("TERM", strace.id());
    strace.wait().unwrap();
    let calls = std::fs::read_to_string(&seen).unwrap();
    let mut disk = Disk::default();
    calls.lines().for_each(|line| disk.see(line));
    assert_eq!(disk.acknowledged.len(), REPORTS, "{calls}");
}

/// The test above can fail: it sees an acknowledgement that comes too early.
#[test]
#[should_panic(expected = "acknowledged before the sync")]
fn an_early_acknowledgement_is_seen() {
    let mut disk = Disk::default();
    disk.see(r#"7 pwrite64(9</d/interlude.db-wal>, "\0watched-0000\0", 4096, 56) = 4096"#);
    disk.see(r#"7 fdatasync(9</d/interlude.db-wal> <unfinished ...>"#);
    disk.see(r#"8 writev(5<socket:[1]>, [{iov_base="HTTP/1.1 201 Created"..., iov_len=9}], 1) = 9"#);
}
