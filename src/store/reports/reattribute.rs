//! Attributing reports again after a window's times or state have changed: in steps, each with its
//! progress in one transaction, so that one that is killed goes on where it was and does nothing
//! twice.

use diesel::prelude::*;

use super::Report;
use super::events::{self, EventKind, NewEvent};
use super::list::window_names;
use crate::domain::attribution::{Attribution, Extent, Occurrence, attribute};
use crate::domain::window::ReportStage;
use crate::store::counters::Tally;
use crate::store::error::{Error, Result};
use crate::store::jobs::{self, Job, STEP};
use crate::store::schema::reports;
use crate::store::windows;
use crate::store::{Write, changes};

/// How many numbers of reports a step looks through, so that one that finds little is short too.
const SPAN: i64 = 20_000;

/// Takes the next step of a job whose payload is the row of the window that changed and whose
/// progress is the number of the last report looked at. `true`: that was the last step.
///
/// Looked at are the reports that belong to the window, those that were filed under it, and those
/// that named none and occurred within its extent as it is now. One that left its old extent belongs
/// to it, so the old times need not be known.
///
/// Errors: [`Error::Stale`] if somebody else has taken the step; nothing of this one stays then.
pub fn reattribute(write: &mut Write<'_>, job: &Job) -> Result<bool> {
    let id: i64 = job
        .payload
        .parse()
        .map_err(|_| Error::Internal(format!("job {} is about no window: {}", job.id, job.payload)))?;
    let last: i64 = reports::table
        .select(diesel::dsl::max(reports::id))
        .first::<Option<i64>>(write.connection)?
        .unwrap_or(0);
    let until = job.progress.saturating_add(SPAN);
    let extent = match windows::by_id(write.connection, id) {
        Ok(window) => window.extent(),
        // It was thrown away before anybody reported anything of it.
        Err(Error::NotFound) => return finish(write, job, last, true),
        Err(error) => return Err(error),
    };
    let rows = concerned(write, &extent, job.progress, until)?;
    let full = i64::try_from(rows.len()).unwrap_or(i64::MAX) == STEP;
    let reached = match rows.last() {
        Some(row) if full => row.id,
        _ => until,
    };
    attribute_again(write, extent, rows)?;
    finish(write, job, reached.min(last), reached >= last)
}

fn finish(write: &mut Write<'_>, job: &Job, progress: i64, done: bool) -> Result<bool> {
    if jobs::advance(write, job, progress.max(job.progress), done)? { Ok(done) } else { Err(Error::Stale) }
}

/// The next reports that the change of this window may concern, in the order of their numbers.
fn concerned(write: &mut Write<'_>, extent: &Extent, after: i64, until: i64) -> Result<Vec<Report>> {
    let belongs = reports::window_id.eq(extent.window).or(reports::filed_under.eq(extent.window));
    let query = reports::table
        .filter(reports::id.gt(after).and(reports::id.le(until)))
        .order(reports::id)
        .limit(STEP)
        .select(Report::as_select());
    let bounds = extent.bounds();
    Ok(match (bounds.map(|b| b.before_from), bounds.and_then(|b| b.after_until)) {
        (None, _) => query.filter(belongs.assume_not_null()).load(write.connection)?,
        (Some(from), None) => {
            let within = reports::filed_under.is_null().and(reports::occurred_at.ge(from));
            query.filter(belongs.or(within)).load(write.connection)?
        }
        (Some(from), Some(until)) => {
            let within = reports::filed_under
                .is_null()
                .and(reports::occurred_at.ge(from))
                .and(reports::occurred_at.lt(until));
            query.filter(belongs.or(within)).load(write.connection)?
        }
    })
}

/// Where a report belongs, as its history writes it: `slug/stage`, `slug/` where the stage is not
/// known, nothing outside.
fn place(slug: Option<&str>, stage: Option<ReportStage>) -> Option<String> {
    slug.map(|slug| format!("{slug}/{}", stage.map_or("", ReportStage::code)))
}

fn attribute_again(write: &mut Write<'_>, changed: Extent, rows: Vec<Report>) -> Result<()> {
    let times: Vec<_> = rows.iter().filter_map(|r| r.occurred_at).collect();
    let mut extents = match (times.iter().min(), times.iter().max()) {
        (Some(first), Some(last)) => windows::extents_between(write.connection, *first, *last)?,
        _ => Vec::new(),
    };
    if extents.iter().all(|e| e.window != changed.window) {
        extents.push(changed);
    }
    let moved: Vec<(Report, Attribution)> = rows
        .into_iter()
        .filter_map(|report| {
            let occurrence = Occurrence {
                at: report.occurred_at,
                named: report.filed_under,
                component: report.component_id,
            };
            let now = attribute(&extents, occurrence);
            ((now.window, now.stage) != (report.window_id, report.stage)).then_some((report, now))
        })
        .collect();
    let names = window_names(write.connection, moved.iter().flat_map(|(r, now)| [r.window_id, now.window]))?;
    let slug = |id: Option<i64>| id.and_then(|id| names.get(&id)).map(|name| name.slug.as_str());
    let mut tally = Tally::default();
    let mut told = Vec::new();
    for (report, now) in &moved {
        let rows =
            diesel::update(reports::table.find(report.id).filter(reports::revision.eq(report.revision)))
                .set((
                    reports::window_id.eq(now.window),
                    reports::stage.eq(now.stage),
                    reports::revision.eq(reports::revision + 1),
                ))
                .execute(write.connection)?;
        if rows == 0 {
            // Somebody changed it in between: the whole step is tried again.
            return Err(Error::Busy);
        }
        let after = Report { window_id: now.window, stage: now.stage, ..report.clone() };
        tally.remove(&report.cell());
        tally.add(&after.cell());
        let (was, became) = (place(slug(report.window_id), report.stage), place(slug(now.window), now.stage));
        let event = NewEvent::new(report.id, EventKind::Attribution);
        events::append(write, event.changed(was.as_deref(), became.as_deref()))?;
        told.extend([report.window_id, now.window]);
    }
    tally.write(write)?;
    told.sort_unstable();
    told.dedup();
    for window in told {
        changes::announce(write, changes::Kind::Report, window)?;
    }
    Ok(())
}
