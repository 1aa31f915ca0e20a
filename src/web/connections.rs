//! How many connections one address may hold open, so that a single one cannot take them all.

use std::any::Any;
use std::collections::HashMap;
use std::net::{IpAddr, Shutdown, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use actix_web::dev::Extensions;

static OPEN: AtomicUsize = AtomicUsize::new(0);

/// How many connections of clients are open in this process.
pub(super) fn open() -> usize {
    OPEN.load(Ordering::Relaxed)
}

/// Counts the connections of each address.
pub struct Connections {
    most: Option<usize>,
    spare_loopback: bool,
    held: Mutex<HashMap<IpAddr, usize>>,
}

/// One connection's place in the count; kept with the connection and gone with it.
struct Held {
    of: Arc<Connections>,
    address: Option<IpAddr>,
}

impl Connections {
    /// At most so many of one address; 0: no limit. A proxy on this machine brings everybody's
    /// connections from a loopback address, which is therefore not limited unless `even_loopback`.
    pub fn at_most(most: usize, even_loopback: bool) -> Arc<Connections> {
        Arc::new(Connections {
            most: (most > 0).then_some(most),
            spare_loopback: !even_loopback,
            held: Mutex::default(),
        })
    }

    /// Counts a new connection, and closes it at once if its address has too many.
    pub(super) fn begin(self: &Arc<Self>, connection: &dyn Any, data: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() else { return };
        OPEN.fetch_add(1, Ordering::Relaxed);
        let address = stream.peer_addr().ok().map(|a| a.ip().to_canonical());
        let limited = address.filter(|a| self.most.is_some() && !(self.spare_loopback && a.is_loopback()));
        if let Some(address) = limited {
            let mut held = self.held.lock().unwrap_or_else(|e| e.into_inner());
            let count = held.entry(address).or_default();
            *count += 1;
            if self.most.is_some_and(|most| *count > most) {
                metrics::counter!("interlude_connections_refused_total").increment(1);
                close(stream);
            }
        }
        data.insert(Held { of: self.clone(), address: limited });
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
        let Some(address) = self.address else { return };
        let mut held = self.of.held.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(count) = held.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                held.remove(&address);
            }
        }
    }
}

/// Ends both directions; the server then meets an end where a request would begin.
#[cfg(unix)]
fn close(stream: &actix_web::rt::net::TcpStream) {
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
fn close(_: &actix_web::rt::net::TcpStream) {}
