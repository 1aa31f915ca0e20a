//! Long work outside of transactions that only one of several processes may do at a time. The turn
//! belongs to a connection, so it ends with whoever held it, however they ended.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::connection::{Database, Db};
use super::error::{Error, Result};

/// What only one may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Making a backup by the clock.
    Backup,
}

impl Work {
    /// The number under which PostgreSQL knows it; that of the migrations is in `migrations.rs`.
    fn number(self) -> i64 {
        match self {
            Work::Backup => 468_375_484,
        }
    }
}

/// One's turn, until it is dropped.
pub struct Turn {
    _connection: Option<Db>,
}

/// The turn to do this work, or nothing while another process has it. On SQLite, which belongs to
/// one server, there is nobody to wait for.
pub fn take(database: &Database, work: Work) -> Result<Option<Turn>> {
    #[derive(QueryableByName)]
    struct Got {
        #[diesel(sql_type = Bool)]
        got: bool,
    }
    if matches!(database, Database::Sqlite(_)) {
        return Ok(Some(Turn { _connection: None }));
    }
    let mut connection = database.open(super::PATIENCE_MS).map_err(Error::opening)?;
    let got: Got = diesel::sql_query("SELECT pg_try_advisory_lock($1) AS got")
        .bind::<BigInt, _>(work.number())
        .get_result(&mut connection)?;
    Ok(got.got.then_some(Turn { _connection: Some(connection) }))
}
