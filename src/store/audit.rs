//! Who did what to which thing when. Only ever added to.

use diesel::prelude::*;

use super::Write;
use super::connection::Db;
use super::error::Result;
use super::people::Actor;
use super::schema::audit_rows;
use crate::domain::instant::Instant;

/// One act.
#[derive(Debug, Clone, Queryable, serde::Serialize)]
pub struct AuditRow {
    /// Rises with time.
    pub id: i64,
    /// When.
    pub at: Instant,
    /// Who: `person:li.wei`, `token:exports`, `command line`, `clock`.
    pub actor: String,
    /// What, e.g. `report.status`.
    pub action: String,
    /// To which thing, e.g. `R-7KQ4M2`.
    pub thing: String,
    /// More, for people; never a contact or a text of a report.
    pub detail: String,
}

/// Notes an act, in the transaction that does it.
pub fn note(write: &mut Write<'_>, actor: &Actor, action: &str, thing: &str, detail: &str) -> Result<()> {
    diesel::insert_into(audit_rows::table)
        .values((
            audit_rows::at.eq(write.now),
            audit_rows::actor.eq(actor.to_string()),
            audit_rows::action.eq(action),
            audit_rows::thing.eq(thing),
            audit_rows::detail.eq(detail),
        ))
        .execute(write.connection)?;
    Ok(())
}

/// The latest acts before this id (or of all), newest first.
pub fn list(connection: &mut Db, before: Option<i64>, limit: i64) -> Result<Vec<AuditRow>> {
    let mut query = audit_rows::table.order(audit_rows::id.desc()).limit(limit).into_boxed();
    if let Some(before) = before {
        query = query.filter(audit_rows::id.lt(before));
    }
    Ok(query.load(connection)?)
}
