//! The one place that turns a [`Filter`] into conditions, for the queue, its count and the exports.

use diesel::dsl::not;
use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::domain::instant::Instant;
use crate::domain::report::Status;
use crate::domain::report_filter::{Assignee, Choice, Filter, StatusChoice};
use crate::domain::targets::DueState;
use crate::store::connection::{Db, MultiBackend};
use crate::store::error::{Error, Result};
use crate::store::schema::{people, report_wrote, reports};
use crate::store::search::{Search, Sight};
use crate::store::{components, triage_rules, windows};

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
    search: Option<Search>,
    /// The row of the person, or nothing for nobody.
    assignee: Option<Option<i64>>,
    /// What is owed before the second and not before the first moment.
    due: Option<(Option<Instant>, Instant)>,
}

/// How many reports there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Exactly so many.
    Exactly(i64),
    /// More than [`COUNT_MAX`].
    Over,
}

/// Looks up what the filter names. A text is looked for in what every reader of reports may see; see
/// [`find_as`]. Errors: `no-such-window` at `window`, `no-such-component` at `component`,
/// `no-such-person` at `assignee`.
pub fn find(connection: &mut Db, filter: &Filter) -> Result<Found> {
    find_as(connection, filter, Sight::Said)
}

/// [`find`], with a text looked for in everything that somebody may see.
pub fn find_as(connection: &mut Db, filter: &Filter, sight: Sight) -> Result<Found> {
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
    let assignee = match &filter.assignee {
        None => None,
        Some(Assignee::Nobody) => Some(None),
        // A program looks after nothing.
        Some(Assignee::Me) => Some(Some(filter.reader.unwrap_or(0))),
        Some(Assignee::Is(name)) => {
            let id = people::table.filter(people::name.eq(name.as_str())).select(people::id);
            let id = id.first::<i64>(connection).optional()?;
            Some(Some(id.ok_or_else(|| Error::field("assignee", "no-such-person"))?))
        }
    };
    let due = match filter.due {
        None => None,
        Some((DueState::Overdue, now)) => Some((None, now)),
        Some((DueState::Soon, now)) => {
            let soon = triage_rules::load(connection)?.targets.soon;
            Some((Some(now), now.plus_seconds(60 * soon)))
        }
    };
    let search = Search::prepare(connection, filter, sight)?;
    Ok(Found { filter: filter.clone(), window, component, search, assignee, due })
}

impl Found {
    /// Adds the filter's conditions to a query. The caller adds order, limit and columns.
    pub fn apply<'a>(&self, query: Query<'a>) -> Query<'a> {
        let query = self.without_text(query);
        match &self.search {
            Some(search) => query.filter(search.listed()),
            None => query,
        }
    }

    fn without_text<'a>(&self, mut query: Query<'a>) -> Query<'a> {
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
        query = match self.assignee {
            None => query,
            Some(None) => query.filter(reports::assignee_id.is_null()),
            Some(Some(id)) => query.filter(reports::assignee_id.eq(id)),
        };
        if let Some((from, before)) = self.due {
            query = query.filter(owed_before(before));
            if let Some(from) = from {
                query = query.filter(not(owed_before(from)));
            }
        }
        if let Some(verdict) = self.filter.verdict {
            query = query.filter(reports::verdict.eq(verdict));
        }
        if self.filter.wrote.is_some() {
            query = query.filter(reports::id.eq_any(report_wrote::table.select(report_wrote::report_id)));
        }
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
        let mut some = condition(self.without_text(reports::table.into_boxed()));
        if let Some(search) = &self.search {
            some = some.filter(search.counted());
        }
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

/// Something is owed before this moment: [`crate::domain::targets::next_due`] as a condition.
fn owed_before<'a>(
    before: Instant,
) -> Box<dyn BoxableExpression<reports::table, MultiBackend, SqlType = Bool> + 'a> {
    let answer = reports::first_answer_at
        .is_null()
        .and(reports::answer_due_at.is_not_null())
        .and(reports::answer_due_at.assume_not_null().lt(before));
    let resolution = reports::status
        .ne(Status::Waiting)
        .and(reports::resolution_due_at.is_not_null())
        .and(reports::resolution_due_at.assume_not_null().lt(before));
    Box::new(not(reports::status.eq_any(done())).and(answer.or(resolution)))
}
