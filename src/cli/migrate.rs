//! `interlude migrate`

use crate::config::DataOptions;

pub(super) fn run(data: &DataOptions) -> anyhow::Result<()> {
    let store = super::open(data)?;
    say!("{} is at the version of this program.", store.database().label());
    Ok(())
}
