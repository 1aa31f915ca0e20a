//! The figures of windows: one set of numbers for the page, the interface and the exports.

mod count;
mod figures;
mod rows;

use std::collections::HashMap;

pub use figures::{
    DurationFigure, Insights, MINIMUM_N, Part, ReportFigures, ScheduleFigures, Totals, WindowName,
};
pub use rows::{Row, Unit, each, rows};

use super::components::{self, Component};
use super::connection::Db;
use super::error::Result;
use super::me_toos;
use super::responses;
use super::windows::{self, Window};
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::survey::SurveyCounts;
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
    let mut waits = count::waits(connection, Some(&ids))?;
    let mut verdicts = me_toos::verdicts(connection, Some(&ids))?;
    let mut surveys = responses::counts_of(connection, &ids)?;
    let mut further = responses::custom_of(connection, &ids)?;
    let names = names(connection, reader)?;
    let mut all = Vec::with_capacity(windows.len());
    for window in windows {
        let minutes = minutes.remove(&window.id).unwrap_or_default();
        let timed = minutes.iter().map(|m| m.1).sum();
        let counters = counted.remove(&window.id).unwrap_or_default();
        let (answers, resolutions) = waits.remove(&window.id).unwrap_or_default();
        let said = verdicts.remove(&window.id).unwrap_or_default();
        all.push(Insights {
            window: WindowName::of(window, reader),
            as_of: reader.now,
            schedule: ScheduleFigures::of(window, reader.now),
            reports: ReportFigures::new(&counters, &names, timed, answers, resolutions, said),
            timeline: Timeline::new(&window.extent(), window.zone(), &minutes, reader.now),
            survey: surveys.remove(&window.id).unwrap_or_default().figures(MINIMUM_N),
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

/// The figures of all published windows taken together, or of these.
pub fn totals(connection: &mut Db, only: Option<&[Window]>, reader: Reader) -> Result<Totals> {
    let ids: Option<Vec<i64>> = only.map(|some| some.iter().map(|w| w.id).collect());
    let counters = count::counters_together(connection, ids.as_deref())?;
    let timed = count::timed(connection, ids.as_deref())?;
    let (answers, resolutions) = count::waits(connection, ids.as_deref())?.into_values().fold(
        (Vec::new(), Vec::new()),
        |mut all, one| {
            all.0.extend(one.0);
            all.1.extend(one.1);
            all
        },
    );
    let survey = match &ids {
        Some(ids) => responses::counts_of(connection, ids)?
            .into_values()
            .fold(SurveyCounts::default(), SurveyCounts::plus),
        None => responses::counts_of_all(connection)?,
    };
    let (windows, ended, late) = count::punctuality(connection, ids.as_deref())?;
    let names = names(connection, reader)?;
    let said = me_toos::verdicts(connection, ids.as_deref())?
        .into_values()
        .fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    Ok(Totals {
        windows,
        overran: figures::share(late, ended),
        outside: if only.is_some() { 0 } else { count::outside(connection)? },
        reports: ReportFigures::new(&counters, &names, timed, answers, resolutions, said),
        survey: survey.figures(MINIMUM_N),
    })
}

/// A share of people who said so, with counts alone where they are too few.
pub fn share_of(k: i64, n: i64) -> crate::domain::survey::figures::ShareFigure {
    figures::share(k.unsigned_abs(), n.unsigned_abs())
}

/// The keys and names of components by their rows.
fn names(connection: &mut Db, reader: Reader) -> Result<HashMap<i64, (String, String)>> {
    let named = |c: Component| {
        let label = c.label(reader.language, reader.default).to_owned();
        (c.id, (c.key, label))
    };
    Ok(components::list(connection)?.into_iter().map(named).collect())
}
