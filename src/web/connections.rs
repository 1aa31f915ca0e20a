//! How many connections one address may hold open, so that a single one cannot take them all; and
//! how many requests at a time, for those who come through a proxy that is believed, whose
//! connections are everybody's.

use std::any::Any;
use std::collections::HashMap;
use std::net::{IpAddr, Shutdown, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::rt::net::TcpStream as Socket;
use actix_web::{Error as ActixError, web};
#[cfg(target_os = "linux")]
use socket2::SockRef;

use crate::web::app::App;
use crate::web::failure::{Failure, present};
use crate::web::limits::of_one;
use crate::web::proxies::{self, Proxies};

/// How long a client may leave what it was sent unread, or unacknowledged, before its connection is
/// ended: whoever asks and never reads would hold it, and what it was sent, for ever.
const UNREAD: Duration = Duration::from_secs(30);

static OPEN: AtomicUsize = AtomicUsize::new(0);

/// How many connections of clients are open in this process.
pub(super) fn open() -> usize {
    OPEN.load(Ordering::Relaxed)
}

/// Counts the connections of each address.
pub struct Connections {
    most: Option<usize>,
    spare_loopback: bool,
    proxies: Proxies,
    held: Mutex<HashMap<IpAddr, usize>>,
}

/// One connection's place in the count; kept with the connection and gone with it.
struct Held {
    _open: Open,
    _place: Option<Place>,
}

/// One of all connections.
struct Open;

/// One of an address.
struct Place {
    of: Arc<Connections>,
    address: IpAddr,
}

impl Connections {
    /// At most so many of one address; 0: no limit. A proxy on this machine brings everybody's
    /// connections from a loopback address, which is therefore not limited unless `even_loopback`;
    /// neither are those of named proxies.
    pub fn at_most(most: usize, even_loopback: bool, proxies: Proxies) -> Arc<Connections> {
        Arc::new(Connections {
            most: (most > 0).then_some(most),
            spare_loopback: !even_loopback,
            proxies,
            held: Mutex::default(),
        })
    }

    /// Counts a new connection, and closes it at once if its address has too many.
    pub(super) fn begin(self: &Arc<Self>, connection: &dyn Any, data: &mut Extensions) {
        let tls = || connection.downcast_ref::<TlsStream<Socket>>().map(|tls| tls.get_ref().0);
        let Some(stream) = connection.downcast_ref::<Socket>().or_else(tls) else { return };
        OPEN.fetch_add(1, Ordering::Relaxed);
        let address = stream.peer_addr().ok().map(|a| a.ip().to_canonical());
        let spared = |a: &IpAddr| (self.spare_loopback && a.is_loopback()) || self.proxies.are(*a);
        let place = address.filter(|a| !spared(a)).map(|address| self.take(address));
        if matches!(place, Some(None)) {
            metrics::counter!("interlude_connections_refused_total").increment(1);
            close(stream);
        }
        end_if_unread(stream);
        data.insert(Held { _open: Open, _place: place.flatten() });
    }

    /// One more place of an address, or nothing if it has as many as it may.
    fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = of_one(address);
        let mut held = self.held.lock().unwrap_or_else(|e| e.into_inner());
        let count = held.entry(address).or_default();
        if self.most.is_some_and(|most| *count >= most) {
            return None;
        }
        *count += 1;
        Some(Place { of: self.clone(), address })
    }
}

/// Counts the requests under way of those who come through a proxy; one too many is told so.
pub(super) async fn through_proxies<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, ActixError> {
    let app = request.app_data::<web::Data<App>>().cloned();
    let origin = proxies::origin(request.request());
    let address = origin.address.filter(|_| origin.proxied);
    let place = app.zip(address).map(|(app, address)| app.requests.take(address));
    if matches!(place, Some(None)) {
        metrics::counter!("interlude_connections_refused_total").increment(1);
        let (request, _) = request.into_parts();
        let refused = present(&request, &Failure::TooMany(1));
        return Ok(ServiceResponse::new(request, refused).map_into_right_body());
    }
    let response = next.call(request).await?.map_into_left_body();
    drop(place);
    Ok(response)
}

impl Drop for Open {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.of.held.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(count) = held.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.address);
            }
        }
    }
}

/// Lets the system end the connection when what was sent has been left unread for [`UNREAD`].
#[cfg(target_os = "linux")]
fn end_if_unread(stream: &Socket) {
    if let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(UNREAD)) {
        tracing::debug!(%error, "a connection has no bound for what is left unread");
    }
}

#[cfg(not(target_os = "linux"))]
fn end_if_unread(_: &Socket) {}

/// Ends both directions; the server then meets an end where a request would begin.
#[cfg(unix)]
fn close(stream: &Socket) {
    use std::os::fd::AsFd;
    let closed = stream
        .as_fd()
        .try_clone_to_owned()
        .and_then(|descriptor| TcpStream::from(descriptor).shutdown(Shutdown::Both));
    if let Err(error) = closed {
        tracing::debug!(%error, "a connection of an address with too many could not be closed");
    }
}

#[cfg(not(unix))]
fn close(_: &Socket) {}
