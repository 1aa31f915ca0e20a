//! The PostgreSQL server: its clock, and whether it has room for this program's connections.

use super::{Found, clock};
use crate::store::server::{self, Server};
use crate::store::{CONNECTIONS, Store};

/// What there is to say of the server; nothing for a database that is a file.
pub(super) fn all(store: &Store) -> Vec<(&'static str, Found)> {
    match store.read_here(server::ask) {
        Ok(None) => Vec::new(),
        Ok(Some(Server { clock, asked, connections: free })) => {
            let clock = clock.map(|theirs| ("clock", clock::against("PostgreSQL", theirs, asked, 0)));
            clock.into_iter().chain([("connections", connections(free))]).collect()
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
    const RAISE: &str = "raise max_connections of PostgreSQL; every instance takes up to 17";
    let instances = most / CONNECTIONS;
    match instances {
        ..=0 => Found::Bad(format!("{most}, and this program takes up to {CONNECTIONS}"), RAISE),
        1 => {
            Found::Warning(format!("{most}: one instance, and no second one, as in a rolling upgrade"), RAISE)
        }
        n => Found::Good(format!("{most}, room for {n} instances that have the server for themselves")),
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
}
