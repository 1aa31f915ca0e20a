//! The network between an instance and its database falls silent: nobody refuses, nothing comes back.

use std::time::{Duration, Instant};

use interlude::store::connection::Database;

use crate::support::cluster::Cluster;
use crate::support::cut::Wire;
use crate::support::process::{Start, exactly};
use crate::support::raw;

/// No single answer takes longer, whatever else the machine does. The fastest must come within a second.
const SOON: Duration = Duration::from_secs(10);

fn key(name: &str) -> String {
    format!("a-key-of-22-characters-{name}")
}

/// Whoever asks hears within a second that the database is gone, also those who were waiting when the
/// wire was cut; the notice is still shown; and it works again by itself although the connections
/// that there were never say a word again.
#[test]
fn a_cut_is_a_database_that_is_gone() {
    let _alone = crate::support::alone();
    let Some(cluster) = Cluster::begin() else {
        crate::support::left_out("there is no PostgreSQL server to start");
        return;
    };
    let wire = Wire::to(&cluster.address());
    let folder = tempfile::tempdir().unwrap();
    let through = format!("postgres://interlude@{}/interlude", wire.address);
    let process = Start::on(&Database::Postgres(through), folder.path()).go();
    assert_eq!(process.report(&key("before"), &key("before")).unwrap().status, 201);
    assert_eq!(process.get("/").status, 200);

    let (mut told, mut worked) = (Duration::MAX, Duration::MAX);
    for round in 0..2 {
        wire.cut();
        let begun = Instant::now();
        let waiting: Vec<_> = (0..24)
            .map(|n| {
                let address = process.address.clone();
                std::thread::spawn(move || {
                    let key = key(&format!("{round}-{n}"));
                    crate::support::process::report(&address, &key, "never").unwrap()
                })
            })
            .collect();
        for waiting in waiting {
            let answer = waiting.join().unwrap();
            assert_eq!(answer.status, 503, "{}", answer.text());
            assert!(answer.header("retry-after").is_some());
            assert!(answer.took < SOON, "told after {:?}", answer.took);
            told = told.min(answer.took);
        }
        let ready = process.wait_for("/readyz", Duration::from_secs(30), |a| a.status == 503);
        assert_eq!(ready.json()["reason"], "unavailable", "{}", ready.text());
        let page = process.get("/");
        assert_eq!(page.status, 200);
        assert!(page.took < SOON, "shown after {:?}", page.took);
        // It lasts longer than any one attempt.
        while begun.elapsed() < Duration::from_secs(6) {
            let answer = process.report(&key("during"), &key("during")).unwrap();
            assert_eq!(answer.status, 503, "{}", answer.text());
            assert!(answer.took < SOON, "told after {:?}", answer.took);
            std::thread::sleep(Duration::from_millis(200));
        }
        wire.mend();
        let mended = Instant::now();
        process.wait_for("/readyz", Duration::from_secs(60), |a| a.status == 200);
        for name in ["during", &format!("after-{round}")] {
            let answer = process.report_until_answered(&key(name), &key(name), Duration::from_secs(60));
            assert_eq!(answer.status, 201, "{}: {}", answer.text(), process.logged());
        }
        worked = worked.min(mended.elapsed());
    }
    assert!(told < Duration::from_secs(1), "nobody who waited was told before {told:?}");
    assert!(worked < Duration::from_secs(15), "it never worked again before {worked:?}");
    // Changes of others are heard again.
    process.wait_for("/metrics", Duration::from_secs(60), |m| m.text().contains("interlude_listening 1"));
    assert_eq!(raw::get(&process.address, "/healthz").unwrap().status, 200);
    drop(process);
    drop(wire);
    let there: Vec<String> = ["before", "during", "after-0", "after-1"].map(key).into();
    exactly(&Database::Postgres(cluster.url("interlude")), &there);
}
