//! Somebody who reads what a command says goes away before its end, as `head -1` does.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use interlude::domain::person::Role;
use interlude::store::connection::Database;

use crate::exports::furnish;

fn url(database: &Database) -> String {
    match database {
        Database::Sqlite(path) => format!("sqlite:{}", path.display()),
        Database::Postgres(url) => url.clone(),
    }
}

/// A pipe that nobody reads.
fn unread() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

/// Runs the program; nobody reads what it says.
fn run(database: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlude"));
    command.args(["--database-url", database]).args(arguments).stdout(unread()).stderr(Stdio::piped());
    command.spawn().unwrap().wait_with_output().unwrap()
}

#[track_caller]
fn ends(output: &Output, code: i32) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    for word in ["panicked", "unavailable", "Broken pipe"] {
        assert!(!said.contains(word), "{said}");
    }
}

story! {
    /// What was to be written and was not is told as a shell tells it, and as nothing worse.
    async fn an_export_that_nobody_reads_ends_quietly(world) {
        furnish(world);
        let here = url(world.store.database());
        for format in ["csv", "jsonl", "xlsx"] {
            let ended = run(&here, &["export", "reports", "--format", format]);
            ends(&ended, 141);
            assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{format}");
        }
        ends(&run(&here, &["export", "evidence", "--window", "quarter-end"]), 141);
        ends(&run(&here, &["backup", "-"]), 141);
    }

    /// What was to be done is done, although nobody reads that it was.
    async fn work_is_finished_although_nobody_reads_of_it(world) {
        furnish(world);
        world.staff(Role::Support);
        let here = url(world.store.database());
        ends(&run(&here, &["user", "list"]), 0);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup").display().to_string();
        ends(&run(&here, &["backup", &file]), 0);
        let copy = format!("sqlite:{}", folder.path().join("copy.sqlite").display());
        ends(&run(&copy, &["restore", &file]), 0);
        ends(&run(&copy, &["restore", "--force", &file]), 0);
        // Neither is there anybody who hears how far it is.
        let mut deaf = Command::new(env!("CARGO_BIN_EXE_interlude"));
        deaf.args(["--database-url", &copy, "restore", "--force", &file]).stdout(unread()).stderr(unread());
        assert_eq!(deaf.status().unwrap().code(), Some(0));
        ends(&run(&copy, &["verify"]), 0);
        assert!(Path::new(&file).exists());
    }
}
