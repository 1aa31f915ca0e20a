//! Hashing and checking passwords with argon2id: slow on purpose, so never on a worker thread.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};

use crate::store::Error;

/// The argon2id hash of a password, with its salt and costs inside. Blocks for tens of milliseconds.
pub fn hash(password: &str) -> Result<String, Error> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|h| h.to_string())
        .map_err(|e| Error::Internal(format!("argon2: {e}")))
}

/// Whether this is the password behind the hash. Blocks as long for a name that does not exist, so
/// that the time taken does not tell which names do.
pub fn matches(password: &str, stored: Option<&str>) -> bool {
    static NOBODY: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| hash("a password that nobody has").unwrap_or_default());
    let known = stored.is_some();
    let stored = stored.unwrap_or(&NOBODY);
    let fits = PasswordHash::new(stored)
        .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
    known && fits
}

/// [`hash`], off the worker thread.
pub async fn hash_elsewhere(password: String) -> Result<String, Error> {
    tokio::task::spawn_blocking(move || hash(&password)).await.map_err(|e| Error::Internal(e.to_string()))?
}

/// How many passwords are checked at once: each takes a core and 19 MiB for tens of milliseconds.
static PLACES: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(4);
/// How long one may wait for its turn.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// [`matches()`], off the worker thread. [`Error::Busy`] if too many are waiting.
pub async fn matches_elsewhere(password: String, stored: Option<String>) -> Result<bool, Error> {
    let turn = tokio::time::timeout(PATIENCE, PLACES.acquire()).await.map_err(|_| Error::Busy)?;
    let _turn = turn.map_err(|e| Error::Internal(e.to_string()))?;
    tokio::task::spawn_blocking(move || matches(&password, stored.as_deref()))
        .await
        .map_err(|e| Error::Internal(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_alone() {
        let hashed = hash("a long walk home").unwrap();
        assert!(hashed.starts_with("$argon2id$"));
        assert!(matches("a long walk home", Some(&hashed)));
        assert!(!matches("a long walk", Some(&hashed)));
        assert!(!matches("a password that nobody has", None));
    }
}
