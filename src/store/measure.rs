//! What the store counts and times for the operator; see [`crate::metrics`].

use std::time::Duration;

use metrics::{counter, histogram};

use super::error::Error;

/// So many changes were committed and synced together in this time.
pub(super) fn committed(changes: usize, took: Duration) {
    histogram!("interlude_commit_seconds").record(took);
    histogram!("interlude_commit_changes").record(changes as f64);
}

/// A batch, or a change on PostgreSQL, was not committed.
pub(super) fn not_committed(error: &Error) {
    failed("write", error);
}

/// A call failed by trouble of the database, not by what was asked.
pub(super) fn failed(door: &'static str, error: &Error) {
    let kind = match error {
        Error::Busy => "busy",
        Error::Locked => "locked",
        Error::Full(_) => "full",
        Error::Unavailable(_) | Error::Refused(_) => "unavailable",
        Error::Unknown(_) | Error::Internal(_) => "internal",
        _ => return,
    };
    counter!("interlude_database_errors_total", "door" => door, "kind" => kind).increment(1);
}

/// What the store holds at this moment.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Changes waiting for the writer; on PostgreSQL for their turn.
    pub waiting: usize,
    /// How many may wait.
    pub room: usize,
    /// Connections that are open for pages.
    pub connections: u32,
    /// Those of them that nobody uses.
    pub idle: u32,
    /// PostgreSQL tells this process of changes of others; on SQLite always `false`.
    pub listening: bool,
}
