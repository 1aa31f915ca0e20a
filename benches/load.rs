//! How much one machine carries: real servers are started and asked over HTTP, with reports that are
//! each committed and synced, and with the public page that a crowd reads.
//!
//! `scripts/load`, or `cargo bench --bench load [-- SECONDS CONNECTIONS]`. SQLite in a temporary folder
//! (`TMPDIR` chooses the disk); PostgreSQL on the server that `INTERLUDE_TEST_POSTGRES_URL` names, with
//! one instance and with two. Client, servers and database share the machine. What counts are the
//! ratios: each is against `/healthz` in the same run, which costs nothing but HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant as Clock};

use anyhow::{Context, ensure};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use interlude::store::connection::Database;
use interlude::store::{Store, verify};

/// A connection that stays open.
struct Wire(BufReader<TcpStream>);

impl Wire {
    fn to(address: &str) -> anyhow::Result<Wire> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Wire(BufReader::new(stream)))
    }

    /// Sends a request and reads the whole answer; gives its status.
    fn ask(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        self.0.get_mut().write_all(request)?;
        let (mut status, mut length) = (None, None);
        loop {
            let mut line = String::new();
            ensure!(self.0.read_line(&mut line)? > 0, "the connection was closed");
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if status.is_none() {
                status = line.split(' ').nth(1).and_then(|s| s.parse().ok());
            } else if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok();
            }
        }
        let mut body = vec![0; length.context("an answer without a length")?];
        self.0.read_exact(&mut body)?;
        status.context("an answer without a status")
    }
}

/// A server that runs.
struct Server {
    child: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Server {
    fn on(url: &str) -> anyhow::Result<Server> {
        let folder = tempfile::tempdir()?;
        let mut child = Command::new(env!("CARGO_BIN_EXE_interlude"))
            .env("DATABASE_URL", url)
            .env("INTERLUDE_DATA_DIR", folder.path())
            .env("INTERLUDE_LISTEN", "127.0.0.1:0")
            .env("INTERLUDE_PUBLIC_URL", "http://load.example")
            .env("INTERLUDE_RATE_LIMITS", "off")
            .env("INTERLUDE_LOG", "error")
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()?;
        let mut out = BufReader::new(child.stdout.take().context("no output")?);
        let address = loop {
            let mut line = String::new();
            ensure!(out.read_line(&mut line)? > 0, "the server ended before it listened");
            if let Some(rest) = line.trim().strip_prefix("listen:") {
                break rest.trim().trim_start_matches("http://").trim_end_matches('/').to_owned();
            }
        };
        // Whoever prints into a closed pipe fails.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        let server = Server { child, address, _folder: folder };
        for _ in 0..200 {
            let ready = Wire::to(&server.address).and_then(|mut wire| wire.ask(&get("/readyz")));
            if matches!(ready, Ok(200)) {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        anyhow::bail!("the server is never ready")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Packed only where the page is kept packed, with its length: [`Wire`] reads no chunks.
fn get(path: &str) -> Vec<u8> {
    let encoding = if path == "/" { "gzip" } else { "identity" };
    format!(
        "GET {path} HTTP/1.1\r\nhost: load.example\r\naccept-language: en\r\naccept-encoding: {encoding}\r\n\r\n"
    )
    .into_bytes()
}

fn report(key: &str) -> Vec<u8> {
    let body = "{\"impact\": \"blocked\", \"category\": \"login\", \"description\": \"输入短信验证码后一直停在登录页，没有任何提示。\"}";
    format!(
        "POST /api/v1/reports HTTP/1.1\r\nhost: load.example\r\ncontent-type: application/json\r\n\
         idempotency-key: {key}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// What a run of requests came to.
struct Measured {
    each_second: f64,
    median: Duration,
    slow: Duration,
    refused: usize,
    good: usize,
}

/// So many connections ask without a pause for so long.
fn measure(
    servers: &[Server],
    connections: usize,
    time: Duration,
    request: impl Fn(usize, usize) -> Vec<u8> + Sync,
) -> anyhow::Result<Measured> {
    let over = AtomicBool::new(false);
    let begun = Clock::now();
    let outcomes = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|who| {
                let (over, request) = (&over, &request);
                let address = &servers[who % servers.len()].address;
                scope.spawn(move || -> anyhow::Result<(Vec<Duration>, usize)> {
                    let (mut wire, mut took, mut refused) = (Wire::to(address)?, Vec::new(), 0);
                    for n in 0.. {
                        if over.load(Ordering::Relaxed) {
                            break;
                        }
                        let asked = Clock::now();
                        match wire.ask(&request(who, n))? {
                            200 | 201 => took.push(asked.elapsed()),
                            503 => refused += 1,
                            status => anyhow::bail!("answered {status}"),
                        }
                    }
                    Ok((took, refused))
                })
            })
            .collect();
        std::thread::sleep(time);
        over.store(true, Ordering::Relaxed);
        threads
            .into_iter()
            .map(|t| t.join().unwrap_or_else(|_| anyhow::bail!("a client panicked")))
            .collect::<Vec<_>>()
    });
    let elapsed = begun.elapsed();
    let (mut all, mut refused) = (Vec::new(), 0);
    for outcome in outcomes {
        let (took, no) = outcome?;
        all.extend(took);
        refused += no;
    }
    all.sort_unstable();
    let at = |share: f64| {
        all.get(((all.len() as f64 * share) as usize).min(all.len() - 1)).copied().unwrap_or_default()
    };
    Ok(Measured {
        each_second: all.len() as f64 / elapsed.as_secs_f64(),
        median: at(0.5),
        slow: at(0.99),
        refused,
        good: all.len(),
    })
}

fn line(what: &str, measured: &Measured, baseline: f64) {
    println!(
        "  {what:<34} {:>8.0} /s   half {:>7.1} ms   99 of 100 {:>7.1} ms   refused {:>5}   ratio {:>5.2}",
        measured.each_second,
        measured.median.as_secs_f64() * 1e3,
        measured.slow.as_secs_f64() * 1e3,
        measured.refused,
        measured.each_second / baseline,
    );
}

fn told(
    title: &str,
    database: &Database,
    url: &str,
    instances: usize,
    time: Duration,
    many: usize,
) -> anyhow::Result<f64> {
    println!("{title}");
    let demo = Command::new(env!("CARGO_BIN_EXE_interlude")).arg("demo").env("DATABASE_URL", url).output()?;
    ensure!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    let servers: Vec<Server> = (0..instances).map(|_| Server::on(url)).collect::<anyhow::Result<_>>()?;
    let before = Store::open(database.clone())?.read_here(verify::counted)?.reports;
    // Kept from then on; a first reader under full load may be told to come again.
    for server in &servers {
        ensure!(Wire::to(&server.address)?.ask(&get("/"))? == 200, "the public page is not there");
    }
    let bare = measure(&servers, many, time, |_, _| get("/healthz"))?;
    line("nothing but HTTP (/healthz)", &bare, bare.each_second);
    let page = measure(&servers, many, time, |_, _| get("/"))?;
    line("the public page", &page, bare.each_second);
    let one = measure(&servers, 1, time, |who, n| report(&format!("alone-{who:06}-{n:012}")))?;
    line("reports, one after the other", &one, bare.each_second);
    let reports = measure(&servers, many, time, |who, n| report(&format!("group-{who:06}-{n:012}")))?;
    line("reports, all connections", &reports, bare.each_second);
    drop(servers);
    let after = Store::open(database.clone())?.read_here(verify::verify)?;
    ensure!(after.findings.is_empty(), "{:?}", after.findings);
    // Those under way at the end may be there without having been counted here.
    let there = (after.reports - before) as usize;
    ensure!(there >= one.good + reports.good, "{there} of {} are there", one.good + reports.good);
    Ok(reports.each_second)
}

fn main() -> anyhow::Result<()> {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let time = Duration::from_secs(numbers.first().copied().unwrap_or(5));
    let many = numbers.get(1).copied().unwrap_or(64) as usize;
    println!("{many} connections, {} s each, client and servers on one machine", time.as_secs());
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("load.db");
    let url = format!("sqlite:{}", file.display());
    let sqlite = told("SQLite, one instance", &Database::Sqlite(file), &url, 1, time, many)?;
    let Some(server) = std::env::var("INTERLUDE_TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty()) else {
        println!("PostgreSQL left out: INTERLUDE_TEST_POSTGRES_URL names no server");
        return Ok(());
    };
    let mut figures = Vec::new();
    for instances in [1, 2] {
        let name = format!("load_{}_{instances}", std::process::id());
        let mut admin = PgConnection::establish(&server)?;
        admin.batch_execute(&format!("CREATE DATABASE {name}"))?;
        let url = format!("{}/{name}", server.rsplit_once('/').context("not a URL")?.0);
        let title = format!("PostgreSQL, {instances} instance(s)");
        let outcome = told(&title, &Database::Postgres(url.clone()), &url, instances, time, many);
        admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))?;
        figures.push(outcome?);
    }
    println!("reports, PostgreSQL to SQLite    {:.2}", figures[0] / sqlite);
    println!("reports, two instances to one    {:.2}", figures[1] / figures[0]);
    Ok(())
}
