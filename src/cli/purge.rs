//! `interlude purge`

use clap::Args;

use crate::config::DataOptions;
use crate::domain::instant::Instant;
use crate::jobs::forgetting;
use crate::store::keeping::{self, DAYS_MAX, Keeping};

/// Forget contacts and accounts of reports that were done long ago, and what log-ins leave behind.
///
/// A running server does the same by itself every ten minutes. What backups hold stays in them.
#[derive(Debug, Args)]
pub(super) struct PurgeCommand {
    /// Say how much would be forgotten, and forget nothing.
    #[arg(long)]
    dry_run: bool,
    /// Forget contacts and accounts this many days after a report was done, whatever is set.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=i64::from(DAYS_MAX)))]
    contact_days: Option<u32>,
}

pub(super) fn run(data: &DataOptions, command: &PurgeCommand) -> anyhow::Result<()> {
    let store = super::open(data)?;
    let set = store.read_here(keeping::keeping)?;
    let keeping = Keeping { contact_days: command.contact_days.or(set.contact_days), ..set };
    let counts = if command.dry_run {
        store.read_here(|c| keeping::forgettable(c, keeping, Instant::now()))?
    } else {
        forgetting::at_once(&store, keeping)?
    };
    let kept = |days: Option<u32>, unit: &str| match days {
        Some(days) => format!("kept for {days} days{unit}"),
        None => "kept for ever".to_owned(),
    };
    say!("{}", if command.dry_run { "Would be forgotten:" } else { "Forgotten:" });
    say!(
        "{:>8}  contacts and accounts ({})",
        counts.contacts,
        kept(keeping.contact_days, " after a report is done or a list was invited")
    );
    say!("{:>8}  rows of the audit log ({})", counts.audit_rows, kept(keeping.audit_days, ""));
    say!("{:>8}  sessions that were over", counts.sessions);
    say!("{:>8}  log-ins that nobody went on with", counts.logins);
    say!("{:>8}  invitations that were used, taken back or too old", counts.invitations);
    say!("{:>8}  notes of failed log-ins", counts.debts);
    Ok(())
}
