//! What support wants to know first: what is overdue, what is new, what is urgent, how long people
//! wait.

use diesel::dsl::not;
use diesel::prelude::*;

use super::Report;
use super::filter::{self, Count, done};
use super::list::{Listed, whole};
use crate::domain::instant::Instant;
use crate::domain::report::{Impact, Severity, Source, Status, Verdict};
use crate::domain::report_filter::{Assignee, Filter, StatusChoice, Wrote};
use crate::domain::targets::DueState;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::me_toos;
use crate::store::schema::{report_counters, reports};

/// How many days back first answers are looked at.
pub const ANSWER_DAYS: i64 = 30;
/// How many of the latest first answers are looked at, at most.
const ANSWERS: i64 = 10_000;

/// The figures of the overview.
#[derive(Debug, Clone)]
pub struct Overview {
    /// How many reports nobody has looked at.
    pub new: i64,
    /// When the oldest of them came in.
    pub oldest_new: Option<Instant>,
    /// How many open reports are critical, or lost data and have no severity yet.
    pub critical: i64,
    /// How many of those nobody looks after.
    pub critical_of_nobody: i64,
    /// How many reports are owed something whose time has passed.
    pub overdue: Count,
    /// How many reports are owed something soon.
    pub soon: Count,
    /// How many open reports the one who asks looks after.
    pub own: Count,
    /// How many open reports were said not to be fixed.
    pub not_fixed: Count,
    /// How many reporters wrote after the last answer, also of what is done.
    pub wrote: Count,
    /// How many who said "me too" wrote or say that it is not fixed, and wait for an answer.
    pub me_toos_waiting: i64,
    /// The seconds from arrival to first answer of reports of the last [`ANSWER_DAYS`] days.
    pub first_answers: Vec<i64>,
    /// The most urgent open reports.
    pub urgent: Vec<Listed>,
}

fn count(connection: &mut Db, filter: Filter) -> Result<Count> {
    filter::find(connection, &filter)?.count(connection)
}

/// The figures as they stand for this person, with at most `limit` urgent reports.
pub fn overview(connection: &mut Db, now: Instant, person: Option<i64>, limit: i64) -> Result<Overview> {
    let new: Vec<i64> = report_counters::table
        .filter(report_counters::status.eq(Status::New))
        .select(report_counters::reports)
        .load(connection)?;
    let oldest_new = reports::table
        .filter(reports::status.eq(Status::New))
        .order((reports::received_at, reports::id))
        .select(reports::received_at)
        .first(connection)
        .optional()?;
    let critical: Vec<Option<i64>> =
        reports::table
            .filter(not(reports::status.eq_any(done())))
            .filter(reports::severity.eq(Severity::Critical).or(
                reports::severity.is_null().nullable().and(reports::impact.eq(Impact::DataLoss).nullable()),
            ))
            .limit(filter::COUNT_MAX)
            .select(reports::assignee_id)
            .load(connection)?;
    let open = || Filter { status: Some(StatusChoice::Open), ..Filter::default() };
    let due = |state| Filter { due: Some((state, now)), ..Filter::default() };
    let overdue = count(connection, due(DueState::Overdue))?;
    let soon = count(connection, due(DueState::Soon))?;
    let own = Filter { assignee: Some(Assignee::Me), ..open() }.asked_by(person);
    let own = count(connection, own)?;
    let not_fixed = count(connection, Filter { verdict: Some(Verdict::NotFixed), ..open() })?;
    let wrote = count(connection, Filter { wrote: Some(Wrote::Again), ..Filter::default() })?;
    let waited: Vec<(Instant, Option<Instant>)> = reports::table
        .filter(reports::received_at.ge(now.plus_hours(-24 * ANSWER_DAYS)))
        .filter(reports::first_answer_at.is_not_null())
        .filter(reports::source.ne(Source::Import))
        .order((reports::received_at.desc(), reports::id.desc()))
        .limit(ANSWERS)
        .select((reports::received_at, reports::first_answer_at))
        .load(connection)?;
    let first_answers = waited.into_iter().filter_map(|(from, to)| Some(to?.seconds_since(from))).collect();
    let rows = reports::table
        .filter(not(reports::status.eq_any(done())))
        .order((reports::urgency.desc(), reports::received_at.desc(), reports::id.desc()))
        .limit(limit)
        .select(Report::as_select())
        .load(connection)?;
    Ok(Overview {
        new: new.into_iter().sum(),
        oldest_new,
        critical: critical.len() as i64,
        critical_of_nobody: critical.iter().filter(|assignee| assignee.is_none()).count() as i64,
        overdue,
        soon,
        own,
        not_fixed,
        wrote,
        me_toos_waiting: me_toos::waiting(connection)?.into_values().sum(),
        first_answers,
        urgent: whole(connection, rows)?,
    })
}
