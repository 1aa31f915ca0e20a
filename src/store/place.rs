//! Where the data of an open store is, and in which language it tells of trouble. A SQLite file that was moved away or replaced while it was
//! open is noticed: what is written into the old file would be lost with it, and a new empty one
//! must not be made in its place.

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::connection::{Database, Db};
use super::error::{Error, Result};
use super::language;

/// The database of a store, and which file it was when the store was opened.
pub(super) struct Place {
    pub(super) database: Database,
    file: OnceLock<Option<FileId>>,
    /// The connection opened last speaks another language than English.
    foreign: AtomicBool,
}

type FileId = (u64, u64);

impl Place {
    /// `database` must exist.
    pub(super) fn new(database: Database) -> Place {
        let place = Place { database, file: OnceLock::new(), foreign: AtomicBool::new(false) };
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
        let (connection, locale) = self.database.open_and_hear(patience_ms).map_err(Error::opening)?;
        let foreign = locale.as_deref().is_some_and(|locale| !language::is_english(locale));
        if self.foreign.swap(foreign, Ordering::Relaxed) != foreign && foreign {
            tracing::warn!(
                locale,
                mend = language::MEND,
                "PostgreSQL speaks another language than English: not every trouble will be told from a mistake"
            );
        }
        Ok(connection)
    }

    /// What a failure most likely is. Words that nobody here knows are a mistake of ours if they are
    /// English; in another language they may tell of any trouble, and a call that may be sent again is
    /// kept better than one that was apologised for.
    pub(super) fn judge(&self, error: Error) -> Error {
        match error {
            Error::Unknown(why) if self.foreign.load(Ordering::Relaxed) => Error::Unavailable(why),
            Error::Unknown(why) => Error::Internal(why),
            other => other,
        }
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
