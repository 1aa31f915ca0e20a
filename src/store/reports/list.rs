//! Lists of reports: pages that neither leave out nor repeat one while others come in.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::filter::{Count, Found, Query};
use super::{Report, ReportContent, contents};
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::language::{Language, Texts};
use crate::domain::window::WindowState;
use crate::store::components::{self, Component};
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::schema::{people, reports, windows};
use crate::store::texts::{self, Thing};

pub use super::order::{Order, Sort};

/// A place in a list: right after, or right before, the report with these values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    sort: Sort,
    backwards: bool,
    /// [`Order::key`] of the report.
    key: i64,
    received_at: Instant,
    id: i64,
}

impl Cursor {
    /// Reads the cursor of a list in this order. Error: `bad-cursor`, also for one that belongs to
    /// the other order.
    pub fn parse(field: &str, text: &str, sort: Sort) -> std::result::Result<Cursor, FieldErrors> {
        let cursor = text.parse().ok().filter(|cursor: &Cursor| cursor.sort == sort);
        cursor.ok_or_else(|| FieldErrors::one(field, "bad-cursor"))
    }

    fn at(report: &Report, order: &Order, backwards: bool) -> Cursor {
        let Report { received_at, id, .. } = *report;
        Cursor { sort: order.sort(), backwards, key: order.key(report), received_at, id }
    }

    /// Only what comes after this place in the order of the list, or only what comes before it.
    fn beyond(self, query: Query<'static>, order: &Order, before: bool) -> Query<'static> {
        use reports::{id, received_at, urgency};
        let larger = before != self.sort.is_turned();
        // No urgency that was ever written is beyond an i32; a cursor may say what it likes.
        let key = i32::try_from(self.key).unwrap_or(if self.key < 0 { i32::MIN } else { i32::MAX });
        match (self.sort.upright(), larger) {
            (Sort::Newest, false) => query.filter(
                received_at.lt(self.received_at).or(received_at.eq(self.received_at).and(id.lt(self.id))),
            ),
            (Sort::Newest, true) => query.filter(
                received_at.gt(self.received_at).or(received_at.eq(self.received_at).and(id.gt(self.id))),
            ),
            (Sort::Urgent, false) => query.filter(urgency.lt(key).or(urgency.eq(key).and(
                received_at.lt(self.received_at).or(received_at.eq(self.received_at).and(id.lt(self.id))),
            ))),
            (Sort::Urgent, true) => query.filter(urgency.gt(key).or(urgency.eq(key).and(
                received_at.gt(self.received_at).or(received_at.eq(self.received_at).and(id.gt(self.id))),
            ))),
            (_, larger) => {
                let sign = if larger { '>' } else { '<' };
                query.filter(sql::<Bool>(&format!(
                    "({}, reports.received_at, reports.id) {sign} ({}, {}, {})",
                    order.sql(),
                    self.key,
                    self.received_at.micros(),
                    self.id
                )))
            }
        }
    }
}

/// Puts a query in this order, or in the order turned round.
fn ordered(query: Query<'static>, order: &Order, backwards: bool) -> Query<'static> {
    let smallest_first = backwards != order.sort().is_turned();
    match (order.sort().upright(), smallest_first) {
        (Sort::Newest, false) => query.order((reports::received_at.desc(), reports::id.desc())),
        (Sort::Newest, true) => query.order((reports::received_at.asc(), reports::id.asc())),
        (Sort::Urgent, false) => {
            query.order((reports::urgency.desc(), reports::received_at.desc(), reports::id.desc()))
        }
        (Sort::Urgent, true) => {
            query.order((reports::urgency.asc(), reports::received_at.asc(), reports::id.asc()))
        }
        (_, false) => {
            query.order((sql::<BigInt>(&order.sql()).desc(), reports::received_at.desc(), reports::id.desc()))
        }
        (_, true) => {
            query.order((sql::<BigInt>(&order.sql()).asc(), reports::received_at.asc(), reports::id.asc()))
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = if self.backwards { "before" } else { "after" };
        write!(f, "{}.{direction}.{}.{}.{}", self.sort, self.key, self.received_at.micros(), self.id)
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Cursor, ()> {
        let mut parts = text.split('.');
        let mut part = || parts.next().ok_or(());
        let sort = Sort::from_code(part()?).ok_or(())?;
        let backwards = match part()? {
            "before" => true,
            "after" => false,
            _ => return Err(()),
        };
        let key = part()?.parse().map_err(|_| ())?;
        let received_at = part()?.parse().ok().and_then(Instant::from_micros).ok_or(())?;
        let id = part()?.parse().map_err(|_| ())?;
        match parts.next() {
            None => Ok(Cursor { sort, backwards, key, received_at, id }),
            Some(_) => Err(()),
        }
    }
}

/// A window as lists name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowName {
    /// Its slug.
    pub slug: String,
    /// Its title in each language.
    pub title: Texts,
}

impl WindowName {
    /// Its title for somebody who reads `language`; its slug if it has none.
    pub fn label(&self, language: Language, default: Language) -> &str {
        self.title.get(language, default).map_or(self.slug.as_str(), |(text, _)| text)
    }
}

/// A report with everything that a list or an export names of it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The fact.
    pub report: Report,
    /// What it says; nothing if it was erased. Contacts and account are for support alone.
    pub content: Option<ReportContent>,
    /// The window that it belongs to.
    pub window: Option<WindowName>,
    /// The window that the sender named.
    pub filed_under: Option<WindowName>,
    /// The component that it is about.
    pub component: Option<Component>,
    /// The name of the person who looks after it.
    pub assignee: Option<String>,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its reports.
    pub items: Vec<Listed>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
    /// Where the page before begins, if there is one.
    pub previous: Option<Cursor>,
    /// How many reports come before this page.
    pub before: Count,
}

/// The page of at most `limit` reports at this place, or the first.
pub fn page(
    connection: &mut Db,
    found: &Found,
    sort: Sort,
    cursor: Option<Cursor>,
    limit: i64,
) -> Result<Page> {
    let order = Order::find(connection, sort)?;
    let backwards = cursor.is_some_and(|c| c.backwards);
    let mut query = found.apply(reports::table.into_boxed());
    if let Some(cursor) = cursor {
        query = cursor.beyond(query, &order, backwards);
    }
    query = ordered(query, &order, backwards);
    let mut rows: Vec<Report> = query.limit(limit + 1).select(Report::as_select()).load(connection)?;
    let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > limit;
    if more {
        rows.pop();
    }
    if backwards {
        rows.reverse();
    }
    let before = match (rows.first(), cursor) {
        (Some(first), Some(_)) => {
            let first = Cursor::at(first, &order, true);
            found.count_where(connection, |query| first.beyond(query, &order, true))?
        }
        _ => Count::Exactly(0),
    };
    // Whoever came from one side finds that side again.
    let has_next = if backwards { !rows.is_empty() } else { more };
    let has_previous = if backwards { more } else { before != Count::Exactly(0) };
    let next = rows.last().filter(|_| has_next).map(|last| Cursor::at(last, &order, false));
    let previous = rows.first().filter(|_| has_previous).map(|first| Cursor::at(first, &order, true));
    Ok(Page { items: whole(connection, rows)?, next, previous, before })
}

/// At most `limit` reports from this place on, and where to go on if there are more; without
/// counting what comes before.
pub fn piece(
    connection: &mut Db,
    found: &Found,
    sort: Sort,
    after: Option<Cursor>,
    limit: i64,
) -> Result<(Vec<Listed>, Option<Cursor>)> {
    let order = Order::find(connection, sort)?;
    let mut query = found.apply(reports::table.into_boxed());
    if let Some(cursor) = after {
        query = cursor.beyond(query, &order, false);
    }
    let rows: Vec<Report> =
        ordered(query, &order, false).limit(limit).select(Report::as_select()).load(connection)?;
    let full = i64::try_from(rows.len()).unwrap_or(i64::MAX) == limit;
    let next = rows.last().filter(|_| full).map(|last| Cursor::at(last, &order, false));
    Ok((whole(connection, rows)?, next))
}

/// The numbers and revisions of the first `limit` reports that are asked for, in order.
pub fn keys(connection: &mut Db, found: &Found, sort: Sort, limit: i64) -> Result<Vec<(i64, i64)>> {
    let order = Order::find(connection, sort)?;
    let query = ordered(found.apply(reports::table.into_boxed()), &order, false);
    Ok(query.limit(limit).select((reports::id, reports::revision)).load(connection)?)
}

/// How many of the reports that are asked for came in after the one with this number.
pub fn newer(connection: &mut Db, found: &Found, than: i64) -> Result<Count> {
    found.count_where(connection, |query| query.filter(reports::id.gt(than)))
}

/// The number of the report that came in last; 0 if there is none.
pub fn last(connection: &mut Db) -> Result<i64> {
    Ok(reports::table.select(diesel::dsl::max(reports::id)).first::<Option<i64>>(connection)?.unwrap_or(0))
}

/// These reports with what they say and the names of everything that they refer to, in the same
/// order; a few queries for any number of them.
pub fn whole(connection: &mut Db, rows: Vec<Report>) -> Result<Vec<Listed>> {
    let ids: Vec<i64> = rows.iter().map(|r| r.id).collect();
    let mut contents = contents(connection, &ids)?;
    let windows = window_names(connection, rows.iter().flat_map(|r| [r.window_id, r.filed_under]))?;
    let mut components = HashMap::new();
    for some in distinct(rows.iter().map(|r| r.component_id)).chunks(500) {
        components.extend(components::with_ids(connection, some)?.into_iter().map(|c| (c.id, c)));
    }
    let people = people_names(connection, rows.iter().map(|r| r.assignee_id))?;
    Ok(rows
        .into_iter()
        .map(|report| Listed {
            content: contents.remove(&report.id),
            window: report.window_id.and_then(|id| windows.get(&id).cloned()),
            filed_under: report.filed_under.and_then(|id| windows.get(&id).cloned()),
            component: report.component_id.and_then(|id| components.get(&id).cloned()),
            assignee: report.assignee_id.and_then(|id| people.get(&id).cloned()),
            report,
        })
        .collect())
}

/// The report with everything that is named of it.
pub fn listed(connection: &mut Db, report: Report) -> Result<Listed> {
    let whole = whole(connection, vec![report])?;
    whole.into_iter().next().ok_or(crate::store::Error::NotFound)
}

/// The names of people by their rows.
pub fn people_names(
    connection: &mut Db,
    ids: impl Iterator<Item = Option<i64>>,
) -> Result<HashMap<i64, String>> {
    let mut names = HashMap::new();
    for some in distinct(ids).chunks(500) {
        let rows =
            people::table
                .filter(people::id.eq_any(some))
                .select((people::id, people::name))
                .load::<(i64, String)>(connection)?;
        names.extend(rows);
    }
    Ok(names)
}

/// The slugs and titles of windows by their rows.
pub fn window_names(
    connection: &mut Db,
    ids: impl Iterator<Item = Option<i64>>,
) -> Result<HashMap<i64, WindowName>> {
    let mut names = HashMap::new();
    let ids = distinct(ids);
    let mut titles = texts::load(connection, Thing::Window, &ids)?;
    for some in ids.chunks(500) {
        let rows = windows::table
            .filter(windows::id.eq_any(some))
            .select((windows::id, windows::slug))
            .load::<(i64, String)>(connection)?;
        names.extend(rows.into_iter().map(|(id, slug)| {
            let title = titles.remove(&id).unwrap_or_default().field("title");
            (id, WindowName { slug, title })
        }));
    }
    Ok(names)
}

/// The latest windows that have been published, by their start, for a list to choose from.
pub fn recent_windows(connection: &mut Db, limit: i64) -> Result<Vec<WindowName>> {
    let ids: Vec<i64> = windows::table
        .filter(windows::state.ne(WindowState::Draft))
        .order((windows::scheduled_start.desc(), windows::id.desc()))
        .limit(limit)
        .select(windows::id)
        .load(connection)?;
    let mut names = window_names(connection, ids.iter().copied().map(Some))?;
    Ok(ids.iter().filter_map(|id| names.remove(id)).collect())
}

fn distinct(ids: impl Iterator<Item = Option<i64>>) -> Vec<i64> {
    let mut ids: Vec<i64> = ids.flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_read_as_they_are_written() {
        let received_at = Instant::from_micros(1_795_000_000_123_456).unwrap();
        for sort in Sort::ALL {
            let cursor = Cursor { sort: *sort, backwards: true, key: -39, received_at, id: 7 };
            assert_eq!(Cursor::parse("cursor", &cursor.to_string(), *sort), Ok(cursor));
        }
        for bad in
            ["", "newest", "newest.after.1.2", "newest.after.1.2.3.4", "urgent.after.1.2.3", "newest.x.1.2.3"]
        {
            assert!(Cursor::parse("cursor", bad, Sort::Newest).is_err(), "{bad}");
        }
    }
}
