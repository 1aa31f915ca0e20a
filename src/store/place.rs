//! Where the data of an open store is. A SQLite file that was moved away or replaced while it was
//! open is noticed: what is written into the old file would be lost with it, and a new empty one
//! must not be made in its place.

use std::path::Path;
use std::sync::OnceLock;

use super::connection::{Database, Db};
use super::error::{Error, Result};

/// The database of a store, and which file it was when the store was opened.
pub(super) struct Place {
    pub(super) database: Database,
    file: OnceLock<Option<FileId>>,
}

type FileId = (u64, u64);

impl Place {
    /// `database` must exist.
    pub(super) fn new(database: Database) -> Place {
        let place = Place { database, file: OnceLock::new() };
        if let Database::Sqlite(path) = &place.database {
            place.file.get_or_init(|| file_id(path));
        }
        place
    }

    /// Fails if the file is not the one it was.
    pub(super) fn check(&self) -> Result<()> {
        let Database::Sqlite(path) = &self.database else { return Ok(()) };
        match self.file.get() {
            Some(Some(known)) if file_id(path) != Some(*known) => Err(Error::Unavailable(
                "the database file was moved away or replaced: put it back, or start the server again".into(),
            )),
            _ => Ok(()),
        }
    }

    /// A connection to the same database as ever.
    pub(super) fn open(&self, patience_ms: u32) -> Result<Db> {
        self.check()?;
        self.database.open(patience_ms).map_err(Error::opening)
    }
}

#[cfg(unix)]
fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|m| (m.dev(), m.ino()))
}

#[cfg(not(unix))]
fn file_id(_: &Path) -> Option<FileId> {
    None
}
