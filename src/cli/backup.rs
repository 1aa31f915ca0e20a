//! `interlude backup`

use std::io::ErrorKind;
use std::path::Path;

use clap::Args;

use super::progress::Shown;
use super::{exit, output};
use crate::config::DataOptions;
use crate::store::backup::{self, Error, Header};
use crate::store::connection::Database;
use crate::store::people::Actor;

#[derive(Debug, Args)]
pub(super) struct BackupCommand {
    /// The file to write, or - for standard output. An older backup of this name is replaced.
    file: String,
}

pub(super) fn run(data: &DataOptions, command: &BackupCommand) -> anyhow::Result<()> {
    let database = data.database()?;
    let thing = if command.file == "-" { "standard output" } else { &command.file };
    // Before the first byte leaves, so that the copy tells of itself too.
    note(&database, "backup.make", thing, "");
    if command.file == "-" {
        let written =
            output::into(None, std::io::stdout(), |out| backup::to_stream(&database, out, &mut Shown::new()));
        let (_, header) = written?;
        tell!("{} rows of {} tables written.", header.rows(), header.tables.len());
        return Ok(());
    }
    let header = backup::to_file(&database, Path::new(&command.file), &mut Shown::new())?;
    say!("{} holds {}, written, read again and counted:", command.file, database.label());
    counts(&header);
    Ok(())
}

/// Notes in the audit log what is done with the whole database. Where that is not possible it is said,
/// and done all the same: a backup may be all that can still be saved.
pub(super) fn note(database: &Database, action: &str, thing: &str, detail: &str) {
    if let Err(error) = backup::note(database, &Actor::CommandLine, action, thing, detail) {
        tell!("interlude: this is not noted in the audit log of {}: {error}", database.label());
    }
}

/// One line a table, and their sum.
pub(super) fn counts(header: &Header) {
    for table in header.tables.iter().filter(|t| t.rows > 0) {
        say!("  {:<24}{:>12}", table.name, table.rows);
    }
    say!("  {:<24}{:>12}", format!("in {} tables", header.tables.len()), header.rows());
}

/// The exit code of what went wrong.
pub(super) fn code(error: &Error) -> u8 {
    match error {
        Error::Damaged(_) => exit::DAMAGED,
        Error::Foreign(_) => exit::FOREIGN,
        Error::Newer(_) => exit::NEWER,
        Error::Occupied(_) => exit::OCCUPIED,
        Error::File(_, e) if e.kind() == ErrorKind::NotFound => exit::NOT_FOUND,
        Error::File(_, e) if is_disk(e) => exit::UNAVAILABLE,
        Error::File(..) => exit::INVALID,
        Error::Ended | Error::Store(_) => exit::UNAVAILABLE,
    }
}

/// Whether the disk is full or fails: nothing that was asked for is wrong, and it may go well another time.
fn is_disk(error: &std::io::Error) -> bool {
    /// "Input/output error", which has no kind of its own.
    const EIO: i32 = 5;
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
        || cfg!(unix) && error.raw_os_error() == Some(EIO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_in_trouble_is_no_mistake_in_what_was_asked() {
        let of = |number| code(&Error::File("x".to_owned(), std::io::Error::from_raw_os_error(number)));
        // ENOSPC, EDQUOT, EIO; ENOENT; EACCES.
        assert_eq!([28, 122, 5].map(of), [exit::UNAVAILABLE; 3]);
        assert_eq!((of(2), of(13)), (exit::NOT_FOUND, exit::INVALID));
    }
}
