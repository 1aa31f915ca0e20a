//! What every request can reach: the store and what the server was told at its start.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::secret::InstanceKey;
use crate::store::alarms;
use crate::store::changes::{self, Kind};
use crate::store::connection::Db;
use crate::store::insights::Reader;
use crate::store::instance::{self, Settings};
use crate::store::people::SessionLife;
use crate::store::{Result, Store};
use crate::web::cache::Cache;
use crate::web::connections::Connections;
use crate::web::events::{self, Events};
use crate::web::last::Readings;
use crate::web::limits::Limits;
use crate::web::metrics::MetricsFor;
use crate::web::provider::Options;
use crate::web::proxies::Proxies;

/// The state shared by all workers. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The two doors.
    pub store: Store,
    /// From which receipts are derived.
    pub key: InstanceKey,
    /// How long sessions live.
    pub session_life: SessionLife,
    /// How often one address may do what is dear.
    pub limits: Arc<Limits>,
    /// Which proxies are believed.
    pub proxies: Arc<Proxies>,
    /// How many requests of one address may be under way through them.
    pub requests: Arc<Connections>,
    /// Who may read `/metrics`.
    pub metrics: MetricsFor,
    /// The organisation's own log-in, if there is one.
    pub provider: Option<Options>,
    /// The public pages as bytes.
    pub pages: Arc<Cache>,
    /// What everybody may see, as it was last read.
    pub last: Arc<Readings>,
    /// Those who are told of changes as they happen.
    pub events: Arc<Events>,
    public_url: Arc<String>,
    settings: Arc<RwLock<Arc<Settings>>>,
    /// How many alarms nobody has decided about, as last counted.
    undecided: Arc<AtomicI64>,
}

impl App {
    /// Reads what belongs to the instance. `public_url` has no slash at its end.
    pub fn new(store: Store, public_url: String, session_life: SessionLife, limits: Limits) -> Result<App> {
        let key = instance::key(&store)?;
        store.follow()?;
        let settings = store.read_here(instance::settings)?;
        Ok(App {
            pages: Arc::new(Cache::new(store.clone())),
            last: Arc::default(),
            events: Arc::new(Events::new(store.clone(), events::MOST)),
            store,
            key,
            session_life,
            limits: Arc::new(limits),
            proxies: Arc::default(),
            requests: Connections::at_most(0, true, Proxies::default()),
            metrics: MetricsFor::default(),
            provider: None,
            public_url: Arc::new(public_url),
            settings: Arc::new(RwLock::new(Arc::new(settings))),
            undecided: Arc::default(),
        })
    }

    /// The settings as last read.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.read().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// How many alarms nobody has decided about: known without asking the database, for every page of
    /// staff says it. A moment old at most.
    pub fn undecided_alarms(&self) -> i64 {
        self.undecided.load(Ordering::Relaxed)
    }

    /// Counts them now, for whoever has just decided about one.
    pub async fn count_undecided_alarms(&self) -> Result<()> {
        let counted = self.store.read(alarms::undecided).await?;
        self.undecided.store(counted, Ordering::Relaxed);
        Ok(())
    }

    /// What the organisation's own log-in is called, if there is one.
    pub fn provider_name(&self) -> Option<String> {
        self.provider.as_ref().map(|provider| provider.name.clone())
    }

    /// Takes new settings over into memory.
    pub fn replace_settings(&self, new: Settings) {
        *self.settings.write().unwrap_or_else(|e| e.into_inner()) = Arc::new(new);
    }

    /// Takes new settings over if the present ones are still those; says whether they were.
    fn replace_if_still(&self, held: &Arc<Settings>, new: Settings) -> bool {
        let mut present = self.settings.write().unwrap_or_else(|e| e.into_inner());
        let still = Arc::ptr_eq(&present, held);
        if still {
            *present = Arc::new(new);
        }
        still
    }

    /// Takes over into memory what other processes set, and how many alarms are undecided, as that
    /// changes; never ends.
    pub async fn follow_settings(self) {
        let mut changed = self.store.changed();
        let mut seen = None;
        loop {
            // Reports announce themselves by the thousand: a moment's wait takes them together.
            tokio::time::sleep(FOLLOW).await;
            let held = self.settings();
            match self.store.read(move |c| Ok((news(c, seen)?, alarms::undecided(c)?))).await {
                Ok(((latest, settings), undecided)) => {
                    self.undecided.store(undecided, Ordering::Relaxed);
                    // What was read may be older than what this process set meanwhile: then once more.
                    if settings.is_some_and(|new| !self.replace_if_still(&held, new)) {
                        continue;
                    }
                    seen = Some(latest);
                }
                Err(error) => {
                    tracing::debug!(%error, "the settings cannot be followed at present");
                    tokio::time::sleep(FOLLOW).await;
                    continue;
                }
            }
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    /// The address that people use, without a slash at its end.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Whether people reach the server by https, so that cookies can insist on it.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Who reads figures and improvements in this language, now.
    pub fn reader(&self, language: Language) -> Reader {
        Reader { language, default: self.settings().default_language, now: self.now() }
    }

    /// The present moment, for handlers that must say it to the domain before they write.
    pub fn now(&self) -> Instant {
        Instant::now()
    }
}

/// How long changes are gathered before the settings are read again.
const FOLLOW: Duration = Duration::from_millis(200);

/// The latest change, and the settings if they changed since `seen`, or if that cannot be told.
fn news(connection: &mut Db, seen: Option<i64>) -> Result<(i64, Option<Settings>)> {
    let Some(seen) = seen else {
        return Ok((changes::latest(connection)?, Some(instance::settings(connection)?)));
    };
    let new = changes::after(connection, seen)?;
    let latest = new.last().map_or(seen, |(id, ..)| *id);
    if new.iter().any(|(_, kind, _)| *kind == Kind::Settings) {
        return Ok((latest, Some(instance::settings(connection)?)));
    }
    // There are more than one look gives.
    if new.len() >= 1_000 { news(connection, None) } else { Ok((latest, None)) }
}
