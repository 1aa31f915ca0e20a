//! What changes is told as it happens, to everybody what everybody may see, and nobody who listens
//! holds up the end of the server.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use interlude::domain::person::Role;
use interlude::store::people::{self, Actor as StoreActor};
use interlude::store::windows;
use serde_json::json;

use crate::support::process::Start;
use crate::support::{Place, World, raw};
use crate::windows::{operator, planned, published};

const WINDOW: &str = "/api/v1/windows/core-upgrade";

/// Somebody who listens.
struct Listening {
    stream: TcpStream,
    heard: String,
}

impl Listening {
    fn at(address: &str, path: &str, headers: &[(&str, &str)]) -> Listening {
        let mut stream = raw::connect(address).unwrap();
        let mut request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\naccept-encoding: gzip\r\n");
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
        Listening { stream, heard: String::new() }
    }

    fn to(world: &World, headers: &[(&str, &str)]) -> Listening {
        Listening::at(world.url.trim_start_matches("http://"), "/events", headers)
    }

    /// Reads on until this was said; gives everything that was said up to there.
    #[track_caller]
    fn until(&mut self, what: &str) -> String {
        let mut bytes = [0; 4_096];
        loop {
            if let Some(at) = self.heard.find(what)
                && let Some(end) = self.heard[at..].find("\n\n")
            {
                let rest = self.heard.split_off(at + end);
                return std::mem::replace(&mut self.heard, rest);
            }
            let n = self.stream.read(&mut bytes).unwrap_or_else(|e| panic!("{what:?}: {e}: {}", self.heard));
            assert!(n > 0, "the stream ended before {what:?}: {}", self.heard);
            self.heard.push_str(&String::from_utf8_lossy(&bytes[..n]));
        }
    }
}

/// The last id that was said.
fn id(heard: &str) -> i64 {
    heard.lines().filter_map(|l| l.strip_prefix("id: ")?.parse().ok()).next_back().unwrap()
}

fn token(world: &World) -> String {
    let token =
        world.write(|w| people::create_token(w, &StoreActor::CommandLine, "listens", Role::Viewer, None));
    format!("Bearer {token}")
}

story! {
    /// Everybody hears of windows, staff of reports too, and nobody of drafts.
    async fn changes_are_told_to_those_who_may_know(world) {
        let operator = operator(world);
        let mut everybody = Listening::to(world, &[]);
        let head = everybody.until("event: ready");
        for said in ["200 OK", "text/event-stream", "no-transform", "x-accel-buffering: no", "retry: "] {
            assert!(head.contains(said), "{said} is not in {head}");
        }
        let bearer = token(world);
        let address = world.url.trim_start_matches("http://");
        let mut staff = Listening::at(address, "/admin/events", &[("authorization", &bearer)]);
        staff.until("event: ready");
        let mut window = planned(0, 8);
        window["slug"] = json!("core-upgrade");
        operator.post_json("/api/v1/windows", window).await.is(201);
        let report = json!({"impact": "blocked", "description": "Does not work"});
        world.anyone().post_json_once("/api/v1/reports", "a-key-of-22-characters-1", report).await.is(201);
        let heard = staff.until("event: report");
        assert!(!heard.contains("core-upgrade"), "a draft was told: {heard}");
        assert!(heard.contains("\"count\":1"), "{heard}");
        operator.patch_json(WINDOW, json!({"state": "scheduled"})).await.is(200);
        let heard = everybody.until("\"state\":\"scheduled\"");
        assert!(heard.contains("event: window") && heard.contains("\"slug\":\"core-upgrade\""), "{heard}");
        assert!(!heard.contains("event: report"), "{heard}");
        operator.patch_json(WINDOW, json!({"state": "in_progress"})).await.is(200);
        everybody.until("\"state\":\"in_progress\"");
        staff.until("\"state\":\"in_progress\"");
        world.anyone().get("/admin/events").await.is(303);
    }

    /// Whoever hears of a change sees it, also one that another process made.
    async fn what_is_told_can_be_seen_at_once(world) {
        published(world, 0, 8).await;
        let beside = interlude::store::Store::open(world.store.database().clone()).unwrap();
        let mut everybody = Listening::to(world, &[]);
        everybody.until("event: ready");
        let (anyone, by) = (world.anyone(), StoreActor::CommandLine);
        for (state, says, starts) in [("in_progress", "In progress", true), ("verifying", "Being tested", false)] {
            // The page was just looked at.
            anyone.get("/windows/core-upgrade").await.is(200).lacks(&format!(">{says}<"));
            let (store, by) = (beside.clone(), by.clone());
            let made = std::thread::spawn(move || store.write_here(move |w| match starts {
                true => windows::start(w, &by, "core-upgrade", None),
                false => windows::verify(w, &by, "core-upgrade", None),
            }));
            made.join().unwrap().unwrap();
            everybody.until(&format!("\"state\":\"{state}\""));
            anyone.get("/windows/core-upgrade").await.is(200).says(says);
        }
    }

    /// Who comes again hears what was missed, and only that; who was away too long looks at everything.
    async fn what_was_missed_is_told_again(world) {
        let operator = published(world, 0, 8).await;
        let mut first = Listening::to(world, &[]);
        let begun = id(&first.until("event: ready"));
        operator.patch_json(WINDOW, json!({"state": "in_progress"})).await.is(200);
        let started = id(&first.until("\"state\":\"in_progress\""));
        assert!(started > begun);
        drop(first);
        operator.patch_json(WINDOW, json!({"advice": {"en": "Drink water"}})).await.is(200);
        operator.patch_json(WINDOW, json!({"state": "verifying"})).await.is(200);
        let mut again = Listening::to(world, &[("last-event-id", &started.to_string())]);
        let heard = again.until("\"state\":\"verifying\"");
        assert!(!heard.contains(&format!("id: {started}\n")), "{heard}");
        assert!(id(&heard) > started && !heard.contains("reset"), "{heard}");
        for last in ["-5", "999999999"] {
            let mut lost = Listening::to(world, &[("last-event-id", last)]);
            assert_eq!(id(&lost.until("event: reset")), id(&heard));
        }
        let mut nonsense = Listening::to(world, &[("last-event-id", "%00 x")]);
        nonsense.until("event: ready");
        world.anyone().send("head", "/events", &[], vec![]).await.is(200);
    }
}

/// One more than there may be is told so, and may poll.
#[test]
fn there_is_an_end_to_how_many_listen() {
    let (place, folder) = (Place::on_sqlite(), tempfile::tempdir().unwrap());
    let process = Start::on(&place.database, folder.path()).with("INTERLUDE_EVENT_LISTENERS", "1").go();
    let mut first = Listening::at(&process.address, "/events", &[]);
    first.until("event: ready");
    assert_eq!(process.get("/events").status, 503);
    assert!(process.get("/metrics").text().contains("interlude_event_listeners 1"));
    drop(first);
    // The place is free as soon as the server has seen that nobody is there.
    process
        .wait_for("/metrics", Duration::from_secs(60), |a| a.text().contains("interlude_event_listeners 0"));
}

/// Asked to end, the server does not wait for those who listen.
#[test]
fn listeners_do_not_hold_up_the_end() {
    let (place, folder) = (Place::on_sqlite(), tempfile::tempdir().unwrap());
    let mut process = Start::on(&place.database, folder.path()).go();
    let mut listening: Vec<Listening> =
        (0..20).map(|_| Listening::at(&process.address, "/events", &[])).collect();
    for one in &mut listening {
        one.until("event: ready");
    }
    process.ask_to_end();
    let mut rest = Vec::new();
    // The stream comes to its proper end, before the time that open connections are given.
    listening[0].stream.read_to_end(&mut rest).unwrap();
    assert!(String::from_utf8_lossy(&rest).ends_with("0\r\n\r\n"), "the stream was cut off");
    assert!(process.wait_for_end(Duration::from_secs(30)).success());
    let log = process.logged();
    assert!(!log.contains("panic"), "{log}");
}
