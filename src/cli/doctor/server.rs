//! The PostgreSQL server: its clock, whether it has room for this program's connections, and its language.

use super::{Found, clock};
use crate::store::language::{MEND, is_english};
use crate::store::server::{self, Server};
use crate::store::{CONNECTIONS, Store};

/// What there is to say of the server; nothing for a database that is a file.
pub(super) fn all(store: &Store) -> Vec<(&'static str, Found)> {
    match store.read_here(server::ask) {
        Ok(None) => Vec::new(),
        Ok(Some(Server { clock, asked, connections: free, messages })) => {
            let clock = clock.map(|theirs| ("clock", clock::against("PostgreSQL", theirs, asked, 0)));
            let rest = [("connections", connections(free)), ("messages", language(&messages))];
            clock.into_iter().chain(rest).collect()
        }
        Err(error) => {
            vec![(
                "server",
                Found::Bad(error.to_string(), "see that the database runs and lets this user ask"),
            )]
        }
    }
}

/// Whether this many connections that are to be had suffice for an instance, and for a second one.
fn connections(most: i64) -> Found {
    const RAISE: &str = "raise max_connections of PostgreSQL; every instance takes up to 17, 2 more during a backup by the clock, and 1 for each of up to 4 exports";
    let instances = most / CONNECTIONS;
    match instances {
        ..=0 => Found::Bad(format!("{most}, and this program takes up to {CONNECTIONS}"), RAISE),
        1 => {
            Found::Warning(format!("{most}: one instance, and no second one, as in a rolling upgrade"), RAISE)
        }
        n => Found::Good(format!("{most}, room for {n} instances that have the server for themselves")),
    }
}

/// Whether the server's words are understood: what kind of trouble there is, they alone say.
fn language(locale: &str) -> Found {
    if is_english(locale) {
        return Found::Good("PostgreSQL speaks English to this program".to_owned());
    }
    Found::Warning(
        format!(
            "PostgreSQL speaks {locale:?} and lets this role choose no other language: a lock or a full disk may be told as \"unavailable\""
        ),
        MEND,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_counted_in_instances() {
        assert!(matches!(connections(16), Found::Bad(..)));
        assert!(matches!(connections(33), Found::Warning(..)));
        assert!(matches!(connections(97), Found::Good(what) if what.contains("5 instances")));
    }

    #[test]
    fn another_language_is_warned_of() {
        assert!(matches!(language("en_US.UTF-8"), Found::Good(_)));
        assert!(matches!(language("zh_CN.UTF-8"), Found::Warning(what, _) if what.contains("zh_CN.UTF-8")));
    }
}
