//! Responses that were given elsewhere, with their own times.

use diesel::prelude::*;

use super::columns;
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::reference::ResponseReference;
use crate::domain::survey::{Answers, Exposure, TemplateKey};
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::schema::responses;
use crate::store::{Write, changes, surveys};

/// A response from a file, checked.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The name it had in the server that exported it. It keeps it.
    pub reference: Option<ResponseReference>,
    /// What it is called where it comes from, so that importing twice doubles nothing.
    pub imported_as: Option<String>,
    /// The row of its window.
    pub window: i64,
    /// The template that was answered.
    pub template: TemplateKey,
    /// When it was given.
    pub submitted_at: Instant,
    /// In which language.
    pub language: Language,
    /// Whether it came by an invitation.
    pub invited: bool,
    /// How they are known to have met the window.
    pub exposure: Exposure,
    /// What was answered.
    pub answers: Answers,
    /// Belongs to the demonstration.
    pub demonstration: bool,
}

/// What came of importing one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is here now, under this name.
    Added(ResponseReference),
    /// It was here already.
    Known(ResponseReference),
    /// Another response has its name here; nothing was done.
    NameTaken(ResponseReference),
}

/// Takes responses from a file, at most a few hundred at a time, each once. The survey need not be
/// open. Nobody can change them by a link.
pub fn imported(write: &mut Write<'_>, rows: &[Imported]) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::with_capacity(rows.len());
    let mut touched: Vec<i64> = Vec::new();
    count_on_behind(write, rows)?;
    for row in rows {
        if let Some(known) = known(write, row)? {
            outcomes.push(known);
            continue;
        }
        let version = surveys::asked(write.connection, &row.template)?.version as i32;
        let values = (
            responses::window_id.eq(row.window),
            responses::template.eq(row.template.code()),
            responses::template_version.eq(version),
            responses::submitted_at.eq(row.submitted_at),
            responses::changed_at.eq(row.submitted_at),
            responses::language.eq(row.language),
            responses::invited.eq(row.invited),
            responses::exposure.eq(row.exposure.code()),
            columns(&row.answers)?,
            // No text has this hash, so no link opens it.
            responses::edit_hash.eq(""),
            responses::completed_at.eq(row.answers.complete.then_some(row.submitted_at)),
            responses::imported_as.eq(row.imported_as.as_deref()),
            responses::demonstration.eq(row.demonstration),
        );
        let id: i64 = match row.reference {
            Some(reference) => diesel::insert_into(responses::table)
                .values((responses::id.eq(reference.0), values))
                .returning(responses::id)
                .get_result(write.connection)?,
            None => diesel::insert_into(responses::table)
                .values(values)
                .returning(responses::id)
                .get_result(write.connection)?,
        };
        outcomes.push(Outcome::Added(ResponseReference(id)));
        if !touched.contains(&row.window) {
            touched.push(row.window);
        }
    }
    for window in touched {
        changes::announce(write, changes::Kind::Response, Some(window))?;
    }
    Ok(outcomes)
}

fn known(write: &mut Write<'_>, row: &Imported) -> Result<Option<Outcome>> {
    if let Some(source) = &row.imported_as {
        let id: Option<i64> = responses::table
            .filter(responses::imported_as.eq(source))
            .select(responses::id)
            .first(write.connection)
            .optional()?;
        if let Some(id) = id {
            return Ok(Some(Outcome::Known(ResponseReference(id))));
        }
    }
    let Some(reference) = row.reference else { return Ok(None) };
    let there = responses::table
        .find(reference.0)
        .select((responses::window_id, responses::submitted_at))
        .first::<(i64, Instant)>(write.connection)
        .optional()?;
    // Exports write milliseconds, so the same moment may have lost the rest here.
    Ok(there.map(|(window, at)| {
        let same = window == row.window && at.micros() / 1_000 == row.submitted_at.micros() / 1_000;
        if same { Outcome::Known(reference) } else { Outcome::NameTaken(reference) }
    }))
}

/// PostgreSQL does not see names that were given; what comes next must not get one of them. SQLite
/// looks by itself.
fn count_on_behind(write: &mut Write<'_>, rows: &[Imported]) -> Result<()> {
    let highest = rows.iter().filter_map(|row| row.reference).max();
    if let (Some(highest), Db::Postgres(connection)) = (highest, &mut *write.connection) {
        diesel::sql_query(
            "SELECT setval('responses_id_seq', $1) FROM responses_id_seq WHERE last_value < $1",
        )
        .bind::<diesel::sql_types::BigInt, _>(highest.0)
        .execute(connection)?;
    }
    Ok(())
}

/// Removes the responses of the demonstration, at most `limit` of them. Gives how many there were;
/// fewer than `limit` means that none is left.
pub fn remove_demonstration(write: &mut Write<'_>, limit: i64) -> Result<usize> {
    let some: Vec<i64> = responses::table
        .filter(responses::demonstration.eq(true))
        .order(responses::id)
        .limit(limit)
        .select(responses::id)
        .load(write.connection)?;
    Ok(diesel::delete(responses::table.filter(responses::id.eq_any(some))).execute(write.connection)?)
}
