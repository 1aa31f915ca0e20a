//! More than the server can carry: it says so at once, lets go of who is slow, and those who are
//! honest are still served. Asked to end, it finishes what runs.

use futures_util::FutureExt;
use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::support::process::{Start, exactly};
use crate::support::{Place, World, raw};

/// A queue that is full turns reports away at once and says when to come again.
#[test]
fn a_full_queue_refuses_at_once() {
    let _alone = crate::support::alone();
    let world = World::on_sqlite();
    world.run(async {
        let (go, wait) = mpsc::channel::<()>();
        let wait = std::sync::Mutex::new(wait);
        let store = world.store.clone();
        let (began, begun) = tokio::sync::oneshot::channel();
        let mut began = Some(began);
        let held = actix_web::rt::spawn(async move {
            // Ends with an error when the sender goes.
            let hold = move || wait.lock().unwrap().recv_timeout(Duration::from_secs(20)).unwrap_err();
            store
                .write(move |_| {
                    if let Some(began) = began.take() {
                        began.send(()).unwrap();
                    }
                    hold();
                    Ok(())
                })
                .await
        });
        // From here on the writer takes nothing out of the queue.
        begun.await.unwrap();
        let mut waiting = Vec::new();
        // More than the queue and the batch under way hold together.
        for _ in 0..2_048 + 512 + 100 {
            let store = world.store.clone();
            waiting.push(actix_web::rt::spawn(async move { store.write(|_| Ok(())).await }));
        }
        let until = Instant::now() + Duration::from_secs(10);
        while world.store.load().waiting < world.store.load().room {
            assert!(Instant::now() < until, "the queue is never full");
            actix_web::rt::time::sleep(Duration::from_millis(10)).await;
        }
        let body = br#"{"impact": "blocked", "description": "x"}"#.to_vec();
        let headers = [("content-type", "application/json"), ("idempotency-key", "a-key-of-22-characters-x")];
        // At once: the first look at the refused change already has its answer.
        let at_once = world.store.write(|_| Ok(())).now_or_never();
        assert!(matches!(at_once, Some(Err(interlude::store::Error::Busy))));
        // The writer is held until `go` is dropped: an answer before that did not wait for its turn.
        let begun = Instant::now();
        let refused = world.anyone().send("post", "/api/v1/reports", &headers, body.clone()).await;
        assert!(begun.elapsed() < Duration::from_secs(10), "refused after {:?}", begun.elapsed());
        let refused = refused.shows_problem(503, "");
        assert_eq!(refused.header("retry-after"), "1");
        // What only reads is not held up.
        world.anyone().get("/readyz").await.is(200);
        drop(go);
        held.await.unwrap().unwrap();
        for done in waiting {
            drop(done.await.unwrap());
        }
        world.anyone().send("post", "/api/v1/reports", &headers, body).await.is(201);
    });
}

/// Opens a connection and begins to say something.
fn begin(address: &str, beginning: &str) -> TcpStream {
    let mut stream = raw::connect(address).unwrap();
    stream.write_all(beginning.as_bytes()).unwrap();
    stream
}

/// A thousand connections that say their request letter by letter keep nobody from being served, and are
/// let go: the head has 10 seconds, the body 15.
#[test]
fn slow_clients_are_let_go() {
    let _alone = crate::support::alone();
    raise_open_files();
    let place = Place::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let process = Start::on(&place.database, folder.path()).go();
    let opened = Instant::now();
    let heads: Vec<_> = (0..800)
        .map(|_| begin(&process.address, "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\nx-slow: "))
        .collect();
    let head = "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                idempotency-key: a-key-of-22-characters-x\r\ncontent-length: 1000\r\n\r\n{";
    let bodies: Vec<_> = (0..200).map(|_| begin(&process.address, head)).collect();
    for n in 0..20 {
        let honest = process.report(&format!("an-honest-one-of-22-chars-{n}"), "honest").unwrap();
        assert_eq!(honest.status, 201);
        // Before any of the slow ones has had its time.
        assert!(honest.took < Duration::from_secs(9), "served after {:?}", honest.took);
    }
    let open: usize = metric(&process.get("/metrics").text(), "interlude_connections");
    // Where all this took longer, the first of them are gone by right.
    if opened.elapsed() < Duration::from_secs(9) {
        assert!(open >= 1_000, "only {open} were open");
    }
    for mut stream in heads {
        let mut said = String::new();
        // Let go with or without a word.
        drop(stream.read_to_string(&mut said));
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{said}");
    }
    assert!(opened.elapsed() < Duration::from_secs(35), "let go after {:?}", opened.elapsed());
    for mut stream in bodies {
        // Bytes that trickle in do not buy more time.
        drop(stream.write_all(b" "));
        let mut said = String::new();
        drop(stream.read_to_string(&mut said));
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{said}");
    }
    assert!(opened.elapsed() < Duration::from_secs(75), "let go after {:?}", opened.elapsed());
    // The last of them may be counted a moment longer than it is open.
    let few = |a: &raw::Answer| metric(&a.text(), "interlude_connections") < 20;
    process.wait_for("/metrics", Duration::from_secs(5), few);
}

/// Asks on a connection that goes on, and gives the body.
fn ask_on(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    let (mut heard, mut bytes) = (Vec::new(), [0; 8_192]);
    loop {
        let n = stream.read(&mut bytes).unwrap();
        assert!(n > 0, "the connection has ended: {}", String::from_utf8_lossy(&heard));
        heard.extend_from_slice(&bytes[..n]);
        let text = String::from_utf8_lossy(&heard).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.to_ascii_lowercase();
        let length =
            length.split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse::<usize>();
        if body.len() >= length.unwrap() {
            return body.to_owned();
        }
    }
}

/// Where a process may have few open files, connections leave enough of them for everything else: those
/// who are served go on being served, nothing fails for want of a file, and who comes late has a turn.
#[cfg(target_os = "linux")]
#[test]
fn few_open_files_are_not_used_up() {
    let _alone = crate::support::alone();
    raise_open_files();
    let place = Place::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let few = ["sh", "-c", "ulimit -n 256 && exec \"$0\""].map(str::to_owned);
    let process = Start::through(&few, &place.database, folder.path()).go();
    let mut honest = raw::connect(&process.address).unwrap();
    let figures = "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n";
    ask_on(&mut honest, figures);
    let slow: Vec<_> =
        (0..350).map(|_| begin(&process.address, "GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ")).collect();
    // Until they are let go, after ten seconds.
    let until = Instant::now() + Duration::from_secs(6);
    let mut most = 0;
    while Instant::now() < until {
        most = most.max(metric(&ask_on(&mut honest, figures), "interlude_connections"));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!((100..=156).contains(&most), "{most} were open");
    let body = r#"{"impact": "blocked", "description": "honest"}"#;
    let report = format!(
        "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         idempotency-key: a-key-of-22-characters-x\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    assert!(ask_on(&mut honest, &report).contains("receipt"));
    process.wait_for("/healthz", Duration::from_secs(90), |a| a.status == 200);
    drop(slow);
    let logged = process.logged();
    assert!(!logged.contains("Too many open files"), "{logged}");
    assert!(logged.contains("156"), "{logged}");
}

/// Whoever asks for much and reads nothing of it holds a connection for a while only.
#[cfg(target_os = "linux")]
#[test]
fn clients_that_never_read_are_let_go() {
    const HOARDERS: usize = 3;
    let place = Place::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let process = Start::on(&place.database, folder.path()).go();
    let page = process.get("/").text();
    let style = page.split('"').find(|part| part.ends_with(".css")).unwrap().to_owned();
    // More than the buffers of both sides hold.
    let asks = format!("GET {style} HTTP/1.1\r\nhost: x\r\n\r\n").repeat(600);
    let hoarders: Vec<_> = (0..HOARDERS).map(|_| begin(&process.address, &asks)).collect();
    let open = |answer: &raw::Answer| metric(&answer.text(), "interlude_connections");
    process.wait_for("/metrics", Duration::from_secs(60), |a| a.status == 200 && open(a) > HOARDERS);
    process.wait_for("/metrics", Duration::from_secs(120), |a| a.status == 200 && open(a) <= 1);
    drop(hoarders);
}

/// Each of the connections is a file of this process as well.
fn raise_open_files() {
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current = limit.maximum;
    rustix::process::setrlimit(rustix::process::Resource::Nofile, limit).unwrap();
}

/// The value of a metric without labels.
fn metric(text: &str, name: &str) -> usize {
    let line = text.lines().find(|line| line.starts_with(&format!("{name} ")));
    line.unwrap_or_else(|| panic!("no {name} in {text}")).rsplit(' ').next().unwrap().parse().unwrap()
}

/// An address of this machine that is not the loopback address.
fn own_address() -> Option<std::net::IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent: this only asks which address would be used.
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// One address may hold so many connections and no more; others are still served.
#[test]
fn one_address_does_not_take_all() {
    let _alone = crate::support::alone();
    let Some(address) = own_address() else {
        crate::support::left_out("this machine has no address but the loopback address");
        return;
    };
    let place = Place::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let process = Start::on(&place.database, folder.path())
        .with("INTERLUDE_LISTEN", "0.0.0.0:0")
        .with("INTERLUDE_CONNECTIONS_PER_ADDRESS", "5")
        .go();
    let (_, port) = process.address.rsplit_once(':').unwrap();
    let outside = format!("{address}:{port}");
    let held: Vec<_> = (0..5).map(|_| begin(&outside, "GET /healthz HTTP/1.1\r\nhost: x\r\n")).collect();
    let inside = format!("127.0.0.1:{port}");
    let until = Instant::now() + Duration::from_secs(30);
    while metric(&raw::get(&inside, "/metrics").unwrap().text(), "interlude_connections") < 6 {
        assert!(Instant::now() < until, "the connections are not counted");
    }
    assert!(raw::get(&outside, "/healthz").is_err(), "a sixth connection was served");
    assert_eq!(raw::get(&inside, "/healthz").unwrap().status, 200);
    let refused =
        metric(&raw::get(&inside, "/metrics").unwrap().text(), "interlude_connections_refused_total");
    assert!(refused >= 1);
    drop(held);
    let until = Instant::now() + Duration::from_secs(30);
    while !raw::get(&outside, "/healthz").is_ok_and(|a| a.status == 200) {
        assert!(Instant::now() < until, "the place of a connection that is gone is not free again");
    }
    drop(process);
}

/// Asked to end, it takes no new connection, finishes what runs, and ends well within 15 seconds.
#[test]
fn what_runs_is_finished() {
    let _alone = crate::support::alone();
    let place = Place::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let mut process = Start::on(&place.database, folder.path()).apart().go();
    let body = r#"{"impact": "blocked", "description": "the last one"}"#;
    let head = format!(
        "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
         idempotency-key: a-key-of-22-characters-x\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let begun = Instant::now();
    let mut running = begin(&process.address, &head);
    running.write_all(&body.as_bytes()[..10]).unwrap();
    // The beginning is a connection of the server and no longer one that waits to be taken.
    let two = |a: &raw::Answer| metric(&a.text(), "interlude_connections") >= 2;
    process.wait_for("/metrics", Duration::from_secs(30), two);
    std::thread::sleep(Duration::from_millis(300));
    process.ask_to_end();
    // The rest of the request has 15 seconds from its beginning.
    let until = Instant::now() + Duration::from_secs(8);
    while raw::get(&process.address, "/healthz").is_ok() {
        assert!(Instant::now() < until, "a new connection was taken");
        std::thread::sleep(Duration::from_millis(50));
    }
    running.write_all(&body.as_bytes()[10..]).unwrap();
    let answer = raw::answer(&mut running, begun).unwrap();
    assert_eq!(answer.status, 201, "{}", answer.text());
    let status = process.wait_for_end(Duration::from_secs(30));
    assert_eq!(status.code(), Some(0), "{}", process.logged());
    exactly(&place.database, &["the last one".to_owned()]);
}

/// Whoever never finishes does not keep it from ending.
#[test]
fn it_ends_in_time_whoever_hangs_on() {
    let _alone = crate::support::alone();
    let place = Place::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let mut process = Start::on(&place.database, folder.path()).go();
    let hanging: Vec<_> = (0..5).map(|_| begin(&process.address, "GET /healthz HTTP/1.1\r\n")).collect();
    std::thread::sleep(Duration::from_millis(300));
    process.ask_to_end();
    assert_eq!(process.wait_for_end(Duration::from_secs(30)).code(), Some(0), "{}", process.logged());
    drop(hanging);
}
