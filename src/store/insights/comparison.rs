//! Two windows side by side, many windows in the order of time, and whether an improvement shows.

use std::collections::HashMap;

use serde::Serialize;

use super::{Insights, Reader, WindowName};
use crate::domain::measure::{Compared, Figure, Measure, Sample, compare};
use crate::domain::statistics::{Change, Nps, Share};
use crate::domain::window::WindowState;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::improvements::Improvement;
use crate::store::windows;

/// What is known exactly of two windows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Fact {
    /// `lead` or `overrun`.
    pub measure: Measure,
    /// Seconds of the window that is compared with; null if not known.
    pub base_seconds: Option<i64>,
    /// Seconds of the window that is looked at; null if not known.
    pub window_seconds: Option<i64>,
    /// Whether it is better or worse, by at least a minute; null if one of them is not known.
    pub change: Option<Change>,
}

/// Two windows side by side.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Comparison {
    /// The window that is compared with: the one that was named first.
    pub base: WindowName,
    /// The window that is looked at.
    pub window: WindowName,
    /// Below this many answers or reports on either side nothing is compared.
    pub minimum_n: u64,
    /// Always `holm`: the p of all measures here are adjusted together.
    #[schema(example = "holm")]
    pub adjustment: &'static str,
    /// Each measure that one of the windows has.
    pub measures: Vec<Compared>,
    /// What is known exactly.
    pub facts: Vec<Fact>,
}

impl Insights {
    /// The sample behind a measure of this window; nothing for facts.
    pub fn sample(&self, measure: Measure) -> Option<Sample> {
        let share = |k: u64, n: u64| Sample::Share(Share::new(k, n).unwrap_or_default());
        let survey = &self.survey;
        let of = |figure: crate::domain::survey::figures::ShareFigure| share(figure.k, figure.n);
        Some(match measure {
            Measure::Csat => share(survey.csat.satisfied, survey.csat.n),
            Measure::Nps => Sample::Nps(Nps::from_distribution(&survey.nps.distribution)),
            Measure::Ces => Sample::Scale(survey.ces.distribution.clone()),
            Measure::SawNotice => of(survey.saw_notice),
            Measure::Answered => of(self.reports.first_answer.within_target),
            Measure::Resolved => of(self.reports.resolution.within_target),
            Measure::Verified => of(self.reports.verified),
            Measure::Lead | Measure::Overrun => return None,
        })
    }

    /// A measure of this window, rounded by nobody; nothing for facts.
    pub fn figure(&self, measure: Measure) -> Option<Figure> {
        Some(self.sample(measure)?.figure(measure, self.minimum_n))
    }

    /// A fact of this window, in seconds.
    pub fn fact(&self, measure: Measure) -> Option<i64> {
        match measure {
            Measure::Lead => self.schedule.lead_seconds,
            Measure::Overrun => self.schedule.overrun_seconds,
            _ => None,
        }
    }
}

impl Comparison {
    /// `window` against `base`.
    pub fn new(base: &Insights, window: &Insights) -> Comparison {
        let minimum_n = base.minimum_n.max(window.minimum_n);
        let measures: Vec<(Measure, Sample, Sample)> = Measure::ALL
            .iter()
            .filter_map(|m| Some((*m, base.sample(*m)?, window.sample(*m)?)))
            .filter(|(_, base, window)| base.n() > 0 || window.n() > 0)
            .collect();
        let facts = [Measure::Lead, Measure::Overrun].map(|measure| {
            let (base, window) = (base.fact(measure), window.fact(measure));
            Fact { measure, base_seconds: base, window_seconds: window, change: measure.fact(base, window) }
        });
        Comparison {
            base: base.window.clone(),
            window: window.window.clone(),
            minimum_n,
            adjustment: "holm",
            measures: compare(&measures, minimum_n),
            facts: facts.to_vec(),
        }
    }

    /// What may be said of this measure here.
    pub fn change(&self, measure: Measure) -> Option<Change> {
        if measure.is_fact() {
            return self.facts.iter().find(|f| f.measure == measure)?.change;
        }
        self.measures.iter().find(|c| c.measure == measure).map(|c| c.change)
    }
}

crate::codes! {
    /// Whether a later window shows what was to be done better.
    pub enum Shown {
        /// Its figures are better than those of the window that the improvement came from.
        Better = "better",
        /// They are worse.
        Worse = "worse",
        /// The difference may be noise, or there are too few answers.
        CannotTell = "cannot_tell",
        /// The window that should show it has not ended.
        NotYet = "not_yet",
        /// No window, or no measure, was named that should show it.
        NotNamed = "not_named",
    }
}

/// Whether each of these improvements shows, by row.
pub fn shown(connection: &mut Db, all: &[Improvement], reader: Reader) -> Result<HashMap<i64, Shown>> {
    let mut ids: Vec<i64> = all
        .iter()
        .filter(|i| i.measure.is_some())
        .filter_map(|i| Some([i.window_id?, i.shown_by?]))
        .flatten()
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let mut figures: HashMap<i64, Insights> = HashMap::new();
    for some in ids.chunks(100) {
        let found = windows::by_ids(connection, some)?;
        let insights = super::of(connection, &found, reader)?;
        figures.extend(found.iter().map(|w| w.id).zip(insights));
    }
    let shown = all.iter().map(|improvement| {
        let pair = improvement.window_id.zip(improvement.shown_by);
        let both = pair.and_then(|(base, window)| figures.get(&base).zip(figures.get(&window)));
        let shown = match (both, improvement.measure) {
            (Some((_, window)), Some(_)) if window.window.state == WindowState::Cancelled => {
                Shown::CannotTell
            }
            (Some((_, window)), Some(_)) if !window.window.state.has_ended() => Shown::NotYet,
            (Some((base, window)), Some(measure)) => match Comparison::new(base, window).change(measure) {
                Some(Change::Better) => Shown::Better,
                Some(Change::Worse) => Shown::Worse,
                Some(Change::CannotTell) | None => Shown::CannotTell,
            },
            _ => Shown::NotNamed,
        };
        (improvement.id, shown)
    });
    Ok(shown.collect())
}
