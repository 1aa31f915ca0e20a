//! The index of what reports say. It follows the reports: whoever changes what one says leaves its
//! number in `search_queue` in the same transaction, and the words are written about a second later,
//! many reports at once, so that nobody who reports waits for them. Cutting texts into words happens
//! between the doors; only putting them into the index holds the writer.
//!
//! The index is made from the reports and can be made again at any time: backups leave it out, and
//! wherever it is missing it is asked for by itself.

mod condition;
mod gather;
mod postgres;
mod sqlite;

use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool};

use super::connection::Db;
use super::error::Result;
use super::schema::{report_contents, search_queue};
use super::{Store, Write};
use crate::domain::search_tokens::Indexed;
pub use condition::{Search, Sight};
pub use gather::{Origin, Snippet, snippets};

/// How many reports are put into the index in one transaction.
pub const STEP: i64 = 500;
/// How long one turn of [`follow`] lasts at most: between turns the writer belongs to those who
/// report, so that a flood of reports is taken in first and found a little later.
const TURN: Duration = Duration::from_millis(150);

/// What the index keeps of one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    report: i64,
    /// There was something to say besides the reference, when it was looked at.
    has_content: bool,
    /// What every reader of reports may find.
    said: Indexed,
    /// What support alone may find: account and contact.
    private: Indexed,
}

/// Leaves word that what this report says has changed.
pub(super) fn touch(write: &mut Write<'_>, report: i64) -> Result<()> {
    diesel::insert_into(search_queue::table)
        .values(search_queue::report_id.eq(report))
        .execute(write.connection)?;
    Ok(())
}

/// Leaves word that what these reports say has changed, e.g. because contacts were purged.
pub fn touch_all(write: &mut Write<'_>, reports: &[i64]) -> Result<()> {
    for report in reports {
        touch(write, *report)?;
    }
    Ok(())
}

/// Takes reports out of the index in the transaction that erases or removes them.
pub(super) fn forget(write: &mut Write<'_>, reports: &[i64]) -> Result<()> {
    match &mut *write.connection {
        Db::Sqlite(c) => sqlite::remove(c, reports),
        Db::Postgres(c) => postgres::remove(c, reports),
    }
}

/// [`forget`] for reports that are gone altogether.
pub(super) fn forget_removed(write: &mut Write<'_>, reports: &[i64]) -> Result<()> {
    forget(write, reports)?;
    for some in reports.chunks(500) {
        diesel::delete(search_queue::table.filter(search_queue::report_id.eq_any(some)))
            .execute(write.connection)?;
    }
    Ok(())
}

/// How many words of reports wait to be put into the index.
pub fn waiting(connection: &mut Db) -> Result<i64> {
    Ok(search_queue::table.count().get_result(connection)?)
}

/// Puts into the index what waits for it, the latest first, for one turn.
///
/// Errors: those of the store. What was not done waits on.
pub async fn follow(store: &Store) -> Result<()> {
    let began = Clock::now();
    loop {
        let Some(batch) = store.read(next).await? else { return Ok(()) };
        let batch = Arc::new(batch);
        let full = batch.queued.len() as i64 == STEP;
        store.write(move |w| put(w, &batch)).await?;
        if !full || began.elapsed() > TURN {
            return Ok(());
        }
    }
}

/// [`follow`] until nothing waits any longer, on the caller's thread; gives how many there were.
pub fn follow_here(store: &Store, mut progress: impl FnMut(u64)) -> Result<u64> {
    let mut done = 0;
    while let Some(batch) = store.read_here(next)? {
        let rows = batch.queued.len() as u64;
        let batch = Arc::new(batch);
        if !store.write_here(move |w| put(w, &batch))? {
            std::thread::sleep(Duration::from_millis(50));
            continue;
        }
        done += rows;
        progress(done);
    }
    Ok(done)
}

/// What waited, cut into words.
struct Batch {
    queued: Vec<i64>,
    entries: Vec<Entry>,
}

fn next(connection: &mut Db) -> Result<Option<Batch>> {
    let rows: Vec<(i64, i64)> = search_queue::table
        .order(search_queue::id.desc())
        .limit(STEP)
        .select((search_queue::id, search_queue::report_id))
        .load(connection)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let queued = rows.iter().map(|(id, _)| *id).collect();
    let mut reports: Vec<i64> = rows.into_iter().map(|(_, report)| report).collect();
    reports.sort_unstable();
    reports.dedup();
    Ok(Some(Batch { queued, entries: gather::entries(connection, &reports)? }))
}

/// Writes what was cut and takes it from the queue. Whoever changed a report since it was looked at
/// has left word of that again; what was erased since is not brought back. `false`: another instance
/// is at it, and nothing was done.
fn put(write: &mut Write<'_>, batch: &Batch) -> Result<bool> {
    if !postgres::turn(write.connection)? {
        return Ok(false);
    }
    let ids: Vec<i64> = batch.entries.iter().map(|entry| entry.report).collect();
    let mut left: Vec<i64> = report_contents::table
        .filter(report_contents::report_id.eq_any(&ids))
        .select(report_contents::report_id)
        .load(write.connection)?;
    left.sort_unstable();
    let still = |entry: &&Entry| !entry.has_content || left.binary_search(&entry.report).is_ok();
    let entries: Vec<&Entry> = batch.entries.iter().filter(still).collect();
    match &mut *write.connection {
        Db::Sqlite(c) => sqlite::put(c, &entries)?,
        Db::Postgres(c) => postgres::put(c, &entries)?,
    }
    diesel::delete(search_queue::table.filter(search_queue::id.eq_any(&batch.queued)))
        .execute(write.connection)?;
    Ok(true)
}

#[derive(QueryableByName)]
struct Whether {
    #[diesel(sql_type = Bool)]
    so: bool,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Whether there are reports and no index, as after a restore: then [`rebuild`] is to be asked for.
/// Costs a look at one table as long as there is an index.
pub fn is_missing(connection: &mut Db) -> Result<bool> {
    // The oldest report is queued last, so a queue that was not finished is noticed.
    let rows: Vec<Whether> = sql_query(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM report_search) THEN FALSE \
         WHEN NOT EXISTS (SELECT 1 FROM reports) THEN FALSE \
         ELSE (SELECT MIN(id) FROM reports) NOT IN (SELECT report_id FROM search_queue) END AS so",
    )
    .load(connection)?;
    Ok(rows.iter().any(|row| row.so))
}

/// How many reports are queued in one transaction.
const QUEUED: i64 = 5_000;

/// Leaves word of every report, the latest first, in steps, so that [`follow`] makes all of the index;
/// what there is of it serves until then.
pub async fn rebuild(store: &Store) -> Result<()> {
    let mut below = i64::MAX;
    while let Some(last) = store.write(move |w| queue_all(w, below)).await? {
        below = last;
    }
    Ok(())
}

/// [`rebuild`] on the caller's thread.
pub fn rebuild_here(store: &Store) -> Result<()> {
    let mut below = i64::MAX;
    while let Some(last) = store.write_here(move |w| queue_all(w, below))? {
        below = last;
    }
    Ok(())
}

/// Queues the next reports with numbers below this one; gives the last of them, if there were any.
fn queue_all(write: &mut Write<'_>, below: i64) -> Result<Option<i64>> {
    let some = "SELECT id FROM reports WHERE id < $1 ORDER BY id DESC LIMIT $2";
    let last: Vec<Number> =
        sql_query(format!("SELECT id AS number FROM ({some}) AS piece ORDER BY id LIMIT 1"))
            .bind::<BigInt, _>(below)
            .bind::<BigInt, _>(QUEUED)
            .load(write.connection)?;
    let Some(last) = last.first() else { return Ok(None) };
    sql_query(format!("INSERT INTO search_queue (report_id) SELECT id FROM ({some}) AS piece ORDER BY id"))
        .bind::<BigInt, _>(below)
        .bind::<BigInt, _>(QUEUED)
        .execute(write.connection)?;
    Ok(Some(last.number))
}

/// Throws the index away, as one that is damaged has to be; [`rebuild`] makes it again, and a server
/// that finds it missing does so by itself.
pub fn throw_away(write: &mut Write<'_>) -> Result<()> {
    diesel::delete(search_queue::table).execute(write.connection)?;
    match &mut *write.connection {
        // Whatever state it is in, dropping it works.
        Db::Sqlite(c) => c.batch_execute(sqlite::MADE_AGAIN)?,
        Db::Postgres(c) => c.batch_execute("DELETE FROM report_search")?,
    }
    Ok(())
}

/// Reports that the index does not know though nobody has left word of them, and what it knows of
/// reports that do not exist; at most 100 of each. An index that is missing altogether is made by the
/// server when it starts, and is no finding.
pub(super) fn findings(connection: &mut Db) -> Result<Vec<(&'static str, i64)>> {
    if is_missing(connection)? {
        return Ok(Vec::new());
    }
    let column = if connection.is_sqlite() { "rowid" } else { "report_id" };
    let checks = [
        (
            "a report that a search does not find",
            format!(
                "SELECT id AS number FROM reports WHERE id NOT IN (SELECT {column} FROM report_search) \
                 AND id NOT IN (SELECT report_id FROM search_queue) LIMIT 100"
            ),
        ),
        (
            "words of a report that does not exist",
            format!(
                "SELECT {column} AS number FROM report_search \
                 WHERE {column} NOT IN (SELECT id FROM reports) LIMIT 100"
            ),
        ),
    ];
    let mut found = Vec::new();
    for (what, sql) in checks {
        let rows: Vec<Number> = sql_query(sql).load(connection)?;
        found.extend(rows.into_iter().map(|row| (what, row.number)));
    }
    Ok(found)
}
