//! Known issues: one cause behind several reports, its workaround, and everybody who met it.

mod edit;
mod events;
mod links;
mod list;
mod resolve;
mod similar;

use std::collections::HashMap;

use diesel::prelude::*;

pub use edit::{Draft, create, remove_demonstration, revise};
pub use events::{Event, EventKind};
pub use links::{LINKED_MAX, Moves, by_report, elsewhere, link, link_moving, linked, set_link, unlink};
pub use list::{Filter, Page, list, open_of, public_by_id, public_of};
pub use resolve::{Resolution, reopen, resolutions, resolve, tell_more};
pub use similar::{Candidate, Proposed, fitting, proposed, similar, similar_to_issue, words_of};

use super::Write;
use super::components::{self, Component};
use super::connection::Db;
use super::error::{Error, Result};
use super::reports::list::{WindowName, people_names, window_names};
use super::schema::{known_issue_components, known_issues};
use super::texts::{self, Thing};
use crate::domain::instant::Instant;
use crate::domain::known_issue::{IssueStatus, IssueTexts};
use crate::domain::language::{Language, Texts};

/// The fact of a known issue.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = known_issues)]
pub struct Fact {
    /// Its row, by which the API names it.
    pub id: i64,
    /// The window that it belongs to.
    pub window_id: Option<i64>,
    /// Where it stands.
    pub status: IssueStatus,
    /// Whether the public sees it.
    pub public: bool,
    /// The resolution that stands, while it is resolved.
    pub resolution_id: Option<i64>,
    /// How many reports are linked to it.
    pub reports: i64,
    /// How many people said "me too".
    pub me_toos: i64,
    /// Who made it.
    pub author_id: Option<i64>,
    /// When.
    pub created_at: Instant,
    /// When it was last changed.
    pub changed_at: Instant,
    /// When it was resolved; nothing while it is not.
    pub resolved_at: Option<Instant>,
    /// Belongs to the demonstration.
    pub demonstration: bool,
    /// Rises with every change by staff.
    pub revision: i64,
}

/// A known issue with everything that is named of it.
#[derive(Debug, Clone)]
pub struct KnownIssue {
    /// The fact.
    pub fact: Fact,
    /// What people read of it.
    pub texts: IssueTexts,
    /// The window that it belongs to.
    pub window: Option<WindowName>,
    /// What it affects, in the order of all components.
    pub components: Vec<Component>,
    /// The name of whoever made it, if it was a person.
    pub author: Option<String>,
}

impl KnownIssue {
    /// Its title for somebody who reads `language`.
    pub fn title(&self, language: Language, default: Language) -> &str {
        self.texts.title.text(language, default)
    }

    /// How many met it: those who reported it and those who said "me too".
    pub fn met(&self) -> i64 {
        self.fact.reports + self.fact.me_toos
    }
}

/// The fact of the known issue with this number. [`Error::NotFound`] if there is none.
pub fn fact(connection: &mut Db, id: i64) -> Result<Fact> {
    Ok(known_issues::table.find(id).select(Fact::as_select()).first(connection)?)
}

/// The known issue with this number. [`Error::NotFound`] if there is none.
pub fn by_id(connection: &mut Db, id: i64) -> Result<KnownIssue> {
    let fact = fact(connection, id)?;
    whole(connection, vec![fact])?.pop().ok_or(Error::NotFound)
}

/// These known issues with everything that is named of them, in the same order; a few queries for
/// any number of them.
pub(in crate::store) fn whole(connection: &mut Db, facts: Vec<Fact>) -> Result<Vec<KnownIssue>> {
    let ids: Vec<i64> = facts.iter().map(|f| f.id).collect();
    let mut texts = texts::load(connection, Thing::KnownIssue, &ids)?;
    let windows = window_names(connection, facts.iter().map(|f| f.window_id))?;
    let people = people_names(connection, facts.iter().map(|f| f.author_id))?;
    let mut affected: HashMap<i64, Vec<Component>> = HashMap::new();
    for some in ids.chunks(500) {
        let pairs = known_issue_components::table
            .filter(known_issue_components::known_issue_id.eq_any(some))
            .select((known_issue_components::known_issue_id, known_issue_components::component_id))
            .load::<(i64, i64)>(connection)?;
        let mut named: Vec<i64> = pairs.iter().map(|(_, component)| *component).collect();
        named.sort_unstable();
        named.dedup();
        let found: HashMap<i64, Component> =
            components::with_ids(connection, &named)?.into_iter().map(|c| (c.id, c)).collect();
        for (issue, component) in pairs {
            affected.entry(issue).or_default().extend(found.get(&component).cloned());
        }
    }
    Ok(facts
        .into_iter()
        .map(|fact| {
            let fields = texts.remove(&fact.id).unwrap_or_default();
            let mut components = affected.remove(&fact.id).unwrap_or_default();
            components.sort_by_key(|c| (c.position, c.id));
            KnownIssue {
                texts: IssueTexts {
                    title: fields.field("title"),
                    body: fields.field("body"),
                    workaround: fields.field("workaround"),
                },
                window: fact.window_id.and_then(|id| windows.get(&id).cloned()),
                author: fact.author_id.and_then(|id| people.get(&id).cloned()),
                components,
                fact,
            }
        })
        .collect())
}

/// The titles of these known issues, by number.
pub fn titles(connection: &mut Db, ids: &[i64]) -> Result<HashMap<i64, Texts>> {
    let found = texts::load(connection, Thing::KnownIssue, ids)?;
    Ok(found.into_iter().map(|(id, fields)| (id, fields.field("title"))).collect())
}

/// The known issue as it stands now, kept as it is until the transaction ends: whoever links
/// something and whoever resolves it come one after the other, so that nobody is missed.
pub(in crate::store) fn hold(write: &mut Write<'_>, id: i64) -> Result<Fact> {
    Ok(diesel::update(known_issues::table.find(id))
        .set(known_issues::reports.eq(known_issues::reports))
        .returning(known_issues::all_columns)
        .get_result(write.connection)?)
}

/// Counts reports that were linked, or unlinked (negative), and people who said "me too".
pub(in crate::store) fn count(write: &mut Write<'_>, id: i64, reports: i64, me_toos: i64) -> Result<()> {
    diesel::update(known_issues::table.find(id))
        .set((
            known_issues::reports.eq(known_issues::reports + reports),
            known_issues::me_toos.eq(known_issues::me_toos + me_toos),
        ))
        .execute(write.connection)?;
    Ok(())
}
