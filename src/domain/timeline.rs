//! Reports over time: which stretch of time tells a window's story, and the steps it is cut into.

use chrono::{Datelike, Days, NaiveDate};
use serde::Serialize;

use crate::domain::attribution::Extent;
use crate::domain::instant::Instant;
use crate::domain::window::Stage;
use crate::domain::zone::Zone;

/// Most steps of a timeline.
pub const STEPS_MAX: usize = 96;

const DAY: i64 = 1_440;
/// The lengths a step may have, in minutes; those of a day and more are whole days of the zone.
const LENGTHS: [i64; 10] = [1, 5, 15, 60, 180, 360, 720, DAY, 7 * DAY, 28 * DAY];

/// A step of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Step {
    /// From when, included.
    #[schema(value_type = String, format = DateTime)]
    pub from: Instant,
    /// Until when, excluded: where the next step begins.
    #[schema(value_type = String, format = DateTime)]
    pub until: Instant,
    /// Reports of what occurred in it.
    pub reports: u64,
}

/// A stretch of time in which a window was in one stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StageSpan {
    /// The stage.
    pub stage: Stage,
    /// From when, included.
    #[schema(value_type = String, format = DateTime)]
    pub from: Instant,
    /// Until when, excluded.
    #[schema(value_type = String, format = DateTime)]
    pub until: Instant,
}

/// An update, as a mark on a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct UpdateMark {
    /// When it was posted.
    #[schema(value_type = String, format = DateTime)]
    pub posted_at: Instant,
    /// Its stage.
    pub stage: Stage,
}

/// A workaround that became known, as a mark on a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WorkaroundMark {
    /// When it was first offered.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// The known issue that it helps with.
    pub title: String,
}

/// Reports over time around a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Timeline {
    /// The length of a step in minutes; 1,440 and more are days of the window's zone.
    pub step_minutes: i64,
    /// Every step, those without reports included.
    pub steps: Vec<Step>,
    /// Reports of the window that occurred before the first step.
    pub earlier: u64,
    /// Reports of the window that occurred after the last step.
    pub later: u64,
    /// The stages that the window went through.
    pub stages: Vec<StageSpan>,
    /// Its updates.
    pub updates: Vec<UpdateMark>,
    /// The workarounds that were offered meanwhile.
    pub workarounds: Vec<WorkaroundMark>,
}

impl Timeline {
    /// The timeline of a window. `minutes` says how many reports occurred in which minute since
    /// 1970, rising.
    pub fn new(extent: &Extent, zone: Zone, minutes: &[(i64, u64)], now: Instant) -> Timeline {
        let (from, until) = stretch(extent, now);
        let (step_minutes, edges) = cut(from, until, zone);
        let mut steps: Vec<Step> =
            edges.windows(2).map(|pair| Step { from: pair[0], until: pair[1], reports: 0 }).collect();
        let (mut earlier, mut later) = (0, 0);
        for (minute, reports) in minutes {
            let at = minute.saturating_mul(60_000_000);
            let step = steps.partition_point(|s| s.until.micros() <= at);
            match steps.get_mut(step) {
                Some(step) if step.from.micros() <= at => step.reports += reports,
                Some(_) => earlier += reports,
                None => later += reports,
            }
        }
        let mut updates: Vec<UpdateMark> = extent
            .updates
            .iter()
            .map(|(posted_at, stage)| UpdateMark { posted_at: *posted_at, stage: *stage })
            .collect();
        updates.sort_by_key(|u| (u.posted_at, u.stage));
        Timeline {
            step_minutes,
            steps,
            earlier,
            later,
            stages: stages(extent, &updates, now),
            updates,
            workarounds: Vec::new(),
        }
    }

    /// From when to when it reaches; nothing if it has no steps.
    pub fn reach(&self) -> Option<(Instant, Instant)> {
        Some((self.steps.first()?.from, self.steps.last()?.until))
    }

    /// The step with the most reports, the first of several; nothing without reports.
    pub fn peak(&self) -> Option<Step> {
        self.steps.iter().copied().filter(|s| s.reports > 0).rev().max_by_key(|s| s.reports)
    }

    /// The stage at this moment, if the window was in one.
    pub fn stage(&self, at: Instant) -> Option<Stage> {
        self.stages.iter().find(|s| s.from <= at && at < s.until).map(|s| s.stage)
    }
}

/// The window, announced and real, with a quarter of its length on either side, at least an hour
/// and at most a day: the days of follow-up would leave no room for the night of the work.
fn stretch(extent: &Extent, now: Instant) -> (Instant, Instant) {
    let start = extent.started_at.map_or(extent.scheduled_start, |s| s.min(extent.scheduled_start));
    let running = extent.started_at.filter(|_| extent.ended_at.is_none()).map(|_| now);
    let ends = [extent.scheduled_end, extent.ended_at, running, extent.started_at, Some(start.plus_hours(1))];
    let end = ends.into_iter().flatten().max().unwrap_or(start);
    let margin = (end.seconds_since(start) / 4).clamp(3_600, 86_400);
    (start.plus_seconds(-margin), end.plus_seconds(margin))
}

/// The edges of steps from before `from` to after `until`, as many as [`STEPS_MAX`] allows, on round
/// local times.
fn cut(from: Instant, until: Instant, zone: Zone) -> (i64, Vec<Instant>) {
    let minutes = until.seconds_since(from) / 60;
    let length = LENGTHS
        .into_iter()
        .find(|length| minutes / length + 2 <= STEPS_MAX as i64)
        .unwrap_or(minutes / (STEPS_MAX as i64 - 2) / DAY * DAY + DAY);
    let mut edges = Vec::new();
    if length < DAY {
        let ahead = i64::from(zone.offset_seconds(from));
        let size = length * 60;
        let mut local = (from.seconds() + ahead).div_euclid(size) * size;
        loop {
            let edge = Instant::from_seconds(local - ahead).unwrap_or(Instant::MAX);
            edges.push(edge);
            if edge >= until {
                break;
            }
            local += size;
        }
    } else {
        let days = (length / DAY) as u64;
        let mut date = zone.local_date(from);
        if days > 1 {
            // Weeks begin on Mondays.
            let back = u64::from(date.weekday().num_days_from_monday());
            date = date.checked_sub_days(Days::new(back)).unwrap_or(date);
        }
        loop {
            let edge = zone.day_bounds(date).0;
            // A date that the zone skipped has no time of its own.
            if edges.last().is_none_or(|last| edge > *last) {
                edges.push(edge);
            }
            if edge >= until || date == NaiveDate::MAX {
                break;
            }
            date = date.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX);
        }
    }
    (length, edges)
}

/// What the window was at, from its start to its end or now.
fn stages(extent: &Extent, updates: &[UpdateMark], now: Instant) -> Vec<StageSpan> {
    let (Some(bounds), Some(_)) = (extent.bounds(), extent.started_at) else { return Vec::new() };
    let end = bounds.end.unwrap_or(now);
    let mut stage =
        updates.iter().rfind(|u| u.posted_at <= bounds.start).map_or(Stage::Implementation, |u| u.stage);
    let mut from = bounds.start;
    let mut spans: Vec<StageSpan> = Vec::new();
    let mut close = |stage: Stage, from: Instant, until: Instant| {
        if from < until {
            spans.push(StageSpan { stage, from, until });
        }
    };
    for update in updates.iter().filter(|u| u.posted_at > bounds.start && u.posted_at < end) {
        if update.stage != stage {
            close(stage, from, update.posted_at);
            (stage, from) = (update.stage, update.posted_at);
        }
    }
    close(stage, from, end);
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::window::{Slug, WindowState};
    use proptest::prelude::*;

    fn at(text: &str) -> Instant {
        Instant::parse_rfc3339(text).unwrap()
    }

    fn extent(start: Instant, end: Option<Instant>) -> Extent {
        Extent {
            window: 1,
            slug: Slug::parse("slug", "w").unwrap(),
            state: if end.is_some() { WindowState::Completed } else { WindowState::InProgress },
            scheduled_start: start,
            scheduled_end: end,
            started_at: Some(start),
            ended_at: end,
            follow_up_hours: 72,
            components: Vec::new(),
            updates: Vec::new(),
        }
    }

    #[test]
    fn a_night_is_cut_into_quarters_of_an_hour_on_round_times() {
        let zone = Zone::parse("z", "Asia/Kolkata").unwrap();
        let (start, end) = (at("2026-11-21T22:07:00+05:30"), at("2026-11-22T06:07:00+05:30"));
        let mut e = extent(start, Some(end));
        e.updates = vec![
            (start.plus_seconds(-60), Stage::Assessment),
            (start.plus_hours(2), Stage::Implementation),
            (start.plus_hours(3), Stage::Implementation),
            (start.plus_hours(5), Stage::Testing),
        ];
        let minutes = [
            (start.minute() - 1_000, 2),
            (start.minute(), 3),
            (start.minute() + 1, 4),
            (end.minute() + 3_000, 5),
        ];
        let line = Timeline::new(&e, zone, &minutes, end);
        assert_eq!(line.step_minutes, 15);
        assert_eq!(line.steps[0].from, at("2026-11-21T20:00:00+05:30"));
        assert_eq!((line.earlier, line.later), (2, 5));
        assert_eq!(
            line.peak().unwrap(),
            Step {
                from: at("2026-11-21T22:00:00+05:30"),
                until: at("2026-11-21T22:15:00+05:30"),
                reports: 7
            }
        );
        let stages: Vec<_> = line.stages.iter().map(|s| s.stage).collect();
        assert_eq!(stages, [Stage::Assessment, Stage::Implementation, Stage::Testing]);
        assert_eq!(line.stages[1].until, start.plus_hours(5));
        assert_eq!(line.stage(end), None);
    }

    #[test]
    fn a_month_is_cut_into_half_days_and_a_year_into_weeks() {
        let zone = Zone::parse("z", "Europe/Berlin").unwrap();
        let start = at("2026-03-01T00:00:00+01:00");
        let line = Timeline::new(&extent(start, Some(start.plus_hours(31 * 24))), zone, &[], start);
        assert_eq!(line.step_minutes, 720);
        let line = Timeline::new(&extent(start, Some(start.plus_hours(60 * 24))), zone, &[], start);
        assert_eq!(line.step_minutes, DAY);
        // The day on which clocks are set forward has 23 hours.
        assert!(line.steps.iter().any(|s| s.until.seconds_since(s.from) == 23 * 3_600));
        let line = Timeline::new(&extent(start, Some(start.plus_hours(400 * 24))), zone, &[], start);
        assert_eq!(
            (line.step_minutes, zone.local_date(line.steps[0].from).weekday()),
            (7 * DAY, chrono::Weekday::Mon)
        );
    }

    proptest! {
        #[test]
        fn every_report_is_somewhere_once(
            start in 0i64..4_000_000_000,
            length in prop_oneof![0i64..100_000, 0i64..400_000_000],
            open in any::<bool>(),
            minutes in prop::collection::btree_map(0i64..80_000_000, 1u64..50, 0..40),
            zone in prop::sample::select(vec!["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"]),
        ) {
            let zone = Zone::parse("z", zone).unwrap();
            let start = Instant::from_seconds(start).unwrap();
            let end = start.plus_seconds(length);
            let minutes: Vec<(i64, u64)> = minutes.into_iter().collect();
            let line = Timeline::new(&extent(start, (!open).then_some(end)), zone, &minutes, end);
            let plotted: u64 = line.steps.iter().map(|s| s.reports).sum();
            prop_assert_eq!(plotted + line.earlier + line.later, minutes.iter().map(|m| m.1).sum::<u64>());
            prop_assert!(!line.steps.is_empty() && line.steps.len() <= STEPS_MAX + 4, "{}", line.steps.len());
            prop_assert!(line.steps.windows(2).all(|w| w[0].until == w[1].from && w[0].from < w[0].until));
            let (from, until) = line.reach().unwrap();
            prop_assert!(from <= start && end <= until);
        }
    }
}
