//! The ways in which the store can refuse or fail, each a kind that a caller can act on.

use std::collections::BTreeMap;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::wording::{Meaning, meaning};
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
    /// The database refused with words that nobody here knows. The doors make of it what it most likely
    /// is: a mistake of ours, or trouble that a server tells of in another language.
    #[error("{0}")]
    Unknown(String),
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
        match meaning(&why) {
            Some(Meaning::Full) => Error::Full(why),
            Some(Meaning::Locked) => Error::Locked,
            _ => Error::Unavailable(why),
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
            DieselError::DatabaseError(kind, info) => said(kind, info.message()),
            DieselError::BrokenTransactionManager => Error::Unavailable("the transaction was lost".into()),
            other => Error::Internal(other.to_string()),
        }
    }
}

/// What the database said, as one of ours: by its code as far as diesel passes one on, else by its words.
fn said(kind: DatabaseErrorKind, message: &str) -> Error {
    use DatabaseErrorKind as Kind;
    let message = message.to_owned();
    match kind {
        Kind::UniqueViolation => return Error::conflict("taken"),
        Kind::SerializationFailure => return Error::Busy,
        Kind::ForeignKeyViolation
        | Kind::NotNullViolation
        | Kind::CheckViolation
        | Kind::RestrictViolation
        | Kind::ExclusionViolation => return Error::Internal(message),
        _ => {}
    }
    match (meaning(&message), kind) {
        (Some(Meaning::Deadlock), _) => Error::Busy,
        (Some(Meaning::Locked), _) => Error::Locked,
        (Some(Meaning::Full), _) => Error::Full(message),
        (Some(Meaning::Unavailable), _)
        | (None, Kind::ClosedConnection | Kind::UnableToSendCommand | Kind::ReadOnlyTransaction) => {
            Error::Unavailable(message)
        }
        (None, _) => Error::Unknown(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_code_says_counts_before_the_words() {
        let unique = said(DatabaseErrorKind::UniqueViolation, "锁超时 deadlock detected No space left");
        assert!(matches!(unique, Error::Conflict { code: "taken", .. }));
        assert!(matches!(said(DatabaseErrorKind::CheckViolation, "database is locked"), Error::Internal(_)));
        assert!(matches!(said(DatabaseErrorKind::SerializationFailure, "由于同步更新"), Error::Busy));
        assert!(matches!(said(DatabaseErrorKind::ClosedConnection, "中断"), Error::Unavailable(_)));
    }

    #[test]
    fn what_nobody_here_understands_is_said_so() {
        assert!(matches!(said(DatabaseErrorKind::Unknown, "关系 \"x\" 不存在"), Error::Unknown(_)));
        assert!(matches!(said(DatabaseErrorKind::Unknown, "检测到死锁"), Error::Busy));
    }
}
