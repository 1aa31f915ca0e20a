//! `interlude serve`, which is also what happens without a command.

use std::net::TcpListener;

use anyhow::Context;
use tracing_subscriber::EnvFilter;

use crate::config::{DataOptions, ServeOptions, Switch};
use crate::jobs;
use crate::store::backup::schedule::Schedule;
use crate::store::people::SessionLife;
use crate::store::{Store, instance};
use crate::web::app::App;
use crate::web::connections::Connections;
use crate::web::limits::Limits;
use crate::web::server;

pub(super) fn run(data: &DataOptions, options: &ServeOptions) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_from_env("INTERLUDE_LOG").unwrap_or_else(|_| EnvFilter::new("warn,interlude=info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if options.log_json {
        logs.json().init()
    } else {
        logs.init()
    }

    let store = Store::open(data.database()?)?;
    let listener = TcpListener::bind(&options.listen).with_context(|| {
        format!("cannot listen on {} (another program may already use it; see --listen)", options.listen)
    })?;
    let address = listener.local_addr()?;
    let public_url = options
        .public_url
        .clone()
        .filter(|url| !url.is_empty())
        .map_or_else(|| format!("http://{address}"), |url| url.trim_end_matches('/').to_owned());
    let life = SessionLife { idle: options.session_idle * 60, absolute: options.session_lifetime * 60 };
    let limits = if options.rate_limits == Switch::On { Limits::on() } else { Limits::off() };
    let mut app = App::new(store.clone(), public_url.clone(), life, limits)?;
    app.metrics = options.metrics;

    println!("Interlude · 幕间  {}", env!("CARGO_PKG_VERSION"));
    println!("  data:    {}", store.database().label());
    println!("  open:    {public_url}/");
    if let Some(secret) = instance::make_setup_secret(&store)? {
        println!("  set up:  {public_url}/setup/{secret}");
        println!("           (makes the first administrator; works once, and until the next start)");
    }

    let backups = options
        .backup_dir
        .clone()
        .map(|folder| {
            let schedule = Schedule {
                folder,
                every_hours: options.backup_every,
                keep: usize::try_from(options.backup_keep).unwrap_or(usize::MAX),
            };
            jobs::backups::start(schedule, store.database().clone())
        })
        .transpose()?;
    let connections = Connections::at_most(options.connections_per_address, false);
    actix_web::rt::System::new().block_on(async move {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let clock = actix_web::rt::spawn(jobs::run(app.store.clone(), stopped));
        let (server, _) = server::serve(app, listener, options.workers, connections)?;
        let outcome = server.await;
        // A step that is under way is finished before the store is closed.
        stop.send_replace(true);
        if let Err(error) = clock.await {
            tracing::error!(%error, "the clock ended with a panic");
        }
        outcome
    })?;
    if let Some(backups) = backups {
        backups.end();
    }
    // The last clone of the store goes with this function: the writer finishes what it has.
    drop(store);
    Ok(())
}
