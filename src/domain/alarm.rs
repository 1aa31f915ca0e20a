//! Alarms: when a function is reported more than its usual rate explains. How often that happens by
//! chance is shown by the simulation in the tests and written down in docs/triage.md.

use crate::domain::statistics::poisson;

/// Over how many minutes people are counted.
pub const SPAN_MINUTES: i64 = 15;
/// How unlikely a count must be by chance before anybody is called.
pub const CHANCE: f64 = 1e-8;
/// Fewer people than this are never an alarm.
pub const PEOPLE_MIN: i64 = 3;
/// How many days of history tell what is usual.
pub const HISTORY_DAYS: i64 = 28;
/// How many minutes before and after the time of the day count as the same hours.
pub const SAME_HOURS_MINUTES: i64 = 90;
/// How many minutes before those that are looked at tell by themselves what is usual.
pub const RECENT_MINUTES: i64 = 360;
/// After how many quiet minutes an alarm that somebody has decided about is over.
pub const QUIET_MINUTES: i64 = 60;

/// What is believed before there is any history: one person in this many minutes.
const PRIOR_MINUTES: f64 = 2_880.0;

crate::codes! {
    /// Why nobody was to expect it.
    pub enum AlarmKind {
        /// During a window whose notice does not announce the component.
        Unannounced = "unannounced",
        /// After the end of a window, in its follow-up period.
        After = "after",
        /// Outside of every window.
        Outside = "outside",
    }
}

crate::codes! {
    /// What somebody has decided about an alarm.
    pub enum AlarmState {
        /// Nobody has looked at it yet.
        Raised = "raised",
        /// Somebody sees to it.
        Acknowledged = "acknowledged",
        /// It is none.
        Dismissed = "dismissed",
    }
}

/// How many people reported something within how many minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Observed {
    /// The people.
    pub people: i64,
    /// The minutes.
    pub minutes: f64,
}

impl Observed {
    /// The mean of the posterior of a Poisson rate, in people a minute: a Gamma prior worth one
    /// person in two days (shape 1, rate 2,880 min) and what was observed (Gelman et al., Bayesian
    /// Data Analysis, 3rd edition, 2.6).
    fn rate(self) -> f64 {
        (1.0 + self.people.max(0) as f64) / (PRIOR_MINUTES + self.minutes.max(0.0))
    }
}

/// How many people a minute usually report it: as in all of the history, as at these hours of the day, or as
/// in the last [`RECENT_MINUTES`], whichever is most. Taking the largest makes a busy hour no alarm, nor a
/// busy function that is too young for the prior to have been forgotten.
pub fn usual_rate(all: Observed, same_hours: Observed, recent: i64) -> f64 {
    all.rate().max(same_hours.rate()).max(recent.max(0) as f64 / RECENT_MINUTES as f64)
}

/// A count that chance does not explain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unusual {
    /// How many people would usually have reported it meanwhile.
    pub expected: f64,
    /// How likely so many or more are by chance.
    pub chance: f64,
}

/// Whether so many people within [`SPAN_MINUTES`] are more than this rate explains: the exact Poisson
/// tail is below [`CHANCE`].
pub fn unusual(people: i64, rate: f64) -> Option<Unusual> {
    if people < PEOPLE_MIN {
        return None;
    }
    let expected = rate * SPAN_MINUTES as f64;
    let chance = poisson::at_least(people.unsigned_abs(), expected)?;
    (chance < CHANCE).then_some(Unusual { expected, chance })
}

#[cfg(test)]
mod tests;
