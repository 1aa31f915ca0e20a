//! The upper tail of the Poisson distribution: how likely so many or more are by chance alone.

/// P(X ≥ k) for a Poisson X with mean `mean` ≥ 0. Between 0 and 1; `None` if `mean` is negative or
/// no number.
///
/// It is the regularised lower incomplete gamma function P(k, mean) (Abramowitz and Stegun 26.4.21;
/// DLMF 8.4.10). Summed from the term next to `k` outwards, so that all terms are positive and the
/// largest comes first: above the mean the tail itself (DLMF 8.7.1 is the same series), below it
/// what the tail leaves.
pub fn at_least(k: u64, mean: f64) -> Option<f64> {
    if mean.is_nan() || mean < 0.0 {
        return None;
    }
    if k == 0 {
        return Some(1.0);
    }
    if mean == 0.0 {
        return Some(0.0);
    }
    if mean.is_infinite() {
        return Some(1.0);
    }
    let at = k as f64;
    let area = if at > mean {
        let (mut term, mut sum, mut i) = (probability(k, mean), 0.0, at);
        while term > sum * 1e-17 {
            sum += term;
            i += 1.0;
            term *= mean / i;
        }
        sum
    } else {
        let (mut term, mut sum, mut i) = (probability(k - 1, mean), 0.0, at - 1.0);
        while term > sum * 1e-17 {
            sum += term;
            term *= i / mean;
            i -= 1.0;
        }
        1.0 - sum
    };
    Some(area.clamp(0.0, 1.0))
}

/// P(X = k).
fn probability(k: u64, mean: f64) -> f64 {
    let k = k as f64;
    (k * mean.ln() - mean - ln_factorial(k)).exp()
}

/// ln k!: the sum of logarithms up to 20, Stirling's series (DLMF 5.11.1) beyond, whose first term
/// left out is below 1e-13 there.
fn ln_factorial(k: f64) -> f64 {
    if k <= 20.0 {
        let mut sum = 0.0;
        let mut i = 2.0;
        while i <= k {
            sum += f64::ln(i);
            i += 1.0;
        }
        return sum;
    }
    let (a, i) = (k + 1.0, 1.0 / (k + 1.0));
    let i2 = i * i;
    let series = i * (1.0 / 12.0 - i2 * (1.0 / 360.0 - i2 * (1.0 / 1_260.0 - i2 * (1.0 / 1_680.0))));
    (a - 0.5) * a.ln() - a + 0.5 * (2.0 * std::f64::consts::PI).ln() + series
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(a: f64, b: f64, relative: f64) {
        assert!((a - b).abs() <= relative * b.abs(), "{a} is not {b}");
    }

    #[test]
    fn tails_are_those_of_the_tables() {
        // 1 − e^−m Σ m^i/i!, written out.
        near(at_least(1, 0.5).unwrap(), 1.0 - (-0.5f64).exp(), 1e-14);
        near(at_least(2, 1.0).unwrap(), 1.0 - 2.0 * (-1.0f64).exp(), 1e-14);
        near(at_least(3, 0.03).unwrap(), 4.399_954_939_749_08e-6, 1e-12);
        // The sums in 60 decimal digits.
        near(at_least(10, 5.0).unwrap(), 0.031_828_057_306_204_8, 1e-12);
        near(at_least(5, 10.0).unwrap(), 0.970_747_311_923_038_9, 1e-12);
        near(at_least(30, 10.0).unwrap(), 2.509_951_201_527_907e-7, 1e-12);
        near(at_least(1_000, 1_000.0).unwrap(), 0.504_205_244_180_215_5, 1e-9);
        assert_eq!((at_least(0, 0.0), at_least(1, 0.0)), (Some(1.0), Some(0.0)));
        assert_eq!(
            (at_least(5, f64::INFINITY), at_least(1, -1.0), at_least(1, f64::NAN)),
            (Some(1.0), None, None)
        );
    }

    #[test]
    fn factorials_have_no_step() {
        let sum: f64 = (2..=21).map(|i| f64::from(i).ln()).sum();
        near(ln_factorial(21.0), sum, 1e-15);
        near(ln_factorial(5.0), 120f64.ln(), 1e-15);
    }

    proptest! {
        #[test]
        fn tails_are_areas_that_shrink(k in 0u64..3_000, mean in 1e-6f64..2_000.0) {
            let (here, next) = (at_least(k, mean).unwrap(), at_least(k + 1, mean).unwrap());
            prop_assert!((0.0..=1.0).contains(&here));
            prop_assert!(next <= here + 1e-12);
            // What lies between them is the probability of k itself.
            prop_assert!((here - next - probability(k, mean)).abs() < 1e-10);
        }
    }
}
