//! Taking in reports that were kept elsewhere, or made up for the demonstration.

use diesel::prelude::*;

use super::events::{self, EventKind, NewEvent};
use super::submit::attribution;
use super::{Report, ReportContent, next_id};
use crate::domain::attribution::{Attribution, Extent, Occurrence as Where, attribute};
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::reference::ReportReference;
use crate::domain::report::{Category, Impact, Occurrence, Severity, Source, Status, Verdict};
use crate::domain::secret;
use crate::domain::targets::Due;
use crate::domain::urgency::{Facts, Spread};
use crate::domain::window::ReportStage;
use crate::domain::zone::Zone;
use crate::store::connection::Db;
use crate::store::counters::{Cell, Tally};
use crate::store::error::{Error, Result};
use crate::store::instance::random_secret;
use crate::store::schema::{report_contents, reports};
use crate::store::triage_rules::{self, Rules};
use crate::store::{Write, changes, known_issues, search, windows};

/// How it is known to which window an imported report belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belongs {
    /// As the file says, whatever the windows here say.
    Said {
        /// The window's row; nothing: outside of all.
        window: Option<i64>,
        /// The stage, if it is known.
        stage: Option<ReportStage>,
    },
    /// To be found from the time, and from the window named if one is.
    Found {
        /// The window named.
        named: Option<i64>,
    },
}

/// A report that comes from elsewhere, checked.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The number that it keeps, if the file is our own; else it gets the next one.
    pub id: Option<i64>,
    /// What the file calls it; a second import finds it again by this.
    pub imported_as: Option<String>,
    /// Where it belongs.
    pub belongs: Belongs,
    /// The component that it is about.
    pub component: Option<i64>,
    /// What kind of problem it is.
    pub category: Category,
    /// What it stopped the reporter from doing; may be unknown.
    pub impact: Impact,
    /// How urgently support took it.
    pub severity: Option<Severity>,
    /// Where it stands.
    pub status: Status,
    /// When it occurred; may be unknown.
    pub occurrence: Occurrence,
    /// When it arrived where it was first kept.
    pub received_at: Instant,
    /// When it was written, if that was before it could be sent.
    pub written_at: Option<Instant>,
    /// The sender's zone.
    pub time_zone: Option<Zone>,
    /// The language that the sender reads.
    pub language: Language,
    /// On which way it came.
    pub source: Source,
    /// The person who looks after it.
    pub assignee: Option<i64>,
    /// When support first answered; the first of `answers` if nothing is said here.
    pub first_answer_at: Option<Instant>,
    /// When it was resolved.
    pub resolved_at: Option<Instant>,
    /// What the reporter says of the outcome.
    pub verdict: Option<Verdict>,
    /// What support answered, oldest first.
    pub answers: Vec<(Instant, String)>,
    /// What it says; nothing if it was erased where it was kept.
    pub content: Option<ReportContent>,
    /// Belongs to the demonstration.
    pub demonstration: bool,
}

/// What became of one imported report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is here now, with this number.
    New(i64),
    /// It was here already, with this number; nothing was changed.
    Known(i64),
}

/// Takes these reports in, each once: one that is here already, by `imported_as` or by number and
/// time of arrival, is left as it is. Counts are written once for all of them. Nobody can open the
/// receipt of an imported report: its secrets stayed where it came from.
///
/// Errors: conflict `reference-taken` (`reference`) if another report has that number here.
pub fn import(write: &mut Write<'_>, all: &[Imported]) -> Result<Vec<Outcome>> {
    if let (Some(highest), Db::Postgres(c)) =
        (all.iter().filter_map(|one| one.id).max(), &mut *write.connection)
    {
        // The sequence goes on above the numbers that come with the file, and never goes back.
        diesel::sql_query("SELECT setval('reports_id_seq', $1) FROM reports_id_seq WHERE last_value < $1")
            .bind::<diesel::sql_types::BigInt, _>(highest)
            .execute(c)?;
    }
    let mut tally = Tally::default();
    let mut windows = Vec::new();
    let mut outcomes = Vec::with_capacity(all.len());
    let extents = extents(write.connection, all)?;
    let rules = triage_rules::load(write.connection)?;
    for one in all {
        if let Some(id) = known(write.connection, one)? {
            outcomes.push(Outcome::Known(id));
            continue;
        }
        let (id, cell) = insert(write, one, &extents, &rules)?;
        tally.add(&cell);
        if !windows.contains(&cell.window) {
            windows.push(cell.window);
        }
        outcomes.push(Outcome::New(id));
    }
    tally.write(write)?;
    for window in windows {
        changes::announce(write, changes::Kind::Report, window)?;
    }
    Ok(outcomes)
}

/// Removes the reports of the demonstration, at most `limit` of them, with everything that belongs to
/// them and their counts. Gives how many there were; fewer than `limit` means that none is left.
pub fn remove_demonstration(write: &mut Write<'_>, limit: i64) -> Result<usize> {
    let doomed = reports::table
        .filter(reports::demonstration.eq(true))
        .order(reports::id)
        .limit(limit)
        .select(Report::as_select())
        .load(write.connection)?;
    let mut tally = Tally::default();
    let mut ids = Vec::with_capacity(doomed.len());
    for report in &doomed {
        if let Some(issue) = report.known_issue_id {
            known_issues::count(write, issue, -1, 0)?;
        }
        tally.remove(&report.cell());
        ids.push(report.id);
    }
    tally.write(write)?;
    search::forget_removed(write, &ids)?;
    for some in ids.chunks(500) {
        // What real reports repeated is gone; they stay duplicates, of nothing that is here.
        diesel::update(reports::table.filter(reports::duplicate_of_id.assume_not_null().eq_any(some)))
            .set(reports::duplicate_of_id.eq(None::<i64>))
            .execute(write.connection)?;
        diesel::delete(reports::table.filter(reports::id.eq_any(some))).execute(write.connection)?;
    }
    if !ids.is_empty() {
        changes::announce(write, changes::Kind::Report, None)?;
    }
    Ok(ids.len())
}

fn known(connection: &mut Db, one: &Imported) -> Result<Option<i64>> {
    if let Some(name) = &one.imported_as {
        let found = reports::table
            .filter(reports::imported_as.eq(name))
            .select(reports::id)
            .first::<i64>(connection)
            .optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let Some(id) = one.id else { return Ok(None) };
    let found =
        reports::table.find(id).select(reports::received_at).first::<Instant>(connection).optional()?;
    match found {
        // Exports write milliseconds.
        Some(received) if received.rfc3339() == one.received_at.rfc3339() => Ok(Some(id)),
        Some(_) => {
            Err(Error::conflict_with("reference-taken", [("reference", ReportReference(id).to_string())]))
        }
        None => Ok(None),
    }
}

/// The windows that those among these may belong to whose window has to be found, loaded once.
fn extents(connection: &mut Db, all: &[Imported]) -> Result<Vec<Extent>> {
    let found = all.iter().filter(|one| one.belongs == Belongs::Found { named: None });
    let times: Vec<Instant> = found.filter_map(|one| one.occurrence.at).collect();
    match (times.iter().min(), times.iter().max()) {
        (Some(first), Some(last)) => windows::extents_between(connection, *first, *last),
        _ => Ok(Vec::new()),
    }
}

/// What is owed to a report that comes from elsewhere: nothing if it was kept there, for its promises
/// were made there too.
fn due(write: &mut Write<'_>, one: &Imported, window: Option<i64>, rules: &Rules) -> Result<Due> {
    if one.source == Source::Import || one.status.is_done() {
        return Ok(Due::default());
    }
    let hours = triage_rules::hours(write.connection, rules, window)?;
    let target = rules.targets.target(one.impact, one.severity);
    Ok(Due::of(target, hours.as_ref(), one.received_at, &[]))
}

fn insert(write: &mut Write<'_>, one: &Imported, extents: &[Extent], rules: &Rules) -> Result<(i64, Cell)> {
    let attribution = match one.belongs {
        Belongs::Said { window, stage } => Attribution { window, stage, filed_under: window },
        Belongs::Found { named } => {
            let place = Where { at: one.occurrence.at, named, component: one.component };
            // What has neither a time nor a window belongs to none; nothing need be looked up.
            match (named, place.at) {
                (None, None) => Attribution::default(),
                (None, Some(_)) => attribute(extents, place),
                (Some(_), _) => attribution(write.connection, place, one.received_at)?,
            }
        }
    };
    let id = match one.id {
        Some(id) => id,
        None => next_id(write.connection)?,
    };
    let cell = Cell {
        window: attribution.window,
        stage: attribution.stage,
        component: one.component,
        category: one.category,
        impact: one.impact,
        status: one.status,
        minute: one.occurrence.at.map(Instant::minute),
    };
    let first_answer_at = one.first_answer_at.or(one.answers.first().map(|(at, _)| *at));
    let due = due(write, one, attribution.window, rules)?;
    // What others report and how long it has waited is weighed by the clock.
    let facts = Facts {
        impact: one.impact,
        severity: one.severity,
        component: 0,
        spread: Spread::default(),
        waiting: None,
        overdue: false,
        wrote: false,
        done: one.status.is_done(),
    };
    diesel::insert_into(reports::table)
        .values((
            (
                reports::id.eq(id),
                reports::window_id.eq(attribution.window),
                reports::filed_under.eq(attribution.filed_under),
                reports::stage.eq(attribution.stage),
                reports::component_id.eq(one.component),
                reports::category.eq(one.category),
                reports::impact.eq(one.impact),
                reports::severity.eq(one.severity),
                reports::urgency.eq(facts.points(&rules.weights)),
                reports::status.eq(one.status),
                reports::occurred_at.eq(one.occurrence.at),
                reports::precision.eq(one.occurrence.precision),
                reports::received_at.eq(one.received_at),
            ),
            (
                reports::written_at.eq(one.written_at),
                reports::time_zone.eq(one.time_zone.map(Zone::name)),
                reports::language.eq(one.language),
                reports::source.eq(one.source),
                reports::assignee_id.eq(one.assignee),
                reports::first_answer_at.eq(first_answer_at),
                reports::resolved_at.eq(one.resolved_at),
                reports::verdict.eq(one.verdict),
                reports::link_hash.eq(secret::hash(&random_secret())),
                reports::code_hash.eq(secret::hash(&random_secret())),
                reports::imported_as.eq(&one.imported_as),
                reports::demonstration.eq(one.demonstration),
                reports::revision.eq(1i64),
                (reports::answer_due_at.eq(due.answer), reports::resolution_due_at.eq(due.resolution)),
            ),
        ))
        .execute(write.connection)?;
    if let Some(content) = &one.content {
        diesel::insert_into(report_contents::table)
            .values((report_contents::report_id.eq(id), content.clone()))
            .execute(write.connection)?;
    }
    events::append_at(write, NewEvent::new(id, EventKind::Received), one.received_at)?;
    for (at, answer) in &one.answers {
        events::append_at(write, NewEvent::new(id, EventKind::Answer).saying(answer), *at)?;
    }
    Ok((id, cell))
}
