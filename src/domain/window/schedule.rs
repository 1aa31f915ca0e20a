//! When a window lies: its planned times, those of its components, and how it kept to them.

use super::state::WindowState;
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::zone::{Zone, in_range};

/// Whether a window is past its scheduled end without having ended. One that was published and
/// never started counts too: nobody has said that it is over. A draft never does.
pub fn overdue(state: WindowState, scheduled_end: Option<Instant>, now: Instant) -> bool {
    state.is_public() && !state.has_ended() && scheduled_end.is_some_and(|end| now > end)
}

/// Seconds from the first public notice to the start; negative if it was told only afterwards.
pub fn lead_seconds(announced_at: Instant, start: Instant) -> i64 {
    start.seconds_since(announced_at)
}

/// Seconds past the scheduled end at `end_or_now` (when it ended, or now while it has not); 0 if it
/// is not past it, nothing if no end was scheduled.
pub fn overrun_seconds(scheduled_end: Option<Instant>, end_or_now: Instant) -> Option<i64> {
    scheduled_end.map(|end| end_or_now.seconds_since(end).max(0))
}

/// Longest window that is planned here, in seconds: 31 days.
pub const WINDOW_MAX_SECONDS: i64 = 31 * 86_400;

/// When a window is planned to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// The scheduled start.
    pub start: Instant,
    /// The scheduled end; always known unless the window was imported.
    pub end: Option<Instant>,
    /// The zone in which it was announced.
    pub zone: Zone,
}

impl Schedule {
    /// The schedule of a window planned here.
    ///
    /// Errors: `time-out-of-range` at `scheduled_start` or `scheduled_end`; at `scheduled_end`
    /// `required`, `end-before-start`, `window-too-long` (`days`: the most allowed).
    pub fn parse(start: Instant, end: Option<Instant>, zone: Zone) -> Result<Schedule, FieldErrors> {
        let Some(until) = end else { return Err(FieldErrors::one("scheduled_end", "required")) };
        let schedule = Self::imported(start, end, zone)?;
        // Microseconds count here: one more than 31 days is too long.
        if until > start.plus_seconds(WINDOW_MAX_SECONDS) {
            let mut errors = FieldErrors::new();
            let days = (WINDOW_MAX_SECONDS / 86_400).to_string();
            errors.add_with("scheduled_end", "window-too-long", [("days", days)]);
            return Err(errors);
        }
        Ok(schedule)
    }

    /// The schedule of an imported window, which may lack its end and may be of any length: real
    /// ones have lasted longer than a year.
    ///
    /// Errors: `time-out-of-range` at `scheduled_start` or `scheduled_end`, `end-before-start`.
    pub fn imported(start: Instant, end: Option<Instant>, zone: Zone) -> Result<Schedule, FieldErrors> {
        let mut errors = FieldErrors::new();
        errors.keep(in_range("scheduled_start", start));
        if let Some(end) = end {
            errors.keep(in_range("scheduled_end", end));
            if end <= start {
                errors.add("scheduled_end", "end-before-start");
            }
        }
        errors.or(Schedule { start, end, zone })
    }

    /// How long it is planned to last, in seconds, if its end is known.
    pub fn seconds(self) -> Option<i64> {
        self.end.map(|end| end.seconds_since(self.start))
    }

    /// The expected interruption of one component; a side left out is that of the window. `field`
    /// is what the component's fields begin with, e.g. `components.0`.
    ///
    /// Errors at `{field}.interruption_start` and `{field}.interruption_end`:
    /// `interruption-outside-window`; at the end `end-before-start`.
    pub fn interruption(
        self,
        field: &str,
        start: Option<Instant>,
        end: Option<Instant>,
    ) -> Result<Interruption, FieldErrors> {
        let mut errors = FieldErrors::new();
        let outside = |at: Instant| at < self.start || self.end.is_some_and(|until| at > until);
        for (side, at) in [("start", start), ("end", end)] {
            if at.is_some_and(outside) {
                errors.add(format!("{field}.interruption_{side}"), "interruption-outside-window");
            }
        }
        let interruption = Interruption { start, end };
        let (from, to) = interruption.within(self);
        if errors.is_empty() && to.is_some_and(|to| to <= from) {
            errors.add(format!("{field}.interruption_end"), "end-before-start");
        }
        errors.or(interruption)
    }
}

/// When one component is expected to be interrupted: a part of the window, or all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Interruption {
    /// From when, or from the window's start.
    pub start: Option<Instant>,
    /// Until when, or until the window's end.
    pub end: Option<Instant>,
}

impl Interruption {
    /// From when until when, with what was left out taken from the window.
    pub fn within(self, window: Schedule) -> (Instant, Option<Instant>) {
        (self.start.unwrap_or(window.start), self.end.or(window.end))
    }

    /// How long it is expected to last, in seconds, if the end is known.
    pub fn seconds(self, window: Schedule) -> Option<i64> {
        let (start, end) = self.within(window);
        end.map(|end| end.seconds_since(start))
    }
}

/// How many hours after its end a window still takes reports: 0–720.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct FollowUpHours(u16);

impl FollowUpHours {
    /// The longest follow-up period, in hours: 30 days.
    pub const MAX: i64 = 720;

    /// The hours. Errors: `out-of-range` (`min`, `max`).
    pub fn parse(field: &str, hours: i64) -> Result<FollowUpHours, FieldErrors> {
        match u16::try_from(hours) {
            Ok(kept) if hours <= Self::MAX => Ok(FollowUpHours(kept)),
            _ => {
                let mut errors = FieldErrors::new();
                errors.add_with(
                    field,
                    "out-of-range",
                    [("min", "0".to_owned()), ("max", Self::MAX.to_string())],
                );
                Err(errors)
            }
        }
    }

    /// The hours.
    pub fn hours(self) -> i64 {
        self.0.into()
    }
}

impl Default for FollowUpHours {
    /// 72 hours.
    fn default() -> FollowUpHours {
        FollowUpHours(72)
    }
}
