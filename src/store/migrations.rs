//! Bringing a database to this version of the program, once, whoever starts first.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::{Database, Db};
use super::error::{Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The number under which instances agree who migrates ("interlude" in letters of a phone).
const ADVISORY_LOCK: i64 = 468_375_483;

/// Applies what is missing. Refuses a database that a newer version has already changed.
pub(super) fn run(database: &Database) -> Result<()> {
    let mut connection = database.open(10_000).map_err(Error::opening)?;
    match &mut connection {
        Db::Sqlite(c) => {
            // One transaction around all of it keeps a second process waiting at its first line.
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN EXCLUSIVE")?;
            let outcome = apply::<diesel::sqlite::Sqlite, _>(c, SQLITE);
            match outcome {
                Ok(()) => AnsiTransactionManager::commit_transaction(c)?,
                Err(_) => AnsiTransactionManager::rollback_transaction(c)?,
            }
            outcome
        }
        Db::Postgres(c) => {
            c.batch_execute(&format!("SET lock_timeout = 0; SELECT pg_advisory_lock({ADVISORY_LOCK})"))?;
            let outcome = apply::<diesel::pg::Pg, _>(c, POSTGRES);
            c.batch_execute(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})"))?;
            outcome
        }
    }
}

fn apply<DB, C>(connection: &mut C, source: EmbeddedMigrations) -> Result<()>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let trouble = |e: Box<dyn std::error::Error + Send + Sync>| Error::opening(e);
    let known: Vec<MigrationVersion<'static>> = MigrationSource::<DB>::migrations(&source)
        .map_err(trouble)?
        .iter()
        .map(|m| m.name().version().as_owned())
        .collect();
    let applied = connection.applied_migrations().map_err(trouble)?;
    if let Some(newer) = applied.iter().find(|v| !known.contains(v)) {
        return Err(Error::Refused(format!(
            "the database was made by a newer version of Interlude (migration {newer}); start that version, or restore a backup made by this one"
        )));
    }
    connection.run_pending_migrations(source).map_err(trouble)?;
    Ok(())
}
