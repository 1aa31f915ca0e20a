//! What crowds ask for, kept as bytes: rendered once per change for each page and language, and
//! once more when a moment has passed at which the page says something else.
//!
//! Followed by asking: who wants a page after a commit of this process, or later than
//! [`POLL`] after the last look, first looks at the change log. When the database cannot be used, the
//! last bytes are given, however old.

use std::collections::HashMap;
use std::future::Future;
use std::io::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::time::{Duration, Instant as Clock};

use actix_web::http::header::{self, ETag, EntityTag};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::{Mutex as AsyncMutex, watch};

use crate::domain::language::Language;
use crate::store::changes;
use crate::store::{Error, Store};
use crate::web::etag;
use crate::web::failure::Failure;
use crate::web::kept::KeptPages;

/// How long a change made elsewhere may stay unseen.
pub const POLL: Duration = Duration::from_millis(400);
/// How long bytes are given although nothing has changed: what pages say of the time grows old too.
pub const KEPT: Duration = Duration::from_secs(15);
/// How old what pages say of reports may be. Those come by the thousand, and each would make every
/// page anew.
pub const COUNTED: Duration = Duration::from_secs(2);
/// After a failure, how long old bytes are given before the database is asked again.
const RESPITE: Duration = Duration::from_secs(1);
/// What pages are.
const HTML: &str = "text/html; charset=utf-8";
/// How many pages are kept at most.
const PAGES_MAX: usize = 2_000;

/// For browsers: ask each time, by the tag. For caches in front of the server: two seconds, and for a
/// day if nobody answers. The pages hold nothing of the one who asks but their language, which `Vary`
/// says.
const SHARED: &str = "public, max-age=0, s-maxage=2, stale-if-error=86400";
/// For a CDN (RFC 9213): a little longer while it asks anew (RFC 5861). Not said to browsers, which
/// would then show a reader the page as it was before the reader's own act, and as if there were a
/// network when there is none.
const CDN: (&str, &str) = ("cdn-cache-control", "max-age=2, stale-while-revalidate=10, stale-if-error=86400");

/// One page in one language.
struct Rendered {
    /// The latest change that makes pages anew, and the latest of all, that it can know of.
    change: i64,
    seen: i64,
    made: Clock,
    plain: Bytes,
    packed: Bytes,
    digest: String,
}

type Place = Arc<Slot>;

#[derive(Default)]
struct Slot {
    kept: RwLock<Option<Arc<Rendered>>>,
    /// Held by whoever renders it.
    turn: AsyncMutex<()>,
}

/// What one look at the change log found.
struct Look {
    at: Option<Clock>,
    failed: bool,
}

/// The bytes of the public pages of one server.
pub struct Cache {
    store: Store,
    pages: RwLock<HashMap<(String, Language), Place>>,
    /// The latest change that makes pages anew.
    change: AtomicI64,
    /// The latest change that was looked at.
    seen: AtomicI64,
    committed: watch::Receiver<u64>,
    commit: AtomicU64,
    look: Mutex<Look>,
    turn: AsyncMutex<()>,
    /// Where the last bytes are also kept on disk.
    disk: OnceLock<KeptPages>,
}

impl Cache {
    /// An empty one, following this store.
    pub fn new(store: Store) -> Cache {
        Cache {
            committed: store.changed(),
            store,
            pages: RwLock::default(),
            change: AtomicI64::new(0),
            seen: AtomicI64::new(-1),
            commit: AtomicU64::new(0),
            look: Mutex::new(Look { at: None, failed: false }),
            turn: AsyncMutex::new(()),
            disk: OnceLock::new(),
        }
    }

    /// From now on the last bytes of each page are also kept there.
    pub fn keep_in(&self, disk: KeptPages) {
        self.disk.get_or_init(|| disk);
    }

    /// Keeps a page on disk, or forgets it there, beside what runs. The page is shown all the same
    /// if the disk does not take it.
    fn keep(&self, path: &str, language: Language, page: Option<Bytes>) {
        let Some(disk) = self.disk.get().cloned() else { return };
        let path = path.to_owned();
        drop(tokio::task::spawn_blocking(move || {
            let kept = match page {
                Some(page) => disk.keep(&path, language, &page),
                None => disk.forget(&path, language),
            };
            if let Err(error) = kept {
                tracing::warn!(%error, "a page could not be kept on disk");
            }
        }));
    }

    /// Whether the change log must be looked at before anything is given.
    fn must_look(&self) -> bool {
        let look = self.look.lock().unwrap_or_else(|e| e.into_inner());
        let Some(at) = look.at else { return true };
        if look.failed {
            return at.elapsed() >= RESPITE;
        }
        at.elapsed() >= POLL || *self.committed.borrow() != self.commit.load(Ordering::Acquire)
    }

    async fn follow(&self) {
        if !self.must_look() {
            return;
        }
        let _turn = self.turn.lock().await;
        if !self.must_look() {
            return;
        }
        let commit = *self.committed.borrow();
        let seen = self.seen.load(Ordering::Acquire);
        let found = self.store.read(move |c| {
            if seen < 0 { Ok(Err(changes::latest(c)?)) } else { Ok(Ok(changes::after(c, seen)?)) }
        });
        let failed = match found.await {
            Ok(Err(latest)) => {
                self.change.store(latest, Ordering::Release);
                self.seen.store(latest, Ordering::Release);
                false
            }
            Ok(Ok(new)) => {
                if let Some((id, ..)) = new.last() {
                    self.seen.store(*id, Ordering::Release);
                }
                // Reports come by the thousand; what pages say of them may be a little older.
                if let Some((id, ..)) = new.iter().rev().find(|(_, kind, _)| kind.is_public()) {
                    self.change.store(*id, Ordering::Release);
                }
                false
            }
            Err(error) => {
                tracing::warn!(%error, "the change log cannot be read; pages are as they were");
                true
            }
        };
        self.commit.store(commit, Ordering::Release);
        *self.look.lock().unwrap_or_else(|e| e.into_inner()) = Look { at: Some(Clock::now()), failed };
    }

    fn place(&self, path: &str, language: Language) -> Place {
        let key = (path.to_owned(), language);
        if let Some(place) = self.pages.read().unwrap_or_else(|e| e.into_inner()).get(&key) {
            return place.clone();
        }
        let mut pages = self.pages.write().unwrap_or_else(|e| e.into_inner());
        if pages.len() >= PAGES_MAX {
            pages.clear();
        }
        pages.entry(key).or_default().clone()
    }

    fn forget(&self, path: &str, language: Language) {
        self.pages.write().unwrap_or_else(|e| e.into_inner()).remove(&(path.to_owned(), language));
    }

    /// The page at `path` in this language: as kept, or as `render` makes it. It must be the same for
    /// everybody who reads the language.
    ///
    /// Errors: those of `render`; one that means that the database cannot be used is kept to itself
    /// as long as there are any old bytes.
    pub async fn page<F>(
        &self,
        request: &HttpRequest,
        path: &str,
        language: Language,
        render: impl FnOnce() -> F,
    ) -> Result<HttpResponse, Failure>
    where
        F: Future<Output = Result<String, Failure>>,
    {
        self.file(request, path, language, HTML, render).await
    }

    /// The same for what is no page: a calendar, a picture. Only pages are also kept on disk.
    pub async fn file<F>(
        &self,
        request: &HttpRequest,
        path: &str,
        language: Language,
        kind: &'static str,
        render: impl FnOnce() -> F,
    ) -> Result<HttpResponse, Failure>
    where
        F: Future<Output = Result<String, Failure>>,
    {
        self.follow().await;
        let place = self.place(path, language);
        let wanted = self.change.load(Ordering::Acquire);
        let seen = self.seen.load(Ordering::Acquire);
        let kept = || place.kept.read().unwrap_or_else(|e| e.into_inner()).clone();
        let good = |page: &Rendered| {
            page.change >= wanted && page.made.elapsed() < if page.seen >= seen { KEPT } else { COUNTED }
        };
        if let Some(page) = kept().filter(|page| good(page)) {
            return Ok(answer(request, &page, kind));
        }
        let turn = match place.turn.try_lock() {
            Ok(turn) => turn,
            Err(_) => match kept().filter(|page| page.change >= wanted) {
                // It is only old, and somebody is making it anew.
                Some(page) => return Ok(answer(request, &page, kind)),
                None => place.turn.lock().await,
            },
        };
        if let Some(page) = kept().filter(|page| good(page)) {
            return Ok(answer(request, &page, kind));
        }
        let made = match render().await {
            Ok(html) => html,
            Err(Failure::Store(error))
                if (error.is_trouble() || matches!(error, Error::Busy)) && kept().is_some() =>
            {
                let page = kept().ok_or(Failure::NOT_FOUND)?;
                return Ok(answer(request, &page, kind));
            }
            Err(failure) => {
                drop(turn);
                if kept().is_none() || matches!(failure, Failure::Store(Error::NotFound)) {
                    self.forget(path, language);
                }
                if kind == HTML && matches!(failure, Failure::Store(Error::NotFound)) {
                    self.keep(path, language, None);
                }
                return Err(failure);
            }
        };
        let page = Arc::new(Rendered {
            change: wanted,
            seen,
            made: Clock::now(),
            digest: etag::digest(made.as_bytes()),
            packed: packed(made.as_bytes())?,
            plain: Bytes::from(made),
        });
        if kind == HTML && kept().is_none_or(|old| old.digest != page.digest) {
            self.keep(path, language, Some(page.plain.clone()));
        }
        *place.kept.write().unwrap_or_else(|e| e.into_inner()) = Some(page.clone());
        Ok(answer(request, &page, kind))
    }
}

/// The bytes packed for `Content-Encoding: gzip`.
pub(super) fn packed(plain: &[u8]) -> Result<Bytes, Failure> {
    let bad = |e: std::io::Error| Error::Internal(format!("gzip: {e}"));
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 3), Compression::default());
    encoder.write_all(plain).map_err(bad)?;
    Ok(Bytes::from(encoder.finish().map_err(bad)?))
}

pub(super) fn takes_gzip(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|part| {
        let mut pieces = part.split(';').map(str::trim);
        let named = pieces.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
        named && !pieces.any(|p| matches!(p, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn answer(request: &HttpRequest, page: &Rendered, kind: &'static str) -> HttpResponse {
    let gzip = takes_gzip(request);
    let tag = EntityTag::new_strong(format!("{}{}", page.digest, if gzip { "-gz" } else { "" }));
    let known = etag::is_known(request, &tag);
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(ETag(tag)).append_header((header::VARY, "Accept-Encoding"));
    response.insert_header((header::CACHE_CONTROL, SHARED)).insert_header(CDN);
    // Said in either case, so that nobody packs or unpacks it on the way out.
    response.insert_header((header::CONTENT_ENCODING, if gzip { "gzip" } else { "identity" }));
    if known {
        return response.finish();
    }
    response.content_type(kind);
    response.body(if gzip { page.packed.clone() } else { page.plain.clone() })
}
