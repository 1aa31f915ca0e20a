//! That a database was copied, or made from a copy, stands in its own audit log: a backup holds
//! everything that anybody ever told.

use super::{Error, Result, file};
use crate::domain::instant::Instant;
use crate::store::connection::{Begin, Database};
use crate::store::people::Actor;
use crate::store::{Write, audit, migrations};

/// Notes in the audit log of this database what was done with it as a whole: `backup.make`,
/// `backup.restore`, `backup.transfer`. The database is taken as it is and not brought to this version.
///
/// Fails where nothing can be written, where there is no audit log, and where a newer version's tables are. Whoever must save what is left of
/// a broken database goes on without.
pub fn note(database: &Database, actor: &Actor, action: &str, thing: &str, detail: &str) -> Result<()> {
    if let Database::Sqlite(path) = database {
        file::exists(path)?;
    }
    let mut connection = database.open(10_000).map_err(crate::store::Error::opening)?;
    if let Some(migration) = migrations::newer(&mut connection)? {
        return Err(Error::Newer(format!("migration {migration}")));
    }
    connection.begin(Begin::Write)?;
    let mut write = Write::at(&mut connection, Instant::now());
    match audit::note(&mut write, actor, action, thing, detail) {
        Ok(()) => Ok(connection.commit()?),
        Err(error) => {
            // The reason for the failure says more than the failure to roll back would.
            drop(connection.rollback());
            Err(error.into())
        }
    }
}
