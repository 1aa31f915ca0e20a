//! Figures that say how sure they are: shares, net promoter scores, means, their intervals and the
//! differences between two groups. Every function names the source of its formula.
//!
//! All intervals are two-sided with a level of [`LEVEL`]. A figure over no answers is `None`, never
//! a NaN, and no interval that rests on at least one answer pretends to be certain.

use crate::codes;

pub mod distribution;
pub mod holm;
pub mod mean;
pub mod nps;
pub mod permutation;
pub mod poisson;
pub mod quantiles;
pub mod share;
pub mod tails;

pub use distribution::Distribution;
pub use holm::holm;
pub use mean::Mean;
pub use nps::Nps;
pub use quantiles::Ordered;
pub use share::Share;

/// The confidence level of every interval: 95 %.
pub const LEVEL: f64 = 0.95;

/// The error that goes with [`LEVEL`]: 5 %. Spelled out, since 1 − 0.95 is a little more in binary.
pub const ALPHA: f64 = 0.05;

/// The quantile of the standard normal distribution at 0.975, which belongs to [`LEVEL`].
pub(crate) const Z: f64 = 1.959_963_984_540_054;

/// A two-sided confidence interval, in the unit of the figure it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Interval {
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
    /// The confidence level, always 0.95.
    #[schema(example = 0.95)]
    pub level: f64,
}

impl Interval {
    /// The interval with these bounds at [`LEVEL`].
    pub(crate) const fn new(low: f64, high: f64) -> Interval {
        Interval { low, high, level: LEVEL }
    }

    /// The value lies within the bounds, the bounds included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// The distance between the bounds.
    pub fn width(&self) -> f64 {
        self.high - self.low
    }

    /// The same interval, or just so much more that it holds `value`.
    pub(crate) fn stretched_to(self, value: f64) -> Interval {
        Interval { low: self.low.min(value), high: self.high.max(value), ..self }
    }

    /// The same interval without what the figure cannot be: held within `min` and `max`.
    pub fn within(self, min: f64, max: f64) -> Interval {
        Interval { low: self.low.clamp(min, max), high: self.high.clamp(min, max), ..self }
    }
}

/// What lies between two independent groups: the first less the second.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Difference {
    /// The first figure less the second, in their unit.
    pub value: f64,
    /// Where the true difference lies.
    pub interval: Interval,
    /// Two-sided p of "no difference": it is below 0.05 exactly if the interval leaves zero out. Not
    /// adjusted; see [`holm()`].
    pub p: f64,
}

codes! {
    /// What may be said of a difference between two windows.
    pub enum Change {
        /// The first is better.
        Better = "better",
        /// The first is worse.
        Worse = "worse",
        /// The difference may be noise.
        CannotTell = "cannot_tell",
    }
}

impl Difference {
    /// This difference with the larger of its p and that of chance alone ([`permutation::p`]), which is
    /// asked only where it can matter: where this p speaks against zero. Formulas made for many answers
    /// are too sure of few, of groups of very different sizes, and of answers that are nearly all the
    /// same; what chance does with exactly these answers is known. An interval that leaves zero out
    /// although chance does not is widened until it touches zero.
    #[must_use]
    pub(crate) fn guarded(self, chance: impl FnOnce() -> f64) -> Difference {
        if self.p >= ALPHA {
            return self;
        }
        let p = self.p.max(chance());
        let interval = if p < ALPHA { self.interval } else { self.interval.stretched_to(0.0) };
        Difference { p, interval, ..self }
    }

    /// What may be said of this difference once its p has been adjusted for all the measures that
    /// were compared ([`holm()`]). `higher_is_better` says which way the measure points.
    pub fn change(&self, adjusted_p: f64, higher_is_better: bool) -> Change {
        // Written so that a NaN is no evidence. A p exactly at the limit is none either: the
        // interval then touches zero.
        let told = adjusted_p < ALPHA && self.value != 0.0;
        match (told, (self.value > 0.0) == higher_is_better) {
            (false, _) => Change::CannotTell,
            (true, true) => Change::Better,
            (true, false) => Change::Worse,
        }
    }
}

/// The place in `[0, ∞)` where a decreasing function that begins above zero passes zero, by
/// doubling and bisection: sure to arrive, and fast enough for a page. Infinite if it never does.
pub(crate) fn root_of_decreasing(f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while f(high) > 0.0 {
        low = high;
        high *= 2.0;
        if high > 1e300 {
            return f64::INFINITY;
        }
    }
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high || (high - low) <= 1e-14 * high {
            return middle;
        }
        if f(middle) > 0.0 { low = middle } else { high = middle }
    }
}

#[cfg(test)]
mod tests;
