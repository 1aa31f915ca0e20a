//! The figures of all windows that a list says: far fewer than of each window by itself, so that a list of
//! hundreds is read at once.

use super::count;
use super::figures::{ScheduleFigures, WindowName};
use super::{PUBLISHED, Reader};
use crate::domain::survey::SurveyFigures;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::{instance, responses, windows};

/// The figures of a window in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Which window.
    pub window: WindowName,
    /// What was announced beside what happened.
    pub schedule: ScheduleFigures,
    /// Keys and names of the components that it was announced to touch.
    pub components: Vec<(String, String)>,
    /// How many problem reports it has.
    pub reports: u64,
    /// The median of the seconds from a report to its first answer; nothing below `minimum_n`.
    pub first_answer: Option<f64>,
    /// What its survey says.
    pub survey: SurveyFigures,
}

/// The figures of every published window, the latest start first, and the fewest answers or reports that bear
/// one; a few queries for any number of windows. They are the same as [`super::of`] gives.
pub fn listed(connection: &mut Db, reader: Reader) -> Result<(Vec<Listed>, u64)> {
    let windows = windows::list(connection, PUBLISHED, None, None, i64::MAX)?;
    let ids: Vec<i64> = windows.iter().map(|w| w.id).collect();
    let counted = count::reports(connection, &ids)?;
    let answered = count::first_answers(connection)?;
    let mut surveys = responses::counts_of(connection, &ids)?;
    let minimum_n = instance::minimum_n(connection)?;
    let row = |window: &windows::Window| {
        let answered = answered.get(&window.id).filter(|(n, _)| *n >= minimum_n);
        let label = |c: &crate::store::components::Component| {
            (c.key.clone(), c.label(reader.language, reader.default).to_owned())
        };
        Listed {
            window: WindowName::of(window, reader),
            schedule: ScheduleFigures::of(window, reader.now),
            components: window.components.iter().map(|c| label(&c.component)).collect(),
            reports: counted.get(&window.id).copied().unwrap_or(0),
            first_answer: answered.map(|(_, median)| *median),
            survey: surveys.remove(&window.id).unwrap_or_default().figures(minimum_n),
        }
    };
    Ok((windows.iter().map(row).collect(), minimum_n))
}
