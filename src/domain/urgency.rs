//! Urgency: how early support should look at a report, as one number that lists are sorted by, and
//! the reasons for it. What each thing weighs is documented in docs/triage.md and can be set.

use serde::{Deserialize, Serialize};

use crate::domain::fields::FieldErrors;
use crate::domain::report::{Impact, Severity};

/// The most points that one thing can weigh.
pub const WEIGHT_MAX: i32 = 1_000;

/// How many points each thing gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Weights {
    /// The severity `critical`.
    pub critical: i32,
    /// The severity `high`.
    pub high: i32,
    /// The severity `medium`.
    pub medium: i32,
    /// The severity `low`.
    pub low: i32,
    /// The impact `data_loss`, as long as support has given no severity.
    pub data_loss: i32,
    /// The impact `blocked`, as long as support has given no severity.
    pub blocked: i32,
    /// The impact `slowed`, as long as support has given no severity.
    pub slowed: i32,
    /// The impact `cosmetic`, as long as support has given no severity.
    pub cosmetic: i32,
    /// Each doubling of the people who met the same in the last hour. A doubling within the last ten
    /// minutes gives half as much again, one within the last day a quarter.
    pub spread: i32,
    /// The most that spread can give.
    pub spread_max: i32,
    /// Each hour that a report waits for its first answer.
    pub hour: i32,
    /// The most that waiting can give.
    pub hour_max: i32,
    /// That a promise is overdue.
    pub overdue: i32,
    /// That the reporter wrote after the last answer.
    pub wrote: i32,
}

impl Default for Weights {
    fn default() -> Weights {
        Weights {
            critical: 400,
            high: 300,
            medium: 200,
            low: 100,
            data_loss: 380,
            blocked: 280,
            slowed: 180,
            cosmetic: 80,
            spread: 16,
            spread_max: 150,
            hour: 4,
            hour_max: 60,
            overdue: 40,
            wrote: 30,
        }
    }
}

impl Weights {
    /// The weights by name, in the order in which people are shown them.
    pub fn named(&self) -> [(&'static str, i32); 14] {
        [
            ("critical", self.critical),
            ("high", self.high),
            ("medium", self.medium),
            ("low", self.low),
            ("data_loss", self.data_loss),
            ("blocked", self.blocked),
            ("slowed", self.slowed),
            ("cosmetic", self.cosmetic),
            ("spread", self.spread),
            ("spread_max", self.spread_max),
            ("hour", self.hour),
            ("hour_max", self.hour_max),
            ("overdue", self.overdue),
            ("wrote", self.wrote),
        ]
    }

    /// Reads weights; `get` gives what was typed for a name, the field is `weight.{name}`.
    ///
    /// Errors: `out-of-range` (`min`, `max`) for what is no whole number from 0 to [`WEIGHT_MAX`].
    pub fn parse<'a>(get: impl Fn(&str) -> &'a str) -> Result<Weights, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut read = |name: &str| weight(&mut errors, &format!("weight.{name}"), get(name));
        let weights = Weights {
            critical: read("critical"),
            high: read("high"),
            medium: read("medium"),
            low: read("low"),
            data_loss: read("data_loss"),
            blocked: read("blocked"),
            slowed: read("slowed"),
            cosmetic: read("cosmetic"),
            spread: read("spread"),
            spread_max: read("spread_max"),
            hour: read("hour"),
            hour_max: read("hour_max"),
            overdue: read("overdue"),
            wrote: read("wrote"),
        };
        errors.or(weights)
    }
}

/// Reads one weight, 0 to [`WEIGHT_MAX`], into `errors` if it is none.
pub fn weight(errors: &mut FieldErrors, field: &str, text: &str) -> i32 {
    let number = text.trim().parse().ok().filter(|n| (0..=WEIGHT_MAX).contains(n));
    if number.is_none() {
        errors.add_with(field, "out-of-range", [("min", "0".to_owned()), ("max", WEIGHT_MAX.to_string())]);
    }
    number.unwrap_or_default()
}

/// How many people met the same lately: reporters, each counted once, and those who said "me too".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Spread {
    /// In the last ten minutes.
    pub ten_minutes: i64,
    /// In the last hour.
    pub hour: i64,
    /// In the last day.
    pub day: i64,
}

/// What urgency is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// What it stops the reporter from doing.
    pub impact: Impact,
    /// How urgently support takes it, once support has said so.
    pub severity: Option<Severity>,
    /// What its component weighs.
    pub component: i32,
    /// How many people met the same.
    pub spread: Spread,
    /// For how many minutes it has waited for a first answer; nothing once it has one.
    pub waiting: Option<i64>,
    /// A promise is overdue.
    pub overdue: bool,
    /// The reporter wrote after the last answer.
    pub wrote: bool,
    /// There is nothing left to do.
    pub done: bool,
}

/// Why a report is as urgent as it is, in the order in which it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// Support said how urgently it is taken.
    Severity {
        /// The severity.
        severity: Severity,
    },
    /// What it stops the reporter from doing; until support has given a severity.
    Impact {
        /// The impact.
        impact: Impact,
    },
    /// So many people met the same in so many minutes: 10, 60 or 1,440.
    People {
        /// The people.
        people: i64,
        /// The minutes.
        minutes: i64,
    },
    /// The component weighs something.
    Component,
    /// A promise is overdue.
    Overdue,
    /// The reporter wrote after the last answer.
    Wrote,
    /// Nobody has answered for so many minutes.
    Waiting {
        /// The minutes.
        minutes: i64,
    },
}

/// From how many people on spread is worth saying.
const PEOPLE: i64 = 2;

impl Facts {
    /// How urgent it is: 0 once there is nothing left to do, else 1 or more. Never falls when
    /// anything of it gets worse.
    pub fn points(&self, weights: &Weights) -> i32 {
        if self.done {
            return 0;
        }
        let overdue = if self.overdue { weights.overdue } else { 0 };
        let wrote = if self.wrote { weights.wrote } else { 0 };
        let sum = self.base(weights)
            + self.spread_points(weights)
            + self.component.clamp(0, WEIGHT_MAX)
            + self.waiting_points(weights)
            + overdue
            + wrote;
        sum.max(1)
    }

    fn base(&self, weights: &Weights) -> i32 {
        match (self.severity, self.impact) {
            (Some(Severity::Critical), _) => weights.critical,
            (Some(Severity::High), _) => weights.high,
            (Some(Severity::Medium), _) => weights.medium,
            (Some(Severity::Low), _) => weights.low,
            (None, Impact::DataLoss) => weights.data_loss,
            (None, Impact::Blocked) => weights.blocked,
            (None, Impact::Slowed | Impact::Unknown) => weights.slowed,
            (None, Impact::Cosmetic) => weights.cosmetic,
        }
    }

    fn spread_points(&self, weights: &Weights) -> i32 {
        let doublings = |people: i64| (people.max(1) as f64).log2();
        let Spread { ten_minutes, hour, day } = self.spread;
        let sum = doublings(hour) + doublings(ten_minutes) / 2.0 + doublings(day) / 4.0;
        // Far below what an i32 holds: no count of people has more than 63 doublings.
        ((f64::from(weights.spread) * sum).round() as i32).min(weights.spread_max)
    }

    fn waiting_points(&self, weights: &Weights) -> i32 {
        let minutes = self.waiting.unwrap_or(0).max(0);
        // By the quarter of an hour, so that a number is not rewritten every minute.
        let points = (minutes / 15).saturating_mul(i64::from(weights.hour)) / 4;
        i32::try_from(points).unwrap_or(i32::MAX).min(weights.hour_max)
    }

    /// Why, the weightiest first as people say it. Once there is nothing left to do, only that somebody
    /// wrote after all.
    pub fn reasons(&self) -> Vec<Reason> {
        if self.done {
            return self.wrote.then_some(Reason::Wrote).into_iter().collect();
        }
        let mut reasons = vec![match self.severity {
            Some(severity) => Reason::Severity { severity },
            None => Reason::Impact { impact: self.impact },
        }];
        let Spread { ten_minutes, hour, day } = self.spread;
        // The shortest span that holds at least half of what the next longer one holds says most.
        let spans = [(ten_minutes, 10, hour), (hour, 60, day), (day, 1_440, 0)];
        if let Some((people, minutes, _)) =
            spans.into_iter().find(|(people, _, longer)| *people >= PEOPLE && people * 2 >= *longer)
        {
            reasons.push(Reason::People { people, minutes });
        }
        if self.component > 0 {
            reasons.push(Reason::Component);
        }
        if self.overdue {
            reasons.push(Reason::Overdue);
        }
        if self.wrote {
            reasons.push(Reason::Wrote);
        }
        if let Some(minutes) = self.waiting.filter(|minutes| *minutes >= 60) {
            reasons.push(Reason::Waiting { minutes });
        }
        reasons
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn facts() -> Facts {
        Facts {
            impact: Impact::Blocked,
            severity: None,
            component: 0,
            spread: Spread::default(),
            waiting: None,
            overdue: false,
            wrote: false,
            done: false,
        }
    }

    #[test]
    fn what_is_done_is_not_urgent() {
        let done = Facts { done: true, severity: Some(Severity::Critical), overdue: true, ..facts() };
        assert_eq!((done.points(&Weights::default()), done.reasons()), (0, vec![]));
        let wrote = Facts { wrote: true, ..done };
        assert_eq!((wrote.points(&Weights::default()), wrote.reasons()), (0, vec![Reason::Wrote]));
    }

    #[test]
    fn severity_replaces_what_impact_suggests() {
        let weights = Weights::default();
        let with = |severity| Facts { severity, impact: Impact::DataLoss, ..facts() }.points(&weights);
        assert!(with(Some(Severity::Critical)) > with(None));
        assert!(with(None) > with(Some(Severity::High)));
        assert!(with(Some(Severity::High)) > with(Some(Severity::Medium)));
        assert!(with(Some(Severity::Medium)) > with(Some(Severity::Low)));
    }

    #[test]
    fn many_lift_a_report_over_the_next_impact() {
        let weights = Weights::default();
        let alone = Facts { impact: Impact::DataLoss, ..facts() };
        let many = Spread { ten_minutes: 14, hour: 40, day: 60 };
        assert!(Facts { spread: many, ..facts() }.points(&weights) > alone.points(&weights));
    }

    #[test]
    fn reasons_are_said_in_order() {
        let said = |spread| Facts { spread, ..facts() }.reasons();
        let people = |people, minutes| Reason::People { people, minutes };
        let impact = Reason::Impact { impact: Impact::Blocked };
        assert_eq!(said(Spread { ten_minutes: 14, hour: 14, day: 14 }), [impact, people(14, 10)]);
        assert_eq!(said(Spread { ten_minutes: 1, hour: 9, day: 14 }), [impact, people(9, 60)]);
        assert_eq!(said(Spread { ten_minutes: 3, hour: 9, day: 90 }), [impact, people(90, 1_440)]);
        assert_eq!(said(Spread { ten_minutes: 1, hour: 1, day: 1 }), [impact]);
        let all = Facts { component: 5, overdue: true, wrote: true, waiting: Some(180), ..facts() }.reasons();
        let waiting = Reason::Waiting { minutes: 180 };
        assert_eq!(all, [impact, Reason::Component, Reason::Overdue, Reason::Wrote, waiting]);
    }

    #[test]
    fn weights_are_checked() {
        let weights = Weights::default();
        let named = weights.named();
        let get = |name: &str| named.iter().find(|(n, _)| *n == name).map(|(_, v)| v.to_string());
        let typed: std::collections::BTreeMap<&str, String> =
            named.iter().map(|(n, _)| (*n, get(n).unwrap())).collect();
        assert_eq!(Weights::parse(|name| typed[name].as_str()), Ok(weights));
        let errors = Weights::parse(|name| if name == "hour" { "-1" } else { "10" }).unwrap_err();
        assert_eq!((errors.0[0].field.as_str(), errors.0[0].code), ("weight.hour", "out-of-range"));
        assert_eq!(Weights::parse(|_| "1001").unwrap_err().0.len(), 14);
    }

    proptest! {
        #[test]
        fn urgency_never_falls_when_something_gets_worse(
            impact in 0usize..5, severity in 0usize..5, component in -5i32..2_000,
            people in prop::array::uniform3(0i64..100_000), waiting in -10i64..1_000_000, more in 0i64..100_000,
        ) {
            let weights = Weights::default();
            let [a, b, c] = people;
            let facts = Facts {
                impact: Impact::ALL[impact],
                severity: Severity::ALL.get(severity).copied(),
                component,
                spread: Spread { ten_minutes: a, hour: a + b, day: a + b + c },
                waiting: Some(waiting),
                overdue: false,
                wrote: false,
                done: false,
            };
            let points = facts.points(&weights);
            prop_assert!(points >= 1);
            let Spread { ten_minutes, hour, day } = facts.spread;
            let wider = Spread { ten_minutes: ten_minutes + more, hour: hour + more, day: day + more };
            for worse in [
                Facts { spread: wider, ..facts },
                Facts { waiting: Some(waiting + more), ..facts },
                Facts { overdue: true, ..facts },
                Facts { wrote: true, ..facts },
                Facts { component: component.saturating_add(more as i32), ..facts },
                Facts { severity: Some(Severity::Critical), ..facts },
            ] {
                prop_assert!(worse.points(&weights) >= points, "{worse:?}");
            }
        }
    }
}
