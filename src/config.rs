//! What the server is told from outside: flags, each also an environment variable.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::store::connection::Database;
use crate::web::metrics::MetricsFor;

/// Where the data is; understood by every command.
#[derive(Debug, Clone, Args)]
pub struct DataOptions {
    /// The folder that the embedded database lives in; made if it is missing.
    #[arg(long, env = "INTERLUDE_DATA_DIR", default_value = "data", global = true)]
    pub data_dir: PathBuf,
    /// Another database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
}

impl DataOptions {
    /// The database meant; the data folder exists afterwards if it is needed.
    pub fn database(&self) -> anyhow::Result<Database> {
        match &self.database_url {
            Some(url) => Database::parse(url).map_err(anyhow::Error::msg),
            None => {
                std::fs::create_dir_all(&self.data_dir).map_err(|e| {
                    anyhow::anyhow!("cannot make the data folder {}: {e}", self.data_dir.display())
                })?;
                Ok(Database::Sqlite(self.data_dir.join("interlude.db")))
            }
        }
    }
}

/// Whether something is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// It is.
    On,
    /// It is not.
    Off,
}

/// What only the server needs.
#[derive(Debug, Clone, Args)]
pub struct ServeOptions {
    /// The address and port to listen on.
    #[arg(long, env = "INTERLUDE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// The address that people use, if a proxy stands in front, such as `https://status.example.com`
    #[arg(long, env = "INTERLUDE_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Limits on how often one address may log in, try codes or report.
    #[arg(long, env = "INTERLUDE_RATE_LIMITS", value_enum, default_value = "on")]
    pub rate_limits: Switch,
    /// After how many minutes without use a log-in ends.
    #[arg(long, env = "INTERLUDE_SESSION_IDLE", default_value_t = 720, value_parser = clap::value_parser!(i64).range(5..=43_200))]
    pub session_idle: i64,
    /// After how many minutes a log-in ends in any case.
    #[arg(long, env = "INTERLUDE_SESSION_LIFETIME", default_value_t = 10_080, value_parser = clap::value_parser!(i64).range(5..=525_600))]
    pub session_lifetime: i64,
    /// A folder for backups by the clock; none are made if not said. Name it to one instance only.
    #[arg(long, env = "INTERLUDE_BACKUP_DIR")]
    pub backup_dir: Option<PathBuf>,
    /// How many hours lie between two backups.
    #[arg(long, env = "INTERLUDE_BACKUP_EVERY", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=8_760))]
    pub backup_every: u32,
    /// How many backups are kept; older ones are removed.
    #[arg(long, env = "INTERLUDE_BACKUP_KEEP", default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub backup_keep: u32,
    /// How many threads answer requests; as many as there are cores if not said.
    #[arg(long, env = "INTERLUDE_WORKERS")]
    pub workers: Option<usize>,
    /// Who may read /metrics: programs on this machine that do not come through a proxy, everybody, nobody.
    #[arg(long, env = "INTERLUDE_METRICS", value_enum, default_value = "local")]
    pub metrics: MetricsFor,
    /// How many connections one address may hold open; 0: as many as it likes. A proxy on this
    /// machine is not limited.
    #[arg(long, env = "INTERLUDE_CONNECTIONS_PER_ADDRESS", default_value_t = 200)]
    pub connections_per_address: usize,
    /// Logs as JSON lines instead of text.
    #[arg(long, env = "INTERLUDE_LOG_JSON")]
    pub log_json: bool,
}
