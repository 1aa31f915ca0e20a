//! TLS of the server's own: who has no proxy needs none.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::support::process::{Process, Start};
use crate::support::{Place, raw};

/// A certificate for `status.example.com` that signs itself.
struct Issued {
    root: CertificateDer<'static>,
    certificate: String,
    key: String,
}

fn issued() -> Issued {
    let made = rcgen::generate_simple_self_signed(vec!["status.example.com".to_owned()]).unwrap();
    Issued {
        root: made.cert.der().clone(),
        certificate: made.cert.pem(),
        key: made.signing_key.serialize_pem(),
    }
}

fn put(folder: &Path, issued: &Issued) {
    // As the tools do that renew certificates: a new file takes the place of the old one.
    for (name, text) in [("key.pem", &issued.key), ("cert.pem", &issued.certificate)] {
        std::fs::write(folder.join("new"), text).unwrap();
        std::fs::rename(folder.join("new"), folder.join(name)).unwrap();
    }
}

/// Asks over TLS, believing this certificate alone.
fn ask(address: &str, root: &CertificateDer<'static>, path: &str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("status.example.com").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, raw::connect(address)?);
    write!(stream, "GET {path} HTTP/1.1\r\nhost: status.example.com\r\nconnection: close\r\n\r\n")?;
    let mut said = Vec::new();
    match stream.read_to_end(&mut said) {
        // The head says how long it is; the end need not be said as well.
        Err(error) if said.is_empty() => Err(error),
        _ => Ok(String::from_utf8_lossy(&said).into_owned()),
    }
}

#[track_caller]
fn answers_with(process: &Process, issued: &Issued, at_most: Duration) {
    let until = Instant::now() + at_most;
    loop {
        match ask(&process.address, &issued.root, "/healthz") {
            Ok(said) if said.starts_with("HTTP/1.1 200") => return,
            other => assert!(Instant::now() < until, "{other:?}: {}", process.logged()),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn start(place: &Place, folder: &Path) -> Start {
    Start::on(&place.database, folder)
        .with("INTERLUDE_TLS_CERTIFICATE", folder.join("cert.pem").to_str().unwrap())
        .with("INTERLUDE_TLS_KEY", folder.join("key.pem").to_str().unwrap())
        .encrypted()
}

/// It answers over TLS, takes a renewed certificate over without a restart, and keeps the old one when
/// the new files are of no use.
#[test]
fn a_certificate_is_renewed() {
    let (place, folder) = (Place::on_sqlite(), tempfile::tempdir().unwrap());
    let (first, second) = (issued(), issued());
    put(folder.path(), &first);
    let mut process = start(&place, folder.path()).go();
    answers_with(&process, &first, Duration::from_secs(20));
    let page = ask(&process.address, &first.root, "/?lang=en").unwrap();
    assert!(page.contains("; Secure"), "{page}");
    assert!(page.to_ascii_lowercase().contains("strict-transport-security"), "{page}");
    assert!(ask(&process.address, &second.root, "/healthz").is_err());

    std::fs::write(folder.path().join("cert.pem"), "half a certificate").unwrap();
    std::thread::sleep(Duration::from_secs(3));
    answers_with(&process, &first, Duration::from_secs(20));

    put(folder.path(), &second);
    answers_with(&process, &second, Duration::from_secs(20));
    assert!(ask(&process.address, &first.root, "/healthz").is_err());

    // The one who looks after containers finds it as well.
    let health = std::process::Command::new(crate::support::process::PROGRAM)
        .args(["health", "--listen", &process.address])
        .env("INTERLUDE_TLS_CERTIFICATE", folder.path().join("cert.pem"))
        .env("INTERLUDE_TLS_KEY", folder.path().join("key.pem"))
        .output()
        .unwrap();
    assert!(health.status.success(), "{}", String::from_utf8_lossy(&health.stderr));
    process.ask_to_end();
    assert_eq!(process.wait_for_end(Duration::from_secs(30)).code(), Some(0), "{}", process.logged());
}

/// Who speaks plainly is not answered plainly, and who never finishes the handshake is let go.
#[test]
fn handshakes_are_not_waited_for() {
    let (place, folder) = (Place::on_sqlite(), tempfile::tempdir().unwrap());
    let issued = issued();
    put(folder.path(), &issued);
    let process = start(&place, folder.path()).go();
    answers_with(&process, &issued, Duration::from_secs(20));
    let begun = Instant::now();
    let mut silent: Vec<TcpStream> = (0..300).map(|_| raw::connect(&process.address).unwrap()).collect();
    answers_with(&process, &issued, Duration::from_secs(20));
    assert!(raw::get(&process.address, "/healthz").is_err());
    for stream in &mut silent {
        let mut said = Vec::new();
        // Closed or reset, but not left open.
        drop(stream.read_to_end(&mut said));
        assert!(said.len() < 100);
    }
    assert!(begun.elapsed() < Duration::from_secs(60), "let go after {:?}", begun.elapsed());
}

/// What cannot be used ends the start with a word about which file it is.
#[test]
fn a_wrong_key_is_said() {
    let (place, folder) = (Place::on_sqlite(), tempfile::tempdir().unwrap());
    let (one, other) = (issued(), issued());
    put(folder.path(), &Issued { key: other.key, ..one });
    let output = std::process::Command::new(crate::support::process::PROGRAM)
        .env("DATABASE_URL", place.url())
        .env("INTERLUDE_DATA_DIR", folder.path())
        .env("INTERLUDE_LISTEN", "127.0.0.1:0")
        .env("INTERLUDE_TLS_CERTIFICATE", folder.path().join("cert.pem"))
        .env("INTERLUDE_TLS_KEY", folder.path().join("key.pem"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("key.pem: this is not the key of the certificate"), "{said}");
}
