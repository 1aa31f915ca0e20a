//! What stands in the way of the database at present, as the last calls met it.

use std::sync::Mutex;
use std::time::{Duration, Instant as Clock};

use super::error::Error;

/// How long after one attempt to write the next one is made only to see whether it works again.
const PROBE_EVERY: Duration = Duration::from_secs(2);

/// Which kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TroubleKind {
    /// Another process holds the database, or a lock on what every report needs.
    Locked,
    /// There is no room left.
    Full,
    /// The database cannot be reached, read or written.
    Unavailable,
}

impl TroubleKind {
    /// The code for programs.
    pub fn code(self) -> &'static str {
        match self {
            TroubleKind::Locked => "locked",
            TroubleKind::Full => "full",
            TroubleKind::Unavailable => "unavailable",
        }
    }
}

/// A trouble that the last call of its kind met.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// Which kind.
    pub kind: TroubleKind,
    /// The database's own words; for logs and those on the machine, not for the public.
    pub why: String,
}

impl Trouble {
    /// The trouble that this failure tells of, if it tells of one.
    pub fn of(error: &Error) -> Option<Trouble> {
        let kind = match error {
            Error::Busy | Error::Locked => TroubleKind::Locked,
            Error::Full(_) => TroubleKind::Full,
            Error::Unavailable(_) | Error::Refused(_) => TroubleKind::Unavailable,
            _ => return None,
        };
        Some(Trouble { kind, why: error.to_string() })
    }
}

/// Remembers how the last reading and the last writing went.
#[derive(Default)]
pub(super) struct Watch(Mutex<State>);

#[derive(Default)]
struct State {
    writing: Option<Trouble>,
    reading: Option<Trouble>,
    tried: Option<Clock>,
}

impl Watch {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    pub(super) fn wrote(&self, trouble: Option<Trouble>) {
        let mut state = self.state();
        let kind = |t: &Option<Trouble>| t.as_ref().map(|t| t.kind);
        if kind(&state.writing) != kind(&trouble) {
            match &trouble {
                Some(now) => {
                    tracing::error!(kind = now.kind.code(), why = %now.why, "nothing can be written")
                }
                None => tracing::info!("writing works again"),
            }
        }
        state.writing = trouble;
        state.tried = Some(Clock::now());
    }

    pub(super) fn read(&self, trouble: Option<Trouble>) {
        let mut state = self.state();
        if state.reading.is_some() != trouble.is_some() {
            match &trouble {
                Some(now) => tracing::error!(kind = now.kind.code(), why = %now.why, "nothing can be read"),
                None => tracing::info!("reading works again"),
            }
        }
        state.reading = trouble;
    }

    /// Whether the last writing met a lock.
    pub(super) fn is_locked(&self) -> bool {
        self.state().writing.as_ref().is_some_and(|trouble| trouble.kind == TroubleKind::Locked)
    }

    /// What stands in the way of writing, else of reading.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        let state = self.state();
        state.writing.clone().or_else(|| state.reading.clone())
    }

    /// Whether it is time to see if writing works again. Says so to one caller only.
    pub(super) fn probe_due(&self) -> bool {
        let mut state = self.state();
        let due = state.writing.is_some() && state.tried.is_none_or(|t| t.elapsed() >= PROBE_EVERY);
        if due {
            state.tried = Some(Clock::now());
        }
        due
    }
}
