//! What commands say. Whoever reads it may go away before its end (`interlude window list | head -1`):
//! that is no failure, and what was begun is finished all the same.

use std::fmt::Arguments;
use std::io::{BufWriter, Error, ErrorKind, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::store::{Result, backup};

/// Something else than a reader who went away has kept a line from standard output.
static FAILED: AtomicBool = AtomicBool::new(false);

/// A line on standard output, if somebody still reads it.
macro_rules! say {
    ($($what:tt)*) => { $crate::cli::output::out(format_args!($($what)*)) };
}

/// A line on standard error, if somebody still reads it.
macro_rules! tell {
    ($($what:tt)*) => { $crate::cli::output::aside(format_args!($($what)*)) };
}

/// Writes a line; see [`say!`].
pub(super) fn out(what: Arguments<'_>) {
    let mut to = std::io::stdout().lock();
    if let Err(error) = writeln!(to, "{what}")
        && error.kind() != ErrorKind::BrokenPipe
        && !FAILED.swap(true, Ordering::Relaxed)
    {
        aside(format_args!("interlude: standard output: {error}"));
    }
}

/// Writes a line; see [`tell!`]. There is nobody who could be told that it did not go well.
pub(super) fn aside(what: Arguments<'_>) {
    let _ = writeln!(std::io::stderr().lock(), "{what}");
}

/// Whether something that was said has been lost, though there is a reader.
pub(super) fn failed() -> bool {
    FAILED.load(Ordering::Relaxed)
}

/// Whoever read standard output went away before all of it was written.
#[derive(Debug, thiserror::Error)]
#[error("the reader of standard output is gone")]
pub(super) struct Gone;

/// Passes on what is written and keeps what stood against it: the errors of the store do not tell it from
/// trouble of the database.
struct Watched<W> {
    to: W,
    error: Option<Error>,
}

impl<W> Watched<W> {
    fn kept<T>(&mut self, outcome: std::io::Result<T>) -> std::io::Result<T> {
        if let Err(error) = &outcome
            && error.kind() != ErrorKind::Interrupted
            && self.error.is_none()
        {
            self.error = Some(again(error));
        }
        outcome
    }
}

impl<W: Write> Write for Watched<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let outcome = self.to.write(bytes);
        self.kept(outcome)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let outcome = self.to.flush();
        self.kept(outcome)
    }
}

/// The same error, for one that is borrowed; without the names of files that nobody knows.
fn again(error: &Error) -> Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), Error::from_raw_os_error)
}

/// What keeps a file from being written, by the name that was given to it.
pub(super) fn at(file: &Path) -> impl Fn(Error) -> anyhow::Error {
    let name = file.display().to_string();
    move |error| backup::Error::File(name.clone(), again(&error)).into()
}

/// Lets `write` fill `to`, which is this file or, without one, standard output; gives it back. Errors:
/// [`Gone`], that of a file, or what `write` met.
pub(super) fn into<W: Write + Send, T, E: Into<anyhow::Error>>(
    file: Option<&Path>,
    to: W,
    write: impl FnOnce(&mut (dyn Write + Send)) -> std::result::Result<T, E>,
) -> anyhow::Result<(W, T)> {
    let mut buffer = BufWriter::new(Watched { to, error: None });
    let written = write(&mut buffer);
    // What stands against it is kept.
    let _ = buffer.flush();
    let (watched, _) = buffer.into_parts();
    match (watched.error, file) {
        (None, _) => written.map(|value| (watched.to, value)).map_err(Into::into),
        (Some(error), None) if error.kind() == ErrorKind::BrokenPipe => Err(Gone.into()),
        (Some(error), file) => Err(at(file.unwrap_or(Path::new("standard output")))(error)),
    }
}

/// The same with standard output.
pub(super) fn into_stdout(write: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>) -> anyhow::Result<()> {
    into(None, std::io::stdout(), write).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a few bytes, then fails so.
    struct Full(usize, ErrorKind);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            if taken == 0 { Err(self.1.into()) } else { Ok(taken) }
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn outcome(file: Option<&Path>, to: Full) -> anyhow::Error {
        let write = |out: &mut (dyn Write + Send)| -> Result<()> {
            let lost = || crate::store::Error::Unavailable("the reader is gone".to_owned());
            out.write_all(&[0; 100_000]).map_err(|_| lost())
        };
        into(file, to, write).map(drop).unwrap_err()
    }

    #[test]
    fn a_reader_who_is_gone_is_no_trouble_of_the_database() {
        assert!(outcome(None, Full(5, ErrorKind::BrokenPipe)).is::<Gone>());
        let full = outcome(None, Full(5, ErrorKind::StorageFull));
        assert!(full.to_string().starts_with("standard output: "), "{full}");
        let full = outcome(Some(Path::new("x.csv")), Full(5, ErrorKind::StorageFull));
        assert!(full.to_string().starts_with("x.csv: "), "{full}");
    }
}
