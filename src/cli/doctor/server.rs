//! The PostgreSQL server: its clock, whether it has room for this program's connections, its language, and
//! whether the way to it is encrypted.

use super::{Found, clock};
use crate::store::language::{MEND, is_english};
use crate::store::server::{self, Server, Way};
use crate::store::{CONNECTIONS, Store};

/// What there is to say of the server; nothing for a database that is a file.
pub(super) fn all(store: &Store) -> Vec<(&'static str, Found)> {
    match store.read_here(server::ask) {
        Ok(None) => Vec::new(),
        Ok(Some(Server { clock, asked, connections: free, messages, way: reached })) => {
            let clock = clock.map(|theirs| ("clock", clock::against("PostgreSQL", theirs, asked, 0)));
            let rest = [("connections", connections(free)), ("messages", language(&messages))];
            let way = reached.map(|reached| ("way", way(reached)));
            clock.into_iter().chain(rest).chain(way).collect()
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

/// Whether somebody on the way could read what is said to the server.
fn way(reached: Way) -> Found {
    match reached {
        Way::Local => Found::Good("PostgreSQL is asked on this machine".to_owned()),
        Way::Encrypted => Found::Good("the way to PostgreSQL is encrypted".to_owned()),
        Way::Open => Found::Warning(
            "the way to PostgreSQL is not encrypted: reports and contacts can be read there".to_owned(),
            "add sslmode=verify-full and sslrootcert=FILE to its address (see docs/operating.md), or see that the network is your own",
        ),
    }
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
    fn a_way_that_others_can_read_is_warned_of() {
        assert!(matches!(way(Way::Local), Found::Good(_)));
        assert!(matches!(way(Way::Encrypted), Found::Good(_)));
        assert!(matches!(way(Way::Open), Found::Warning(_, mend) if mend.contains("sslmode=verify-full")));
    }

    #[test]
    fn another_language_is_warned_of() {
        assert!(matches!(language("en_US.UTF-8"), Found::Good(_)));
        assert!(matches!(language("zh_CN.UTF-8"), Found::Warning(what, _) if what.contains("zh_CN.UTF-8")));
    }
}
