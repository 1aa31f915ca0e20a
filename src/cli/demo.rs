//! `interlude demo`

use clap::Args;

use crate::config::DataOptions;
use crate::store::instance;
use crate::store::people::Actor;

#[derive(Debug, Args)]
pub(super) struct DemoOptions {
    /// Take the demonstration away again, with everything that was reported about its windows.
    #[arg(long)]
    remove: bool,
}

pub(super) fn run(data: &DataOptions, options: &DemoOptions) -> anyhow::Result<()> {
    let store = super::open(data)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    if options.remove {
        let there = runtime.block_on(crate::demo::remove(&store, &Actor::CommandLine))?;
        say!("{}", if there { "The demonstration is gone." } else { "There was no demonstration." });
        return Ok(());
    }
    let settings = store.read_here(instance::settings)?;
    let load = crate::demo::load(&store, &Actor::CommandLine, settings.time_zone, settings.default_language);
    runtime.block_on(load)?;
    say!("A past, a running and a coming window with reports and answers are there to look at.");
    say!("`interlude demo --remove` takes them away again.");
    Ok(())
}
