//! Rows for exports: everything that is asked for, in the order in which it came, with at most a
//! few hundred rows in memory. Call these inside one [`super::Store::snapshot`].

use std::collections::HashMap;

use diesel::prelude::*;

use super::connection::Db;
use super::error::Result;
use super::known_issues::{self, KnownIssue};
use super::reports::Report;
use super::reports::events::EventKind;
use super::reports::filter::Found;
use super::reports::list::{self, Listed, Sort};
use super::schema::{report_events, reports, texts, windows as windows_table};
use super::texts::Thing;
use super::windows::{self, Window};
use crate::domain::instant::Instant;
use crate::domain::language::{Language, Texts};

/// How many rows are loaded at once.
const BATCH: i64 = 500;

/// A report with everything that an export says of it.
#[derive(Debug, Clone)]
pub struct ReportRow {
    /// The report and the names of what it refers to.
    pub listed: Listed,
    /// When its window started, or was to start.
    pub window_start: Option<Instant>,
    /// What support answered, oldest first.
    pub answers: Vec<(Instant, String)>,
    /// The known issue that it is linked to.
    pub known_issue: Option<KnownIssue>,
}

/// Gives every report that the filter asks for to `take`, in this order.
pub fn each_report(
    connection: &mut Db,
    found: &Found,
    sort: Sort,
    mut take: impl FnMut(ReportRow) -> Result<()>,
) -> Result<()> {
    if !matches!(sort, Sort::Newest | Sort::Oldest | Sort::Urgent | Sort::Calm) {
        // No index has this order: it is made once, and then read piece by piece.
        let ids: Vec<i64> =
            list::keys(connection, found, sort, i64::MAX)?.into_iter().map(|(id, _)| id).collect();
        for some in ids.chunks(BATCH as usize) {
            let mut rows: Vec<Report> = reports::table
                .filter(reports::id.eq_any(some))
                .select(Report::as_select())
                .load(connection)?;
            rows.sort_by_key(|report| some.iter().position(|id| *id == report.id));
            let listed = list::whole(connection, rows)?;
            give(connection, listed, &mut take)?;
        }
        return Ok(());
    }
    let mut cursor = None;
    loop {
        let (listed, next) = list::piece(connection, found, sort, cursor, BATCH)?;
        give(connection, listed, &mut take)?;
        match next {
            Some(next) => cursor = Some(next),
            None => return Ok(()),
        }
    }
}

fn give(connection: &mut Db, all: Vec<Listed>, take: &mut impl FnMut(ReportRow) -> Result<()>) -> Result<()> {
    let ids: Vec<i64> = all.iter().map(|listed| listed.report.id).collect();
    let starts = starts(connection, all.iter().filter_map(|listed| listed.report.window_id).collect())?;
    let mut answers = answers(connection, &ids)?;
    let mut known = known_issues::by_report(connection, all.iter().map(|listed| &listed.report))?;
    for listed in all {
        let id = listed.report.id;
        take(ReportRow {
            window_start: listed.report.window_id.and_then(|w| starts.get(&w).copied()),
            answers: answers.remove(&id).unwrap_or_default(),
            known_issue: known.remove(&id),
            listed,
        })?;
    }
    Ok(())
}

fn starts(connection: &mut Db, mut ids: Vec<i64>) -> Result<HashMap<i64, Instant>> {
    ids.sort_unstable();
    ids.dedup();
    let rows = windows_table::table
        .filter(windows_table::id.eq_any(ids))
        .select((windows_table::id, windows_table::started_at, windows_table::scheduled_start))
        .load::<(i64, Option<Instant>, Instant)>(connection)?;
    Ok(rows.into_iter().map(|(id, started, scheduled)| (id, started.unwrap_or(scheduled))).collect())
}

fn answers(connection: &mut Db, ids: &[i64]) -> Result<HashMap<i64, Vec<(Instant, String)>>> {
    let rows = report_events::table
        .filter(report_events::report_id.eq_any(ids))
        .filter(report_events::kind.eq(EventKind::Answer))
        .filter(report_events::content.is_not_null())
        .order(report_events::id)
        .select((report_events::report_id, report_events::at, report_events::content.assume_not_null()))
        .load::<(i64, Instant, String)>(connection)?;
    let mut found: HashMap<i64, Vec<(Instant, String)>> = HashMap::new();
    for (report, at, text) in rows {
        found.entry(report).or_default().push((at, text));
    }
    Ok(found)
}

/// Gives every window that starts at or after `from` and before `to` to `take`, the earliest first;
/// or only the one with this row.
pub fn each_window(
    connection: &mut Db,
    only: Option<i64>,
    from: Option<Instant>,
    to: Option<Instant>,
    mut take: impl FnMut(Window) -> Result<()>,
) -> Result<()> {
    const FEW: i64 = 100;
    let mut after: Option<(Instant, i64)> = None;
    loop {
        let mut query = windows_table::table
            .order((windows_table::scheduled_start.asc(), windows_table::id.asc()))
            .limit(FEW)
            .select((windows_table::scheduled_start, windows_table::id))
            .into_boxed();
        if let Some(id) = only {
            query = query.filter(windows_table::id.eq(id));
        }
        if let Some(from) = from {
            query = query.filter(windows_table::scheduled_start.ge(from));
        }
        if let Some(to) = to {
            query = query.filter(windows_table::scheduled_start.lt(to));
        }
        if let Some((start, id)) = after {
            query = query.filter(
                windows_table::scheduled_start
                    .gt(start)
                    .or(windows_table::scheduled_start.eq(start).and(windows_table::id.gt(id))),
            );
        }
        let keys = query.load::<(Instant, i64)>(connection)?;
        let full = keys.len() as i64 == FEW;
        after = keys.last().copied();
        let ids: Vec<i64> = keys.iter().map(|(_, id)| *id).collect();
        for window in windows::by_ids(connection, &ids)? {
            take(window)?;
        }
        if !full {
            return Ok(());
        }
    }
}

/// The titles of all windows, by row.
pub fn titles(connection: &mut Db) -> Result<HashMap<i64, Texts>> {
    let rows = texts::table
        .filter(texts::thing.eq(Thing::Window))
        .filter(texts::field.eq("title"))
        .select((texts::thing_id, texts::language, texts::content))
        .load::<(i64, Language, String)>(connection)?;
    let mut found: HashMap<i64, Texts> = HashMap::new();
    for (id, language, content) in rows {
        found.entry(id).or_default().0.insert(language, content);
    }
    Ok(found)
}

/// The titles of all windows, by slug.
pub fn titles_by_slug(connection: &mut Db) -> Result<HashMap<String, Texts>> {
    let mut titles = titles(connection)?;
    let rows = windows_table::table
        .select((windows_table::id, windows_table::slug))
        .load::<(i64, String)>(connection)?;
    Ok(rows.into_iter().map(|(id, slug)| (slug, titles.remove(&id).unwrap_or_default())).collect())
}
