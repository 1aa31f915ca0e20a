//! Triage: what support does with a report, one act at a time, each in its history.

use std::collections::{BTreeSet, HashMap, HashSet};

use diesel::prelude::*;

use super::events::{self, EventKind, NewEvent};
use super::{Report, by_id, content, deadlines, duplicates, weigh, wrote};
use crate::domain::fields::FieldErrors;
use crate::domain::line::Block;
use crate::domain::person::Role;
use crate::domain::reference::ReportReference;
use crate::domain::report::{Severity, Status};
use crate::domain::targets::Moved;
use crate::store::connection::Db;
use crate::store::counters::Tally;
use crate::store::error::{Error, Result};
use crate::store::people::Actor;
use crate::store::schema::{people, reports};
use crate::store::triage_rules::{self, Rules};
use crate::store::{Write, audit, changes};

/// What support changes at once. What is not said stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Where the report stands from now on.
    pub status: Option<Status>,
    /// How urgently it is taken; the inner nothing takes the severity away again.
    pub severity: Option<Option<Severity>>,
    /// The name of the person who looks after it; the inner nothing: nobody.
    pub assignee: Option<Option<String>>,
    /// The report that says the same; makes this one a duplicate.
    pub duplicate_of: Option<ReportReference>,
    /// Something for colleagues only.
    pub note: Option<Block>,
    /// Something that the reporter reads.
    pub answer: Option<Block>,
    /// What the reporter wrote last was read and needs no answer.
    pub heard: bool,
}

/// What many changes in one transaction share: the rules, names looked up once, counts and tellings
/// that are written at the end.
pub(super) struct Desk {
    pub(super) rules: Rules,
    people: HashMap<String, i64>,
    names: HashMap<i64, Option<String>>,
    tally: Tally,
    windows: BTreeSet<Option<i64>>,
    /// What reporters were told, which is told to those who repeat them.
    told: Vec<i64>,
    /// The reports that are not told so, for they are told otherwise.
    pub(super) leave: HashSet<i64>,
}

impl Desk {
    pub(super) fn open(connection: &mut Db) -> Result<Desk> {
        Ok(Desk {
            rules: triage_rules::load(connection)?,
            people: HashMap::new(),
            names: HashMap::new(),
            tally: Tally::default(),
            windows: BTreeSet::new(),
            told: Vec::new(),
            leave: HashSet::new(),
        })
    }

    /// Writes the counts and tells everybody who follows, and everybody whose report repeats one of those.
    pub(super) fn close(self, write: &mut Write<'_>) -> Result<()> {
        for event in &self.told {
            duplicates::tell(write, *event, &|report| self.leave.contains(&report.id))?;
        }
        self.tally.write(write)?;
        for window in self.windows {
            changes::announce(write, changes::Kind::Report, window)?;
        }
        Ok(())
    }

    fn supporter(&mut self, connection: &mut Db, name: &str) -> Result<i64> {
        if let Some(id) = self.people.get(name) {
            return Ok(*id);
        }
        let id = people::table
            .filter(people::name.eq(name.to_lowercase()))
            .filter(people::disabled_at.is_null())
            .filter(people::role.ne(Role::Viewer))
            .select(people::id)
            .first(connection)
            .optional()?
            .ok_or_else(|| Error::field("assignee", "no-such-assignee"))?;
        self.people.insert(name.to_owned(), id);
        Ok(id)
    }

    fn name_of(&mut self, connection: &mut Db, id: Option<i64>) -> Result<Option<String>> {
        let Some(id) = id else { return Ok(None) };
        if let Some(name) = self.names.get(&id) {
            return Ok(name.clone());
        }
        let name = people::table.find(id).select(people::name).first::<String>(connection).optional()?;
        self.names.insert(id, name.clone());
        Ok(name)
    }
}

/// Changes a report as `expected`, the revision that was looked at, shows it.
///
/// What is already so is no change. An answer to a report that was new acknowledges it: somebody
/// has evidently read it. A report that is resolved asks its reporter afresh whether it is fixed.
/// Naming the report that says the same makes this one a duplicate; if that one is a duplicate
/// itself, the one that it repeats is meant, and what repeated this one follows. Whoever repeats a report
/// is told what its reporter is told, an answer or that it is over, and what was told last as soon as
/// they repeat it. Gives the report as it then is.
///
/// Errors: [`Error::Stale`] if the report has another revision by now; conflicts `status-move`
/// (from this status to that there is no way) and `report-erased` (nobody could read an answer);
/// `assignee` → `no-such-assignee` (unknown, disabled, or a role below support); `duplicate_of` →
/// `duplicate-of-required` (a duplicate of nothing), `no-such-report`, `duplicate-of-itself`,
/// `duplicate-and-status` (together with another status).
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
    let mut desk = Desk::open(write.connection)?;
    let after = match change_one(write, &mut desk, actor, &before, changes) {
        Ok(Some(after)) => after,
        Ok(None) => return Ok(before),
        // Somebody came in between. Whoever named a revision is told so.
        Err(Error::Busy) if expected.is_some() => return Err(Error::Stale),
        Err(error) => return Err(error),
    };
    desk.close(write)?;
    Ok(after)
}

/// Changes one report as it was just loaded; nothing if it is so already. [`Error::Busy`] if somebody
/// came in between (on PostgreSQL alone).
pub(super) fn change_one(
    write: &mut Write<'_>,
    desk: &mut Desk,
    actor: &Actor,
    before: &Report,
    changes: &Changes,
) -> Result<Option<Report>> {
    let mut after = before.clone();
    let original = duplicate_of(write, before, changes)?;
    let wanted = changes.status.or(original.map(|_| Status::Duplicate));
    let asked = wanted.filter(|status| *status != before.status);
    let read = changes.answer.is_some() && before.status == Status::New;
    if let Some(status) = asked.or(read.then_some(Status::Acknowledged)) {
        if !before.status.may_become(status) {
            return Err(Error::conflict("status-move"));
        }
        if status == Status::Duplicate && original.is_none() {
            return Err(Error::field("duplicate_of", "duplicate-of-required"));
        }
        move_to(write, &mut after, status);
    }
    if let Some(original) = original {
        after.duplicate_of_id = Some(original);
    }
    if let Some(severity) = changes.severity {
        after.severity = severity;
    }
    if let Some(assignee) = &changes.assignee {
        after.assignee_id = match assignee {
            Some(name) => Some(desk.supporter(write.connection, name)?),
            None => None,
        };
    }
    if changes.answer.is_some() {
        if content(write.connection, before.id)?.is_none() {
            return Err(Error::conflict("report-erased"));
        }
        after.first_answer_at = before.first_answer_at.or(Some(write.now));
    }
    // An answer is what was waited for; so is to hear that it is over, or that it goes on elsewhere.
    let settled = changes.answer.is_some() || changes.heard || asked.is_some_and(Status::is_done);
    let settled = settled && wrote::answered(write, before.id)?;
    let heard = settled && changes.heard && changes.answer.is_none();
    if after == *before && changes.note.is_none() && changes.answer.is_none() && !heard {
        return Ok(None);
    }
    keep(write, desk, before, &mut after)?;
    tell(write, desk, actor, before, &after, &Changes { heard, ..changes.clone() })?;
    if after.duplicate_of_id.is_some() && after.duplicate_of_id != before.duplicate_of_id {
        // What repeated this one repeats the other one now.
        let mut followers = duplicates::followers(write.connection, before.id)?;
        diesel::update(reports::table.filter(reports::duplicate_of_id.eq(before.id)))
            .set(reports::duplicate_of_id.eq(after.duplicate_of_id))
            .execute(write.connection)?;
        for one in &mut followers {
            one.duplicate_of_id = after.duplicate_of_id;
        }
        after = duplicates::catch_up(write, &after, followers)?;
    }
    Ok(Some(after))
}

/// What a report becomes by going to this status.
fn move_to(write: &Write<'_>, after: &mut Report, status: Status) {
    let resolved_at = after.resolved_at;
    after.status = status;
    after.resolved_at = match status {
        Status::Resolved => Some(write.now),
        Status::Closed => resolved_at,
        _ => None,
    };
    if status == Status::Resolved {
        after.verdict = None;
    }
    if status != Status::Duplicate {
        after.duplicate_of_id = None;
    }
}

/// The row of the report that this one is said to repeat, held so that nothing is told there unseen.
fn duplicate_of(write: &mut Write<'_>, before: &Report, changes: &Changes) -> Result<Option<i64>> {
    let Some(named) = changes.duplicate_of else { return Ok(None) };
    if changes.status.is_some_and(|status| status != Status::Duplicate) {
        return Err(Error::field("duplicate_of", "duplicate-and-status"));
    }
    let original = duplicates::hold_original(write, named.0)?;
    let original = original.ok_or_else(|| Error::field("duplicate_of", "no-such-report"))?;
    if original == before.id || named.0 == before.id {
        return Err(Error::field("duplicate_of", "duplicate-of-itself"));
    }
    Ok(Some(original))
}

/// Writes a report that triage changed: what it is owed and how urgent it is follow from the change.
pub(super) fn keep(
    write: &mut Write<'_>,
    desk: &mut Desk,
    before: &Report,
    after: &mut Report,
) -> Result<()> {
    let moved = (after.status != before.status).then_some(Moved {
        from: before.status,
        to: after.status,
        at: write.now,
    });
    let restarts = moved.is_some_and(|m| m.from == Status::Waiting || m.from.is_reopened_by(m.to));
    // What was never promised is not promised afterwards either; the clock sees to old reports.
    let promised = before.answer_due_at.is_some() || before.resolution_due_at.is_some();
    if promised && !after.status.is_done() && (after.severity != before.severity || restarts) {
        let due = deadlines::due(write.connection, &desk.rules, after, moved)?;
        if before.first_answer_at.is_none() && after.severity != before.severity {
            after.answer_due_at = due.answer;
        }
        after.resolution_due_at = due.resolution;
    }
    after.urgency = weigh::points_now(write, &desk.rules.weights, after)?;
    after.revision = before.revision + 1;
    let rows = diesel::update(reports::table.find(before.id).filter(reports::revision.eq(before.revision)))
        .set((
            reports::status.eq(after.status),
            reports::severity.eq(after.severity),
            reports::urgency.eq(after.urgency),
            reports::assignee_id.eq(after.assignee_id),
            reports::first_answer_at.eq(after.first_answer_at),
            reports::resolved_at.eq(after.resolved_at),
            reports::verdict.eq(after.verdict),
            reports::duplicate_of_id.eq(after.duplicate_of_id),
            reports::answer_due_at.eq(after.answer_due_at),
            reports::resolution_due_at.eq(after.resolution_due_at),
            reports::revision.eq(after.revision),
        ))
        .execute(write.connection)?;
    if rows == 0 {
        return Err(Error::Busy);
    }
    desk.tally.remove(&before.cell());
    desk.tally.add(&after.cell());
    desk.windows.insert(after.window_id);
    Ok(())
}

/// Writes the history of a change, and the audit row if the status changed.
pub(super) fn tell(
    write: &mut Write<'_>,
    desk: &mut Desk,
    actor: &Actor,
    before: &Report,
    after: &Report,
    changes: &Changes,
) -> Result<()> {
    let event = |kind| NewEvent::new(after.id, kind).by(actor.person_id());
    if after.status != before.status {
        let (was, became) = (before.status.code(), after.status.code());
        events::append(write, event(EventKind::Status).changed(Some(was), Some(became)))?;
        let name = after.reference().to_string();
        if duplicates::is_news(before.status, after.status) {
            desk.told.push(duplicates::last_event(write.connection, after.id)?);
        }
        audit::note(write, actor, "report.status", &name, &format!("{was} → {became}"))?;
    }
    if after.duplicate_of_id != before.duplicate_of_id {
        let name = |id: Option<i64>| id.map(|id| ReportReference(id).to_string());
        let (was, became) = (name(before.duplicate_of_id), name(after.duplicate_of_id));
        events::append(write, event(EventKind::Duplicate).changed(was.as_deref(), became.as_deref()))?;
    }
    if after.severity != before.severity {
        let (was, became) = (before.severity.map(Severity::code), after.severity.map(Severity::code));
        events::append(write, event(EventKind::Severity).changed(was, became))?;
    }
    if after.assignee_id != before.assignee_id {
        let was = desk.name_of(write.connection, before.assignee_id)?;
        let became = desk.name_of(write.connection, after.assignee_id)?;
        events::append(write, event(EventKind::Assignee).changed(was.as_deref(), became.as_deref()))?;
    }
    if let Some(answer) = &changes.answer {
        events::append(write, event(EventKind::Answer).saying(answer.as_str()))?;
        desk.told.push(duplicates::last_event(write.connection, after.id)?);
    }
    if changes.heard {
        events::append(write, event(EventKind::Heard))?;
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

/// What of these changes could be done to no report at all.
///
/// Errors: those of [`change`] that do not depend on the report.
pub fn check(connection: &mut Db, changes: &Changes) -> Result<()> {
    let mut errors = FieldErrors::new();
    if let Some(Some(name)) = &changes.assignee
        && let Err(Error::Invalid(wrong)) = Desk::open(connection)?.supporter(connection, name)
    {
        errors.0.extend(wrong.0);
    }
    match changes.duplicate_of {
        None if changes.status == Some(Status::Duplicate) => {
            errors.add("duplicate_of", "duplicate-of-required");
        }
        Some(_) if changes.status.is_some_and(|status| status != Status::Duplicate) => {
            errors.add("duplicate_of", "duplicate-and-status");
        }
        Some(named) if by_id(connection, named.0).is_err() => errors.add("duplicate_of", "no-such-report"),
        _ => {}
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

/// The reports that repeat this one, oldest first, at most `limit`.
pub fn duplicates(connection: &mut Db, id: i64, limit: i64) -> Result<Vec<ReportReference>> {
    let ids: Vec<i64> = reports::table
        .filter(reports::duplicate_of_id.eq(id))
        .order(reports::id)
        .limit(limit)
        .select(reports::id)
        .load(connection)?;
    Ok(ids.into_iter().map(ReportReference).collect())
}
