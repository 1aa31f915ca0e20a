//! Killed at any instant: every acknowledged report, answer and triage move is there exactly once, and
//! what was not acknowledged counts once when it is sent again.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use interlude::store::Store;
use interlude::store::schema::{report_events, responses};
use serde_json::json;

use crate::support::Place;
use crate::support::operator::Operator;
use crate::support::process::{Process, Start, exactly, report};
use crate::support::raw::{self, Answer};

const KILLS: usize = 32;
const SUBMITTERS: usize = 5;
/// The report that is worked on.
const WORKED_ON: &str = "a-report-to-be-worked-on";

/// What the submitters and the one who kills share.
struct Course {
    address: Mutex<String>,
    over: AtomicBool,
    broken: AtomicUsize,
    refused: AtomicUsize,
    answered: AtomicUsize,
    triaged: AtomicUsize,
}

impl Course {
    /// Asks again and again until there is one of these answers.
    fn insist(&self, wanted: &[u16], ask: impl Fn(&str) -> std::io::Result<Answer>) -> Answer {
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < Duration::from_secs(60), "it is never acknowledged");
            let address = self.address.lock().unwrap().clone();
            match ask(&address) {
                Ok(answer) if wanted.contains(&answer.status) => return answer,
                Ok(answer) => {
                    assert!(matches!(answer.status, 409 | 503), "{}: {}", answer.status, answer.text());
                    self.refused.fetch_add(1, Ordering::SeqCst);
                }
                // Between a kill and the next start nobody listens.
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
                Err(_) => {
                    self.broken.fetch_add(1, Ordering::SeqCst);
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until everybody has been acknowledged something more, on however slow a machine.
    fn everybody_gets_on(&self) {
        let count = || [&self.answered, &self.triaged].map(|n| n.load(Ordering::SeqCst));
        let (before, begun) = (count(), Instant::now());
        while count().iter().zip(&before).any(|(now, before)| now <= before) {
            assert!(begun.elapsed() < Duration::from_secs(120), "somebody does not get on: {before:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn goes_on(&self) -> bool {
        !self.over.load(Ordering::SeqCst)
    }
}

/// Sends one report after the other, each until it is acknowledged; gives key and first answer of each.
fn submit(course: &Course, who: usize) -> Vec<(String, Vec<u8>)> {
    let mut acknowledged = Vec::new();
    while course.goes_on() {
        let key = format!("submitter-{who}-report-{:08}", acknowledged.len());
        let answer = course.insist(&[201], |address| report(address, &key, &key));
        acknowledged.push((key, answer.body));
        std::thread::sleep(Duration::from_millis(10));
    }
    acknowledged
}

/// Answers the survey, again and again as somebody else; gives the comments that were acknowledged.
fn answer_survey(course: &Course) -> Vec<String> {
    let mut acknowledged = Vec::new();
    while course.goes_on() {
        let key = format!("an-answer-of-a-survey-{:06}", acknowledged.len());
        let body = json!({"csat": 4, "comment": key}).to_string();
        let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
        let path = "/api/v1/windows/over/survey-responses";
        course.insist(&[201], |address| raw::ask(address, "POST", path, &headers, body.as_bytes()));
        course.answered.fetch_add(1, Ordering::SeqCst);
        acknowledged.push(key);
        std::thread::sleep(Duration::from_millis(10));
    }
    acknowledged
}

/// Notes something at a report and moves it to and fro, each note made of the state that was seen;
/// gives the notes that were acknowledged, or found to have been made when the answer was lost.
fn triage(course: &Course, operator: &Operator, reference: &str) -> Vec<String> {
    let path = format!("/api/v1/reports/{reference}");
    let mut acknowledged = Vec::new();
    while course.goes_on() {
        let note = format!("note-{:06}", acknowledged.len());
        let status = if acknowledged.len() % 2 == 0 { "in_progress" } else { "acknowledged" };
        let seen = course.insist(&[200], |address| operator.get(address, &path));
        let tag = seen.header("etag").unwrap().to_owned();
        let move_on = json!({"note": note, "status": status});
        let moved = course.insist(&[200, 412], |address| {
            operator.send(address, "PATCH", &path, &[("if-match", &tag)], &move_on)
        });
        if moved.status == 412 {
            // Nobody else touches it: it was made before the answer was lost.
            let now = course.insist(&[200], |address| operator.get(address, &path));
            assert!(now.text().contains(&note), "{note}: {}", now.text());
        }
        course.triaged.fetch_add(1, Ordering::SeqCst);
        acknowledged.push(note);
        std::thread::sleep(Duration::from_millis(10));
    }
    acknowledged
}

/// A window that is over, whose survey is open, and a report to work on.
fn prepared(process: &Process, operator: &Operator) -> String {
    let hours = |n: i64| interlude::domain::instant::Instant::now().plus_hours(n).rfc3339();
    let window = json!({
        "slug": "over", "title": {"en": "Over", "zh-CN": "已结束"}, "state": "scheduled",
        "scheduled_start": hours(-2), "scheduled_end": hours(1), "time_zone": "Asia/Shanghai",
        "components": [{"key": "login", "impact": "degraded"}], "start_by_clock": false,
    });
    let send = |method: &str, path: &str, body: &serde_json::Value| {
        let answer = operator.send(&process.address, method, path, &[], body).unwrap();
        assert!(matches!(answer.status, 200 | 201), "{}", answer.text());
    };
    send("POST", "/api/v1/windows", &window);
    send("PATCH", "/api/v1/windows/over", &json!({"state": "in_progress"}));
    send("PATCH", "/api/v1/windows/over", &json!({"state": "completed", "tested": ["login"]}));
    let report = process.report(WORKED_ON, WORKED_ON).unwrap();
    report.json()["reference"].as_str().unwrap().to_owned()
}

/// What there is exactly once of each.
#[track_caller]
fn exactly_once(mut there: Vec<String>, acknowledged: &[String]) {
    there.sort_unstable();
    assert_eq!(there, acknowledged);
}

fn killed_again_and_again(place: &Place) {
    let begun = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let database = place.database.clone();
    let operator = Operator::on(&database);
    let mut start = Start::on(&database, folder.path()).apart();
    let mut process = start.go();
    let reference = prepared(&process, &operator);
    let course = Arc::new(Course {
        address: Mutex::new(process.address.clone()),
        over: AtomicBool::new(false),
        broken: AtomicUsize::new(0),
        refused: AtomicUsize::new(0),
        answered: AtomicUsize::new(0),
        triaged: AtomicUsize::new(0),
    });
    let submitters: Vec<_> = (0..SUBMITTERS)
        .map(|who| {
            let course = course.clone();
            std::thread::spawn(move || submit(&course, who))
        })
        .collect();
    let (answering, triaging) = (course.clone(), course.clone());
    let answering = std::thread::spawn(move || answer_survey(&answering));
    let triaging = std::thread::spawn(move || triage(&triaging, &operator, &reference));
    for n in 0..KILLS {
        if n % 4 == 0 {
            course.everybody_gets_on();
        }
        std::thread::sleep(Duration::from_millis(rand::random_range(20..250)));
        process.kill();
        process = start.go();
        *course.address.lock().unwrap() = process.address.clone();
    }
    std::thread::sleep(Duration::from_millis(200));
    course.over.store(true, Ordering::SeqCst);
    let acknowledged: Vec<_> = submitters.into_iter().flat_map(|s| s.join().unwrap()).collect();
    let (answers, notes) = (answering.join().unwrap(), triaging.join().unwrap());
    process.kill();

    let mut keys: Vec<String> = acknowledged.iter().map(|(key, _)| key.clone()).collect();
    keys.push(WORKED_ON.to_owned());
    exactly(&database, &keys);
    let store = Store::open(database).unwrap();
    let comments = responses::table.select(responses::comment.assume_not_null());
    exactly_once(store.read_here(|c| Ok(comments.load(c)?)).unwrap(), &answers);
    let noted = report_events::table
        .filter(report_events::kind.eq("note"))
        .select(report_events::content.assume_not_null());
    exactly_once(store.read_here(|c| Ok(noted.load(c)?)).unwrap(), &notes);
    let moves = report_events::table.filter(report_events::kind.eq("status")).count();
    assert_eq!(store.read_here(|c| Ok(moves.get_result::<i64>(c)?)).unwrap(), notes.len() as i64);
    drop(store);
    assert!(answers.len() >= KILLS / 4 && notes.len() >= KILLS / 4);

    // The answer of each is still the first one, byte for byte.
    let process = start.go();
    for (key, first) in acknowledged.iter().step_by(acknowledged.len() / 50 + 1) {
        let again = process.report(key, key).unwrap();
        assert_eq!((again.status, &again.body), (201, first), "{key}");
    }
    let broken = course.broken.load(Ordering::SeqCst);
    assert!(broken >= KILLS / 2, "only {broken} requests were under way at {KILLS} kills");
    println!(
        "{KILLS} kills in {:?}: {} reports, {} answers, {} triage moves acknowledged, {broken} connections broken, {} refusals",
        begun.elapsed(),
        acknowledged.len(),
        answers.len(),
        notes.len(),
        course.refused.load(Ordering::SeqCst),
    );
}

#[test]
fn on_sqlite() {
    let _alone = crate::support::alone();
    killed_again_and_again(&Place::on_sqlite());
}

#[test]
fn on_postgres() {
    let _alone = crate::support::alone();
    match Place::on_postgres() {
        Some(place) => killed_again_and_again(&place),
        None => crate::support::left_out("no INTERLUDE_TEST_POSTGRES_URL"),
    }
}
