//! Medians and percentiles of durations.

use std::collections::BTreeMap;

use super::Share;

/// Whole numbers in rising order, e.g. the seconds to each first answer: each different one with how
/// many are at most as large.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ordered(Vec<(i64, u64)>);

impl Ordered {
    /// The numbers, put in order.
    pub fn new(values: Vec<i64>) -> Ordered {
        let mut counts = BTreeMap::new();
        for value in values {
            *counts.entry(value).or_default() += 1;
        }
        Ordered::from_counts(counts)
    }

    /// The numbers of which it is known how often each occurs.
    pub fn from_counts(counts: BTreeMap<i64, u64>) -> Ordered {
        let mut passed = 0;
        let up_to = |(value, count)| {
            passed += count;
            (value, passed)
        };
        Ordered(counts.into_iter().filter(|(_, count)| *count > 0).map(up_to).collect())
    }

    /// How many numbers.
    pub fn n(&self) -> u64 {
        self.0.last().map_or(0, |(_, n)| *n)
    }

    /// The quantile at `p` (0 to 1) in the unit of the numbers; nothing if there are none or `p` is
    /// out of range.
    ///
    /// Type 7 of Hyndman RJ and Fan Y (1996), Sample quantiles in statistical packages, The American
    /// Statistician 50:361–365: linear between the neighbours of rank (n − 1)p. Chosen because it is
    /// what MEDIAN and PERCENTILE.INC of a spreadsheet give, so that anybody can check a figure
    /// against an exported sheet.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        type_7(self.n(), p, |rank| self.0[self.0.partition_point(|(_, n)| *n <= rank)].0 as f64)
    }

    /// The median.
    pub fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }

    /// The 90th percentile.
    pub fn percentile_90(&self) -> Option<f64> {
        self.quantile(0.9)
    }

    /// The share of the numbers that are at most `target`.
    pub fn within(&self, target: i64) -> Share {
        let below = self.0.partition_point(|(v, _)| *v <= target);
        let within = below.checked_sub(1).map_or(0, |last| self.0[last].1);
        Share::of(within, self.n() - within)
    }
}

/// The type 7 quantile at `p` of `n` values, `at(rank)` being the one with that rank from 0 on.
pub(super) fn type_7(n: u64, p: f64, at: impl Fn(u64) -> f64) -> Option<f64> {
    if n == 0 || !(0.0..=1.0).contains(&p) {
        return None;
    }
    let place = (n - 1) as f64 * p;
    let below = place.floor();
    let rank = (below as u64).min(n - 1);
    let (low, high) = (at(rank), at((rank + 1).min(n - 1)));
    // Held between the neighbours, which rounding might overstep.
    Some((low + (place - below) * (high - low)).clamp(low, high))
}
