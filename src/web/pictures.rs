//! Pictures on their way in and out: read within bounds, made ours beside the threads that answer
//! requests, and sent so that no browser takes them for anything else.

use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, dev};
use futures_util::StreamExt;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::domain::fields::FieldErrors;
use crate::domain::screenshot::{COUNT_MAX, FILE_MAX, PictureKind, Screenshot, too_large};
use crate::store::Error;
use crate::web::failure::Failure;

/// How many may send files at the same time; each holds one file in memory.
static READING: Semaphore = Semaphore::const_new(12);
/// How many pictures are decoded at the same time; each takes up to a few hundred MiB for a moment.
static WORKING: Semaphore = Semaphore::const_new(2);

/// How long all files of one request may take to arrive.
const TIME: Duration = Duration::from_secs(120);
/// How long a file waits for its turn to be decoded.
const PATIENCE: Duration = Duration::from_secs(20);
/// How much is read of what is too large anyway, so that the sender hears why it is refused; browsers
/// show nothing to whoever is cut off while sending.
const DRAINED: usize = 64 * 1024 * 1024;

/// The files of a form, one after the other.
pub struct Files {
    parts: Multipart,
    until: tokio::time::Instant,
    read: usize,
    given: usize,
    _turn: SemaphorePermit<'static>,
}

impl Files {
    /// Begins to read. [`Error::Busy`] if too many others are sending files.
    pub fn of(request: &HttpRequest, payload: dev::Payload) -> Result<Files, Failure> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
            return Err(Failure::UnsupportedType);
        }
        let turn = READING.try_acquire().map_err(|_| Error::Busy)?;
        Ok(Files {
            parts: Multipart::new(request.headers(), payload),
            until: tokio::time::Instant::now() + TIME,
            read: 0,
            given: 0,
            _turn: turn,
        })
    }

    /// The next file; empty ones, as forms send them for nothing chosen, are left out.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        loop {
            let part = tokio::time::timeout_at(self.until, self.parts.next()).await;
            let Some(part) = part.map_err(|_| Failure::TooSlow)? else { return Ok(None) };
            let mut part = part.map_err(|_| damaged())?;
            let is_file = part.content_disposition().is_some_and(|d| d.get_filename().is_some());
            let named =
                part.content_disposition().and_then(|d| d.get_filename()).is_some_and(|n| !n.is_empty());
            let file = self.whole(&mut part).await?;
            if is_file && (named || !file.is_empty()) {
                self.given += 1;
                if self.given > COUNT_MAX {
                    return Err(crate::store::reports::images::too_many().into());
                }
                return Ok(Some(file));
            }
        }
    }

    async fn whole(&mut self, part: &mut Field) -> Result<Vec<u8>, Failure> {
        let mut file = Vec::new();
        let mut large = false;
        loop {
            let chunk = tokio::time::timeout_at(self.until, part.next()).await;
            let Some(chunk) = chunk.map_err(|_| Failure::TooSlow)? else { break };
            let chunk = chunk.map_err(|_| damaged())?;
            self.read += chunk.len();
            large |= file.len() + chunk.len() > FILE_MAX;
            if self.read > DRAINED {
                return Err(too_large().into());
            }
            if large {
                file = Vec::new();
            } else {
                file.extend_from_slice(&chunk);
            }
        }
        if large { Err(too_large().into()) } else { Ok(file) }
    }
}

fn damaged() -> Failure {
    FieldErrors::one("image", "image-damaged").into()
}

/// One file that is the whole body of a request.
pub async fn body(mut payload: dev::Payload) -> Result<Vec<u8>, Failure> {
    let _turn = READING.try_acquire().map_err(|_| Error::Busy)?;
    let until = tokio::time::Instant::now() + TIME;
    let (mut file, mut read) = (Vec::new(), 0);
    loop {
        let chunk = tokio::time::timeout_at(until, payload.next()).await.map_err(|_| Failure::TooSlow)?;
        let Some(chunk) = chunk else { break };
        let chunk = chunk.map_err(|_| damaged())?;
        read += chunk.len();
        if read > DRAINED {
            return Err(too_large().into());
        }
        if read > FILE_MAX {
            file = Vec::new();
        } else {
            file.extend_from_slice(&chunk);
        }
    }
    if read > FILE_MAX { Err(too_large().into()) } else { Ok(file) }
}

/// The file as it is kept; see [`Screenshot::of_file`].
pub async fn tidied(file: Vec<u8>) -> Result<Screenshot, Failure> {
    let turn = tokio::time::timeout(PATIENCE, WORKING.acquire()).await.map_err(|_| Error::Busy)?;
    let turn = turn.map_err(|_| Error::Busy)?;
    let done = tokio::task::spawn_blocking(move || {
        // Kept here, for the work goes on even if the sender is gone.
        let _turn = turn;
        Screenshot::of_file(&file)
    });
    match done.await {
        Ok(kept) => Ok(kept?),
        // A decoder that stumbles over a file has found it damaged.
        Err(stumbled) => {
            tracing::warn!(%stumbled, "a picture could not be decoded");
            Err(damaged())
        }
    }
}

/// A picture as an answer: of exactly this kind, run by nobody, kept by nobody.
pub fn answer(id: i64, kind: PictureKind, content: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind.media_type())
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header(("cross-origin-resource-policy", "same-origin"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("inline; filename=\"screenshot-{id}.{}\"", kind.extension()),
        ))
        .body(content)
}
