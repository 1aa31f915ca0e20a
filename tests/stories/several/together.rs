//! What one instance does, the others know.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use diesel::RunQueryDsl;
use interlude::domain::language::Language;
use interlude::store::appearance::Appearance;
use interlude::store::instance::{self, Settings};
use interlude::store::{Store, audit, verify};
use serde_json::json;

use super::{Instances, SEEN, somebody, within_a_second};
use crate::support::process::{PROGRAM, Start};
use crate::support::{Place, raw};
use crate::windows::{hours_from_now, planned};

/// A window that was published here is read there; moved there, it is read here.
#[test]
fn a_change_here_is_seen_there() {
    let _alone = crate::support::alone();
    let Some((_place, instances)) = Instances::two() else { return };
    let [a, b] = &instances.running[..] else { panic!() };
    // The page is in the memory of both.
    for instance in [a, b] {
        assert!(!instance.get("/").text().contains("Core upgrade"));
    }
    instances.tell_each_other();
    for instance in [a, b] {
        instance.wait_for("/metrics", SEEN, |m| m.text().contains("interlude_listening 1"));
    }
}

/// A change of the settings, made at the command line or by another instance, reaches those that
/// have them in memory: here the language of those who ask for none.
#[test]
fn settings_follow() {
    let _alone = crate::support::alone();
    let told = |place: &Place| {
        let folder = tempfile::tempdir().unwrap();
        let process = Start::on(&place.database, folder.path()).go();
        let asked = || {
            raw::ask(&process.address, "GET", "/nothing-here", &[("accept-language", "tlh")], b"").unwrap()
        };
        assert!(asked().text().contains("lang=\"zh-CN\""), "{}", asked().text());
        let store = Store::open(place.database.clone()).unwrap();
        within_a_second(|n| {
            let language = if n % 2 == 0 { Language::En } else { Language::ZhCn };
            let settings = Settings {
                service_name: "Somewhere".into(),
                default_language: language,
                time_zone: "Europe/Berlin".parse().unwrap(),
                appearance: Appearance::default(),
                embed_origins: BTreeSet::new(),
            };
            store.write_here(move |w| instance::change_settings(w, &settings)).unwrap();
            let begun = Instant::now();
            while !asked().text().contains(&format!("lang=\"{}\"", language.code())) {
                assert!(begun.elapsed() < SEEN, "the settings are as they were: {}", asked().text());
                std::thread::sleep(Duration::from_millis(50));
            }
            begun.elapsed()
        });
    };
    told(&Place::on_sqlite());
    Place::on_postgres().iter().for_each(told);
}

/// Two programs that meet an empty database make it once, give the same set-up link, and both serve.
#[test]
fn two_start_at_once_on_nothing() {
    let _alone = crate::support::alone();
    let both = |place: &Place, rounds: usize| {
        for _ in 0..rounds {
            let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
            let mut starts: Vec<_> = folders.iter().map(|f| Start::on(&place.database, f.path())).collect();
            let running: Vec<_> = std::thread::scope(|scope| {
                let threads: Vec<_> = starts.iter_mut().map(|start| scope.spawn(|| start.go())).collect();
                threads.into_iter().map(|t| t.join().unwrap()).collect()
            });
            let links: Vec<String> = running.iter().map(|process| process.said("set up:")).collect();
            assert_eq!(links[0], links[1]);
            let path = links[0].rsplit_once("/setup/").map(|(_, secret)| format!("/setup/{secret}")).unwrap();
            for process in &running {
                process.wait_for("/readyz", Duration::from_secs(60), |a| a.status == 200);
                assert_eq!(process.get(&path).status, 200);
                assert_eq!(process.get("/setup/another-secret").status, 404);
                // A slow start may meet the other's lock; that it says so is no fault.
                let logged = process.logged();
                let fault = |line: &str| line.contains("ERROR") && !line.contains("nothing can be");
                assert!(!logged.lines().any(fault), "{logged}");
            }
        }
        let store = Store::open(place.database.clone()).unwrap();
        assert_eq!(store.read_here(verify::verify).unwrap().findings, []);
        somebody(&store);
    };
    both(&Place::on_sqlite(), 1);
    match Place::on_postgres() {
        Some(place) => both(&place, 1),
        None => crate::support::left_out("no INTERLUDE_TEST_POSTGRES_URL"),
    }
}

/// The clock of each instance sees a window that is due; one of them starts it.
#[test]
fn the_clock_starts_a_window_once() {
    let _alone = crate::support::alone();
    let Some((place, mut instances)) = Instances::two() else { return };
    // A third one joins: the more there are, the likelier they meet.
    let folder = tempfile::tempdir().unwrap();
    instances.running.push(Start::on(&place.database, folder.path()).go());
    for n in 0..12 {
        let mut window = planned(1, 9);
        window["slug"] = json!(format!("window-{n}"));
        window["state"] = json!("scheduled");
        window["scheduled_start"] = json!(hours_from_now(-1));
        let made = instances.send(n % 3, "POST", "/api/v1/windows", &window);
        assert_eq!(made.status, 201, "{}", made.text());
    }
    for n in 0..12 {
        let path = format!("/api/v1/windows/window-{n}");
        let started = |a: &raw::Answer| a.json()["state"] == "in_progress";
        instances.running[n % 3].wait_for(&path, Duration::from_secs(60), started);
    }
    // Every clock goes round once more.
    std::thread::sleep(Duration::from_millis(1_500));
    let store = Store::open(place.database.clone()).unwrap();
    let acts = store.read_here(|c| audit::list(c, None, 200)).unwrap();
    let starts = acts.iter().filter(|a| a.action == "window.start").count();
    assert_eq!(starts, 12);
    for n in 0..12 {
        let window = instances.running[0].get(&format!("/api/v1/windows/window-{n}")).json();
        assert_eq!(window["updates"].as_array().unwrap().len(), 1, "{window}");
    }
}

/// Instances with one folder for backups make each of them once.
#[test]
fn a_backup_is_made_once() {
    let _alone = crate::support::alone();
    let Some(place) = Place::on_postgres() else {
        crate::support::left_out("no INTERLUDE_TEST_POSTGRES_URL");
        return;
    };
    let shared = tempfile::tempdir().unwrap();
    let folders: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    drop(Store::open(place.database.clone()).unwrap());
    let mut starts: Vec<_> = (folders.iter())
        .map(|f| {
            Start::on(&place.database, f.path()).with("INTERLUDE_BACKUP_DIR", shared.path().to_str().unwrap())
        })
        .collect();
    let running: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = starts.iter_mut().map(|start| scope.spawn(|| start.go())).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let files = || {
        let names = std::fs::read_dir(shared.path()).unwrap().map(|f| f.unwrap().file_name());
        names.filter(|n| n.to_string_lossy().starts_with("interlude-")).count()
    };
    let until = Instant::now() + Duration::from_secs(60);
    while files() == 0 {
        assert!(Instant::now() < until, "no backup is made");
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(files(), 1);
    let told = running.iter().filter(|p| p.logged().contains("a backup was made")).count();
    assert_eq!(told, 1);
}

/// The command line beside a server is another process, too.
#[test]
fn a_command_is_seen_by_the_server() {
    let _alone = crate::support::alone();
    let place = Place::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let process = Start::on(&place.database, folder.path()).go();
    process.get("/");
    within_a_second(|n| {
        let come = n % 2 == 0;
        let status = Command::new(PROGRAM)
            .args(if come { &["demo"][..] } else { &["demo", "--remove"] })
            .env("DATABASE_URL", place.url())
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success());
        let begun = Instant::now();
        process.wait_for("/", SEEN, |page| page.text().contains("/windows/") == come);
        begun.elapsed()
    });
}

/// Whoever listens at one instance hears at once what another does.
#[test]
fn events_travel() {
    let _alone = crate::support::alone();
    let Some((_place, instances)) = Instances::two() else { return };
    let mut listening = raw::connect(&instances.running[1].address).unwrap();
    listening.write_all(b"GET /events HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n").unwrap();
    let mut heard = String::new();
    let mut hear = |what: &str| {
        let begun = Instant::now();
        let mut bytes = [0; 4096];
        heard.clear();
        while !heard.contains(what) {
            assert!(begun.elapsed() < Duration::from_secs(60), "{what:?} is not in {heard:?}");
            let n = listening.read(&mut bytes).unwrap();
            assert!(n > 0, "the stream has ended: {heard:?}");
            heard.push_str(&String::from_utf8_lossy(&bytes[..n]));
        }
        begun.elapsed()
    };
    hear("event: ready");
    let mut window = planned(1, 9);
    window["state"] = json!("scheduled");
    let made = instances.send(0, "POST", "/api/v1/windows", &window);
    assert_eq!(made.status, 201, "{}", made.text());
    hear("event: window");
    within_a_second(|n| {
        let told = json!({"title": {"en": format!("Core renewal {n}"), "zh-CN": "核心更新"}});
        let told = instances.send(0, "PATCH", "/api/v1/windows/core-upgrade", &told);
        assert_eq!(told.status, 200, "{}", told.text());
        hear("event: window")
    });
}

/// A newer version changes the tables while this one runs: this one shows what it has, takes nothing any
/// more, and says why; once that is undone, it goes on.
#[test]
fn an_outgrown_instance_writes_nothing() {
    let told = |place: &Place| {
        let folder = tempfile::tempdir().unwrap();
        let process = Start::on(&place.database, folder.path()).go();
        let key = |n: u32| format!("a-report-of-22-characters-{n}");
        assert_eq!(process.report(&key(1), "before").unwrap().status, 201);
        let mut connection = place.database.open(5_000).unwrap();
        let mut run = |sql: &str| diesel::sql_query(sql).execute(&mut connection).unwrap();
        run("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')");
        let unready = process.wait_for("/readyz", Duration::from_secs(10), |a| a.status == 503);
        assert!(unready.text().contains("99991231000000"), "{}", unready.text());
        let refused = process.report(&key(2), "after").unwrap();
        assert_eq!(refused.status, 503, "{}", refused.text());
        assert!(refused.header("retry-after").is_some());
        assert_eq!(process.get("/").status, 200);
        run("DELETE FROM __diesel_schema_migrations WHERE version = '99991231000000'");
        process.wait_for("/readyz", Duration::from_secs(10), |a| a.status == 200);
        assert_eq!(process.report(&key(2), "after").unwrap().status, 201);
    };
    told(&Place::on_sqlite());
    Place::on_postgres().iter().for_each(told);
}
