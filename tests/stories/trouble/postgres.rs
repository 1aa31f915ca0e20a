//! PostgreSQL goes away and comes back, under a server that runs and before one that starts; and somebody
//! else's session holds a lock on it.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use interlude::store::connection::Database;

use super::{
    Staff, are_refused, in_time, is_refused, is_taken, keeps_what_was_typed, recovers, says_why,
    still_shows_the_notice,
};
use crate::support::Place;
use crate::support::cluster::Cluster;
use crate::support::foreigner::{Foreigner, NO_CHINESE};
use crate::support::process::{Start, exactly};

fn key(name: &str) -> String {
    format!("a-key-of-22-characters-{name}")
}

#[test]
fn a_server_that_goes_away() {
    let _alone = crate::support::alone();
    let Some(cluster) = Cluster::begin() else {
        crate::support::left_out("there is no PostgreSQL server to start");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Postgres(cluster.url("interlude"));
    let mut start = Start::on(&database, folder.path());
    let process = start.go();
    is_taken(&process, &key("before"));
    still_shows_the_notice(&process);

    let mut taken = vec![key("before")];
    in_time(|round| {
        assert!(cluster.stop());
        let during = key(&format!("during-{round}"));
        are_refused(&process, &during, 503, "unavailable");
        are_refused(&process, &key("never"), 503, "unavailable");
        says_why(&process, "unavailable");
        still_shows_the_notice(&process);
        keeps_what_was_typed(&process, 503);
        assert!(cluster.start());
        let took = recovers(&process, &during);
        taken.push(during);
        took
    });
    process.kill();

    // Once more, and the program starts before its database does.
    in_time(|round| {
        assert!(cluster.stop());
        let process = start.go_without_database();
        let ready = process.get("/readyz");
        assert_eq!((ready.status, &ready.json()["reason"]), (503, &"unavailable".into()));
        still_shows_the_notice(&process);
        are_refused(&process, &key("too-early"), 503, "unavailable");
        assert!(cluster.start());
        let after = key(&format!("after-{round}"));
        let took = recovers(&process, &after);
        still_shows_the_notice(&process);
        process.kill();
        taken.push(after);
        took
    });

    // A program that waits for its database can be asked to end, too.
    assert!(cluster.stop());
    let mut process = start.go_without_database();
    process.ask_to_end();
    assert!(process.wait_for_end(Duration::from_secs(20)).success());
    assert!(cluster.start());
    exactly(&database, &taken);
}

/// A table that the server itself cannot read any more, as from a failing disk: nobody is told of a mistake of
/// ours, and what only reads is there.
#[test]
fn a_file_that_cannot_be_read() {
    let _alone = crate::support::alone();
    let Some(cluster) = Cluster::begin() else {
        crate::support::left_out("there is no PostgreSQL server to start");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Postgres(cluster.url("interlude"));
    let process = Start::on(&database, folder.path()).go();
    is_taken(&process, &key("before"));
    still_shows_the_notice(&process);

    let lost: Vec<_> = ["reports", "windows"].iter().map(|table| cluster.lose(table)).collect();
    let refused = process.report(&key("during"), &key("during")).unwrap();
    is_refused(&refused, 503, "unavailable");
    says_why(&process, "unavailable");
    still_shows_the_notice(&process);
    keeps_what_was_typed(&process, 503);
    lost.into_iter().for_each(|file| cluster.find_again(file));
    recovers(&process, &key("during"));
    process.kill();
    exactly(&database, &[key("before"), key("during")]);
}

#[test]
fn a_full_disk() {
    let Some(cluster) = Cluster::on_small_disk() else {
        crate::support::left_out(
            "there is no PostgreSQL server to start, or no small disk can be mounted here",
        );
        return;
    };
    runs_full(&cluster, &Database::Postgres(cluster.url("interlude")));
}

/// The same, told in Chinese.
#[test]
fn a_full_disk_of_a_server_that_speaks_chinese() {
    let Some(cluster) = Cluster::on_small_disk() else {
        crate::support::left_out(
            "there is no PostgreSQL server to start, or no small disk can be mounted here",
        );
        return;
    };
    let Some(foreigner) = Foreigner::of(&cluster.url("interlude")) else {
        crate::support::left_out(NO_CHINESE);
        return;
    };
    runs_full(&cluster, &foreigner.database);
}

/// The disk of the server runs full: it says so itself, or goes down if its log finds no room.
#[track_caller]
fn runs_full(cluster: &Cluster, database: &Database) {
    let folder = tempfile::tempdir().unwrap();
    let process = Start::on(database, folder.path()).go();
    is_taken(&process, &key("before"));
    still_shows_the_notice(&process);
    let staff = Staff::of(database);

    let disk = cluster.disk.as_ref().unwrap();
    let mut taken = vec![key("before")];
    in_time(|_| {
        let filler = disk.fill();
        // What the pages of its tables have room for is still taken.
        let (during, status) = loop {
            let next = key(&format!("in-what-is-left-{:04}", taken.len()));
            let answer = process.report(&next, &next).unwrap();
            match answer.status {
                201 => taken.push(next),
                507 => {
                    is_refused(&answer, 507, "full");
                    break (next, 507);
                }
                _ => {
                    is_refused(&answer, 503, "unavailable");
                    break (next, 503);
                }
            }
            assert!(taken.len() < 2_000, "the disk is never full");
        };
        says_why(&process, if status == 507 { "full" } else { "unavailable" });
        still_shows_the_notice(&process);
        keeps_what_was_typed(&process, status);
        if status == 507 {
            staff.can_read(&process);
        }

        std::fs::remove_file(filler).unwrap();
        let took = recovers(&process, &during);
        taken.push(during);
        took
    });
    process.kill();
    exactly(database, &taken);
}

/// Somebody at a console, or a tool that rewrites a table, holds what every report needs. Each table
/// locked on its own, for the first that a report meets is the one of its key.
#[test]
fn a_lock_of_another_session() {
    let Some(place) = Place::on_postgres() else {
        crate::support::left_out("no INTERLUDE_TEST_POSTGRES_URL");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let process = Start::on(&place.database, folder.path()).go();
    is_taken(&process, &key("before"));
    still_shows_the_notice(&process);
    let mut taken = vec![key("before")];

    for table in ["reports", "idempotency_keys"] {
        in_time(|round| {
            let mut other = PgConnection::establish(&place.url()).unwrap();
            other.batch_execute(&format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")).unwrap();
            let several: Vec<_> = (0..12)
                .map(|n| {
                    let (address, key) = (process.address.clone(), key(&format!("{table}-{n}")));
                    std::thread::spawn(move || {
                        // Some come while the first wait in vain, more than are written at once.
                        std::thread::sleep(Duration::from_millis(40 * n));
                        crate::support::process::report(&address, &key, "never")
                    })
                })
                .collect();
            for refused in several {
                is_refused(&refused.join().unwrap().unwrap(), 503, "busy");
            }
            are_refused(&process, &key("never"), 503, "busy");
            says_why(&process, "locked");
            // It lasts, whatever else can be written meanwhile.
            std::thread::sleep(Duration::from_millis(2_500));
            says_why(&process, "locked");
            still_shows_the_notice(&process);
            keeps_what_was_typed(&process, 503);
            let counted = process.get("/metrics").text();
            let errors = "interlude_database_errors_total{door=\"write\",kind=\"locked\"}";
            assert!(counted.contains(errors), "{counted}");

            other.batch_execute("ROLLBACK").unwrap();
            let after = key(&format!("{table}-after-{round}"));
            let took = recovers(&process, &after);
            taken.push(after);
            took
        });
    }
    process.kill();
    exactly(&place.database, &taken);
}
