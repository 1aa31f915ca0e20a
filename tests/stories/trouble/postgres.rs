//! PostgreSQL goes away and comes back, under a server that runs and before one that starts.

use std::time::Duration;

use interlude::store::connection::Database;

use super::{
    RECOVERY, is_refused, is_taken, keeps_what_was_typed, recovers, says_why, still_shows_the_notice,
};
use crate::support::cluster::Cluster;
use crate::support::process::{Start, exactly};

fn key(name: &str) -> String {
    format!("a-key-of-22-characters-{name}")
}

#[test]
fn a_server_that_goes_away() {
    let _alone = crate::support::alone();
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
    assert!(process.wait_for_end(Duration::from_secs(20)).success());
    assert!(cluster.start());
    exactly(&database, &[key("before"), key("during"), key("after")]);
}
