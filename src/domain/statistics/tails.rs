//! Areas under the normal and the Student t distribution, and the t that leaves a given area.

use std::f64::consts::PI;

use super::root_of_decreasing;

/// The complementary error function of `x` ≥ 0.
///
/// Below 2 by the series DLMF 7.6.2, whose terms are all positive; from there on by the continued
/// fraction DLMF 7.9.1, evaluated backwards.
fn erfc(x: f64) -> f64 {
    let gauss = (-x * x).exp() / PI.sqrt();
    if x < 2.0 {
        let (mut term, mut sum, mut k) = (x, x, 0.0);
        while term > sum * 1e-17 {
            k += 1.0;
            term *= 2.0 * x * x / (2.0 * k + 1.0);
            sum += term;
        }
        1.0 - 2.0 * gauss * sum
    } else {
        gauss / (1..=100).rev().fold(x, |tail, k| x + 0.5 * f64::from(k) / tail)
    }
}

/// P(|Z| > |z|) for a standard normal Z: the two-sided p of a z. Between 0 and 1.
pub fn normal_two_sided(z: f64) -> f64 {
    erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// ln Γ(a + ½) − ln Γ(a) for `a` > 0: the recurrence of Γ up to 20, then the asymptotic series
/// (DLMF 5.11.13), whose first term left out is below 1e-14 there. Taken as one function because
/// the difference of two large logarithms would lose the digits that matter.
fn ln_gamma_half_step(mut a: f64) -> f64 {
    let mut shift = 0.0;
    while a < 20.0 {
        shift += (a / (a + 0.5)).ln();
        a += 1.0;
    }
    let (i, i2) = (1.0 / a, 1.0 / (a * a));
    let series = i * (-1.0 / 8.0 + i2 * (1.0 / 192.0 + i2 * (-1.0 / 640.0 + i2 * 17.0 / 14_336.0)));
    shift + 0.5 * a.ln() + series
}

/// The continued fraction of the incomplete beta function (DLMF 8.17.22) by Lentz's method as
/// modified by Thompson and Barnett (1986).
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let held = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / held(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..=20_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / held(1.0 + even * d);
        c = held(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / held(1.0 + odd * d);
        c = held(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

/// Degrees of freedom above which the t distribution is taken for the normal one, corrected.
const NEARLY_NORMAL: f64 = 1e6;

/// P(|T| > |t|) for Student's T with `df` > 0 degrees of freedom (not only whole ones): the
/// two-sided p of a t. Between 0 and 1; `None` if `df` is not positive or `t` is no number.
///
/// It is I_x(df/2, ½) with x = df/(df + t²) (Abramowitz and Stegun 26.7.1 and 26.5.27); above a
/// million degrees of freedom the normal area at Abramowitz and Stegun 26.7.8.
pub fn student_two_sided(t: f64, df: f64) -> Option<f64> {
    if df.is_nan() || df <= 0.0 || t.is_nan() {
        return None;
    }
    let t2 = t * t;
    if t2 == 0.0 {
        return Some(1.0);
    }
    if t2.is_infinite() {
        return Some(0.0);
    }
    if df.is_infinite() {
        return Some(normal_two_sided(t));
    }
    if df > NEARLY_NORMAL {
        return Some(normal_two_sided(t * (1.0 - 0.25 / df) / (1.0 + 0.5 * t2 / df).sqrt()));
    }
    let (a, b) = (df / 2.0, 0.5);
    let (x, rest) = (df / (df + t2), t2 / (df + t2));
    // x^a (1−x)^b / B(a, b), with x^a taken from ln(1 + t²/df) so that an x close to 1 keeps its digits.
    let front = (ln_gamma_half_step(a) - 0.5 * PI.ln() - a * (t2 / df).ln_1p()).exp() * rest.sqrt();
    let area = if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, rest) / b
    };
    Some(area.clamp(0.0, 1.0))
}

/// The quantile of Student's t at `p` with `df` > 0 degrees of freedom (not only whole ones): the t
/// below which lies the share `p`. `None` unless 0 < p < 1 and `df` is positive.
///
/// Found by inverting [`student_two_sided`], so that an interval and a p never contradict one
/// another.
pub fn student_quantile(p: f64, df: f64) -> Option<f64> {
    if !(p > 0.0 && p < 1.0) || df.is_nan() || df <= 0.0 {
        return None;
    }
    let outside = 2.0 * p.min(1.0 - p);
    if outside >= 1.0 {
        return Some(0.0);
    }
    let t = root_of_decreasing(|t| student_two_sided(t, df).unwrap_or(0.0) - outside);
    Some(if p < 0.5 { -t } else { t })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance, "{a} is not {b}");
    }

    #[test]
    fn normal_areas_are_those_of_the_tables() {
        for (z, p) in [
            (0.0, 1.0),
            (1.0, 0.317_310_507_862_914),
            (1.959_963_984_540_054, 0.05),
            (2.575_829_303_548_901, 0.01),
            (3.290_526_731_491_926, 0.001),
        ] {
            near(normal_two_sided(z), p, 1e-14);
            near(normal_two_sided(-z), p, 1e-14);
        }
        // Far out in the tail, in relative terms; P(|Z| > 6) = 1.973175290075396e-9.
        near(normal_two_sided(6.0) / 1.973_175_290_075_396e-9, 1.0, 1e-12);
        assert_eq!(normal_two_sided(f64::INFINITY), 0.0);
    }

    #[test]
    fn half_steps_of_gamma() {
        // Γ(1)/Γ(½) = 1/√π and Γ(1½)/Γ(1) = √π/2.
        near(ln_gamma_half_step(0.5), -0.5 * PI.ln(), 1e-14);
        near(ln_gamma_half_step(1.0), (PI.sqrt() / 2.0).ln(), 1e-14);
    }

    #[test]
    fn quantiles_of_t_are_those_of_the_tables() {
        // Abramowitz and Stegun table 26.10 and the NIST/SEMATECH handbook 1.3.6.7.2, with more digits.
        for (p, df, t) in [
            (0.975, 1.0, 12.706_204_736),
            (0.975, 2.0, 4.302_652_730),
            (0.975, 5.0, 2.570_581_836),
            (0.975, 10.0, 2.228_138_852),
            (0.975, 30.0, 2.042_272_456),
            (0.975, 120.0, 1.979_930_405),
            (0.95, 10.0, 1.812_461_123),
            (0.995, 5.0, 4.032_142_984),
            (0.9995, 3.0, 12.923_978_637),
        ] {
            near(student_quantile(p, df).unwrap(), t, 2e-9);
            near(student_quantile(1.0 - p, df).unwrap(), -t, 1e-8);
        }
    }

    #[test]
    fn t_turns_into_the_normal_distribution_without_a_step() {
        // Abramowitz and Stegun 26.7.5: z + (z³ + z)/4ν + ….
        let z = super::super::Z;
        for df in [1e4, 999_999.0, 1_000_001.0, 1e9] {
            let expansion = z
                + (z.powi(3) + z) / (4.0 * df)
                + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * df * df);
            near(student_quantile(0.975, df).unwrap(), expansion, 1e-10);
        }
        near(student_quantile(0.975, f64::INFINITY).unwrap(), z, 1e-12);
    }

    #[test]
    fn nonsense_has_no_area() {
        assert_eq!(student_two_sided(1.0, 0.0), None);
        assert_eq!(student_two_sided(f64::NAN, 5.0), None);
        assert_eq!(student_quantile(1.0, 5.0), None);
        assert_eq!(student_quantile(f64::NAN, 5.0), None);
        assert_eq!(student_quantile(0.5, 5.0), Some(0.0));
    }
}
