//! `interlude verify`

use super::{Coded, exit};
use crate::config::DataOptions;
use crate::store::verify;

/// Exit code [`exit::DAMAGED`] if anything is not as it should be; each finding is named.
pub(super) fn run(data: &DataOptions) -> anyhow::Result<()> {
    let store = super::open(data)?;
    let found = store.snapshot(verify::verify)?;
    for finding in &found.findings {
        println!("{finding}");
    }
    if found.findings.is_empty() {
        println!(
            "{} reports counted again: nothing is wrong with {}.",
            found.reports,
            store.database().label()
        );
        return Ok(());
    }
    let message = format!("{} things are not as they should be", found.findings.len());
    Err(Coded { code: exit::DAMAGED, message }.into())
}
