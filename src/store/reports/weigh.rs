//! Urgency is kept with each report, so that lists are sorted by an index. It grows with time and with
//! what others report, so the clock weighs open reports again, in steps.

use std::collections::{HashMap, HashSet};

use diesel::dsl::not;
use diesel::prelude::*;

use super::filter::done;
use super::spread::{self, Group};
use super::{Report, deadlines, wrote};
use crate::domain::instant::Instant;
use crate::domain::report::{Impact, Source};
use crate::domain::targets::{Due, DueState, due_state};
use crate::domain::urgency::{Facts, Reason, Spread, Weights};
use crate::store::Write;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::schema::{components, reports};
use crate::store::triage_rules::{self, Rules};

/// How many open reports are looked at in one read.
const LOOK: i64 = 5_000;

/// What urgency is weighed with, loaded once for many reports.
pub struct Scales {
    /// The rules of triage.
    pub rules: Rules,
    components: HashMap<i64, i32>,
    spread: HashMap<Group, Spread>,
    wrote: HashSet<i64>,
    now: Instant,
}

impl Scales {
    /// The scales as they stand at `now`.
    pub fn load(connection: &mut Db, now: Instant) -> Result<Scales> {
        Ok(Scales {
            rules: triage_rules::load(connection)?,
            components: triage_rules::component_weights(connection)?,
            spread: spread::all(connection)?,
            wrote: wrote::all(connection)?,
            now,
        })
    }

    /// What the urgency of this report is made of.
    fn facts(&self, report: &Report) -> Facts {
        let spread = Group::of_report(report).and_then(|group| self.spread.get(&group)).copied();
        let component = report.component_id.and_then(|id| self.components.get(&id)).copied();
        let wrote = self.wrote(report);
        Facts { wrote, ..facts(report, spread.unwrap_or_default(), component.unwrap_or(0), self.now) }
    }

    /// How urgent this report is now.
    pub fn points(&self, report: &Report) -> i32 {
        self.facts(report).points(&self.rules.weights)
    }

    /// Why this report is as urgent as it is.
    pub fn reasons(&self, report: &Report) -> Vec<Reason> {
        self.facts(report).reasons()
    }

    /// Whether its reporter wrote after the last answer.
    pub fn wrote(&self, report: &Report) -> bool {
        self.wrote.contains(&report.id)
    }

    /// How what this report is owed stands.
    pub fn due_state(&self, report: &Report) -> Option<DueState> {
        due_state(report.next_due(), self.now, self.rules.targets.soon)
    }
}

fn facts(report: &Report, spread: Spread, component: i32, now: Instant) -> Facts {
    Facts {
        impact: report.impact,
        severity: report.severity,
        component,
        spread,
        waiting: report
            .first_answer_at
            .is_none()
            .then(|| now.seconds_since(report.received_at).max(0) / 60)
            // What was kept elsewhere was not waited for here.
            .filter(|_| report.source != Source::Import),
        overdue: report.next_due().is_some_and(|at| at < now),
        wrote: false,
        done: report.status.is_done(),
    }
}

/// A report whose kept urgency or promise is no longer what it should be.
#[derive(Debug, Clone)]
pub struct Reweighed {
    id: i64,
    revision: i64,
    urgency: i32,
    due: Due,
}

/// The open reports after this number, at most a few thousand, that have to be weighed again; and
/// after which number to go on, if there are more.
pub fn look(connection: &mut Db, now: Instant, after: i64) -> Result<(Vec<Reweighed>, Option<i64>)> {
    let scales = Scales::load(connection, now)?;
    let rows: Vec<Report> = reports::table
        .filter(not(reports::status.eq_any(done())))
        .filter(reports::id.gt(after))
        .order(reports::id)
        .limit(LOOK)
        .select(Report::as_select())
        .load(connection)?;
    let next = (rows.len() as i64 == LOOK).then(|| rows.last().map(|r| r.id)).flatten();
    let mut found = Vec::new();
    for mut report in rows {
        let was = (report.urgency, report.due());
        // Reports from before there were promises get theirs now.
        if report.answer_due_at.is_none() && report.source != Source::Import && scales.rules.hours.is_some() {
            let due = deadlines::due(connection, &scales.rules, &report, None)?;
            (report.answer_due_at, report.resolution_due_at) = (due.answer, due.resolution);
        }
        let urgency = scales.points(&report);
        if (urgency, report.due()) != was {
            found.push(Reweighed { id: report.id, revision: report.revision, urgency, due: report.due() });
        }
    }
    Ok((found, next))
}

/// Keeps what was weighed. A report that somebody changed meanwhile is left for the next turn; nobody
/// is told, for nothing happened to it.
pub fn keep(write: &mut Write<'_>, weighed: &[Reweighed]) -> Result<()> {
    for one in weighed {
        diesel::update(reports::table.find(one.id).filter(reports::revision.eq(one.revision)))
            .set((
                reports::urgency.eq(one.urgency),
                reports::answer_due_at.eq(one.due.answer),
                reports::resolution_due_at.eq(one.due.resolution),
            ))
            .execute(write.connection)?;
    }
    Ok(())
}

fn component_weight(connection: &mut Db, component: Option<i64>) -> Result<i32> {
    let Some(id) = component else { return Ok(0) };
    Ok(components::table.find(id).select(components::weight).get_result(connection).optional()?.unwrap_or(0))
}

/// How urgent a report is that just changed.
pub(super) fn points_now(write: &mut Write<'_>, weights: &Weights, report: &Report) -> Result<i32> {
    let component = component_weight(write.connection, report.component_id)?;
    let spread = spread::one(write.connection, Group::of_report(report))?;
    let wrote = wrote::since(write.connection, report.id)?.is_some();
    Ok(Facts { wrote, ..facts(report, spread, component, write.now) }.points(weights))
}

/// Keeps how urgent a report is after something happened that nothing else of it tells.
pub(super) fn again(write: &mut Write<'_>, report: &Report) -> Result<()> {
    let rules = triage_rules::load(write.connection)?;
    let urgency = points_now(write, &rules.weights, report)?;
    diesel::update(reports::table.find(report.id))
        .set(reports::urgency.eq(urgency))
        .execute(write.connection)?;
    Ok(())
}

/// How urgent a report is that comes in now.
pub(super) fn of_new(
    write: &mut Write<'_>,
    weights: &Weights,
    impact: Impact,
    window: Option<i64>,
    component: Option<i64>,
) -> Result<i32> {
    let facts = Facts {
        impact,
        severity: None,
        component: component_weight(write.connection, component)?,
        spread: spread::one(write.connection, Group::of(window, component, None))?,
        waiting: Some(0),
        overdue: false,
        wrote: false,
        done: false,
    };
    Ok(facts.points(weights))
}
