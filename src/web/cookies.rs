//! That every cookie we set is told of: the names in these sources stand in docs/privacy.md.

use std::collections::BTreeSet;
use std::path::Path;

/// The names of cookies that sources say: what has the prefix of https, and what is called a cookie.
fn names(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names(&path, found);
        } else if !path.ends_with("web/cookies.rs") {
            for line in std::fs::read_to_string(&path).unwrap().lines() {
                let literals = line.split('"').skip(1).step_by(2);
                let named = line.contains("COOKIE: &str");
                found.extend(literals.filter_map(|literal| match literal.strip_prefix("__Host-") {
                    Some(name) => Some(name.to_owned()),
                    None => named.then(|| literal.to_owned()),
                }));
            }
        }
    }
}

#[test]
fn every_cookie_is_told_of() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    names(&root.join("src/web"), &mut found);
    assert!(found.len() >= 7, "{found:?}");
    let told = std::fs::read_to_string(root.join("docs/privacy.md")).unwrap();
    let table = told.split("## Cookies").nth(1).unwrap().split("\n## ").next().unwrap();
    let missing: Vec<&String> = found.iter().filter(|name| !table.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "cookies that docs/privacy.md does not tell of: {missing:?}");
}
