//! The ways in which the store can refuse or fail, each a kind that a caller can act on.

use std::collections::BTreeMap;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::domain::fields::FieldErrors;

/// What came of a call through one of the two doors, when it did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or it is not the caller's to see.
    #[error("not found")]
    NotFound,
    /// What was asked for is written wrongly.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// What was asked for cannot be done in the present state. The message is `conflict-{code}`.
    #[error("conflict: {code}")]
    Conflict {
        /// Which message says it.
        code: &'static str,
        /// What the message needs.
        params: BTreeMap<&'static str, String>,
    },
    /// The condition of the caller (`If-Match`, a revision in a form) no longer holds.
    #[error("stale")]
    Stale,
    /// The same idempotency key came with another command.
    #[error("idempotency key used for another command")]
    KeyReused,
    /// The first command with this idempotency key is still running.
    #[error("idempotency key still in use")]
    KeyRunning,
    /// Too much is waiting; the same call may succeed a moment later.
    #[error("busy")]
    Busy,
    /// Another session of the database holds what is needed for longer than a call may wait; nothing was
    /// changed.
    #[error("another session holds a lock on the database")]
    Locked,
    /// There is no room left where the data is; nothing was changed.
    #[error("no room left for the database: {0}")]
    Full(String),
    /// The database cannot be used at present; nothing was changed.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// This program must not use this database, and waiting does not help.
    #[error("{0}")]
    Refused(String),
    /// A mistake of ours. Logged in full, shown as an apology.
    #[error("{0}")]
    Internal(String),
}

/// What a call through one of the two doors gives.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The database itself is in trouble: not one call alone fails, but all that meet the same.
    pub fn is_trouble(&self) -> bool {
        matches!(self, Error::Locked | Error::Full(_) | Error::Unavailable(_))
    }

    /// The same may go well a moment later: the database is in trouble, or too much waits for it.
    pub fn may_pass(&self) -> bool {
        self.is_trouble() || matches!(self, Error::Busy)
    }

    /// What could not be opened, as one of ours.
    pub(super) fn opening(error: impl std::fmt::Display) -> Error {
        let why = error.to_string();
        if is_full(&why) {
            Error::Full(why)
        } else if is_locked(&why) {
            Error::Locked
        } else {
            Error::Unavailable(why)
        }
    }

    /// A conflict whose message needs nothing.
    pub fn conflict(code: &'static str) -> Error {
        Error::Conflict { code, params: BTreeMap::new() }
    }

    /// A conflict whose message needs something.
    pub fn conflict_with<const N: usize>(code: &'static str, params: [(&'static str, String); N]) -> Error {
        Error::Conflict { code, params: params.into_iter().collect() }
    }

    /// One field is wrong.
    pub fn field(field: &str, code: &'static str) -> Error {
        Error::Invalid(FieldErrors::one(field, code))
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Error {
        match error {
            DieselError::NotFound => Error::NotFound,
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Error::conflict("taken"),
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Error::Busy,
            DieselError::DatabaseError(_, ref info) if info.message().contains("deadlock detected") => {
                Error::Busy
            }
            DieselError::DatabaseError(_, ref info) if is_locked(info.message()) => Error::Locked,
            DieselError::DatabaseError(_, ref info) if is_full(info.message()) => {
                Error::Full(info.message().to_owned())
            }
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::ReadOnlyTransaction,
                info,
            ) => Error::Unavailable(info.message().to_owned()),
            DieselError::DatabaseError(_, ref info) if is_trouble(info.message()) => {
                Error::Unavailable(info.message().to_owned())
            }
            DieselError::BrokenTransactionManager => Error::Unavailable("the transaction was lost".into()),
            other => Error::Internal(other.to_string()),
        }
    }
}

/// Waited for in vain. Two changes of ours that only met each other are [`Error::Busy`] instead.
fn is_locked(message: &str) -> bool {
    ["due to lock timeout", "could not obtain lock", "database is locked"].iter().any(|t| message.contains(t))
}

fn is_full(message: &str) -> bool {
    ["database or disk is full", "No space left", "could not extend file"].iter().any(|t| message.contains(t))
}

/// Neither driver gives a code for these, so their wording has to serve.
fn is_trouble(message: &str) -> bool {
    const TROUBLES: &[&str] = &[
        "disk I/O error",
        "unable to open database file",
        "attempt to write a readonly database",
        "server closed the connection",
        "could not connect",
        "connection to server",
        "terminating connection",
        "the database system is",
        "no connection to the server",
        "database disk image is malformed",
        "file is not a database",
        "locking protocol",
        "canceling statement due to",
        "SSL connection has been closed",
        "could not receive data",
        "could not send data",
    ];
    TROUBLES.iter().any(|t| message.contains(t))
}
