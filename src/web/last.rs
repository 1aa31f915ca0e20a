//! What everybody may see, as it was last read: shown again while the database cannot be read.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::domain::screenshot::PictureKind;
use crate::domain::survey::Template;
use crate::store::known_issues::KnownIssue;
use crate::store::windows::Window;
use crate::store::{Error, Result};
use crate::web::report_form::Context;

/// How many readings of one kind are kept at most; those that nobody asked for the longest go first.
const MOST: usize = 200;

/// The last readings of one kind of public thing, each under what it was asked by. Nothing that
/// depends on who asks may be kept here.
pub struct Last<T> {
    kept: Mutex<HashMap<String, (u64, Arc<T>)>>,
    asked: AtomicU64,
}

impl<T> Default for Last<T> {
    fn default() -> Last<T> {
        Last { kept: Mutex::default(), asked: AtomicU64::new(0) }
    }
}

impl<T> Last<T> {
    fn kept(&self) -> MutexGuard<'_, HashMap<String, (u64, Arc<T>)>> {
        self.kept.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// What was read the last time under this key, without asking the database.
    pub fn last(&self, key: &str) -> Option<Arc<T>> {
        self.kept().get(key).map(|(_, read)| read.clone())
    }

    /// What `read` gives. If the database cannot be used, what it gave the last time under this key;
    /// what is there no longer is forgotten.
    ///
    /// Errors: those of `read`; one that means that the database cannot be used only if nothing is
    /// kept.
    pub async fn or_read(&self, key: &str, read: impl Future<Output = Result<T>>) -> Result<Arc<T>> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        match read.await {
            Ok(read) => {
                let read = Arc::new(read);
                let mut kept = self.kept();
                if kept.len() >= MOST && !kept.contains_key(key) {
                    let oldest = kept.iter().min_by_key(|(_, (asked, _))| *asked).map(|(key, _)| key.clone());
                    oldest.map(|key| kept.remove(&key));
                }
                kept.insert(key.to_owned(), (asked, read.clone()));
                Ok(read)
            }
            Err(error) if error.may_pass() => match self.kept().get_mut(key) {
                Some((at, read)) => {
                    *at = asked;
                    Ok(read.clone())
                }
                None => Err(error),
            },
            Err(error) => {
                if matches!(error, Error::NotFound) {
                    self.kept().remove(key);
                }
                Err(error)
            }
        }
    }
}

/// The last readings of everything that is shown again so.
#[derive(Default)]
pub struct Readings {
    /// What report forms are shown around, by the window's slug; nothing: the form for whatever is on.
    pub reports: Last<Context>,
    /// Surveys by their window's slug.
    pub surveys: Last<(Window, Template)>,
    /// Known issues that the public may see, by the window's slug; nothing: those of now.
    pub known: Last<Vec<KnownIssue>>,
    /// Public windows, by what was asked of the programming interface.
    pub windows: Last<Vec<Window>>,
    /// The operator's logo.
    pub logo: Last<(PictureKind, Vec<u8>)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn reads(last: &Last<i64>, key: &str, read: Result<i64>) -> Option<i64> {
        last.or_read(key, std::future::ready(read)).await.ok().map(|read| *read)
    }

    #[actix_web::test]
    async fn the_last_reading_is_given_while_nothing_can_be_read() {
        let last = Last::default();
        assert_eq!(reads(&last, "a", Err(Error::Busy)).await, None);
        assert_eq!(reads(&last, "a", Ok(1)).await, Some(1));
        assert_eq!(reads(&last, "a", Err(Error::Busy)).await, Some(1));
        assert_eq!(reads(&last, "a", Err(Error::NotFound)).await, None);
        assert_eq!(reads(&last, "a", Err(Error::Busy)).await, None, "it is there no longer");
    }

    #[actix_web::test]
    async fn what_nobody_asked_for_the_longest_goes_first() {
        let last = Last::default();
        for n in 0..2 * MOST {
            assert_eq!(reads(&last, "first", Ok(0)).await, Some(0));
            assert_eq!(reads(&last, &n.to_string(), Ok(1)).await, Some(1));
        }
        assert_eq!(last.kept().len(), MOST);
        assert_eq!(reads(&last, "first", Err(Error::Busy)).await, Some(0));
        assert_eq!(reads(&last, "0", Err(Error::Busy)).await, None);
    }
}
