//! Attributing reports again when a window was moved, started, ended or published late.

use diesel::prelude::*;

use super::events::{self, EventKind, NewEvent};
use super::submit::attribution;
use super::{Report, changed_one};
use crate::domain::attribution::{Attribution, Occurrence as Where};
use crate::domain::instant::Instant;
use crate::domain::window::ReportStage;
use crate::store::connection::Db;
use crate::store::counters::{Cell, Tally};
use crate::store::error::Result;
use crate::store::jobs::{self, Job, STEP};
use crate::store::schema::{reports, windows as windows_table};
use crate::store::{Error, Write, changes, windows};

/// Does one step of a job that attributes again the reports that a window has, is named by, or could
/// have now. The job's payload is the window's row, its progress the last number looked at. `true`
/// when nothing is left to do. The step of a job that somebody else has moved on is undone:
/// [`Error::Stale`].
pub fn reattribute(write: &mut Write<'_>, job: &Job) -> Result<bool> {
    let window: i64 = job
        .payload
        .parse()
        .map_err(|_| Error::Internal(format!("job {} names no window: {:?}", job.id, job.payload)))?;
    let some = candidates(write.connection, window, job.progress)?;
    let mut tally = Tally::default();
    let mut touched = Vec::new();
    for report in &some {
        let place =
            Where { at: report.occurred_at, named: report.filed_under, component: report.component_id };
        let found = attribution(write.connection, place, report.received_at)?;
        if (found.window, found.stage) == (report.window_id, report.stage) {
            continue;
        }
        tally.remove(&report.cell());
        tally.add(&Cell { window: found.window, stage: found.stage, ..report.cell() });
        change(write, report, found)?;
        for window in [report.window_id, found.window] {
            if !touched.contains(&window) {
                touched.push(window);
            }
        }
    }
    tally.write(write)?;
    for window in touched {
        changes::announce(write, changes::Kind::Report, window)?;
    }
    let done = (some.len() as i64) < STEP;
    let progress = some.last().map_or(job.progress, |report| report.id);
    if jobs::advance(write, job, progress, done)? { Ok(done) } else { Err(Error::Stale) }
}

fn candidates(connection: &mut Db, window: i64, after: i64) -> Result<Vec<Report>> {
    let bounds = match windows::by_id(connection, window) {
        Ok(window) => window.extent().bounds(),
        // A draft that was deleted since.
        Err(Error::NotFound) => None,
        Err(error) => return Err(error),
    };
    let query = reports::table
        .filter(reports::id.gt(after))
        .order(reports::id)
        .limit(STEP)
        .select(Report::as_select());
    let own = reports::window_id.eq(window).or(reports::filed_under.eq(window));
    Ok(match bounds {
        Some(bounds) => {
            let until = bounds.after_until.unwrap_or(Instant::MAX);
            let could = reports::filed_under
                .is_null()
                .and(reports::occurred_at.ge(bounds.before_from))
                .and(reports::occurred_at.lt(until));
            // A comparison with a time that is not known is not known either: taken as no.
            query.filter(own.assume_not_null().or(could.assume_not_null())).load(connection)?
        }
        None => query.filter(own.assume_not_null()).load(connection)?,
    })
}

fn change(write: &mut Write<'_>, report: &Report, found: Attribution) -> Result<()> {
    let rows = diesel::update(reports::table.find(report.id).filter(reports::revision.eq(report.revision)))
        .set((
            reports::window_id.eq(found.window),
            reports::stage.eq(found.stage),
            reports::revision.eq(reports::revision + 1),
        ))
        .execute(write.connection)?;
    changed_one(rows)?;
    let was = place(write.connection, report.window_id, report.stage)?;
    let became = place(write.connection, found.window, found.stage)?;
    let event = NewEvent::new(report.id, EventKind::Attribution);
    events::append(write, event.changed(was.as_deref(), became.as_deref()))
}

/// `slug/stage`, `slug/` where the stage is not known, nothing outside.
fn place(connection: &mut Db, window: Option<i64>, stage: Option<ReportStage>) -> Result<Option<String>> {
    let Some(window) = window else { return Ok(None) };
    let slug: String = windows_table::table.find(window).select(windows_table::slug).first(connection)?;
    Ok(Some(format!("{slug}/{}", stage.map_or("", ReportStage::code))))
}
