//! Medians and percentiles of durations.

use super::Share;

/// Whole numbers in rising order, e.g. the seconds to each first answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ordered(Vec<i64>);

impl Ordered {
    /// The numbers, put in order.
    pub fn new(mut values: Vec<i64>) -> Ordered {
        values.sort_unstable();
        Ordered(values)
    }

    /// How many numbers.
    pub fn n(&self) -> u64 {
        self.0.len() as u64
    }

    /// The quantile at `p` (0 to 1) in the unit of the numbers; nothing if there are none or `p` is
    /// out of range.
    ///
    /// Type 7 of Hyndman RJ and Fan Y (1996), Sample quantiles in statistical packages, The American
    /// Statistician 50:361–365: linear between the neighbours of rank (n − 1)p. Chosen because it is
    /// what MEDIAN and PERCENTILE.INC of a spreadsheet give, so that anybody can check a figure
    /// against an exported sheet.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        type_7(self.n(), p, |rank| self.0[rank as usize] as f64)
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
        let within = self.0.partition_point(|v| *v <= target) as u64;
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
