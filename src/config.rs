//! What the server is told from outside: flags, each also an environment variable.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::domain::origin;
use crate::domain::provider::RoleMap;
use crate::store::connection::Database;
use crate::store::follow::Following;
use crate::web::metrics::MetricsFor;
use crate::web::provider::Options;
use crate::web::proxies::{Network, Proxies, ProxyHeaders};
use crate::web::tls::Files;

/// Where the data is; understood by every command.
#[derive(Debug, Clone, Args)]
pub struct DataOptions {
    /// A file of settings (TOML), under the names of the flags. Flags and environment go before it.
    #[arg(long, env = "INTERLUDE_CONFIG")]
    pub config: Option<PathBuf>,
    /// The folder that the embedded database lives in; made if it is missing.
    #[arg(long, env = "INTERLUDE_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// Another database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME. DATABASE_URL_FILE names
    /// a file that holds it.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
}

impl DataOptions {
    /// The database meant; the data folder exists afterwards if it is needed.
    pub fn database(&self) -> anyhow::Result<Database> {
        match &self.database_url {
            Some(url) => Database::parse(url).map_err(anyhow::Error::msg),
            None => {
                private_folder(&self.data_dir).map_err(|e| {
                    anyhow::anyhow!("cannot make the data folder {}: {e}", self.data_dir.display())
                })?;
                Ok(Database::Sqlite(self.data_dir.join("interlude.db")))
            }
        }
    }
}

/// Makes a folder, if it is missing, that nobody else may enter: contacts and passwords' hashes will
/// be in it.
fn private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// The address that people use, as browsers write it; empty if none is said.
fn web_address(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/');
    if text.is_empty() {
        return Ok(String::new());
    }
    origin::own(text).ok_or_else(|| {
        format!(
            "{text:?} is no web address: name http:// or https:// and a host, with its port if it is not the usual \
             one and without a path, such as https://status.example.com"
        )
    })
}

/// An address and a port to listen on.
fn place(text: &str) -> Result<String, String> {
    let name = |host: &str| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    let port = |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let named = text.rsplit_once(':').is_some_and(|(host, at)| name(host) && port(at));
    if named || text.parse::<SocketAddr>().is_ok() {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{text:?} is no address with a port, such as 127.0.0.1:8080, or 0.0.0.0:8080 for every address of the machine"
    ))
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
#[command(next_help_heading = "Server")]
pub struct ServeOptions {
    /// The address and port to listen on.
    #[arg(long, env = "INTERLUDE_LISTEN", default_value = "127.0.0.1:8080", value_parser = place)]
    pub listen: String,
    /// The address that people use, if a proxy stands in front, such as `https://status.example.com`
    #[arg(long, env = "INTERLUDE_PUBLIC_URL", value_parser = web_address)]
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
    /// A folder for backups by the clock; none are made if not said. Instances that share the folder
    /// and a PostgreSQL database make each backup once.
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
    /// Proxies in front of the server, addresses and networks with commas between them: what they
    /// say of where a request comes from is believed. Nobody is, if not said.
    #[arg(long, env = "INTERLUDE_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<Network>,
    /// Which headers those proxies set: X-Forwarded-For, -Proto and -Host, or Forwarded (RFC 7239).
    #[arg(long, env = "INTERLUDE_PROXY_HEADERS", value_enum, default_value = "x-forwarded")]
    pub proxy_headers: ProxyHeaders,
    /// TLS of the server's own: a file with the certificate and those between it and the root (PEM).
    /// It is read again when it changes.
    #[arg(long, env = "INTERLUDE_TLS_CERTIFICATE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// The file with the certificate's private key (PEM).
    #[arg(long, env = "INTERLUDE_TLS_KEY", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
    /// How many connections one address may hold open, and how many requests it may have under way
    /// through a trusted proxy; 0: as many as it likes. Proxies, and loopback addresses, are not
    /// limited themselves.
    #[arg(long, env = "INTERLUDE_CONNECTIONS_PER_ADDRESS", default_value_t = 200)]
    pub connections_per_address: usize,
    /// What is logged: a level, or levels by part, as in `warn,interlude=debug`.
    #[arg(long, env = "INTERLUDE_LOG", default_value = "warn,interlude=info")]
    pub log: String,
    /// How many may listen at `/events` at the same time; who comes after them polls.
    #[arg(long, env = "INTERLUDE_EVENT_LISTENERS", default_value_t = crate::web::events::MOST)]
    pub event_listeners: usize,
    /// How changes of other processes are learnt; only for tests of each way alone.
    #[arg(long, env = "INTERLUDE_FOLLOW", value_enum, default_value = "both", hide = true)]
    pub follow: Following,
    #[command(flatten)]
    pub oidc: OidcOptions,
    /// Logs as JSON lines instead of text.
    #[arg(long, env = "INTERLUDE_LOG_JSON")]
    pub log_json: bool,
}

impl ServeOptions {
    /// The proxies that are believed.
    pub fn proxies(&self) -> Proxies {
        Proxies::new(self.trusted_proxies.clone(), self.proxy_headers)
    }

    /// Certificate and key, if both are named.
    pub fn tls(&self) -> Option<Files> {
        let (certificate, key) = self.tls_certificate.clone().zip(self.tls_key.clone())?;
        Some(Files { certificate, key })
    }

    /// The address that people use, if it was said, without a slash at its end.
    pub fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref().filter(|url| !url.is_empty())
    }
}

/// The organisation's own log-in (OpenID Connect); off unless an issuer is named.
#[derive(Debug, Clone, Args)]
pub struct OidcOptions {
    /// Let people log in through this OpenID Connect provider, such as `https://login.example.com/realms/x`
    #[arg(long, env = "INTERLUDE_OIDC_ISSUER", value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// What this server is called at the provider.
    #[arg(long, env = "INTERLUDE_OIDC_CLIENT_ID", value_name = "ID")]
    pub oidc_client_id: Option<String>,
    /// The secret that this server has at the provider; better in a file.
    #[arg(long, env = "INTERLUDE_OIDC_CLIENT_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub oidc_client_secret: Option<String>,
    /// A file whose first line is that secret.
    #[arg(long, env = "INTERLUDE_OIDC_CLIENT_SECRET_FILE", value_name = "FILE")]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// What the button says: “Log in with …”; the provider's host if not said.
    #[arg(long, env = "INTERLUDE_OIDC_NAME", value_name = "NAME")]
    pub oidc_name: Option<String>,
    /// What is asked of the provider besides who somebody is.
    #[arg(long, env = "INTERLUDE_OIDC_SCOPES", value_name = "SCOPES", default_value = "profile email")]
    pub oidc_scopes: String,
    /// The claim that roles are read from.
    #[arg(long, env = "INTERLUDE_OIDC_ROLE_CLAIM", value_name = "CLAIM", default_value = "groups")]
    pub oidc_role_claim: String,
    /// Who may come in, and as what: GROUP=ROLE,…; `*` is everybody there. If not said, only people whose
    /// account here is linked with the provider.
    #[arg(long, env = "INTERLUDE_OIDC_ROLES", value_name = "MAP", default_value = "")]
    pub oidc_roles: RoleMap,
}

impl OidcOptions {
    /// The provider, if one is named.
    pub fn provider(&self) -> anyhow::Result<Option<Options>> {
        let Some(issuer) = self.oidc_issuer.clone().filter(|issuer| !issuer.is_empty()) else {
            return Ok(None);
        };
        anyhow::ensure!(
            cfg!(feature = "oidc"),
            "an OpenID Connect provider is named, but this program was built without the feature oidc"
        );
        let host = issuer.split("://").nth(1).unwrap_or_default().split('/').next().unwrap_or_default();
        let name = host.split(':').next().unwrap_or_default();
        anyhow::ensure!(
            issuer.starts_with("https://") || matches!(name, "127.0.0.1" | "localhost"),
            "the issuer {issuer:?} must begin with https://, for it says who may come in"
        );
        let client_id = self.oidc_client_id.clone().filter(|id| !id.is_empty());
        let client_id = client_id.ok_or_else(|| anyhow::anyhow!("--oidc-issuer needs --oidc-client-id"))?;
        let client_secret = match &self.oidc_client_secret_file {
            Some(file) => {
                let text = std::fs::read_to_string(file)
                    .map_err(|e| anyhow::anyhow!("cannot read {}: {e}", file.display()))?;
                Some(text.lines().next().unwrap_or_default().trim().to_owned())
            }
            None => self.oidc_client_secret.clone(),
        };
        Ok(Some(Options {
            client_id,
            client_secret: client_secret.filter(|secret| !secret.is_empty()),
            name: self.oidc_name.clone().unwrap_or_else(|| host.to_owned()),
            scopes: self.oidc_scopes.clone(),
            role_claim: self.oidc_role_claim.clone(),
            roles: self.oidc_roles.clone(),
            issuer,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_as_browsers_write_them() {
        for (text, kept) in [
            ("", ""),
            ("/", ""),
            (" https://status.example.com// ", "https://status.example.com"),
            ("HTTPS://Status.example.com:443", "https://status.example.com"),
            ("http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080"),
            ("http://Our_Server:8080", "http://our_server:8080"),
            ("http://_our-server_:80", "http://_our-server_"),
        ] {
            assert_eq!(web_address(text).as_deref(), Ok(kept), "{text}");
        }
        for bad in
            ["garbage", "https:", "ftp://a", "https://a/b", "https://a?b", "https://u@a", "https://a:0"]
        {
            assert!(web_address(bad).is_err(), "{bad}");
        }
        for good in ["127.0.0.1:0", "[::]:8080", "localhost:80", "our_server.example:80"] {
            assert_eq!(place(good).as_deref(), Ok(good));
        }
        for bad in ["", "5", "localhost", ":80", "::1:80", "a:", "a:+1", "a:65536", "a b:80", "http://a:80"] {
            assert!(place(bad).is_err(), "{bad}");
        }
    }
}
