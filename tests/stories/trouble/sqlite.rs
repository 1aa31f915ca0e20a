//! Trouble of the embedded database: the disk, the file, somebody else's lock.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use interlude::domain::language::Language;
use interlude::store::connection::Database;
use interlude::web::kept::KeptPages;

use super::{
    PROMISED, RECOVERY, Staff, TYPED, are_refused, in_time, is_given_back, is_refused, is_taken,
    keeps_what_was_typed, recovers, says_why, send_form, still_shows_the_notice,
};
use crate::support::disk::SmallDisk;
use crate::support::process::{Start, exactly};
use crate::support::tampered::{self, Tampered};

/// A key, which is also the description.
fn key(name: &str) -> String {
    format!("a-key-of-22-characters-{name}")
}

#[test]
fn a_full_disk() {
    let _alone = crate::support::alone();
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::in_folder(folder.path(), 4) else {
        crate::support::left_out("a small disk cannot be mounted here (this needs root)");
        return;
    };
    let database = Database::Sqlite(disk.at.join("interlude.db"));
    let process = Start::on(&database, folder.path()).go();
    is_taken(&process, &key("before"));
    still_shows_the_notice(&process);
    let staff = Staff::of(&database);

    let mut taken = vec![key("before")];
    in_time(|_| {
        let filler = disk.fill();
        // What the log has room for, once it was emptied, is still taken; and it may be emptied at any moment,
        // by the server's own clock too, so it is filled until the server still says why a report was refused,
        // and one was refused in time.
        let mut fastest = Duration::MAX;
        let during = (0..4_000).find_map(|_| {
            let next = key(&format!("in-what-is-left-{:04}", taken.len()));
            let answer = process.report(&next, &next).unwrap();
            if answer.status == 201 {
                taken.push(next);
                return None;
            }
            is_refused(&answer, 507, "full");
            fastest = fastest.min(answer.took);
            let ready = process.get("/readyz");
            let told = process.get("/metrics").text().contains("interlude_trouble{kind=\"full\"} 1");
            if ready.status != 503 || !told || fastest >= PROMISED {
                return None;
            }
            assert_eq!(ready.json()["reason"], "full", "{}", ready.text());
            Some(next)
        });
        let during = during.unwrap_or_else(|| {
            panic!("the disk is never full for as long as one looks, or never in time: {fastest:?}")
        });
        still_shows_the_notice(&process);
        // The log may have been emptied meanwhile and have room again: what is taken then is taken.
        let given_back = loop {
            let answer = send_form(&process, &format!("a-form-of-22-characters-{:04}", taken.len()));
            if answer.status != 303 {
                break answer;
            }
            taken.push(TYPED.to_owned());
            assert!(taken.len() < 4_000, "the disk is not full any more");
        };
        is_given_back(&given_back, 507);
        staff.can_read(&process);
        let counted = process.get("/metrics").text();
        let errors = "interlude_database_errors_total{door=\"write\",kind=\"full\"}";
        assert!(counted.contains(errors), "{counted}");

        std::fs::remove_file(filler).unwrap();
        let took = recovers(&process, &during);
        taken.push(during);
        took
    });
    process.kill();
    exactly(&database, &taken);
}

#[test]
fn a_lock_of_another_process() {
    let _alone = crate::support::alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("interlude.db");
    let database = Database::Sqlite(path.clone());
    let process = Start::on(&database, folder.path()).go();
    is_taken(&process, &key("before"));
    let staff = Staff::of(&database);

    let mut taken = vec![key("before")];
    in_time(|round| {
        let mut other = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
        // The server's own clock may be writing just now.
        other.batch_execute("PRAGMA busy_timeout = 30000; BEGIN IMMEDIATE").unwrap();
        let several: Vec<_> = (0..4)
            .map(|n| {
                let address = process.address.clone();
                std::thread::spawn(move || {
                    // Some come while the first waits in vain.
                    std::thread::sleep(Duration::from_millis(100 * n));
                    crate::support::process::report(&address, &key(&format!("during-{n}")), "never")
                })
            })
            .collect();
        for refused in several {
            is_refused(&refused.join().unwrap().unwrap(), 503, "busy");
        }
        are_refused(&process, &key("never"), 503, "busy");
        says_why(&process, "locked");
        still_shows_the_notice(&process);
        keeps_what_was_typed(&process, 503);
        staff.can_read(&process);

        other.batch_execute("ROLLBACK").unwrap();
        let after = key(&format!("after-{round}"));
        let took = recovers(&process, &after);
        taken.push(after);
        took
    });
    process.kill();
    exactly(&database, &taken);
}

/// A file that goes away takes no acknowledged report with it, and no empty one comes in its place.
#[test]
fn a_file_that_is_moved_away() {
    let _alone = crate::support::alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("interlude.db");
    let database = Database::Sqlite(path.clone());
    let process = Start::on(&database, folder.path()).go();
    is_taken(&process, &key("before"));
    still_shows_the_notice(&process);

    let mut taken = vec![key("before")];
    in_time(|round| {
        let away = folder.path().join("away.db");
        std::fs::rename(&path, &away).unwrap();
        let during = key(&format!("during-{round}"));
        are_refused(&process, &during, 503, "unavailable");
        says_why(&process, "unavailable");
        still_shows_the_notice(&process);
        keeps_what_was_typed(&process, 503);
        assert!(!path.exists());

        std::fs::rename(&away, &path).unwrap();
        let took = recovers(&process, &during);
        taken.push(during);
        took
    });
    process.kill();
    exactly(&database, &taken);
}

fn with_failing(calls: &str) {
    if !tampered::is_possible() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(folder.path().join("interlude.db"));
    let process = Start::on(&database, folder.path()).go();
    is_taken(&process, &key("before"));
    still_shows_the_notice(&process);

    let mut taken = vec![key("before")];
    in_time(|round| {
        let failing = Tampered::failing(process.id(), calls, "EIO").expect("strace holds the process");
        let during = key(&format!("during-{round}"));
        is_refused(&process.report(&during, &during).unwrap(), 503, "unavailable");
        are_refused(&process, &key("never"), 503, "unavailable");
        says_why(&process, "unavailable");
        still_shows_the_notice(&process);

        drop(failing);
        let took = recovers(&process, &during);
        taken.push(during);
        took
    });
    process.kill();
    exactly(&database, &taken);
}

#[test]
fn a_failing_sync() {
    let _alone = crate::support::alone();
    with_failing("fsync,fdatasync");
}

#[test]
fn a_failing_write() {
    let _alone = crate::support::alone();
    with_failing("pwrite64");
}

/// A disk that fails when the program starts may be well again later: nobody has to start it once more, as
/// a unit would after an end with exit code 3.
#[test]
fn a_disk_that_fails_at_the_start() {
    let _alone = crate::support::alone();
    if !tampered::is_possible() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("interlude.db");
    let database = Database::Sqlite(path.clone());
    let process = Start::on(&database, folder.path()).go();
    is_taken(&process, &key("before"));
    still_shows_the_notice(&process);
    let kept = KeptPages::in_data_folder(folder.path());
    process.wait_for("/", RECOVERY, |_| kept.find("/", Language::En).is_some());
    process.kill();

    let mut taken = vec![key("before")];
    in_time(|round| {
        let through = tampered::failing_from_the_start("pread64", "EIO", &path);
        let process = Start::through(&through, &database, folder.path()).go_without_database();
        let ready = process.get("/readyz");
        assert_eq!((ready.status, &ready.json()["reason"]), (503, &"unavailable".into()), "{}", ready.text());
        still_shows_the_notice(&process);
        let during = key(&format!("during-{round}"));
        are_refused(&process, &during, 503, "unavailable");
        keeps_what_was_typed(&process, 503);

        tampered::let_go(process.id());
        let took = recovers(&process, &during);
        process.kill();
        taken.push(during);
        took
    });
    exactly(&database, &taken);
}
