//! Which reports a known issue is behind.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;

use super::events::{self, EventKind};
use super::resolve::{Teller, tell_report};
use super::{Fact, KnownIssue, count, fact, hold, whole};
use crate::domain::reference::ReportReference;
use crate::domain::report::Status;
use crate::store::connection::Db;
use crate::store::counters::Tally;
use crate::store::error::{Error, Result};
use crate::store::people::Actor;
use crate::store::reports::events::{self as report_events, EventKind as ReportEvent, NewEvent};
use crate::store::reports::list::{self, Listed};
use crate::store::reports::{Report, changed_one};
use crate::store::schema::reports;
use crate::store::{Write, audit, changes};

/// How many reports are linked or unlinked at once at most.
pub const LINKED_MAX: usize = 500;

/// The known issues that these reports are linked to, by the reports' numbers.
pub fn by_report<'a>(
    connection: &mut Db,
    all: impl Iterator<Item = &'a Report> + Clone,
) -> Result<HashMap<i64, KnownIssue>> {
    let mut ids: Vec<i64> = all.clone().filter_map(|r| r.known_issue_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut facts = Vec::with_capacity(ids.len());
    for id in ids {
        facts.push(fact(connection, id)?);
    }
    let found: HashMap<i64, KnownIssue> =
        whole(connection, facts)?.into_iter().map(|i| (i.fact.id, i)).collect();
    Ok(all.filter_map(|r| Some((r.id, found.get(&r.known_issue_id?)?.clone()))).collect())
}

/// Which reports may be taken away from another known issue.
#[derive(Debug, Clone, Copy)]
pub enum Moves<'a> {
    /// Any: what they are linked to was said by number, whatever they were linked to before.
    Any,
    /// Those that were seen to belong to another one: the report and that known issue.
    Seen(&'a [(i64, i64)]),
}

impl Moves<'_> {
    fn allow(self, report: &Report) -> bool {
        match (self, report.known_issue_id) {
            (Moves::Any, _) | (_, None) => true,
            (Moves::Seen(all), Some(from)) => all.contains(&(report.id, from)),
        }
    }
}

/// Those of these reports that belong to another known issue than this one, with the one that they
/// belong to.
pub fn elsewhere(connection: &mut Db, all: &[i64], issue: Option<i64>) -> Result<Vec<(i64, KnownIssue)>> {
    let mut found: Vec<Report> = Vec::new();
    for some in all.chunks(LINKED_MAX) {
        let query = reports::table.filter(reports::id.eq_any(some)).order(reports::id);
        found.extend(query.select(Report::as_select()).load::<Report>(connection)?);
    }
    found.retain(|report| report.known_issue_id.is_some() && report.known_issue_id != issue);
    let mut issues = by_report(connection, found.iter())?;
    Ok(found.iter().filter_map(|report| Some((report.id, issues.remove(&report.id)?))).collect())
}

/// Links a report to this known issue, or to none any more, whatever it was linked to. Errors: `known_issue` →
/// `no-such-known-issue`; [`Error::NotFound`] for an unknown report.
pub fn set_link(write: &mut Write<'_>, actor: &Actor, report: i64, issue: Option<i64>) -> Result<()> {
    match issue {
        Some(issue) => match link_moving(write, actor, issue, &[report], Moves::Any) {
            Err(Error::NotFound) if fact(write.connection, issue).is_err() => {
                Err(Error::field("known_issue", "no-such-known-issue"))
            }
            other => other.map(|_| ()),
        },
        None => match load(write, &[report])?.first().and_then(|r| r.known_issue_id) {
            Some(issue) => unlink(write, actor, issue, &[report]).map(|_| ()),
            None => Ok(()),
        },
    }
}

fn load(write: &mut Write<'_>, all: &[i64]) -> Result<Vec<Report>> {
    let mut ids = all.to_vec();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > LINKED_MAX {
        return Err(Error::field("reports", "too-many-reports"));
    }
    let found: Vec<Report> = reports::table
        .filter(reports::id.eq_any(&ids))
        .order(reports::id)
        .select(Report::as_select())
        .load(write.connection)?;
    if found.len() == ids.len() { Ok(found) } else { Err(Error::NotFound) }
}

/// Links these reports to a known issue, none of which belongs to another one; see [`link_moving`].
pub fn link(write: &mut Write<'_>, actor: &Actor, issue: i64, all: &[i64]) -> Result<usize> {
    link_moving(write, actor, issue, all, Moves::Seen(&[]))
}

/// The names of these reports, as a conflict says them.
fn names<'a>(all: impl Iterator<Item = &'a Report>) -> String {
    all.map(|report| report.reference().to_string()).collect::<Vec<_>>().join(", ")
}

/// Links these reports to a known issue and gives how many were not linked to it before. One that was
/// linked to another one changes over if it may; one that was new is acknowledged, for somebody has
/// evidently read it. If the known issue is resolved, each is told so at once.
///
/// Errors: [`Error::NotFound`] if the known issue or any of the reports does not exist; `reports` →
/// `too-many-reports` for more than [`LINKED_MAX`]; conflict `known-issue-other` (`reports`) if any
/// belongs to another known issue and may not be taken from it.
pub fn link_moving(
    write: &mut Write<'_>,
    actor: &Actor,
    issue: i64,
    all: &[i64],
    moves: Moves<'_>,
) -> Result<usize> {
    let held = hold_all(write, Some(issue), all)?.remove(&issue).ok_or(Error::NotFound)?;
    let found: Vec<Report> =
        load(write, all)?.into_iter().filter(|r| r.known_issue_id != Some(issue)).collect();
    if found.is_empty() {
        return Ok(0);
    }
    let others = names(found.iter().filter(|report| !moves.allow(report)));
    if !others.is_empty() {
        return Err(Error::conflict_with("known-issue-other", [("reports", others)]));
    }
    let teller = match held.resolution_id {
        Some(resolution) => Some(Teller::load(write.connection, resolution)?),
        None => None,
    };
    let mut tally = Tally::default();
    let mut told = 0;
    let mut left: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    let mut concerned = Vec::new();
    let leave = |report: &Report| {
        report.known_issue_id == Some(issue) || found.iter().any(|other| other.id == report.id)
    };
    for report in &found {
        if let Some(other) = report.known_issue_id {
            left.entry(other).or_default().push(report.id);
        }
        let mut after = point(write, actor, report, Some(issue))?;
        if after.status == Status::New && teller.is_none() {
            after = acknowledge(write, actor, after)?;
        }
        if let Some(teller) = &teller
            && let Some(resolved) = tell_report(write, teller, &after, &leave)?
        {
            told += 1;
            after = resolved;
        }
        tally.remove(&report.cell());
        tally.add(&after.cell());
        concerned.push(report.window_id);
    }
    for (other, reports) in &left {
        note(write, actor, *other, EventKind::Unlinked, reports)?;
        count(write, *other, -(reports.len() as i64), 0)?;
    }
    let ids: Vec<i64> = found.iter().map(|r| r.id).collect();
    note(write, actor, issue, EventKind::Linked, &ids)?;
    count(write, issue, ids.len() as i64, 0)?;
    if let Some(teller) = &teller {
        teller.count(write, told, 0)?;
    }
    tally.write(write)?;
    announce(write, concerned)?;
    Ok(ids.len())
}

/// Takes these reports off a known issue and gives how many were linked to it; those that are linked to
/// none are as they should be. What they were told stays.
///
/// Errors: those of [`link`]; conflict `known-issue-other` (`reports`) if any belongs to another one.
pub fn unlink(write: &mut Write<'_>, actor: &Actor, issue: i64, all: &[i64]) -> Result<usize> {
    hold_all(write, None, all)?;
    let found: Vec<Report> = load(write, all)?.into_iter().filter(|r| r.known_issue_id.is_some()).collect();
    let others = names(found.iter().filter(|report| report.known_issue_id != Some(issue)));
    if !others.is_empty() {
        return Err(Error::conflict_with("known-issue-other", [("reports", others)]));
    }
    if found.is_empty() {
        return Ok(0);
    }
    for report in &found {
        point(write, actor, report, None)?;
    }
    let ids: Vec<i64> = found.iter().map(|report| report.id).collect();
    note(write, actor, issue, EventKind::Unlinked, &ids)?;
    count(write, issue, -(ids.len() as i64), 0)?;
    announce(write, found.iter().map(|r| r.window_id).collect())?;
    Ok(found.len())
}

/// Keeps others away from every known issue that is concerned when these reports are linked to this one, or
/// to none: in the order of their numbers and before any report is touched, so that two who link the other
/// way round do not wait for each other.
fn hold_all(write: &mut Write<'_>, issue: Option<i64>, all: &[i64]) -> Result<BTreeMap<i64, Fact>> {
    let mut concerned: BTreeSet<i64> = load(write, all)?.iter().filter_map(|r| r.known_issue_id).collect();
    concerned.extend(issue);
    concerned.into_iter().map(|id| Ok((id, hold(write, id)?))).collect()
}

/// Changes what a report is linked to and gives it as it then is.
fn point(write: &mut Write<'_>, actor: &Actor, report: &Report, to: Option<i64>) -> Result<Report> {
    let rows = diesel::update(reports::table.find(report.id).filter(reports::revision.eq(report.revision)))
        .set((reports::known_issue_id.eq(to), reports::revision.eq(reports::revision + 1)))
        .execute(write.connection)?;
    changed_one(rows)?;
    let number = |id: Option<i64>| id.map(|id| id.to_string());
    let (was, became) = (number(report.known_issue_id), number(to));
    let event = NewEvent::new(report.id, ReportEvent::KnownIssue).by(actor.person_id());
    report_events::append(write, event.changed(was.as_deref(), became.as_deref()))?;
    Ok(Report { known_issue_id: to, revision: report.revision + 1, ..report.clone() })
}

fn acknowledge(write: &mut Write<'_>, actor: &Actor, report: Report) -> Result<Report> {
    let to = Status::Acknowledged;
    let rows = diesel::update(reports::table.find(report.id).filter(reports::revision.eq(report.revision)))
        .set((reports::status.eq(to), reports::revision.eq(reports::revision + 1)))
        .execute(write.connection)?;
    changed_one(rows)?;
    let event = NewEvent::new(report.id, ReportEvent::Status).by(actor.person_id());
    report_events::append(write, event.changed(Some(report.status.code()), Some(to.code())))?;
    let moved = format!("{} → {to}", report.status);
    audit::note(write, actor, "report.status", &report.reference().to_string(), &moved)?;
    Ok(Report { status: to, revision: report.revision + 1, ..report })
}

fn note(write: &mut Write<'_>, actor: &Actor, issue: i64, kind: EventKind, all: &[i64]) -> Result<()> {
    let said = match all {
        [one] => ReportReference(*one).to_string(),
        many => many.len().to_string(),
    };
    let (was, became) = if kind == EventKind::Linked { (None, Some(said)) } else { (Some(said), None) };
    events::append(write, actor, issue, kind, was.as_deref(), became.as_deref())?;
    let action = if kind == EventKind::Linked { "known-issue.link" } else { "known-issue.unlink" };
    let which = was.or(became).unwrap_or_default();
    audit::note(write, actor, action, &issue.to_string(), &which)
}

fn announce(write: &mut Write<'_>, mut windows: Vec<Option<i64>>) -> Result<()> {
    windows.sort_unstable();
    windows.dedup();
    for window in windows {
        changes::announce(write, changes::Kind::Report, window)?;
    }
    Ok(())
}

/// The reports that are linked to a known issue, the latest first, at most `limit`.
pub fn linked(connection: &mut Db, issue: i64, limit: i64) -> Result<Vec<Listed>> {
    let rows: Vec<Report> = reports::table
        .filter(reports::known_issue_id.eq(issue))
        .order(reports::id.desc())
        .limit(limit)
        .select(Report::as_select())
        .load(connection)?;
    list::whole(connection, rows)
}
