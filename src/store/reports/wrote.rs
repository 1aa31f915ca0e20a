//! Which reporters wrote after the last answer: a row for each, kept in the transaction that makes it so.
//! There are few of them, for each waits for somebody.

use std::collections::HashSet;

use diesel::prelude::*;

use super::Report;
use crate::domain::instant::Instant;
use crate::each_database;
use crate::store::Write;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::schema::report_wrote;

/// Notes that the reporter just wrote, if there was an answer to write after, or nobody is to answer
/// any more. Whoever has not been answered at all waits anyway.
pub(super) fn note(write: &mut Write<'_>, report: &Report) -> Result<()> {
    if report.first_answer_at.is_none() && !report.status.is_done() {
        return Ok(());
    }
    each_database!(&mut *write.connection, c => diesel::insert_into(report_wrote::table)
        .values((report_wrote::report_id.eq(report.id), report_wrote::at.eq(write.now)))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Notes that the reporter was answered, or needs no answer; whether there was anything to answer.
pub(in crate::store) fn answered(write: &mut Write<'_>, report: i64) -> Result<bool> {
    Ok(diesel::delete(report_wrote::table.find(report)).execute(write.connection)? > 0)
}

/// Since when a reporter waits for an answer to what they wrote; nothing if they do not.
pub fn since(connection: &mut Db, report: i64) -> Result<Option<Instant>> {
    Ok(report_wrote::table.find(report).select(report_wrote::at).first(connection).optional()?)
}

/// All reports whose reporters wrote after the last answer.
pub(super) fn all(connection: &mut Db) -> Result<HashSet<i64>> {
    let ids: Vec<i64> = report_wrote::table.select(report_wrote::report_id).load(connection)?;
    Ok(ids.into_iter().collect())
}
