//! Behind a proxy: what it says of where a request comes from counts if the proxy was named, and is
//! nothing but words if it was not.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::support::Place;
use crate::support::process::{Process, Start};
use crate::support::raw::{self, Answer};

/// A server on a database of its own.
struct Served {
    process: Process,
    _place: Place,
    _folder: tempfile::TempDir,
}

fn served(settings: &[(&str, &str)]) -> Served {
    let (place, folder) = (Place::on_sqlite(), tempfile::tempdir().unwrap());
    let mut start = Start::on(&place.database, folder.path());
    for (name, value) in settings {
        start = start.with(name, value);
    }
    Served { process: start.go(), _place: place, _folder: folder }
}

/// This test stands where a proxy on the same machine would.
const NAMED: (&str, &str) = ("INTERLUDE_TRUSTED_PROXIES", "127.0.0.1, ::1");

fn log_in(process: &Process, headers: &[(&str, &str)]) -> Answer {
    let form = ("content-type", "application/x-www-form-urlencoded");
    let headers = [&[form], headers].concat();
    raw::ask(&process.address, "POST", "/login", &headers, b"name=nobody&password=wrong").unwrap()
}

/// How many of so many tries of a code are too many.
fn refused(process: &Process, tries: usize, header: impl Fn(usize) -> (&'static str, String)) -> usize {
    let form = ("content-type", "application/x-www-form-urlencoded");
    let code = b"code=R-AAAAAA-AAAA-AAAA-AAAA-AAAA";
    let one = |n: usize| {
        let (name, value) = header(n);
        raw::ask(&process.address, "POST", "/receipts", &[form, (name, &value)], code).unwrap().status
    };
    (0..tries).filter(|n| one(*n) == 429).count()
}

/// Limits are kept for each address behind a named proxy; who makes addresses up gains nothing. (There
/// are ten tries at once and then one every six seconds, so of forty at once many are too many.)
#[test]
fn limits_are_for_those_behind_the_proxy() {
    const X: &str = "x-forwarded-for";
    let limited = ("INTERLUDE_RATE_LIMITS", "on");
    let server = served(&[limited, NAMED]);
    let process = &server.process;
    assert!(refused(process, 40, |_| (X, "192.0.2.1".into())) > 5);
    // What the sender put in front of what the proxy said.
    assert!(refused(process, 40, |n| (X, format!("203.0.113.{n}, 192.0.2.1"))) > 5);
    assert_eq!(refused(process, 40, |n| (X, format!("192.0.2.1, 203.0.113.{n}"))), 0);
    assert_eq!(refused(process, 5, |_| (X, "192.0.2.2".into())), 0);
    // A kind of header that these proxies do not set.
    assert!(refused(process, 40, |n| ("forwarded", format!("for=203.0.113.{n}"))) > 5);

    // Nobody was named: whatever is said, it is one and the same who asks.
    let server = served(&[limited]);
    assert!(refused(&server.process, 40, |n| (X, format!("192.0.2.{n}"))) > 5);
    // The other kind of header, where that was asked for.
    let server = served(&[limited, NAMED, ("INTERLUDE_PROXY_HEADERS", "forwarded")]);
    assert_eq!(refused(&server.process, 40, |n| ("forwarded", format!("for=192.0.2.{n}"))), 0);
    assert!(refused(&server.process, 40, |n| (X, format!("192.0.2.{n}"))) > 5);
}

/// Cookies insist on https, and forms are taken from the page that the reader sees, by what a named
/// proxy says.
#[test]
fn the_way_to_the_proxy_counts() {
    let said = [
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "status.example.com"),
    ];
    let from = [("origin", "https://status.example.com"), ("cookie", "interlude=x")];
    for (settings, believed) in [(&[NAMED][..], true), (&[][..], false)] {
        let server = served(settings);
        let process = &server.process;
        let page = raw::ask(&process.address, "GET", "/?lang=en", &said, b"").unwrap();
        let cookie = page.header("set-cookie").unwrap();
        assert_eq!(cookie.contains("Secure"), believed, "{cookie}");
        assert_eq!(page.header("strict-transport-security").is_some(), believed);
        let sent = log_in(process, &[&said[..], &from].concat());
        assert_eq!(sent.status == 403, !believed, "{}", sent.text());
        let elsewhere = [("origin", "https://evil.example"), ("cookie", "interlude=x")];
        assert_eq!(log_in(process, &[&said[..], &elsewhere].concat()).status, 403);
    }
}

/// Figures for programs on the machine are not for those behind its proxy, named or not.
#[test]
fn figures_stay_on_the_machine() {
    for settings in [&[NAMED][..], &[]] {
        let server = served(settings);
        let asked = |headers: &[(&str, &str)]| {
            raw::ask(&server.process.address, "GET", "/metrics", headers, b"").unwrap().status
        };
        assert_eq!(asked(&[]), 200);
        for said in ["192.0.2.1", "127.0.0.1", "127.0.0.1, 127.0.0.1"] {
            assert_eq!(asked(&[("x-forwarded-for", said)]), 404, "{said}");
        }
        assert_eq!(asked(&[("forwarded", "for=127.0.0.1")]), 404);
    }
}

/// Connections of a proxy are everybody's, so what is counted is the requests of each behind it.
#[test]
fn one_behind_the_proxy_does_not_take_all() {
    let server = served(&[NAMED, ("INTERLUDE_CONNECTIONS_PER_ADDRESS", "3")]);
    let process = &server.process;
    let head = "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                x-forwarded-for: 192.0.2.1\r\nidempotency-key: a-key-of-22-characters-x\r\ncontent-length: 9\r\n\r\n";
    let mut held: Vec<_> = (0..3).map(|_| raw::connect(&process.address).unwrap()).collect();
    for stream in &mut held {
        stream.write_all(head.as_bytes()).unwrap();
    }
    let of = |address: &str| {
        raw::ask(&process.address, "GET", "/healthz", &[("x-forwarded-for", address)], b"").unwrap()
    };
    let until = Instant::now() + Duration::from_secs(8);
    while of("192.0.2.1").status != 429 {
        assert!(Instant::now() < until, "a fourth request at the same time is heard");
    }
    assert_eq!(of("192.0.2.1").header("retry-after"), Some("1"));
    assert_eq!(of("192.0.2.2").status, 200);
    assert_eq!(process.get("/healthz").status, 200);
    drop(held);
    let until = Instant::now() + Duration::from_secs(30);
    while of("192.0.2.1").status != 200 {
        assert!(Instant::now() < until, "the places of requests that are gone are not free again");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What stands between the server and crowds may keep public pages, and nothing else.
#[test]
fn caches_in_front_keep_what_is_for_all() {
    let server = served(&[]);
    let process = &server.process;
    let asked =
        |path: &str, headers: &[(&str, &str)]| raw::ask(&process.address, "GET", path, headers, b"").unwrap();
    let vary = |answer: &Answer| answer.header("vary").unwrap_or_default().to_ascii_lowercase();
    for path in ["/", "/history", "/help"] {
        let page = asked(path, &[]);
        let control = page.header("cache-control").unwrap();
        assert!(control.starts_with("public, max-age=0, s-maxage="), "{path}: {control}");
        assert!(control.contains("stale-if-error"), "{path}: {control}");
        assert_eq!(page.header("set-cookie"), None);
        assert!(page.header("etag").is_some());
        // Somebody logged in is shown the same.
        assert_eq!(asked(path, &[("cookie", "interlude=somebody")]).body, page.body);
        // Choosing a language sets a cookie, and that answer is one reader's.
        let chosen = asked(&format!("{path}?lang=en"), &[]);
        assert!(chosen.header("set-cookie").is_some());
        assert_eq!(chosen.header("cache-control"), Some("private, no-cache"));
        // Who has chosen already is not told again.
        let again = asked(&format!("{path}?lang=en"), &[("cookie", "interlude_language=en")]);
        assert_eq!(again.header("set-cookie"), None);
    }
    let style = asked("/assets/interlude.css", &[]);
    assert!(style.header("cache-control").unwrap().starts_with("public"));
    assert!(!vary(&style).contains("cookie"), "{}", vary(&style));
    for path in ["/report", "/receipts", "/login", "/nothing-here", "/api/v1/windows"] {
        let control = asked(path, &[]).header("cache-control").unwrap().to_owned();
        assert!(control.contains("private") || control.contains("no-store"), "{path}: {control}");
    }
}
