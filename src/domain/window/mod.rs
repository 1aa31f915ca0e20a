//! A maintenance window: its states and stages, which moves between them are allowed, when it lies,
//! and the words that name it and its components.

mod key;
mod moves;
mod schedule;
mod state;
#[cfg(test)]
mod tests;

pub use key::{COMPONENT_KEY_MAX, ComponentKey, SLUG_MAX, Slug};
pub use moves::{Move, WindowMoveError};
pub use schedule::{
    FollowUpHours, Interruption, Schedule, WINDOW_MAX_SECONDS, lead_seconds, overdue, overrun_seconds,
};
pub use state::{ComponentImpact, ReportStage, Stage, WindowState};
