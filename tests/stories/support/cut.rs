//! A wire between a program and its database that can be cut: while it is, nothing is passed on and
//! nobody is told.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The wire; it goes when this is dropped.
pub struct Wire {
    /// Where to connect instead.
    pub address: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    cut: AtomicBool,
    over: AtomicBool,
    /// Rises when the connections that there were are gone for good.
    age: AtomicUsize,
    ends: Mutex<Vec<TcpStream>>,
}

impl Wire {
    /// A wire to this address.
    pub fn to(address: &str) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let wire = Wire { address: listener.local_addr().unwrap().to_string(), state: Arc::default() };
        let (state, far) = (wire.state.clone(), address.to_owned());
        std::thread::spawn(move || {
            for near in listener.incoming() {
                if state.over.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(near) = near else { continue };
                let (state, far) = (state.clone(), far.clone());
                std::thread::spawn(move || connect(&state, near, &far));
            }
        });
        wire
    }

    /// From now on nothing passes; connections stay open, and new ones are taken.
    pub fn cut(&self) {
        self.state.cut.store(true, Ordering::SeqCst);
    }

    /// New connections work again. Those from before stay as dead as they were: nobody is told.
    pub fn mend(&self) {
        self.state.age.fetch_add(1, Ordering::SeqCst);
        self.state.cut.store(false, Ordering::SeqCst);
    }
}

fn connect(state: &Arc<State>, near: TcpStream, far: &str) {
    let age = state.age.load(Ordering::SeqCst);
    let Ok(far) = TcpStream::connect(far) else { return };
    for stream in [&near, &far] {
        drop(stream.set_nodelay(true));
        state.ends.lock().unwrap().push(stream.try_clone().unwrap());
    }
    let (near2, far2) = (near.try_clone().unwrap(), far.try_clone().unwrap());
    let other = state.clone();
    std::thread::spawn(move || pass(&other, age, near2, far2));
    pass(state, age, far, near);
}

fn pass(state: &State, age: usize, mut from: TcpStream, mut to: TcpStream) {
    from.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut bytes = [0; 16 * 1024];
    loop {
        if state.over.load(Ordering::SeqCst) {
            return;
        }
        let dead = || state.cut.load(Ordering::SeqCst) || state.age.load(Ordering::SeqCst) != age;
        if dead() {
            std::thread::sleep(Duration::from_millis(20));
            continue;
        }
        match from.read(&mut bytes) {
            // What was under way when the wire was cut is lost with it.
            Ok(_) if dead() => {}
            Ok(0) => break,
            Ok(n) => {
                if to.write_all(&bytes[..n]).is_err() {
                    break;
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    drop((from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both)));
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::SeqCst);
        for end in self.state.ends.lock().unwrap().drain(..) {
            drop(end.shutdown(Shutdown::Both));
        }
        // Wakes the one who waits for connections.
        drop(TcpStream::connect(&self.address));
    }
}
