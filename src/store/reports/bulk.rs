//! Acts on many reports at once. The reports are chosen when the act is asked for, each with the
//! revision that it had then; it is done when it is confirmed, up to [`jobs::STEP`] of them at once, more as
//! a job that goes on where it was. Each report is changed at most once, and one that somebody else
//! changed meanwhile is left as they made it and named.

mod step;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::Report;
use super::filter::{COUNT_MAX, Found};
use super::list::Sort;
use super::triage::{self, Changes};
use crate::domain::instant::Instant;
use crate::domain::language::Texts;
use crate::domain::reference::ReportReference;
use crate::domain::report::{Severity, Status};
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::jobs::{self, JobKind};
use crate::store::people::Actor;
use crate::store::schema::{bulk_acts, bulk_items, reports};
use crate::store::{Write, audit};
pub use step::work;

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
    outcomes: [i64; 4],
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
            bulk_acts::author.eq(actor.called()),
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

impl Act {
    /// How many reports became this so far.
    pub fn count(&self, outcome: Outcome) -> i64 {
        self.outcomes[outcome as usize]
    }

    /// Whether the number of reports must be typed before it is done: many people are answered by it.
    pub fn asks_number(&self) -> bool {
        self.asked.is_final() && self.total > 1
    }

    /// Whether this is who asked for it: the same person, or a program with a token of the same name.
    pub fn is_of(&self, actor: &Actor) -> bool {
        self.author_id == actor.person_id() && (self.author_id.is_some() || self.author == actor.called())
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
    if !step::step(write, actor, id)? {
        jobs::ask(write, JobKind::Bulk, &id.to_string())?;
    }
    Ok(())
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
