//! Several comparisons at once without saying more than one may.

/// The p of each comparison adjusted for all of them, in the order given, each between 0 and 1: the
/// chance that any true "no difference" falls below 0.05 is at most 5 %, whatever the dependence.
///
/// Holm S (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of
/// Statistics 6:65–70: with the p in rising order the i-th is multiplied by (m − i + 1), and none
/// may fall below the one before. A p that is no number counts as 1.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let p: Vec<f64> = p.iter().map(|p| if p.is_nan() { 1.0 } else { *p }).collect();
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut least = 0.0_f64;
    for (rank, index) in order.into_iter().enumerate() {
        least = least.max(p[index] * (p.len() - rank) as f64).min(1.0);
        adjusted[index] = least;
    }
    adjusted
}
