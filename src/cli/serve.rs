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
use crate::store::syncing::Doubt;
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

    let most = most_connections(raise_open_files());
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
    say!("Interlude · 幕间  {}", env!("CARGO_PKG_VERSION"));
    say!("  data:    {}", database.label());
    if options.public_url.is_some() {
        say!("  listen:  {scheme}://{address}/");
    }
    say!("  open:    {public_url}/");
    let Some(opened) = open(&database, &listener, tls.as_ref(), &kept)? else { return Ok(()) };
    let Opened { store, doubts, secret } = opened;
    for doubt in doubts {
        tracing::warn!(mend = doubt.mend(), "{}; an acknowledgement does not mean synced", doubt.what());
    }
    let life = SessionLife { idle: options.session_idle * 60, absolute: options.session_lifetime * 60 };
    let limits = if options.rate_limits == Switch::On { Limits::on() } else { Limits::off() };
    store.follow_by(options.follow)?;
    let mut app = App::new(store.clone(), public_url.clone(), life, limits)?;
    app.metrics = options.metrics;
    app.proxies = Arc::new(options.proxies());
    app.requests = Connections::at_most(options.connections_per_address, true, Proxies::default());
    app.events = Arc::new(Events::new(store.clone(), options.event_listeners));
    app.provider = options.oidc.provider()?;
    app.pages.keep_in(kept);

    if let Some(secret) = secret {
        say!("  set up:  {public_url}/setup/{secret}");
        say!("           (makes the first administrator; works once)");
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
    if let Some(most) = most {
        tracing::info!(most, "so many connections are taken at a time: the system's limit of open files");
    }
    actix_web::rt::System::new().block_on(async move {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let clock = actix_web::rt::spawn(jobs::run(app.store.clone(), stopped));
        let serving = Serving { listener, workers: options.workers, connections, tls, most };
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

/// What is needed of the database before anybody is served.
struct Opened {
    store: Store,
    doubts: Vec<Doubt>,
    /// What the first administrator is made with, as long as there is none.
    secret: Option<String>,
}

impl Opened {
    fn of(database: Database) -> Result<Opened, Error> {
        let store = Store::open(database)?;
        let doubts = store.read_here(syncing::doubts)?;
        let secret = instance::make_setup_secret(&store)?;
        Ok(Opened { store, doubts, secret })
    }
}

/// The store; if its database is away for now, waits for it and shows meanwhile what is kept.
/// Nothing if the process was asked to end before that.
fn open(
    database: &Database,
    listener: &TcpListener,
    tls: Option<&Arc<Tls>>,
    kept: &KeptPages,
) -> anyhow::Result<Option<Opened>> {
    let mut waiting: Option<Waiting> = None;
    loop {
        let (tell, told) = std::sync::mpsc::channel();
        let at = database.clone();
        // A lock, or somebody who migrates, is waited for by itself; meanwhile somebody may be reading.
        std::thread::Builder::new().name("opening".into()).spawn(move || drop(tell.send(Opened::of(at))))?;
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
            Ok(opened) => {
                if let Some(waiting) = waiting {
                    tracing::info!("the database can be used");
                    waiting.end();
                }
                return Ok(Some(opened));
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

/// Whether it is worth waiting: a server may come back, a lock or a full disk may be cleared, and so may a
/// disk that fails. A file that cannot be opened was most likely named wrongly.
fn may_pass(database: &Database, error: &Error) -> bool {
    match error {
        Error::Busy | Error::Locked | Error::Full(_) => true,
        Error::Unavailable(why) => match database {
            Database::Postgres(_) => true,
            Database::Sqlite(file) => why.contains("disk I/O error") && file.is_file(),
        },
        _ => false,
    }
}

/// Files that are not connections of clients: those of the database, logs, pages, what is sent and packed.
const OTHER_FILES: u64 = 100;

/// How many connections the limit of open files leaves room for. Past it nobody could be taken, and
/// neither could a file be opened.
fn most_connections(files: Option<u64>) -> Option<usize> {
    let most = files?.saturating_sub(OTHER_FILES).max(OTHER_FILES / 2);
    usize::try_from(most).ok()
}

/// Takes all the open files that the system lets this process have, for every connection is one; gives
/// how many, if there is a limit.
#[cfg(unix)]
fn raise_open_files() -> Option<u64> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let before = getrlimit(Resource::Nofile);
    let mut limit = before;
    limit.current = limit.maximum;
    if limit.current != before.current
        && let Err(error) = setrlimit(Resource::Nofile, limit)
    {
        tracing::warn!(%error, "the limit of open files stays as it was");
        return before.current;
    }
    limit.current
}

#[cfg(not(unix))]
fn raise_open_files() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_for_the_rest() {
        assert_eq!(most_connections(Some(256)), Some(156));
        assert_eq!(most_connections(Some(20)), Some(50));
        assert_eq!(most_connections(None), None);
    }

    #[test]
    fn only_what_may_pass_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("there.db");
        std::fs::write(&there, "").unwrap();
        let there = Database::Sqlite(there);
        let missing = Database::Sqlite(folder.path().join("missing.db"));
        let failed = |why: &str| Error::Unavailable(why.to_owned());
        assert!(may_pass(&there, &failed("disk I/O error")));
        assert!(!may_pass(&missing, &failed("disk I/O error")));
        assert!(!may_pass(&there, &failed("unable to open database file")));
        assert!(!may_pass(&there, &failed("file is not a database")));
        assert!(!may_pass(&there, &Error::Refused("newer".to_owned())));
        assert!(may_pass(&Database::Postgres("postgres://h/d".to_owned()), &failed("could not connect")));
    }
}
