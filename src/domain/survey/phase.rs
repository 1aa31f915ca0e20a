//! When a survey takes answers.

use crate::domain::instant::Instant;

/// Whether a window's survey takes answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SurveyPhase {
    /// The window has not been completed yet, and nobody has opened its survey by hand.
    NotYet,
    /// It takes answers until then.
    Open(Instant),
    /// It took answers until then.
    Closed(Instant),
    /// The window was cancelled; nobody is asked.
    Never,
}

/// What decides when a survey takes answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// When the window was completed, which opens its survey.
    pub completed_at: Option<Instant>,
    /// The window ended without being completed.
    pub never: bool,
    /// When somebody last opened it by hand.
    pub opened_at: Option<Instant>,
    /// When somebody last closed it by hand.
    pub closed_at: Option<Instant>,
    /// For how many days after it opened it takes answers.
    pub days: i64,
}

impl Opening {
    /// When it last opened: by completion or by hand, whichever came later.
    pub fn opened(&self) -> Option<Instant> {
        self.completed_at.max(self.opened_at)
    }

    /// Whether it takes answers now. A moment at an edge belongs to what follows; what was closed by
    /// hand stays closed until it is opened again or the window is completed.
    pub fn phase(&self, now: Instant) -> SurveyPhase {
        if self.never {
            return SurveyPhase::Never;
        }
        let Some(opened) = self.opened() else { return SurveyPhase::NotYet };
        let until = opened.plus_hours(24 * self.days);
        match self.closed_at.filter(|closed| *closed >= opened) {
            Some(closed) => SurveyPhase::Closed(closed.min(until)),
            None if now < until => SurveyPhase::Open(until),
            None => SurveyPhase::Closed(until),
        }
    }
}
