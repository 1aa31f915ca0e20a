//! What the database counts.

use std::collections::HashMap;

use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::PUBLISHED;
use crate::domain::instant::Instant;
use crate::domain::report::{Category, Impact, Status};
use crate::domain::statistics::Share;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::schema::{report_counters, report_minutes, reports, windows};

/// A row of the counters: stage (or ''), component (or 0), category, impact, status, reports.
pub(super) type Counter = (String, i64, Category, Impact, Status, i64);

/// The counters of each of these windows.
pub(super) fn counters(connection: &mut Db, ids: &[i64]) -> Result<HashMap<i64, Vec<Counter>>> {
    use report_counters as t;
    let mut found: HashMap<i64, Vec<Counter>> = HashMap::new();
    for some in ids.chunks(500) {
        let rows = t::table
            .filter(t::window_id.eq_any(some))
            .filter(t::reports.gt(0))
            .select((
                t::window_id,
                (t::stage, t::component_id, t::category, t::impact, t::status, t::reports),
            ))
            .load::<(i64, Counter)>(connection)?;
        for (window, counter) in rows {
            found.entry(window).or_default().push(counter);
        }
    }
    Ok(found)
}

/// The counters of all windows, or of these, added up.
pub(super) fn counters_together(connection: &mut Db, ids: Option<&[i64]>) -> Result<Vec<Counter>> {
    use report_counters as t;
    if let Some(ids) = ids {
        return Ok(counters(connection, ids)?.into_values().flatten().collect());
    }
    Ok(t::table
        .filter(t::window_id.ne(0))
        .group_by((t::stage, t::component_id, t::category, t::impact, t::status))
        .select((
            t::stage,
            t::component_id,
            t::category,
            t::impact,
            t::status,
            sql::<BigInt>("CAST(COALESCE(SUM(reports), 0) AS BIGINT)"),
        ))
        .load::<Counter>(connection)?)
}

/// In which minute how many reports of each of these windows occurred, rising.
pub(super) fn minutes(connection: &mut Db, ids: &[i64]) -> Result<HashMap<i64, Vec<(i64, u64)>>> {
    use report_minutes as t;
    let mut found: HashMap<i64, Vec<(i64, u64)>> = HashMap::new();
    for some in ids.chunks(500) {
        let rows = t::table
            .filter(t::window_id.eq_any(some))
            .filter(t::reports.gt(0))
            .order((t::window_id, t::minute))
            .select((t::window_id, t::minute, t::reports))
            .load::<(i64, i64, i64)>(connection)?;
        for (window, minute, reports) in rows {
            found.entry(window).or_default().push((minute, reports.unsigned_abs()));
        }
    }
    Ok(found)
}

/// How many reports of all windows, or of these, have a time at which they occurred.
pub(super) fn timed(connection: &mut Db, ids: Option<&[i64]>) -> Result<u64> {
    use report_minutes as t;
    let sum = || sql::<BigInt>("CAST(COALESCE(SUM(reports), 0) AS BIGINT)");
    let mut total: i64 = 0;
    match ids {
        None => total = t::table.filter(t::window_id.ne(0)).select(sum()).first(connection)?,
        Some(ids) => {
            for some in ids.chunks(500) {
                total += t::table.filter(t::window_id.eq_any(some)).select(sum()).first::<i64>(connection)?;
            }
        }
    }
    Ok(total.unsigned_abs())
}

/// How many reports belong to no window.
pub(super) fn outside(connection: &mut Db) -> Result<u64> {
    use report_counters as t;
    let sum = sql::<BigInt>("CAST(COALESCE(SUM(reports), 0) AS BIGINT)");
    let total: i64 = t::table.filter(t::window_id.eq(0)).select(sum).first(connection)?;
    Ok(total.unsigned_abs())
}

/// From how many reports at most the waiting times are taken: of more, the latest.
const WAITS_MAX: i64 = 200_000;

/// How long reports waited, and what came of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Waits {
    /// Seconds to each first answer.
    pub(super) answers: Vec<i64>,
    /// Seconds to each resolution.
    pub(super) resolutions: Vec<i64>,
    /// Of those that had to be answered by now, those that were in time.
    pub(super) answered_in_time: Share,
    /// Of those that had to be resolved by now, those that were in time.
    pub(super) resolved_in_time: Share,
    /// Of those who said whether it is fixed, those who said that it is; counted elsewhere.
    pub(super) verified: Share,
}

impl Waits {
    /// Both taken together.
    pub(super) fn plus(mut self, other: Waits) -> Waits {
        self.answers.extend(other.answers);
        self.resolutions.extend(other.resolutions);
        self.answered_in_time = self.answered_in_time.plus(other.answered_in_time);
        self.resolved_in_time = self.resolved_in_time.plus(other.resolved_in_time);
        self.verified = self.verified.plus(other.verified);
        self
    }
}

/// One report that met its target, or one that missed it; none if it has no target, or still has time.
fn in_time(due: Option<Instant>, done: Option<Instant>, now: Instant) -> Share {
    match (due, done) {
        (Some(due), Some(done)) if done <= due => Share::of(1, 0),
        (Some(_), Some(_)) => Share::of(0, 1),
        (Some(due), None) if due <= now => Share::of(0, 1),
        _ => Share::default(),
    }
}

/// How long the reports of each window waited until `now`, of all windows or of these.
pub(super) fn waits(connection: &mut Db, ids: Option<&[i64]>, now: Instant) -> Result<HashMap<i64, Waits>> {
    use reports as t;
    type Moments = (Instant, Option<Instant>, Option<Instant>);
    type Wait = (Option<i64>, Moments, (Option<Instant>, Option<Instant>));
    let query = || {
        t::table
            .filter(t::window_id.is_not_null())
            .filter(
                t::first_answer_at
                    .is_not_null()
                    .or(t::resolved_at.is_not_null())
                    .or(t::answer_due_at.le(now))
                    .or(t::resolution_due_at.le(now)),
            )
            .select((
                t::window_id,
                (t::received_at, t::first_answer_at, t::resolved_at),
                (t::answer_due_at, t::resolution_due_at),
            ))
            .order((t::received_at.desc(), t::id.desc()))
            .limit(WAITS_MAX)
    };
    let rows: Vec<Wait> = match ids {
        None => query().load(connection)?,
        Some(ids) => {
            let mut rows = Vec::new();
            for some in ids.chunks(500) {
                rows.extend(query().filter(t::window_id.eq_any(some)).load::<Wait>(connection)?);
            }
            rows
        }
    };
    let mut found: HashMap<i64, Waits> = HashMap::new();
    for (window, (received, answered, resolved), (answer_due, resolution_due)) in rows {
        let waits = found.entry(window.unwrap_or(0)).or_default();
        waits.answers.extend(answered.map(|at| at.seconds_since(received).max(0)));
        waits.resolutions.extend(resolved.map(|at| at.seconds_since(received).max(0)));
        waits.answered_in_time = waits.answered_in_time.plus(in_time(answer_due, answered, now));
        waits.resolved_in_time = waits.resolved_in_time.plus(in_time(resolution_due, resolved, now));
    }
    Ok(found)
}

/// Of all published windows, or of these: how many there are, how many were completed and had a
/// scheduled end, and how many of those were completed after it.
pub(super) fn punctuality(connection: &mut Db, ids: Option<&[i64]>) -> Result<(u64, u64, u64)> {
    use windows as t;
    let mut counts = [0i64; 3];
    let chunks: Vec<Option<&[i64]>> = match ids {
        None => vec![None],
        Some(ids) => ids.chunks(500).map(Some).collect(),
    };
    for some in chunks {
        for (which, count) in counts.iter_mut().enumerate() {
            let mut query =
                t::table.filter(t::state.eq_any(PUBLISHED.to_vec())).select(count_star()).into_boxed();
            if let Some(some) = some {
                query = query.filter(t::id.eq_any(some));
            }
            if which > 0 {
                query = query.filter(t::completed_at.is_not_null()).filter(t::scheduled_end.is_not_null());
            }
            if which > 1 {
                query = query.filter(t::completed_at.gt(t::scheduled_end));
            }
            *count += query.first::<i64>(connection)?;
        }
    }
    let [all, ended, late] = counts.map(i64::unsigned_abs);
    Ok((all, ended, late))
}
