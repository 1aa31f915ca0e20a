//! Instances are killed, and their database is restarted, in the midst of work: nothing that was
//! acknowledged is lost, nothing is doubled, and nothing is run twice.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use interlude::domain::language::Language;
use interlude::domain::report::{Precision, ReportInput, Sender, Source, When};
use interlude::domain::secret::{IdempotencyKey, InstanceKey};
use interlude::store::connection::Database;
use interlude::store::reports::{self, NewReport};
use interlude::store::schema::{jobs, report_events};
use interlude::store::{Store, verify};
use serde_json::json;

use super::{Instances, SEEN};
use crate::support::cluster::Cluster;
use crate::support::process::{exactly, report};
use crate::support::raw::Answer;
use crate::windows::{hours_from_now, planned};

/// What senders and the one who disturbs them share.
struct Course {
    addresses: Mutex<Vec<String>>,
    over: AtomicBool,
    disturbed: AtomicUsize,
}

/// Sends reports to whichever instance is next, each until it is acknowledged; as a balancer does, it
/// goes on to the next instance after a failure.
fn submit(course: &Course, who: usize) -> Vec<(String, Vec<u8>)> {
    let (mut acknowledged, mut turn) = (Vec::new(), who);
    while !course.over.load(Ordering::SeqCst) {
        let key = format!("sender-{who}-of-a-report-number-{:06}", acknowledged.len());
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < Duration::from_secs(60), "{key} is never acknowledged");
            let address = {
                let addresses = course.addresses.lock().unwrap();
                addresses[turn % addresses.len()].clone()
            };
            turn += 1;
            match report(&address, &key, &key) {
                Ok(Answer { status: 201, body, .. }) => {
                    acknowledged.push((key, body));
                    break;
                }
                Ok(answer) => {
                    assert!(matches!(answer.status, 409 | 503), "{}: {}", answer.status, answer.text());
                    course.disturbed.fetch_add(1, Ordering::SeqCst);
                }
                Err(_) => {
                    course.disturbed.fetch_add(1, Ordering::SeqCst);
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    acknowledged
}

/// Runs senders while `disturb` does its worst, and then sees what is there.
fn under_load(database: &Database, mut instances: Instances, disturb: impl FnOnce(&mut Instances, &Course)) {
    let course = Arc::new(Course {
        addresses: Mutex::new(instances.running.iter().map(|p| p.address.clone()).collect()),
        over: AtomicBool::new(false),
        disturbed: AtomicUsize::new(0),
    });
    let senders: Vec<_> = (0..4)
        .map(|who| {
            let course = course.clone();
            std::thread::spawn(move || submit(&course, who))
        })
        .collect();
    disturb(&mut instances, &course);
    std::thread::sleep(Duration::from_millis(300));
    course.over.store(true, Ordering::SeqCst);
    let acknowledged: Vec<_> = senders.into_iter().flat_map(|s| s.join().unwrap()).collect();
    assert!(course.disturbed.load(Ordering::SeqCst) > 0, "nobody noticed anything");
    // Whoever asks again, the first answer is given, by every instance.
    for (n, (key, first)) in acknowledged.iter().step_by(acknowledged.len() / 20 + 1).enumerate() {
        let instance = &instances.running[n % instances.running.len()];
        let again = instance.report(key, key).unwrap();
        assert_eq!((again.status, &again.body), (201, first), "{key}");
    }
    println!(
        "{} reports acknowledged, {} times disturbed",
        acknowledged.len(),
        course.disturbed.load(Ordering::SeqCst)
    );
    drop(instances);
    let keys: Vec<String> = acknowledged.into_iter().map(|(key, _)| key).collect();
    exactly(database, &keys);
}

/// One of two instances is killed again and again, and started again.
#[test]
fn an_instance_that_dies() {
    let _alone = crate::support::alone();
    let Some((place, instances)) = Instances::two() else { return };
    under_load(&place.database, instances, |instances, course| {
        for n in 0..8 {
            std::thread::sleep(Duration::from_millis(rand::random_range(100..300)));
            let which = n % 2;
            instances.running.remove(which).kill();
            let started = instances.starts[which].go();
            course.addresses.lock().unwrap()[which] = started.address.clone();
            instances.running.insert(which, started);
        }
    });
}

/// The database is stopped and started under load: everything comes back by itself, notifications
/// included.
#[test]
fn a_database_that_restarts() {
    let _alone = crate::support::alone();
    let Some(cluster) = Cluster::begin() else {
        crate::support::left_out("there is no PostgreSQL server to start");
        return;
    };
    let database = Database::Postgres(cluster.url("interlude"));
    let instances = Instances::on(&database, 2);
    under_load(&database, instances, |instances, _| {
        let mut worked = Duration::MAX;
        for _ in 0..2 {
            std::thread::sleep(Duration::from_millis(500));
            assert!(cluster.stop());
            std::thread::sleep(Duration::from_millis(1_500));
            assert!(cluster.start());
            let cured = Instant::now();
            for instance in &instances.running {
                instance.wait_for("/readyz", Duration::from_secs(60), |a| a.status == 200);
            }
            worked = worked.min(cured.elapsed());
        }
        assert!(worked < Duration::from_secs(15), "they never worked again before {worked:?}");
        // One hears of the other again.
        let [_, b] = &instances.running[..] else { panic!() };
        let mut window = planned(1, 9);
        window["state"] = json!("scheduled");
        window["title"] = json!({"en": "Core upgrade", "zh-CN": "核心升级"});
        // The ways to the database come back one by one. Sent again, it may be there already.
        let until = Instant::now() + Duration::from_secs(60);
        let made = loop {
            let made = instances.send(0, "POST", "/api/v1/windows", &window);
            if made.status != 503 || Instant::now() > until {
                break made;
            }
            std::thread::sleep(Duration::from_millis(100));
        };
        assert!(matches!(made.status, 201 | 422), "{}", made.text());
        b.wait_for("/", SEEN, |page| page.text().contains("Core upgrade"));
        b.wait_for("/metrics", Duration::from_secs(60), |m| m.text().contains("interlude_listening 1"));
    });
}

/// Long work whose instance dies in the midst is taken up by another, and done once: every report is
/// attributed again exactly once, whoever did it.
#[test]
fn work_is_taken_over() {
    let _alone = crate::support::alone();
    const REPORTS: usize = 1_200;
    let Some((place, mut instances)) = Instances::two() else { return };
    let mut window = planned(-3, 9);
    window["state"] = json!("scheduled");
    window["start_by_clock"] = json!(false);
    let made = instances.send(0, "POST", "/api/v1/windows", &window);
    assert_eq!(made.status, 201, "{}", made.text());
    let store = Store::open(place.database.clone()).unwrap();
    for step in 0..REPORTS / 100 {
        store
            .write_here(move |w| {
                for n in 0..100 {
                    let key =
                        IdempotencyKey::parse("key", &format!("a-report-of-a-moved-one-{step}-{n:04}"))?;
                    reports::submit(w, &InstanceKey::new([7; 32]), &key, &a_report())?;
                }
                Ok(())
            })
            .unwrap();
    }
    // It moves away, so every report of it has to be looked at again, in several steps; half of the
    // instances die now.
    let moved = json!({"scheduled_start": hours_from_now(40), "scheduled_end": hours_from_now(49)});
    let answer = instances.send(0, "PATCH", "/api/v1/windows/core-upgrade", &moved);
    assert_eq!(answer.status, 200, "{}", answer.text());
    instances.running.remove(0).kill();
    let until = Instant::now() + Duration::from_secs(60);
    let open = || {
        store.read_here(|c| Ok(jobs::table.filter(jobs::done_at.is_null()).count().get_result::<i64>(c)?))
    };
    while open().unwrap() > 0 {
        assert!(Instant::now() < until, "the job is never done");
        std::thread::sleep(Duration::from_millis(100));
    }
    let lines: Vec<(i64, i64)> = store
        .read_here(|c| {
            Ok(report_events::table
                .filter(report_events::kind.eq("attribution"))
                .group_by(report_events::report_id)
                .select((report_events::report_id, diesel::dsl::count_star()))
                .load(c)?)
        })
        .unwrap();
    assert_eq!(lines.len(), REPORTS);
    assert!(lines.iter().all(|(_, count)| *count == 1), "{lines:?}");
    assert_eq!(store.read_here(verify::verify).unwrap().findings, []);
}

fn a_report() -> NewReport {
    let input = ReportInput { description: "x".into(), impact: "blocked".into(), ..Default::default() };
    NewReport {
        text: input.parse(false).unwrap(),
        when: When::Now(Precision::About),
        window: None,
        component: None,
        sender: Sender { language: Language::En, source: Source::Web },
        time_zone: None,
        written_at: None,
        entered_by: None,
        kept: false,
    }
}
