//! `interlude verify`

use clap::Args;

use super::progress::Shown;
use super::{Coded, exit};
use crate::config::DataOptions;
use crate::store::backup::Progress;
use crate::store::{search, verify};

#[derive(Debug, Args)]
pub(super) struct VerifyCommand {
    /// Make the search index again from the reports first; the server may be running.
    #[arg(long)]
    rebuild_search: bool,
}

/// Exit code [`exit::DAMAGED`] if anything is not as it should be; each finding is named.
pub(super) fn run(data: &DataOptions, command: &VerifyCommand) -> anyhow::Result<()> {
    let store = super::open(data)?;
    if command.rebuild_search {
        store.write_here(search::throw_away)?;
        search::rebuild_here(&store)?;
        let all = store.read_here(search::waiting)?.unsigned_abs();
        let mut shown = Shown::new();
        shown.begin("indexing");
        let done = search::follow_here(&store, |done| shown.at("", done.min(all), all))?;
        say!("The search index holds {done} reports again.");
    }
    let found = store.snapshot(verify::verify)?;
    for finding in &found.findings {
        say!("{finding}");
    }
    if found.findings.is_empty() {
        say!("{} reports counted again: nothing is wrong with {}.", found.reports, store.database().label());
        return Ok(());
    }
    let message = format!("{} things are not as they should be", found.findings.len());
    Err(Coded { code: exit::DAMAGED, message }.into())
}
