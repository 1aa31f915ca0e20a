//! What every request can reach: the store and what the server was told at its start.

use std::sync::{Arc, RwLock};

use crate::domain::instant::Instant;
use crate::domain::secret::InstanceKey;
use crate::store::instance::{self, Settings};
use crate::store::people::SessionLife;
use crate::store::{Result, Store};
use crate::web::cache::Cache;
use crate::web::limits::Limits;
use crate::web::metrics::MetricsFor;

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
    /// Who may read `/metrics`.
    pub metrics: MetricsFor,
    /// The public pages as bytes.
    pub pages: Arc<Cache>,
    public_url: Arc<String>,
    settings: Arc<RwLock<Arc<Settings>>>,
}

impl App {
    /// Reads what belongs to the instance. `public_url` has no slash at its end.
    pub fn new(store: Store, public_url: String, session_life: SessionLife, limits: Limits) -> Result<App> {
        let key = instance::key(&store)?;
        let settings = store.read_here(instance::settings)?;
        Ok(App {
            pages: Arc::new(Cache::new(store.clone())),
            store,
            key,
            session_life,
            limits: Arc::new(limits),
            metrics: MetricsFor::default(),
            public_url: Arc::new(public_url),
            settings: Arc::new(RwLock::new(Arc::new(settings))),
        })
    }

    /// The settings as last read.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.read().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// Takes new settings over into memory.
    pub fn replace_settings(&self, new: Settings) {
        *self.settings.write().unwrap_or_else(|e| e.into_inner()) = Arc::new(new);
    }

    /// The address that people use, without a slash at its end.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Whether people reach the server by https, so that cookies can insist on it.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// The present moment, for handlers that must say it to the domain before they write.
    pub fn now(&self) -> Instant {
        Instant::now()
    }
}
