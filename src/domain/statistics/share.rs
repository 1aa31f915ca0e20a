//! A share of answers, its interval, and the difference between the shares of two groups.

use super::{Difference, Interval, Z, permutation, root_of_decreasing, tails};

/// `k` of `n`: how many of those who answered said a certain thing. `k` is never above `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    k: u64,
    n: u64,
}

impl Share {
    /// `k` of `n`, or nothing if `k` is more than `n`.
    pub const fn new(k: u64, n: u64) -> Option<Share> {
        if k <= n { Some(Share { k, n }) } else { None }
    }

    /// The share of those who did among those who did and those who did not.
    pub const fn of(did: u64, did_not: u64) -> Share {
        Share { k: did, n: did.saturating_add(did_not) }
    }

    /// Both taken together.
    #[must_use]
    pub const fn plus(self, other: Share) -> Share {
        Share { k: self.k.saturating_add(other.k), n: self.n.saturating_add(other.n) }
    }

    /// How many did.
    pub const fn k(self) -> u64 {
        self.k
    }

    /// Of how many.
    pub const fn n(self) -> u64 {
        self.n
    }

    /// The share, between 0 and 1; nothing if there are no answers.
    pub fn value(self) -> Option<f64> {
        (self.n > 0).then(|| self.k as f64 / self.n as f64)
    }

    /// The two-sided 95 % score interval without continuity correction, between 0 and 1; nothing if
    /// there are no answers.
    ///
    /// Wilson EB (1927), Probable inference, the law of succession, and statistical inference,
    /// JASA 22:209–212; method 3 of Newcombe RG (1998), Two-sided confidence intervals for the single
    /// proportion, Statistics in Medicine 17:857–872.
    pub fn interval(self) -> Option<Interval> {
        let p = self.value()?;
        let (low, high) = self.wilson(p, Z);
        Some(Interval::new(low, high))
    }

    /// The bounds of Wilson's interval at `z` standard errors around `p`, which is the value.
    fn wilson(self, p: f64, z: f64) -> (f64, f64) {
        let (k, n) = (self.k as f64, self.n as f64);
        let centre = (k + z * z / 2.0) / (n + z * z);
        let half = z * (p * (n - k) + z * z / 4.0).sqrt() / (n + z * z);
        // What rounding must not do: leave the value out, or miss 0 and 1 where they are exact.
        let low = if self.k == 0 { 0.0 } else { (centre - half).clamp(0.0, p) };
        let high = if self.k == self.n { 1.0 } else { (centre + half).clamp(p, 1.0) };
        (low, high)
    }

    /// This share less that of another, independent group, between −1 and 1; nothing if one of them
    /// has no answers. By [`Share::newcombe`], with the larger of its p and the mid-p of Fisher's exact
    /// test ([`permutation::p`]).
    pub fn difference(self, other: Share) -> Option<Difference> {
        let counts = |share: Share| [share.n - share.k, share.k];
        Some(self.newcombe(other)?.guarded(|| permutation::p(&counts(self), &counts(other))))
    }

    /// This share less another, unguarded.
    ///
    /// Method 10 of Newcombe RG (1998), Interval estimation for the difference between independent
    /// proportions, Statistics in Medicine 17:873–890 (Wilson's intervals combined, no continuity
    /// correction). The p is the one at which that interval just touches zero.
    pub fn newcombe(self, other: Share) -> Option<Difference> {
        let (p1, p2) = (self.value()?, other.value()?);
        let value = p1 - p2;
        // How far the interval at z reaches below and above the value.
        let reach = |z: f64| {
            let (low1, high1) = self.wilson(p1, z);
            let (low2, high2) = other.wilson(p2, z);
            ((p1 - low1).hypot(high2 - p2), (high1 - p1).hypot(p2 - low2))
        };
        let (below, above) = reach(Z);
        let p = if value == 0.0 {
            1.0
        } else {
            let towards_zero = |z| if value > 0.0 { reach(z).0 } else { reach(z).1 };
            tails::normal_two_sided(root_of_decreasing(|z| value.abs() - towards_zero(z)))
        };
        let interval = Interval::new(value - below, value + above).within(-1.0, 1.0);
        Some(Difference { value, interval, p })
    }
}
