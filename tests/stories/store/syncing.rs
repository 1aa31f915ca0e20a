//! On PostgreSQL an acknowledgement means synced whatever the defaults of a role are; where it cannot, it is
//! said.

use std::process::Command;

use diesel::prelude::*;
use diesel::sql_types::Text;
use interlude::store::connection::{Database, Db};
use interlude::store::syncing::{self, Doubt};

use crate::support::Place;
use crate::support::process::PROGRAM;

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    synchronous_commit: String,
}

fn opened(url: &str) -> Db {
    Database::Postgres(url.to_owned()).open(500).unwrap()
}

fn commits(connection: &mut Db) -> String {
    let Db::Postgres(c) = connection else { unreachable!("it is on PostgreSQL") };
    diesel::sql_query("SHOW synchronous_commit").get_result::<Setting>(c).unwrap().synchronous_commit
}

#[test]
fn a_role_that_does_not_sync_syncs_all_the_same() {
    let Some(place) = Place::on_postgres() else {
        crate::support::left_out("no INTERLUDE_TEST_POSTGRES_URL");
        return;
    };
    let url = place.url();
    let (_, name) = url.rsplit_once('/').unwrap();
    let mut admin = PgConnection::establish(&url).unwrap();
    let mut default = |value: &str| {
        // Only in this database, with which it goes.
        let sql = format!("ALTER ROLE CURRENT_USER IN DATABASE {name} SET synchronous_commit = {value}");
        diesel::sql_query(sql).execute(&mut admin).unwrap();
    };
    default("off");
    let plain: Setting = diesel::sql_query("SHOW synchronous_commit")
        .get_result(&mut PgConnection::establish(&url).unwrap())
        .unwrap();
    assert_eq!(plain.synchronous_commit, "off");
    let mut ours = opened(&url);
    assert_eq!(commits(&mut ours), "on");
    assert!(!syncing::doubts(&mut ours).unwrap().contains(&Doubt::SynchronousCommit));
    // More than we ask for stays.
    default("remote_apply");
    assert_eq!(commits(&mut opened(&url)), "remote_apply");

    // An operator's own word in the address counts, and is called what it is.
    let unsafe_url = format!("{url}?options=-c%20synchronous_commit%3Doff");
    let mut theirs = opened(&unsafe_url);
    assert_eq!(commits(&mut theirs), "off");
    assert!(syncing::doubts(&mut theirs).unwrap().contains(&Doubt::SynchronousCommit));
    drop(interlude::store::Store::open(place.database.clone()).unwrap());
    let doctor = Command::new(PROGRAM)
        .arg("doctor")
        .env("DATABASE_URL", &unsafe_url)
        .env("INTERLUDE_LISTEN", "127.0.0.1:0")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(said.contains("warning  sync: synchronous_commit is off"), "{said}");
    assert!(said.contains("take synchronous_commit out"), "{said}");
}
