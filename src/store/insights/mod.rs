//! The figures of windows: one set of numbers for the page, the interface and the exports.

pub mod comparison;
mod count;
mod figures;
pub mod impact;
pub mod issues;
mod listed;
pub mod people;
mod rows;

use std::collections::HashMap;

pub use comparison::{Comparison, Fact, Shown, shown};
pub use figures::{DurationFigure, Insights, Part, ReportFigures, ScheduleFigures, Totals, WindowName};
pub use listed::{Listed, listed};
pub use rows::{Row, Unit, each, rows};

use super::components::{self, Component};
use super::connection::Db;
use super::error::Result;
use super::windows::{self, Window};
use super::{export_rows, instance, me_toos, responses, surveys};
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::statistics::Share;
use crate::domain::survey::SurveyCounts;
use crate::domain::survey::figures::ShareFigure;
use crate::domain::timeline::Timeline;
use crate::domain::window::WindowState;

/// Who reads figures, and when: what names and open ends depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// The language that names are given in.
    pub language: Language,
    /// The language that names fall back to.
    pub default: Language,
    /// The present moment; a running window reaches until then.
    pub now: Instant,
}

/// The figures of these windows, in their order; a few queries for any number of them.
pub fn of(connection: &mut Db, windows: &[Window], reader: Reader) -> Result<Vec<Insights>> {
    let ids: Vec<i64> = windows.iter().map(|w| w.id).collect();
    let mut counted = count::counters(connection, &ids)?;
    let mut minutes = count::minutes(connection, &ids)?;
    let mut waits = count::waits(connection, Some(&ids), reader.now)?;
    let mut verdicts = me_toos::verdicts(connection, Some(&ids))?;
    let mut surveys = responses::counts_of(connection, &ids)?;
    let mut further = responses::custom_of(connection, &ids)?;
    let minimum_n = instance::minimum_n(connection)?;
    let known = components::list(connection)?;
    let names = names(&known, reader);
    let mut groups = people::groups(connection, &ids, minimum_n)?;
    let templates: Vec<_> = windows.iter().map(|w| (w.id, &w.survey_template)).collect();
    let asked = surveys::answered(connection, &templates)?;
    let mut invited = people::invited(connection, &ids)?;
    let mut drop_off = people::drop_off(connection, &asked)?;
    let mut issues = issues::issues(connection, &ids, reader)?;
    let mut all = Vec::with_capacity(windows.len());
    for window in windows {
        let minutes = minutes.remove(&window.id).unwrap_or_default();
        let timed = minutes.iter().map(|m| m.1).sum();
        let counters = counted.remove(&window.id).unwrap_or_default();
        let mut waits = waits.remove(&window.id).unwrap_or_default();
        let (fixed, not_fixed) = verdicts.remove(&window.id).unwrap_or_default();
        waits.verified = Share::of(fixed, not_fixed);
        let issues = issues.remove(&window.id).unwrap_or_default();
        let invited = invited.remove(&window.id).unwrap_or_default();
        let mut timeline = Timeline::new(&window.extent(), window.zone(), &minutes, reader.now);
        timeline.workarounds = issues.iter().filter_map(issues::IssueFigures::mark).collect();
        all.push(Insights {
            window: WindowName::of(window, reader),
            as_of: reader.now,
            minimum_n,
            schedule: ScheduleFigures::of(window, reader.now),
            components: impact::components(window, &counters, &known, reader),
            reports: ReportFigures::new(&counters, &names, timed, waits, minimum_n),
            timeline,
            known_issues: issues,
            survey: surveys.remove(&window.id).unwrap_or_default().figures(minimum_n),
            response_rate: ShareFigure::new(invited.rate(), minimum_n),
            invited,
            drop_off: drop_off.remove(&window.id).unwrap_or_default(),
            groups: groups.remove(&window.id).unwrap_or_default(),
            asked: asked.get(&window.id).map(surveys::AsAnswered::questions).unwrap_or_default(),
            survey_answers: further.remove(&window.id).unwrap_or_default(),
        });
    }
    Ok(all)
}

/// The figures of one window.
pub fn one(connection: &mut Db, window: &Window, reader: Reader) -> Result<Insights> {
    of(connection, std::slice::from_ref(window), reader)?
        .pop()
        .ok_or_else(|| super::error::Error::Internal("a window without figures".into()))
}

/// The states of windows that have figures: all but drafts.
const PUBLISHED: &[WindowState] = &[
    WindowState::Scheduled,
    WindowState::InProgress,
    WindowState::Verifying,
    WindowState::Completed,
    WindowState::Cancelled,
];

/// Where a list of windows goes on: the scheduled start and the row of the last one.
pub type Place = (Instant, i64);

/// The figures of published windows, the latest start first, after this one in that order; at most
/// `limit`, and the place of the next one if there is one.
pub fn page(
    connection: &mut Db,
    after: Option<Place>,
    limit: i64,
    reader: Reader,
) -> Result<(Vec<Insights>, Option<Place>)> {
    let mut found = windows::list(connection, PUBLISHED, None, after, limit + 1)?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let next = found.last().filter(|_| more).map(|w| (w.schedule.start, w.id));
    Ok((of(connection, &found, reader)?, next))
}

/// The figures of the windows that began last, the latest first, at most `limit`. One that was imported
/// may have begun at a time that nobody noted.
pub fn begun(connection: &mut Db, limit: i64, reader: Reader) -> Result<Vec<Insights>> {
    let found = windows::begun(connection, limit)?;
    of(connection, &found, reader)
}

/// Slug and title of every window that has begun, the latest first.
pub fn begun_names(connection: &mut Db, reader: Reader) -> Result<Vec<(String, String)>> {
    let titles = export_rows::titles(connection)?;
    let name = |(id, slug): (i64, String)| {
        let title = titles.get(&id).map_or("", |t| t.text(reader.language, reader.default)).to_owned();
        (slug.clone(), if title.is_empty() { slug } else { title })
    };
    Ok(windows::begun_slugs(connection)?.into_iter().map(name).collect())
}

/// The figures of all published windows taken together, or of these.
pub fn totals(connection: &mut Db, only: Option<&[Window]>, reader: Reader) -> Result<Totals> {
    let ids: Option<Vec<i64>> = only.map(|some| some.iter().map(|w| w.id).collect());
    let counters = count::counters_together(connection, ids.as_deref())?;
    let timed = count::timed(connection, ids.as_deref())?;
    let mut waits = count::waits(connection, ids.as_deref(), reader.now)?
        .into_values()
        .fold(count::Waits::default(), count::Waits::plus);
    waits.verified = me_toos::verdicts(connection, ids.as_deref())?
        .into_values()
        .fold(Share::default(), |all, (fixed, not_fixed)| all.plus(Share::of(fixed, not_fixed)));
    let survey = match &ids {
        Some(ids) => responses::counts_of(connection, ids)?
            .into_values()
            .fold(SurveyCounts::default(), SurveyCounts::plus),
        None => responses::counts_of_all(connection)?,
    };
    let (windows, ended, late) = count::punctuality(connection, ids.as_deref())?;
    let minimum_n = instance::minimum_n(connection)?;
    let names = names(&components::list(connection)?, reader);
    Ok(Totals {
        windows,
        overran: ShareFigure::new(Share::new(late, ended).unwrap_or_default(), minimum_n),
        outside: if only.is_some() { 0 } else { count::outside(connection)? },
        reports: ReportFigures::new(&counters, &names, timed, waits, minimum_n),
        survey: survey.figures(minimum_n),
    })
}

/// The keys and names of components by their rows.
fn names(known: &[Component], reader: Reader) -> HashMap<i64, (String, String)> {
    let label = |c: &Component| c.label(reader.language, reader.default).to_owned();
    known.iter().map(|c| (c.id, (c.key.clone(), label(c)))).collect()
}
