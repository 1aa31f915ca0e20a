//! Every address of the site, asked as everybody: nobody gets in without the role that the table
//! names, and nothing fails by a mistake of ours.

use std::collections::BTreeMap;

use interlude::domain::person::Role;
use interlude::web::routes::{Entry, TABLE};

use crate::support::{Actor, Reply};

/// The address with something in place of its variable parts.
fn filled(path: &str) -> String {
    let mut filled = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, later) = after.split_once('}').unwrap();
        let dummy = match name.split(':').next().unwrap() {
            "id" => "1",
            "reference" if path.contains("me-toos") => "M-7KQ4M2",
            "reference" => "R-7KQ4M2",
            _ => "nothing-here",
        };
        filled.push_str(before);
        filled.push_str(dummy);
        rest = later;
    }
    filled + rest
}

async fn ask(actor: &Actor, entry: &Entry) -> Reply {
    let path = filled(entry.path);
    if path.ends_with("/events") {
        // A stream has no end to wait for.
        return actor.send("head", &path, &[], vec![]).await;
    }
    match (entry.method, path.starts_with("/api/")) {
        ("get", _) => actor.get(&path).await,
        ("delete", _) => actor.delete(&path).await,
        (method, true) => actor.send_json(method, &path, &serde_json::json!({})).await,
        (_, false) => actor.post_form(&path, &[]).await,
    }
}

fn name(entry: &Entry) -> String {
    format!("{} {}", entry.method, entry.path)
}

/// Who may, line by line, written down a second time: whoever opens or loosens an address says so here too.
const ROLES: &str = include_str!("routes/roles.txt");

/// What stands in [`ROLES`]: method and address, with the least role; nothing: anyone.
fn expected() -> BTreeMap<String, Option<Role>> {
    let mut expected = BTreeMap::new();
    let mut role = None;
    for line in ROLES.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some("anyone") => role = None,
            Some(code) => role = Some(Role::from_code(code).unwrap()),
            None => assert!(expected.insert(line.to_owned(), role).is_none(), "{line} stands twice"),
        }
    }
    expected
}

/// Nothing below /admin/ is open, and every line of the table asks for the role that is expected of it.
#[test]
fn every_address_asks_for_the_role_that_is_expected() {
    let mut expected = expected();
    for entry in TABLE {
        let staff = entry.path == "/admin" || entry.path.starts_with("/admin/");
        assert!(!staff || entry.role.is_some(), "{} is open to anyone", name(entry));
        match expected.remove(&name(entry)) {
            Some(role) => assert_eq!(entry.role, role, "{}", name(entry)),
            None => panic!("{} is missing in tests/stories/routes/roles.txt", name(entry)),
        }
    }
    assert!(expected.is_empty(), "no longer addresses: {:?}", expected.keys());
}

story! {
    /// Nobody reaches a staff address; pages lead to the log-in.
    async fn staff_addresses_are_closed_to_nobody(world) {
        let nobody = world.anyone();
        for entry in TABLE.iter().filter(|e| e.role.is_some()) {
            let reply = ask(&nobody, entry).await;
            let page = !entry.path.starts_with("/api/");
            if page && entry.method == "get" {
                assert_eq!(reply.status, 303, "{}", name(entry));
                assert!(reply.location().starts_with("/login?next="), "{}: {}", name(entry), reply.location());
            } else {
                assert_eq!(reply.status, 401, "{}", name(entry));
            }
        }
    }

    /// A role below the one that the table names is refused, that role itself is not.
    async fn every_role_reaches_what_the_table_says(world) {
        // What has the number 1 is nobody's of those who ask.
        world.staff(Role::Viewer);
        for role in Role::ALL {
            let (person, program) = (world.staff(*role), world.program(*role));
            for entry in TABLE {
                let Some(needed) = entry.role else { continue };
                // Logging oneself out is tried elsewhere.
                for reply in [ask(&person, entry).await, ask(&program, entry).await] {
                    if role.may(needed) {
                        assert!(!matches!(reply.status, 401 | 403), "{} as {role}: {}", name(entry), reply.status);
                        assert!(reply.status < 500, "{} as {role}: {}", name(entry), reply.text());
                    } else {
                        assert_eq!(reply.status, 403, "{} as {role}", name(entry));
                    }
                }
            }
        }
    }

    /// What is open to anyone answers anyone, in both languages, and never with a failure of ours.
    async fn open_addresses_never_fail(world) {
        for actor in [world.anyone(), world.anyone().reading_chinese()] {
            for entry in TABLE.iter().filter(|e| e.role.is_none()) {
                let reply = ask(&actor, entry).await;
                assert!(reply.status < 500, "{}: {} {}", name(entry), reply.status, reply.text());
                assert!(!matches!(reply.status, 401 | 403), "{}: {}", name(entry), reply.status);
            }
        }
    }

    /// Whatever is asked and whoever asks: the rules for browsers go out with every answer, and what is
    /// for staff, or opened by a secret, is kept by nobody.
    async fn every_answer_carries_its_headers(world) {
        world.staff(Role::Viewer);
        for actor in [world.anyone(), world.staff(Role::Viewer), world.staff(Role::Administrator)] {
            for entry in TABLE.iter().filter(|e| e.path != "/logout") {
                let reply = ask(&actor, entry).await;
                let what = format!("{}: {}", name(entry), reply.status);
                let policy = reply.header("content-security-policy");
                assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{what}: {policy}");
                assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors"), "{what}");
                assert_eq!(reply.header("x-content-type-options"), "nosniff", "{what}");
                // No other site learns an address, and what our own pages send says where it comes from.
                assert_eq!(reply.header("referrer-policy"), "same-origin", "{what}");
                assert_eq!(reply.header("strict-transport-security"), "", "{what}: http is not https");
                let secret = ["{secret}", "{edit_secret}", "{invitation}"].iter().any(|part| entry.path.contains(part));
                if entry.role.is_some() || secret {
                    assert_eq!(reply.header("cache-control"), "no-store", "{what}");
                }
                if !reply.header("set-cookie").is_empty() {
                    assert!(reply.header("set-cookie").contains("HttpOnly"), "{what}");
                }
            }
        }
    }

    /// Nothing that another site makes a browser send changes anything, at any address, whoever is
    /// logged in; a call of a program says who it is by itself and is none of a browser's.
    async fn no_address_takes_what_other_sites_send(world) {
        let administrator = world.staff(Role::Administrator);
        let program = world.program(Role::Administrator);
        let before = world.read(|c| interlude::store::audit::list(c, None, 1000)).len();
        for entry in TABLE.iter().filter(|e| e.method != "get") {
            let path = filled(entry.path);
            let kind = if path.starts_with("/api/") { "application/json" } else { "application/x-www-form-urlencoded" };
            for from in [
                [("content-type", kind), ("sec-fetch-site", "cross-site")],
                [("content-type", kind), ("sec-fetch-site", "same-site")],
                [("content-type", kind), ("origin", "https://elsewhere.example")],
                [("content-type", kind), ("origin", "null")],
            ] {
                let reply = administrator.send(entry.method, &path, &from, b"{}".to_vec()).await;
                assert_eq!(reply.status, 403, "{} from {:?}", name(entry), from[1]);
                assert!(reply.text().contains("another site"), "{}: {}", name(entry), reply.text());
                if path.starts_with("/api/") {
                    let reply = program.send(entry.method, &path, &from, b"{}".to_vec()).await;
                    assert_ne!(reply.status, 403, "{} by a program", name(entry));
                }
            }
            // Neither header: not a browser of this decade, but it carries a cookie.
            let reply = administrator.send(entry.method, &path, &[("content-type", kind)], vec![]).await;
            assert_eq!(reply.status, 403, "{} from nowhere", name(entry));
        }
        let after = world.read(|c| interlude::store::audit::list(c, None, 1000)).len();
        assert_eq!(before, after, "nothing was done");
    }

    /// Browsers that do not tell whether a form is of the same site (older ones, and every one on plain http)
    /// say where it comes from, and that is enough at every address.
    async fn our_own_forms_are_taken_by_their_origin_alone(world) {
        let administrator = world.staff(Role::Administrator);
        let own = world.url.clone();
        let from = [("content-type", "application/x-www-form-urlencoded"), ("origin", own.as_str())];
        for entry in TABLE.iter().filter(|e| e.method == "post" && !e.path.starts_with("/api/") && e.path != "/logout") {
            let reply = administrator.send("post", &filled(entry.path), &from, vec![]).await;
            assert_ne!(reply.status, 403, "{}: {}", name(entry), reply.text());
            // Where an address is another's, it is another's whoever's name it resembles.
            for elsewhere in [format!("{own}.example"), format!("{own}0"), own.replace("http://", "http://x@"), "null".to_owned()] {
                let from = [from[0], ("origin", elsewhere.as_str())];
                let reply = administrator.send("post", &filled(entry.path), &from, vec![]).await;
                assert_eq!(reply.status, 403, "{} from {elsewhere}", name(entry));
            }
        }
    }

    /// What is somebody else's answers like what never was, to the letter.
    async fn not_yours_and_not_there_are_the_same(world) {
        let operator = world.staff(Role::Operator);
        let draft = serde_json::json!({
            "slug": "a-draft", "title": "Secret plans", "time_zone": "Asia/Shanghai",
            "scheduled_start": "2030-01-01T00:00:00Z", "scheduled_end": "2030-01-01T02:00:00Z",
        });
        let made = operator.post_json("/api/v1/windows", draft).await;
        assert!(made.status < 300, "{}", made.text());
        let without = |reply: Reply, slug: &str| (reply.status, reply.text().replace(slug, "SLUG"));
        for path in [
            "/windows/SLUG",
            "/windows/SLUG/report",
            "/windows/SLUG/survey",
            "/api/v1/windows/SLUG",
        ] {
            let at = |slug: &str| path.replace("SLUG", slug);
            for nobody in [world.anyone(), world.anyone().reading_chinese()] {
                let hidden = without(nobody.get(&at("a-draft")).await, "a-draft");
                let never = without(nobody.get(&at("no-draft")).await, "no-draft");
                assert_eq!(hidden.0, 404, "{path}");
                assert_eq!(hidden, never, "{path}");
            }
        }
        for seer in [world.staff(Role::Viewer), world.program(Role::Viewer)] {
            seer.get("/api/v1/windows/a-draft").await.is(200).says("Secret plans");
        }
        let listed = world.anyone().get("/api/v1/windows").await.is(200);
        listed.lacks("Secret plans");
        // A report's link, a wrong link and one of no report.
        let body = serde_json::json!({ "impact": "blocked", "description": "Nothing works." });
        let key = "a-key-of-22-characters-x";
        let report = world.anyone().post_json_once("/api/v1/reports", key, body).await.is(201).json();
        let link = report["receipt_url"].as_str().unwrap().split("/receipts/").nth(1).unwrap().to_owned();
        let last = if link.ends_with('0') { "1" } else { "0" };
        let wrong = format!("{}{last}", &link[..link.len() - 1]);
        world.anyone().get(&format!("/receipts/{link}")).await.is(200);
        let wrong = without(world.anyone().get(&format!("/receipts/{wrong}")).await, &wrong);
        let never = without(world.anyone().get("/receipts/no-such-link").await, "no-such-link");
        assert_eq!(wrong.0, 404);
        assert_eq!(wrong, never);
    }

    /// What nobody knows is not found, as a page or as a problem document.
    async fn unknown_addresses_are_not_found(world) {
        world.anyone().get("/no-such-page").await.is(404).says("404");
        world.anyone().get("/api/v1/no-such-call").await.shows_problem(404, "");
        world.anyone().post_form("/healthz", &[]).await.is(405);
    }

    /// What can be got can also be asked about.
    async fn heads_can_be_asked_for(world) {
        for path in ["/healthz", "/login", "/assets/interlude.css"] {
            let reply = world.anyone().send("head", path, &[], vec![]).await.is(200);
            assert!(reply.bytes.is_empty());
        }
    }

    /// A form from another site changes nothing, whoever's browser sends it.
    async fn other_sites_send_no_forms(world) {
        let form = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "cross-site")];
        world.staff(Role::Viewer).send("post", "/logout", &form, vec![]).await.is(403).says("another site");
    }
}

/// Behind https the session's cookie is guarded by its name, and browsers are told to stay with https.
#[test]
fn https_is_insisted_on() {
    let world = crate::support::World::behind_https();
    world.run(async {
        let cookie = world.staff_cookie(Role::Administrator);
        let plain = world.anyone().with_cookie("interlude", &cookie);
        assert_eq!(plain.get("/admin/").await.status, 303, "the cookie's name is another one");
        let guarded = world.anyone().with_cookie("__Host-interlude", &cookie);
        let reply = guarded.get("/admin/").await.is(200);
        assert_eq!(reply.header("strict-transport-security"), "max-age=31536000");
        let reply = guarded.post_form("/logout", &[]).await.is(303);
        let gone = reply.header("set-cookie").to_owned();
        assert!(gone.starts_with("__Host-interlude=;") && gone.contains("Secure"), "{gone}");
    });
}
