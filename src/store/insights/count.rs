//! What the database counts.

use std::collections::{BTreeMap, HashMap};

use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double};

use super::PUBLISHED;
use crate::domain::instant::Instant;
use crate::domain::report::{Category, Impact, Status};
use crate::domain::statistics::Share;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::schema::{report_counters, report_minutes, windows};

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

/// How long reports waited, and what came of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Waits {
    /// Seconds to each first answer: how many took so long.
    pub(super) answers: BTreeMap<i64, u64>,
    /// Seconds to each resolution: how many took so long.
    pub(super) resolutions: BTreeMap<i64, u64>,
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
        for (mine, others) in [(&mut self.answers, other.answers), (&mut self.resolutions, other.resolutions)]
        {
            for (seconds, n) in others {
                *mine.entry(seconds).or_default() += n;
            }
        }
        self.answered_in_time = self.answered_in_time.plus(other.answered_in_time);
        self.resolved_in_time = self.resolved_in_time.plus(other.resolved_in_time);
        self.verified = self.verified.plus(other.verified);
        self
    }
}

/// So many reports of a window.
#[derive(QueryableByName)]
struct Several {
    #[diesel(sql_type = BigInt)]
    window_id: i64,
    /// How many seconds each of them took, or how many of them were in time.
    #[diesel(sql_type = BigInt)]
    what: i64,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// How many reports each of these windows has; windows without any are left out.
pub(super) fn reports(connection: &mut Db, ids: &[i64]) -> Result<HashMap<i64, u64>> {
    use report_counters as t;
    let mut found = HashMap::new();
    for some in ids.chunks(500) {
        let rows = t::table
            .filter(t::window_id.eq_any(some))
            .group_by(t::window_id)
            .select((t::window_id, sql::<BigInt>("CAST(COALESCE(SUM(reports), 0) AS BIGINT)")))
            .load::<(i64, i64)>(connection)?;
        found.extend(rows.into_iter().map(|(window, reports)| (window, reports.unsigned_abs())));
    }
    Ok(found)
}

/// The middle of something of a window.
#[derive(QueryableByName)]
struct Middle {
    #[diesel(sql_type = BigInt)]
    window_id: i64,
    #[diesel(sql_type = BigInt)]
    n: i64,
    #[diesel(sql_type = Double)]
    median: f64,
}

/// The median of the seconds to the first answer, of each window's reports that were answered, and of how
/// many it is: the same as that of [`waits`], but one row a window comes back.
pub(super) fn first_answers(connection: &mut Db) -> Result<HashMap<i64, (u64, f64)>> {
    let rows = diesel::sql_query(
        "SELECT window_id, MAX(n) AS n, CAST(AVG(waited) AS DOUBLE PRECISION) AS median FROM ( \
         SELECT window_id, waited, ROW_NUMBER() OVER (PARTITION BY window_id ORDER BY waited) AS place, \
         COUNT(*) OVER (PARTITION BY window_id) AS n FROM ( \
         SELECT window_id, CASE WHEN first_answer_at > received_at \
         THEN (first_answer_at - received_at) / 1000000 ELSE 0 END AS waited FROM reports \
         WHERE window_id IS NOT NULL AND first_answer_at IS NOT NULL) AS answered) AS placed \
         WHERE place IN ((n + 1) / 2, (n + 2) / 2) GROUP BY window_id",
    );
    let one = |row: Middle| (row.window_id, (row.n.unsigned_abs(), row.median));
    Ok(rows.load::<Middle>(connection)?.into_iter().map(one).collect())
}

/// How long the reports of each of these windows waited until `now`, or under 0 those of all windows
/// together. Counted by the database, so that none is left out however many there are: what comes back are
/// as many rows as there are different waits.
pub(super) fn waits(connection: &mut Db, ids: Option<&[i64]>, now: Instant) -> Result<HashMap<i64, Waits>> {
    // Numbers of rows, which nobody typed.
    let which: Vec<String> = match ids {
        None => vec!["window_id IS NOT NULL".to_owned()],
        Some(ids) => ids
            .chunks(500)
            .map(|some| {
                let some: Vec<String> = some.iter().map(i64::to_string).collect();
                format!("window_id IN ({})", some.join(", "))
            })
            .collect(),
    };
    // All together they have far fewer different waits than each by itself.
    let of = if ids.is_some() { "window_id" } else { "CAST(0 AS BIGINT) AS window_id" };
    let mut found: HashMap<i64, Waits> = HashMap::new();
    for which in which {
        for (done, due) in [("first_answer_at", "answer_due_at"), ("resolved_at", "resolution_due_at")] {
            let answers = done == "first_answer_at";
            let took = diesel::sql_query(format!(
                "SELECT {of}, ({done} - received_at) / 1000000 AS what, COUNT(*) AS n FROM reports \
                 WHERE {which} AND {done} IS NOT NULL GROUP BY 1, 2"
            ));
            for row in took.load::<Several>(connection)? {
                let waits = found.entry(row.window_id).or_default();
                let waits = if answers { &mut waits.answers } else { &mut waits.resolutions };
                *waits.entry(row.what.max(0)).or_default() += row.n.unsigned_abs();
            }
            // One that has no target, or still has time, is neither in time nor late.
            let in_time = diesel::sql_query(format!(
                "SELECT {of}, CAST(SUM(CASE WHEN {done} <= {due} THEN 1 ELSE 0 END) AS BIGINT) AS what, \
                 COUNT(*) AS n FROM reports \
                 WHERE {which} AND {due} IS NOT NULL AND ({done} IS NOT NULL OR {due} <= {}) GROUP BY 1",
                now.micros()
            ));
            for row in in_time.load::<Several>(connection)? {
                let waits = found.entry(row.window_id).or_default();
                let share = Share::of(row.what.unsigned_abs(), (row.n - row.what).unsigned_abs());
                *(if answers { &mut waits.answered_in_time } else { &mut waits.resolved_in_time }) = share;
            }
        }
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
