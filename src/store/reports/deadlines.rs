//! By when a report is owed something, from the rules, the hours of its window and its own history.

use diesel::prelude::*;

use super::Report;
use super::events::EventKind;
use crate::domain::instant::Instant;
use crate::domain::report::Status;
use crate::domain::targets::{Due, Moved};
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::schema::report_events;
use crate::store::triage_rules::{self, Rules};

/// The changes of status in a report's history, oldest first.
fn moves(connection: &mut Db, report: i64) -> Result<Vec<Moved>> {
    let rows = report_events::table
        .filter(report_events::report_id.eq(report))
        .filter(report_events::kind.eq(EventKind::Status))
        .order(report_events::id)
        .select((report_events::was, report_events::became, report_events::at))
        .load::<(Option<String>, Option<String>, Instant)>(connection)?;
    let status = |code: Option<String>| code.as_deref().and_then(Status::from_code);
    let moved = |(was, became, at)| Some(Moved { from: status(was)?, to: status(became)?, at });
    Ok(rows.into_iter().filter_map(moved).collect())
}

/// By when the report is owed what, as it stands in `report` now; `last` is a change of status that
/// is not in its history yet.
pub(super) fn due(connection: &mut Db, rules: &Rules, report: &Report, last: Option<Moved>) -> Result<Due> {
    let hours = triage_rules::hours(connection, rules, report.window_id)?;
    let mut moves = moves(connection, report.id)?;
    moves.extend(last);
    let target = rules.targets.target(report.impact, report.severity);
    Ok(Due::of(target, hours.as_ref(), report.received_at, &moves))
}

impl Report {
    /// What it is owed, as it was promised.
    pub fn due(&self) -> Due {
        Due { answer: self.answer_due_at, resolution: self.resolution_due_at }
    }

    /// By when it is owed the next thing, if anything.
    pub fn next_due(&self) -> Option<Instant> {
        crate::domain::targets::next_due(self.status, self.first_answer_at, self.due())
    }
}
