//! Which moves from state to state are allowed, and why one is not.

use std::collections::BTreeSet;

use super::key::ComponentKey;
use super::state::{Stage, WindowState};
use crate::domain::fields::FieldErrors;

/// A change of state that was found to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// The state it was checked against; the store changes the row only where it still stands.
    pub from: WindowState,
    /// The state that the window takes; equal to `from` for an update that leaves it.
    pub to: WindowState,
    /// The stage that the window is in from then on, if the move says so.
    pub stage: Option<Stage>,
}

impl Move {
    /// A change of state by itself. Starting and going back to work set the stage `implementation`,
    /// verifying sets `testing`. Completing goes through [`Move::complete`].
    ///
    /// Errors: [`WindowMoveError::NotAllowed`], and for `completed` what [`Move::complete`] says of
    /// nothing tested: [`WindowMoveError::CompletionUnchecked`].
    pub fn to(from: WindowState, to: WindowState) -> Result<Move, WindowMoveError> {
        allowed(from, to)?;
        let stage = match to {
            WindowState::InProgress => Some(Stage::Implementation),
            WindowState::Verifying => Some(Stage::Testing),
            WindowState::Completed => return Err(WindowMoveError::CompletionUnchecked),
            WindowState::Draft | WindowState::Scheduled | WindowState::Cancelled => None,
        };
        Ok(Move { from, to, stage })
    }

    /// Completing by a person: every announced component must be among the tested ones (those
    /// ticked now together with those ticked before). A window without components may be completed.
    /// Sets the stage `restored`.
    ///
    /// Errors: [`WindowMoveError::NotAllowed`], [`WindowMoveError::UnknownComponents`],
    /// [`WindowMoveError::Untested`], in this order.
    pub fn complete(
        from: WindowState,
        announced: &[ComponentKey],
        tested: &[ComponentKey],
    ) -> Result<Move, WindowMoveError> {
        let done = Self::complete_by_clock(from)?;
        let announced: BTreeSet<&ComponentKey> = announced.iter().collect();
        let tested: BTreeSet<&ComponentKey> = tested.iter().collect();
        let keys = |keys: BTreeSet<&ComponentKey>| keys.into_iter().cloned().collect::<Vec<_>>();
        let unknown = keys(&tested - &announced);
        if !unknown.is_empty() {
            return Err(WindowMoveError::UnknownComponents { unknown });
        }
        let untested = keys(&announced - &tested);
        if !untested.is_empty() {
            return Err(WindowMoveError::Untested { untested });
        }
        Ok(done)
    }

    /// Completing by the clock, for a window that is set to: nobody ticks anything.
    /// Errors: [`WindowMoveError::NotAllowed`].
    pub fn complete_by_clock(from: WindowState) -> Result<Move, WindowMoveError> {
        allowed(from, WindowState::Completed)?;
        Ok(Move { from, to: WindowState::Completed, stage: Some(Stage::Restored) })
    }

    /// Posting an update with a stage, and with a state if one is asked for.
    ///
    /// `testing` and `verifying` are one act: the stage makes a window in progress verifying, and
    /// the state may only be asked for together with the stage. An earlier stage makes a verifying
    /// window in progress again; `restored` leaves it, since ticking and completing still follow.
    /// Before a window starts and after it has ended, an update changes nothing; `testing` before
    /// the start is refused. Asking for the state that the window has already is no move.
    ///
    /// Completing with an update is only checked against the table here: its ticks are checked by
    /// [`Move::complete`], which the caller asks as well when `to` is `completed` and `from` is not.
    ///
    /// Errors: [`WindowMoveError::Unpublished`] for a draft, [`WindowMoveError::NotAllowed`],
    /// [`WindowMoveError::StageContradicts`].
    pub fn update(
        from: WindowState,
        stage: Stage,
        asked: Option<WindowState>,
    ) -> Result<Move, WindowMoveError> {
        use WindowState::*;
        if from == Draft && asked != Some(Scheduled) {
            return Err(WindowMoveError::Unpublished);
        }
        let implied = match (from, stage) {
            (InProgress | Scheduled, Stage::Testing) => Verifying,
            (Verifying, Stage::Testing | Stage::Restored) => Verifying,
            (Verifying, _) => InProgress,
            _ => from,
        };
        let to = asked.unwrap_or(implied);
        if to != from {
            allowed(from, to)?;
        }
        let agrees = match to {
            Verifying => stage == Stage::Testing || (from == Verifying && stage == Stage::Restored),
            InProgress => stage != Stage::Testing,
            Draft | Scheduled | Completed | Cancelled => true,
        };
        if !agrees {
            return Err(WindowMoveError::StageContradicts { stage, state: to });
        }
        Ok(Move { from, to, stage: Some(stage) })
    }

    /// Whether the state changes at all.
    pub fn changes(self) -> bool {
        self.from != self.to
    }
}

fn allowed(from: WindowState, to: WindowState) -> Result<(), WindowMoveError> {
    if from.may_become(to) { Ok(()) } else { Err(WindowMoveError::NotAllowed { from, to }) }
}

/// Why a window does not move.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WindowMoveError {
    /// There is no such move, also because the window is in that state already.
    #[error("a window does not become {to} from {from}")]
    NotAllowed {
        /// The state it is in.
        from: WindowState,
        /// The state asked for.
        to: WindowState,
    },
    /// Components have not been ticked as tested.
    #[error("components not tested")]
    Untested {
        /// The ones to test, in order of key; never empty.
        untested: Vec<ComponentKey>,
    },
    /// Components were ticked that this window does not announce.
    #[error("components not announced")]
    UnknownComponents {
        /// The ones unknown, in order of key; never empty.
        unknown: Vec<ComponentKey>,
    },
    /// Completing was asked for without saying what was tested.
    #[error("completing needs what was tested")]
    CompletionUnchecked,
    /// A draft takes no public updates.
    #[error("a draft has no updates")]
    Unpublished,
    /// The stage of an update and the state asked with it say different things.
    #[error("stage {stage} contradicts state {state}")]
    StageContradicts {
        /// The stage of the update.
        stage: Stage,
        /// The state that it does not go with.
        state: WindowState,
    },
}

impl WindowMoveError {
    /// The same as an error at a field: `tested` for what was ticked, `stage` for a stage, else
    /// `state`. Codes: `move-not-allowed` (`from`, `to`), `untested` (`keys`), `unknown-component`
    /// (`keys`), `tested-required`, `window-unpublished`, `stage-contradicts` (`stage`, `state`).
    pub fn field_errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::new();
        match self {
            Self::NotAllowed { from, to } => errors.add_with(
                "state",
                "move-not-allowed",
                [("from", from.to_string()), ("to", to.to_string())],
            ),
            Self::Untested { untested } => {
                errors.add_with("tested", "untested", [("keys", joined(untested))])
            }
            Self::UnknownComponents { unknown } => {
                errors.add_with("tested", "unknown-component", [("keys", joined(unknown))]);
            }
            Self::CompletionUnchecked => errors.add("tested", "tested-required"),
            Self::Unpublished => errors.add("state", "window-unpublished"),
            Self::StageContradicts { stage, state } => errors.add_with(
                "stage",
                "stage-contradicts",
                [("stage", stage.to_string()), ("state", state.to_string())],
            ),
        }
        errors
    }
}

fn joined(keys: &[ComponentKey]) -> String {
    keys.iter().map(ComponentKey::as_str).collect::<Vec<_>>().join(", ")
}
