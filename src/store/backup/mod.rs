//! Backups, restoring them, and moving everything between the two databases.
//!
//! All of it is one stream: the tables in an order that satisfies their references, each with its
//! rows in the order of their key, each row one line of JSON that is the same whichever database it
//! was read from. A backup of PostgreSQL is that stream in a file (`dump`); a backup of SQLite is
//! a database file with a seal ([`file`]), which is read as the same stream. Nothing here holds more
//! than a few hundred rows in memory.

mod catalogue;
mod dump;
mod file;
mod live;
mod load;
mod noted;
pub mod schedule;
mod stream;
mod target;

use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::connection::Database;
use super::migrations;
use crate::domain::instant::Instant;
use catalogue::Table;
pub use load::{Loaded, restore, transfer};
pub use noted::note;
pub use stream::Progress;

/// The version of both file formats. A file with a higher one is refused.
pub const FORMAT: u32 = 1;

/// Why a backup was not made, or not restored. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is not what was written: cut off, or changed.
    #[error("the backup is damaged: {0}")]
    Damaged(String),
    /// The file was never a backup of ours, or the target holds something else.
    #[error("{0}")]
    Foreign(String),
    /// A newer version of the program made it.
    #[error("made by a newer version of Interlude: {0}")]
    Newer(String),
    /// There is something in the way that would be lost, or somebody is using it.
    #[error("{0}")]
    Occupied(String),
    /// A file could not be read or written.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// It was told to end before it was done.
    #[error("it was told to end before it was done")]
    Ended,
    /// The database refused or failed.
    #[error(transparent)]
    Store(#[from] super::Error),
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Error {
        Error::Store(error.into())
    }
}

/// What a call here gives.
pub type Result<T> = std::result::Result<T, Error>;

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let name = path.display().to_string();
    move |error| Error::File(name, error)
}

/// What a backup says of itself before its first row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Always `backup`: by this a file of ours is known.
    pub interlude: String,
    /// The version of the format, [`FORMAT`].
    pub format: u32,
    /// The version of the program that made it.
    pub product: String,
    /// When it was made, RFC 3339 in UTC.
    pub made_at: String,
    /// The migrations that the database had seen, the oldest first.
    pub migrations: Vec<String>,
    /// The tables in the order of the stream.
    pub tables: Vec<Table>,
}

impl Header {
    fn new(migrations: Vec<String>, tables: Vec<Table>) -> Header {
        Header {
            interlude: "backup".to_owned(),
            format: FORMAT,
            product: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: Instant::now().rfc3339(),
            migrations,
            tables,
        }
    }

    /// How many rows there are in all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|t| t.rows).sum()
    }

    /// Refuses what only a newer program can read.
    fn is_known(&self) -> Result<()> {
        if self.format > FORMAT {
            return Err(Error::Newer(format!(
                "its format is {}, this program ({}) reads up to {FORMAT}",
                self.format,
                env!("CARGO_PKG_VERSION")
            )));
        }
        let known = migrations::known()?;
        match self.migrations.iter().find(|m| !known.contains(m)) {
            Some(newer) => Err(Error::Newer(format!(
                "version {} with migration {newer}, which this program ({}) does not know",
                self.product,
                env!("CARGO_PKG_VERSION")
            ))),
            None => Ok(()),
        }
    }
}

/// How a backup's file name ends for this database.
pub fn extension(database: &Database) -> &'static str {
    match database {
        Database::Sqlite(_) => "sqlite",
        Database::Postgres(_) => "jsonl.gz",
    }
}

/// Writes a backup of a database, which may be in use, beside `path`, checks it, and only then gives
/// it that name. Replaces nothing but an older backup.
pub fn to_file(database: &Database, path: &Path, progress: &mut dyn Progress) -> Result<Header> {
    to_file_by_way_of(schedule::PARTIAL, database, path, progress)
}

/// The same; the name of the file in the making begins with `prefix`.
fn to_file_by_way_of(
    prefix: &str,
    database: &Database,
    path: &Path,
    progress: &mut dyn Progress,
) -> Result<Header> {
    if path.exists() && !is_backup(path) {
        return Err(Error::Occupied(format!(
            "{} exists and is not a backup; nothing was written",
            path.display()
        )));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut partial = tempfile::Builder::new().prefix(prefix).tempfile_in(folder).map_err(at(folder))?;
    progress.makes(partial.path());
    progress.begin("writing");
    let header = match database {
        Database::Sqlite(source) => file::write(source, partial.path(), progress)?,
        Database::Postgres(_) => dump::write(database, partial.as_file_mut(), progress)?,
    };
    partial.as_file().sync_all().map_err(at(path))?;
    let checked = check(partial.path(), progress)?;
    if checked != header {
        return Err(Error::Damaged("what was read back is not what was written".to_owned()));
    }
    partial.persist(path).map_err(|e| Error::File(path.display().to_string(), e.error))?;
    sync_folder(folder)?;
    Ok(header)
}

/// Writes a backup to a stream, such as standard output.
pub fn to_stream(database: &Database, mut out: impl Write, progress: &mut dyn Progress) -> Result<Header> {
    progress.begin("writing");
    match database {
        Database::Sqlite(source) => {
            let mut partial =
                tempfile::NamedTempFile::with_prefix(schedule::PARTIAL).map_err(at(&std::env::temp_dir()))?;
            let header = file::write(source, partial.path(), progress)?;
            check(partial.path(), progress)?;
            std::io::copy(&mut partial.reopen().map_err(at(partial.path()))?, &mut out)
                .and_then(|_| out.flush())
                .map_err(|e| Error::File("the output".to_owned(), e))?;
            partial.flush().map_err(at(partial.path()))?;
            Ok(header)
        }
        Database::Postgres(_) => dump::write(database, &mut out, progress),
    }
}

/// Reads a whole backup and refuses it if anything about it is not as it was written.
pub fn check(path: &Path, progress: &mut dyn Progress) -> Result<Header> {
    progress.begin("checking");
    match kind(path)? {
        Kind::Sqlite => file::check(path, progress),
        Kind::Dump => dump::check(path, progress),
    }
}

fn sync_folder(folder: &Path) -> Result<()> {
    std::fs::File::open(folder).and_then(|f| f.sync_all()).map_err(at(folder))
}

/// Which of the two a file is, by its first bytes.
enum Kind {
    Sqlite,
    Dump,
}

fn kind(path: &Path) -> Result<Kind> {
    use std::io::Read;
    let mut first = Vec::new();
    std::fs::File::open(path).and_then(|f| f.take(16).read_to_end(&mut first)).map_err(at(path))?;
    if first == file::MAGIC {
        Ok(Kind::Sqlite)
    } else if first.starts_with(&[0x1f, 0x8b]) {
        Ok(Kind::Dump)
    } else if first.is_empty() {
        Err(Error::Foreign(format!("{} is empty", path.display())))
    } else {
        Err(Error::Foreign(format!("{} is not a backup of Interlude", path.display())))
    }
}

/// Whether a file is a backup as far as its beginning says; it may still be damaged.
fn is_backup(path: &Path) -> bool {
    match kind(path) {
        Ok(Kind::Sqlite) => file::seal(path).is_ok(),
        Ok(Kind::Dump) => dump::Reader::open(path).is_ok(),
        Err(_) => false,
    }
}
