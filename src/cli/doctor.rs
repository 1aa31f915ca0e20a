//! `interlude doctor`

mod clock;
mod folders;
mod server;

use std::net::TcpListener;
use std::time::Duration;

use crate::config::{DataOptions, ServeOptions};
use crate::domain::instant::Instant;
use crate::store::connection::Database;
use crate::store::{Store, instance, people, syncing, verify};
use crate::web::tls::Files;

/// What a check found.
enum Found {
    Good(String),
    /// It works, and here is what would be better.
    Warning(String, &'static str),
    /// It does not work, and this mends it.
    Bad(String, &'static str),
}

impl Found {
    /// The same with how much room is free, if it is good.
    fn with_room(self, free: String) -> Found {
        match self {
            Found::Good(what) => Found::Good(format!("{what}, {free} free")),
            other => other,
        }
    }
}

pub(super) fn run(data: &DataOptions, options: &ServeOptions) -> anyhow::Result<()> {
    let mut checks = vec![
        ("data folder", folders::data(data)),
        ("clock", clock::alone(Instant::now())),
        ("address", listen(&options.listen)),
    ];
    checks.extend(public_url(options));
    checks.extend(data.config.as_deref().map(|file| ("configuration file", folders::secret(file))));
    checks.push(("proxies", proxies(options)));
    if let Some(files) = options.tls() {
        checks.push(("certificate", certificate(&files, Instant::now())));
        checks.push(("its key", folders::secret(&files.key)));
    }
    checks.extend(options.backup_dir.as_deref().map(|folder| ("backups", folders::backups(folder))));
    if let Database::Sqlite(path) = data.database()? {
        checks.extend(folders::embedded(&path, data.database_url.is_none()));
    }
    checks.extend(database(data));
    let mut bad = 0;
    for (name, found) in checks {
        let (mark, what, mend) = match found {
            Found::Good(what) => ("ok     ", what, None),
            Found::Warning(what, mend) => ("warning", what, Some(mend)),
            Found::Bad(what, mend) => {
                bad += 1;
                ("PROBLEM", what, Some(mend))
            }
        };
        say!("{mark}  {name}: {what}");
        if let Some(mend) = mend {
            say!("         -> {mend}");
        }
    }
    if bad > 0 {
        return Err(super::Coded {
            code: super::exit::DAMAGED,
            message: format!("{bad} problem(s); see above for how to mend each"),
        }
        .into());
    }
    Ok(())
}

fn listen(address: &str) -> Found {
    match TcpListener::bind(address) {
        Ok(_) => Found::Good(format!("{address} is free to listen on")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Found::Warning(
            format!("something listens on {address} already"),
            "fine if it is Interlude; else choose another one with --listen",
        ),
        Err(error) => {
            Found::Bad(format!("{address}: {error}"), "name an address of this machine with --listen")
        }
    }
}

fn public_url(options: &ServeOptions) -> Vec<(&'static str, Found)> {
    let found = match options.public_url() {
        None => Found::Warning(
            "not set: links will name the address listened on".to_owned(),
            "set INTERLUDE_PUBLIC_URL to the address that people type, such as https://status.example.com",
        ),
        Some(url) if url.starts_with("https://") => return answers(url),
        Some(url) => Found::Warning(
            format!("{url} is not encrypted: passwords and receipts can be read on the way"),
            "put a proxy with a certificate in front and name its https address, or see --tls-certificate",
        ),
    };
    vec![("public address", found)]
}

/// A client for short questions; `any_certificate` is for asking oneself by an address that no
/// certificate names.
pub(super) fn client(patience: Duration, any_certificate: bool) -> ureq::Agent {
    let tls = ureq::tls::TlsConfig::builder().disable_verification(any_certificate).build();
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(patience))
        .http_status_as_error(false)
        .tls_config(tls)
        .build();
    config.into()
}

/// Whether Interlude answers where people will ask for it, and what time it is there.
fn answers(url: &str) -> Vec<(&'static str, Found)> {
    let before = Instant::now();
    let asked = client(Duration::from_secs(5), false).get(format!("{url}/healthz")).call();
    let ours = (before, Instant::now());
    let date = asked.as_ref().ok().and_then(|answer| answer.headers().get("date"));
    let theirs = date.and_then(|date| clock::dated(date.to_str().ok()?));
    let found = match asked.map(|answer| answer.status().as_u16()) {
        Ok(200) => Found::Good(format!("{url} answers")),
        Ok(status) => Found::Warning(
            format!("{url}/healthz answers {status}, which is not what Interlude says"),
            "see that the name and the proxy lead to this server",
        ),
        Err(error) => Found::Warning(
            format!("{url} does not answer from here: {error}"),
            "fine before the server runs, or where it is not reachable from its own machine; else see DNS, proxy and certificate",
        ),
    };
    let clock = theirs.map(|theirs| ("clock", clock::against(url, theirs, ours, 1)));
    [("public address", found)].into_iter().chain(clock).collect()
}

fn proxies(options: &ServeOptions) -> Found {
    let loopback = options.listen.starts_with("127.") || options.listen.starts_with("[::1]");
    let trusted = &options.trusted_proxies;
    if trusted.is_empty() && loopback && options.public_url().is_some() && options.tls().is_none() {
        return Found::Warning(
            "the server is asked through a proxy, but none is named: all people count as one address for rate limits".to_owned(),
            "set INTERLUDE_TRUSTED_PROXIES=127.0.0.1 (see docs/operating.md)",
        );
    }
    let all = |network: &str| network.parse().is_ok_and(|all| trusted.contains(&all));
    if all("0.0.0.0/0") || all("::/0") {
        return Found::Warning(
            "everybody is believed to be a proxy, so everybody can pass for any address".to_owned(),
            "name the addresses of the proxies alone",
        );
    }
    match trusted.len() {
        0 => Found::Good("none is believed".to_owned()),
        n => Found::Good(format!("{n} addresses or networks are believed")),
    }
}

/// Warned of a certificate that ends in so many days.
const CERTIFICATE_DAYS: i64 = 14;

fn certificate(files: &Files, now: Instant) -> Found {
    const RENEW: &str = "renew it; the server takes the new one over by itself";
    if let Err(why) = files.read() {
        return Found::Bad(why, "name a certificate and its key, both PEM, that fit each other");
    }
    match files.valid_until() {
        None => Found::Warning("it is not known until when it is valid".to_owned(), RENEW),
        Some(until) if until <= now => Found::Bad(format!("valid until {until} only"), RENEW),
        Some(until) if until <= now.plus_hours(24 * CERTIFICATE_DAYS) => {
            Found::Warning(format!("valid until {until} only"), RENEW)
        }
        Some(until) => Found::Good(format!("valid until {until}")),
    }
}

fn database(data: &DataOptions) -> Vec<(&'static str, Found)> {
    const REACH: &str = "see that the database runs and that its address, user and password are right";
    let opened = || {
        let database = data.database()?;
        match Store::lacking(&database)? {
            // Looking must not change anything.
            0 => Ok(Ok(Store::open(database)?)),
            n => Ok::<_, anyhow::Error>(Err((database.label(), n))),
        }
    };
    let store = match opened() {
        Ok(Ok(store)) => store,
        Ok(Err((label, lacking))) => {
            return vec![(
                "database",
                Found::Warning(
                    format!("{label}: new or of an older version, it lacks {lacking} migration(s)"),
                    "if it holds anything: `interlude backup FILE`; the next start brings it to this version",
                ),
            )];
        }
        Err(error) => return vec![("database", Found::Bad(format!("{error:#}"), REACH))],
    };
    let mut found = vec![("database", Found::Good(store.database().label()))];
    match store.read_here(syncing::doubts) {
        Ok(doubts) if doubts.is_empty() => {
            found.push(("sync", Found::Good("before each acknowledgement".to_owned())));
        }
        Ok(doubts) => {
            found.extend(doubts.into_iter().map(|d| ("sync", Found::Warning(d.what().to_owned(), d.mend()))))
        }
        Err(error) => found.push(("sync", Found::Bad(error.to_string(), REACH))),
    }
    found.extend(server::all(&store));
    found.push(match store.snapshot(verify::verify) {
        Ok(checked) if checked.findings.is_empty() => {
            ("contents", Found::Good(format!("{} reports, nothing wrong", checked.reports)))
        }
        Ok(checked) => (
            "contents",
            Found::Bad(
                format!("{} finding(s), the first: {}", checked.findings.len(), checked.findings[0]),
                "keep a copy, then see `interlude verify`; restore the last good backup if need be",
            ),
        ),
        Err(error) => ("contents", Found::Bad(error.to_string(), REACH)),
    });
    let people = store.read_here(|c| Ok((people::any(c)?, instance::settings(c)?)));
    found.push(match people {
        Ok((true, settings)) if !settings.service_name.is_empty() => {
            ("set-up", Found::Good(format!("{}, {}", settings.service_name, settings.time_zone)))
        }
        Ok((true, _)) => {
            ("set-up", Found::Warning("the service has no name".to_owned(), "give it one under Settings"))
        }
        Ok((false, _)) => (
            "set-up",
            Found::Warning(
                "nobody can log in yet".to_owned(),
                "start the server and open the link that it prints, or use `interlude user add`",
            ),
        ),
        Err(error) => ("set-up", Found::Bad(error.to_string(), REACH)),
    });
    found
}
