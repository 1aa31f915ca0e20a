//! The one place that turns a [`Filter`] into conditions, for the queue, its count and the exports.

use diesel::dsl::not;
use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

use crate::domain::reference::ReportReference;
use crate::domain::report::Status;
use crate::domain::report_filter::{Choice, Filter, StatusChoice};
use crate::store::connection::{Db, MultiBackend, lower};
use crate::store::error::{Error, Result};
use crate::store::schema::{report_contents, report_events, reports};
use crate::store::{components, windows};

/// A query for reports that conditions can still be added to.
pub type Query<'a> = reports::BoxedQuery<'a, MultiBackend>;

/// The number up to which reports are counted; beyond it a count only says "over".
pub const COUNT_MAX: i64 = 10_000;

/// A filter whose window and component have been looked up.
#[derive(Debug, Clone)]
pub struct Found {
    filter: Filter,
    window: Option<Option<i64>>,
    component: Option<Option<i64>>,
}

/// How many reports there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Exactly so many.
    Exactly(i64),
    /// More than [`COUNT_MAX`].
    Over,
}

/// Looks up what the filter names. Errors: `no-such-window` at `window`, `no-such-component` at
/// `component`.
pub fn find(connection: &mut Db, filter: &Filter) -> Result<Found> {
    let window = match &filter.window {
        None => None,
        Some(Choice::None) => Some(None),
        Some(Choice::Is(slug)) => Some(Some(
            windows::id_of(connection, slug.as_str())?
                .ok_or_else(|| Error::field("window", "no-such-window"))?,
        )),
    };
    let component = match &filter.component {
        None => None,
        Some(Choice::None) => Some(None),
        Some(Choice::Is(key)) => Some(Some(
            components::id_of(connection, key.as_str())?
                .ok_or_else(|| Error::field("component", "no-such-component"))?,
        )),
    };
    Ok(Found { filter: filter.clone(), window, component })
}

impl Found {
    /// Adds the filter's conditions to a query. The caller adds order, limit and columns.
    pub fn apply<'a>(&self, mut query: Query<'a>) -> Query<'a> {
        query = match self.window {
            None => query,
            Some(None) => query.filter(reports::window_id.is_null()),
            Some(Some(id)) => query.filter(reports::window_id.eq(id)),
        };
        query = match self.component {
            None => query,
            Some(None) => query.filter(reports::component_id.is_null()),
            Some(Some(id)) => query.filter(reports::component_id.eq(id)),
        };
        query = match self.filter.stage {
            None => query,
            Some(Choice::None) => query.filter(reports::stage.is_null()),
            Some(Choice::Is(stage)) => query.filter(reports::stage.eq(stage)),
        };
        query = match self.filter.severity {
            None => query,
            Some(Choice::None) => query.filter(reports::severity.is_null()),
            Some(Choice::Is(severity)) => query.filter(reports::severity.eq(severity)),
        };
        query = match self.filter.status {
            None => query,
            Some(StatusChoice::Open) => query.filter(not(reports::status.eq_any(done()))),
            Some(StatusChoice::Is(status)) => query.filter(reports::status.eq(status)),
        };
        if let Some(category) = self.filter.category {
            query = query.filter(reports::category.eq(category));
        }
        if let Some(impact) = self.filter.impact {
            query = query.filter(reports::impact.eq(impact));
        }
        if let Some(from) = self.filter.from {
            query = query.filter(reports::received_at.ge(from));
        }
        if let Some(to) = self.filter.to {
            query = query.filter(reports::received_at.lt(to));
        }
        if let Some(text) = &self.filter.text {
            query = query.filter(says(&self.filter, text));
        }
        query
    }

    /// How many reports it asks for, counted up to [`COUNT_MAX`].
    pub fn count(&self, connection: &mut Db) -> Result<Count> {
        self.count_where(connection, |query| query)
    }

    /// How many of the reports that it asks for meet one more condition.
    pub fn count_where(
        &self,
        connection: &mut Db,
        condition: impl FnOnce(Query<'static>) -> Query<'static>,
    ) -> Result<Count> {
        let some = condition(self.apply(reports::table.into_boxed()));
        // Ten thousand numbers are read in a few milliseconds, and nothing beyond them is looked at; a
        // boxed query cannot stand inside another one to let the database count them.
        let ids: Vec<i64> = some.select(reports::id).limit(COUNT_MAX + 1).load(connection)?;
        let n = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        Ok(if n > COUNT_MAX { Count::Over } else { Count::Exactly(n) })
    }
}

/// The statuses in which there is nothing left to do.
pub(super) fn done() -> Vec<Status> {
    Status::ALL.iter().copied().filter(|s| s.is_done()).collect()
}

type Condition<'a> = Box<dyn BoxableExpression<reports::table, MultiBackend, SqlType = Nullable<Bool>> + 'a>;

/// Every word stands somewhere in what the report says or in what was said about it; or the text is
/// the report's reference. Contacts and accounts are not looked at: a viewer could guess them.
fn says<'a>(filter: &Filter, text: &str) -> Condition<'a> {
    let mut all: Option<Condition<'a>> = None;
    for word in filter.words() {
        let pattern = format!("%{}%", escaped(&word.to_lowercase()));
        let contents = report_contents::table
            .filter(
                lower(report_contents::description.nullable()).like(pattern.clone()).escape('\\').or(lower(
                    report_contents::error_message,
                )
                .like(pattern.clone())
                .escape('\\')),
            )
            .select(report_contents::report_id);
        let events = report_events::table
            .filter(lower(report_events::content).like(pattern).escape('\\'))
            .select(report_events::report_id);
        let one = reports::id.eq_any(contents).or(reports::id.eq_any(events)).nullable();
        all = Some(match all {
            None => Box::new(one),
            Some(others) => Box::new(others.and(one)),
        });
    }
    let named = ReportReference::parse(text).map_or(-1, |reference| reference.0);
    match all {
        None => Box::new(reports::id.eq(named).nullable()),
        Some(all) => Box::new(all.or(reports::id.eq(named).nullable())),
    }
}

/// The word with the characters that mean something to `LIKE` meaning only themselves.
fn escaped(word: &str) -> String {
    let mut escaped = String::with_capacity(word.len());
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
