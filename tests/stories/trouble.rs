//! Trouble of the database: nothing is acknowledged that is not there, the answer comes within a
//! second and says when to try again, public pages stay, and it passes by itself.

mod forms;
mod postgres;
mod public;
mod sqlite;

use std::time::Duration;

use crate::support::process::Process;
use crate::support::raw::{self, Answer};

/// How soon the trouble must be told.
const SOON: Duration = Duration::from_secs(1);
/// How soon everything must work again once the cause is gone.
const RECOVERY: Duration = Duration::from_secs(15);

/// The report was refused for now, soon, and with a time for the next try.
#[track_caller]
fn is_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.took < SOON, "told after {:?}", answer.took);
    let wait: u64 = answer.header("retry-after").expect("no Retry-After").parse().unwrap();
    assert!((1..=30).contains(&wait));
    assert_eq!(answer.json()["code"], code);
}

/// The server says that it is not ready, and of which kind the trouble is.
#[track_caller]
fn says_why(process: &Process, reason: &str) {
    let answer = process.wait_for("/readyz", Duration::from_secs(5), |a| a.status == 503);
    assert_eq!(answer.json()["reason"], reason, "{}", answer.text());
    assert!(process.get("/metrics").text().contains(&format!("interlude_trouble{{kind=\"{reason}\"}} 1")));
}

/// What only reads, for everybody, is still answered soon.
#[track_caller]
fn still_shows_the_notice(process: &Process) {
    let page = process.get("/");
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.took < 2 * SOON, "shown after {:?}", page.took);
}

/// A form that was sent comes back with what was typed.
#[track_caller]
fn keeps_what_was_typed(process: &Process, status: u16) {
    let form = "idempotency_key=a-form-of-22-characters-x&impact=blocked&description=typed+at+02%3A30";
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let answer = raw::ask(&process.address, "POST", "/report", &kind, form.as_bytes()).unwrap();
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.took < 2 * SOON, "told after {:?}", answer.took);
    assert!(answer.header("retry-after").is_some());
    assert!(answer.text().contains("typed at 02:30"), "{}", answer.text());
}

/// Works again by itself: the refused report is taken when it is sent again, and counts once.
#[track_caller]
fn recovers(process: &Process, key: &str) {
    process.wait_for("/readyz", RECOVERY, |a| a.status == 200);
    let again = process.report(key, key).unwrap();
    assert_eq!(again.status, 201, "{}", again.text());
}

/// Is taken.
#[track_caller]
fn is_taken(process: &Process, key: &str) {
    let answer = process.report(key, key).unwrap();
    assert_eq!(answer.status, 201, "{}: {}", answer.text(), process.logged());
}
