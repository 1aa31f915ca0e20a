//! The reports of an act, changed one by one: as many at once as a step takes.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::super::triage::{self, Changes, Desk};
use super::super::{Report, by_id, duplicates};
use super::{Act, Asked, Outcome, find, json, selection};
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::line::{Block, COMMENT_MAX};
use crate::domain::reference::ReportReference;
use crate::domain::report::{Severity, Status, Verdict};
use crate::store::Write;
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::jobs::{self, Job, STEP};
use crate::store::people::Actor;
use crate::store::schema::{bulk_acts, bulk_items, reports};

/// Takes the next step of the job of an act. `true`: that was the last.
///
/// Errors: [`Error::Stale`] if somebody else has taken the step; nothing of this one stays then.
pub fn work(write: &mut Write<'_>, job: &Job) -> Result<bool> {
    let id: i64 = job
        .payload
        .parse()
        .map_err(|_| Error::Internal(format!("job {} is about no act: {}", job.id, job.payload)))?;
    let author: Option<Option<i64>> =
        bulk_acts::table.find(id).select(bulk_acts::author_id).first(write.connection).optional()?;
    let done = match author {
        // It was forgotten.
        None => true,
        Some(author) => {
            let actor = crate::store::people::acting(write.connection, author)?;
            step(write, &actor, id)?
        }
    };
    if jobs::advance(write, job, job.progress + 1, done)? { Ok(done) } else { Err(Error::Stale) }
}

/// Does the next [`STEP`] reports of an act; `true` if none is left.
pub(super) fn step(write: &mut Write<'_>, actor: &Actor, id: i64) -> Result<bool> {
    let act = find(write.connection, id)?;
    let chosen = selection(write.connection, id)?;
    let from = usize::try_from(act.progress).unwrap_or(usize::MAX).min(chosen.len());
    let until = (from + STEP as usize).min(chosen.len());
    // Taken by its progress, so that of two servers one does it.
    let taken = diesel::update(bulk_acts::table.find(id).filter(bulk_acts::progress.eq(act.progress)))
        .set((
            bulk_acts::progress.eq(until as i64),
            bulk_acts::finished_at.eq((until == chosen.len()).then_some(write.now)),
        ))
        .execute(write.connection)?;
    if taken == 0 {
        return Err(Error::Stale);
    }
    let default = crate::store::instance::settings(write.connection)?.default_language;
    let mut desk = Desk::open(write.connection)?;
    // Whoever is answered by this act itself is not told the same by the report that they repeat.
    desk.leave.extend(chosen[until..].iter().map(|(report, _)| *report));
    if act.asked.is_final() {
        desk.leave.extend(changed(write.connection, id)?);
    }
    let mut left_out = Vec::new();
    for (report, revision) in &chosen[from..until] {
        let before = match by_id(write.connection, *report) {
            // Removed with the demonstration meanwhile.
            Err(Error::NotFound) => continue,
            before => before?,
        };
        let (outcome, after) = if before.revision != *revision {
            (Outcome::Conflict, None)
        } else {
            match one(write, &mut desk, actor, &act, &before, default) {
                Ok(Some(after)) => (Outcome::Changed, Some(after)),
                Ok(None) => (Outcome::Same, None),
                Err(Error::Conflict { .. } | Error::Invalid(_)) => (Outcome::Refused, None),
                Err(error) => return Err(error),
            }
        };
        match outcome {
            Outcome::Changed if act.asked.is_final() => {
                desk.leave.insert(*report);
            }
            Outcome::Changed => {}
            _ => left_out.push(*report),
        }
        let was =
            after.as_ref().map(|_| serde_json::to_string(&Was::of(&before)).map_err(json)).transpose()?;
        diesel::insert_into(bulk_items::table)
            .values((
                bulk_items::act_id.eq(id),
                bulk_items::report_id.eq(report),
                bulk_items::outcome.eq(outcome),
                bulk_items::was.eq(was.unwrap_or_default()),
                bulk_items::revision.eq(after.map_or(before.revision, |after| after.revision)),
            ))
            .execute(write.connection)?;
    }
    desk.close(write)?;
    // They repeat something that may have been answered by an earlier step, which left them to this one.
    for report in left_out {
        let report = by_id(write.connection, report)?;
        duplicates::catch_up(write, &report, Vec::new())?;
    }
    Ok(until == chosen.len())
}

/// Does an act to one report; nothing if it is so already.
fn one(
    write: &mut Write<'_>,
    desk: &mut Desk,
    actor: &Actor,
    act: &Act,
    before: &Report,
    default: Language,
) -> Result<Option<Report>> {
    match act.undo_of {
        Some(undone) => undo_one(write, desk, actor, undone, before),
        None => triage::change_one(write, desk, actor, before, &changes(&act.asked, before, default)?),
    }
}

/// What an act changes of a report whose reporter reads this language.
fn changes(asked: &Asked, report: &Report, default: Language) -> Result<Changes> {
    let block = |field: &str, text: &str| Block::required(field, text, COMMENT_MAX);
    Ok(Changes {
        status: asked.status,
        severity: asked.severity,
        assignee: asked.assignee.clone(),
        duplicate_of: asked.duplicate_of.map(ReportReference),
        note: asked.note.as_deref().map(|text| block("note", text)).transpose()?,
        answer: asked
            .answer
            .get(report.language, default)
            .map(|(text, _)| block("answer", text))
            .transpose()?,
        heard: false,
    })
}

/// What a report was before an act.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Was {
    status: Status,
    severity: Option<Severity>,
    assignee: Option<i64>,
    duplicate_of: Option<i64>,
    resolved_at: Option<i64>,
    verdict: Option<Verdict>,
    answer_due_at: Option<i64>,
    resolution_due_at: Option<i64>,
}

impl Was {
    fn of(report: &Report) -> Was {
        Was {
            status: report.status,
            severity: report.severity,
            assignee: report.assignee_id,
            duplicate_of: report.duplicate_of_id,
            resolved_at: report.resolved_at.map(Instant::micros),
            verdict: report.verdict,
            answer_due_at: report.answer_due_at.map(Instant::micros),
            resolution_due_at: report.resolution_due_at.map(Instant::micros),
        }
    }

    /// The report as it was. What was answered stays answered.
    fn back(&self, report: &Report) -> Report {
        let moment = |micros: Option<i64>| micros.and_then(Instant::from_micros);
        Report {
            status: self.status,
            severity: self.severity,
            assignee_id: self.assignee,
            duplicate_of_id: self.duplicate_of,
            resolved_at: moment(self.resolved_at),
            verdict: self.verdict,
            answer_due_at: moment(self.answer_due_at),
            resolution_due_at: moment(self.resolution_due_at),
            ..report.clone()
        }
    }
}

/// The reports that an act has changed so far.
fn changed(connection: &mut Db, id: i64) -> Result<Vec<i64>> {
    Ok(bulk_items::table
        .filter(bulk_items::act_id.eq(id))
        .filter(bulk_items::outcome.eq(Outcome::Changed))
        .select(bulk_items::report_id)
        .load(connection)?)
}

/// Makes of a report what it was before the act `undone`; nothing if it is so already.
fn undo_one(
    write: &mut Write<'_>,
    desk: &mut Desk,
    actor: &Actor,
    undone: i64,
    before: &Report,
) -> Result<Option<Report>> {
    let was: String =
        bulk_items::table.find((undone, before.id)).select(bulk_items::was).first(write.connection)?;
    let was: Was = serde_json::from_str(&was).map_err(json)?;
    let mut after = was.back(before);
    if after == *before {
        return Ok(None);
    }
    let (answer, resolution) = (after.answer_due_at, after.resolution_due_at);
    triage::keep(write, desk, before, &mut after)?;
    if (after.answer_due_at, after.resolution_due_at) != (answer, resolution) {
        // The promises were as they were before, not made anew.
        diesel::update(reports::table.find(after.id))
            .set((reports::answer_due_at.eq(answer), reports::resolution_due_at.eq(resolution)))
            .execute(write.connection)?;
    }
    triage::tell(write, desk, actor, before, &after, &Changes::default())?;
    Ok(Some(after))
}
