//! What the program is told: flags before environment before file, secrets in files of their own, and
//! what it says of it all.

use std::path::Path;
use std::process::{Command, Output};

use interlude::store::Store;
use interlude::store::connection::Database;

use crate::support::process::{PROGRAM, Start};
use crate::support::{Place, raw};

/// Runs the program without any setting of whoever runs the tests.
fn run(settings: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    for (name, _) in
        std::env::vars().filter(|(n, _)| n.starts_with("INTERLUDE_") || n.starts_with("DATABASE_URL"))
    {
        command.env_remove(name);
    }
    command.envs(settings.iter().copied()).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[track_caller]
fn refused(output: &Output, what: &str) {
    assert_eq!(output.status.code(), Some(2), "{}", said(output));
    assert!(said(output).contains(what), "{what:?} is not in: {}", said(output));
}

fn write(path: &Path, text: &str) -> String {
    std::fs::write(path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Of a setting that is said three times the flag counts, then the environment, then the file; and
/// what is printed is a file that says the same.
#[test]
fn flags_go_before_environment_before_file() {
    let folder = tempfile::tempdir().unwrap();
    let text = "listen = \"127.0.0.1:1111\"\nsession_idle = 60\nworkers = 3\nlog-json = true\n\
                trusted-proxies = [\"10.0.0.0/8\", \"127.0.0.1\"]\n";
    let file = write(&folder.path().join("interlude.toml"), text);
    let settings = [("INTERLUDE_CONFIG", file.as_str()), ("INTERLUDE_SESSION_IDLE", "61")];
    for arguments in [&["--workers", "5", "config"][..], &["config", "--workers=5"]] {
        let output = run(&settings, arguments);
        let printed = said(&output);
        assert!(output.status.success(), "{printed}");
        let line = |name: &str| printed.lines().find(|l| l.starts_with(&format!("{name} = "))).unwrap_or("");
        for (name, value, from) in [
            ("listen", "\"127.0.0.1:1111\"", file.as_str()),
            ("session-idle", "61", "INTERLUDE_SESSION_IDLE"),
            ("workers", "5", "--workers"),
            ("log-json", "true", file.as_str()),
            ("trusted-proxies", "[\"10.0.0.0/8\", \"127.0.0.1\"]", file.as_str()),
            ("backup-keep", "14", "default"),
        ] {
            assert!(line(name).starts_with(&format!("{name} = {value} ")), "{name}: {printed}");
            assert!(line(name).ends_with(&format!("# {from}")), "{name}: {printed}");
        }
        // Given back, it means the same.
        let again = write(&folder.path().join("again.toml"), &printed);
        let second = said(&run(&[], &["--config", &again, "config"]));
        let values = |text: &str| {
            text.lines()
                .filter_map(|l| l.split_once(" #").map(|(v, _)| v.trim_end().to_owned()))
                .collect::<Vec<_>>()
        };
        let (one, two) = (values(&printed), values(&second));
        assert_eq!(one.len(), two.len());
        for (one, two) in one.iter().zip(&two).filter(|(one, _)| !one.starts_with("config = ")) {
            assert_eq!(one, two);
        }
    }
    // The same without a file.
    let plain = said(&run(&[], &["config"]));
    assert!(plain.contains("listen = \"127.0.0.1:8080\""), "{plain}");
}

/// What is misspelled is refused, and the nearest name is offered.
#[test]
fn what_is_not_known_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let with = |text: &str| {
        let file = write(&folder.path().join("interlude.toml"), text);
        run(&[], &["--config", &file, "config"])
    };
    refused(&with("publik-url = \"https://status.example.com\"\n"), "did you mean \"public-url\"?");
    refused(&with("listen = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:2\"\n"), "interlude.toml");
    refused(&with("session-idle = 60\nsession_idle = 61\n"), "said twice");
    refused(&with("[server]\nlisten = \"127.0.0.1:1\"\n"), "server");
    refused(&with("listen = 1.5\n"), "listen must be");
    refused(&with("this is no file of settings"), "interlude.toml");
    refused(&with("session-idle = 1\n"), "session-idle");
    refused(&with("trusted-proxies = [\"10.0.0.0/40\"]\n"), "neither an address nor a network");
    refused(&run(&[], &["--config", "/nowhere/at-all.toml", "config"]), "/nowhere/at-all.toml");
    refused(&run(&[("INTERLUDE_TRUSTED_PROXIES", "everybody")], &["config"]), "everybody");
    refused(&run(&[], &["--tls-certificate", "x.pem", "config"]), "--tls-key");
    refused(&run(&[("INTERLUDE_LOG", "loud=very=much")], &["serve", "--listen", "127.0.0.1:0"]), "--log");
}

/// What is no address is refused by whatever is asked, wherever it is said, with a word on how to mend it;
/// a server that printed links to it would only be found out by those who follow them.
#[test]
fn what_is_no_address_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let in_file = |text: &str, command: &str| {
        let file = write(&folder.path().join("interlude.toml"), text);
        run(&[("INTERLUDE_DATA_DIR", folder.path().to_str().unwrap())], &["--config", &file, command])
    };
    for command in ["serve", "config", "doctor"] {
        for url in [
            "garbage",
            "status.example.com",
            "ftp://status.example.com",
            "https://",
            "https:///",
            "https://status.example.com/interlude",
            "https://status.example.com/?x=1",
            "https://somebody@status.example.com",
            "https://status.example.com:0",
            "https://status.example.com:99999",
            "https://sta tus.example.com",
        ] {
            let settings = [("INTERLUDE_PUBLIC_URL", url), ("INTERLUDE_LISTEN", "127.0.0.1:0")];
            refused(&run(&settings, &[command]), "such as https://status.example.com");
        }
        refused(&in_file("public-url = \"garbage\"\n", command), "--public-url");
        for listen in [
            "\"\"",
            "5",
            "\"localhost\"",
            "\":8080\"",
            "\"127.0.0.1:\"",
            "\"127.0.0.1:99999\"",
            "\"::1:8080\"",
        ] {
            let output = in_file(&format!("listen = {listen}\n"), command);
            refused(&output, "--listen");
            refused(&output, "such as 127.0.0.1:8080");
        }
        refused(&run(&[("INTERLUDE_LISTEN", "")], &[command]), "such as 127.0.0.1:8080");
    }
    for (name, value) in [
        ("INTERLUDE_PUBLIC_URL", ""),
        ("INTERLUDE_PUBLIC_URL", "https://status.example.com/"),
        ("INTERLUDE_PUBLIC_URL", "HTTPS://Status.Example.com:443"),
        ("INTERLUDE_PUBLIC_URL", "http://192.0.2.7:8080"),
        ("INTERLUDE_PUBLIC_URL", "http://[2001:db8::1]:8080"),
        ("INTERLUDE_PUBLIC_URL", "http://our_server:8080"),
        ("INTERLUDE_LISTEN", "[::]:8080"),
        ("INTERLUDE_LISTEN", "localhost:8080"),
        ("INTERLUDE_LISTEN", "our_server:80"),
    ] {
        let output = run(&[(name, value)], &["config"]);
        assert!(output.status.success(), "{name}={value}: {}", said(&output));
    }
}

/// A secret may stand in a file of its own, is used, and is never shown.
#[test]
fn secrets_stand_in_files() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::on_sqlite();
    drop(Store::open(place.database.clone()).unwrap());
    let file = write(&folder.path().join("url"), &format!("{}\n", place.url()));
    let listed = run(&[("DATABASE_URL_FILE", &file)], &["user", "list"]);
    assert!(listed.status.success(), "{}", said(&listed));
    let url = "postgres://interlude:very-secret@db.example/interlude";
    let secret = write(&folder.path().join("secret"), url);
    let toml = write(&folder.path().join("interlude.toml"), &format!("database-url-file = {secret:?}\n"));
    for (settings, arguments) in [
        (&[("DATABASE_URL", url)][..], &["config"][..]),
        (&[("DATABASE_URL_FILE", secret.as_str())], &["config"]),
        (&[], &["--config", &toml, "config"]),
        (&[("DATABASE_URL_FILE", secret.as_str())], &["--help"]),
        (&[("INTERLUDE_TRANSFER_FROM_FILE", secret.as_str())], &["transfer", "--help"]),
    ] {
        let printed = said(&run(settings, arguments));
        assert!(!printed.contains("very-secret"), "{printed}");
        if arguments.contains(&"config") {
            assert!(
                printed.contains("database-url is set and not shown: PostgreSQL db.example/interlude"),
                "{printed}"
            );
        }
    }
    let both = [("DATABASE_URL", url), ("DATABASE_URL_FILE", secret.as_str())];
    refused(&run(&both, &["config"]), "both DATABASE_URL and DATABASE_URL_FILE");
    refused(&run(&[("DATABASE_URL_FILE", "/nowhere/at-all")], &["config"]), "/nowhere/at-all");
    let long = write(&folder.path().join("long"), "one\ntwo\n");
    refused(&run(&[("DATABASE_URL_FILE", &long)], &["config"]), "one line");
}

/// Options of the server may stand after the command as well, and are not in everybody's help.
#[test]
fn options_stand_where_people_write_them() {
    let after = said(&run(&[], &["serve", "--help"]));
    assert!(after.contains("--trusted-proxies"), "{after}");
    let other = said(&run(&[], &["user", "add", "--help"]));
    assert!(!other.contains("--trusted-proxies") && other.contains("--data-dir"), "{other}");
}

/// The doctor says what is wrong and how to mend it, changes nothing, and its exit code says whether
/// anything is.
#[test]
fn the_doctor_looks_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let common = [("INTERLUDE_DATA_DIR", data), ("INTERLUDE_LISTEN", "127.0.0.1:0")];
    let new = run(&common, &["doctor"]);
    assert_eq!(new.status.code(), Some(0), "{}", said(&new));
    assert!(said(&new).contains("it lacks"), "{}", said(&new));
    assert!(!Path::new(data).join("interlude.db").exists());
    drop(Store::open(Database::Sqlite(Path::new(data).join("interlude.db"))).unwrap());
    let set_up = said(&run(&common, &["doctor"]));
    assert!(set_up.contains("nobody can log in yet") && set_up.contains("nothing wrong"), "{set_up}");

    let certificate = rcgen::generate_simple_self_signed(vec!["status.example.com".to_owned()]).unwrap();
    let other = rcgen::KeyPair::generate().unwrap();
    let cert = write(&folder.path().join("cert.pem"), &certificate.cert.pem());
    let key = write(&folder.path().join("key.pem"), &certificate.signing_key.serialize_pem());
    let wrong = write(&folder.path().join("other.pem"), &other.serialize_pem());
    let with = |more: &[(&str, &str)]| {
        let output = run(&[&common, more].concat(), &["doctor"]);
        (output.status.code(), said(&output))
    };
    let tls = |key| [("INTERLUDE_TLS_CERTIFICATE", cert.as_str()), ("INTERLUDE_TLS_KEY", key)];
    let (code, text) = with(&tls(&key));
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("certificate: valid until") && text.contains("its key"), "{text}");
    let (code, text) = with(&tls(&wrong));
    assert_eq!(code, Some(5), "{text}");
    assert!(text.contains("not the key of the certificate"), "{text}");
    for (name, value, what) in [
        ("INTERLUDE_BACKUP_DIR", "/proc/nothing-here", "nothing can be written"),
        ("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing", "see that the database runs"),
        ("INTERLUDE_LISTEN", "198.51.100.1:80", "name an address of this machine"),
    ] {
        let (code, text) = with(&[(name, value)]);
        assert_eq!(code, Some(5), "{text}");
        assert!(text.contains(what), "{text}");
    }
    let (code, text) = with(&[("INTERLUDE_PUBLIC_URL", "http://status.example.com")]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("not encrypted") && text.contains("INTERLUDE_TRUSTED_PROXIES=127.0.0.1"), "{text}");
}

/// What is used is looked at wherever it is: the clock and the connections of PostgreSQL, and the folder and
/// the file of an embedded database that a URL names.
#[test]
fn the_doctor_looks_where_the_data_is() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let common = [("INTERLUDE_DATA_DIR", data.to_str().unwrap()), ("INTERLUDE_LISTEN", "127.0.0.1:0")];
    let with = |url: &str| {
        let output = run(&[&common[..], &[("DATABASE_URL", url)]].concat(), &["doctor"]);
        (output.status.code(), said(&output))
    };
    let beside = folder.path().join("elsewhere");
    std::fs::create_dir(&beside).unwrap();
    let file = beside.join("interlude.db");
    drop(Store::open(Database::Sqlite(file.clone())).unwrap());
    let rights = |path: &Path, mode: u32| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    rights(&beside, 0o755);
    rights(&file, 0o644);
    let url = format!("sqlite:{}", file.display());
    let (code, text) = with(&url);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("is made when there are pages to keep") && !data.exists(), "{text}");
    assert!(text.contains("warning  database folder:") && text.contains("chmod 700 the folder"), "{text}");
    assert!(text.contains("warning  database file:") && text.contains("chmod 600 the file"), "{text}");
    assert!(text.contains("free space:"), "{text}");
    rights(&beside, 0o700);
    std::fs::create_dir(&data).unwrap();
    let (_, text) = with(&url);
    assert!(text.contains("holds kept pages alone"), "{text}");
    assert!(text.contains("ok       database folder:") && text.contains("ok       database file:"), "{text}");
    let Some(place) = Place::on_postgres() else {
        crate::support::left_out("no INTERLUDE_TEST_POSTGRES_URL");
        return;
    };
    drop(Store::open(place.database.clone()).unwrap());
    let (_, text) = with(&place.url());
    assert!(text.contains("clock: as PostgreSQL has it") && text.contains("connections: "), "{text}");
}

/// For a container that has no other client.
#[test]
fn health_asks_the_server() {
    let place = Place::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let process = Start::on(&place.database, folder.path()).go();
    let ask = |arguments: &[&str]| run(&[("INTERLUDE_LISTEN", &process.address)], arguments);
    assert_eq!(ask(&["health"]).status.code(), Some(0));
    let port = process.address.rsplit_once(':').unwrap().1;
    let all = run(&[], &["health", "--ready", "--listen", &format!("0.0.0.0:{port}")]);
    assert_eq!((all.status.code(), said(&all).contains("ready")), (Some(0), true), "{}", said(&all));
    assert_eq!(raw::get(&process.address, "/healthz").unwrap().status, 200);
    let address = process.address.clone();
    process.kill();
    let gone = run(&[("INTERLUDE_LISTEN", &address)], &["health"]);
    assert_eq!(gone.status.code(), Some(3), "{}", said(&gone));
}
