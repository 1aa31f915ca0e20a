//! `interlude restore`

use std::path::PathBuf;

use clap::Args;

use super::backup::{counts, note};
use super::progress::Shown;
use crate::config::DataOptions;
use crate::store::backup;

#[derive(Debug, Args)]
pub(super) struct RestoreCommand {
    /// The backup, of whichever database.
    file: PathBuf,
    /// Replace what is there; it is kept under another name.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(data: &DataOptions, command: &RestoreCommand) -> anyhow::Result<()> {
    let database = data.database()?;
    let loaded = backup::restore(&command.file, &database, command.force, &mut Shown::new())?;
    let file = command.file.display().to_string();
    note(&database, "backup.restore", &file, &format!("made at {}", loaded.header.made_at));
    say!(
        "{} now holds the backup that version {} made at {}:",
        database.label(),
        loaded.header.product,
        loaded.header.made_at
    );
    counts(&loaded.header);
    if let Some(aside) = loaded.aside {
        say!("What was there before is kept as {aside}.");
    }
    Ok(())
}
