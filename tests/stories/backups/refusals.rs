//! What is not restored, why, and that nothing is changed then.

use std::io::{Read, Write};
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use interlude::store::backup::{self, Error};
use interlude::store::connection::Database;

use super::filled::{content, fill, open};
use super::{Said, backup, on_both, places, program, restore, run};
use crate::support::disk::SmallDisk;
use crate::support::{Place, World};

/// Nothing was made where nothing was.
fn is_untouched(place: &Place) -> bool {
    match &place.database {
        Database::Sqlite(path) => std::fs::read_dir(path.parent().unwrap()).unwrap().next().is_none(),
        Database::Postgres(url) => {
            let mut c = PgConnection::establish(url).unwrap();
            let tables: Vec<Table> = sql_query(
                "SELECT relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
                 WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')",
            )
            .load(&mut c)
            .unwrap();
            tables.is_empty()
        }
    }
}

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = diesel::sql_types::Text)]
    #[expect(dead_code, reason = "only counted")]
    name: String,
}

fn taken(from: &Place, folder: &Path) -> std::path::PathBuf {
    fill(from);
    let file = folder.join("backup");
    backup(from, &file).is(0, "");
    file
}

/// What is in a packed file, if it is one and whole.
fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut said = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut said).ok()?;
    Some(said)
}

on_both! {
    /// One bit, anywhere behind the first bytes by which a file is known.
    fn a_flipped_bit_is_found(from) {
        let folder = tempfile::tempdir().unwrap();
        let good = taken(&from, folder.path());
        let bytes = std::fs::read(&good).unwrap();
        let bad = folder.path().join("bad");
        let step = (bytes.len() / 60).max(1);
        for at in (16..bytes.len()).step_by(step).chain([bytes.len() / 2, bytes.len() - 1]) {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            // The bits that fill up the last byte of what is packed mean nothing.
            if unpacked(&changed).is_some_and(|said| Some(said) == unpacked(&bytes)) {
                continue;
            }
            std::fs::write(&bad, changed).unwrap();
            let refused = backup::check(&bad, &mut ());
            assert!(matches!(refused, Err(Error::Damaged(_) | Error::Foreign(_))), "byte {at}: {refused:?}");
        }
        let mut changed = bytes.clone();
        changed[bytes.len() / 2] ^= 4;
        std::fs::write(&bad, changed).unwrap();
        for to in places() {
            restore(&to, &bad).is(5, "the backup is damaged");
            assert!(is_untouched(&to));
        }
    }

    /// Cut off anywhere; and with something behind its end.
    fn a_truncated_file_is_refused(from) {
        let folder = tempfile::tempdir().unwrap();
        let good = taken(&from, folder.path());
        let bytes = std::fs::read(&good).unwrap();
        let bad = folder.path().join("bad");
        for length in [17, bytes.len() / 3, bytes.len() / 2, bytes.len() - 9, bytes.len() - 1] {
            std::fs::write(&bad, &bytes[..length]).unwrap();
            for to in places() {
                restore(&to, &bad).is(5, "the backup is damaged");
                assert!(is_untouched(&to));
            }
        }
        let mut longer = bytes.clone();
        longer.extend_from_slice(b"more");
        std::fs::write(&bad, longer).unwrap();
        assert!(matches!(backup::check(&bad, &mut ()), Err(Error::Damaged(_))));
    }

    /// Without `--force` what is there stays; with it, it is kept under another name.
    fn nothing_is_overwritten_unasked(place) {
        let folder = tempfile::tempdir().unwrap();
        let file = taken(&place, folder.path());
        let old = content(&place.database);
        sql_query("DELETE FROM sessions").execute(&mut open(&place)).unwrap();
        let changed = content(&place.database);
        assert_ne!(old, changed);
        restore(&place, &file).is(8, "--force");
        assert_eq!(content(&place.database), changed);

        let said = run(&place, &["restore", "--force", file.to_str().unwrap()]).is(0, "is kept as");
        assert_eq!(content(&place.database), old);
        let aside = said.out.rsplit_once("is kept as ").unwrap().1.trim().trim_end_matches('.').to_owned();
        let kept = match &place.database {
            Database::Sqlite(_) => Database::Sqlite(aside.into()),
            Database::Postgres(url) => {
                let schema = aside.strip_prefix("schema ").unwrap();
                Database::Postgres(format!("{url}?options=-csearch_path%3D{schema}"))
            }
        };
        assert_eq!(content(&kept), changed);
    }

    /// What another program keeps in a database is not touched, with or without `--force`.
    fn another_programs_tables_stay(from) {
        let folder = tempfile::tempdir().unwrap();
        let file = taken(&from, folder.path());
        let Some(other) = Place::on_postgres() else { return };
        let Database::Postgres(url) = &other.database else { panic!() };
        PgConnection::establish(url).unwrap().batch_execute("CREATE TABLE theirs (a int)").unwrap();
        run(&other, &["restore", "--force", file.to_str().unwrap()]).is(6, "another program");
        backup(&other, &folder.path().join("theirs")).is(6, "not a database of Interlude");
    }

    /// A transfer into a database that holds something needs `--force`; one from nowhere makes nothing.
    fn a_transfer_overwrites_nothing_unasked(from) {
        fill(&from);
        for to in places() {
            run(&to, &["migrate"]).is(0, "");
            run(&to, &["user", "add", "first", "--role", "viewer", "--password-stdin"]).is(2, "");
            sql_query("INSERT INTO instance (name, value) VALUES ('a', 'b')").execute(&mut open(&to)).unwrap();
            let before = content(&to.database);
            run(&to, &["transfer", "--from", &from.url(), "--to", &to.url()]).is(8, "--force");
            assert_eq!(content(&to.database), before);
            run(&to, &["transfer", "--force", "--from", &from.url(), "--to", &to.url()]).is(0, "is kept as");
            assert_eq!(content(&to.database), content(&from.database));
            run(&to, &["transfer", "--from", &to.url(), "--to", &to.url()]).is(8, "the same");
        }
        let folder = tempfile::tempdir().unwrap();
        let missing = format!("sqlite:{}", folder.path().join("missing.db").display());
        run(&from, &["transfer", "--force", "--from", &missing, "--to", &from.url()]).is(6, "does not exist");
        assert!(!folder.path().join("missing.db").exists());
    }

    /// A backup never takes the place of a file that is none, least of all of the database.
    fn a_backup_replaces_only_a_backup(from) {
        let folder = tempfile::tempdir().unwrap();
        let file = taken(&from, folder.path());
        backup(&from, &file).is(0, "");
        let letter = folder.path().join("letter.txt");
        std::fs::write(&letter, "Dear all").unwrap();
        backup(&from, &letter).is(8, "not a backup");
        assert_eq!(std::fs::read(&letter).unwrap(), b"Dear all");
        if let Database::Sqlite(path) = &from.database {
            backup(&from, path).is(8, "not a backup");
        }
    }
}

story! {
    /// A database that a server is using is not replaced under it.
    async fn a_database_in_use_is_not_replaced(world) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup");
        let url = in_use(world);
        let run = |arguments: &[&str]| {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_interlude"));
            super::Said::of(command.args(arguments).env("DATABASE_URL", &url).output().unwrap())
        };
        run(&["backup", file.to_str().unwrap()]).is(0, "");
        run(&["restore", "--force", file.to_str().unwrap()]).is(8, "in use");
        world.anyone().get("/").await;
        world.staff(interlude::domain::person::Role::Viewer);
    }
}

fn in_use(world: &World) -> String {
    match world.store.database() {
        Database::Sqlite(path) => format!("sqlite:{}", path.display()),
        Database::Postgres(url) => url.clone(),
    }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap()
}

/// A picture, a letter, nothing at all, a database of somebody else's and our own that is no backup.
#[test]
fn foreign_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("picture.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01").unwrap();
    std::fs::write(path("empty"), b"").unwrap();
    std::fs::write(path("letter.gz"), gzip("Dear all,\nall is well.\n")).unwrap();
    std::fs::write(path("lines.gz"), gzip("{\"a\":1}\n")).unwrap();
    let theirs = path("theirs.sqlite");
    let mut c = SqliteConnection::establish(theirs.to_str().unwrap()).unwrap();
    c.batch_execute("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)").unwrap();
    drop(c);
    let ours = Place::on_sqlite();
    fill(&ours);
    let Database::Sqlite(live) = &ours.database else { panic!() };
    for to in places() {
        for name in ["picture.png", "empty", "letter.gz", "lines.gz"] {
            restore(&to, &path(name)).is(6, "");
        }
        restore(&to, &theirs).is(6, "another program");
        restore(&to, live).is(6, "transfer --from");
        restore(&to, &path("missing")).is(4, "missing");
        assert!(is_untouched(&to));
    }
}

/// Files whose format or whose tables only a newer program knows.
#[test]
fn newer_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ours = Place::on_sqlite();
    fill(&ours);
    let file = folder.path().join("backup");
    let mut files = Vec::new();
    for (n, change) in [
        "replace(header, '\"format\":1', '\"format\":2,\"colour\":[3]')",
        "replace(header, '\"migrations\":[', '\"migrations\":[\"99991231000000\",')",
    ]
    .iter()
    .enumerate()
    {
        backup(&ours, &file).is(0, "");
        let newer = folder.path().join(format!("{n}.sqlite"));
        std::fs::rename(&file, &newer).unwrap();
        let mut c = SqliteConnection::establish(newer.to_str().unwrap()).unwrap();
        let changed = c.batch_execute(&format!("UPDATE backup_header SET header = {change}"));
        changed.unwrap();
        files.push(newer);
    }
    for (n, header) in [
        r#"{"interlude":"backup","format":2,"product":"9.0.0","colour":3}"#,
        r#"{"interlude":"backup","format":1,"product":"9.0.0","made_at":"2030-01-01T00:00:00.000Z","migrations":["99991231000000"],"tables":[]}"#,
    ]
    .iter()
    .enumerate()
    {
        let newer = folder.path().join(format!("{n}.jsonl.gz"));
        std::fs::write(&newer, gzip(&format!("{header}\n"))).unwrap();
        files.push(newer);
    }
    for to in places() {
        for newer in &files {
            restore(&to, newer).is(7, "newer version");
        }
        assert!(is_untouched(&to));
    }
}

/// A disk without room is no mistake in what was asked for.
#[test]
fn a_restore_that_finds_no_room_is_no_mistake() {
    let from = Place::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let good = taken(&from, folder.path());
    let Some(disk) = SmallDisk::in_folder(folder.path(), 1) else {
        crate::support::left_out("a small disk cannot be mounted here (this needs root)");
        return;
    };
    let filler = disk.fill();
    let database = format!("sqlite:{}", disk.at.join("interlude.db").display());
    let mut command = program(&from, &["restore", good.to_str().unwrap()]);
    let said = Said::of(command.env("DATABASE_URL", &database).output().unwrap());
    let names: Vec<_> = std::fs::read_dir(&disk.at).unwrap().map(|f| f.unwrap().path()).collect();
    assert_eq!(names, [filler], "nothing is left of it");
    said.is(3, "No space left");
}
