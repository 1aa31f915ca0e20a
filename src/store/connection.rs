//! One connection type for both databases, and how one is opened.

use std::sync::Arc;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::ManageConnection;
use diesel::sql_types::{Nullable, Text};

use super::error::Error;
use super::place::Place;
use super::{language, syncing};

/// A connection to either database. Queries are written once against it.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// The embedded database.
    Sqlite(SqliteConnection),
    /// The database for more than one machine.
    Postgres(PgConnection),
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// The text in small letters. PostgreSQL's own; on SQLite, whose own knows ASCII only, it is
    /// replaced in every connection by one that knows every script.
    fn lower(text: Nullable<Text>) -> Nullable<Text>;
}

/// The LIKE pattern of texts with this one in them, for [`lower()`] and `ESCAPE '\'`.
pub fn containing(text: &str) -> String {
    format!("%{}%", text.to_lowercase().replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_"))
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// So many letters of a text from the one with this number on, which begins with 1.
    fn substr(text: Text, from: diesel::sql_types::Integer, letters: diesel::sql_types::Integer) -> Text;
}

/// Runs the same body with the concrete connection of either database, for the few statements that
/// [`Db`] itself cannot say (`ON CONFLICT`, inserting many rows at once).
#[macro_export]
macro_rules! each_database {
    ($connection:expr, $concrete:ident => $body:expr) => {
        match $connection {
            $crate::store::connection::Db::Sqlite($concrete) => $body,
            $crate::store::connection::Db::Postgres($concrete) => $body,
        }
    };
}

/// How many pages the write-ahead log may hold before the writer itself empties it: 64 MiB.
pub(super) const LOG_PAGES: u32 = 16_384;

/// Where the data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A file beside the program.
    Sqlite(std::path::PathBuf),
    /// A server, named by a `postgres://` URL.
    Postgres(String),
}

impl Database {
    /// Reads `sqlite:PATH`, `sqlite://PATH` or `postgres://…`. Anything else is refused: a mistyped
    /// URL must never become a new empty file.
    pub fn parse(url: &str) -> Result<Database, String> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Database::Postgres(url.to_owned()));
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
        match path {
            Some(path) if !path.is_empty() => Ok(Database::Sqlite(path.into())),
            _ => Err("a database is named by a URL that begins with sqlite: or postgres://".to_owned()),
        }
    }

    /// How logs and pages name it, without a password.
    pub fn label(&self) -> String {
        match self {
            Database::Sqlite(path) => format!("SQLite {}", path.display()),
            Database::Postgres(url) => {
                let rest =
                    url.rsplit_once('@').map_or_else(|| url.split("://").nth(1).unwrap_or(""), |(_, r)| r);
                format!("PostgreSQL {rest}")
            }
        }
    }

    /// Opens a connection set up as every connection of ours is.
    ///
    /// `patience_ms` is how long a statement may wait for somebody else's lock.
    pub fn open(&self, patience_ms: u32) -> diesel::ConnectionResult<Db> {
        self.open_and_hear(patience_ms).map(|(connection, _)| connection)
    }

    /// The same, and the locale of the server's messages; nothing for a file.
    pub(super) fn open_and_hear(&self, patience_ms: u32) -> diesel::ConnectionResult<(Db, Option<String>)> {
        let bad = |e: diesel::result::Error| diesel::ConnectionError::CouldntSetupConfiguration(e);
        match self {
            Database::Sqlite(path) => {
                let mut c = SqliteConnection::establish(&path.to_string_lossy())?;
                // The wait comes first: the next line itself may meet a lock.
                c.batch_execute(&format!(
                    "PRAGMA busy_timeout = {patience_ms}; PRAGMA journal_mode = WAL; \
                     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                     PRAGMA wal_autocheckpoint = {LOG_PAGES}; PRAGMA journal_size_limit = 67108864; \
                     PRAGMA temp_store = MEMORY;"
                ))
                .map_err(bad)?;
                lower_utils::register_impl(&mut c, |text: Option<String>| text.map(|t| t.to_lowercase()))
                    .map_err(bad)?;
                Ok((Db::Sqlite(c), None))
            }
            Database::Postgres(url) => {
                let mut c = PgConnection::establish(&with_bounds(url))?;
                let syncs = if url.contains("synchronous_commit") { "" } else { syncing::SYNC_COMMITS };
                c.batch_execute(&format!(
                    "SET application_name = 'interlude'; SET lock_timeout = {patience_ms}; SET client_min_messages = warning; SET timezone = 'UTC'; {syncs}"
                ))
                .map_err(bad)?;
                let locale = language::settle(&mut c).map_err(bad)?;
                Ok((Db::Postgres(c), Some(locale)))
            }
        }
    }
}

/// The same URL with bounds on how long a server that has gone silent is waited for, as far as it
/// names none of its own: an operator's own word about them counts.
fn with_bounds(url: &str) -> String {
    const BOUNDS: &[(&str, &str)] = &[
        ("connect_timeout", "2"),
        ("tcp_user_timeout", "900"),
        ("keepalives_idle", "2"),
        ("keepalives_interval", "1"),
        ("keepalives_count", "2"),
        ("application_name", "interlude"),
    ];
    let mut bounded = url.to_owned();
    for (name, value) in BOUNDS {
        if !url.contains(&format!("{name}=")) {
            bounded.push(if bounded.contains('?') { '&' } else { '?' });
            bounded.push_str(&format!("{name}={value}"));
        }
    }
    bounded
}

/// How a transaction begins.
#[derive(Debug, Clone, Copy)]
pub(super) enum Begin {
    /// One snapshot, no changes.
    Read,
    /// A change: the write lock is taken at once, for a transaction that first reads and then
    /// writes fails on SQLite whenever somebody else wrote in between.
    Write,
}

impl Db {
    pub(super) fn begin(&mut self, begin: Begin) -> QueryResult<()> {
        match (self, begin) {
            (Db::Sqlite(c), Begin::Read) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN"),
            (Db::Sqlite(c), Begin::Write) => {
                AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")
            }
            (Db::Postgres(c), Begin::Read) => AnsiTransactionManager::begin_transaction_sql(
                c,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            ),
            (Db::Postgres(c), Begin::Write) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN"),
        }
    }

    /// A transaction inside the transaction; `commit` and `rollback` then end it alone.
    pub(super) fn savepoint(&mut self) -> QueryResult<()> {
        match self {
            Db::Sqlite(c) => AnsiTransactionManager::begin_transaction(c),
            Db::Postgres(c) => AnsiTransactionManager::begin_transaction(c),
        }
    }

    pub(super) fn commit(&mut self) -> QueryResult<()> {
        match self {
            Db::Sqlite(c) => AnsiTransactionManager::commit_transaction(c),
            Db::Postgres(c) => AnsiTransactionManager::commit_transaction(c),
        }
    }

    pub(super) fn rollback(&mut self) -> QueryResult<()> {
        match self {
            Db::Sqlite(c) => AnsiTransactionManager::rollback_transaction(c),
            Db::Postgres(c) => AnsiTransactionManager::rollback_transaction(c),
        }
    }

    /// How long statements wait for somebody else's lock until the end of this transaction, on
    /// PostgreSQL alone.
    pub(super) fn be_patient_once(&mut self, patience_ms: u32) -> QueryResult<()> {
        match self {
            Db::Sqlite(_) => Ok(()),
            Db::Postgres(c) => c.batch_execute(&format!("SET LOCAL lock_timeout = {patience_ms}")),
        }
    }

    /// Whether this is the embedded database.
    pub fn is_sqlite(&self) -> bool {
        matches!(self, Db::Sqlite(_))
    }
}

/// Gives pooled connections to r2d2.
pub(super) struct Manager {
    pub(super) place: Arc<Place>,
    pub(super) patience_ms: u32,
}

impl ManageConnection for Manager {
    type Connection = Db;
    type Error = Error;

    fn connect(&self) -> Result<Db, Error> {
        self.place.open(self.patience_ms)
    }

    fn is_valid(&self, connection: &mut Db) -> Result<(), Error> {
        match connection {
            Db::Sqlite(_) => self.place.check(),
            Db::Postgres(c) => Ok(c.batch_execute("SELECT 1")?),
        }
    }

    fn has_broken(&self, connection: &mut Db) -> bool {
        match connection {
            Db::Sqlite(c) => AnsiTransactionManager::is_broken_transaction_manager(c),
            Db::Postgres(c) => AnsiTransactionManager::is_broken_transaction_manager(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_url_never_becomes_a_file() {
        assert!(Database::parse("postgre://x").is_err());
        assert!(Database::parse("sqlite:").is_err());
        assert_eq!(Database::parse("sqlite:/a/b.db"), Ok(Database::Sqlite("/a/b.db".into())));
        assert_eq!(
            with_bounds("postgres://h/d?connect_timeout=9&tcp_user_timeout=8&keepalives_idle=7"),
            "postgres://h/d?connect_timeout=9&tcp_user_timeout=8&keepalives_idle=7&keepalives_interval=1&keepalives_count=2&application_name=interlude"
        );
        assert_eq!(Database::parse("postgres://u:p@h/d").unwrap().label(), "PostgreSQL h/d");
    }
}
