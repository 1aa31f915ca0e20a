//! Which window and stage a report belongs to: those in which it occurred.

use std::cmp::Reverse;

use crate::domain::instant::Instant;
use crate::domain::window::{ReportStage, Slug, Stage, WindowState};

/// How long before a window's start a report still belongs to it, in hours.
pub const BEFORE_HOURS: i64 = 24;

/// What attribution needs to know of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// The window's key.
    pub window: i64,
    /// Its slug, which decides last between windows that overlap.
    pub slug: Slug,
    /// Its state.
    pub state: WindowState,
    /// When it was to start.
    pub scheduled_start: Instant,
    /// When it was to end; nothing for some imported ones.
    pub scheduled_end: Option<Instant>,
    /// When it really started.
    pub started_at: Option<Instant>,
    /// When it was completed or cancelled.
    pub ended_at: Option<Instant>,
    /// How many hours after its end it still takes reports; below 0 counts as 0.
    pub follow_up_hours: i64,
    /// The keys of the components that it announces, in any order.
    pub components: Vec<i64>,
    /// When each update was posted, and its stage; in any order.
    pub updates: Vec<(Instant, Stage)>,
}

/// A part of the time around a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// In the 24 hours before the start.
    Before,
    /// From the start to the end: the extent proper.
    During,
    /// In the follow-up period after the end.
    After,
}

/// The bounds of a window's phases. Every bound belongs to what follows it: the start is during,
/// the end is after, the end of the follow-up period is no longer the window's. So a time is in one
/// phase at most, and windows that touch do not overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// From when a report is before the window.
    pub before_from: Instant,
    /// From when it is during the window.
    pub start: Instant,
    /// From when it is after the window; nothing while the window has not ended.
    pub end: Option<Instant>,
    /// From when it is no longer the window's; nothing while the window has not ended.
    pub after_until: Option<Instant>,
}

impl Extent {
    /// The bounds of its phases; nothing for a draft, which nobody's report belongs to.
    ///
    /// - One that was completed before its start had come, as imports have it, starts when it ended:
    ///   its extent is empty, the 24 hours before and the follow-up period are counted from there.
    /// - One that was cancelled before its start had come has no extent and no follow-up: nothing
    ///   happened that a report could be about. Until it was cancelled, the 24 hours before the
    ///   start that was announced belong to it; afterwards, and at the formerly scheduled time,
    ///   reports are outside.
    /// - One that has ended without anybody having noted when (imports) ended as scheduled, or at
    ///   its start, rather than taking every later report for ever.
    pub fn bounds(&self) -> Option<Bounds> {
        if self.state == WindowState::Draft {
            return None;
        }
        let announced = self.started_at.unwrap_or(self.scheduled_start);
        let end = match self.ended_at {
            Some(end) => Some(end),
            None if self.state.has_ended() => Some(self.scheduled_end.unwrap_or(announced).max(announced)),
            None => None,
        };
        let follow_up = |end: Instant| end.plus_hours(self.follow_up_hours.max(0));
        Some(match end {
            Some(end) if end <= announced && self.state == WindowState::Cancelled => {
                let before_from = announced.plus_hours(-BEFORE_HOURS).min(end);
                Bounds { before_from, start: end, end: Some(end), after_until: Some(end) }
            }
            _ => {
                let start = end.map_or(announced, |end| end.min(announced));
                let before_from = start.plus_hours(-BEFORE_HOURS);
                Bounds { before_from, start, end, after_until: end.map(follow_up) }
            }
        })
    }

    /// The phase that the time lies in, or nothing if the window does not cover it.
    pub fn phase(&self, at: Instant) -> Option<Phase> {
        let bounds = self.bounds()?;
        if at < bounds.before_from || bounds.after_until.is_some_and(|until| at >= until) {
            None
        } else if at < bounds.start {
            Some(Phase::Before)
        } else if bounds.end.is_some_and(|end| at >= end) {
            Some(Phase::After)
        } else {
            Some(Phase::During)
        }
    }

    /// The stage that the time lies in, or nothing if the window does not cover it.
    ///
    /// During the window it is that of the last update at or before the time, those from before the
    /// start included; with none yet, `implementation`. Of updates posted at the same time the
    /// furthest stage counts.
    pub fn stage(&self, at: Instant) -> Option<ReportStage> {
        Some(match self.phase(at)? {
            Phase::Before => ReportStage::Before,
            Phase::After => ReportStage::After,
            Phase::During => self
                .updates
                .iter()
                .filter(|(posted_at, _)| *posted_at <= at)
                .max()
                .map_or(Stage::Implementation, |(_, stage)| *stage)
                .into(),
        })
    }
}

/// What is known of a report when its window is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Occurrence {
    /// When it occurred, or nothing if that is unknown (imports).
    pub at: Option<Instant>,
    /// The window that it was filed under, by its key. When a report is attributed again this is
    /// the `filed_under` that was stored.
    pub named: Option<i64>,
    /// The component that it is about, by its key.
    pub component: Option<i64>,
}

/// Where a report belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attribution {
    /// The window, or nothing if it is kept outside of all.
    pub window: Option<i64>,
    /// The stage in that window; nothing outside, and where the time is unknown.
    pub stage: Option<ReportStage>,
    /// The window that was named, whether or not the report belongs to it: kept with the report,
    /// so that attributing it again gives what attributing it anew would.
    pub filed_under: Option<i64>,
}

/// Finds where a report belongs among `extents`, whose order does not matter.
///
/// - A named window has it if it covers the time, before and after included. If it does not, the
///   report is outside, even where another window covers the time: nobody is contradicted silently.
/// - A named window has it if the time is unknown; the stage then is unknown too. With neither a
///   time nor a name it is outside.
/// - Otherwise, of the windows that cover the time: one it lies during before one it only lies
///   before or after; then one that announces the component; then the latest start; then the first
///   slug.
/// - Drafts, and windows that are not among `extents`, have nothing.
pub fn attribute(extents: &[Extent], occurrence: Occurrence) -> Attribution {
    let filed_under = occurrence.named;
    let outside = Attribution { window: None, stage: None, filed_under };
    let Some(at) = occurrence.at else {
        let known = extents.iter().any(|e| Some(e.window) == filed_under && e.bounds().is_some());
        return Attribution { window: filed_under.filter(|_| known), ..outside };
    };
    extents
        .iter()
        .filter(|e| filed_under.is_none_or(|named| named == e.window))
        .filter_map(|e| Some((e, e.phase(at)?, e.bounds()?.start)))
        .min_by_key(|(e, phase, start)| {
            let announces = occurrence.component.is_some_and(|c| e.components.contains(&c));
            (*phase != Phase::During, !announces, Reverse(*start), &e.slug, e.window)
        })
        .map_or(outside, |(e, ..)| Attribution { window: Some(e.window), stage: e.stage(at), filed_under })
}

#[cfg(test)]
mod tests;
