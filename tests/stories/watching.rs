//! What the operator sees: figures for Prometheus, and logs in which nothing stands that people
//! entrusted to us.

use interlude::store::connection::Database;

use crate::support::Place;
use crate::support::process::{Process, Start};
use crate::support::raw;

/// A server on a database of its own, which goes with the place.
fn served(place: &Place, folder: &tempfile::TempDir, settings: &[(&str, &str)]) -> Process {
    let mut start = Start::on(&place.database, folder.path());
    for (name, value) in settings {
        start = start.with(name, value);
    }
    start.go()
}

fn on_both(tell: impl Fn(&Place)) {
    tell(&Place::on_sqlite());
    match Place::on_postgres() {
        Some(place) => tell(&place),
        None => crate::support::left_out("no INTERLUDE_TEST_POSTGRES_URL"),
    }
}

#[test]
fn figures_for_prometheus() {
    on_both(|place| {
        let folder = tempfile::tempdir().unwrap();
        let process = served(place, &folder, &[]);
        for n in 0..3 {
            let answer = process.report(&format!("a-key-of-22-characters-{n}"), "x").unwrap();
            assert_eq!(answer.status, 201);
        }
        process.get("/receipts/a-secret-that-nobody-has");
        raw::ask(&process.address, "MADEUP", "/", &[], b"").unwrap();
        // The server's own clock writes as well; when it is done nobody waits.
        let nobody_waits = |a: &raw::Answer| a.text().contains("interlude_writer_waiting 0\n");
        let answer = process.wait_for("/metrics", std::time::Duration::from_secs(60), nobody_waits);
        assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        let text = answer.text();
        for line in [
            "interlude_http_requests_total{route=\"/api/v1/reports\",method=\"POST\",status=\"201\"} 3",
            "interlude_http_request_seconds_count{route=\"/api/v1/reports\"} 3",
            "interlude_reports 3",
            "interlude_responses 0",
            "interlude_trouble{kind=\"full\"} 0",
            concat!("interlude_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\""),
            "# HELP interlude_commit_seconds ",
            "interlude_commit_changes_bucket{le=\"1\"}",
        ] {
            assert!(text.contains(line), "{line:?} is not in {text}");
        }
        let pool = text.lines().find_map(|l| l.strip_prefix("interlude_pool_connections ")).unwrap();
        assert!(pool.parse::<u32>().unwrap() >= 1);
        for word in ["a-secret-that-nobody-has", "MADEUP"] {
            assert!(!text.contains(word), "{word} is in {text}");
        }
    });
}

/// By default only programs on the machine get figures, and nobody through a proxy.
#[test]
fn figures_are_not_for_everybody() {
    let asked = |process: &Process, headers: &[(&str, &str)]| {
        raw::ask(&process.address, "GET", "/metrics", headers, b"").unwrap().status
    };
    let proxied = [("x-forwarded-for", "203.0.113.9")];
    for (setting, near, far) in [("local", 200, 404), ("on", 200, 200), ("off", 404, 404)] {
        let (place, folder) = (Place::on_sqlite(), tempfile::tempdir().unwrap());
        let process = served(&place, &folder, &[("INTERLUDE_METRICS", setting)]);
        assert_eq!((asked(&process, &[]), asked(&process, &proxied)), (near, far), "{setting}");
    }
}

/// Whatever the level, no log line holds what somebody typed, a secret, or a path with one in it.
#[test]
fn logs_keep_secrets() {
    on_both(|place| {
        let folder = tempfile::tempdir().unwrap();
        let settings = [("INTERLUDE_LOG", "debug,interlude=trace"), ("INTERLUDE_LOG_JSON", "true")];
        let process = served(place, &folder, &settings);
        let json = ("content-type", "application/json");
        let body = r#"{"impact": "blocked", "description": "TYPED-TEXT", "error_message": "TYPED-ERROR",
            "account": "TYPED-ACCOUNT", "contact": {"phone": "+86 138 0013 8000", "email": "typed@example.com"}}"#;
        let key = ("idempotency-key", "THE-KEY-of-22-characters");
        let sent =
            raw::ask(&process.address, "POST", "/api/v1/reports", &[json, key], body.as_bytes()).unwrap();
        assert_eq!(sent.status, 201, "{}", sent.text());
        let receipt = sent.json()["receipt_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let code = sent.json()["receipt_code"].as_str().unwrap().to_owned();
        let bad = r#"{"impact": "blocked", "description": "TYPED-TEXT", "TYPED-FIELD": "TYPED-VALUE"}"#;
        let wrong = r#"{"impact": "TYPED-IMPACT", "description": "x", "contact": "TYPED-CONTACT"}"#;
        for body in [bad, wrong] {
            let refused =
                raw::ask(&process.address, "POST", "/api/v1/reports", &[json, key], body.as_bytes());
            assert_eq!(refused.unwrap().status, 422);
        }
        for path in [&receipt, &code] {
            process.get(&format!("/receipts/{path}"));
            process.get(&format!("/api/v1/receipts/{path}"));
        }
        process.get("/setup/TYPED-SETUP");
        process.get("/login?next=TYPED-QUERY");
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let login = b"name=TYPED-NAME&password=TYPED-PASSWORD";
        raw::ask(&process.address, "POST", "/login", &form, login).unwrap();
        let bearer = [("authorization", "Bearer TYPED-TOKEN"), ("cookie", "interlude=TYPED-COOKIE")];
        raw::ask(&process.address, "GET", "/api/v1/reports", &bearer, b"").unwrap();
        let log = process.logged();
        assert!(log.contains("\"route\":\"/api/v1/reports\""), "nothing of the report is logged: {log}");
        assert!(log.contains("\"id\":\""), "no request has a name: {log}");
        let database = match place.database.clone() {
            Database::Postgres(url) => url,
            Database::Sqlite(_) => "no database has a password here".to_owned(),
        };
        let secrets = [
            "TYPED",
            "138 0013 8000",
            "13800138000",
            "typed@example.com",
            "THE-KEY",
            &receipt,
            &code,
            &database,
        ];
        for secret in secrets {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret} is in the log");
        }
    });
}

/// Every answer bears the id under which the log speaks of its request, and a page that says that something
/// went wrong on our side names it, in each language.
#[test]
fn answers_bear_the_id_of_their_log() {
    let place = Place::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let process = served(&place, &folder, &[("INTERLUDE_LOG", "interlude=debug")]);
    let id_of = |answer: &raw::Answer| {
        let id = answer.header("x-request-id").unwrap_or_else(|| panic!("no id: {answer:?}")).to_owned();
        assert!(id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
        id
    };
    let mut ids = std::collections::BTreeSet::new();
    let foreign = [("sec-fetch-site", "cross-site"), ("cookie", "interlude=x")];
    let nothing = [("accept-encoding", "identity;q=0")];
    for (method, path, headers, status) in [
        ("GET", "/", &[][..], 200),
        ("GET", "/assets/interlude.css", &[], 200),
        ("GET", "/healthz", &[], 200),
        ("GET", "/nothing-here", &[], 404),
        ("GET", "/admin/", &[], 303),
        ("GET", "/api/v1/reports", &[], 401),
        ("DELETE", "/report", &[], 405),
        ("POST", "/report", &foreign, 403),
        ("GET", "/help", &nothing, 200),
    ] {
        let answer = raw::ask(&process.address, method, path, headers, b"").unwrap();
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        assert!(ids.insert(id_of(&answer)), "{method} {path}");
        assert!(status >= 500 || !answer.text().contains(&id_of(&answer)), "{method} {path}");
    }
    // Now it is ours to look for the reason.
    let Database::Sqlite(path) = &place.database else { panic!() };
    std::fs::rename(path, folder.path().join("away.db")).unwrap();
    for language in ["en", "zh-CN"] {
        let language = [("accept-language", language), ("content-type", "application/x-www-form-urlencoded")];
        for (method, path, body) in [
            ("GET", "/receipts/x", ""),
            ("POST", "/report", "idempotency_key=a-form-of-22-characters-x&description=x&impact=blocked"),
            ("POST", "/login", "name=somebody&password=never"),
        ] {
            let answer = raw::ask(&process.address, method, path, &language, body.as_bytes()).unwrap();
            assert_eq!(answer.status, 503, "{method} {path}: {}", answer.text());
            let id = id_of(&answer);
            assert!(answer.text().contains(&id) || path == "/report", "{method} {path}: {}", answer.text());
            assert!(ids.insert(id));
        }
    }
    let logged = process.logged();
    for id in ids {
        assert!(logged.contains(&id), "{id} is not in {logged}");
    }
}
