//! `interlude serve`, which is also what happens without a command.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use anyhow::Context;
use tracing_subscriber::EnvFilter;

use crate::config::{DataOptions, ServeOptions, Switch};
use crate::jobs;
use crate::store::backup::schedule::Schedule;
use crate::store::connection::Database;
use crate::store::people::SessionLife;
use crate::store::{Error, Store, Trouble, instance, syncing};
use crate::web::app::App;
use crate::web::connections::Connections;
use crate::web::events::Events;
use crate::web::kept::KeptPages;
use crate::web::limits::Limits;
use crate::web::proxies::Proxies;
use crate::web::server::{self, Serving};
use crate::web::tls::Tls;
use crate::web::waiting::Waiting;

/// How long opening the database may take before pages that were kept are shown meanwhile.
const PATIENCE: Duration = Duration::from_secs(8);

pub(super) fn run(data: &DataOptions, options: &ServeOptions) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&options.log).map_err(|e| super::Coded {
        code: super::exit::INVALID,
        message: format!("--log {:?}: {e}", options.log),
    })?;
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if options.log_json {
        logs.json().init()
    } else {
        logs.init()
    }

    raise_open_files();
    let database = data.database()?;
    let tls = options.tls().map(Tls::open).transpose().map_err(|why| super::Coded {
        code: super::exit::INVALID,
        message: format!("the certificate cannot be used: {why}"),
    })?;
    let listener = TcpListener::bind(&options.listen).with_context(|| {
        format!("cannot listen on {} (another program may already use it; see --listen)", options.listen)
    })?;
    let address = listener.local_addr()?;
    let kept = KeptPages::in_data_folder(&data.data_dir);
    let scheme = if tls.is_some() { "https" } else { "http" };
    let public_url = options.public_url().map_or_else(|| format!("{scheme}://{address}"), ToOwned::to_owned);
    println!("Interlude · 幕间  {}", env!("CARGO_PKG_VERSION"));
    println!("  data:    {}", database.label());
    if options.public_url.is_some() {
        println!("  listen:  {scheme}://{address}/");
    }
    println!("  open:    {public_url}/");
    let Some(store) = open(&database, &listener, tls.as_ref(), &kept)? else { return Ok(()) };
    for doubt in store.read_here(syncing::doubts)? {
        tracing::warn!(mend = doubt.mend(), "{}; an acknowledgement does not mean synced", doubt.what());
    }
    let life = SessionLife { idle: options.session_idle * 60, absolute: options.session_lifetime * 60 };
    let limits = if options.rate_limits == Switch::On { Limits::on() } else { Limits::off() };
    let mut app = App::new(store.clone(), public_url.clone(), life, limits)?;
    app.metrics = options.metrics;
    app.proxies = Arc::new(options.proxies());
    app.requests = Connections::at_most(options.connections_per_address, true, Proxies::default());
    app.events = Arc::new(Events::new(store.clone(), options.event_listeners));
    app.provider = options.oidc.provider()?;
    app.pages.keep_in(kept);

    if let Some(secret) = instance::make_setup_secret(&store)? {
        println!("  set up:  {public_url}/setup/{secret}");
        println!("           (makes the first administrator; works once)");
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
    let connections = Connections::at_most(options.connections_per_address, false, options.proxies());
    actix_web::rt::System::new().block_on(async move {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let clock = actix_web::rt::spawn(jobs::run(app.store.clone(), stopped));
        let serving = Serving { listener, workers: options.workers, connections, tls };
        let (server, _) = server::serve(app, serving)?;
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

/// The store; if its database is away for now, waits for it and shows meanwhile what is kept.
/// Nothing if the process was asked to end before that.
fn open(
    database: &Database,
    listener: &TcpListener,
    tls: Option<&Arc<Tls>>,
    kept: &KeptPages,
) -> anyhow::Result<Option<Store>> {
    let mut waiting: Option<Waiting> = None;
    loop {
        let (tell, told) = std::sync::mpsc::channel();
        let at = database.clone();
        // A lock, or somebody who migrates, is waited for by itself; meanwhile somebody may be reading.
        std::thread::Builder::new().name("opening".into()).spawn(move || drop(tell.send(Store::open(at))))?;
        let opened = loop {
            match told.recv_timeout(PATIENCE) {
                Ok(opened) => break opened,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => anyhow::bail!("opening the database panicked"),
            }
            match (&waiting, Trouble::of(&Error::Busy)) {
                (Some(waiting), _) if waiting.is_over() => return Ok(None),
                (None, Some(trouble)) => {
                    tracing::warn!("the database cannot be opened yet; somebody else may hold it");
                    waiting = Some(Waiting::begin(listener.try_clone()?, tls.cloned(), kept, trouble)?);
                }
                _ => {}
            }
        };
        let error = match opened {
            Ok(store) => {
                if let Some(waiting) = waiting {
                    tracing::info!("the database can be used");
                    waiting.end();
                }
                return Ok(Some(store));
            }
            Err(error) => error,
        };
        let trouble = match Trouble::of(&error) {
            Some(trouble) if may_pass(database, &error) => trouble,
            _ => return Err(error.into()),
        };
        match &waiting {
            Some(waiting) => waiting.because(trouble),
            None => {
                tracing::error!(why = %trouble.why, "the database cannot be used yet; trying again every second");
                waiting = Some(Waiting::begin(listener.try_clone()?, tls.cloned(), kept, trouble)?);
            }
        }
        std::thread::sleep(Duration::from_secs(1));
        if waiting.as_ref().is_some_and(Waiting::is_over) {
            return Ok(None);
        }
    }
}

/// Whether it is worth waiting: a server may come back, a lock or a full disk may be cleared. A file
/// that cannot be opened was most likely named wrongly.
fn may_pass(database: &Database, error: &Error) -> bool {
    match error {
        Error::Busy | Error::Locked | Error::Full(_) => true,
        Error::Unavailable(_) => matches!(database, Database::Postgres(_)),
        _ => false,
    }
}

/// Takes all the open files that the system lets this process have: every connection is one.
#[cfg(unix)]
fn raise_open_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current < limit.maximum {
        limit.current = limit.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "the limit of open files stays as it was");
        }
    }
}

#[cfg(not(unix))]
fn raise_open_files() {}
