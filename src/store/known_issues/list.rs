//! Lists of known issues.

use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

use super::{Fact, KnownIssue, whole};
use crate::domain::known_issue::IssueStatus;
use crate::store::components;
use crate::store::connection::{Db, MultiBackend};
use crate::store::error::{Error, Result};
use crate::store::schema::{known_issue_components, known_issues};
use crate::store::windows;

/// Which known issues are asked for; nothing is everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this window; the inner nothing: of none.
    pub window: Option<Option<String>>,
    /// Affecting this component.
    pub component: Option<String>,
    /// In any of these statuses; none at all means any.
    pub status: Vec<IssueStatus>,
    /// Seen by the public, or not.
    pub public: Option<bool>,
}

/// A piece of a list.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its known issues.
    pub items: Vec<KnownIssue>,
    /// The number after which the next piece begins, if there is one.
    pub next: Option<i64>,
}

/// The known issues asked for, the latest first, those before this number, at most `limit`.
///
/// Errors: `window` → `no-such-window`, `component` → `no-such-component`.
pub fn list(connection: &mut Db, filter: &Filter, before: Option<i64>, limit: i64) -> Result<Page> {
    let mut query = known_issues::table
        .order(known_issues::id.desc())
        .limit(limit + 1)
        .select(Fact::as_select())
        .into_boxed();
    query = match &filter.window {
        None => query,
        Some(None) => query.filter(known_issues::window_id.is_null()),
        Some(Some(slug)) => {
            let id = windows::id_of(connection, slug)?;
            query.filter(
                known_issues::window_id.eq(id.ok_or_else(|| Error::field("window", "no-such-window"))?),
            )
        }
    };
    if let Some(key) = &filter.component {
        let id = components::id_of(connection, key)?;
        let affected = known_issue_components::table
            .filter(
                known_issue_components::component_id
                    .eq(id.ok_or_else(|| Error::field("component", "no-such-component"))?),
            )
            .select(known_issue_components::known_issue_id);
        query = query.filter(known_issues::id.eq_any(affected));
    }
    if !filter.status.is_empty() {
        query = query.filter(known_issues::status.eq_any(filter.status.clone()));
    }
    if let Some(public) = filter.public {
        query = query.filter(known_issues::public.eq(public));
    }
    if let Some(before) = before {
        query = query.filter(known_issues::id.lt(before));
    }
    let mut facts: Vec<Fact> = query.load(connection)?;
    let more = facts.len() as i64 > limit;
    facts.truncate(usize::try_from(limit).unwrap_or(0));
    let next = facts.last().filter(|_| more).map(|f| f.id);
    Ok(Page { items: whole(connection, facts)?, next })
}

/// How many known issues a notice, a form or a choice shows at most.
const SHOWN: i64 = 30;

type Condition = Box<dyn BoxableExpression<known_issues::table, MultiBackend, SqlType = Nullable<Bool>>>;

/// Those that belong to no window and are still there.
fn of_none_and_open() -> Condition {
    let open = known_issues::status.eq_any(IssueStatus::OPEN.to_vec());
    Box::new(known_issues::window_id.is_null().and(open).nullable())
}

/// What the public sees of this window (nothing: outside of all): its own known issues and the open
/// ones that belong to no window. Open ones first, of those what most people met.
pub fn public_of(connection: &mut Db, window: Option<i64>) -> Result<Vec<KnownIssue>> {
    let facts = known_issues::table
        .filter(known_issues::public.eq(true))
        .filter(known_issues::window_id.eq(window).or(of_none_and_open()))
        .order(known_issues::id.desc())
        .limit(SHOWN)
        .select(Fact::as_select())
        .load(connection)?;
    let mut found = whole(connection, facts)?;
    found.sort_by_key(|i| (!i.fact.status.is_open(), -i.met(), i.fact.id));
    Ok(found)
}

/// The open known issues that a report of this window (nothing: outside of all) may be linked to:
/// those of the window and those of none, the latest first.
pub fn open_of(connection: &mut Db, window: Option<i64>) -> Result<Vec<KnownIssue>> {
    let facts = known_issues::table
        .filter(known_issues::status.eq_any(IssueStatus::OPEN.to_vec()))
        .filter(known_issues::window_id.eq(window).or(known_issues::window_id.is_null().nullable()))
        .order(known_issues::id.desc())
        .limit(SHOWN)
        .select(Fact::as_select())
        .load(connection)?;
    whole(connection, facts)
}

/// The known issue with this number, if the public sees it. [`Error::NotFound`] else.
pub fn public_by_id(connection: &mut Db, id: i64) -> Result<KnownIssue> {
    let issue = super::by_id(connection, id)?;
    if issue.fact.public { Ok(issue) } else { Err(Error::NotFound) }
}
