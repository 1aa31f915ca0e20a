//! The PostgreSQL server: its clock, and whether it has room for this program's connections.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};

use super::{Found, clock};
use crate::domain::instant::Instant;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::{CONNECTIONS, Store};

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

fn setting(connection: &mut Db, name: &str) -> Result<i64> {
    let rows: Vec<Word> = sql_query(format!("SELECT current_setting('{name}') AS word")).load(connection)?;
    Ok(rows.first().and_then(|row| row.word.parse().ok()).unwrap_or(0))
}

/// What there is to say of the server; nothing for a database that is a file.
pub(super) fn all(store: &Store) -> Vec<(&'static str, Found)> {
    let asked = store.read_here(|connection| {
        if connection.is_sqlite() {
            return Ok(None);
        }
        let before = Instant::now();
        let micros = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) AS number";
        let rows: Vec<Number> = sql_query(micros).load(connection)?;
        let ours = (before, Instant::now());
        let theirs = rows.first().and_then(|row| Instant::from_micros(row.number));
        let most = setting(connection, "max_connections")?;
        let reserved = setting(connection, "superuser_reserved_connections")?;
        Ok(Some((theirs, ours, most - reserved)))
    });
    match asked {
        Ok(None) => Vec::new(),
        Ok(Some((theirs, ours, free))) => {
            let clock = theirs.map(|theirs| ("clock", clock::against("PostgreSQL", theirs, ours, 0)));
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
