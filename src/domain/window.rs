//! A maintenance window: its states and stages, which moves between them are allowed, when it lies,
//! and the words that name it and its components.

use std::collections::BTreeSet;
use std::fmt;

use chrono::NaiveDate;

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::zone::{Zone, in_range};

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

/// Longest slug of a window, in characters.
pub const SLUG_MAX: usize = 80;
/// Longest key of a component, in characters.
pub const COMPONENT_KEY_MAX: usize = 60;

fn parse_key(field: &str, text: &str, max: usize, code: &'static str) -> Result<String, FieldErrors> {
    let text = text.trim();
    if text.is_empty() {
        return Err(FieldErrors::one(field, "required"));
    }
    let count = text.chars().count();
    if count > max {
        let mut errors = FieldErrors::new();
        errors.add_with(field, "too-long", [("max", max.to_string()), ("count", count.to_string())]);
        return Err(errors);
    }
    let fits = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !fits || text.starts_with('-') || text.ends_with('-') {
        return Err(FieldErrors::one(field, code));
    }
    Ok(text.to_owned())
}

/// ASCII letters and digits of a text in lower case, each run of anything else one hyphen.
fn hyphenated(text: &str, max: usize) -> String {
    let mut made = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            made.push(c.to_ascii_lowercase());
        } else if matches!(c, '\'' | '’') {
            // "What's new" is `whats-new`.
        } else if !made.is_empty() && !made.ends_with('-') {
            made.push('-');
        }
    }
    made.truncate(max);
    made.trim_end_matches('-').to_owned()
}

/// What names a window in addresses: 1–80 lower-case ASCII letters, digits and hyphens, neither
/// beginning nor ending with a hyphen.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct Slug(String);

impl Slug {
    /// The slug, without blanks around it. Errors: `required`, `too-long` (`max`, `count`), `bad-slug`.
    pub fn parse(field: &str, text: &str) -> Result<Slug, FieldErrors> {
        parse_key(field, text, SLUG_MAX, "bad-slug").map(Slug)
    }

    /// A slug for a window with this title on this date: the title's words if it has at least three
    /// ASCII letters, else, as for a Chinese title, `window-20261122`.
    pub fn suggest(title: &str, date: NaiveDate) -> Slug {
        let words = hyphenated(title, SLUG_MAX);
        if words.bytes().filter(u8::is_ascii_alphabetic).count() >= 3 {
            return Slug(words);
        }
        let dated = hyphenated(&format!("window-{}", date.format("%Y%m%d")), SLUG_MAX);
        Slug(dated)
    }

    /// The same with a number behind it, shortened to fit, for when a slug is taken: `upgrade-2`.
    pub fn numbered(&self, number: u32) -> Slug {
        let tail = format!("-{number}");
        Slug(format!("{}{tail}", hyphenated(&self.0, SLUG_MAX - tail.len())))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What names a component in the API: 1–60 characters, otherwise as a [`Slug`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct ComponentKey(String);

impl ComponentKey {
    /// The key, without blanks around it. Errors: `required`, `too-long` (`max`, `count`), `bad-key`.
    pub fn parse(field: &str, text: &str) -> Result<ComponentKey, FieldErrors> {
        parse_key(field, text, COMPONENT_KEY_MAX, "bad-key").map(ComponentKey)
    }

    /// A key for a component with this name, or nothing if it has no ASCII letter or digit.
    pub fn suggest(name: &str) -> Option<ComponentKey> {
        let words = hyphenated(name, COMPONENT_KEY_MAX);
        (!words.is_empty()).then_some(ComponentKey(words))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for ComponentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use WindowState::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Instant {
        Instant::parse_rfc3339(text).unwrap()
    }

    fn keys(keys: &[&str]) -> Vec<ComponentKey> {
        keys.iter().map(|k| ComponentKey::parse("k", k).unwrap()).collect()
    }

    fn code(errors: FieldErrors) -> &'static str {
        errors.0[0].code
    }

    #[test]
    fn the_table_of_moves() {
        let moves: Vec<_> = WindowState::ALL
            .iter()
            .flat_map(|a| a.next().iter().map(move |b| (a.code(), b.code())))
            .collect();
        assert_eq!(
            moves,
            [
                ("draft", "scheduled"),
                ("scheduled", "in_progress"),
                ("scheduled", "cancelled"),
                ("in_progress", "verifying"),
                ("in_progress", "completed"),
                ("in_progress", "cancelled"),
                ("verifying", "in_progress"),
                ("verifying", "completed"),
                ("verifying", "cancelled"),
            ]
        );
        assert_eq!(
            Move::to(Completed, InProgress),
            Err(WindowMoveError::NotAllowed { from: Completed, to: InProgress })
        );
        assert_eq!(Move::to(InProgress, Verifying).unwrap().stage, Some(Stage::Testing));
        assert_eq!(Move::to(Verifying, Completed), Err(WindowMoveError::CompletionUnchecked));
    }

    #[test]
    fn only_what_was_tested_is_completed() {
        let announced = keys(&["login", "orders"]);
        let refused = Move::complete(InProgress, &announced, &keys(&["orders"])).unwrap_err();
        assert_eq!(refused, WindowMoveError::Untested { untested: keys(&["login"]) });
        assert_eq!(refused.field_errors().0[0].params["keys"], "login");
        let unknown = Move::complete(InProgress, &announced, &keys(&["orders", "x"])).unwrap_err();
        assert_eq!(unknown, WindowMoveError::UnknownComponents { unknown: keys(&["x"]) });
        let done = Move::complete(Verifying, &announced, &keys(&["orders", "login", "login"])).unwrap();
        assert_eq!((done.to, done.stage), (Completed, Some(Stage::Restored)));
        assert!(matches!(Move::complete(Scheduled, &[], &[]), Err(WindowMoveError::NotAllowed { .. })));
    }

    #[test]
    fn testing_and_verifying_are_one_act() {
        let to = |from, stage, asked| Move::update(from, stage, asked).map(|m| m.to);
        assert_eq!(to(InProgress, Stage::Testing, None), Ok(Verifying));
        assert_eq!(to(InProgress, Stage::Testing, Some(Verifying)), Ok(Verifying));
        assert_eq!(to(Verifying, Stage::Implementation, None), Ok(InProgress));
        assert_eq!(to(Verifying, Stage::Restored, None), Ok(Verifying));
        assert_eq!(to(InProgress, Stage::Restored, None), Ok(InProgress));
        assert_eq!(to(Scheduled, Stage::Planning, None), Ok(Scheduled));
        assert_eq!(to(Scheduled, Stage::Assessment, Some(InProgress)), Ok(InProgress));
        assert_eq!(to(Completed, Stage::Testing, None), Ok(Completed));
        assert_eq!(to(Verifying, Stage::Restored, Some(Completed)), Ok(Completed));
        let contradicts = |stage, state| Err(WindowMoveError::StageContradicts { stage, state });
        assert_eq!(to(InProgress, Stage::Planning, Some(Verifying)), contradicts(Stage::Planning, Verifying));
        assert_eq!(to(InProgress, Stage::Testing, Some(InProgress)), contradicts(Stage::Testing, InProgress));
        assert_eq!(to(Verifying, Stage::Planning, Some(Verifying)), contradicts(Stage::Planning, Verifying));
        assert_eq!(to(Draft, Stage::Planning, None), Err(WindowMoveError::Unpublished));
        assert_eq!(
            to(Scheduled, Stage::Testing, None),
            Err(WindowMoveError::NotAllowed { from: Scheduled, to: Verifying })
        );
    }

    #[test]
    fn overdue_is_past_the_end_and_not_ended() {
        let end = at("2026-11-22T06:00:00Z");
        let late = end.plus_seconds(1);
        for (state, expected) in [
            (Draft, false),
            (Scheduled, true),
            (InProgress, true),
            (Verifying, true),
            (Completed, false),
            (Cancelled, false),
        ] {
            assert_eq!(overdue(state, Some(end), late), expected, "{state}");
            assert!(!overdue(state, Some(end), end) && !overdue(state, None, late));
        }
        assert_eq!(overrun_seconds(Some(end), late), Some(1));
        assert_eq!(overrun_seconds(Some(late), end), Some(0));
        assert_eq!(overrun_seconds(None, end), None);
        assert_eq!(lead_seconds(end, late), 1);
    }

    #[test]
    fn a_schedule_is_checked() {
        let start = at("2026-11-22T02:00:00Z");
        let parse = |end: Instant| Schedule::parse(start, Some(end), Zone::UTC);
        assert_eq!(code(parse(start).unwrap_err()), "end-before-start");
        assert_eq!(code(parse(start.plus_seconds(-1)).unwrap_err()), "end-before-start");
        assert!(parse(start.plus_hours(31 * 24)).is_ok());
        let long = start.plus_seconds(31 * 86_400 + 1);
        assert_eq!(parse(long).unwrap_err().0[0].params["days"], "31");
        assert_eq!(code(Schedule::parse(start, None, Zone::UTC).unwrap_err()), "required");
        assert!(Schedule::imported(start, Some(long), Zone::UTC).is_ok());
        assert!(Schedule::imported(start, None, Zone::UTC).is_ok());
        assert_eq!(code(Schedule::imported(start, Some(start), Zone::UTC).unwrap_err()), "end-before-start");
        assert_eq!(code(Schedule::imported(Instant::MAX, None, Zone::UTC).unwrap_err()), "time-out-of-range");
    }

    #[test]
    fn an_interruption_lies_in_its_window() {
        let start = at("2026-11-22T02:00:00Z");
        let window = Schedule::parse(start, Some(start.plus_hours(4)), Zone::UTC).unwrap();
        let check = |a: Option<i64>, b: Option<i64>| {
            window.interruption(
                "components.0",
                a.map(|h| start.plus_hours(h)),
                b.map(|h| start.plus_hours(h)),
            )
        };
        assert_eq!(check(None, None).unwrap().seconds(window), Some(4 * 3_600));
        assert_eq!(check(Some(1), Some(2)).unwrap().seconds(window), Some(3_600));
        assert_eq!(check(Some(0), Some(4)).unwrap().seconds(window), Some(4 * 3_600));
        let errors = check(Some(-1), Some(5)).unwrap_err();
        assert_eq!(errors.0.len(), 2);
        assert_eq!(errors.0[1].field, "components.0.interruption_end");
        assert_eq!(errors.0[1].code, "interruption-outside-window");
        assert_eq!(code(check(Some(2), Some(1)).unwrap_err()), "end-before-start");
        assert_eq!(code(check(Some(4), None).unwrap_err()), "end-before-start");
    }

    #[test]
    fn follow_up_hours_have_bounds() {
        assert_eq!(FollowUpHours::default().hours(), 72);
        for (hours, fits) in
            [(0, true), (720, true), (721, false), (-1, false), (i64::MAX, false), (65_536, false)]
        {
            assert_eq!(FollowUpHours::parse("follow_up_hours", hours).is_ok(), fits, "{hours}");
        }
    }

    #[test]
    fn slugs_are_suggested_and_checked() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        assert_eq!(Slug::suggest("11 月月末结账维护", date).as_str(), "window-20261122");
        assert_eq!(Slug::suggest("PostgreSQL 18 升级", date).as_str(), "postgresql-18");
        assert_eq!(Slug::suggest(" What's new — November! ", date).as_str(), "whats-new-november");
        assert_eq!(Slug::suggest("", date).numbered(2).as_str(), "window-20261122-2");
        for (text, expected) in [
            ("", "required"),
            ("-a", "bad-slug"),
            ("a-", "bad-slug"),
            ("A", "bad-slug"),
            ("登录", "bad-slug"),
            ("a/b", "bad-slug"),
        ] {
            assert_eq!(code(Slug::parse("slug", text).unwrap_err()), expected, "{text}");
        }
        assert_eq!(code(Slug::parse("slug", &"a".repeat(81)).unwrap_err()), "too-long");
        assert!(Slug::parse("slug", &"a".repeat(80)).is_ok());
        assert_eq!(code(ComponentKey::parse("key", &"a".repeat(61)).unwrap_err()), "too-long");
        assert_eq!(ComponentKey::suggest("Log-in & SSO").unwrap().as_str(), "log-in-sso");
        assert_eq!(ComponentKey::suggest("登录"), None);
    }

    proptest! {
        #[test]
        fn what_is_suggested_is_accepted(title in "\\PC{0,120}|[a-z -]{0,120}", days in any::<i32>(), number in any::<u32>()) {
            let date = NaiveDate::from_num_days_from_ce_opt(days).unwrap_or(NaiveDate::MAX);
            let slug = Slug::suggest(&title, date);
            prop_assert_eq!(Slug::parse("slug", slug.as_str()), Ok(slug.clone()));
            let numbered = slug.numbered(number);
            prop_assert_eq!(Slug::parse("slug", numbered.as_str()), Ok(numbered.clone()));
        }

        #[test]
        fn updates_keep_to_the_table(
            from in prop::sample::select(WindowState::ALL.to_vec()),
            stage in prop::sample::select(Stage::ALL.to_vec()),
            asked in prop::option::of(prop::sample::select(WindowState::ALL.to_vec())),
        ) {
            if let Ok(moved) = Move::update(from, stage, asked) {
                prop_assert!(!moved.changes() || from.may_become(moved.to));
                prop_assert!(asked.is_none_or(|asked| asked == moved.to));
                if moved.changes() && moved.to == Verifying {
                    prop_assert_eq!(stage, Stage::Testing);
                }
            }
        }
    }
}
