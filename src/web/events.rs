//! `/events`: what changes is told as it happens, by server-sent events. One look at the change log
//! serves all who listen; each of them costs one place in a broadcast, and who comes again after a
//! break says what was heard last and is told the rest.
//!
//! An event names what changed and nothing that was written, so that the one page that shows it is
//! the one thing to be asked for: `window` (`slug`, `state`, `sequence`) and `settings` for everybody;
//! for staff also `report` and `response` (`count`, `window`). `ready` opens a stream and says where
//! the log stands; `reset` says that more was missed than is kept, so that everything may be old.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant as Clock};

use actix_web::http::{Method, header};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::stream::{self, Stream};
use serde_json::{Value, json};
use tokio::sync::{Mutex as AsyncMutex, Notify, broadcast, watch};
use tokio::time::Instant as Moment;

use crate::store::changes::{self, Kind};
use crate::store::connection::Db;
use crate::store::{Error, Result, Store, windows};
use crate::web::app::App;
use crate::web::cache::POLL;
use crate::web::failure::Failure;

/// How many listeners there may be unless something else is said.
pub const MOST: usize = 2_000;
/// How many events are kept for those who come again.
const KEPT: usize = 512;
/// How many events may wait for one listener; who is further behind is told to look at everything.
const AHEAD: usize = 64;
/// How often a quiet stream says that it is there; proxies cut what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// How long the public listens before it has to come again.
const PUBLIC_LIFE: Duration = Duration::from_secs(30 * 60);
/// How long staff listen before they are asked again who they are.
const STAFF_LIFE: Duration = Duration::from_secs(5 * 60);
/// How long changes are collected, so that a thousand reports are one event.
const COLLECT: Duration = Duration::from_millis(100);
/// How many pieces of the log are read at once before the rest is skipped.
const PIECES: usize = 3;

/// One event as it is sent.
struct Told {
    id: i64,
    public: bool,
    bytes: Bytes,
}

impl Told {
    fn new(id: i64, name: &str, public: bool, data: &Value) -> Told {
        Told { id, public, bytes: Bytes::from(format!("id: {id}\nevent: {name}\ndata: {data}\n\n")) }
    }
}

/// What was told last.
struct Log {
    /// Everything up to here is told; below zero before the first look.
    seen: i64,
    /// Everything after this is kept.
    floor: i64,
    kept: VecDeque<Arc<Told>>,
    /// When the log was last looked at.
    looked: Option<Clock>,
}

/// Those who listen to one server.
pub struct Events {
    store: Store,
    most: usize,
    log: Mutex<Log>,
    looking: AsyncMutex<()>,
    tell: broadcast::Sender<Arc<Told>>,
    listeners: AtomicUsize,
    first: Notify,
    over: watch::Sender<bool>,
}

/// A listener's place; given back when the stream goes.
struct Place(Arc<Events>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.listeners.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Events {
    /// For at most so many listeners.
    pub fn new(store: Store, most: usize) -> Events {
        Events {
            store,
            most,
            log: Mutex::new(Log { seen: -1, floor: -1, kept: VecDeque::new(), looked: None }),
            looking: AsyncMutex::new(()),
            tell: broadcast::Sender::new(AHEAD),
            listeners: AtomicUsize::new(0),
            first: Notify::new(),
            over: watch::Sender::new(false),
        }
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.listeners.load(Ordering::Acquire)
    }

    /// Ends every stream, so that nobody who listens holds up the end of the server.
    pub fn end(&self) {
        self.over.send_replace(true);
    }

    /// Follows the change log as long as anybody listens; ends with [`Events::end`].
    pub async fn follow(self: Arc<Events>) {
        let mut committed = self.store.changed();
        let mut over = self.over.subscribe();
        while !*over.borrow() {
            if self.listeners() == 0 {
                tokio::select! {
                    () = self.first.notified() => {}
                    _ = over.changed() => {}
                }
                continue;
            }
            committed.borrow_and_update();
            self.look().await;
            tokio::select! {
                _ = committed.changed() => tokio::time::sleep(COLLECT).await,
                () = tokio::time::sleep(POLL) => {}
                _ = over.changed() => {}
            }
        }
    }

    /// Looks at the log and tells what is new. Trouble of the database is told elsewhere; the next
    /// look finds what this one missed.
    async fn look(&self) {
        let _looking = self.looking.lock().await;
        let seen = self.log().seen;
        let found = self.store.read(move |c| news(c, seen)).await;
        let mut log = self.log();
        log.looked = Some(Clock::now());
        let Ok(News { seen, skipped, told }) = found else { return };
        if skipped {
            log.kept.clear();
            log.floor = seen;
            drop(self.tell.send(Arc::new(Told::new(seen, "reset", true, &json!({})))));
        }
        log.seen = seen;
        // Whoever is told asks at once for the page that shows it, which must not be the one before: this look may
        // be the first to know of what another process did.
        if !told.is_empty() {
            self.store.came_upon_change();
        }
        for event in told {
            let event = Arc::new(event);
            if log.kept.len() >= KEPT
                && let Some(oldest) = log.kept.pop_front()
            {
                log.floor = oldest.id;
            }
            log.kept.push_back(event.clone());
            // An error means that nobody listens just now.
            drop(self.tell.send(event));
        }
    }

    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// A stream for one more listener, who heard `last` before, if anything.
    ///
    /// [`Error::Busy`] if there are too many.
    async fn listen(
        self: &Arc<Events>,
        last: Option<i64>,
        staff: bool,
    ) -> Result<impl Stream<Item = std::result::Result<Bytes, Infallible>> + 'static> {
        let place = Place(self.clone());
        if self.listeners.fetch_add(1, Ordering::AcqRel) >= self.most {
            return Err(Error::Busy);
        }
        self.first.notify_one();
        if self.log().looked.is_none_or(|at| at.elapsed() > POLL) {
            self.look().await;
        }
        let mut waiting = VecDeque::new();
        // They do not all come again in the same moment after the server was away.
        let retry = rand::random_range(2_000..6_000);
        let told = {
            let log = self.log();
            let missed = last.is_some_and(|last| last < log.floor || last > log.seen);
            let name = if missed { "reset" } else { "ready" };
            waiting.push_back(Bytes::from(format!("retry: {retry}\n\n")));
            if log.seen >= 0 && (last.is_none() || missed) {
                waiting.push_back(Told::new(log.seen, name, true, &json!({})).bytes);
            } else {
                // Without an id: what was heard last stays what was heard last.
                waiting.push_back(Bytes::from("event: ready\ndata: {}\n\n"));
            }
            if let Some(last) = last.filter(|_| !missed) {
                let rest = log.kept.iter().filter(|event| event.id > last && (event.public || staff));
                waiting.extend(rest.map(|event| event.bytes.clone()));
            }
            self.tell.subscribe()
        };
        let now = Moment::now();
        let listener = Listener {
            staff,
            waiting,
            told,
            over: self.over.subscribe(),
            until: now + if staff { STAFF_LIFE } else { PUBLIC_LIFE },
            heartbeat: now + HEARTBEAT,
            place,
        };
        Ok(stream::unfold(listener, |mut listener| async move {
            let bytes = listener.next().await?;
            listener.heartbeat = Moment::now() + HEARTBEAT;
            Some((Ok(bytes), listener))
        }))
    }
}

/// What one look found.
struct News {
    seen: i64,
    /// There was more than is worth telling one by one.
    skipped: bool,
    told: Vec<Told>,
}

fn news(connection: &mut Db, seen: i64) -> Result<News> {
    if seen < 0 {
        let seen = changes::latest(connection)?;
        return Ok(News { seen, skipped: true, told: Vec::new() });
    }
    let mut rows = Vec::new();
    for _ in 0..PIECES {
        let from = rows.last().map_or(seen, |(id, ..): &(i64, Kind, Option<i64>)| *id);
        let piece = changes::after(connection, from)?;
        let all = piece.is_empty();
        rows.extend(piece);
        if all {
            let seen = rows.last().map_or(seen, |(id, ..)| *id);
            return Ok(News { seen, skipped: false, told: told(connection, &rows)? });
        }
    }
    Ok(News { seen: changes::latest(connection)?, skipped: true, told: Vec::new() })
}

/// The events of these changes: the changes of one kind and window are one, the last.
fn told(connection: &mut Db, rows: &[(i64, Kind, Option<i64>)]) -> Result<Vec<Told>> {
    let mut last: BTreeMap<(Kind, Option<i64>), (i64, u64)> = BTreeMap::new();
    for (id, kind, window) in rows {
        let entry = last.entry((*kind, *window)).or_default();
        *entry = (*id, entry.1 + 1);
    }
    let windows: Vec<i64> = last.keys().filter_map(|(_, window)| *window).collect();
    let standing = windows::standings(connection, &windows)?;
    let mut events: Vec<Told> = last
        .into_iter()
        .filter_map(|((kind, window), (id, count))| {
            let found = window.map(|id| standing.get(&id));
            let data = match (kind.is_public(), found) {
                // A draft, or gone: nothing that anybody may see.
                (true, Some(None)) => return None,
                (true, Some(Some((slug, state, sequence)))) => {
                    json!({"slug": slug, "state": state.code(), "sequence": sequence})
                }
                (true, None) => json!({}),
                (false, found) => {
                    json!({"count": count, "window": found.flatten().map(|(slug, ..)| slug)})
                }
            };
            Some(Told::new(id, kind.code(), kind.is_public(), &data))
        })
        .collect();
    events.sort_by_key(|event| event.id);
    Ok(events)
}

/// One who listens.
struct Listener {
    staff: bool,
    /// What is sent before anything new.
    waiting: VecDeque<Bytes>,
    told: broadcast::Receiver<Arc<Told>>,
    over: watch::Receiver<bool>,
    until: Moment,
    heartbeat: Moment,
    place: Place,
}

impl Listener {
    /// What is sent next; nothing at the end.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(bytes) = self.waiting.pop_front() {
            return Some(bytes);
        }
        loop {
            tokio::select! {
                biased;
                _ = self.over.wait_for(|over| *over) => return None,
                told = self.told.recv() => match told {
                    Ok(event) if event.public || self.staff => return Some(event.bytes.clone()),
                    Ok(_) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        let seen = self.place.0.log().seen;
                        self.told = self.told.resubscribe();
                        return Some(Told::new(seen, "reset", true, &json!({})).bytes);
                    }
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                () = tokio::time::sleep_until(self.heartbeat) => return Some(Bytes::from_static(b":\n\n")),
                () = tokio::time::sleep_until(self.until) => return None,
            }
        }
    }
}

async fn answer(app: &App, request: &HttpRequest, staff: bool) -> std::result::Result<HttpResponse, Failure> {
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-cache, no-transform"))
        // Said so that nobody packs it: packed, it would come in pieces of some kilobytes.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"));
    if request.method() == Method::HEAD {
        return Ok(response.finish());
    }
    let last = request.headers().get("last-event-id").and_then(|v| v.to_str().ok()?.parse().ok());
    let stream = app.events.listen(last, staff).await?;
    Ok(response.streaming(stream))
}

/// `GET /events`: for everybody.
pub async fn public(app: web::Data<App>, request: HttpRequest) -> std::result::Result<HttpResponse, Failure> {
    answer(&app, &request, false).await
}

/// `GET /admin/events`: also that reports and answers came in.
pub async fn staff(app: web::Data<App>, request: HttpRequest) -> std::result::Result<HttpResponse, Failure> {
    answer(&app, &request, true).await
}

/// Ends the streams when the process is asked to end; what else ends it is the server's own business. From the
/// moment this returns, nothing that asks is missed.
#[cfg(unix)]
pub(super) fn end_with_process(events: Arc<Events>) {
    use actix_web::rt::signal::unix::{SignalKind, signal};
    let asked = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    let (Ok(mut terminate), Ok(mut interrupt)) = asked else { return };
    actix_web::rt::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        events.end();
    });
}

#[cfg(not(unix))]
pub(super) fn end_with_process(events: Arc<Events>) {
    actix_web::rt::spawn(async move {
        if actix_web::rt::signal::ctrl_c().await.is_ok() {
            events.end();
        }
    });
}
