//! Every address of the site, asked as everybody: nobody gets in without the role that the table
//! names, and nothing fails by a mistake of ours.

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
