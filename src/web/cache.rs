//! What crowds ask for, kept as bytes: rendered once per change for each page and language, and
//! once more when a moment has passed at which the page says something else.
//!
//! Followed by asking: who wants a page after a commit of this process, or later than
//! [`POLL`] after the last look, first looks at the change log. When the database cannot be used, the
//! last bytes are given, however old: those in memory, else those kept on disk, else those in another
//! language.

use std::collections::{HashMap, HashSet};
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
/// How many pages are kept in memory at most; with some tens of thousands of bytes each, plain and
/// packed, that is a hundred megabytes in the worst case.
const PAGES_MAX: usize = 2_000;
/// How many go at once when there are as many.
const PAGES_GOING: usize = PAGES_MAX / 10;

/// For browsers: ask each time, by the tag. For caches in front of the server: two seconds, and for a
/// day if nobody answers. The pages hold nothing of the one who asks but their language, which `Vary`
/// says.
const SHARED: &str = "public, max-age=0, s-maxage=2, stale-if-error=86400";
/// For a CDN (RFC 9213): a little longer while it asks anew (RFC 5861). Not said to browsers, which
/// would then show a reader the page as it was before the reader's own act, and as if there were a
/// network when there is none.
pub(super) const CDN: (&str, &str) =
    ("cdn-cache-control", "max-age=2, stale-while-revalidate=10, stale-if-error=86400");

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
    /// When it was last asked for, counted in questions.
    asked: AtomicU64,
}

impl Slot {
    fn page(&self) -> Option<Arc<Rendered>> {
        self.kept.read().unwrap_or_else(|e| e.into_inner()).clone()
    }

    fn put(&self, page: Arc<Rendered>) {
        *self.kept.write().unwrap_or_else(|e| e.into_inner()) = Some(page);
    }
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
    /// How many questions there were.
    asked: AtomicU64,
    /// The addresses that stay on disk when others have to go.
    dear: RwLock<Arc<HashSet<String>>>,
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
            asked: AtomicU64::new(0),
            dear: RwLock::default(),
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

    /// These addresses stay on disk when others have to go.
    pub(super) fn hold_dear(&self, paths: HashSet<String>) {
        *self.dear.write().unwrap_or_else(|e| e.into_inner()) = Arc::new(paths);
    }

    /// Keeps what is at this address on disk beside what runs. It is shown all the same if the disk does
    /// not take it. What has a query is not kept there: anybody can think of as many as they like.
    pub(super) fn keep(&self, path: &str, language: Language, kind: &'static str, bytes: Bytes) {
        if path.contains('?') {
            return;
        }
        let dear = self.dear.read().unwrap_or_else(|e| e.into_inner()).clone();
        let path = path.to_owned();
        self.beside(move |disk| disk.keep(&path, language, kind, &bytes, &|path| dear.contains(path)));
    }

    /// Forgets what is kept of this address on disk.
    pub(super) fn drop_kept(&self, path: &str, language: Language) {
        let path = path.to_owned();
        self.beside(move |disk| disk.forget(&path, language));
    }

    fn beside(&self, act: impl FnOnce(KeptPages) -> std::io::Result<()> + Send + 'static) {
        let Some(disk) = self.disk.get().cloned() else { return };
        drop(tokio::task::spawn_blocking(move || {
            if let Err(error) = act(disk) {
                tracing::warn!(%error, "the pages kept on disk cannot be changed");
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
        // The latest change of all, and the latest that makes pages anew.
        let found = self.store.read(move |c| {
            if seen < 0 {
                let latest = Some(changes::latest(c)?);
                return Ok((latest, latest));
            }
            let new = changes::after(c, seen)?;
            // Reports come by the thousand; what pages say of them may be a little older.
            let public = new.iter().rev().find(|(_, kind, _)| kind.is_public());
            Ok((new.last().map(|(id, ..)| *id), public.map(|(id, ..)| *id)))
        });
        let failed = match found.await {
            Ok((latest, public)) => {
                if let Some(id) = latest {
                    self.seen.store(id, Ordering::Release);
                }
                if let Some(id) = public {
                    self.change.store(id, Ordering::Release);
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

    /// Whether the last look at the change log failed.
    fn is_failing(&self) -> bool {
        self.look.lock().unwrap_or_else(|e| e.into_inner()).failed
    }

    /// The latest change that makes pages anew, looked for if it may be another now; nothing if that
    /// cannot be told.
    pub(super) async fn latest(&self) -> Option<i64> {
        self.follow().await;
        (!self.is_failing()).then(|| self.change.load(Ordering::Acquire))
    }

    fn place(&self, path: &str, language: Language) -> Place {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        let key = (path.to_owned(), language);
        if let Some(place) = self.pages.read().unwrap_or_else(|e| e.into_inner()).get(&key) {
            place.asked.store(asked, Ordering::Relaxed);
            return place.clone();
        }
        // Nothing is given up while it is all there is.
        let full = |pages: &HashMap<_, _>| pages.len() >= PAGES_MAX;
        let failing = self.is_failing();
        let mut pages = self.pages.write().unwrap_or_else(|e| e.into_inner());
        if full(&pages) && failing {
            return Place::default();
        }
        if full(&pages) {
            make_room(&mut pages);
        }
        let place = pages.entry(key).or_default().clone();
        place.asked.store(asked, Ordering::Relaxed);
        place
    }

    /// What was last shown at this address, however old: in this language, else in another.
    async fn old(&self, path: &str, language: Language) -> Option<Arc<Rendered>> {
        let others = Language::ALL.iter().copied().filter(|other| *other != language);
        for language in std::iter::once(language).chain(others) {
            let key = (path.to_owned(), language);
            let place = self.pages.read().unwrap_or_else(|e| e.into_inner()).get(&key).cloned();
            if let Some(page) = place.and_then(|place| place.page()) {
                return Some(page);
            }
            let Some(disk) = self.disk.get().cloned() else { continue };
            let read = tokio::task::spawn_blocking(move || disk.find(&key.0, key.1)).await;
            // Older than any change; the next who asks finds it in memory.
            if let Some(page) = read.ok().flatten().and_then(|bytes| Rendered::of(bytes.into(), -1, -1).ok())
            {
                let page = Arc::new(page);
                self.place(path, language).put(page.clone());
                return Some(page);
            }
        }
        None
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

    /// The same for what is no page: a calendar, a picture.
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
        Ok(answer(request, &*self.made(path, language, kind, render).await?, kind))
    }

    /// Makes the page anew if it has to be, before anybody asks for it. Errors: as [`Cache::page`].
    pub(super) async fn warm<F>(
        &self,
        path: &str,
        language: Language,
        render: impl FnOnce() -> F,
    ) -> Result<(), Failure>
    where
        F: Future<Output = Result<String, Failure>>,
    {
        self.made(path, language, HTML, render).await.map(drop)
    }

    async fn made<F>(
        &self,
        path: &str,
        language: Language,
        kind: &'static str,
        render: impl FnOnce() -> F,
    ) -> Result<Arc<Rendered>, Failure>
    where
        F: Future<Output = Result<String, Failure>>,
    {
        self.follow().await;
        let place = self.place(path, language);
        let wanted = self.change.load(Ordering::Acquire);
        let seen = self.seen.load(Ordering::Acquire);
        let good = |page: &Arc<Rendered>| {
            page.change >= wanted && page.made.elapsed() < if page.seen >= seen { KEPT } else { COUNTED }
        };
        if let Some(page) = place.page().filter(good) {
            return Ok(page);
        }
        // It is known that nothing can be read: nobody waits to find out once more.
        if self.is_failing()
            && let Some(page) = self.old(path, language).await
        {
            return Ok(page);
        }
        let turn = match place.turn.try_lock() {
            Ok(turn) => turn,
            Err(_) => match place.page().filter(|page| page.change >= wanted) {
                // It is only old, and somebody is making it anew.
                Some(page) => return Ok(page),
                None => place.turn.lock().await,
            },
        };
        if let Some(page) = place.page().filter(good) {
            return Ok(page);
        }
        let made = match render().await {
            Ok(html) => html,
            Err(failure) => {
                let gone = matches!(failure, Failure::Store(Error::NotFound));
                let passing = matches!(&failure, Failure::Store(error) if error.may_pass());
                if passing && let Some(page) = self.old(path, language).await {
                    return Ok(page);
                }
                drop(turn);
                if place.page().is_none() || gone {
                    self.forget(path, language);
                }
                if gone {
                    self.drop_kept(path, language);
                }
                return Err(failure);
            }
        };
        let page = Arc::new(Rendered::of(made.into(), wanted, seen)?);
        if place.page().is_none_or(|old| old.digest != page.digest) {
            self.keep(path, language, kind, page.plain.clone());
        }
        place.put(page.clone());
        Ok(page)
    }
}

impl Rendered {
    fn of(plain: Bytes, change: i64, seen: i64) -> Result<Rendered, Failure> {
        let (digest, packed) = (etag::digest(&plain), packed(&plain)?);
        Ok(Rendered { change, seen, made: Clock::now(), digest, packed, plain })
    }
}

/// Lets a tenth of the pages go: first those that somebody leafed through, then those that nobody
/// asked for the longest.
fn make_room(pages: &mut HashMap<(String, Language), Place>) {
    let mut going: Vec<_> = pages
        .iter()
        .map(|(key, place)| (!key.0.contains('?'), place.asked.load(Ordering::Relaxed), key.clone()))
        .collect();
    going.sort_unstable_by_key(|(plain, asked, _)| (*plain, *asked));
    for (_, _, key) in going.into_iter().take(PAGES_GOING) {
        pages.remove(&key);
    }
}

/// The bytes packed for `Content-Encoding: gzip`.
pub(super) fn packed(plain: &[u8]) -> Result<Bytes, Failure> {
    let bad = |e: std::io::Error| Error::Internal(format!("gzip: {e}"));
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 3), Compression::default());
    encoder.write_all(plain).map_err(bad)?;
    Ok(Bytes::from(encoder.finish().map_err(bad)?))
}

/// Whether bytes packed by gzip are liked, and at least as well as plain ones.
pub(super) fn takes_gzip(request: &HttpRequest) -> bool {
    let values = request.headers().get_all(header::ACCEPT_ENCODING).filter_map(|v| v.to_str().ok());
    let (mut gzip, mut plain, mut others) = (None, None, None);
    for part in values.flat_map(|value| value.split(',')) {
        let mut pieces = part.split(';').map(str::trim);
        let name = pieces.next().unwrap_or_default().to_ascii_lowercase();
        let weight = pieces.find_map(|piece| piece.strip_prefix("q=").or_else(|| piece.strip_prefix("Q=")));
        // A weight that cannot be read is none.
        let weight = weight.map_or(1.0, |weight| weight.parse::<f32>().unwrap_or_default());
        match name.as_str() {
            "gzip" | "x-gzip" => gzip = Some(weight),
            "identity" => plain = Some(weight),
            "*" => others = Some(weight),
            _ => {}
        }
    }
    let gzip = gzip.or(others).unwrap_or_default();
    gzip > 0.0 && gzip >= plain.unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_bytes_are_for_those_who_like_them() {
        let takes = |value: &str| {
            let request = actix_web::test::TestRequest::default().insert_header(("accept-encoding", value));
            takes_gzip(&request.to_http_request())
        };
        let liked = ["gzip", "br, GZIP;q=0.8", "x-gzip", "*", "gzip, identity; q=0.5, *;q=0", "*;q=0, gzip"];
        for value in liked {
            assert!(takes(value), "{value}");
        }
        let not = [
            "",
            "br",
            "gzip;q=0",
            "gzip;q=0.000",
            "*;q=0",
            "gzip;q=0, *",
            "gzip;q=0.5, identity",
            "gzip;q=x",
        ];
        for value in not {
            assert!(!takes(value), "{value}");
        }
    }

    #[test]
    fn what_is_asked_for_stays_when_room_is_made() {
        let mut pages = HashMap::new();
        for n in 0..PAGES_MAX as u64 {
            let path =
                if n.is_multiple_of(20) { format!("/history?cursor={n}") } else { format!("/windows/{n}") };
            let place = Slot { asked: AtomicU64::new(n), ..Slot::default() };
            pages.insert((path, Language::En), Arc::new(place));
        }
        make_room(&mut pages);
        assert_eq!(pages.len(), PAGES_MAX - PAGES_GOING);
        let there = |path: &str| pages.contains_key(&(path.to_owned(), Language::En));
        assert!(!there("/history?cursor=1980"), "leafed through, however lately");
        assert!(!there("/windows/1") && there("/windows/1999"));
    }
}
