//! The mean of whole numbers (answers on a scale, seconds), its interval, and the difference between
//! two groups.

use super::{Difference, Interval, LEVEL, tails};

/// n, Σx and Σx² of whole numbers, from which everything else follows. Kept whole, so that nothing
/// is rounded before the last step. The unit is that of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mean {
    n: u64,
    sum: i128,
    squares: i128,
}

impl Mean {
    /// A mean from its sums; nothing if no numbers have such sums (n·Σx² < (Σx)², or sums of
    /// nothing), or if they are too large to be multiplied.
    pub fn from_sums(n: u64, sum: i128, squares: i128) -> Option<Mean> {
        let mean = Mean { n, sum, squares };
        let possible = if n == 0 { sum == 0 && squares == 0 } else { mean.spread()? >= 0 };
        possible.then_some(mean)
    }

    /// n²·(population variance) = n·Σx² − (Σx)², exactly; nothing on overflow.
    fn spread(self) -> Option<i128> {
        i128::from(self.n).checked_mul(self.squares)?.checked_sub(self.sum.checked_mul(self.sum)?)
    }

    /// How many numbers.
    pub const fn n(self) -> u64 {
        self.n
    }

    /// Their mean; nothing if there are none.
    pub fn value(self) -> Option<f64> {
        (self.n > 0).then(|| self.sum as f64 / self.n as f64)
    }

    /// The sample variance, (n·Σx² − (Σx)²) / n(n − 1); nothing below two numbers.
    fn variance(self) -> Option<f64> {
        let n = self.n as f64;
        (self.n >= 2).then(|| self.spread()).flatten().map(|spread| spread as f64 / (n * (n - 1.0)))
    }

    /// The sample standard deviation (n − 1 below the line); nothing below two numbers.
    pub fn standard_deviation(self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// The two-sided 95 % t interval, mean ± t·s/√n with n − 1 degrees of freedom (Student (1908),
    /// The probable error of a mean, Biometrika 6:1–25).
    ///
    /// Nothing below two numbers, and nothing if all are the same: a few equal answers say nothing
    /// about how answers spread, and an interval without width would claim certainty.
    pub fn interval(self) -> Option<Interval> {
        let variance = self.variance().filter(|v| *v > 0.0)?;
        let value = self.value()?;
        let n = self.n as f64;
        let half = tails::student_quantile(0.5 + LEVEL / 2.0, n - 1.0)? * (variance / n).sqrt();
        Some(Interval::new(value - half, value + half))
    }

    /// This mean less that of another, independent group, which may spread differently; nothing if
    /// one has fewer than two numbers or does not spread at all: a few equal answers say nothing about
    /// how answers spread.
    ///
    /// Welch BL (1947), The generalization of "Student's" problem when several different population
    /// variances are involved, Biometrika 34:28–35, with the degrees of freedom of Satterthwaite FE
    /// (1946), Biometrics Bulletin 2:110–114.
    pub fn welch(self, other: Mean) -> Option<Difference> {
        let (n1, n2) = (self.n as f64, other.n as f64);
        let (e1, e2) = (self.variance()? / n1, other.variance()? / n2);
        let error = (e1 + e2).sqrt();
        if e1 <= 0.0 || e2 <= 0.0 {
            return None;
        }
        let df = (e1 + e2).powi(2) / (e1 * e1 / (n1 - 1.0) + e2 * e2 / (n2 - 1.0));
        let value = self.value()? - other.value()?;
        let half = tails::student_quantile(0.5 + LEVEL / 2.0, df)? * error;
        let p = tails::student_two_sided(value / error, df)?;
        Some(Difference { value, interval: Interval::new(value - half, value + half), p })
    }
}

impl FromIterator<i64> for Mean {
    fn from_iter<I: IntoIterator<Item = i64>>(values: I) -> Mean {
        values.into_iter().fold(Mean::default(), |m, x| {
            let x = i128::from(x);
            Mean { n: m.n + 1, sum: m.sum + x, squares: m.squares.saturating_add(x * x) }
        })
    }
}
