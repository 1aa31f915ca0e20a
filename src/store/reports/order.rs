//! The orders of a list of reports. Each is a number for every report, the largest first, then what
//! came in last; turned round, the whole order is turned round. The number is the same whether the
//! database computes it or this program does, so that a page goes on where the last one ended.

use std::collections::HashMap;

use diesel::prelude::*;

use super::Report;
use crate::domain::report::{Impact, Severity, Status};
use crate::domain::window::ReportStage;
use crate::store::components;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::schema::people;

crate::codes! {
    /// The order of a list.
    pub enum Sort {
        /// What came in last comes first.
        Newest = "newest",
        /// What came in first comes first.
        Oldest = "oldest",
        /// What is most urgent comes first, of equally urgent ones what came in last.
        Urgent = "urgent",
        /// What is least urgent comes first.
        Calm = "calm",
        /// What is owed something earliest comes first, what is owed nothing last.
        Due = "due",
        /// The other way round.
        DueLast = "due_last",
        /// What occurred last comes first.
        Occurred = "occurred",
        /// What occurred first comes first.
        OccurredFirst = "occurred_first",
        /// The most severe first, those without a severity last.
        Severity = "severity",
        /// The other way round.
        SeverityLast = "severity_last",
        /// The new ones first, the duplicates last.
        Status = "status",
        /// The other way round.
        StatusLast = "status_last",
        /// The worst impact first.
        Impact = "impact",
        /// The other way round.
        ImpactLast = "impact_last",
        /// In the order of the components, those that name none last.
        Component = "component",
        /// The other way round.
        ComponentLast = "component_last",
        /// In the order of the stages, those outside of every window last.
        Stage = "stage",
        /// The other way round.
        StageLast = "stage_last",
        /// By the name of who looks after them, those of nobody last.
        Assignee = "assignee",
        /// The other way round.
        AssigneeLast = "assignee_last",
    }
}

impl Sort {
    /// The same order turned round.
    pub fn turned(self) -> Sort {
        let at = Sort::ALL.iter().position(|sort| *sort == self).unwrap_or(0);
        Sort::ALL[at ^ 1]
    }

    /// Whether it is one of those that are turned round.
    pub fn is_turned(self) -> bool {
        Sort::ALL.iter().position(|sort| *sort == self).is_some_and(|at| at % 2 == 1)
    }

    /// The order that this one is, or is turned round from.
    pub fn upright(self) -> Sort {
        if self.is_turned() { self.turned() } else { self }
    }
}

/// After everything that can be owed, in microseconds.
const NEVER: i64 = 253_402_300_800_000_000;
/// A number that is the same for all; a bare one would be taken for the place of a column.
const NOTHING: &str = "(0 * reports.id)";
/// Before everything that can have occurred.
const UNKNOWN: i64 = -62_135_596_800_000_001;

/// An order with what it has to look up.
pub struct Order {
    sort: Sort,
    /// For components and people: their place, counted from the end.
    places: HashMap<i64, i64>,
}

impl Order {
    /// Looks up what the order needs.
    pub fn find(connection: &mut Db, sort: Sort) -> Result<Order> {
        let ids: Vec<i64> = match sort.upright() {
            Sort::Component => components::list(connection)?.into_iter().map(|c| c.id).collect(),
            Sort::Assignee => people::table.order(people::name).select(people::id).load(connection)?,
            _ => Vec::new(),
        };
        let places = ids.iter().rev().zip(1..).map(|(id, place)| (*id, place)).collect();
        Ok(Order { sort, places })
    }

    /// Whether an index has it.
    pub fn is_indexed(&self) -> bool {
        matches!(self.sort.upright(), Sort::Newest | Sort::Urgent)
    }

    /// Which order it is.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// The number of a report.
    pub fn key(&self, report: &Report) -> i64 {
        let place = |id: Option<i64>| id.and_then(|id| self.places.get(&id)).copied().unwrap_or(0);
        match self.sort.upright() {
            Sort::Urgent => report.urgency.into(),
            Sort::Due => -report.next_due().map_or(NEVER, |at| at.micros()),
            Sort::Occurred => report.occurred_at.map_or(UNKNOWN, |at| at.micros()),
            Sort::Severity => report.severity.map_or(0, severity),
            Sort::Status => status(report.status),
            Sort::Impact => impact(report.impact),
            Sort::Stage => report.stage.map_or(0, stage),
            Sort::Component => place(report.component_id),
            Sort::Assignee => place(report.assignee_id),
            _ => 0,
        }
    }

    /// The same number as the database computes it: numbers and names of ours, nothing that anybody
    /// typed.
    pub fn sql(&self) -> String {
        fn case<'a>(column: &str, values: impl Iterator<Item = (&'a str, i64)>) -> String {
            let cases: String = values.map(|(code, key)| format!(" WHEN '{code}' THEN {key}")).collect();
            format!("(CASE {column}{cases} ELSE 0 END)")
        }
        let places = |column: &str| {
            if self.places.is_empty() {
                return NOTHING.to_owned();
            }
            let mut sorted: Vec<(&i64, &i64)> = self.places.iter().collect();
            sorted.sort();
            let cases: String = sorted.iter().map(|(id, place)| format!(" WHEN {id} THEN {place}")).collect();
            format!("(CASE {column}{cases} ELSE 0 END)")
        };
        match self.sort.upright() {
            Sort::Urgent => "reports.urgency".to_owned(),
            Sort::Due => {
                let done = Status::ALL.iter().filter(|s| s.is_done());
                let done = done.map(|s| format!("'{s}'")).collect::<Vec<_>>().join(", ");
                let answer = format!(
                    "(CASE WHEN reports.first_answer_at IS NULL THEN COALESCE(reports.answer_due_at, {NEVER}) ELSE {NEVER} END)"
                );
                let solution = format!(
                    "(CASE WHEN reports.status = 'waiting' THEN {NEVER} ELSE COALESCE(reports.resolution_due_at, {NEVER}) END)"
                );
                format!(
                    "(CASE WHEN reports.status IN ({done}) THEN -{NEVER} WHEN {answer} < {solution} THEN -{answer} ELSE -{solution} END)"
                )
            }
            Sort::Occurred => format!("COALESCE(reports.occurred_at, {UNKNOWN})"),
            Sort::Severity => {
                case("reports.severity", Severity::ALL.iter().map(|s| (s.code(), severity(*s))))
            }
            Sort::Status => case("reports.status", Status::ALL.iter().map(|s| (s.code(), status(*s)))),
            Sort::Impact => case("reports.impact", Impact::ALL.iter().map(|i| (i.code(), impact(*i)))),
            Sort::Stage => case("reports.stage", ReportStage::ALL.iter().map(|s| (s.code(), stage(*s)))),
            Sort::Component => places("reports.component_id"),
            Sort::Assignee => places("reports.assignee_id"),
            _ => NOTHING.to_owned(),
        }
    }
}

/// Places counted from the end, so that the first code has the largest.
fn from_end<T: PartialEq>(all: &[T], one: &T) -> i64 {
    all.iter().position(|other| other == one).map_or(0, |at| (all.len() - at) as i64)
}

fn severity(severity: Severity) -> i64 {
    from_end(Severity::ALL, &severity)
}

fn status(status: Status) -> i64 {
    from_end(Status::ALL, &status)
}

fn stage(stage: ReportStage) -> i64 {
    from_end(ReportStage::ALL, &stage)
}

fn impact(impact: Impact) -> i64 {
    match impact {
        Impact::DataLoss => 5,
        Impact::Blocked => 4,
        Impact::Slowed => 3,
        Impact::Cosmetic => 2,
        Impact::Unknown => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_come_in_pairs() {
        for sort in Sort::ALL {
            assert_eq!(sort.turned().turned(), *sort);
            assert_ne!(sort.is_turned(), sort.turned().is_turned());
            assert_eq!(sort.upright(), sort.turned().upright());
        }
        assert_eq!((Sort::Newest.turned(), Sort::Calm.upright()), (Sort::Oldest, Sort::Urgent));
    }
}
