//! Numbers as people read them on pages: rounded here and nowhere else.

use crate::domain::statistics::Interval;
use crate::i18n::Words;

/// A whole number with groups of three digits: `1,436`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Digits after the point that `n` answers can bear: two from a thousand on.
fn digits(n: u64) -> usize {
    if n >= 1_000 { 2 } else { 1 }
}

/// A number with a true minus sign and no minus before zero.
fn written(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| matches!(c, '0' | '.')) => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// A share of `n` answers in per cent, without the sign: `71.4`.
pub fn percent(share: f64, n: u64) -> String {
    written(100.0 * share, digits(n))
}

/// A score of `n` answers with its sign: `+39.84`, `−12.5`, `0.0`.
pub fn score(score: f64, n: u64) -> String {
    let text = written(score, digits(n));
    let zero = text.chars().all(|c| matches!(c, '0' | '.'));
    if zero || text.starts_with('−') { text } else { format!("+{text}") }
}

/// A mean on a scale: `4.9`; of a thousand answers and more `4.87`.
pub fn mean(mean: f64, n: u64) -> String {
    written(mean, digits(n))
}

/// What kind of figure an interval belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 0 to 1, shown in per cent.
    Share,
    /// −100 to 100.
    Score,
    /// Points of a scale.
    Mean,
}

/// An interval in words: `95% 区间 64.5 至 77.5`.
pub fn interval(words: Words, kind: Kind, interval: Option<Interval>, n: u64) -> String {
    let Some(interval) = interval else { return String::new() };
    let bound = |value: f64| match kind {
        Kind::Share => percent(value, n),
        Kind::Score => score(value, n),
        Kind::Mean => mean(value, n),
    };
    words.with("insights-interval", [("low", &bound(interval.low)), ("high", &bound(interval.high))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            (count(0), count(999), count(1_436), count(1_234_567)),
            ("0".into(), "999".into(), "1,436".into(), "1,234,567".into())
        );
        assert_eq!(percent(0.714_28, 182), "71.4");
        assert_eq!(percent(1.0, 2_000), "100.00");
        assert_eq!(score(39.839_8, 2_746), "+39.84");
        assert_eq!(score(-12.5, 40), "−12.5");
        assert_eq!(score(-0.01, 40), "0.0");
        assert_eq!(mean(4.9, 160), "4.9");
    }
}
