//! What two windows are compared by: each measure with the sample behind it, and what may be said of
//! all differences between two windows at once.

use serde::Serialize;

use crate::domain::statistics::{Change, Difference, Distribution, Interval, Nps, Share, holm};

crate::codes! {
    /// A measure that two windows can be compared by. The order is that of pages and exports.
    pub enum Measure {
        /// Satisfaction: the share of 4 and 5.
        Csat = "csat",
        /// The net promoter score.
        Nps = "nps",
        /// Ease: the mean of 1 to 7.
        Ces = "ces",
        /// Who saw the notice beforehand.
        SawNotice = "saw_notice",
        /// Reports answered within their target.
        Answered = "answered_in_time",
        /// Reports resolved within their target.
        Resolved = "resolved_in_time",
        /// Reporters who say that it is fixed, of those who say whether it is.
        Verified = "fixes_verified",
        /// How long before the start the notice was published: a fact, not a sample.
        Lead = "lead",
        /// How long past the announced end the work went on: a fact, not a sample.
        Overrun = "overrun",
    }
}

crate::codes! {
    /// How the difference of a measure is judged.
    pub enum Method {
        /// Newcombe's interval for the difference of two shares (1998, method 10), held to Fisher's mid-p.
        Newcombe = "newcombe",
        /// The adjusted Wald interval for the difference of two net promoter scores, held to what chance does.
        AdjustedWald = "adjusted_wald",
        /// Welch's t interval for the difference of two means, held to what chance does.
        Welch = "welch",
        /// Nothing to judge: both values are known exactly.
        Fact = "fact",
    }
}

impl Measure {
    /// How its difference is judged.
    pub const fn method(self) -> Method {
        match self {
            Measure::Nps => Method::AdjustedWald,
            Measure::Ces => Method::Welch,
            Measure::Lead | Measure::Overrun => Method::Fact,
            _ => Method::Newcombe,
        }
    }

    /// Whether it is known exactly, so that a difference is never noise.
    pub const fn is_fact(self) -> bool {
        matches!(self.method(), Method::Fact)
    }

    /// Whether more of it is better.
    pub const fn higher_is_better(self) -> bool {
        !matches!(self, Measure::Overrun)
    }

    /// What may be said of two values of a fact; nothing if one is not known. Less than a minute is
    /// no difference: nobody announces seconds.
    pub fn fact(self, base: Option<i64>, now: Option<i64>) -> Option<Change> {
        let more = now? - base?;
        Some(match more {
            -59..=59 => Change::CannotTell,
            more if (more > 0) == self.higher_is_better() => Change::Better,
            _ => Change::Worse,
        })
    }
}

/// The answers or reports that a measure of one window rests on.
#[derive(Debug, Clone, PartialEq)]
pub enum Sample {
    /// A share, 0 to 1.
    Share(Share),
    /// A net promoter score, −100 to 100.
    Nps(Nps),
    /// Answers on a scale, of which the mean is taken, in points of it.
    Scale(Distribution),
}

impl Sample {
    /// How many answers or reports.
    pub fn n(&self) -> u64 {
        match self {
            Sample::Share(share) => share.n(),
            Sample::Nps(nps) => nps.n(),
            Sample::Scale(answers) => answers.n(),
        }
    }

    /// The measure's value, in its unit; nothing without answers.
    pub fn value(&self) -> Option<f64> {
        match self {
            Sample::Share(share) => share.value(),
            Sample::Nps(nps) => nps.score(),
            Sample::Scale(answers) => answers.mean().value(),
        }
    }

    /// Its 95 % interval.
    pub fn interval(&self) -> Option<Interval> {
        match self {
            Sample::Share(share) => share.interval(),
            Sample::Nps(nps) => nps.interval(),
            Sample::Scale(answers) => answers.mean().interval(),
        }
    }

    /// This less the other; nothing for samples of different kinds or without answers.
    pub fn difference(&self, other: &Sample) -> Option<Difference> {
        match (self, other) {
            (Sample::Share(a), Sample::Share(b)) => a.difference(*b),
            (Sample::Nps(a), Sample::Nps(b)) => a.difference(*b),
            (Sample::Scale(a), Sample::Scale(b)) => a.difference(b),
            _ => None,
        }
    }

    /// The sample as people and programs see it, with its counts alone below `minimum_n`; the interval
    /// of ease is held within its scale.
    pub fn figure(&self, measure: Measure, minimum_n: u64) -> Figure {
        let told = self.n() >= minimum_n;
        let interval = self.interval().filter(|_| told);
        Figure {
            n: self.n(),
            value: self.value().filter(|_| told),
            interval: if measure == Measure::Ces { interval.map(|i| i.within(1.0, 7.0)) } else { interval },
        }
    }
}

/// A measure of one window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Figure {
    /// Of how many answers or reports.
    pub n: u64,
    /// The value: a share from 0 to 1, a score from −100 to 100, or points; null below `minimum_n`.
    pub value: Option<f64>,
    /// Its 95 % interval; null below `minimum_n`.
    pub interval: Option<Interval>,
}

/// A measure of two windows, and what may be said of the difference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Compared {
    /// Which measure.
    pub measure: Measure,
    /// How its difference is judged.
    pub method: Method,
    /// The window that is compared with.
    pub base: Figure,
    /// The window that is looked at.
    pub window: Figure,
    /// The window less the base, with its 95 % interval and p; null if one of them has too few, or if
    /// all answers of one of them are the same point of a scale.
    pub difference: Option<Difference>,
    /// The p adjusted for all measures compared here (Holm); null like the difference.
    pub adjusted_p: Option<f64>,
    /// Whether the window is better or worse than the base, or nobody can tell.
    pub change: Change,
}

/// Compares two windows by all these measures (base, window) at once: the chance that any measure
/// without a true difference is called better or worse is at most 5 % (Holm 1979 over those that
/// have enough answers on both sides).
pub fn compare(measures: &[(Measure, Sample, Sample)], minimum_n: u64) -> Vec<Compared> {
    let enough = |sample: &Sample| sample.n() >= minimum_n;
    let differences: Vec<Option<Difference>> = measures
        .iter()
        .map(|(_, base, window)| window.difference(base).filter(|_| enough(base) && enough(window)))
        .collect();
    let p: Vec<f64> = differences.iter().flatten().map(|d| d.p).collect();
    let mut adjusted = holm(&p).into_iter();
    measures
        .iter()
        .zip(differences)
        .map(|((measure, base, window), difference)| {
            let adjusted_p = difference.and_then(|_| adjusted.next());
            let change = difference.zip(adjusted_p).map(|(d, p)| d.change(p, measure.higher_is_better()));
            Compared {
                measure: *measure,
                method: measure.method(),
                base: base.figure(*measure, minimum_n),
                window: window.figure(*measure, minimum_n),
                difference,
                adjusted_p,
                change: change.unwrap_or(Change::CannotTell),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(k: u64, n: u64) -> Sample {
        Sample::Share(Share::new(k, n).unwrap_or_default())
    }

    #[test]
    fn a_clear_difference_is_told_and_a_small_one_is_not() {
        let compared = compare(
            &[
                (Measure::Csat, share(40, 100), share(80, 100)),
                (Measure::SawNotice, share(50, 100), share(53, 100)),
            ],
            5,
        );
        assert_eq!(compared[0].change, Change::Better);
        assert_eq!(compared[1].change, Change::CannotTell);
        // With two measures the smaller p is doubled.
        let (p, adjusted) = (compared[0].difference.map(|d| d.p), compared[0].adjusted_p);
        assert_eq!(p.map(|p| 2.0 * p), adjusted);
    }

    #[test]
    fn too_few_answers_take_no_part() {
        let compared = compare(
            &[
                (Measure::Csat, share(0, 4), share(4, 4)),
                (Measure::SawNotice, share(10, 100), share(30, 100)),
            ],
            5,
        );
        assert_eq!((compared[0].change, compared[0].difference), (Change::CannotTell, None));
        assert_eq!((compared[0].base.n, compared[0].base.value), (4, None));
        // The one that is left is judged alone.
        assert_eq!(compared[1].adjusted_p, compared[1].difference.map(|d| d.p));
        assert_eq!(compared[1].change, Change::Better);
    }

    #[test]
    fn facts_are_told_by_the_minute() {
        assert_eq!(Measure::Overrun.fact(Some(3_600), Some(0)), Some(Change::Better));
        assert_eq!(Measure::Overrun.fact(Some(0), Some(60)), Some(Change::Worse));
        assert_eq!(Measure::Overrun.fact(Some(0), Some(59)), Some(Change::CannotTell));
        assert_eq!(Measure::Lead.fact(Some(0), Some(86_400)), Some(Change::Better));
        assert_eq!(Measure::Lead.fact(None, Some(86_400)), None);
    }
}
