//! Resolving a known issue: everybody who reported it or said "me too" is answered once.
//!
//! The promise: however often a step is broken off, and however many runners take steps, nobody is
//! told twice and nobody is missed. Each report that is told gets a row of `known_issue_told` in the
//! same transaction, and a resolution has at most one for each report; a me-too carries the number
//! of the resolution it was told of. Linking, saying "me too", resolving and every step hold the
//! known issue's row, so whoever links something after the resolution sees it and tells at once.

use diesel::prelude::*;

use super::edit::note_status;
use super::{Fact, KnownIssue, by_id, hold};
use crate::domain::instant::Instant;
use crate::domain::known_issue::IssueStatus;
use crate::domain::language::{Language, Texts};
use crate::domain::report::{Status, Verdict};
use crate::each_database;
use crate::store::connection::Db;
use crate::store::counters::Tally;
use crate::store::error::{Error, Result};
use crate::store::jobs::{self, Job, JobKind, STEP};
use crate::store::people::{self, Actor};
use crate::store::reports::events::{self as report_events, EventKind as ReportEvent, NewEvent};
use crate::store::reports::{Report, changed_one, contents, duplicates, wrote};
use crate::store::schema::{known_issue_resolutions, known_issue_told, known_issues, me_toos, reports};
use crate::store::texts::{self, Thing};
use crate::store::{Write, audit, changes, instance, me_toos as me_too_verbs};

/// One time that a known issue was resolved.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = known_issue_resolutions)]
pub struct Resolution {
    /// Its row.
    pub id: i64,
    /// The known issue.
    pub known_issue_id: i64,
    /// Who resolved it, if it was a person.
    pub author_id: Option<i64>,
    /// When.
    pub at: Instant,
    /// How many reports have been told so far.
    pub reports_told: i64,
    /// How many me-toos have been told so far.
    pub me_toos_told: i64,
    /// When everybody who was there at the time had been told.
    pub done_at: Option<Instant>,
    /// When the known issue was reopened.
    pub reopened_at: Option<Instant>,
}

/// Every time that a known issue was resolved, the last one first, with what was told.
pub fn resolutions(connection: &mut Db, issue: i64) -> Result<Vec<(Resolution, Texts)>> {
    let found: Vec<Resolution> = known_issue_resolutions::table
        .filter(known_issue_resolutions::known_issue_id.eq(issue))
        .order(known_issue_resolutions::id.desc())
        .select(Resolution::as_select())
        .load(connection)?;
    let ids: Vec<i64> = found.iter().map(|r| r.id).collect();
    let mut said = texts::load(connection, Thing::Resolution, &ids)?;
    Ok(found
        .into_iter()
        .map(|r| (said.remove(&r.id).unwrap_or_default().field("answer"), r))
        .map(|(t, r)| (r, t))
        .collect())
}

/// What everybody was told at a resolution.
fn told_texts(connection: &mut Db, resolution: i64) -> Result<Texts> {
    Ok(texts::load(connection, Thing::Resolution, &[resolution])?
        .remove(&resolution)
        .unwrap_or_default()
        .field("answer"))
}

/// Resolves a known issue as `expected`, the revision that was looked at, shows it, and asks for the
/// job that answers everybody.
///
/// Errors: [`Error::Stale`]; conflict `known-issue-resolved` if it is resolved already.
pub fn resolve(
    write: &mut Write<'_>,
    actor: &Actor,
    id: i64,
    expected: Option<i64>,
    answer: &Texts,
) -> Result<KnownIssue> {
    let held = expected_one(write, id, expected)?;
    if !held.status.is_open() {
        return Err(Error::conflict("known-issue-resolved"));
    }
    let resolution: i64 = diesel::insert_into(known_issue_resolutions::table)
        .values((
            known_issue_resolutions::known_issue_id.eq(id),
            known_issue_resolutions::author_id.eq(actor.person_id()),
            known_issue_resolutions::at.eq(write.now),
            known_issue_resolutions::reports_told.eq(0i64),
            known_issue_resolutions::me_toos_told.eq(0i64),
        ))
        .returning(known_issue_resolutions::id)
        .get_result(write.connection)?;
    texts::replace(write, Thing::Resolution, resolution, "answer", answer)?;
    become_now(write, actor, &held, IssueStatus::Resolved, Some(resolution))?;
    jobs::ask(write, JobKind::Resolve, &resolution.to_string())?;
    by_id(write.connection, id)
}

/// Takes a resolved known issue up again. What was told stays told; whoever has not been told yet is
/// not told any more. Resolved again, everybody who is linked by then is told of that.
///
/// Errors: [`Error::Stale`]; conflict `known-issue-open` if it is not resolved.
pub fn reopen(
    write: &mut Write<'_>,
    actor: &Actor,
    id: i64,
    expected: Option<i64>,
    to: IssueStatus,
) -> Result<KnownIssue> {
    let held = expected_one(write, id, expected)?;
    let Some(resolution) = held.resolution_id else { return Err(Error::conflict("known-issue-open")) };
    if !to.is_open() {
        return Err(Error::field("status", "known-issue-status"));
    }
    diesel::update(known_issue_resolutions::table.find(resolution))
        .set(known_issue_resolutions::reopened_at.eq(write.now))
        .execute(write.connection)?;
    become_now(write, actor, &held, to, None)?;
    by_id(write.connection, id)
}

fn expected_one(write: &mut Write<'_>, id: i64, expected: Option<i64>) -> Result<Fact> {
    let held = hold(write, id)?;
    if expected.is_some_and(|revision| revision != held.revision) { Err(Error::Stale) } else { Ok(held) }
}

fn become_now(
    write: &mut Write<'_>,
    actor: &Actor,
    held: &Fact,
    status: IssueStatus,
    resolution: Option<i64>,
) -> Result<()> {
    diesel::update(known_issues::table.find(held.id))
        .set((
            known_issues::status.eq(status),
            known_issues::resolution_id.eq(resolution),
            known_issues::resolved_at.eq(resolution.map(|_| write.now)),
            known_issues::changed_at.eq(write.now),
            known_issues::revision.eq(known_issues::revision + 1),
        ))
        .execute(write.connection)?;
    note_status(write, actor, held, status)?;
    changes::announce(write, changes::Kind::Window, held.window_id)
}

/// What is told at a resolution, loaded once for many.
pub(super) struct Teller {
    resolution: Resolution,
    /// Who resolved it, to whom the audit log puts down what follows from that.
    author: Actor,
    answer: Texts,
    default: Language,
}

impl Teller {
    pub(super) fn load(connection: &mut Db, resolution: i64) -> Result<Teller> {
        let answer = told_texts(connection, resolution)?;
        let resolution = known_issue_resolutions::table
            .find(resolution)
            .select(Resolution::as_select())
            .first(connection)?;
        let author = people::acting(connection, resolution.author_id)?;
        let default = instance::settings(connection)?.default_language;
        Ok(Teller { resolution, author, answer, default })
    }

    fn words(&self, language: Language) -> &str {
        self.answer.text(language, self.default)
    }

    /// Counts who was told.
    pub(super) fn count(&self, write: &mut Write<'_>, reports: i64, me_toos: i64) -> Result<()> {
        use known_issue_resolutions as t;
        diesel::update(t::table.find(self.resolution.id))
            .set((
                t::reports_told.eq(t::reports_told + reports),
                t::me_toos_told.eq(t::me_toos_told + me_toos),
            ))
            .execute(write.connection)?;
        Ok(())
    }
}

/// Tells the reporter of one report, unless that was done before, and gives the report as it then
/// is. Resolves it if it is not done with; one whose content was erased is resolved without words.
/// The caller counts.
pub(super) fn tell_report(
    write: &mut Write<'_>,
    teller: &Teller,
    report: &Report,
    leave: &dyn Fn(&Report) -> bool,
) -> Result<Option<Report>> {
    let said = contents(write.connection, &[report.id])?.contains_key(&report.id);
    tell(write, teller, report, said, leave)
}

/// Also tells those who repeat the report, but for those who are told by the known issue itself.
fn tell(
    write: &mut Write<'_>,
    teller: &Teller,
    report: &Report,
    said: bool,
    leave: &dyn Fn(&Report) -> bool,
) -> Result<Option<Report>> {
    let first = each_database!(&mut *write.connection, c => diesel::insert_into(known_issue_told::table)
        .values((
            known_issue_told::resolution_id.eq(teller.resolution.id),
            known_issue_told::report_id.eq(report.id),
            known_issue_told::at.eq(write.now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if first == 0 {
        return Ok(None);
    }
    let mut after = report.clone();
    after.revision += 1;
    if report.status.may_become(Status::Resolved) {
        after.status = Status::Resolved;
        after.resolved_at = Some(write.now);
        after.verdict = None::<Verdict>;
        // What is done is not urgent.
        after.urgency = 0;
    }
    if said {
        after.first_answer_at = report.first_answer_at.or(Some(write.now));
        wrote::answered(write, report.id)?;
    }
    let rows = diesel::update(reports::table.find(report.id).filter(reports::revision.eq(report.revision)))
        .set((
            reports::status.eq(after.status),
            reports::urgency.eq(after.urgency),
            reports::resolved_at.eq(after.resolved_at),
            reports::verdict.eq(after.verdict),
            reports::first_answer_at.eq(after.first_answer_at),
            reports::revision.eq(after.revision),
        ))
        .execute(write.connection)?;
    changed_one(rows)?;
    let event = |kind| NewEvent::new(report.id, kind).by(teller.resolution.author_id);
    let mut news = Vec::new();
    if after.status != report.status {
        let (was, became) = (report.status.code(), after.status.code());
        report_events::append(write, event(ReportEvent::Status).changed(Some(was), Some(became)))?;
        news.push(duplicates::last_event(write.connection, report.id)?);
        let (name, moved) = (report.reference().to_string(), format!("{was} → {became}"));
        audit::note(write, &teller.author, "report.status", &name, &moved)?;
    }
    if said {
        let words = teller.words(report.language);
        report_events::append(write, event(ReportEvent::Answer).saying(words))?;
        news.push(duplicates::last_event(write.connection, report.id)?);
    }
    for event in news {
        duplicates::tell(write, event, leave)?;
    }
    Ok(Some(after))
}

/// Takes the next step of the job whose payload is a resolution. Its progress is the number of the
/// last report told; once all are, it is below zero: −1 − the number of the last me-too told. `true`:
/// that was the last step.
///
/// Errors: [`Error::Stale`] if somebody else has taken the step; nothing of this one stays then.
pub fn tell_more(write: &mut Write<'_>, job: &Job) -> Result<bool> {
    let id: i64 = job
        .payload
        .parse()
        .map_err(|_| Error::Internal(format!("job {} is about no resolution: {}", job.id, job.payload)))?;
    let teller = match Teller::load(write.connection, id) {
        Ok(teller) => teller,
        // The demonstration was taken away with it.
        Err(Error::NotFound) => return advance(write, job, job.progress, true),
        Err(error) => return Err(error),
    };
    let issue = hold(write, teller.resolution.known_issue_id)?;
    if issue.resolution_id != Some(id) {
        // Reopened in between.
        return advance(write, job, job.progress, true);
    }
    if job.progress >= 0 {
        let last = tell_reports(write, &teller, issue.id, job.progress)?;
        return advance(write, job, last.unwrap_or(-1), false);
    }
    match tell_me_toos(write, &teller, issue.id, -1 - job.progress)? {
        Some(last) => advance(write, job, -1 - last, false),
        None => {
            diesel::update(known_issue_resolutions::table.find(id))
                .set(known_issue_resolutions::done_at.eq(write.now))
                .execute(write.connection)?;
            changes::announce(write, changes::Kind::Window, issue.window_id)?;
            advance(write, job, job.progress - 1, true)
        }
    }
}

fn advance(write: &mut Write<'_>, job: &Job, progress: i64, done: bool) -> Result<bool> {
    if jobs::advance(write, job, progress, done)? { Ok(done) } else { Err(Error::Stale) }
}

/// Tells the next reports and gives the number of the last one; nothing if there is none left.
fn tell_reports(write: &mut Write<'_>, teller: &Teller, issue: i64, after: i64) -> Result<Option<i64>> {
    let rows: Vec<Report> = reports::table
        .filter(reports::known_issue_id.eq(issue).and(reports::id.gt(after)))
        .order(reports::id)
        .limit(STEP)
        .select(Report::as_select())
        .load(write.connection)?;
    let ids: Vec<i64> = rows.iter().map(|r| r.id).collect();
    let contents = contents(write.connection, &ids)?;
    let mut tally = Tally::default();
    let mut windows = Vec::new();
    let mut told = 0;
    for report in &rows {
        let said = contents.contains_key(&report.id);
        let leave = |other: &Report| other.known_issue_id == Some(issue);
        let Some(resolved) = tell(write, teller, report, said, &leave)? else {
            continue;
        };
        tally.remove(&report.cell());
        tally.add(&resolved.cell());
        windows.push(report.window_id);
        told += 1;
    }
    tally.write(write)?;
    teller.count(write, told, 0)?;
    windows.sort_unstable();
    windows.dedup();
    for window in windows {
        changes::announce(write, changes::Kind::Report, window)?;
    }
    Ok(ids.last().copied())
}

/// Tells the next me-toos and gives the number of the last one; nothing if there is none left.
fn tell_me_toos(write: &mut Write<'_>, teller: &Teller, issue: i64, after: i64) -> Result<Option<i64>> {
    let rows = me_toos::table
        .filter(me_toos::known_issue_id.eq(issue).and(me_toos::id.gt(after)))
        .order(me_toos::id)
        .limit(STEP)
        .select((me_toos::id, me_toos::language, me_toos::resolution_id))
        .load::<(i64, Language, Option<i64>)>(write.connection)?;
    let mut told = 0;
    for (id, language, known) in &rows {
        if *known != Some(teller.resolution.id) {
            let author = teller.resolution.author_id;
            me_too_verbs::tell(write, *id, teller.resolution.id, author, teller.words(*language))?;
            told += 1;
        }
    }
    teller.count(write, 0, told)?;
    Ok(rows.last().map(|(id, ..)| *id))
}
