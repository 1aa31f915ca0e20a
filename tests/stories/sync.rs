//! The sync comes before the acknowledgement, as the system saw it.

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::Place;
use crate::support::process::{Start, has, signal};

const REPORTS: usize = 12;

/// Whether what was written to the log is synced, as the calls go by.
#[derive(Default)]
struct Disk {
    written: usize,
    synced: usize,
    /// Syncs under way, by thread: how much they cover.
    syncing: HashMap<String, usize>,
    acknowledged: Vec<String>,
}

impl Disk {
    /// Takes one line of strace's output: thread, call, outcome.
    fn see(&mut self, line: &str) {
        let Some((thread, call)) = line.split_once(' ') else { return };
        let (thread, call) = (thread.to_owned(), call.trim_start());
        let log = call.contains("interlude.db-wal>");
        let sync = call.starts_with("fsync(") || call.starts_with("fdatasync(");
        if call.starts_with("pwrite64(") && log {
            self.written += 1;
        } else if sync && log && call.contains("unfinished") {
            self.syncing.insert(thread, self.written);
        } else if sync && log && call.ends_with("= 0") {
            self.synced = self.written;
        } else if call.contains("sync resumed>") && call.ends_with("= 0") {
            if let Some(covered) = self.syncing.remove(&thread) {
                self.synced = self.synced.max(covered);
            }
        } else if call.contains("HTTP/1.1 201") {
            assert!(self.written > 0, "acknowledged before anything was written: {line}");
            assert_eq!(self.synced, self.written, "acknowledged before the sync: {line}");
            self.acknowledged.push(line.to_owned());
            (self.written, self.synced) = (0, 0);
        }
    }
}

#[test]
fn the_sync_comes_before_the_acknowledgement() {
    if !has("strace") {
        println!("left out: there is no strace");
        return;
    }
    let place = Place::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let process = Start::on(&place.database, folder.path()).go();
    let seen = folder.path().join("calls.txt");
    let mut strace = Command::new("strace")
        .args(["-f", "-y", "-s", "64", "-p", &process.id().to_string(), "-o"])
        .arg(&seen)
        .args(["-e", "trace=pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(500));
    if strace.try_wait().unwrap().is_some() {
        println!("left out: strace may not watch a process here");
        return;
    }
    for n in 0..REPORTS {
        let answer = process.report(&format!("a-key-of-22-characters-{n}"), "x").unwrap();
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
    disk.see(r#"7 pwrite64(9</d/interlude.db-wal>, "x"..., 24, 0) = 24"#);
    disk.see(r#"7 fdatasync(9</d/interlude.db-wal> <unfinished ...>"#);
    disk.see(r#"8 writev(5<socket:[1]>, [{iov_base="HTTP/1.1 201 Created"..., iov_len=9}], 1) = 9"#);
}
