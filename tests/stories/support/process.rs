//! The real program as a process of its own, to be killed, starved and watched.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use interlude::store::connection::Database;
use interlude::store::schema::report_contents;
use interlude::store::{Store, verify};

use super::raw::{self, Answer};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_interlude");

/// How to start the program.
pub struct Start {
    command: Command,
    logs: PathBuf,
    quiet: bool,
}

/// A running program.
pub struct Process {
    child: Child,
    /// Where it listens: host and port.
    pub address: String,
    logs: PathBuf,
    said: Arc<Mutex<Vec<String>>>,
}

impl Start {
    /// Serves this database on a free port of the loopback address; `folder` takes its data folder
    /// and logs.
    pub fn on(database: &Database, folder: &Path) -> Start {
        Start::through(&[], database, folder)
    }

    /// The same by way of another program: these words, and the program after them.
    pub fn through(words: &[String], database: &Database, folder: &Path) -> Start {
        let logs = folder.join("log.txt");
        let mut words = words.iter().map(String::as_str).chain([PROGRAM]);
        let mut command = Command::new(words.next().unwrap());
        command
            .args(words)
            .env("DATABASE_URL", named(database))
            .env("INTERLUDE_DATA_DIR", folder)
            .env("INTERLUDE_LISTEN", "127.0.0.1:0")
            // Receipts name it, so it must not change with the port.
            .env("INTERLUDE_PUBLIC_URL", "http://interlude.example")
            .env("INTERLUDE_RATE_LIMITS", "off")
            .env("INTERLUDE_WORKERS", "2")
            .env_remove("INTERLUDE_LOG")
            .stdin(Stdio::null());
        Start { command, logs, quiet: false }
    }

    /// It does not speak plain HTTP, so it is only waited for until it listens.
    pub fn encrypted(mut self) -> Start {
        self.quiet = true;
        self
    }

    /// At a loopback address of its own, where the system has more than one: once it has ended, whoever asks there
    /// meets nobody, and not another test's server that was given the same port.
    pub fn apart(self) -> Start {
        if !cfg!(target_os = "linux") {
            return self;
        }
        let [a, b, c] = [(); 3].map(|()| rand::random_range(2..250_u8));
        self.with("INTERLUDE_LISTEN", &format!("127.{a}.{b}.{c}:0"))
    }

    /// With this setting in its environment.
    pub fn with(mut self, name: &str, value: &str) -> Start {
        self.command.env(name, value);
        self
    }

    /// Starts it and waits until it does its work.
    pub fn go(&mut self) -> Process {
        // That it lives is not enough: while a slow disk makes its database ready, it shows what was kept.
        self.go_until("/readyz")
    }

    /// Starts it although its database cannot be used, and waits until it shows what was kept.
    pub fn go_without_database(&mut self) -> Process {
        self.go_until("/healthz")
    }

    /// Starts it and waits until this is answered with 200.
    fn go_until(&mut self, path: &str) -> Process {
        let logs = File::options().create(true).append(true).open(&self.logs).unwrap();
        let mut child = self.command.stdout(Stdio::piped()).stderr(logs).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let (mut address, mut said) = (None, Vec::new());
        while address.is_none() {
            let mut line = String::new();
            if out.read_line(&mut line).unwrap() == 0 {
                let status = child.wait().unwrap();
                let said = std::fs::read_to_string(&self.logs).unwrap_or_default();
                panic!("the program ended ({status}) before it listened: {said}");
            }
            address = line
                .trim()
                .strip_prefix("listen:")
                .map(|url| url.trim().trim_start_matches("http").trim_start_matches('s'))
                .map(|url| url.trim_start_matches("://").trim_end_matches('/').to_owned());
            said.push(line);
        }
        let logs = self.logs.clone();
        // What it says later is read by a thread: whoever prints into a full or closed pipe stops.
        let said = Arc::new(Mutex::new(said));
        let listening = said.clone();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                listening.lock().unwrap().push(line);
            }
        });
        let process = Process { child, address: address.unwrap(), logs, said };
        if !self.quiet {
            process.wait_for(path, Duration::from_secs(60), |a| a.status == 200);
        }
        process
    }
}

/// How the command line names a database.
fn named(database: &Database) -> String {
    match database {
        Database::Sqlite(path) => format!("sqlite:{}", path.display()),
        Database::Postgres(url) => url.clone(),
    }
}

impl Process {
    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it in the midst of whatever it does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end (SIGTERM).
    pub fn ask_to_end(&self) {
        signal("TERM", self.id());
    }

    /// Waits until it has ended by itself.
    #[track_caller]
    pub fn wait_for_end(&mut self, at_most: Duration) -> ExitStatus {
        let until = Instant::now() + at_most;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it still runs after {at_most:?}: {}", self.logged());
    }

    /// What it printed after these words, waited for.
    #[track_caller]
    pub fn said(&self, words: &str) -> String {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let found = self
                .said
                .lock()
                .unwrap()
                .iter()
                .find_map(|line| line.split_once(words).map(|(_, rest)| rest.trim().to_owned()));
            match found {
                Some(rest) => return rest,
                None => assert!(Instant::now() < until, "it does not say {words:?}: {}", self.logged()),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// `GET` of a path, which must be answered.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        raw::get(&self.address, path).unwrap_or_else(|e| panic!("{path}: {e}: {}", self.logged()))
    }

    /// Sends a report; nothing comes back if the connection breaks.
    pub fn report(&self, key: &str, description: &str) -> std::io::Result<Answer> {
        report(&self.address, key, description)
    }

    /// Sends a report again and again while the answer is "not now" (503), as its sender is asked to; gives
    /// the first other answer, or the last one when the time is over.
    pub fn report_until_answered(&self, key: &str, description: &str, at_most: Duration) -> Answer {
        let until = Instant::now() + at_most;
        loop {
            let answer = self.report(key, description).unwrap();
            if answer.status != 503 || Instant::now() > until {
                return answer;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Asks until the answer is as wanted, and gives it.
    #[track_caller]
    pub fn wait_for(&self, path: &str, at_most: Duration, good: impl Fn(&Answer) -> bool) -> Answer {
        let until = Instant::now() + at_most;
        loop {
            let answer = raw::get(&self.address, path);
            match answer {
                Ok(answer) if good(&answer) => return answer,
                other if Instant::now() > until => {
                    panic!("{path} after {at_most:?}: {other:?}: {}", self.logged())
                }
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// What it has logged.
    pub fn logged(&self) -> String {
        std::fs::read_to_string(&self.logs).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; then there is nobody to kill.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Sends a signal to one process.
pub fn signal(name: &str, id: u32) {
    let sent = Command::new("kill").args([&format!("-{name}"), &id.to_string()]).status().unwrap();
    assert!(sent.success(), "kill -{name} {id}");
}

/// Sends a report.
pub fn report(address: &str, key: &str, description: &str) -> std::io::Result<Answer> {
    let body = serde_json::json!({ "impact": "blocked", "description": description }).to_string();
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    raw::ask(address, "POST", "/api/v1/reports", &headers, body.as_bytes())
}

/// Whether this tool can be run here.
pub fn has(tool: &str) -> bool {
    let found = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    found.is_ok_and(|status| status.success())
}

/// Each of these reports is there exactly once, no other is, and nothing else is wrong.
#[track_caller]
pub fn exactly(database: &Database, descriptions: &[String]) {
    let store = Store::open(database.clone()).unwrap();
    let mut there: Vec<String> = store
        .read_here(|c| Ok(report_contents::table.select(report_contents::description).load(c)?))
        .unwrap();
    there.sort_unstable();
    let mut expected = descriptions.to_vec();
    expected.sort_unstable();
    assert_eq!(there, expected);
    let verified = store.read_here(verify::verify).unwrap();
    assert_eq!(verified.findings, []);
    assert_eq!(verified.reports, expected.len() as i64);
}
