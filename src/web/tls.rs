//! TLS of the server's own, for those who put no proxy in front: a certificate and a key from files,
//! read again when the files change, without a restart.

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::domain::instant::Instant;
use crate::web::certificate;

/// How long a handshake may take; who is slower is let go.
pub const HANDSHAKE_TIME: Duration = Duration::from_secs(5);
/// How often it is seen whether the files have changed.
const LOOK: Duration = Duration::from_secs(2);

/// The two files, both PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The certificate, followed by those between it and the root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What the files hold at present.
#[derive(Debug)]
pub struct Tls {
    files: Files,
    now: RwLock<Arc<CertifiedKey>>,
}

impl Files {
    /// Reads both. The error says which file is wrong, and how.
    pub fn read(&self) -> Result<CertifiedKey, String> {
        let (chain, key) = (&self.certificate, &self.key);
        let said = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let certificates: Vec<CertificateDer<'static>> =
            CertificateDer::pem_file_iter(chain).and_then(Iterator::collect).map_err(|e| said(chain, &e))?;
        if certificates.is_empty() {
            return Err(said(chain, &"there is no certificate in it"));
        }
        let private = PrivateKeyDer::from_pem_file(key).map_err(|e| said(key, &e))?;
        let certified = CertifiedKey::from_der(certificates, private, &ring::default_provider());
        certified.map_err(|e| match e {
            rustls::Error::InconsistentKeys(_) => said(key, &"this is not the key of the certificate"),
            other => said(chain, &other),
        })
    }

    /// Until when the first certificate is valid.
    pub fn valid_until(&self) -> Option<Instant> {
        certificate::valid_until(self.read().ok()?.cert.first()?)
    }

    /// By this it is seen that a file was changed, also if a link now leads to another one.
    fn stamp(&self) -> Option<[(SystemTime, u64); 2]> {
        let of = |path: &Path| {
            let about = std::fs::metadata(path).ok()?;
            Some((about.modified().ok()?, about.len()))
        };
        Some([of(&self.certificate)?, of(&self.key)?])
    }
}

impl Tls {
    /// Reads the files for the first time. The error says what is wrong with them.
    pub fn open(files: Files) -> Result<Arc<Tls>, String> {
        let now = Arc::new(files.read()?);
        Ok(Arc::new(Tls { files, now: RwLock::new(now) }))
    }

    /// How connections are to be taken.
    pub fn config(self: &Arc<Self>) -> Result<ServerConfig, String> {
        let versions = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| e.to_string())?;
        Ok(versions.with_no_client_auth().with_cert_resolver(self.clone()))
    }

    /// Looks at the files again and again; never ends. What cannot be used is said and left: the
    /// certificate before it goes on.
    pub async fn follow(self: Arc<Self>) {
        let mut known = self.files.stamp();
        loop {
            tokio::time::sleep(LOOK).await;
            let stamp = self.files.stamp();
            if stamp == known {
                continue;
            }
            known = stamp;
            match self.files.read() {
                Ok(new) => {
                    *self.now.write().unwrap_or_else(|e| e.into_inner()) = Arc::new(new);
                    tracing::info!("the certificate was read again");
                }
                // A key and a certificate that are replaced one after the other do not fit for a
                // moment; the second change is looked at again.
                Err(why) => {
                    tracing::warn!(%why, "the new certificate cannot be used; the one before it goes on")
                }
            }
        }
    }
}

impl ResolvesServerCert for Tls {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.now.read().unwrap_or_else(|e| e.into_inner()).clone())
    }
}
