//! Where a restored database is put together: beside the one that stands there, which is replaced
//! in one step when everything is in, and kept under another name.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use tempfile::TempPath;

use super::{Error, Result, at, catalogue, schedule};
use crate::domain::instant::Instant;
use crate::store::connection::{Database, Db};
use crate::store::migrations;

/// How long somebody else's lock is waited for.
const PATIENCE_MS: u32 = 500;
/// The schema in which PostgreSQL puts it together.
const LOADING: &str = "interlude_loading";

/// A database in the making.
pub enum Target {
    /// A file beside the one meant.
    Sqlite { path: PathBuf, partial: TempPath },
    /// A schema beside the one meant, on a connection that keeps other processes waiting.
    Postgres { connection: Box<PgConnection>, home: String },
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Target {
    /// Prepares a place. Refuses one that holds something, unless told to set that aside.
    pub fn prepare(database: &Database, force: bool) -> Result<Target> {
        match database {
            Database::Sqlite(path) => {
                if path.exists() && !force {
                    return Err(occupied(&database.label()));
                }
                let folder = folder(path);
                std::fs::create_dir_all(folder).map_err(at(folder))?;
                let partial = tempfile::Builder::new()
                    .prefix(schedule::PARTIAL)
                    .tempfile_in(folder)
                    .map_err(at(folder))?
                    .into_temp_path();
                Ok(Target::Sqlite { path: path.clone(), partial })
            }
            Database::Postgres(_) => {
                let mut connection = database.open(PATIENCE_MS).map_err(crate::store::Error::opening)?;
                let held = hold(&mut connection, force, &database.label())?;
                let Db::Postgres(mut c) = connection else {
                    return Err(Error::Foreign("not a PostgreSQL server".to_owned()));
                };
                c.batch_execute(&format!(
                    "DROP SCHEMA IF EXISTS {LOADING} CASCADE; CREATE SCHEMA {LOADING}; \
                     SET search_path = {LOADING}; SET synchronous_commit = off;"
                ))?;
                Ok(Target::Postgres { connection: Box::new(c), home: held })
            }
        }
    }

    /// The file in the making, if it is one.
    pub fn partial(&self) -> Option<&Path> {
        match self {
            Target::Sqlite { partial, .. } => Some(partial),
            Target::Postgres { .. } => None,
        }
    }

    /// Does something with a connection to the database in the making.
    pub fn with<T>(self, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<(Target, T)> {
        match self {
            Target::Sqlite { path, partial } => {
                let mut connection = Database::Sqlite(partial.to_path_buf())
                    .open(PATIENCE_MS)
                    .map_err(crate::store::Error::opening)?;
                if let Db::Sqlite(c) = &mut connection {
                    // The whole file is synced before it gets its name.
                    c.batch_execute("PRAGMA synchronous = OFF")?;
                }
                let outcome = work(&mut connection)?;
                Ok((Target::Sqlite { path, partial }, outcome))
            }
            Target::Postgres { connection, home } => {
                let mut connection = Db::Postgres(*connection);
                let outcome = work(&mut connection);
                let Db::Postgres(mut c) = connection else {
                    return Err(Error::Foreign("not a PostgreSQL server".to_owned()));
                };
                match outcome {
                    Ok(outcome) => Ok((Target::Postgres { connection: Box::new(c), home }, outcome)),
                    Err(error) => {
                        // The reason for the failure says more than a failure to tidy up would; the
                        // next attempt tidies up first.
                        drop(c.batch_execute(&format!("ROLLBACK; DROP SCHEMA IF EXISTS {LOADING} CASCADE")));
                        Err(error)
                    }
                }
            }
        }
    }

    /// Puts the new database in the place of the old one; gives the name under which that is kept.
    pub fn finish(self) -> Result<Option<String>> {
        match self {
            Target::Sqlite { path, partial } => replace_file(&path, partial),
            Target::Postgres { mut connection, home } => {
                let aside = replace_schema(&mut connection, &home)?;
                migrations::unlock(&mut connection)?;
                Ok(aside)
            }
        }
    }
}

fn occupied(label: &str) -> Error {
    Error::Occupied(format!(
        "{label} already holds something; with --force it is kept under another name and replaced"
    ))
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn stamp() -> String {
    Instant::now().utc().format("%Y%m%dT%H%M%SZ").to_string()
}

fn replace_file(path: &Path, partial: TempPath) -> Result<Option<String>> {
    std::fs::File::open(&partial).and_then(|f| f.sync_all()).map_err(at(&partial))?;
    let mut aside = None;
    if path.exists() {
        alone(path)?;
        let name = (0..)
            .map(|n| match n {
                0 => format!("{}.before-{}", path.display(), stamp()),
                n => format!("{}.before-{}-{n}", path.display(), stamp()),
            })
            .find(|name| !Path::new(name).exists())
            .unwrap_or_default();
        // What a log holds belongs to its file; there is none after an orderly end.
        for ending in ["-wal", "-shm", ""] {
            let from = PathBuf::from(format!("{}{ending}", path.display()));
            if from.exists() {
                std::fs::rename(&from, format!("{name}{ending}")).map_err(at(&from))?;
            }
        }
        aside = Some(name);
    }
    partial.persist(path).map_err(|e| Error::File(path.display().to_string(), e.error))?;
    super::sync_folder(folder(path))?;
    Ok(aside)
}

/// Refuses a database file that another process has open. Afterwards it has no log beside it.
fn alone(path: &Path) -> Result<()> {
    #[derive(QueryableByName)]
    struct Mode {
        #[diesel(sql_type = Text)]
        journal_mode: String,
    }
    let mut c = SqliteConnection::establish(&path.to_string_lossy()).map_err(crate::store::Error::opening)?;
    c.batch_execute(&format!("PRAGMA busy_timeout = {PATIENCE_MS}"))?;
    // Leaving the write-ahead log is granted only to whoever is alone.
    let left: QueryResult<Vec<Mode>> = sql_query("PRAGMA journal_mode = DELETE").load(&mut c);
    match left {
        Ok(modes) if modes.iter().any(|m| m.journal_mode == "wal") => {
            Err(in_use(&path.display().to_string()))
        }
        Err(error) if error.to_string().contains("locked") => Err(in_use(&path.display().to_string())),
        // Damaged or not a database: a good reason to restore. It is kept as it is.
        Ok(_) | Err(_) => Ok(()),
    }
}

fn in_use(label: &str) -> Error {
    Error::Occupied(format!("{label} is in use; stop the server first"))
}

/// Keeps other processes of ours from changing tables; gives the name of the schema meant.
fn hold(connection: &mut Db, force: bool, label: &str) -> Result<String> {
    let Db::Postgres(c) = connection else {
        return Err(Error::Foreign("not a PostgreSQL server".to_owned()));
    };
    unused(c, label)?;
    migrations::lock(c)?;
    c.batch_execute(&format!("SET lock_timeout = {}", PATIENCE_MS * 20))?;
    let home: Vec<Name> = sql_query("SELECT COALESCE(current_schema(), '')::text AS name").load(c)?;
    let home = home.into_iter().map(|h| h.name).find(|h| !h.is_empty()).ok_or_else(|| {
        Error::Foreign(format!("{label} has no schema to put tables into; see search_path"))
    })?;
    if !all_tables(c, &home)?.is_empty() {
        if catalogue::migrations(connection)?.is_empty() {
            return Err(Error::Foreign(format!("{label} holds the tables of another program")));
        }
        if !force && rows(connection)? > 0 {
            return Err(occupied(label));
        }
    }
    Ok(home)
}

/// Refuses a database that other processes of ours are connected to.
fn unused(c: &mut PgConnection, label: &str) -> Result<()> {
    let others: Vec<Number> = sql_query(
        "SELECT COUNT(*) AS number FROM pg_stat_activity WHERE datname = current_database() \
         AND pid <> pg_backend_pid() AND application_name = 'interlude'",
    )
    .load(c)?;
    if others.iter().any(|o| o.number > 0) { Err(in_use(label)) } else { Ok(()) }
}

/// How many rows there are in all tables together.
fn rows(connection: &mut Db) -> Result<u64> {
    Ok(catalogue::tables(connection)?.iter().map(|t| t.rows).sum())
}

fn all_tables(c: &mut PgConnection, schema: &str) -> Result<Vec<String>> {
    let names: Vec<Name> = sql_query(
        "SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') ORDER BY c.relname",
    )
    .bind::<Text, _>(schema)
    .load(c)?;
    Ok(names.into_iter().map(|n| n.name).collect())
}

/// The functions that triggers on the tables of a schema call and that stand in it themselves: a table
/// takes its triggers along, but not what they call.
fn trigger_functions(c: &mut PgConnection, schema: &str) -> Result<Vec<String>> {
    let names: Vec<Name> = sql_query(
        "SELECT DISTINCT f.proname::text AS name FROM pg_trigger t \
         JOIN pg_class r ON r.oid = t.tgrelid JOIN pg_proc f ON f.oid = t.tgfoid \
         JOIN pg_namespace n ON n.oid = r.relnamespace AND n.oid = f.pronamespace \
         WHERE n.nspname = $1 AND NOT t.tgisinternal ORDER BY 1",
    )
    .bind::<Text, _>(schema)
    .load(c)?;
    Ok(names.into_iter().map(|n| n.name).collect())
}

/// One transaction: the old tables into a schema of their own, the new ones into their place.
fn replace_schema(c: &mut PgConnection, home: &str) -> Result<Option<String>> {
    unused(c, "the database")?;
    let old = all_tables(c, home)?;
    let new = all_tables(c, LOADING)?;
    let (old_functions, new_functions) = (trigger_functions(c, home)?, trigger_functions(c, LOADING)?);
    let aside = format!("before_{}", stamp().to_lowercase());
    let mut steps = String::new();
    let mut step = |text: String| steps.push_str(&(text + ";\n"));
    if !old.is_empty() {
        step(format!("CREATE SCHEMA \"{aside}\""));
    }
    for table in &old {
        step(format!("ALTER TABLE \"{home}\".\"{table}\" SET SCHEMA \"{aside}\""));
    }
    for function in &old_functions {
        step(format!("ALTER FUNCTION \"{home}\".\"{function}\"() SET SCHEMA \"{aside}\""));
    }
    for table in &new {
        step(format!("ALTER TABLE {LOADING}.\"{table}\" SET SCHEMA \"{home}\""));
    }
    for function in &new_functions {
        step(format!("ALTER FUNCTION {LOADING}.\"{function}\"() SET SCHEMA \"{home}\""));
    }
    step(format!("DROP SCHEMA {LOADING}"));
    step(format!("SET search_path = \"{home}\""));
    c.batch_execute("SET synchronous_commit = on")?;
    c.transaction(|c| c.batch_execute(&steps))?;
    Ok((!old.is_empty()).then(|| format!("schema {aside}")))
}
