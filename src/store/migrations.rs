//! Bringing a database to this version of the program, once, whoever starts first.

use std::time::{Duration, Instant as Clock};

use diesel::RunQueryDsl;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::{Database, Db};
use super::error::{Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The number under which instances agree who migrates ("interlude" in letters of a phone).
const ADVISORY_LOCK: i64 = 468_375_483;

/// How long the start waits for others who migrate.
const TURN: Duration = Duration::from_secs(60);

/// Applies what is missing. Refuses a database that a newer version has already changed.
pub(super) fn run(database: &Database) -> Result<()> {
    let begun = Clock::now();
    loop {
        match attempt(database) {
            // SQLite does not let two wait for each other when both turn a new file to its log: one of
            // them is told at once.
            Err(Error::Busy | Error::Locked) if begun.elapsed() < TURN => {
                std::thread::sleep(Duration::from_millis(50))
            }
            outcome => return outcome,
        }
    }
}

fn attempt(database: &Database) -> Result<()> {
    let mut connection = database.open(10_000).map_err(Error::opening)?;
    match &mut connection {
        Db::Sqlite(c) => {
            // One transaction around all of it keeps a second process waiting at its first line.
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN EXCLUSIVE")?;
            let outcome = apply::<diesel::sqlite::Sqlite, _>(c, SQLITE, None);
            match outcome {
                Ok(()) => AnsiTransactionManager::commit_transaction(c)?,
                Err(_) => AnsiTransactionManager::rollback_transaction(c)?,
            }
            outcome
        }
        Db::Postgres(c) => {
            lock(c)?;
            let outcome = apply::<diesel::pg::Pg, _>(c, POSTGRES, None);
            unlock(c)?;
            outcome
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Version {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

/// The migrations that were applied to a database of ours.
fn applied(connection: &mut Db) -> Result<Vec<Version>> {
    Ok(diesel::sql_query("SELECT version FROM __diesel_schema_migrations").load(connection)?)
}

/// A migration that only a newer version of this program knows, if one was applied to this database.
pub(super) fn newer(connection: &mut Db) -> Result<Option<String>> {
    let known = known()?;
    let applied = applied(connection)?.into_iter().map(|applied| applied.version);
    Ok(applied.filter(|version| !known.contains(version)).max())
}

/// How many migrations a database lacks, without applying any; all of them, if it is empty. Refuses
/// one that a newer version has already changed.
pub(super) fn lacking(database: &Database) -> Result<usize> {
    let known = known()?;
    if let Database::Sqlite(path) = database
        && !path.exists()
    {
        return Ok(known.len());
    }
    let mut connection = database.open(super::PATIENCE_MS).map_err(Error::opening)?;
    let table = match &connection {
        Db::Sqlite(_) => {
            "SELECT name AS version FROM sqlite_master WHERE name = '__diesel_schema_migrations'"
        }
        Db::Postgres(_) => {
            "SELECT to_regclass('__diesel_schema_migrations')::text AS version \
             WHERE to_regclass('__diesel_schema_migrations') IS NOT NULL"
        }
    };
    if diesel::sql_query(table).load::<Version>(&mut connection)?.is_empty() {
        return Ok(known.len());
    }
    let applied = applied(&mut connection)?;
    match applied.iter().find(|applied| !known.contains(&applied.version)) {
        Some(newer) => Err(refused(&newer.version)),
        None => Ok(known.len() - applied.len()),
    }
}

fn refused(newer: &str) -> Error {
    Error::Refused(format!(
        "the database was made by a newer version of Interlude (migration {newer}); start that version, or restore a backup made by this one"
    ))
}

/// Waits until no other process of ours changes the tables of this database.
pub(super) fn lock(connection: &mut diesel::PgConnection) -> Result<()> {
    let sql = format!("SET lock_timeout = 0; SELECT pg_advisory_lock({ADVISORY_LOCK})");
    Ok(connection.batch_execute(&sql)?)
}

/// Lets the next one begin.
pub(super) fn unlock(connection: &mut diesel::PgConnection) -> Result<()> {
    Ok(connection.batch_execute(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})"))?)
}

/// The versions that this program knows, the oldest first; the same for both databases.
pub(super) fn known() -> Result<Vec<String>> {
    let migrations = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE).map_err(trouble)?;
    let mut versions: Vec<String> = migrations.iter().map(|m| m.name().version().to_string()).collect();
    versions.sort();
    Ok(versions)
}

/// Brings a database that nobody else uses to these versions, or to this program's.
pub(super) fn bring_to(connection: &mut Db, versions: Option<&[String]>) -> Result<()> {
    match connection {
        Db::Sqlite(c) => apply::<diesel::sqlite::Sqlite, _>(c, SQLITE, versions),
        Db::Postgres(c) => apply::<diesel::pg::Pg, _>(c, POSTGRES, versions),
    }
}

fn trouble(error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::opening(error)
}

fn apply<DB, C>(connection: &mut C, source: EmbeddedMigrations, only: Option<&[String]>) -> Result<()>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let known: Vec<MigrationVersion<'static>> = MigrationSource::<DB>::migrations(&source)
        .map_err(trouble)?
        .iter()
        .map(|m| m.name().version().as_owned())
        .collect();
    let applied = connection.applied_migrations().map_err(trouble)?;
    if let Some(newer) = applied.iter().find(|v| !known.contains(v)) {
        return Err(refused(&newer.to_string()));
    }
    for migration in connection.pending_migrations(source).map_err(trouble)? {
        let version = migration.name().version().to_string();
        if only.is_none_or(|only| only.contains(&version)) {
            connection.run_migration(&*migration).map_err(trouble)?;
        }
    }
    Ok(())
}
