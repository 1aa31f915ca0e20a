//! Triage: what support does with a report, one act at a time, each in its history.

use diesel::prelude::*;

use super::events::{self, EventKind, NewEvent};
use super::{Report, by_id, content};
use crate::domain::line::Block;
use crate::domain::person::Role;
use crate::domain::report::{Severity, Status, urgency};
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::people::Actor;
use crate::store::schema::{people, reports};
use crate::store::{Write, audit, changes, counters};

/// What support changes at once. What is not said stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Where the report stands from now on.
    pub status: Option<Status>,
    /// How urgently it is taken; the inner nothing takes the severity away again.
    pub severity: Option<Option<Severity>>,
    /// The name of the person who looks after it; the inner nothing: nobody.
    pub assignee: Option<Option<String>>,
    /// Something for colleagues only.
    pub note: Option<Block>,
    /// Something that the reporter reads.
    pub answer: Option<Block>,
}

/// Changes a report as `expected`, the revision that was looked at, shows it.
///
/// What is already so is no change. An answer to a report that was new acknowledges it: somebody
/// has evidently read it. A report that is resolved asks its reporter afresh whether it is fixed.
/// Gives the report as it then is.
///
/// Errors: [`Error::Stale`] if the report has another revision by now; conflicts `status-move`
/// (from this status to that there is no way) and `report-erased` (nobody could read an answer);
/// `assignee` → `no-such-assignee` (unknown, disabled, or a role below support).
pub fn change(
    write: &mut Write<'_>,
    actor: &Actor,
    id: i64,
    expected: Option<i64>,
    changes: &Changes,
) -> Result<Report> {
    let before = by_id(write.connection, id)?;
    if expected.is_some_and(|revision| revision != before.revision) {
        return Err(Error::Stale);
    }
    let mut after = before.clone();
    let asked = changes.status.filter(|status| *status != before.status);
    let read = changes.answer.is_some() && before.status == Status::New;
    if let Some(status) = asked.or(read.then_some(Status::Acknowledged)) {
        if !before.status.may_become(status) {
            return Err(Error::conflict("status-move"));
        }
        after.status = status;
        after.resolved_at = match status {
            Status::Resolved => Some(write.now),
            Status::Closed => before.resolved_at,
            _ => None,
        };
        if status == Status::Resolved {
            after.verdict = None;
        }
    }
    if let Some(severity) = changes.severity {
        after.severity = severity;
        after.urgency = urgency(before.impact, severity);
    }
    if let Some(assignee) = &changes.assignee {
        after.assignee_id = match assignee {
            Some(name) => Some(supporter(write.connection, name)?),
            None => None,
        };
    }
    if changes.answer.is_some() {
        if content(write.connection, id)?.is_none() {
            return Err(Error::conflict("report-erased"));
        }
        after.first_answer_at = before.first_answer_at.or(Some(write.now));
    }
    if after == before && changes.note.is_none() && changes.answer.is_none() {
        return Ok(before);
    }
    after.revision += 1;
    let rows = diesel::update(reports::table.find(id).filter(reports::revision.eq(before.revision)))
        .set((
            reports::status.eq(after.status),
            reports::severity.eq(after.severity),
            reports::urgency.eq(after.urgency),
            reports::assignee_id.eq(after.assignee_id),
            reports::first_answer_at.eq(after.first_answer_at),
            reports::resolved_at.eq(after.resolved_at),
            reports::verdict.eq(after.verdict),
            reports::revision.eq(after.revision),
        ))
        .execute(write.connection)?;
    if rows == 0 {
        // Somebody came in between. Whoever named no revision means whatever is there: try again.
        return Err(if expected.is_some() { Error::Stale } else { Error::Busy });
    }
    counters::apply(write, Some(before.cell()), Some(after.cell()))?;
    tell(write, actor, &before, &after, changes)?;
    changes::announce(write, changes::Kind::Report, after.window_id)?;
    Ok(after)
}

/// Writes the history of a change, and the audit row if the status changed.
fn tell(
    write: &mut Write<'_>,
    actor: &Actor,
    before: &Report,
    after: &Report,
    changes: &Changes,
) -> Result<()> {
    let event = |kind| NewEvent::new(after.id, kind).by(actor.person_id());
    if after.status != before.status {
        let (was, became) = (before.status.code(), after.status.code());
        events::append(write, event(EventKind::Status).changed(Some(was), Some(became)))?;
        audit::note(
            write,
            actor,
            "report.status",
            &after.reference().to_string(),
            &format!("{was} → {became}"),
        )?;
    }
    if after.severity != before.severity {
        let (was, became) = (before.severity.map(Severity::code), after.severity.map(Severity::code));
        events::append(write, event(EventKind::Severity).changed(was, became))?;
    }
    if after.assignee_id != before.assignee_id {
        let was = name_of(write.connection, before.assignee_id)?;
        let became = name_of(write.connection, after.assignee_id)?;
        events::append(write, event(EventKind::Assignee).changed(was.as_deref(), became.as_deref()))?;
    }
    if let Some(answer) = &changes.answer {
        events::append(write, event(EventKind::Answer).saying(answer.as_str()))?;
    }
    if let Some(note) = &changes.note {
        events::append(write, event(EventKind::Note).saying(note.as_str()))?;
    }
    Ok(())
}

/// The names of the people who may look after reports.
pub fn supporters(connection: &mut Db) -> Result<Vec<String>> {
    Ok(people::table
        .filter(people::disabled_at.is_null())
        .filter(people::role.ne(Role::Viewer))
        .order(people::name)
        .select(people::name)
        .load(connection)?)
}

fn supporter(connection: &mut Db, name: &str) -> Result<i64> {
    people::table
        .filter(people::name.eq(name.to_lowercase()))
        .filter(people::disabled_at.is_null())
        .filter(people::role.ne(Role::Viewer))
        .select(people::id)
        .first(connection)
        .optional()?
        .ok_or_else(|| Error::field("assignee", "no-such-assignee"))
}

fn name_of(connection: &mut Db, id: Option<i64>) -> Result<Option<String>> {
    match id {
        Some(id) => Ok(people::table.find(id).select(people::name).first(connection).optional()?),
        None => Ok(None),
    }
}
