//! Targets: within how much open time a report is first answered and resolved, by its severity, and
//! by when that therefore is. One rule for queue, overview, API and what a receipt promises.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::report::{Impact, Severity, Status};
use crate::domain::support_hours::SupportHours;

/// The longest target, in minutes of open time: about half a year of working days.
pub const MINUTES_MAX: i64 = 60_000;

/// Within how many minutes of open time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// A first answer.
    pub answer: i64,
    /// The solution.
    pub resolution: i64,
}

/// The targets of every severity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Targets {
    /// Of `critical`.
    pub critical: Target,
    /// Of `high`.
    pub high: Target,
    /// Of `medium`.
    pub medium: Target,
    /// Of `low`.
    pub low: Target,
    /// For how many minutes before it is due something counts as due soon.
    pub soon: i64,
}

impl Default for Targets {
    fn default() -> Targets {
        // An hour for what stops somebody or loses data, half a working day for what slows somebody
        // down, a working day for what hardly matters.
        Targets {
            critical: Target { answer: 60, resolution: 240 },
            high: Target { answer: 60, resolution: 480 },
            medium: Target { answer: 240, resolution: 1_440 },
            low: Target { answer: 480, resolution: 2_400 },
            soon: 60,
        }
    }
}

/// The severity that a report is taken to have until support gives it one.
pub const fn presumed(impact: Impact) -> Severity {
    match impact {
        Impact::DataLoss => Severity::Critical,
        Impact::Blocked => Severity::High,
        Impact::Slowed | Impact::Unknown => Severity::Medium,
        Impact::Cosmetic => Severity::Low,
    }
}

impl Targets {
    /// The targets of this severity.
    pub const fn of(&self, severity: Severity) -> Target {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
        }
    }

    /// The targets of a report with this impact and, perhaps, severity.
    pub const fn target(&self, impact: Impact, severity: Option<Severity>) -> Target {
        match severity {
            Some(severity) => self.of(severity),
            None => self.of(presumed(impact)),
        }
    }

    /// Reads targets; `get` gives what was typed for a field: `answer.critical`,
    /// `resolution.critical`, …, `soon`.
    ///
    /// Errors: `out-of-range` (`min`, `max`); `resolution-before-answer` where a solution is due
    /// before the first answer.
    pub fn parse<'a>(get: impl Fn(&str) -> &'a str) -> Result<Targets, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut minutes = |field: &str, min: i64| {
            let number = get(field).trim().parse().ok().filter(|n| (min..=MINUTES_MAX).contains(n));
            if number.is_none() {
                let params = [("min", min.to_string()), ("max", MINUTES_MAX.to_string())];
                errors.add_with(field, "out-of-range", params);
            }
            number
        };
        let mut one = |severity: Severity| {
            let answer = minutes(&format!("answer.{severity}"), 1);
            let resolution = minutes(&format!("resolution.{severity}"), 1);
            answer.zip(resolution).map(|(answer, resolution)| Target { answer, resolution })
        };
        let read = (
            one(Severity::Critical),
            one(Severity::High),
            one(Severity::Medium),
            one(Severity::Low),
            minutes("soon", 0),
        );
        let (Some(critical), Some(high), Some(medium), Some(low), Some(soon)) = read else {
            return Err(errors);
        };
        let targets = Targets { critical, high, medium, low, soon };
        for severity in Severity::ALL {
            let Target { answer, resolution } = targets.of(*severity);
            if resolution < answer {
                errors.add(format!("resolution.{severity}"), "resolution-before-answer");
            }
        }
        errors.or(targets)
    }
}

/// A change of status, as the history of a report has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// What it was.
    pub from: Status,
    /// What it became.
    pub to: Status,
    /// When.
    pub at: Instant,
}

/// By when something is owed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// The first answer; nothing where nobody said when support is there.
    pub answer: Option<Instant>,
    /// The solution.
    pub resolution: Option<Instant>,
}

impl Due {
    /// By when a report that was received at `received` is answered and resolved.
    ///
    /// The time of the solution runs from the arrival, or from the last time the report was taken up
    /// again after it had been done, and stands still while the report waits for its reporter.
    /// `moves` are in the order of time.
    pub fn of(target: Target, hours: Option<&SupportHours>, received: Instant, moves: &[Moved]) -> Due {
        let Some(hours) = hours else { return Due::default() };
        Due {
            answer: hours.promise(received, target.answer),
            resolution: resolution(hours, target.resolution, received, moves),
        }
    }
}

fn resolution(hours: &SupportHours, minutes: i64, received: Instant, moves: &[Moved]) -> Option<Instant> {
    let reopened = moves.iter().rposition(|m| m.from.is_done() && !m.to.is_done());
    let mut from = reopened.map_or(received, |at| moves[at].at);
    let mut left = TimeDelta::minutes(minutes);
    let since = reopened.map_or(0, |at| at + 1);
    for (at, pause) in moves.iter().enumerate().skip(since).filter(|(_, m)| m.to == Status::Waiting) {
        let open = hours.open_between(from, pause.at);
        if open >= left {
            break;
        }
        // Still waiting: as if it went on from where it stopped.
        let Some(end) = moves[at + 1..].iter().find(|m| m.from == Status::Waiting) else {
            from = pause.at;
            left -= open;
            break;
        };
        left -= open;
        from = end.at;
    }
    hours.promise_of(from, left)
}

crate::codes! {
    /// How a promise stands.
    pub enum DueState {
        /// Its time has passed.
        Overdue = "overdue",
        /// Its time comes soon.
        Soon = "soon",
    }
}

/// The next thing that is owed to a report and by when; nothing if nothing is.
///
/// A first answer is owed until there was one, a solution until the report is done; while it waits
/// for its reporter no solution is.
pub fn next_due(status: Status, first_answer_at: Option<Instant>, due: Due) -> Option<Instant> {
    if status.is_done() {
        return None;
    }
    let answer = due.answer.filter(|_| first_answer_at.is_none());
    let resolution = due.resolution.filter(|_| status != Status::Waiting);
    answer.into_iter().chain(resolution).min()
}

/// How a promise for this moment stands at `now`.
pub fn due_state(due: Option<Instant>, now: Instant, soon: i64) -> Option<DueState> {
    match due? {
        at if at < now => Some(DueState::Overdue),
        at if at < now.plus_seconds(60 * soon) => Some(DueState::Soon),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::support_hours::{SlotInput, SupportHoursInput};
    use proptest::prelude::*;

    fn at(text: &str) -> Instant {
        Instant::parse_rfc3339(text).unwrap()
    }

    fn weekdays() -> SupportHours {
        let slot = SlotInput { days: vec![1, 2, 3, 4, 5], from: "09:00".into(), to: "18:00".into() };
        let input = SupportHoursInput { time_zone: "Asia/Shanghai".into(), slots: vec![slot] };
        SupportHours::parse("hours", input).unwrap()
    }

    const TARGET: Target = Target { answer: 60, resolution: 480 };

    #[test]
    fn promises_count_open_time_only() {
        // A Saturday night: the clock starts on Monday at nine.
        let due = Due::of(TARGET, Some(&weekdays()), at("2026-11-21T23:00:00+08:00"), &[]);
        assert_eq!(due.answer, Some(at("2026-11-23T10:00:00+08:00")));
        assert_eq!(due.resolution, Some(at("2026-11-23T17:00:00+08:00")));
        assert_eq!(Due::of(TARGET, None, at("2026-11-21T23:00:00+08:00"), &[]), Due::default());
    }

    #[test]
    fn waiting_for_the_reporter_stops_the_clock() {
        let moved = |from, to, text: &str| Moved { from, to, at: at(text) };
        let asked = moved(Status::New, Status::Waiting, "2026-11-23T10:00:00+08:00");
        let replied = moved(Status::Waiting, Status::InProgress, "2026-11-25T09:00:00+08:00");
        let received = at("2026-11-23T09:00:00+08:00");
        let due = |moves: &[Moved]| Due::of(TARGET, Some(&weekdays()), received, moves).resolution;
        // An hour was used up; seven are left from Wednesday on.
        assert_eq!(due(&[asked, replied]), Some(at("2026-11-25T16:00:00+08:00")));
        // While it waits, what is left goes on from where it stopped.
        assert_eq!(due(&[asked]), Some(at("2026-11-23T17:00:00+08:00")));
        // Asked when it was overdue already: nothing of it is forgiven.
        let late = moved(Status::New, Status::Waiting, "2026-11-24T10:00:00+08:00");
        let back = moved(Status::Waiting, Status::InProgress, "2026-11-26T10:00:00+08:00");
        assert_eq!(due(&[late, back]), Some(at("2026-11-23T17:00:00+08:00")));
    }

    #[test]
    fn taking_up_again_starts_anew() {
        let moves = [
            Moved { from: Status::New, to: Status::Resolved, at: at("2026-11-23T10:00:00+08:00") },
            Moved { from: Status::Resolved, to: Status::InProgress, at: at("2026-11-24T09:30:00+08:00") },
        ];
        let due = Due::of(TARGET, Some(&weekdays()), at("2026-11-23T09:00:00+08:00"), &moves);
        assert_eq!(due.resolution, Some(at("2026-11-24T17:30:00+08:00")));
    }

    #[test]
    fn what_is_owed_next() {
        let due =
            Due { answer: Some(at("2026-11-23T10:00:00Z")), resolution: Some(at("2026-11-23T17:00:00Z")) };
        assert_eq!(next_due(Status::New, None, due), due.answer);
        assert_eq!(next_due(Status::InProgress, Some(Instant::MIN), due), due.resolution);
        assert_eq!(next_due(Status::Waiting, Some(Instant::MIN), due), None);
        assert_eq!(next_due(Status::Resolved, None, due), None);
        let state = |text: &str| due_state(due.answer, at(text), 60);
        assert_eq!(state("2026-11-23T10:00:00.000001Z"), Some(DueState::Overdue));
        assert_eq!(state("2026-11-23T10:00:00Z"), Some(DueState::Soon));
        assert_eq!(state("2026-11-23T09:00:00.000001Z"), Some(DueState::Soon));
        assert_eq!(state("2026-11-23T09:00:00Z"), None);
    }

    #[test]
    fn targets_are_checked() {
        let good = |field: &str| match field {
            "soon" => "30",
            f if f.starts_with("answer") => "60",
            _ => "240",
        };
        assert_eq!(Targets::parse(good).unwrap().low, Target { answer: 60, resolution: 240 });
        let errors = Targets::parse(|f| if f == "resolution.low" { "59" } else { good(f) }).unwrap_err();
        assert_eq!(
            (errors.0[0].field.as_str(), errors.0[0].code),
            ("resolution.low", "resolution-before-answer")
        );
        assert_eq!(Targets::parse(|_| "soon").unwrap_err().0.len(), 9);
        assert!(Targets::parse(|f| if f == "soon" { "60001" } else { good(f) }).is_err());
    }

    proptest! {
        /// A pause never brings the solution forward, and one of no length changes nothing.
        #[test]
        fn pauses_only_put_off(start in 0i64..20_000, length in 0i64..20_000, minutes in 1i64..5_000) {
            let received = at("2026-11-23T09:00:00+08:00");
            let hours = weekdays();
            let target = Target { answer: 1, resolution: minutes };
            let from = received.plus_seconds(60 * start);
            let moves = [
                Moved { from: Status::New, to: Status::Waiting, at: from },
                Moved { from: Status::Waiting, to: Status::InProgress, at: from.plus_seconds(60 * length) },
            ];
            let plain = Due::of(target, Some(&hours), received, &[]).resolution.unwrap();
            let paused = Due::of(target, Some(&hours), received, &moves).resolution.unwrap();
            prop_assert!(paused >= plain);
            if length == 0 {
                prop_assert_eq!(paused, plain);
            }
        }
    }
}
