//! The states of a window, the stages of its work, and how a component is affected.

crate::codes! {
    /// Where a window stands.
    pub enum WindowState {
        /// Written, not public.
        Draft = "draft",
        /// Published, not started.
        Scheduled = "scheduled",
        /// Started.
        InProgress = "in_progress",
        /// Started, and being tested.
        Verifying = "verifying",
        /// Ended, with what was tested ticked.
        Completed = "completed",
        /// Called off, before or after it started.
        Cancelled = "cancelled",
    }
}

crate::codes! {
    /// How a component is expected to be affected.
    pub enum ComponentImpact {
        /// Not at all.
        None = "none",
        /// Slower, or in part.
        Degraded = "degraded",
        /// Some cannot use it.
        PartialOutage = "partial_outage",
        /// Nobody can use it.
        MajorOutage = "major_outage",
        /// Taken down on purpose.
        Maintenance = "maintenance",
    }
}

crate::codes! {
    /// What the work of a window is at, in the order in which it goes.
    pub enum Stage {
        /// Looking at the system.
        Assessment = "assessment",
        /// Finding out what is wrong.
        Diagnosis = "diagnosis",
        /// Deciding what to do.
        Planning = "planning",
        /// Doing it.
        Implementation = "implementation",
        /// Seeing whether it works.
        Testing = "testing",
        /// The service is back.
        Restored = "restored",
    }
}

crate::codes! {
    /// When, in the course of a window, something reported occurred; in the order of time.
    pub enum ReportStage {
        /// Before the window started.
        Before = "before",
        /// During [`Stage::Assessment`].
        Assessment = "assessment",
        /// During [`Stage::Diagnosis`].
        Diagnosis = "diagnosis",
        /// During [`Stage::Planning`].
        Planning = "planning",
        /// During [`Stage::Implementation`].
        Implementation = "implementation",
        /// During [`Stage::Testing`].
        Testing = "testing",
        /// During [`Stage::Restored`].
        Restored = "restored",
        /// After the window ended, in its follow-up period.
        After = "after",
    }
}

impl From<Stage> for ReportStage {
    fn from(stage: Stage) -> ReportStage {
        match stage {
            Stage::Assessment => ReportStage::Assessment,
            Stage::Diagnosis => ReportStage::Diagnosis,
            Stage::Planning => ReportStage::Planning,
            Stage::Implementation => ReportStage::Implementation,
            Stage::Testing => ReportStage::Testing,
            Stage::Restored => ReportStage::Restored,
        }
    }
}

impl WindowState {
    /// The states that a window may become from this one: the whole table of moves. A draft may
    /// also be deleted, which is no state.
    pub const fn next(self) -> &'static [WindowState] {
        use WindowState::*;
        match self {
            Draft => &[Scheduled],
            Scheduled => &[InProgress, Cancelled],
            InProgress => &[Verifying, Completed, Cancelled],
            Verifying => &[InProgress, Completed, Cancelled],
            Completed | Cancelled => &[],
        }
    }

    /// Whether a window in this state may become `to`.
    pub fn may_become(self, to: WindowState) -> bool {
        self.next().contains(&to)
    }

    /// Whether a window in this state may be deleted: only what was never public.
    pub const fn may_be_deleted(self) -> bool {
        matches!(self, WindowState::Draft)
    }

    /// Whether the public sees a window in this state.
    pub const fn is_public(self) -> bool {
        !matches!(self, WindowState::Draft)
    }

    /// Started and not ended.
    pub const fn is_running(self) -> bool {
        matches!(self, WindowState::InProgress | WindowState::Verifying)
    }

    /// Completed or cancelled: nothing follows.
    pub const fn has_ended(self) -> bool {
        matches!(self, WindowState::Completed | WindowState::Cancelled)
    }
}
