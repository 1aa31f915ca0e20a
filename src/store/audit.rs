//! Who did what to which thing when. Only ever added to: the database itself refuses to change a row,
//! or to take one away before it is a year old.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::Write;
use super::connection::{Db, substr};
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
    /// Who: `person:li.wei`, `token:exports`, `command line`, `clock`, `provider`, `reporter`,
    /// `unknown`.
    pub actor: String,
    /// What, e.g. `report.status`.
    pub action: String,
    /// To which thing, e.g. `R-7KQ4M2`.
    pub thing: String,
    /// More, for people; never a contact or a text of a report.
    pub detail: String,
}

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Exactly this.
    Is(String),
    /// Whatever begins so.
    Begins(String),
}

/// Which acts are asked for. What is not said is not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By whom, as the row says it.
    pub actor: Option<String>,
    /// What was done.
    pub action: Option<Wanted>,
    /// To which thing.
    pub thing: Option<Wanted>,
    /// From this moment on.
    pub from: Option<Instant>,
    /// Before this moment.
    pub to: Option<Instant>,
}

/// Notes an act, in the transaction that does it.
pub fn note(write: &mut Write<'_>, actor: &Actor, action: &str, thing: &str, detail: &str) -> Result<()> {
    note_by(write, &actor.to_string(), action, thing, detail)
}

/// Notes an act of somebody who is not known, such as a log-in that was refused.
pub fn note_unknown(write: &mut Write<'_>, action: &str, thing: &str, detail: &str) -> Result<()> {
    note_by(write, "unknown", action, thing, detail)
}

/// Notes an act of the holder of a receipt, who is nobody to us.
pub fn note_reporter(write: &mut Write<'_>, action: &str, thing: &str, detail: &str) -> Result<()> {
    note_by(write, "reporter", action, thing, detail)
}

fn note_by(write: &mut Write<'_>, actor: &str, action: &str, thing: &str, detail: &str) -> Result<()> {
    diesel::insert_into(audit_rows::table)
        .values((
            audit_rows::at.eq(write.now),
            audit_rows::actor.eq(actor),
            audit_rows::action.eq(action),
            audit_rows::thing.eq(thing),
            audit_rows::detail.eq(detail),
        ))
        .execute(write.connection)?;
    Ok(())
}

/// The latest acts before this id (or of all), newest first.
pub fn list(connection: &mut Db, before: Option<i64>, limit: i64) -> Result<Vec<AuditRow>> {
    find(connection, &AuditFilter::default(), before, limit)
}

/// The latest acts that fit, before this id (or of all), newest first.
pub fn find(
    connection: &mut Db,
    filter: &AuditFilter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<AuditRow>> {
    let mut query = audit_rows::table.order(audit_rows::id.desc()).limit(limit).into_boxed();
    if let Some(before) = before {
        query = query.filter(audit_rows::id.lt(before));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(audit_rows::actor.eq(actor.clone()));
    }
    // LIKE would not tell capitals apart on SQLite.
    match &filter.action {
        Some(Wanted::Is(action)) => query = query.filter(audit_rows::action.eq(action.clone())),
        Some(Wanted::Begins(start)) => {
            query = query.filter(substr(audit_rows::action, 1, letters(start)).eq(start.clone()));
        }
        None => {}
    }
    match &filter.thing {
        Some(Wanted::Is(thing)) => query = query.filter(audit_rows::thing.eq(thing.clone())),
        Some(Wanted::Begins(start)) => {
            query = query.filter(substr(audit_rows::thing, 1, letters(start)).eq(start.clone()));
        }
        None => {}
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_rows::at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(audit_rows::at.lt(to));
    }
    Ok(query.load(connection)?)
}

fn letters(text: &str) -> i32 {
    i32::try_from(text.chars().count()).unwrap_or(i32::MAX)
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

/// The actors and the acts that occur, each in the order of their words, at most 500 of each.
pub fn occurring(connection: &mut Db) -> Result<(Vec<String>, Vec<String>)> {
    // From one word to the next by the index, however many rows each has.
    let mut words = |column: &str| -> Result<Vec<String>> {
        let sql = format!(
            "WITH RECURSIVE seen (word) AS (SELECT MIN({column}) FROM audit_rows UNION ALL \
             SELECT (SELECT MIN({column}) FROM audit_rows WHERE {column} > seen.word) \
             FROM seen WHERE seen.word IS NOT NULL) \
             SELECT word FROM seen WHERE word IS NOT NULL LIMIT 500"
        );
        Ok(diesel::sql_query(sql).load::<Word>(connection)?.into_iter().map(|w| w.word).collect())
    };
    Ok((words("actor")?, words("action")?))
}
