//! How often each value of a scale was answered.

use super::quantiles::type_7;
use super::{Difference, Mean, Share, permutation};

/// How often each whole number of a scale was answered. Serialised as an object from each value,
/// those never answered included, to its count: `{"1": 3, "2": 0, …}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    min: u8,
    counts: Vec<u64>,
}

impl Distribution {
    /// No answers yet on the scale from `min` to `max`, both included. A `max` below `min` counts
    /// as `min`.
    pub fn empty(min: u8, max: u8) -> Distribution {
        Distribution { min, counts: vec![0; usize::from(max.saturating_sub(min)) + 1] }
    }

    /// The answers of a scale that begins at `min`: how often `min` itself, how often the next, ….
    pub fn from_counts(min: u8, counts: &[u64]) -> Option<Distribution> {
        let fits = !counts.is_empty() && usize::from(min) + counts.len() <= usize::from(u8::MAX) + 1;
        fits.then(|| Distribution { min, counts: counts.to_vec() })
    }

    /// Adds `count` answers of `value`; `false`, and nothing added, if the scale has no such value.
    #[must_use]
    pub fn add(&mut self, value: u8, count: u64) -> bool {
        match value.checked_sub(self.min).and_then(|i| self.counts.get_mut(usize::from(i))) {
            Some(slot) => {
                *slot = slot.saturating_add(count);
                true
            }
            None => false,
        }
    }

    /// The answers of both taken together; of the other those that lie on this scale.
    #[must_use]
    pub fn plus(&self, other: &Distribution) -> Distribution {
        let counts = self.iter().map(|(value, n)| n.saturating_add(other.count(value))).collect();
        Distribution { min: self.min, counts }
    }

    /// The lowest value of the scale.
    pub const fn min(&self) -> u8 {
        self.min
    }

    /// The highest value of the scale.
    pub fn max(&self) -> u8 {
        // The constructors see to it that the scale ends within u8.
        self.min + (self.counts.len() - 1) as u8
    }

    /// How many answers there are.
    pub fn n(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How often `value` was answered.
    pub fn count(&self, value: u8) -> u64 {
        value.checked_sub(self.min).and_then(|i| self.counts.get(usize::from(i))).copied().unwrap_or(0)
    }

    /// Each value of the scale, rising, with its count.
    pub fn iter(&self) -> impl Iterator<Item = (u8, u64)> + '_ {
        self.counts.iter().enumerate().map(|(i, count)| (self.min + i as u8, *count))
    }

    /// The share of the two highest values of the scale; of 4 and 5 on a scale to 5 (CSAT).
    pub fn top_two(&self) -> Share {
        let top: u64 = self.counts.iter().rev().take(2).sum();
        Share::of(top, self.n() - top)
    }

    /// The mean, in points of the scale, with what its interval needs.
    pub fn mean(&self) -> Mean {
        let sum_of = |power: u32| self.iter().map(|(v, c)| i128::from(v).pow(power) * i128::from(c)).sum();
        Mean::from_sums(self.n(), sum_of(1), sum_of(2)).unwrap_or_default()
    }

    /// The mean of this less that of answers of another, independent group on the same scale, in points
    /// of the scale; nothing if one has fewer than two answers or all its answers are the same. By
    /// [`Mean::welch`], with the larger of its p and that of chance alone ([`permutation::p`]).
    pub fn difference(&self, other: &Distribution) -> Option<Difference> {
        let difference = self.mean().welch(other.mean())?;
        Some(difference.guarded(|| permutation::p(&self.counts, &other.counts)))
    }

    /// The quantile at `p` (0 to 1), in points of the scale, by the same definition as
    /// [`Ordered::quantile`](super::Ordered::quantile); nothing if there are no answers.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let at = |rank: u64| {
            let mut passed = 0;
            let found = self.iter().find(|(_, count)| {
                passed += count;
                rank < passed
            });
            f64::from(found.map_or(self.max(), |(value, _)| value))
        };
        type_7(self.n(), p, at)
    }
}

impl serde::Serialize for Distribution {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
