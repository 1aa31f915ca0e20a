//! What support wants to know first: what is new, what is urgent, how long people wait.

use diesel::dsl::not;
use diesel::prelude::*;

use super::Report;
use super::filter::done;
use super::list::{Listed, whole};
use crate::domain::instant::Instant;
use crate::domain::report::{Impact, Severity, Source, Status, urgency};
use crate::store::connection::Db;
use crate::store::error::Result;
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
    /// The seconds from arrival to first answer of reports of the last [`ANSWER_DAYS`] days.
    pub first_answers: Vec<i64>,
    /// The most urgent open reports.
    pub urgent: Vec<Listed>,
}

/// The figures as they stand, with at most `limit` urgent reports.
pub fn overview(connection: &mut Db, now: Instant, limit: i64) -> Result<Overview> {
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
    let critical = reports::table
        .filter(
            reports::urgency
                .ge(urgency(Impact::DataLoss, None).min(urgency(Impact::DataLoss, Some(Severity::Critical)))),
        )
        .filter(not(reports::status.eq_any(done())))
        .count()
        .get_result(connection)?;
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
        critical,
        first_answers,
        urgent: whole(connection, rows)?,
    })
}
