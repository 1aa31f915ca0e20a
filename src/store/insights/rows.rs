//! The figures as flat rows, for exports: the same numbers as everywhere else.

use super::impact::Surprise;
use super::{Insights, Reader};
use crate::domain::measure::{Figure, Measure};
use crate::domain::statistics::{Distribution, Interval};
use crate::domain::survey::figures::ShareFigure;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::windows::Window;

crate::codes! {
    /// What a value is counted in.
    pub enum Unit {
        /// Things.
        Count = "count",
        /// 0 to 1.
        Share = "share",
        /// −100 to 100.
        Score = "score",
        /// Points of a scale.
        Points = "points",
        /// Seconds.
        Seconds = "seconds",
    }
}

/// One number of one window.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The window's slug.
    pub window: String,
    /// What is measured, e.g. `reports.stage` or `survey.csat`.
    pub measure: String,
    /// Which part of it, e.g. `implementation`; empty where there are no parts, or where the part is
    /// not known.
    pub part: String,
    /// The value; nothing where there are too few answers to say one.
    pub value: Option<f64>,
    /// What it is counted in.
    pub unit: Unit,
    /// Of how many it is; nothing for counts.
    pub n: Option<u64>,
    /// The lower bound of its 95 % interval.
    pub low: Option<f64>,
    /// The upper bound of its 95 % interval.
    pub high: Option<f64>,
}

/// Every number of a window, in a fixed order.
pub fn rows(insights: &Insights) -> impl Iterator<Item = Row> {
    let mut rows = Rows { window: insights.window.slug.clone(), rows: Vec::new() };
    let schedule = &insights.schedule;
    for (measure, seconds) in [
        ("schedule.lead", schedule.lead_seconds),
        ("schedule.planned", schedule.planned_seconds),
        ("schedule.actual", schedule.actual_seconds),
        ("schedule.overrun", schedule.overrun_seconds),
    ] {
        rows.add(measure, "", seconds.map(|s| s as f64), Unit::Seconds);
    }
    rows.count("schedule.moves", "", schedule.moves);
    rows.count("schedule.updates", "", schedule.updates);

    let reports = &insights.reports;
    rows.count("reports.total", "", reports.total);
    rows.count("reports.open", "", reports.open);
    rows.count("reports.unknown_time", "", reports.unknown_time);
    for (measure, parts) in [
        ("reports.stage", &reports.by_stage),
        ("reports.component", &reports.by_component),
        ("reports.category", &reports.by_category),
        ("reports.impact", &reports.by_impact),
        ("reports.status", &reports.by_status),
    ] {
        for part in parts {
            rows.count(measure, part.code.as_deref().unwrap_or_default(), part.reports);
        }
    }
    for component in &insights.components {
        rows.count("reports.component.severe", &component.key, component.severe);
    }
    let surprised = insights.components.iter().filter(|c| c.surprise == Surprise::Unannounced);
    rows.count("reports.unannounced", "", surprised.map(|c| c.reports).sum());
    for (measure, figure) in
        [("reports.first_answer", reports.first_answer), ("reports.resolution", reports.resolution)]
    {
        let named = |part: &str| format!("{measure}.{part}");
        rows.of(&named("median"), figure.median_seconds, Unit::Seconds, figure.n, None);
        rows.of(&named("p90"), figure.p90_seconds, Unit::Seconds, figure.n, None);
        rows.share(&named("in_time"), figure.within_target);
    }
    rows.share("reports.verified", reports.verified);
    rows.count("reports.verified.fixed", "", reports.verified.k);

    let survey = &insights.survey;
    rows.count("survey.complete", "", survey.complete);
    rows.count("survey.partial", "", survey.partial);
    let (csat, nps, ces, saw) = (&survey.csat, &survey.nps, &survey.ces, &survey.saw_notice);
    rows.of("survey.csat", csat.value, Unit::Share, csat.n, csat.interval);
    let mean = csat.mean;
    rows.of("survey.csat.mean", mean.map(|m| m.value), Unit::Points, csat.n, mean.and_then(|m| m.interval));
    rows.distribution("survey.csat.answers", &csat.distribution);
    rows.of("survey.nps", nps.value, Unit::Score, nps.n, nps.interval);
    for (part, n) in
        [("promoters", nps.promoters), ("passives", nps.passives), ("detractors", nps.detractors)]
    {
        rows.count("survey.nps.group", part, n);
    }
    rows.distribution("survey.nps.answers", &nps.distribution);
    rows.of("survey.ces", ces.value, Unit::Points, ces.n, ces.interval);
    rows.distribution("survey.ces.answers", &ces.distribution);
    rows.of("survey.saw_notice", saw.value, Unit::Share, saw.n, saw.interval);
    rows.count("survey.saw_notice.yes", "", saw.k);
    rows.share("survey.response_rate", insights.response_rate);
    rows.count("survey.begun", "", insights.drop_off.begun);
    for question in &insights.drop_off.questions {
        rows.count("survey.answered", &question.question, question.answered);
        rows.count("survey.left_after", &question.question, question.left_after);
    }
    for group in &insights.groups {
        let measure = format!("survey.{}.{}", group.split, group.measure);
        let unit = match group.measure {
            Measure::Nps => Unit::Score,
            Measure::Ces => Unit::Points,
            _ => Unit::Share,
        };
        for (part, figure) in [("yes", group.yes), ("no", group.no)] {
            rows.figure(&measure, part, figure, unit);
        }
        let (value, interval) = (group.difference.map(|d| d.value), group.difference.map(|d| d.interval));
        rows.figure(&measure, "difference", Figure { n: group.yes.n + group.no.n, value, interval }, unit);
    }
    for (question, answers) in &insights.survey_answers {
        for (answer, n) in answers {
            rows.count("survey.answers", &format!("{question}={answer}"), *n);
        }
    }
    rows.count("survey.invited", "", insights.invited.invited);
    rows.count("survey.invited.told", "", insights.invited.told);
    rows.count("survey.invited.answered", "", insights.invited.answered);
    rows.rows.into_iter()
}

struct Rows {
    window: String,
    rows: Vec<Row>,
}

impl Rows {
    fn add(&mut self, measure: &str, part: &str, value: Option<f64>, unit: Unit) {
        let (window, measure, part) = (self.window.clone(), measure.to_owned(), part.to_owned());
        self.rows.push(Row { window, measure, part, value, unit, n: None, low: None, high: None });
    }

    fn share(&mut self, measure: &str, share: ShareFigure) {
        self.of(measure, share.value, Unit::Share, share.n, share.interval);
    }

    fn figure(&mut self, measure: &str, part: &str, figure: Figure, unit: Unit) {
        self.of(measure, figure.value, unit, figure.n, figure.interval);
        if let Some(row) = self.rows.last_mut() {
            row.part = part.to_owned();
        }
    }

    fn count(&mut self, measure: &str, part: &str, count: u64) {
        self.add(measure, part, Some(count as f64), Unit::Count);
    }

    fn of(&mut self, measure: &str, value: Option<f64>, unit: Unit, n: u64, interval: Option<Interval>) {
        let (low, high) = (interval.map(|i| i.low), interval.map(|i| i.high));
        let (window, measure) = (self.window.clone(), measure.to_owned());
        self.rows.push(Row { window, measure, part: String::new(), value, unit, n: Some(n), low, high });
    }

    fn distribution(&mut self, measure: &str, answers: &Distribution) {
        for (point, n) in answers.iter() {
            self.count(measure, &point.to_string(), n);
        }
    }
}

/// Gives every number of every published window to `take`, the latest window first, or of `only`
/// that one. Holds a hundred windows in memory at most. Call it inside one snapshot.
pub fn each(
    connection: &mut Db,
    only: Option<&Window>,
    reader: Reader,
    mut take: impl FnMut(Row) -> Result<()>,
) -> Result<()> {
    if let Some(window) = only {
        return rows(&super::one(connection, window, reader)?).try_for_each(take);
    }
    let mut after = None;
    loop {
        let (found, next) = super::page(connection, after, 100, reader)?;
        for insights in found {
            rows(&insights).try_for_each(&mut take)?;
        }
        match next {
            Some(place) => after = Some(place),
            None => return Ok(()),
        }
    }
}
