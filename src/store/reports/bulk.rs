//! Acts on many reports at once. The reports are chosen when the act is asked for, each with the
//! revision that it had then; it is done when it is confirmed, up to [`STEP`] of them at once, more as
//! a job that goes on where it was. Each report is changed at most once, and one that somebody else
//! changed meanwhile is left as they made it and named.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::filter::{COUNT_MAX, Found};
use super::list::Sort;
use super::triage::{self, Changes, Desk};
use super::{Report, by_id, duplicates};
use crate::domain::instant::Instant;
use crate::domain::language::Texts;
use crate::domain::line::{Block, COMMENT_MAX};
use crate::domain::reference::ReportReference;
use crate::domain::report::{Severity, Status, Verdict};
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::jobs::{self, Job, JobKind, STEP};
use crate::store::people::Actor;
use crate::store::schema::{bulk_acts, bulk_items, reports};
use crate::store::{Write, audit};

/// How long an act can be looked at and undone, in hours.
pub const KEPT_HOURS: i64 = 30 * 24;

/// What is changed of each report. What is not said stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Where it stands from now on.
    pub status: Option<Status>,
    /// How urgently it is taken; the inner nothing takes the severity away again.
    pub severity: Option<Option<Severity>>,
    /// The name of the person who looks after it; the inner nothing: nobody.
    pub assignee: Option<Option<String>>,
    /// The number of the report that says the same.
    pub duplicate_of: Option<i64>,
    /// Something for colleagues only.
    pub note: Option<String>,
    /// What every reporter reads, each in their language.
    pub answer: Texts,
}

impl Asked {
    /// Nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Asked::default()
    }

    /// Whether something of it cannot be undone: an answer may have been read.
    pub fn is_final(&self) -> bool {
        !self.answer.is_empty()
    }

    /// The changes for a report whose reporter reads this language.
    fn of(&self, report: &Report, default: crate::domain::language::Language) -> Result<Changes> {
        let block = |field: &str, text: &str| Block::required(field, text, COMMENT_MAX);
        Ok(Changes {
            status: self.status,
            severity: self.severity,
            assignee: self.assignee.clone(),
            duplicate_of: self.duplicate_of.map(ReportReference),
            note: self.note.as_deref().map(|text| block("note", text)).transpose()?,
            answer: self
                .answer
                .get(report.language, default)
                .map(|(text, _)| block("answer", text))
                .transpose()?,
            heard: false,
        })
    }
}

crate::codes! {
    /// What became of one report of an act.
    pub enum Outcome {
        /// It was changed.
        Changed = "changed",
        /// It was so already.
        Same = "same",
        /// Somebody else changed it meanwhile, so it was left as it is.
        Conflict = "conflict",
        /// The change is not possible for it, e.g. from its status to that one there is no way.
        Refused = "refused",
    }
}

/// An act on many reports, as it stands.
#[derive(Debug, Clone)]
pub struct Act {
    /// Its row.
    pub id: i64,
    /// Who asked for it.
    pub author: String,
    /// The person who asked for it, if it was one.
    pub author_id: Option<i64>,
    /// When.
    pub created_at: Instant,
    /// What it changes.
    pub asked: Asked,
    /// The query of the list that it came from.
    pub query: String,
    /// How many reports were chosen.
    pub total: i64,
    /// The act that it undoes.
    pub undo_of: Option<i64>,
    /// When it was confirmed.
    pub begun_at: Option<Instant>,
    /// When the last report was done.
    pub finished_at: Option<Instant>,
    /// How many reports are done.
    pub progress: i64,
    /// How many reports became what, by [`Outcome`] in its order.
    pub outcomes: [i64; 4],
    /// The act that undid it.
    pub undone_by: Option<i64>,
}

type Row = (
    (i64, String, Option<i64>, Instant, String, String),
    (i64, Option<i64>, Option<Instant>, Option<Instant>, i64),
);
type Columns = (
    (
        bulk_acts::id,
        bulk_acts::author,
        bulk_acts::author_id,
        bulk_acts::created_at,
        bulk_acts::changes,
        bulk_acts::query,
    ),
    (bulk_acts::total, bulk_acts::undo_of, bulk_acts::begun_at, bulk_acts::finished_at, bulk_acts::progress),
);
const COLUMNS: Columns = (
    (
        bulk_acts::id,
        bulk_acts::author,
        bulk_acts::author_id,
        bulk_acts::created_at,
        bulk_acts::changes,
        bulk_acts::query,
    ),
    (bulk_acts::total, bulk_acts::undo_of, bulk_acts::begun_at, bulk_acts::finished_at, bulk_acts::progress),
);

/// Reports by number with the revision that they had.
type Chosen = Vec<(i64, i64)>;

fn json(error: serde_json::Error) -> Error {
    Error::Internal(format!("bulk act: {error}"))
}

/// The reports that a filter asks for, in the order of the list, with their revisions.
///
/// Error: conflict `bulk-too-many` (`max`) if there are more than [`COUNT_MAX`].
pub fn choose(connection: &mut Db, found: &Found, sort: Sort) -> Result<Chosen> {
    let rows = super::list::keys(connection, found, sort, COUNT_MAX + 1)?;
    if rows.len() as i64 > COUNT_MAX {
        return Err(Error::conflict_with("bulk-too-many", [("max", COUNT_MAX.to_string())]));
    }
    Ok(rows)
}

/// Asks for an act on these reports; nothing is done until it is confirmed. Gives its row.
///
/// Errors: those of [`triage::check`]; `reports` → `nothing-chosen`, `act` → `nothing-asked`.
pub fn ask(
    write: &mut Write<'_>,
    actor: &Actor,
    asked: &Asked,
    query: &str,
    chosen: &[(i64, i64)],
) -> Result<i64> {
    if chosen.is_empty() {
        return Err(Error::field("reports", "nothing-chosen"));
    }
    if asked.is_empty() {
        return Err(Error::field("act", "nothing-asked"));
    }
    let general = Changes {
        status: asked.status,
        assignee: asked.assignee.clone(),
        duplicate_of: asked.duplicate_of.map(ReportReference),
        ..Changes::default()
    };
    triage::check(write.connection, &general)?;
    insert(write, actor, asked, query, chosen, None)
}

fn insert(
    write: &mut Write<'_>,
    actor: &Actor,
    asked: &Asked,
    query: &str,
    chosen: &[(i64, i64)],
    undo_of: Option<i64>,
) -> Result<i64> {
    Ok(diesel::insert_into(bulk_acts::table)
        .values((
            bulk_acts::author.eq(author(actor)),
            bulk_acts::author_id.eq(actor.person_id()),
            bulk_acts::created_at.eq(write.now),
            bulk_acts::changes.eq(serde_json::to_string(asked).map_err(json)?),
            bulk_acts::query.eq(query),
            bulk_acts::selection.eq(serde_json::to_string(chosen).map_err(json)?),
            bulk_acts::total.eq(chosen.len() as i64),
            bulk_acts::undo_of.eq(undo_of),
            bulk_acts::progress.eq(0i64),
        ))
        .returning(bulk_acts::id)
        .get_result(write.connection)?)
}

/// How whoever asks for an act is called in it.
fn author(actor: &Actor) -> String {
    match actor {
        Actor::Person { name, .. } | Actor::Token { name, .. } => name.clone(),
        other => other.to_string(),
    }
}

impl Act {
    /// Whether this is who asked for it: the same person, or a program with a token of the same name.
    pub fn is_of(&self, actor: &Actor) -> bool {
        self.author_id == actor.person_id() && (self.author_id.is_some() || self.author == author(actor))
    }
}

/// The act with this row. [`Error::NotFound`] if there is none, or no longer.
pub fn find(connection: &mut Db, id: i64) -> Result<Act> {
    let row: Row = bulk_acts::table.find(id).select(COLUMNS).first(connection)?;
    let ((id, author, author_id, created_at, asked, query), rest) = row;
    let (total, undo_of, begun_at, finished_at, progress) = rest;
    let counted: Vec<(Outcome, i64)> = bulk_items::table
        .filter(bulk_items::act_id.eq(id))
        .group_by(bulk_items::outcome)
        .select((bulk_items::outcome, diesel::dsl::count_star()))
        .load(connection)?;
    let undone_by = bulk_acts::table
        .filter(bulk_acts::undo_of.eq(id))
        .filter(bulk_acts::begun_at.is_not_null())
        .select(bulk_acts::id)
        .first(connection)
        .optional()?;
    let of = |outcome: Outcome| counted.iter().find(|(o, _)| *o == outcome).map_or(0, |(_, n)| *n);
    Ok(Act {
        id,
        author,
        author_id,
        created_at,
        asked: serde_json::from_str(&asked).map_err(json)?,
        query,
        total,
        undo_of,
        begun_at,
        finished_at,
        progress,
        outcomes: [of(Outcome::Changed), of(Outcome::Same), of(Outcome::Conflict), of(Outcome::Refused)],
        undone_by,
    })
}

/// The latest acts that were confirmed, newest first, at most `limit`.
pub fn latest(connection: &mut Db, limit: i64) -> Result<Vec<Act>> {
    let ids: Vec<i64> = bulk_acts::table
        .filter(bulk_acts::begun_at.is_not_null())
        .order(bulk_acts::id.desc())
        .limit(limit)
        .select(bulk_acts::id)
        .load(connection)?;
    ids.into_iter().map(|id| find(connection, id)).collect()
}

/// The reports of an act that became this, in order, at most `limit`.
pub fn became(connection: &mut Db, id: i64, outcome: Outcome, limit: i64) -> Result<Vec<ReportReference>> {
    let ids: Vec<i64> = bulk_items::table
        .filter(bulk_items::act_id.eq(id))
        .filter(bulk_items::outcome.eq(outcome))
        .order(bulk_items::report_id)
        .limit(limit)
        .select(bulk_items::report_id)
        .load(connection)?;
    Ok(ids.into_iter().map(ReportReference).collect())
}

/// The first reports that were chosen, for a preview, at most `limit`.
pub fn first_chosen(connection: &mut Db, id: i64, limit: usize) -> Result<Vec<Report>> {
    let chosen: Vec<i64> = selection(connection, id)?.into_iter().take(limit).map(|(id, _)| id).collect();
    let mut rows: Vec<Report> =
        reports::table.filter(reports::id.eq_any(&chosen)).select(Report::as_select()).load(connection)?;
    rows.sort_by_key(|r| chosen.iter().position(|id| *id == r.id));
    Ok(rows)
}

fn selection(connection: &mut Db, id: i64) -> Result<Chosen> {
    let text: String = bulk_acts::table.find(id).select(bulk_acts::selection).first(connection)?;
    serde_json::from_str(&text).map_err(json)
}

/// Does an act: what fits one step at once, the rest as a job. Confirmed again, it changes nothing.
///
/// Errors: [`Error::NotFound`]; conflict `bulk-not-yours` if somebody else asked for it.
pub fn confirm(write: &mut Write<'_>, actor: &Actor, id: i64) -> Result<()> {
    let act = find(write.connection, id)?;
    if !act.is_of(actor) {
        return Err(Error::conflict("bulk-not-yours"));
    }
    let begun = diesel::update(bulk_acts::table.find(id).filter(bulk_acts::begun_at.is_null()))
        .set(bulk_acts::begun_at.eq(write.now))
        .execute(write.connection)?;
    if begun == 0 {
        return Ok(());
    }
    let detail = format!("{} reports", act.total);
    audit::note(write, actor, "report.bulk", &format!("bulk {id}"), &detail)?;
    if !step(write, actor, id)? {
        jobs::ask(write, JobKind::Bulk, &id.to_string())?;
    }
    Ok(())
}

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

/// Does the next [`STEP`] reports of an act; `true` if none is left.
fn step(write: &mut Write<'_>, actor: &Actor, id: i64) -> Result<bool> {
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
        let (outcome, was, revision) = match by_id(write.connection, *report) {
            Ok(before) if before.revision != *revision => (Outcome::Conflict, None, before.revision),
            Ok(before) => {
                let done = match act.undo_of {
                    Some(undone) => undo_one(write, &mut desk, actor, undone, &before),
                    None => act
                        .asked
                        .of(&before, default)
                        .and_then(|changes| triage::change_one(write, &mut desk, actor, &before, &changes)),
                };
                match done {
                    Ok(Some(after)) => (Outcome::Changed, Some(Was::of(&before)), after.revision),
                    Ok(None) => (Outcome::Same, None, before.revision),
                    Err(Error::Conflict { .. } | Error::Invalid(_)) => {
                        (Outcome::Refused, None, before.revision)
                    }
                    Err(error) => return Err(error),
                }
            }
            // Removed with the demonstration meanwhile.
            Err(Error::NotFound) => continue,
            Err(error) => return Err(error),
        };
        match outcome {
            Outcome::Changed if act.asked.is_final() => {
                desk.leave.insert(*report);
            }
            Outcome::Changed => {}
            _ => left_out.push(*report),
        }
        let was = was.map(|was| serde_json::to_string(&was).map_err(json)).transpose()?;
        diesel::insert_into(bulk_items::table)
            .values((
                bulk_items::act_id.eq(id),
                bulk_items::report_id.eq(report),
                bulk_items::outcome.eq(outcome),
                bulk_items::was.eq(was.unwrap_or_default()),
                bulk_items::revision.eq(revision),
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

/// The reports that an act has changed so far.
fn changed(connection: &mut Db, id: i64) -> Result<Vec<i64>> {
    Ok(bulk_items::table
        .filter(bulk_items::act_id.eq(id))
        .filter(bulk_items::outcome.eq(Outcome::Changed))
        .select(bulk_items::report_id)
        .load(connection)?)
}

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

/// Takes an act back: every report that it changed and nobody has changed since becomes what it was,
/// also new again, for nobody had read it. Answers and notes stay. Gives the row of the act that does
/// so, which is confirmed already.
///
/// Errors: [`Error::NotFound`]; conflicts `bulk-not-finished`, `bulk-undone` (already), `bulk-nothing`
/// (it changed nothing, or was an undoing itself).
pub fn undo(write: &mut Write<'_>, actor: &Actor, id: i64) -> Result<i64> {
    let act = find(write.connection, id)?;
    if act.finished_at.is_none() {
        return Err(Error::conflict("bulk-not-finished"));
    }
    if act.undone_by.is_some() {
        return Err(Error::conflict("bulk-undone"));
    }
    let changed: Vec<(i64, i64)> = bulk_items::table
        .filter(bulk_items::act_id.eq(id))
        .filter(bulk_items::outcome.eq(Outcome::Changed))
        .order(bulk_items::report_id)
        .select((bulk_items::report_id, bulk_items::revision))
        .load(write.connection)?;
    if changed.is_empty() || act.undo_of.is_some() {
        return Err(Error::conflict("bulk-nothing"));
    }
    let undoing = insert(write, actor, &Asked::default(), &act.query, &changed, Some(id))?;
    confirm(write, actor, undoing)?;
    Ok(undoing)
}

/// Forgets acts that were never confirmed within a day, and all that are older than [`KEPT_HOURS`]; at
/// most 20 at a time. Gives how many.
pub fn forget_old(write: &mut Write<'_>) -> Result<usize> {
    let (day, kept) = (write.now.plus_hours(-24), write.now.plus_hours(-KEPT_HOURS));
    let old: Vec<i64> = bulk_acts::table
        .filter(
            bulk_acts::created_at
                .lt(kept)
                .or(bulk_acts::begun_at.is_null().and(bulk_acts::created_at.lt(day))),
        )
        .order(bulk_acts::id)
        .limit(20)
        .select(bulk_acts::id)
        .load(write.connection)?;
    Ok(diesel::delete(bulk_acts::table.filter(bulk_acts::id.eq_any(old))).execute(write.connection)?)
}
