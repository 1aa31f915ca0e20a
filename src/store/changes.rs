//! The change log: one row for every public or live change, in its own transaction, with an id that
//! rises in the order of commit. Memory copies follow it: at once in the same process, told by
//! PostgreSQL or by looking in others (`follow.rs`).

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::Write;
use super::connection::Db;
use super::error::Result;
use super::schema::{changes, reports};
use crate::domain::instant::Instant;

crate::codes! {
    /// What changed.
    pub enum Kind {
        /// A window, its notice, its components or its updates.
        Window = "window",
        /// A report came in or was changed.
        Report = "report",
        /// A survey response came in or was changed.
        Response = "response",
        /// What the operator set for the whole server.
        Settings = "settings",
    }
}

/// On which channel PostgreSQL tells other processes of a commit that announced something.
pub(super) const CHANNEL: &str = "interlude_changes";

/// How long a change is kept, in hours: 30 days. Who follows sees it within a second.
const KEPT_HOURS: i64 = 30 * 24;

impl Kind {
    /// Whether everybody may know that such a thing changed.
    pub const fn is_public(self) -> bool {
        matches!(self, Kind::Window | Kind::Settings)
    }
}

/// Adds a change. After the commit, everybody who follows is told.
///
/// On PostgreSQL what only staff may know is told once the transaction is committed (`announcer.rs`),
/// so that reports need not wait for each other.
pub fn announce(write: &mut Write<'_>, kind: Kind, window: Option<i64>) -> Result<()> {
    if matches!(write.connection, Db::Postgres(_)) && !kind.is_public() {
        write.later.push((kind, window));
        return Ok(());
    }
    enter(write, kind, window)
}

/// Writes a change into the log, in this transaction.
pub(super) fn enter(write: &mut Write<'_>, kind: Kind, window: Option<i64>) -> Result<()> {
    if let Db::Postgres(c) = &mut *write.connection {
        // Ids must become visible in their order, or a follower would skip one that commits late.
        c.batch_execute(&format!("LOCK TABLE changes IN EXCLUSIVE MODE; NOTIFY {CHANNEL}"))?;
    }
    diesel::insert_into(changes::table)
        .values((changes::kind.eq(kind), changes::window_id.eq(window), changes::at.eq(write.now)))
        .execute(write.connection)?;
    write.announced = true;
    Ok(())
}

/// Whether nobody told of the latest report, and of which window it is: an instance on PostgreSQL ended in
/// the moment between its commit and telling of it.
pub fn missed(connection: &mut Db, now: Instant) -> Result<Option<Option<i64>>> {
    if matches!(connection, Db::Sqlite(_)) {
        return Ok(None);
    }
    let latest: Option<(Instant, Option<i64>)> = reports::table
        .order(reports::id.desc())
        .select((reports::received_at, reports::window_id))
        .first(connection)
        .optional()?;
    let told: Option<Instant> = changes::table
        .filter(changes::kind.eq(Kind::Report))
        .order(changes::id.desc())
        .select(changes::at)
        .first(connection)
        .optional()?;
    // Of what came in just now it is about to be told; what was told long ago has left the log.
    let (soon, forgotten) = (now.plus_seconds(-2), now.plus_hours(-KEPT_HOURS));
    Ok(latest
        .filter(|(received, _)| {
            forgotten < *received && *received < soon && told.is_none_or(|t| t < *received)
        })
        .map(|(_, window)| window))
}

/// Tells of the latest report if nobody did.
pub fn catch_up(write: &mut Write<'_>) -> Result<()> {
    match missed(write.connection, write.now)? {
        Some(window) => enter(write, Kind::Report, window),
        None => Ok(()),
    }
}

/// The id of the latest change, 0 if there was none.
pub fn latest(connection: &mut Db) -> Result<i64> {
    Ok(changes::table.select(diesel::dsl::max(changes::id)).first::<Option<i64>>(connection)?.unwrap_or(0))
}

/// The changes after this id, oldest first, at most 1,000: id, kind, window.
pub fn after(connection: &mut Db, id: i64) -> Result<Vec<(i64, Kind, Option<i64>)>> {
    Ok(changes::table
        .filter(changes::id.gt(id))
        .order(changes::id)
        .limit(1_000)
        .select((changes::id, changes::kind, changes::window_id))
        .load(connection)?)
}

/// Forgets changes that nobody follows any longer, at most 500 at a time; the latest stays, so that
/// the numbers go on. Gives how many.
pub fn forget_old(write: &mut Write<'_>) -> Result<usize> {
    let last = latest(write.connection)?;
    let old: Vec<i64> = changes::table
        .filter(changes::at.lt(write.now.plus_hours(-KEPT_HOURS)))
        .filter(changes::id.lt(last))
        .order(changes::id)
        .limit(500)
        .select(changes::id)
        .load(write.connection)?;
    Ok(diesel::delete(changes::table.filter(changes::id.eq_any(old))).execute(write.connection)?)
}
