//! The PostgreSQL server as it says of itself: its clock, how many connections it has to give, in which
//! language it speaks, and whether others could read along on the way to it.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};

use super::connection::Db;
use super::error::Result;
use super::language;
use crate::domain::instant::Instant;

/// What a server said, and between which moments of our own clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its clock; nothing if no moment of ours can be made of it.
    pub clock: Option<Instant>,
    /// Our clock before it was asked, and after.
    pub asked: (Instant, Instant),
    /// How many connections whoever is no superuser may have; 0 or less if it says nothing sensible.
    pub connections: i64,
    /// The locale of its messages, after it was asked for English.
    pub messages: String,
    /// How it is reached; nothing if it does not say.
    pub way: Option<Way>,
}

/// The way to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It is on this machine.
    Local,
    /// Through a network, encrypted.
    Encrypted,
    /// Through a network, readable.
    Open,
}

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
    let rows: Vec<Word> =
        sql_query("SELECT current_setting($1) AS word").bind::<Text, _>(name).load(connection)?;
    Ok(rows.first().and_then(|row| row.word.parse().ok()).unwrap_or(0))
}

/// A server that only resembles PostgreSQL may lack what this asks.
fn way(connection: &mut Db) -> Option<Way> {
    let sql = "SELECT CASE WHEN inet_client_addr() IS NULL OR inet_client_addr() <<= inet '127.0.0.0/8' \
               OR inet_client_addr() = inet '::1' THEN 'local' WHEN ssl THEN 'encrypted' ELSE 'open' END AS word \
               FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let rows: Vec<Word> = sql_query(sql).load(connection).ok()?;
    match rows.first()?.word.as_str() {
        "local" => Some(Way::Local),
        "encrypted" => Some(Way::Encrypted),
        _ => Some(Way::Open),
    }
}

/// What the server behind this connection says; nothing for a database that is a file.
pub fn ask(connection: &mut Db) -> Result<Option<Server>> {
    let Db::Postgres(server) = &mut *connection else { return Ok(None) };
    let messages = language::ask(server)?;
    let before = Instant::now();
    let micros = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) AS number";
    let rows: Vec<Number> = sql_query(micros).load(connection)?;
    let asked = (before, Instant::now());
    let most = setting(connection, "max_connections")?;
    let reserved = setting(connection, "superuser_reserved_connections")?;
    Ok(Some(Server {
        clock: rows.first().and_then(|row| Instant::from_micros(row.number)),
        asked,
        connections: most - reserved,
        messages,
        // The last question, for one that fails ends the transaction.
        way: way(connection),
    }))
}
