//! System calls of a process that fail, or take their time, as those of a bad disk do.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::process::{has, signal};

/// Whether it may be done here; says so where not.
pub fn is_possible() -> bool {
    if !has("strace") {
        super::left_out("there is no strace");
        return false;
    }
    let tried = Command::new("strace").args(["-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    let possible = tried.is_ok_and(|status| status.success());
    if !possible {
        super::left_out("strace may not watch a process here");
    }
    possible
}

/// Calls that are tampered with, until this is dropped.
pub struct Tampered(Child);

impl Tampered {
    /// Lets calls of a running process fail. Nothing where this may not be done.
    pub fn failing(process: u32, calls: &str, error: &str) -> Option<Tampered> {
        let how = format!("inject={calls}:error={error}");
        let failing = Tampered::begin(&["-f"], process, calls, &how)?;
        wait_until_watched(process);
        std::thread::sleep(Duration::from_millis(300));
        Some(failing)
    }

    /// Lets each of these calls take so long, in one thread alone. Nothing where this may not be done.
    pub fn slow(thread: u32, calls: &str, each: Duration) -> Option<Tampered> {
        let how = format!("inject={calls}:delay_enter={}", each.as_micros());
        Tampered::begin(&[], thread, calls, &how)
    }

    fn begin(options: &[&str], id: u32, calls: &str, how: &str) -> Option<Tampered> {
        let mut strace = Command::new("strace")
            .args(options)
            .args(["-p", &id.to_string(), "-o", "/dev/null"])
            .args(["-e", &format!("trace={calls}"), "-e", how])
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
        Some(Tampered(strace))
    }
}

/// Waits until strace holds every thread: the others are attached right after the first, on a busy machine a while
/// after it.
pub fn wait_until_watched(process: u32) {
    let until = Instant::now() + Duration::from_secs(30);
    while !every_thread_is_watched(process) {
        assert!(Instant::now() < until, "strace does not hold every thread");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn every_thread_is_watched(process: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap().flatten();
    // A thread that has ended meanwhile makes no calls.
    let states = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("status")).ok());
    states.into_iter().all(|state| !state.contains("TracerPid:\t0\n"))
}

impl Drop for Tampered {
    fn drop(&mut self) {
        // It ends by itself with what it watched.
        if self.0.try_wait().is_ok_and(|ended| ended.is_none()) {
            signal("TERM", self.0.id());
        }
        drop(self.0.wait());
    }
}

/// What to start a program through so that these calls fail on this file from its first moment on.
pub fn failing_from_the_start(calls: &str, error: &str, file: &Path) -> Vec<String> {
    let rest = [
        file.to_string_lossy().into_owned(),
        "-e".to_owned(),
        format!("trace={calls}"),
        "-e".to_owned(),
        format!("inject={calls}:error={error}"),
    ];
    "strace -D -I2 -f -o /dev/null -P".split(' ').map(str::to_owned).chain(rest).collect()
}

/// Ends what was begun so.
pub fn let_go(process: u32) {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let tracer = status.lines().find_map(|line| line.strip_prefix("TracerPid:")).unwrap().trim();
    signal("TERM", tracer.parse().unwrap());
}

/// The number of the thread of this name, once there is one.
pub fn thread_named(process: u32, name: &str) -> u32 {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap().flatten();
        let found = threads.into_iter().find(|thread| {
            std::fs::read_to_string(thread.path().join("comm")).is_ok_and(|found| found.trim() == name)
        });
        if let Some(thread) = found {
            return thread.file_name().to_str().unwrap().parse().unwrap();
        }
        assert!(Instant::now() < until, "there is no thread {name}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
