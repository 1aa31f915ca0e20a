//! Databases of other versions.

use std::io::Read;
use std::path::PathBuf;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use interlude::store::connection::Database;
use interlude::store::{Store, verify};

use super::filled::{content, fill, open};
use super::{Said, backup, on_both, places, program, restore, run};
use crate::support::Place;

#[derive(QueryableByName, PartialEq, Debug)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

on_both! {
    /// Several processes that start together on an empty database bring it up once.
    fn those_who_start_together_migrate_once(place) {
        let started: Vec<_> = (0..4)
            .map(|_| {
                let mut command = program(&place, &["migrate"]);
                command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
            })
            .collect();
        for process in started {
            Said::of(process.wait_with_output().unwrap()).is(0, "is at the version of this program");
        }
        let seen: Vec<Version> =
            sql_query("SELECT CAST(version AS TEXT) AS version FROM __diesel_schema_migrations ORDER BY version")
                .load(&mut open(&place))
                .unwrap();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite");
        assert_eq!(seen.len(), std::fs::read_dir(folder).unwrap().count());
    }

    /// An older program does not touch what a newer one has changed.
    fn a_newer_database_refuses_an_older_program(place) {
        fill(&place);
        let before = content(&place.database);
        sql_query("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')")
            .execute(&mut open(&place))
            .unwrap();
        run(&place, &["migrate"]).is(3, "made by a newer version of Interlude (migration 99991231000000)");
        let folder = tempfile::tempdir().unwrap();
        backup(&place, &folder.path().join("backup")).is(7, "made by a newer version");
        assert_eq!(content(&place.database), before);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[derive(QueryableByName)]
struct Counts {
    #[diesel(sql_type = BigInt)]
    reports: i64,
    #[diesel(sql_type = BigInt)]
    windows: i64,
    #[diesel(sql_type = BigInt)]
    people: i64,
}

/// The released versions whose databases are kept; `scripts/make-fixture` adds to them. Until v0.1.0
/// is tagged, whoever changes its tables makes its fixture again.
fn released() -> Vec<String> {
    let mut versions: Vec<String> = std::fs::read_dir(fixture(""))
        .unwrap()
        .filter_map(|f| {
            f.unwrap().file_name().to_str().and_then(|n| n.strip_suffix(".sqlite.gz")).map(str::to_owned)
        })
        .collect();
    versions.sort();
    assert!(versions.iter().any(|v| v == "v0.1.0"), "the fixture of v0.1.0 is missing");
    versions
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures")).join(name)
}

/// A fixture as it was before it was packed.
fn unpacked(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(fixture(name)).unwrap();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

/// The present program starts on it, finds nothing wrong, and finds what was put there.
#[track_caller]
fn is_alive(place: &Place, version: &str) {
    run(place, &["user", "list"]).is(0, "fixture\tadministrator");
    let store = Store::open(place.database.clone()).unwrap();
    let found = store.read_here(verify::verify).unwrap();
    assert_eq!(found.findings, [], "{version}");
    let counts: Vec<Counts> = sql_query(
        "SELECT (SELECT COUNT(*) FROM reports) AS reports, (SELECT COUNT(*) FROM windows) AS windows, \
         (SELECT COUNT(*) FROM people) AS people",
    )
    .load(&mut open(place))
    .unwrap();
    assert!(counts[0].reports > 50 && counts[0].windows == 3 && counts[0].people == 1, "{version}");
}

/// The database file of every released version, as it was left, opened by this program.
#[test]
fn files_of_released_versions_are_opened() {
    for version in released() {
        let place = Place::on_sqlite();
        let Database::Sqlite(path) = &place.database else { panic!() };
        std::fs::write(path, unpacked(&format!("{version}.sqlite.gz"))).unwrap();
        is_alive(&place, &version);
    }
}

/// The PostgreSQL database of every released version, made by its own statements.
#[test]
fn servers_of_released_versions_are_opened() {
    for version in released() {
        let Some(place) = Place::on_postgres() else {
            crate::support::left_out("no INTERLUDE_TEST_POSTGRES_URL");
            return;
        };
        let Database::Postgres(url) = &place.database else { panic!() };
        let sql = String::from_utf8(unpacked(&format!("{version}.sql.gz"))).unwrap();
        PgConnection::establish(url).unwrap().batch_execute(&sql).unwrap();
        is_alive(&place, &version);
    }
}

/// The backups of every released version, of both kinds, restored into both.
#[test]
fn backups_of_released_versions_are_restored() {
    for version in released() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sqlite");
        std::fs::write(&file, unpacked(&format!("{version}.sqlite.gz"))).unwrap();
        for backup in [file, fixture(&format!("{version}.jsonl.gz"))] {
            for place in places() {
                restore(&place, &backup).is(0, "reports");
                is_alive(&place, &version);
            }
        }
    }
}
