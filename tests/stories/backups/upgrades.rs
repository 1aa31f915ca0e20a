//! Databases of other versions.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use super::filled::{content, fill, open};
use super::{Said, backup, on_both, program, run};

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
