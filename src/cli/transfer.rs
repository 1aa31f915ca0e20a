//! `interlude transfer`

use clap::Args;

use super::backup::note;
use super::progress::Shown;
use crate::store::backup;
use crate::store::connection::Database;

#[derive(Debug, Args)]
pub(super) struct TransferCommand {
    /// The database to read: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME. Stop its server
    /// first: nothing is moved if something is written to it meanwhile.
    #[arg(long, env = "INTERLUDE_TRANSFER_FROM", hide_env_values = true)]
    from: String,
    /// The database to fill, an empty one.
    #[arg(long, env = "INTERLUDE_TRANSFER_TO", hide_env_values = true)]
    to: String,
    /// Replace what is there; it is kept under another name.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(command: &TransferCommand) -> anyhow::Result<()> {
    let parse =
        |url: &str| Database::parse(url).map_err(|e| super::Coded { code: super::exit::INVALID, message: e });
    let (from, to) = (parse(&command.from)?, parse(&command.to)?);
    let loaded = backup::transfer(&from, &to, command.force, &mut Shown::new())?;
    note(&to, "backup.transfer", &from.label(), &format!("as it was at {}", loaded.header.made_at));
    say!("{} now holds what {} held at {}:", to.label(), from.label(), loaded.header.made_at);
    for sum in loaded.sums.iter().filter(|s| s.rows > 0) {
        say!("  {:<24}{:>12}  {}", sum.end, sum.rows, &sum.sha256[..16]);
    }
    say!(
        "  {:<24}{:>12}  counts and checksums are the same in both",
        format!("in {} tables", loaded.sums.len()),
        loaded.header.rows()
    );
    if let Some(aside) = loaded.aside {
        say!("What was there before is kept as {aside}.");
    }
    Ok(())
}
