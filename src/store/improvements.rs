//! Improvements: what windows taught, who sees to it, and the later windows that should show it.

use std::collections::HashMap;

use diesel::prelude::*;

use super::connection::Db;
use super::error::{Error, Result};
use super::people::Actor;
use super::schema::{improvements, people, windows as windows_table};
use super::{Write, audit, windows};
use crate::domain::fields::FieldErrors;
use crate::domain::improvement::{ImprovementDraft, ImprovementStatus, Origin, Source};
use crate::domain::instant::Instant;
use crate::domain::measure::Measure;
use crate::domain::person::Role;
use crate::domain::reference::ImprovementReference;

/// An improvement as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = improvements)]
pub struct Improvement {
    /// Its row.
    pub id: i64,
    /// What will be done better.
    pub title: String,
    /// More about it.
    pub detail: Option<String>,
    /// Who sees to it.
    pub owner_id: Option<i64>,
    /// How far it is.
    pub status: ImprovementStatus,
    /// Which measure should show it.
    pub measure: Option<Measure>,
    /// What kind of thing it came from.
    pub source: Origin,
    /// Which one of that kind.
    pub source_name: Option<String>,
    /// The window it came from.
    pub window_id: Option<i64>,
    /// The later window that should show it.
    pub shown_by: Option<i64>,
    /// When it was written down.
    pub created_at: Instant,
    /// When it was last changed.
    pub changed_at: Instant,
    /// Belongs to the demonstration.
    pub demonstration: bool,
    /// Rises with every change.
    pub revision: i64,
}

impl Improvement {
    /// Its name.
    pub fn reference(&self) -> ImprovementReference {
        ImprovementReference(self.id)
    }

    /// What it came from.
    pub fn came_from(&self) -> Source {
        Source { origin: self.source, name: self.source_name.clone() }
    }
}

/// What rows of an improvement's window and people are looked up to.
struct Named {
    owner_id: Option<i64>,
    window_id: Option<i64>,
    shown_by: Option<i64>,
}

/// Looks up what a draft names. Errors: `no-such-window` at `window` and `shown_by`; `window-unpublished`
/// at `window`; `no-such-assignee` at `owner`; `not-later` at `shown_by` if it starts before `window`.
fn look_up(connection: &mut Db, draft: &ImprovementDraft, kept_owner: Option<i64>) -> Result<Named> {
    let mut errors = FieldErrors::new();
    let mut window = |field: &str, slug: &Option<String>| -> Result<Option<(i64, Instant, bool)>> {
        let Some(slug) = slug else { return Ok(None) };
        let found = windows_table::table
            .filter(windows_table::slug.eq(slug))
            .select((
                windows_table::id,
                windows_table::scheduled_start,
                windows_table::announced_at.is_not_null(),
            ))
            .first::<(i64, Instant, bool)>(connection)
            .optional()?;
        if found.is_none() {
            errors.add(field, "no-such-window");
        }
        Ok(found)
    };
    let from = window("window", &draft.window)?;
    let later = window("shown_by", &draft.shown_by)?;
    if let (Some((_, start, _)), Some((_, later, _))) = (from, later)
        && later <= start
    {
        errors.add("shown_by", "not-later");
    }
    let mut owner_id = None;
    if let Some(name) = &draft.owner {
        // Whoever sees to it already may go on, also without an account that is in use.
        owner_id = people::table
            .filter(people::name.eq(name.to_lowercase()))
            .select((people::id, people::disabled_at.is_null()))
            .first::<(i64, bool)>(connection)
            .optional()?
            .filter(|(id, active)| *active || Some(*id) == kept_owner)
            .map(|(id, _)| id);
        if owner_id.is_none() {
            errors.add("owner", "no-such-assignee");
        }
    }
    errors
        .or(Named { owner_id, window_id: from.map(|w| w.0), shown_by: later.map(|w| w.0) })
        .map_err(Error::from)
}

/// Writes an improvement down and gives its row.
///
/// Errors: `no-such-window` at `window` and `shown_by`, `not-later` at `shown_by`, `no-such-assignee`
/// at `owner`.
pub fn add(
    write: &mut Write<'_>,
    actor: &Actor,
    draft: &ImprovementDraft,
    demonstration: bool,
) -> Result<i64> {
    let named = look_up(write.connection, draft, None)?;
    let id: i64 = diesel::insert_into(improvements::table)
        .values((
            improvements::title.eq(draft.title.as_str()),
            improvements::detail.eq(draft.detail.as_ref().map(|d| d.as_str())),
            improvements::owner_id.eq(named.owner_id),
            improvements::status.eq(draft.status),
            improvements::measure.eq(draft.measure),
            improvements::source.eq(draft.source.origin),
            improvements::source_name.eq(draft.source.name.as_deref()),
            improvements::window_id.eq(named.window_id),
            improvements::shown_by.eq(named.shown_by),
            improvements::author_id.eq(actor.person_id()),
            improvements::created_at.eq(write.now),
            improvements::changed_at.eq(write.now),
            improvements::demonstration.eq(demonstration),
            improvements::revision.eq(1i64),
        ))
        .returning(improvements::id)
        .get_result(write.connection)?;
    audit::note(write, actor, "improvement.add", &ImprovementReference(id).to_string(), "")?;
    Ok(id)
}

/// Writes over an improvement; what it came from stays.
///
/// Errors: those of [`add`]; [`Error::Stale`] if it no longer has the revision that the caller saw.
pub fn change(
    write: &mut Write<'_>,
    actor: &Actor,
    id: i64,
    seen: Option<i64>,
    draft: &ImprovementDraft,
) -> Result<Improvement> {
    let old = by_id(write.connection, id)?;
    if seen.is_some_and(|seen| seen != old.revision) {
        return Err(Error::Stale);
    }
    let named = look_up(write.connection, draft, old.owner_id)?;
    let changed =
        diesel::update(improvements::table.find(id).filter(improvements::revision.eq(old.revision)))
            .set((
                improvements::title.eq(draft.title.as_str()),
                improvements::detail.eq(draft.detail.as_ref().map(|d| d.as_str())),
                improvements::owner_id.eq(named.owner_id),
                improvements::status.eq(draft.status),
                improvements::measure.eq(draft.measure),
                improvements::window_id.eq(named.window_id),
                improvements::shown_by.eq(named.shown_by),
                improvements::changed_at.eq(write.now),
                improvements::revision.eq(old.revision + 1),
            ))
            .execute(write.connection)?;
    if changed != 1 {
        return Err(Error::Busy);
    }
    let detail = if old.status == draft.status {
        String::new()
    } else {
        format!("{} -> {}", old.status, draft.status)
    };
    audit::note(write, actor, "improvement.change", &ImprovementReference(id).to_string(), &detail)?;
    by_id(write.connection, id)
}

/// Throws an improvement away.
pub fn remove(write: &mut Write<'_>, actor: &Actor, id: i64) -> Result<()> {
    by_id(write.connection, id)?;
    diesel::delete(improvements::table.find(id)).execute(write.connection)?;
    audit::note(write, actor, "improvement.remove", &ImprovementReference(id).to_string(), "")
}

/// The improvement with this row.
pub fn by_id(connection: &mut Db, id: i64) -> Result<Improvement> {
    Ok(improvements::table.find(id).select(Improvement::as_select()).first(connection)?)
}

/// Which improvements are meant; a field left out leaves nothing out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those that are still to be done (`true`) or not (`false`).
    pub open: Option<bool>,
    /// Those that came from this window or should be shown by it, by its row.
    pub window: Option<i64>,
    /// Those that came from this thing.
    pub source: Option<Source>,
}

/// The improvements after this row in the order in which they were written down, the latest first; at
/// most `limit`.
pub fn list(
    connection: &mut Db,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Improvement>> {
    let mut query = improvements::table
        .order(improvements::id.desc())
        .limit(limit)
        .select(Improvement::as_select())
        .into_boxed();
    if let Some(open) = filter.open {
        let over: Vec<ImprovementStatus> =
            ImprovementStatus::ALL.iter().copied().filter(|s| s.is_over() != open).collect();
        query = query.filter(improvements::status.eq_any(over));
    }
    if let Some(window) = filter.window {
        query = query.filter(improvements::window_id.eq(window).or(improvements::shown_by.eq(window)));
    }
    if let Some(source) = &filter.source {
        query = query.filter(improvements::source.eq(source.origin));
        query = match source.name.clone() {
            Some(name) => query.filter(improvements::source_name.eq(name)),
            None => query.filter(improvements::source_name.is_null()),
        };
    }
    if let Some(before) = before {
        query = query.filter(improvements::id.lt(before));
    }
    Ok(query.load(connection)?)
}

/// What these improvements name: people by row, windows by row.
pub struct Names {
    /// The names of people.
    pub people: HashMap<i64, String>,
    /// The windows.
    pub windows: HashMap<i64, windows::Window>,
}

/// Looks up whom and which windows these improvements name.
pub fn names(connection: &mut Db, all: &[Improvement]) -> Result<Names> {
    let owners: Vec<i64> = all.iter().filter_map(|i| i.owner_id).collect();
    let mut found = Names { people: HashMap::new(), windows: HashMap::new() };
    for some in owners.chunks(500) {
        let rows = people::table.filter(people::id.eq_any(some)).select((people::id, people::name));
        found.people.extend(rows.load::<(i64, String)>(connection)?);
    }
    let mut ids: Vec<i64> = all.iter().flat_map(|i| [i.window_id, i.shown_by]).flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    for some in ids.chunks(100) {
        found.windows.extend(windows::by_ids(connection, some)?.into_iter().map(|w| (w.id, w)));
    }
    Ok(found)
}

/// The names of those who may be made owner: everybody whose account is in use, but viewers.
pub fn owners(connection: &mut Db) -> Result<Vec<String>> {
    Ok(people::table
        .filter(people::disabled_at.is_null())
        .filter(people::role.ne(Role::Viewer))
        .order(people::name)
        .select(people::name)
        .load(connection)?)
}

/// Removes what belongs to the demonstration: its own improvements, and those that somebody drew from
/// these windows of it.
pub(super) fn remove_demonstration(write: &mut Write<'_>, windows: &[i64]) -> Result<()> {
    diesel::delete(
        improvements::table
            .filter(improvements::demonstration.eq(true).or(improvements::window_id.eq_any(windows))),
    )
    .execute(write.connection)?;
    Ok(())
}
