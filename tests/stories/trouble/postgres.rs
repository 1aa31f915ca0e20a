//! PostgreSQL goes away and comes back, under a server that runs and before one that starts.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use interlude::store::connection::Database;

use super::{
    RECOVERY, is_refused, is_taken, keeps_what_was_typed, recovers, says_why, still_shows_the_notice,
};
use crate::support::process::{Start, exactly};

/// A PostgreSQL server of our own, gone when dropped.
struct Cluster {
    tools: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
}

/// The folder with the newest server there is.
fn tools() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .filter(|tools| tools.join("initdb").exists() && tools.join("pg_ctl").exists())
        .collect();
    found.sort();
    found.pop()
}

impl Cluster {
    /// Nothing where there is no PostgreSQL server.
    fn begin() -> Option<Cluster> {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cluster = Cluster { tools: tools()?, folder, port };
        if is_root() {
            let given = Command::new("chown").args(["-R", user()?]).arg(cluster.folder.path()).status();
            assert!(given.unwrap().success());
        }
        let data = cluster.data();
        let made = cluster.run(
            "initdb",
            &["-U", "interlude", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-D"],
            &data,
        );
        assert!(made, "initdb failed");
        assert!(cluster.start(), "PostgreSQL does not start");
        let mut connection = PgConnection::establish(&cluster.url("postgres")).unwrap();
        connection.batch_execute("CREATE DATABASE interlude").unwrap();
        Some(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://interlude@127.0.0.1:{}/{database}", self.port)
    }

    fn run(&self, tool: &str, arguments: &[&str], data: &Path) -> bool {
        let tool = self.tools.join(tool);
        let mut command = match is_root() {
            true => {
                let mut command = Command::new("runuser");
                command.args(["-u", user().unwrap(), "--"]).arg(tool);
                command
            }
            false => Command::new(tool),
        };
        command.args(arguments).arg(data).current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
        command.status().unwrap().success()
    }

    fn start(&self) -> bool {
        let options = format!(
            "-c listen_addresses=127.0.0.1 -p {} -c unix_socket_directories={} -c fsync=off",
            self.port,
            self.folder.path().display(),
        );
        let log = self.folder.path().join("log");
        self.run(
            "pg_ctl",
            &["start", "-w", "-t", "60", "-l", &log.to_string_lossy(), "-o", &options, "-D"],
            &self.data(),
        )
    }

    fn stop(&self) -> bool {
        self.run("pg_ctl", &["stop", "-w", "-m", "immediate", "-D"], &self.data())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0)
}

/// As whom the server runs, for it refuses to run as root.
fn user() -> Option<&'static str> {
    ["postgres", "nobody"].into_iter().find(|user| {
        Command::new("id")
            .arg(user)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|s| s.success())
    })
}

fn key(name: &str) -> String {
    format!("a-key-of-22-characters-{name}")
}

#[test]
fn a_server_that_goes_away() {
    let Some(cluster) = Cluster::begin() else {
        println!("left out: there is no PostgreSQL server to start");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Postgres(cluster.url("interlude"));
    let mut start = Start::on(&database, folder.path());
    let process = start.go();
    is_taken(&process, &key("before"));
    still_shows_the_notice(&process);

    assert!(cluster.stop());
    for name in ["during", "never"] {
        is_refused(&process.report(&key(name), &key(name)).unwrap(), 503, "unavailable");
    }
    says_why(&process, "unavailable");
    still_shows_the_notice(&process);
    keeps_what_was_typed(&process, 503);
    assert!(cluster.start());
    recovers(&process, &key("during"));

    // Once more, and the program starts before its database does.
    process.kill();
    assert!(cluster.stop());
    let process = start.go();
    let ready = process.get("/readyz");
    assert_eq!((ready.status, &ready.json()["reason"]), (503, &"unavailable".into()));
    still_shows_the_notice(&process);
    let refused = process.report(&key("too-early"), "never").unwrap();
    is_refused(&refused, 503, "unavailable");
    assert!(cluster.start());
    process.wait_for("/readyz", RECOVERY, |a| a.status == 200);
    is_taken(&process, &key("after"));
    still_shows_the_notice(&process);

    // A program that waits for its database can be asked to end, too.
    process.kill();
    assert!(cluster.stop());
    let mut process = start.go();
    process.ask_to_end();
    assert!(process.wait_for_end(Duration::from_secs(5)).success());
    assert!(cluster.start());
    exactly(&database, &[key("before"), key("during"), key("after")]);
}
