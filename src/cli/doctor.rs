//! `interlude doctor`

use std::net::TcpListener;
use std::path::Path;

use crate::config::{DataOptions, ServeOptions};
use crate::domain::instant::Instant;
use crate::store::connection::Database;
use crate::store::{Store, instance, people, verify};

/// Below this much free space next to the database something must be done: 1 GiB.
const SPACE_LOW: u64 = 1 << 30;

/// What a check found.
enum Found {
    Good(String),
    /// It works, and here is what would be better.
    Warning(String, &'static str),
    /// It does not work, and this mends it.
    Bad(String, &'static str),
}

pub(super) fn run(data: &DataOptions, options: &ServeOptions) -> anyhow::Result<()> {
    let mut checks = vec![
        ("data folder", folder(data)),
        ("clock", clock(Instant::now())),
        ("address", listen(&options.listen)),
        ("public address", public_url(options.public_url.as_deref().filter(|url| !url.is_empty()))),
    ];
    if let Database::Sqlite(path) = data.database()? {
        checks.push(("free space", space(path.parent().unwrap_or(Path::new(".")))));
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
        println!("{mark}  {name}: {what}");
        if let Some(mend) = mend {
            println!("         -> {mend}");
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

fn folder(data: &DataOptions) -> Found {
    if data.database_url.is_some() {
        return Found::Good("not used: DATABASE_URL names the database".to_owned());
    }
    let shown = data.data_dir.display();
    if let Err(error) = std::fs::create_dir_all(&data.data_dir) {
        return Found::Bad(format!("{shown} cannot be made: {error}"), "choose another one with --data-dir");
    }
    match tempfile::tempfile_in(&data.data_dir) {
        Err(error) => Found::Bad(
            format!("nothing can be written in {shown}: {error}"),
            "make the user that runs the server the owner of the folder",
        ),
        Ok(_) => others_may_read(&data.data_dir),
    }
}

#[cfg(unix)]
fn others_may_read(folder: &Path) -> Found {
    use std::os::unix::fs::PermissionsExt;
    let shown = folder.display();
    match std::fs::metadata(folder).map(|m| m.permissions().mode() & 0o077) {
        Ok(0) => Found::Good(format!("{shown} can be written by its owner alone")),
        Ok(_) => Found::Warning(
            format!("{shown} can be entered by other users of this machine, and it holds contacts"),
            "chmod 700 the folder",
        ),
        Err(error) => Found::Bad(format!("{shown}: {error}"), "see whether the folder exists"),
    }
}

#[cfg(not(unix))]
fn others_may_read(folder: &Path) -> Found {
    Found::Good(format!("{} can be written", folder.display()))
}

/// The program was made after the first of these moments; a clock far from it is wrong.
fn clock(now: Instant) -> Found {
    let (made, late) = ("2026-01-01T00:00:00Z", "2100-01-01T00:00:00Z");
    let sane = Instant::parse_rfc3339(made).is_some_and(|t| now > t)
        && Instant::parse_rfc3339(late).is_some_and(|t| now < t);
    if sane {
        Found::Good(format!("{now}"))
    } else {
        Found::Bad(
            format!("it shows {now}"),
            "set the machine's clock, best by NTP (timedatectl set-ntp true)",
        )
    }
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

fn public_url(url: Option<&str>) -> Found {
    const MEND: &str =
        "set INTERLUDE_PUBLIC_URL to the address that people type, such as https://status.example.com";
    match url {
        None => Found::Warning("not set: links will name the address listened on".to_owned(), MEND),
        Some(url) if url.starts_with("https://") => Found::Good(url.to_owned()),
        Some(url) if url.starts_with("http://") => Found::Warning(
            format!("{url} is not encrypted: passwords and receipts can be read on the way"),
            "put a proxy with a certificate in front and name its https address",
        ),
        Some(url) => Found::Bad(format!("{url} is no web address"), MEND),
    }
}

/// What `df` says, for the standard library cannot tell.
fn space(folder: &Path) -> Found {
    let told = std::process::Command::new("df").arg("-Pk").arg(folder).output();
    let free = told.ok().and_then(|out| {
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        text.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok().map(|k| k * 1_024)
    });
    match free {
        None => Found::Warning("not known".to_owned(), "see that the disk does not run full"),
        Some(free) if free < SPACE_LOW => Found::Bad(
            format!("{} MiB", free >> 20),
            "make room: a full disk stops everything that is sent from being kept",
        ),
        Some(free) => Found::Good(format!("{} GiB", free >> 30)),
    }
}

fn database(data: &DataOptions) -> Vec<(&'static str, Found)> {
    const REACH: &str = "see that the database runs and that its address, user and password are right";
    let opened = data.database().and_then(|d| Ok(Store::open(d)?));
    let store = match opened {
        Ok(store) => store,
        Err(error) => return vec![("database", Found::Bad(format!("{error:#}"), REACH))],
    };
    let mut found = vec![("database", Found::Good(store.database().label()))];
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
