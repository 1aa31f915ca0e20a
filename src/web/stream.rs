//! Long answers, written by a thread of their own into a channel that the reader empties.

use std::io::{self, Write};
use std::task::Poll;
use std::time::{Duration, Instant as Clock};

use actix_web::web::Bytes;
use futures_util::stream::{self, Stream};
use tokio::sync::{Semaphore, mpsc};

use crate::store::error::{Error, Result};

/// Bytes of a piece.
const CHUNK: usize = 64 * 1024;
/// How many pieces wait for a slow reader.
const AHEAD: usize = 4;
/// How long the writer waits for a reader that takes nothing.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long one answer may take altogether: for so long it may keep a snapshot open.
const LONGEST: Duration = Duration::from_secs(30 * 60);
/// How many such answers there may be at once.
static PLACES: Semaphore = Semaphore::const_new(4);

/// Nothing marks the end: an answer whose writer vanished must not look whole.
type Piece = Option<Bytes>;

/// What the thread writes into.
pub struct Out {
    pieces: mpsc::Sender<Piece>,
    waiting: Vec<u8>,
    until: Clock,
}

impl Out {
    fn send(&mut self, mut piece: Piece) -> io::Result<()> {
        let give_up = (Clock::now() + PATIENCE).min(self.until);
        loop {
            match self.pieces.try_send(piece) {
                Ok(()) => return Ok(()),
                Err(mpsc::error::TrySendError::Closed(_)) => {
                    return Err(io::Error::new(io::ErrorKind::BrokenPipe, "the reader has gone"));
                }
                Err(mpsc::error::TrySendError::Full(again)) => {
                    if Clock::now() >= give_up {
                        return Err(io::Error::new(io::ErrorKind::TimedOut, "the reader takes nothing"));
                    }
                    piece = again;
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        }
    }

    fn send_waiting(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::replace(&mut self.waiting, Vec::with_capacity(CHUNK)));
        self.send(Some(piece))
    }
}

impl Write for &mut Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= CHUNK {
            self.send_waiting()?;
        }
        Ok(bytes.len())
    }

    /// Pieces are sent when they are full; only the end sends what is left.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs `write` on a thread of its own and gives what it writes. If it fails, the answer breaks off
/// without its end, which readers of HTTP notice. It is told to stop, by an error, when the reader
/// goes away, takes nothing for 30 seconds, or takes half an hour.
///
/// [`Error::Busy`] if too many such answers are under way.
pub fn from_thread(
    name: &'static str,
    write: impl FnOnce(&mut Out) -> Result<()> + Send + 'static,
) -> Result<impl Stream<Item = io::Result<Bytes>> + 'static> {
    let place = PLACES.try_acquire().map_err(|_| Error::Busy)?;
    let (pieces, mut taken) = mpsc::channel::<Piece>(AHEAD);
    let until = Clock::now() + LONGEST;
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            let _place = place;
            let mut out = Out { pieces, waiting: Vec::with_capacity(CHUNK), until };
            let outcome = write(&mut out);
            let sent = outcome
                .map_err(|e| io::Error::other(e.to_string()))
                .and_then(|()| out.send_waiting())
                .and_then(|()| out.send(None));
            if let Err(error) = sent {
                tracing::warn!(%error, name, "a long answer broke off");
            }
        })
        .map_err(|e| Error::Internal(format!("no thread for a long answer: {e}")))?;
    let mut over = false;
    Ok(stream::poll_fn(move |context| {
        if over {
            return Poll::Ready(None);
        }
        taken.poll_recv(context).map(|piece| match piece {
            Some(Some(bytes)) => Some(Ok(bytes)),
            Some(None) => {
                over = true;
                None
            }
            None => {
                over = true;
                Some(Err(io::Error::other("the answer broke off")))
            }
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;

    fn read(write: impl FnOnce(&mut Out) -> Result<()> + Send + 'static) -> (usize, bool) {
        actix_web::rt::System::new().block_on(async {
            let mut stream = std::pin::pin!(from_thread("test", write).unwrap());
            let (mut bytes, mut broken) = (0, false);
            while let Some(piece) = stream.next().await {
                match piece {
                    Ok(piece) => bytes += piece.len(),
                    Err(_) => broken = true,
                }
            }
            (bytes, broken)
        })
    }

    #[test]
    fn only_what_came_to_its_end_looks_whole() {
        let line = [b'x'; 1_000];
        let many = move |out: &mut Out| {
            (0..1_000).try_for_each(|_| {
                let mut out = &mut *out;
                out.write_all(&line)
            })
        };
        assert_eq!(
            read(move |out| {
                many(out).unwrap();
                Ok(())
            }),
            (1_000_000, false)
        );
        assert!(
            read(move |out| {
                many(out).unwrap();
                Err(Error::Busy)
            })
            .1
        );
        assert!(
            read(move |out| {
                many(out).unwrap();
                panic!("on purpose")
            })
            .1
        );
    }
}
