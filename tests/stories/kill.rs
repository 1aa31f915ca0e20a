//! Killed at any instant: every acknowledged report is there exactly once, and what was not
//! acknowledged counts once when it is sent again.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::Place;
use crate::support::process::{Start, exactly, report};

const KILLS: usize = 32;
const SUBMITTERS: usize = 6;

/// What the submitters and the one who kills share.
struct Course {
    address: Mutex<String>,
    over: AtomicBool,
    broken: AtomicUsize,
    refused: AtomicUsize,
}

/// Sends one report after the other, each until it is acknowledged; gives key and first answer of each.
fn submit(course: &Course, who: usize) -> Vec<(String, Vec<u8>)> {
    let mut acknowledged = Vec::new();
    while !course.over.load(Ordering::SeqCst) {
        let key = format!("submitter-{who}-report-{:08}", acknowledged.len());
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < Duration::from_secs(60), "{key} is never acknowledged");
            let address = course.address.lock().unwrap().clone();
            match report(&address, &key, &key) {
                Ok(answer) if answer.status == 201 => {
                    acknowledged.push((key, answer.body));
                    break;
                }
                Ok(answer) => {
                    assert!(matches!(answer.status, 409 | 503), "{}: {}", answer.status, answer.text());
                    course.refused.fetch_add(1, Ordering::SeqCst);
                }
                // Between a kill and the next start nobody listens.
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
                Err(_) => {
                    course.broken.fetch_add(1, Ordering::SeqCst);
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    acknowledged
}

fn killed_again_and_again(place: &Place) {
    let begun = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let database = place.database.clone();
    let mut start = Start::on(&database, folder.path());
    let mut process = start.go();
    let course = Arc::new(Course {
        address: Mutex::new(process.address.clone()),
        over: AtomicBool::new(false),
        broken: AtomicUsize::new(0),
        refused: AtomicUsize::new(0),
    });
    let submitters: Vec<_> = (0..SUBMITTERS)
        .map(|who| {
            let course = course.clone();
            std::thread::spawn(move || submit(&course, who))
        })
        .collect();
    for _ in 0..KILLS {
        std::thread::sleep(Duration::from_millis(rand::random_range(20..250)));
        process.kill();
        process = start.go();
        *course.address.lock().unwrap() = process.address.clone();
    }
    std::thread::sleep(Duration::from_millis(200));
    course.over.store(true, Ordering::SeqCst);
    let acknowledged: Vec<_> = submitters.into_iter().flat_map(|s| s.join().unwrap()).collect();
    process.kill();

    let keys: Vec<String> = acknowledged.iter().map(|(key, _)| key.clone()).collect();
    exactly(&database, &keys);

    // The answer of each is still the first one, byte for byte.
    let process = start.go();
    for (key, first) in acknowledged.iter().step_by(acknowledged.len() / 50 + 1) {
        let again = process.report(key, key).unwrap();
        assert_eq!((again.status, &again.body), (201, first), "{key}");
    }
    let broken = course.broken.load(Ordering::SeqCst);
    assert!(broken >= KILLS / 2, "only {broken} requests were under way at {KILLS} kills");
    println!(
        "{KILLS} kills in {:?}: {} reports acknowledged, {broken} connections broken, {} refusals",
        begun.elapsed(),
        acknowledged.len(),
        course.refused.load(Ordering::SeqCst),
    );
}

#[test]
fn on_sqlite() {
    killed_again_and_again(&Place::on_sqlite());
}

#[test]
fn on_postgres() {
    match Place::on_postgres() {
        Some(place) => killed_again_and_again(&place),
        None => println!("left out: no INTERLUDE_TEST_POSTGRES_URL"),
    }
}
