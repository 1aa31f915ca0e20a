//! What answers say of themselves: which methods an address takes, how their bytes are packed, who may
//! keep them and for whom they are.

use std::collections::{BTreeMap, BTreeSet};

use interlude::web::routes::TABLE;

use crate::support::World;
use crate::support::raw::{self, Answer};

/// Asks by hand, so that every header is seen as it was sent.
fn ask(world: &World, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let address = world.url.strip_prefix("http://").unwrap();
    raw::ask(address, method, path, headers, b"").unwrap()
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
}
