//! The shapes of the figures, and how they are made of counts.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::Reader;
use super::count::{Counter, Waits};
use super::impact::ComponentFigures;
use super::issues::IssueFigures;
use super::people::{DropOff, GroupFigure, InvitedFigures};
use crate::domain::instant::Instant;
use crate::domain::report::{Category, Impact, Status};
use crate::domain::statistics::{Ordered, Share};
use crate::domain::survey::figures::ShareFigure;
use crate::domain::survey::{Question, SurveyFigures};
use crate::domain::timeline::Timeline;
use crate::domain::window::{ReportStage, WindowState, lead_seconds, overrun_seconds};
use crate::domain::zone::Zone;
use crate::store::windows::Window;

/// The figures of one window.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Insights {
    /// Which window.
    pub window: WindowName,
    /// When the figures were taken.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Instant,
    /// With fewer answers or reports than this a figure shows its counts alone.
    pub minimum_n: u64,
    /// What was announced beside what happened.
    pub schedule: ScheduleFigures,
    /// What was announced of each component beside what was reported of it.
    pub components: Vec<ComponentFigures>,
    /// Its problem reports.
    pub reports: ReportFigures,
    /// Its problem reports over time.
    pub timeline: Timeline,
    /// What was known to be wrong, that which most people met first.
    pub known_issues: Vec<IssueFigures>,
    /// What its survey says.
    pub survey: SurveyFigures,
    /// Of those invited, told of it or not, how many answered to the end.
    pub response_rate: ShareFigure,
    /// How many were invited, told of it, and answered.
    pub invited: InvitedFigures,
    /// How far people came in the survey.
    pub drop_off: DropOff,
    /// Groups of people beside each other.
    pub groups: Vec<GroupFigure>,
    /// What those were asked who answered, in the words of the latest version that somebody answered.
    #[serde(skip)]
    pub asked: Vec<Question>,
    /// How often each answer to the survey's further questions was given in complete responses:
    /// question → answer → how often.
    pub survey_answers: BTreeMap<String, BTreeMap<String, u64>>,
}

/// The figures of several windows taken together.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Totals {
    /// How many windows.
    pub windows: u64,
    /// Of the completed ones that had a scheduled end: those completed after it.
    pub overran: ShareFigure,
    /// Reports that belong to no window; in none of the figures, and 0 where windows were chosen.
    pub outside: u64,
    /// Their problem reports.
    pub reports: ReportFigures,
    /// What their surveys say.
    pub survey: SurveyFigures,
}

/// A window, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WindowName {
    /// Its part of addresses.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: WindowState,
    /// The zone that it was announced in.
    #[schema(value_type = String)]
    pub time_zone: Zone,
    /// It belongs to the demonstration.
    pub demonstration: bool,
}

impl WindowName {
    pub(super) fn of(window: &Window, reader: Reader) -> WindowName {
        WindowName {
            slug: window.slug.to_string(),
            title: window.title(reader.language, reader.default),
            state: window.state,
            time_zone: window.zone(),
            demonstration: window.demonstration,
        }
    }
}

/// What was announced beside what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ScheduleFigures {
    /// When the notice was published.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub announced_at: Option<Instant>,
    /// Seconds from the notice to the start, real or else announced; negative if it came after.
    pub lead_seconds: Option<i64>,
    /// The announced start.
    #[schema(value_type = String, format = DateTime)]
    pub scheduled_start: Instant,
    /// The announced end.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub scheduled_end: Option<Instant>,
    /// The real start.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Instant>,
    /// The real end: completed or cancelled.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Instant>,
    /// Seconds it was announced to last.
    pub planned_seconds: Option<i64>,
    /// Seconds it lasted, or has lasted so far.
    pub actual_seconds: Option<i64>,
    /// Seconds past the announced end, when it ended or so far; 0 if it was not, null if it was
    /// cancelled or no end was announced.
    pub overrun_seconds: Option<i64>,
    /// How often it was moved.
    pub moves: u64,
    /// How many updates were posted.
    pub updates: u64,
}

impl ScheduleFigures {
    pub(super) fn of(window: &Window, now: Instant) -> ScheduleFigures {
        let schedule = window.schedule;
        let started = window.started_at;
        let ended = window.ended_at();
        let cancelled = window.state == WindowState::Cancelled;
        // An imported window may have ended at a time that nobody noted.
        let until = ended.or_else(|| (!window.state.has_ended()).then_some(now));
        ScheduleFigures {
            announced_at: window.announced_at,
            lead_seconds: window.announced_at.map(|at| lead_seconds(at, started.unwrap_or(schedule.start))),
            scheduled_start: schedule.start,
            scheduled_end: schedule.end,
            started_at: started,
            ended_at: ended,
            planned_seconds: schedule.seconds(),
            actual_seconds: started.zip(until).map(|(from, until)| until.seconds_since(from).max(0)),
            overrun_seconds: until
                .filter(|_| !cancelled && window.state.is_public())
                .and_then(|until| overrun_seconds(schedule.end, until)),
            moves: window.moves.len() as u64,
            updates: window.updates.len() as u64,
        }
    }
}

/// One part of a whole.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Part {
    /// Its code or key; null for those where it is not known.
    pub code: Option<String>,
    /// Its name, for components.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many reports.
    pub reports: u64,
    /// Their share of all reports, 0 to 1; null if those are fewer than `minimum_n`.
    #[schema(minimum = 0, maximum = 1)]
    pub share: Option<f64>,
}

/// How long something took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DurationFigure {
    /// Of how many reports.
    pub n: u64,
    /// The median, in seconds; null below `minimum_n`.
    pub median_seconds: Option<f64>,
    /// The 90th percentile, in seconds; null below `minimum_n`.
    pub p90_seconds: Option<f64>,
    /// Of the reports that had a target and met or missed it, how many met it.
    pub within_target: ShareFigure,
}

impl DurationFigure {
    fn new(seconds: BTreeMap<i64, u64>, in_time: Share, minimum_n: u64) -> DurationFigure {
        let ordered = Ordered::from_counts(seconds);
        let told = ordered.n() >= minimum_n;
        DurationFigure {
            n: ordered.n(),
            median_seconds: ordered.median().filter(|_| told),
            p90_seconds: ordered.percentile_90().filter(|_| told),
            within_target: ShareFigure::new(in_time, minimum_n),
        }
    }
}

/// Counts of problem reports.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ReportFigures {
    /// All reports.
    pub total: u64,
    /// With fewer reports than this there are counts alone.
    pub minimum_n: u64,
    /// Reports that nobody has resolved, closed or marked as duplicate.
    pub open: u64,
    /// Reports of which nobody knows when it happened: counted, and in no timeline.
    pub unknown_time: u64,
    /// By stage; the null code: the time, and so the stage, is not known.
    pub by_stage: Vec<Part>,
    /// By component, the most reports first; the null code: none was named.
    pub by_component: Vec<Part>,
    /// By category.
    pub by_category: Vec<Part>,
    /// By impact.
    pub by_impact: Vec<Part>,
    /// By status.
    pub by_status: Vec<Part>,
    /// From a report to its first answer.
    pub first_answer: DurationFigure,
    /// From a report to its resolution.
    pub resolution: DurationFigure,
    /// Of the reporters who said whether it is fixed, those who said that it is.
    pub verified: ShareFigure,
}

impl ReportFigures {
    pub(super) fn new(
        counters: &[Counter],
        names: &HashMap<i64, (String, String)>,
        timed: u64,
        waits: Waits,
        minimum_n: u64,
    ) -> ReportFigures {
        let count = |fits: &dyn Fn(&Counter) -> bool| -> u64 {
            counters.iter().filter(|c| fits(c)).map(|c| c.5.unsigned_abs()).sum()
        };
        let total = count(&|_| true);
        let part = |code: Option<&str>, name: Option<&str>, reports: u64| Part {
            code: code.map(str::to_owned),
            name: name.map(str::to_owned),
            reports,
            share: (total >= minimum_n).then(|| reports as f64 / total as f64),
        };
        let mut by_stage: Vec<Part> = ReportStage::ALL
            .iter()
            .map(|stage| part(Some(stage.code()), None, count(&|c| c.0 == stage.code())))
            .collect();
        by_stage.extend(some(part(None, None, count(&|c| c.0.is_empty()))));
        let mut components: BTreeMap<i64, u64> = BTreeMap::new();
        for counter in counters {
            *components.entry(counter.1).or_default() += counter.5.unsigned_abs();
        }
        let mut by_component: Vec<Part> = components
            .into_iter()
            .map(|(id, reports)| match names.get(&id) {
                Some((key, name)) => part(Some(key), Some(name), reports),
                None => part(None, None, reports),
            })
            .collect();
        // The most first, those that name none last.
        by_component.sort_by_key(|p| (p.code.is_none(), std::cmp::Reverse(p.reports)));
        let impacts = Impact::ALL.iter().map(|i| (i, count(&|c| c.3 == *i)));
        ReportFigures {
            total,
            minimum_n,
            open: count(&|c| !c.4.is_done()),
            unknown_time: total.saturating_sub(timed),
            by_stage,
            by_component,
            by_category: Category::ALL
                .iter()
                .map(|category| part(Some(category.code()), None, count(&|c| c.2 == *category)))
                .collect(),
            by_impact: impacts
                .filter(|(impact, n)| **impact != Impact::Unknown || *n > 0)
                .map(|(impact, n)| part(Some(impact.code()), None, n))
                .collect(),
            by_status: Status::ALL
                .iter()
                .map(|status| part(Some(status.code()), None, count(&|c| c.4 == *status)))
                .collect(),
            first_answer: DurationFigure::new(waits.answers, waits.answered_in_time, minimum_n),
            resolution: DurationFigure::new(waits.resolutions, waits.resolved_in_time, minimum_n),
            verified: ShareFigure::new(waits.verified, minimum_n),
        }
    }
}

fn some(part: Part) -> Option<Part> {
    (part.reports > 0).then_some(part)
}
