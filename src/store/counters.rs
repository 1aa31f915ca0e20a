//! Counts of reports, kept in the transaction that changes what they count, so that figures and "37
//! others" cost the same however many reports there are. `interlude verify` counts again and compares.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::Write;
use super::connection::Db;
use super::error::Result;
use super::schema::report_counters;
use super::statement::{self, Value};
use crate::domain::report::{Category, Impact, Status};
use crate::domain::window::ReportStage;

/// Where one report is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The window, or outside of all.
    pub window: Option<i64>,
    /// The stage, if it is known.
    pub stage: Option<ReportStage>,
    /// The component, if it is known.
    pub component: Option<i64>,
    /// The category.
    pub category: Category,
    /// The impact.
    pub impact: Impact,
    /// The status.
    pub status: Status,
    /// The minute since 1970 in which it occurred; a report whose time is unknown is in none.
    pub minute: Option<i64>,
}

/// The key of a row of `report_counters`: window, stage, component, category, impact, status; 0 and
/// '' stand for none.
pub type CounterKey = (i64, String, i64, String, String, String);
/// The key of a row of `report_minutes`: window, minute.
pub type MinuteKey = (i64, i64);

impl Cell {
    fn counter(&self) -> CounterKey {
        (
            self.window.unwrap_or(0),
            self.stage.map_or("", ReportStage::code).to_owned(),
            self.component.unwrap_or(0),
            self.category.code().to_owned(),
            self.impact.code().to_owned(),
            self.status.code().to_owned(),
        )
    }
}

/// Changes of counts, gathered in memory and written once.
#[derive(Debug, Default)]
pub struct Tally {
    // In the order of their keys, so that two transactions take the rows in the same order.
    counters: BTreeMap<CounterKey, i64>,
    minutes: BTreeMap<MinuteKey, i64>,
}

impl Tally {
    /// Counts a report that is counted here from now on.
    pub fn add(&mut self, cell: &Cell) {
        self.change(cell, 1);
    }

    /// Takes away a report that was counted here until now.
    pub fn remove(&mut self, cell: &Cell) {
        self.change(cell, -1);
    }

    fn change(&mut self, cell: &Cell, by: i64) {
        *self.counters.entry(cell.counter()).or_default() += by;
        if let Some(minute) = cell.minute {
            *self.minutes.entry((cell.window.unwrap_or(0), minute)).or_default() += by;
        }
    }

    /// Writes what was gathered.
    pub fn write(self, write: &mut Write<'_>) -> Result<()> {
        use Value::{Number, Text};
        for ((window, stage, component, category, impact, status), by) in &self.counters {
            if *by != 0 {
                let values = [
                    Number(*window),
                    Text(stage),
                    Number(*component),
                    Text(category),
                    Text(impact),
                    Text(status),
                    Number(*by),
                ];
                statement::run(write.connection, COUNT, &values)?;
            }
        }
        for ((window, minute), by) in self.minutes {
            if by != 0 {
                let values = [Number(window), Number(minute), Number(by)];
                statement::run(write.connection, COUNT_MINUTE, &values)?;
            }
        }
        Ok(())
    }
}

const COUNT: &[&str] = &[
    "INSERT INTO report_counters (window_id, stage, component_id, category, impact, status, reports) VALUES (",
    ", ",
    ", ",
    ", ",
    ", ",
    ", ",
    ", ",
    ") ON CONFLICT (window_id, stage, component_id, category, impact, status) \
     DO UPDATE SET reports = report_counters.reports + excluded.reports",
];
const COUNT_MINUTE: &[&str] = &[
    "INSERT INTO report_minutes (window_id, minute, reports) VALUES (",
    ", ",
    ", ",
    ") ON CONFLICT (window_id, minute) DO UPDATE SET reports = report_minutes.reports + excluded.reports",
];

/// Counts one report that was in `before` (nothing: it is new) and is in `after` (nothing: it is
/// gone) from now on.
pub fn apply(write: &mut Write<'_>, before: Option<Cell>, after: Option<Cell>) -> Result<()> {
    let mut tally = Tally::default();
    if let Some(cell) = before {
        tally.remove(&cell);
    }
    if let Some(cell) = after {
        tally.add(&cell);
    }
    tally.write(write)
}

/// How many reports say the same of one window (nothing: outside of all): of each component and of
/// each category, the demonstration's included. Duplicates count: somebody had it too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Others {
    /// By component; 0 for those that name none.
    pub by_component: BTreeMap<i64, i64>,
    /// By category.
    pub by_category: BTreeMap<Category, i64>,
    /// All of them.
    pub all: i64,
}

/// The reports of this window as a reporter is told of them.
pub fn others(connection: &mut Db, window: Option<i64>) -> Result<Others> {
    let rows = report_counters::table
        .filter(report_counters::window_id.eq(window.unwrap_or(0)))
        .filter(report_counters::reports.gt(0))
        .select((report_counters::component_id, report_counters::category, report_counters::reports))
        .load::<(i64, Category, i64)>(connection)?;
    let mut others = Others::default();
    for (component, category, reports) in rows {
        *others.by_component.entry(component).or_default() += reports;
        *others.by_category.entry(category).or_default() += reports;
        others.all += reports;
    }
    Ok(others)
}
