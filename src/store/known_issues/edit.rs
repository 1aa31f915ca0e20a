//! Making a known issue and changing what is said of it.

use diesel::prelude::*;

use super::events::{self, EventKind};
use super::{Fact, KnownIssue, by_id, fact, hold};
use crate::domain::fields::FieldErrors;
use crate::domain::known_issue::{IssueStatus, IssueTexts};
use crate::store::error::{Error, Result};
use crate::store::people::Actor;
use crate::store::schema::{known_issue_components, known_issue_resolutions, known_issues};
use crate::store::texts::{self, Thing};
use crate::store::{Write, audit, changes, components, windows};

/// Everything that staff say of a known issue. Its texts are checked already.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Draft {
    /// The slug of the window that it belongs to.
    pub window: Option<String>,
    /// Where it stands; resolving and reopening are acts of their own.
    pub status: IssueStatus,
    /// Whether the public sees it.
    pub public: bool,
    /// What people read of it.
    pub texts: IssueTexts,
    /// The keys of what it affects.
    pub components: Vec<String>,
}

/// A draft whose window and components have been looked up.
struct Found {
    window: Option<i64>,
    components: Vec<i64>,
}

/// Errors: `window` → `no-such-window`, `components` → `no-such-component`, `status` →
/// `known-issue-status` for resolved.
fn find(write: &mut Write<'_>, draft: &Draft) -> Result<Found> {
    let mut errors = FieldErrors::new();
    if !draft.status.is_open() {
        errors.add("status", "known-issue-status");
    }
    let window = match &draft.window {
        Some(slug) => {
            let window = windows::id_of(write.connection, slug)?;
            if window.is_none() {
                errors.add("window", "no-such-window");
            }
            window
        }
        None => None,
    };
    let mut found = Vec::new();
    for key in &draft.components {
        match components::id_of(write.connection, key)? {
            Some(id) => found.push(id),
            None => errors.add("components", "no-such-component"),
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(errors.or(Found { window, components: found })?)
}

/// Makes a known issue and gives its number. Errors are those of the draft's fields.
pub fn create(write: &mut Write<'_>, actor: &Actor, draft: &Draft, demonstration: bool) -> Result<i64> {
    let found = find(write, draft)?;
    let id: i64 = diesel::insert_into(known_issues::table)
        .values((
            known_issues::window_id.eq(found.window),
            known_issues::status.eq(draft.status),
            known_issues::public.eq(draft.public),
            known_issues::reports.eq(0i64),
            known_issues::me_toos.eq(0i64),
            known_issues::author_id.eq(actor.person_id()),
            known_issues::created_at.eq(write.now),
            known_issues::changed_at.eq(write.now),
            known_issues::demonstration.eq(demonstration),
            known_issues::revision.eq(1i64),
        ))
        .returning(known_issues::id)
        .get_result(write.connection)?;
    say(write, id, &draft.texts)?;
    set_components(write, id, &found.components)?;
    events::append(write, actor, id, EventKind::Created, None, None)?;
    if !draft.texts.workaround.is_empty() {
        events::append(write, actor, id, EventKind::Workaround, None, None)?;
    }
    audit::note(write, actor, "known-issue.create", &id.to_string(), "")?;
    changes::announce(write, changes::Kind::Window, found.window)?;
    Ok(id)
}

fn say(write: &mut Write<'_>, id: i64, texts: &IssueTexts) -> Result<()> {
    texts::replace(write, Thing::KnownIssue, id, "title", &texts.title)?;
    texts::replace(write, Thing::KnownIssue, id, "body", &texts.body)?;
    texts::replace(write, Thing::KnownIssue, id, "workaround", &texts.workaround)
}

fn set_components(write: &mut Write<'_>, id: i64, all: &[i64]) -> Result<()> {
    diesel::delete(known_issue_components::table.filter(known_issue_components::known_issue_id.eq(id)))
        .execute(write.connection)?;
    for component in all {
        diesel::insert_into(known_issue_components::table)
            .values((
                known_issue_components::known_issue_id.eq(id),
                known_issue_components::component_id.eq(*component),
            ))
            .execute(write.connection)?;
    }
    Ok(())
}

/// Changes what is said of a known issue as `expected`, the revision that was looked at, shows it.
/// What is already so is no change.
///
/// Errors: those of the draft's fields; [`Error::Stale`]; conflict `known-issue-resolved` if its
/// status would change while it is resolved, which reopening is for.
pub fn revise(
    write: &mut Write<'_>,
    actor: &Actor,
    id: i64,
    expected: Option<i64>,
    draft: &Draft,
) -> Result<KnownIssue> {
    let held = hold(write, id)?;
    if expected.is_some_and(|revision| revision != held.revision) {
        return Err(Error::Stale);
    }
    let before = by_id(write.connection, id)?;
    let status = if held.status.is_open() { draft.status } else { held.status };
    if !held.status.is_open() && draft.status != held.status && draft.status.is_open() {
        return Err(Error::conflict("known-issue-resolved"));
    }
    let found = find(write, &Draft { status: IssueStatus::Investigating, ..draft.clone() })?;
    if !draft.status.is_open() && held.status.is_open() {
        return Err(Error::field("status", "known-issue-status"));
    }
    let mut affected: Vec<i64> = before.components.iter().map(|c| c.id).collect();
    affected.sort_unstable();
    let same = (held.window_id, held.public, &before.texts, &affected)
        == (found.window, draft.public, &draft.texts, &found.components);
    if same && status == held.status {
        return Ok(before);
    }
    diesel::update(known_issues::table.find(id))
        .set((
            known_issues::window_id.eq(found.window),
            known_issues::status.eq(status),
            known_issues::public.eq(draft.public),
            known_issues::changed_at.eq(write.now),
            known_issues::revision.eq(known_issues::revision + 1),
        ))
        .execute(write.connection)?;
    say(write, id, &draft.texts)?;
    set_components(write, id, &found.components)?;
    if !same {
        events::append(write, actor, id, EventKind::Edited, None, None)?;
        audit::note(write, actor, "known-issue.edit", &id.to_string(), "")?;
    }
    if before.texts.workaround.is_empty() && !draft.texts.workaround.is_empty() {
        events::append(write, actor, id, EventKind::Workaround, None, None)?;
    }
    if status != held.status {
        note_status(write, actor, &held, status)?;
    }
    announce(write, held.window_id, found.window)?;
    by_id(write.connection, id)
}

/// Writes down that the status changed.
pub(super) fn note_status(
    write: &mut Write<'_>,
    actor: &Actor,
    before: &Fact,
    after: IssueStatus,
) -> Result<()> {
    let (was, became) = (before.status.code(), after.code());
    events::append(write, actor, before.id, EventKind::Status, Some(was), Some(became))?;
    audit::note(write, actor, "known-issue.status", &before.id.to_string(), &format!("{was} → {became}"))
}

fn announce(write: &mut Write<'_>, was: Option<i64>, is: Option<i64>) -> Result<()> {
    changes::announce(write, changes::Kind::Window, is)?;
    if was != is {
        changes::announce(write, changes::Kind::Window, was)?;
    }
    Ok(())
}

/// Removes the known issues of the demonstration with everything that belongs to them; the reports
/// that were linked to them stay. At most `limit` reports are let go at once; `false`: there is more.
pub fn remove_demonstration(write: &mut Write<'_>, limit: i64) -> Result<bool> {
    use crate::store::schema::reports;
    let doomed: Vec<i64> = known_issues::table
        .filter(known_issues::demonstration.eq(true))
        .select(known_issues::id)
        .load(write.connection)?;
    let linked: Vec<i64> = reports::table
        .filter(reports::known_issue_id.eq_any(doomed.iter().copied().map(Some).collect::<Vec<_>>()))
        .select(reports::id)
        .limit(limit)
        .load(write.connection)?;
    diesel::update(reports::table.filter(reports::id.eq_any(&linked)))
        .set((reports::known_issue_id.eq(None::<i64>), reports::revision.eq(reports::revision + 1)))
        .execute(write.connection)?;
    if linked.len() as i64 == limit {
        return Ok(false);
    }
    let resolved: Vec<i64> = known_issue_resolutions::table
        .filter(known_issue_resolutions::known_issue_id.eq_any(&doomed))
        .select(known_issue_resolutions::id)
        .load(write.connection)?;
    texts::remove(write, Thing::Resolution, &resolved)?;
    texts::remove(write, Thing::KnownIssue, &doomed)?;
    for id in doomed {
        let window = fact(write.connection, id)?.window_id;
        diesel::delete(known_issues::table.find(id)).execute(write.connection)?;
        changes::announce(write, changes::Kind::Window, window)?;
    }
    Ok(true)
}
