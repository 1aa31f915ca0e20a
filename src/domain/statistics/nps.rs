//! The net promoter score, its interval, and the difference between two groups.

use super::{Difference, Distribution, Interval, Z, permutation, tails};

/// How many answered 9–10, 7–8 and 0–6 to "how likely would you recommend it", asked from 0 to 10
/// (Reichheld FF (2003), The one number you need to grow, Harvard Business Review 81(12):46–54).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Nps {
    /// Answers of 9 and 10.
    pub promoters: u64,
    /// Answers of 7 and 8.
    pub passives: u64,
    /// Answers of 0 to 6.
    pub detractors: u64,
}

impl Nps {
    /// The three groups of a distribution of answers from 0 to 10.
    pub fn from_distribution(answers: &Distribution) -> Nps {
        answers.iter().fold(Nps::default(), |mut nps, (score, count)| {
            *match score {
                9.. => &mut nps.promoters,
                7 | 8 => &mut nps.passives,
                0..=6 => &mut nps.detractors,
            } += count;
            nps
        })
    }

    /// How many answered.
    pub const fn n(self) -> u64 {
        self.promoters.saturating_add(self.passives).saturating_add(self.detractors)
    }

    /// The score, between −100 and 100: per cent of promoters less per cent of detractors; nothing
    /// if nobody answered.
    pub fn score(self) -> Option<f64> {
        let n = self.n();
        (n > 0).then(|| 100.0 * (self.promoters as f64 - self.detractors as f64) / n as f64)
    }

    /// The centre of the interval and its variance, in units of 1 rather than 100.
    ///
    /// The variance of promoters less detractors (+1, 0, −1) over n is (P + D − (P − D)²)/n. Three
    /// answers are added first, ¾ promoters, ¾ detractors and 1½ passives: the adjusted Wald interval
    /// of Rocks B (2016), Interval estimation for the "net promoter score", The American Statistician
    /// 70:365–372. Without them three promoters and nobody else would be a score of 100 ± 0.
    fn adjusted(self) -> (f64, f64) {
        let n = self.n() as f64 + 3.0;
        let (p, d) = ((self.promoters as f64 + 0.75) / n, (self.detractors as f64 + 0.75) / n);
        (p - d, (p + d - (p - d).powi(2)) / n)
    }

    /// The two-sided 95 % interval, between −100 and 100; nothing if nobody answered.
    ///
    /// The adjusted Wald interval of Rocks (2016), from the variance of promoters less detractors.
    pub fn interval(self) -> Option<Interval> {
        let score = self.score()?;
        let (centre, variance) = self.adjusted();
        let half = Z * variance.sqrt();
        let interval = Interval::new(100.0 * (centre - half), 100.0 * (centre + half));
        // A single answer lies just outside of what three added ones allow.
        Some(interval.within(-100.0, 100.0).stretched_to(score))
    }

    /// This score less that of another, independent group, between −200 and 200; nothing if nobody
    /// answered in one of them. By [`Nps::adjusted_wald`], with the larger of its p and that of chance
    /// alone ([`permutation::p`]).
    pub fn difference(self, other: Nps) -> Option<Difference> {
        let counts = |nps: Nps| [nps.detractors, nps.passives, nps.promoters];
        Some(self.adjusted_wald(other)?.guarded(|| permutation::p(&counts(self), &counts(other))))
    }

    /// This score less another, unguarded.
    ///
    /// The variances of both, each adjusted as in [`Nps::interval`], add up, as Agresti A and Caffo B
    /// (2000), Simple and effective confidence intervals for proportions and differences of
    /// proportions, The American Statistician 54:280–288, do for shares.
    pub fn adjusted_wald(self, other: Nps) -> Option<Difference> {
        let value = self.score()? - other.score()?;
        let ((centre1, variance1), (centre2, variance2)) = (self.adjusted(), other.adjusted());
        let (centre, error) = (centre1 - centre2, (variance1 + variance2).sqrt());
        let interval = Interval::new(100.0 * (centre - Z * error), 100.0 * (centre + Z * error));
        let p = tails::normal_two_sided(centre / error);
        Some(Difference { value, interval: interval.within(-200.0, 200.0).stretched_to(value), p })
    }
}
