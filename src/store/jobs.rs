//! Long work, kept as rows so that it goes on after a restart: done in steps, each step and its
//! progress in one transaction.

use diesel::prelude::*;

use super::Write;
use super::connection::Db;
use super::error::Result;
use super::schema::jobs;
use crate::domain::instant::Instant;

crate::codes! {
    /// What a job does.
    pub enum JobKind {
        /// Attributes the reports around a moved window again.
        Reattribute = "reattribute",
        /// Decides who is to be told of a survey that has opened.
        SurveyInvite = "survey-invite",
        /// Tells everybody who met a known issue that it is resolved.
        Resolve = "resolve",
        /// Goes on with an act on many reports.
        Bulk = "bulk",
        /// Tells those whose reports repeat another one what the reporter of that one was told.
        Duplicates = "duplicates",
    }
}

/// A job that is not done yet.
#[derive(Debug, Clone, Queryable)]
pub struct Job {
    /// Its row.
    pub id: i64,
    /// What it does.
    pub kind: JobKind,
    /// To what, as the kind understands it.
    pub payload: String,
    /// How far it is, as the kind understands it.
    pub progress: i64,
}

/// How many rows a step may change.
pub const STEP: i64 = 500;

/// Asks for a job, from now on.
pub fn ask(write: &mut Write<'_>, kind: JobKind, payload: &str) -> Result<()> {
    diesel::insert_into(jobs::table)
        .values((
            jobs::kind.eq(kind),
            jobs::payload.eq(payload),
            jobs::due_at.eq(write.now),
            jobs::progress.eq(0i64),
            jobs::attempts.eq(0),
        ))
        .execute(write.connection)?;
    Ok(())
}

/// The jobs that are due.
pub fn due(connection: &mut Db, now: Instant) -> Result<Vec<Job>> {
    Ok(jobs::table
        .filter(jobs::done_at.is_null())
        .filter(jobs::due_at.le(now))
        .order(jobs::id)
        .limit(100)
        .select((jobs::id, jobs::kind, jobs::payload, jobs::progress))
        .load(connection)?)
}

/// How many jobs are due and not done.
pub fn count_due(connection: &mut Db, now: Instant) -> Result<i64> {
    Ok(jobs::table
        .filter(jobs::done_at.is_null())
        .filter(jobs::due_at.le(now))
        .count()
        .get_result(connection)?)
}

/// The job with this row, if it is not done.
pub fn find(connection: &mut Db, id: i64) -> Result<Option<Job>> {
    Ok(jobs::table
        .find(id)
        .filter(jobs::done_at.is_null())
        .select((jobs::id, jobs::kind, jobs::payload, jobs::progress))
        .first(connection)
        .optional()?)
}

/// Moves a job on from the progress that the step began at. `false`: somebody else did that step,
/// and everything of this one must be undone.
pub fn advance(write: &mut Write<'_>, job: &Job, progress: i64, done: bool) -> Result<bool> {
    let changed = diesel::update(
        jobs::table.find(job.id).filter(jobs::progress.eq(job.progress)).filter(jobs::done_at.is_null()),
    )
    .set((jobs::progress.eq(progress), jobs::done_at.eq(done.then_some(write.now))))
    .execute(write.connection)?;
    Ok(changed == 1)
}

/// Puts a job off after a failure, a little longer each time.
pub fn postpone(write: &mut Write<'_>, id: i64, problem: &str) -> Result<()> {
    let attempts: i32 = jobs::table.find(id).select(jobs::attempts).first(write.connection)?;
    let wait = 1i64 << attempts.clamp(0, 10);
    diesel::update(jobs::table.find(id))
        .set((
            jobs::attempts.eq(attempts + 1),
            jobs::problem.eq(problem),
            jobs::due_at.eq(write.now.plus_seconds(wait)),
        ))
        .execute(write.connection)?;
    Ok(())
}
