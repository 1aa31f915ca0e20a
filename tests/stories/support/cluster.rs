//! A PostgreSQL server of a test's own, to be stopped, started and cut off.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl};

use super::disk::SmallDisk;

#[derive(diesel::QueryableByName)]
struct Named {
    #[diesel(sql_type = diesel::sql_types::Text)]
    path: String,
}

/// A PostgreSQL server of our own, gone when dropped.
pub struct Cluster {
    tools: PathBuf,
    /// The disk that its data is on, if it has one of its own.
    pub disk: Option<SmallDisk>,
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
    /// One with an empty database `interlude`; nothing where there is no PostgreSQL server.
    pub fn begin() -> Option<Cluster> {
        Cluster::begin_in(tempfile::tempdir_in("/tmp").unwrap(), None)
    }

    /// The same, its data on a small disk. Nothing also where no disk can be mounted.
    pub fn on_small_disk() -> Option<Cluster> {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        // A new cluster takes about half of it.
        let disk = SmallDisk::in_folder(folder.path(), 160)?;
        Cluster::begin_in(folder, Some(disk))
    }

    fn begin_in(folder: tempfile::TempDir, disk: Option<SmallDisk>) -> Option<Cluster> {
        let mut cluster = Cluster { tools: tools()?, disk, folder, port: 0 };
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
        // Somebody else may have the port: one below the range that the kernel gives to outgoing connections
        // is free again when the server is stopped and started, and another is tried if it is taken.
        let started = (0..5).any(|_| {
            cluster.port = rand::random_range(20_000..30_000);
            cluster.start()
        });
        assert!(started, "PostgreSQL does not start");
        let mut connection = PgConnection::establish(&cluster.url("postgres")).unwrap();
        connection.batch_execute("CREATE DATABASE interlude").unwrap();
        Some(cluster)
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn data(&self) -> PathBuf {
        self.disk.as_ref().map_or(self.folder.path(), |disk| &disk.at).join("data")
    }

    /// How the program is told of a database on it.
    pub fn url(&self, database: &str) -> String {
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

    /// Starts it and waits until it answers.
    pub fn start(&self) -> bool {
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

    /// Takes the file of a table away, under a server that has not opened it since it was started. Gives what
    /// [`find_again`](Cluster::find_again) puts back.
    pub fn lose(&self, table: &str) -> PathBuf {
        let mut connection = PgConnection::establish(&self.url("interlude")).unwrap();
        let path = diesel::sql_query("SELECT pg_relation_filepath($1::regclass) AS path")
            .bind::<diesel::sql_types::Text, _>(table)
            .get_result::<Named>(&mut connection)
            .unwrap();
        let file = self.data().join(path.path);
        drop(connection);
        // Neither in its memory nor open: it is ended in order, so that nothing is to be replayed.
        assert!(self.run("pg_ctl", &["stop", "-w", "-m", "fast", "-D"], &self.data()));
        std::fs::rename(&file, file.with_extension("lost")).unwrap();
        assert!(self.start());
        file
    }

    /// Puts the file of a table back.
    pub fn find_again(&self, file: PathBuf) {
        std::fs::rename(file.with_extension("lost"), &file).unwrap();
    }

    /// Ends it at once, as if it had crashed.
    pub fn stop(&self) -> bool {
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
