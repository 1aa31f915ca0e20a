//! What answers say of themselves: which methods an address takes, how their bytes are packed, who may
//! keep them and for whom they are.

use std::collections::{BTreeMap, BTreeSet};

use interlude::domain::person::Role;
use interlude::web::routes::TABLE;
use serde_json::json;

use crate::support::World;
use crate::support::raw::{self, Answer};
use crate::windows::published;

/// Asks by hand, so that every header is seen as it was sent.
fn ask(world: &World, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let address = world.url.strip_prefix("http://").unwrap();
    raw::ask(address, method, path, headers, b"").unwrap()
}

/// The words of this header, in all lines, in small letters.
fn words(answer: &Answer, name: &str) -> Vec<String> {
    answer.all(name).join(",").split(',').map(|word| word.trim().to_ascii_lowercase()).collect()
}

story! {
    /// Whoever asks with a method that an address does not take is told which it takes.
    async fn a_wrong_method_is_told_the_right_ones(world) {
        let mut taken: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for entry in TABLE {
            let methods = taken.entry(entry.path).or_default();
            match entry.method {
                "get" => methods.extend(["GET", "HEAD"]),
                "post" => methods.extend(["POST"]),
                "put" => methods.extend(["PUT"]),
                "patch" => methods.extend(["PATCH"]),
                other => methods.extend([if other == "delete" { "DELETE" } else { panic!("{other}") }]),
            }
        }
        for (pattern, taken) in taken {
            let path = pattern.replace(['{', '}'], "");
            for method in ["OPTIONS", "DELETE", "POST", "MADEUP"].iter().filter(|method| !taken.contains(*method)) {
                let answer = ask(world, method, &path, &[]);
                assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text());
                let said = answer.header("allow").unwrap_or_default().to_owned();
                let told: BTreeSet<&str> = said.split(", ").collect();
                assert_eq!(told, taken, "{method} {path}");
                let kind = if path.starts_with("/api/") { "application/problem+json" } else { "text/html; charset=utf-8" };
                assert_eq!(answer.header("content-type"), Some(kind), "{method} {path}");
            }
        }
        assert_eq!(ask(world, "POST", "/nothing-here", &[]).header("allow"), None);
    }

    /// Who wants neither packed nor plain bytes gets plain ones (RFC 9110 section 12.5.3), and never less than
    /// everybody gets; who would rather have them plain, too.
    async fn nobody_is_turned_away_for_an_encoding(world) {
        published(world, 1, 9).await;
        for path in ["/", "/help", "/login", "/assets/interlude.css", "/api/v1/windows", "/known-issues.json", "/nothing-here"] {
            let usual = ask(world, "GET", path, &[]);
            for (accepted, packed) in [
                ("identity;q=0", false),
                ("*;q=0", false),
                ("br, *;q=0", false),
                ("gzip;q=0, identity;q=0", false),
                ("gzip;q=0", false),
                ("br", false),
                ("deflate", false),
                ("identity, gzip;q=0.5", false),
                ("", false),
                ("gzip, deflate, br, zstd", true),
                ("gzip;q=0.5, *;q=0", true),
                ("GZIP", true),
                ("*", true),
            ] {
                let answer = ask(world, "GET", path, &[("accept-encoding", accepted)]);
                assert_eq!(answer.status, usual.status, "{path} {accepted:?}: {}", answer.text());
                assert_eq!(answer.header("content-encoding") == Some("gzip"), packed, "{path} {accepted:?}");
                for name in ["content-type", "content-security-policy", "x-content-type-options"] {
                    assert_eq!(answer.header(name), usual.header(name), "{path} {accepted:?}: {name}");
                }
                if packed {
                    assert!(words(&answer, "vary").contains(&"accept-encoding".to_owned()), "{path}");
                } else if usual.status == 200 && path != "/login" {
                    assert_eq!(answer.body, usual.body, "{path} {accepted:?}");
                }
            }
            // Said on two lines it means the same.
            let twice = [("accept-encoding", "br"), ("accept-encoding", "gzip")];
            assert_eq!(ask(world, "GET", path, &twice).header("content-encoding"), Some("gzip"), "{path}");
        }
    }

    /// Packed and plain bytes have tags that tell them apart, and either is known again.
    async fn other_bytes_have_another_tag(world) {
        published(world, 1, 9).await;
        for path in ["/", "/assets/interlude.css", "/embed.json", "/known-issues.json", "/api/v1/windows", "/api/v1/windows/core-upgrade"] {
            let plain = ask(world, "GET", path, &[]);
            let packed = ask(world, "GET", path, &[("accept-encoding", "gzip")]);
            let (one, other) = (plain.header("etag").unwrap(), packed.header("etag").unwrap());
            assert!(!one.starts_with("W/"), "{path}: {one}");
            assert_ne!(one, other, "{path}");
            for (tag, encoding) in [(one, "identity"), (other, "gzip")] {
                let again = ask(world, "GET", path, &[("accept-encoding", encoding), ("if-none-match", tag)]);
                assert_eq!((again.status, again.header("etag")), (304, Some(tag)), "{path} {encoding}");
                assert!(words(&again, "vary").contains(&"accept-encoding".to_owned()), "{path} {encoding}");
            }
        }
        // What was read packed can be changed by its tag.
        let tag = ask(world, "GET", "/api/v1/windows/core-upgrade", &[("accept-encoding", "gzip")]).header("etag").unwrap().to_owned();
        let operator = world.program(Role::Operator);
        let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
        let change = |words: &str| json!({"advice": {"en": words}}).to_string().into_bytes();
        operator.send("patch", "/api/v1/windows/core-upgrade", &headers, change("Drink water")).await.is(200);
        operator.send("patch", "/api/v1/windows/core-upgrade", &headers, change("Drink tea")).await.is(412);
    }

    /// What is plain says nothing of how it is packed (RFC 9110 section 8.4), and what an answer depends on is said
    /// once, in one line.
    async fn headers_say_nothing_twice(world) {
        published(world, 1, 9).await;
        for path in ["/", "/help", "/known-issues.json", "/api/v1/windows", "/embed.json", "/assets/interlude.css", "/login"] {
            assert_eq!(ask(world, "GET", path, &[]).header("content-encoding"), None, "{path}");
            for accepted in ["identity", "gzip"] {
                let answer = ask(world, "GET", path, &[("accept-encoding", accepted)]);
                let said = words(&answer, "vary");
                assert_eq!(said.len(), said.iter().collect::<BTreeSet<_>>().len(), "{path} {accepted}: {said:?}");
                assert_eq!(answer.all("vary").len(), 1, "{path} {accepted}");
            }
        }
        for accepted in ["identity", "gzip"] {
            let stream = ask(world, "HEAD", "/events", &[("accept-encoding", accepted)]);
            assert_eq!((stream.status, stream.header("content-encoding")), (200, None));
        }
    }

    /// An answer that sets a cookie is one reader's: nobody between us may keep it, whatever they heed.
    async fn what_sets_a_cookie_is_kept_by_nobody(world) {
        published(world, 1, 9).await;
        for path in ["/", "/history", "/help", "/windows/core-upgrade"] {
            let usual = ask(world, "GET", path, &[]);
            assert!(usual.header("cdn-cache-control").is_some() && usual.header("set-cookie").is_none(), "{path}");
            let chosen = ask(world, "GET", &format!("{path}?lang=en"), &[]);
            assert!(chosen.header("set-cookie").is_some(), "{path}");
            assert_eq!(chosen.all("cache-control"), ["private, no-cache"], "{path}");
            assert_eq!(chosen.header("cdn-cache-control"), None, "{path}");
        }
    }

    /// A program that asks for a language wants it for this answer; only pages remember it.
    async fn programs_choose_no_language_for_later(world) {
        published(world, 1, 9).await;
        for path in ["/api/v1/windows?lang=en", "/api/v1/windows/core-upgrade?lang=zh-CN", "/api/v1/nothing?lang=en", "/api/openapi.json?lang=en"] {
            assert_eq!(ask(world, "GET", path, &[]).header("set-cookie"), None, "{path}");
        }
        assert!(ask(world, "GET", "/api/docs?lang=en", &[]).header("set-cookie").is_some());
    }
}

/// On https the language's cookie is guarded by its name like all others; one that was set under the old name is
/// still read, until another language is chosen.
#[test]
fn the_languages_cookie_is_guarded_on_https() {
    let world = World::behind_https();
    let chosen = ask(&world, "GET", "/?lang=zh-CN", &[]);
    let cookie = chosen.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-interlude_language=zh-CN;"), "{cookie}");
    assert!(cookie.contains("Secure") && cookie.contains("Path=/") && !cookie.contains("Domain"), "{cookie}");
    let reads = |cookies: &str| {
        let page = ask(&world, "GET", "/help", &[("cookie", cookies)]).text();
        page.split("<html lang=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    assert_eq!(reads(""), "en");
    assert_eq!(reads("__Host-interlude_language=zh-CN"), "zh-CN");
    assert_eq!(reads("interlude_language=zh-CN"), "zh-CN");
    assert_eq!(reads("interlude_language=zh-CN; __Host-interlude_language=en"), "en");
    let known = |cookies: &str| {
        ask(&world, "GET", "/?lang=en", &[("cookie", cookies)]).header("set-cookie").is_some()
    };
    assert!(!known("__Host-interlude_language=en") && !known("interlude_language=en"));
    assert!(known("interlude_language=en; __Host-interlude_language=zh-CN"));
}
