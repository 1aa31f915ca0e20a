//! `interlude config`

use super::arguments::Understood;

/// Prints what was understood; it may be kept as a file and given again with `--config`.
pub(super) fn run(understood: &Understood) -> anyhow::Result<()> {
    say!("{}", understood.print().trim_end());
    Ok(())
}
