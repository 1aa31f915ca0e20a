//! HTTP by hand over a blocking socket, for threads that must see exactly what came back when the
//! other side dies, stalls or refuses.

use std::io::{Error, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A whole answer: nothing of it was cut off.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    head: String,
    /// The body.
    pub body: Vec<u8>,
    /// How long it took.
    pub took: Duration,
}

impl Answer {
    /// This header's value, or nothing.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find_map(|(n, value)| n.eq_ignore_ascii_case(name).then(|| value.trim()))
    }

    /// Every value of this header, in its order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }
}

/// A connection that gives up after 20 seconds.
pub fn connect(address: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.set_write_timeout(Some(Duration::from_secs(20)))?;
    Ok(stream)
}

/// Sends a request on a connection of its own and reads the answer to its end.
pub fn ask(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Answer> {
    let begun = Instant::now();
    let mut stream = connect(address)?;
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\naccept-language: en\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    let mut bytes = request.into_bytes();
    bytes.extend_from_slice(body);
    stream.write_all(&bytes)?;
    answer(&mut stream, begun)
}

/// `GET` of a path.
pub fn get(address: &str, path: &str) -> std::io::Result<Answer> {
    ask(address, "GET", path, &[], b"")
}

/// Reads one answer to the end of the connection; an answer that was cut off is an error.
pub fn answer(stream: &mut TcpStream, begun: Instant) -> std::io::Result<Answer> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let cut = || Error::other("the answer was cut off");
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").ok_or_else(cut)?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let body = bytes[end + 4..].to_vec();
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(cut)?;
    let answer = Answer { status, head, body, took: begun.elapsed() };
    let whole = match answer.header("content-length").map(str::parse::<usize>) {
        Some(Ok(length)) => answer.body.len() == length,
        // Neither a length nor pieces: there is nothing to come, as after 304.
        None if answer.header("transfer-encoding").is_none() => answer.body.is_empty(),
        _ => answer.body.ends_with(b"0\r\n\r\n"),
    };
    if whole { Ok(answer) } else { Err(cut()) }
}
