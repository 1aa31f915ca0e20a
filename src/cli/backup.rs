//! `interlude backup`

use std::path::Path;

use clap::Args;

use super::exit;
use super::progress::Shown;
use crate::config::DataOptions;
use crate::store::backup::{self, Error, Header};

#[derive(Debug, Args)]
pub(super) struct BackupCommand {
    /// The file to write, or - for standard output. An older backup of this name is replaced.
    file: String,
}

pub(super) fn run(data: &DataOptions, command: &BackupCommand) -> anyhow::Result<()> {
    let database = data.database()?;
    if command.file == "-" {
        let header = backup::to_stream(&database, std::io::stdout().lock(), &mut Shown::new())?;
        eprintln!("{} rows of {} tables written.", header.rows(), header.tables.len());
        return Ok(());
    }
    let header = backup::to_file(&database, Path::new(&command.file), &mut Shown::new())?;
    println!("{} holds {}, written, read again and counted:", command.file, database.label());
    counts(&header);
    Ok(())
}

/// One line a table, and their sum.
pub(super) fn counts(header: &Header) {
    for table in header.tables.iter().filter(|t| t.rows > 0) {
        println!("  {:<24}{:>12}", table.name, table.rows);
    }
    println!("  {:<24}{:>12}", format!("in {} tables", header.tables.len()), header.rows());
}

/// The exit code of what went wrong.
pub(super) fn code(error: &Error) -> u8 {
    match error {
        Error::Damaged(_) => exit::DAMAGED,
        Error::Foreign(_) => exit::FOREIGN,
        Error::Newer(_) => exit::NEWER,
        Error::Occupied(_) => exit::OCCUPIED,
        Error::File(_, e) if e.kind() == std::io::ErrorKind::NotFound => exit::NOT_FOUND,
        Error::File(..) => exit::INVALID,
        Error::Store(_) => exit::UNAVAILABLE,
    }
}
