//! Reports that repeat another one: whoever sent one is told what the reporter of the original is told,
//! an answer or that it is over.
//!
//! The promise: nobody is told the same twice. What is told is an event of the original, and each report
//! that was told of it gets a row of `duplicate_told` in the same transaction. Answering an original and
//! marking something its duplicate both hold the original's row, so that whoever joins is either among
//! those who are told or sees what was told and is told at once.

use diesel::prelude::*;

use super::events::{self, Event, EventKind, NewEvent};
use super::{Report, by_id, changed_one, contents, wrote};
use crate::domain::reference::ReportReference;
use crate::domain::report::{Status, Verdict};
use crate::each_database;
use crate::store::connection::Db;
use crate::store::error::{Error, Result};
use crate::store::jobs::{self, Job, JobKind, STEP};
use crate::store::schema::{duplicate_told, known_issue_told, report_events, reports};
use crate::store::{Write, changes};

/// Whether a report that goes from one status to another is over for its reporter, which is told.
pub(in crate::store) fn is_news(was: Status, became: Status) -> bool {
    became == Status::Resolved || (became == Status::Closed && was != Status::Resolved)
}

/// The row of the report that one named as the original is, or repeats itself, kept as it is until the
/// transaction ends. Nothing if there is none of this number.
pub(super) fn hold_original(write: &mut Write<'_>, named: i64) -> Result<Option<i64>> {
    let Some(repeats) = hold(write, named)? else { return Ok(None) };
    match repeats {
        None => Ok(Some(named)),
        Some(original) => Ok(hold(write, original)?.map(|_| original)),
    }
}

/// Keeps a report as it is until the transaction ends, and gives what it repeats.
fn hold(write: &mut Write<'_>, id: i64) -> Result<Option<Option<i64>>> {
    Ok(diesel::update(reports::table.find(id))
        .set(reports::revision.eq(reports::revision))
        .returning(reports::duplicate_of_id)
        .get_result(write.connection)
        .optional()?)
}

/// Tells those who repeat a report of what was just told to its reporter: the last thing that happened
/// to it. At once as far as one step reaches, else by a job. `leave` says who is told elsewhere.
pub(in crate::store) fn tell(
    write: &mut Write<'_>,
    event: i64,
    leave: &dyn Fn(&Report) -> bool,
) -> Result<()> {
    let news = news(write.connection, event)?;
    let rows = repeating(write.connection, news.report_id, 0, STEP + 1)?;
    if rows.len() as i64 > STEP {
        return jobs::ask(write, JobKind::Duplicates, &event.to_string());
    }
    let rows = rows.into_iter().filter(|report| !leave(report)).collect();
    tell_all(write, &[news], rows).map(drop)
}

/// The number of the last thing that happened to a report.
pub(in crate::store) fn last_event(connection: &mut Db, report: i64) -> Result<i64> {
    let last: Option<i64> = report_events::table
        .filter(report_events::report_id.eq(report))
        .select(diesel::dsl::max(report_events::id))
        .first(connection)?;
    last.ok_or(Error::NotFound)
}

fn news(connection: &mut Db, event: i64) -> Result<Event> {
    Ok(report_events::table.find(event).select(Event::as_select()).first(connection)?)
}

/// Those who repeat a report, from after this number on.
fn repeating(connection: &mut Db, original: i64, after: i64, limit: i64) -> Result<Vec<Report>> {
    Ok(reports::table
        .filter(reports::duplicate_of_id.eq(original))
        .filter(reports::id.gt(after))
        .order(reports::id)
        .limit(limit)
        .select(Report::as_select())
        .load(connection)?)
}

/// Brings what the reporter of an original was told last to a report that now repeats it, and to what
/// repeated that one and follows it. Gives the report as it then is.
pub(super) fn catch_up(write: &mut Write<'_>, report: &Report, followers: Vec<Report>) -> Result<Report> {
    let Some(original) = report.duplicate_of_id else { return Ok(report.clone()) };
    let original = by_id(write.connection, original)?;
    let news = last_news(write.connection, &original)?;
    if news.is_empty() {
        return Ok(report.clone());
    }
    let mut told = if followers.len() as i64 > STEP {
        for one in &news {
            jobs::ask(write, JobKind::Duplicates, &one.id.to_string())?;
        }
        tell_all(write, &news, vec![report.clone()])?
    } else {
        tell_all(write, &news, [vec![report.clone()], followers].concat())?
    };
    Ok(told.swap_remove(0))
}

/// What repeats this report, as far as one step reaches and one more.
pub(super) fn followers(connection: &mut Db, report: i64) -> Result<Vec<Report>> {
    repeating(connection, report, 0, STEP + 1)
}

/// What a reporter was told last: the last answer, and that it is over if it is; in their order.
fn last_news(connection: &mut Db, original: &Report) -> Result<Vec<Event>> {
    let latest = |kind: EventKind| {
        report_events::table
            .filter(report_events::report_id.eq(original.id))
            .filter(report_events::kind.eq(kind))
            .order(report_events::id.desc())
            .select(Event::as_select())
    };
    let answer: Option<Event> = latest(EventKind::Answer).first(connection).optional()?;
    let mut news: Vec<Event> = answer.into_iter().filter(|event| event.content.is_some()).collect();
    if matches!(original.status, Status::Resolved | Status::Closed) {
        // Closed after it was resolved: that it was resolved is the news.
        let over: Vec<Event> = latest(EventKind::Status).limit(20).load(connection)?;
        let is_news = |event: &&Event| {
            let code = |code: &Option<String>| code.as_deref().and_then(Status::from_code);
            code(&event.was).zip(code(&event.became)).is_some_and(|(was, became)| is_news(was, became))
        };
        news.extend(over.iter().find(is_news).cloned());
    }
    news.sort_by_key(|event| event.id);
    Ok(news)
}

/// Tells these reports of these things, each at most once, and gives them as they then are.
fn tell_all(write: &mut Write<'_>, news: &[Event], rows: Vec<Report>) -> Result<Vec<Report>> {
    let ids: Vec<i64> = rows.iter().map(|report| report.id).collect();
    let readable = contents(write.connection, &ids)?;
    let mut windows = Vec::new();
    let mut told = Vec::with_capacity(rows.len());
    for mut report in rows {
        for one in news {
            // Nobody reads what was erased.
            if readable.contains_key(&report.id)
                && let Some(after) = tell_one(write, one, &report)?
            {
                report = after;
                windows.push(report.window_id);
            }
        }
        told.push(report);
    }
    windows.sort_unstable();
    windows.dedup();
    for window in windows {
        changes::announce(write, changes::Kind::Report, window)?;
    }
    Ok(told)
}

/// Tells one report of one thing; nothing if that was done before.
fn tell_one(write: &mut Write<'_>, news: &Event, report: &Report) -> Result<Option<Report>> {
    let first = each_database!(&mut *write.connection, c => diesel::insert_into(duplicate_told::table)
        .values((
            duplicate_told::event_id.eq(news.id),
            duplicate_told::report_id.eq(report.id),
            duplicate_told::at.eq(write.now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if first == 0 {
        return Ok(None);
    }
    let event = |kind| NewEvent::new(report.id, kind).by(news.author_id);
    let mut after = Report { revision: report.revision + 1, ..report.clone() };
    match news.kind {
        EventKind::Answer => {
            // An answer may name the report that it was written to, which is nobody else's business.
            let name = |id| ReportReference(id).to_string();
            let words = news.content.as_deref().unwrap_or_default();
            let words = words.replace(&name(news.report_id), &name(report.id));
            events::append(write, event(EventKind::Answer).saying(&words))?;
            after.first_answer_at = report.first_answer_at.or(Some(write.now));
            wrote::answered(write, report.id)?;
        }
        _ => {
            events::append(write, event(EventKind::Original).changed(None, news.became.as_deref()))?;
            after.verdict = None::<Verdict>;
        }
    }
    let rows = diesel::update(reports::table.find(report.id).filter(reports::revision.eq(report.revision)))
        .set((
            reports::first_answer_at.eq(after.first_answer_at),
            reports::verdict.eq(after.verdict),
            reports::revision.eq(after.revision),
        ))
        .execute(write.connection)?;
    changed_one(rows)?;
    Ok(Some(after))
}

/// Takes the next step of the job whose payload is an event of an original and whose progress is the
/// number of the last report that was told. `true`: that was the last step.
///
/// Errors: [`Error::Stale`] if somebody else has taken the step; nothing of this one stays then.
pub fn tell_more(write: &mut Write<'_>, job: &Job) -> Result<bool> {
    let event: i64 = job
        .payload
        .parse()
        .map_err(|_| Error::Internal(format!("job {} is about no event: {}", job.id, job.payload)))?;
    let rows = match news(write.connection, event) {
        Ok(news) => {
            let rows = repeating(write.connection, news.report_id, job.progress, STEP)?;
            tell_all(write, &[news], rows)?
        }
        // The demonstration was taken away with it.
        Err(Error::NotFound) => Vec::new(),
        Err(error) => return Err(error),
    };
    let done = (rows.len() as i64) < STEP;
    let progress = rows.last().map_or(job.progress, |last| last.id);
    if jobs::advance(write, job, progress, done)? { Ok(done) } else { Err(Error::Stale) }
}

/// Whether the reporter of a duplicate was told what became of the problem: by the original, or by the
/// known issue behind it.
pub(super) fn was_told(connection: &mut Db, report: &Report) -> Result<bool> {
    let Some(original) = report.duplicate_of_id else { return Ok(false) };
    let by_original: Option<i64> = duplicate_told::table
        .inner_join(report_events::table)
        .filter(duplicate_told::report_id.eq(report.id))
        .filter(report_events::report_id.eq(original))
        .select(duplicate_told::event_id)
        .first(connection)
        .optional()?;
    if by_original.is_some() {
        return Ok(true);
    }
    let by_issue: Option<i64> = known_issue_told::table
        .filter(known_issue_told::report_id.eq(report.id))
        .select(known_issue_told::resolution_id)
        .first(connection)
        .optional()?;
    Ok(by_issue.is_some())
}
