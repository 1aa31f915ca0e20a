//! How likely a difference between two groups is if chance alone had put people into them.
//!
//! Fisher RA (1935), The Design of Experiments, § 21; Pitman EJG (1937), Significance tests which may be
//! applied to samples from any populations, Supplement to the JRSS 4:119–130. What lies exactly as far
//! as the observed counts half: the mid-p of Lancaster HO (1961), Significance tests in discrete
//! distributions, JASA 56:223–234.

use super::tails;

/// Up to how many answers of the smaller group the p on a scale of three and more points is counted out.
/// That takes some milliseconds there, and grows with the cube.
pub const SMALL: u64 = 50;

/// The two-sided p of the difference between the means of two groups, from how often each of them gave
/// each point of one scale: the share of all ways to take the smaller group out of everybody whose mean
/// lies further from that of everybody than the observed one, and half of those that lie as far. Above
/// [`SMALL`] answers in the smaller group, on more than two points, the normal approximation to it. 1 if a
/// group is empty.
pub fn p(one: &[u64], two: &[u64]) -> f64 {
    let size = |group: &[u64]| group.iter().sum::<u64>();
    let (taken, rest) = if size(one) <= size(two) { (one, two) } else { (two, one) };
    let everybody: Vec<u64> = taken.iter().zip(rest).map(|(a, b)| a + b).collect();
    let (m, n) = (size(taken), size(&everybody));
    match (m, everybody.as_slice()) {
        (0, _) => 1.0,
        (_, [others, hits]) => of_two(taken[1], m, *hits, others + hits),
        (..=SMALL, _) => of_few(taken, &everybody, m, n),
        _ => of_many(taken, &everybody, m, n),
    }
}

/// What lies further, and half of what lies as far, of everything.
#[derive(Default)]
struct Tail {
    all: f64,
    far: f64,
}

impl Tail {
    fn add(&mut self, chance: f64, distance: i128, observed: i128) {
        self.all += chance;
        self.far += match distance.cmp(&observed) {
            std::cmp::Ordering::Greater => chance,
            std::cmp::Ordering::Equal => chance / 2.0,
            std::cmp::Ordering::Less => 0.0,
        };
    }

    fn p(&self) -> f64 {
        (self.far / self.all).min(1.0)
    }
}

/// Sum of the points of a scale, the lowest of which counts as 0.
fn sum(group: &[u64]) -> i128 {
    (0..).zip(group).map(|(point, count)| point * i128::from(*count)).sum()
}

/// Two points: `k` hits among the `m` taken out of `n`, of whom `hits` are hits (hypergeometric). Each
/// chance follows from its neighbour, from the likeliest outwards.
fn of_two(k: u64, m: u64, hits: u64, n: u64) -> f64 {
    let distance = |k: u64| (i128::from(n) * i128::from(k) - i128::from(m) * i128::from(hits)).abs();
    let (least, most) = ((m + hits).saturating_sub(n), m.min(hits));
    let likeliest = (u128::from(m + 1) * u128::from(hits + 1) / u128::from(n + 2)) as u64;
    let likeliest = likeliest.clamp(least, most);
    // How much more likely k + 1 is than k.
    let step =
        |k: u64| (hits - k) as f64 * (m - k) as f64 / ((k + 1) as f64 * ((n - hits) + k + 1 - m) as f64);
    let mut tail = Tail::default();
    tail.add(1.0, distance(likeliest), distance(k));
    let mut chance = 1.0;
    for at in likeliest..most {
        chance *= step(at);
        tail.add(chance, distance(at + 1), distance(k));
    }
    chance = 1.0;
    for at in (least..likeliest).rev() {
        chance /= step(at);
        tail.add(chance, distance(at), distance(k));
    }
    tail.p()
}

/// Counted point by point instead of way by way, after Pagano M, Tritchler D (1983), On obtaining
/// permutation distributions in polynomial time, JASA 78:435–440.
fn of_few(taken: &[u64], everybody: &[u64], m: u64, n: u64) -> f64 {
    let total = sum(everybody);
    // n·m times the distance between the mean of those taken and that of everybody, without rounding.
    let distance = |s: i128| (i128::from(n) * s - i128::from(m) * total).abs();
    let observed = distance(sum(taken));
    // The point that most gave comes last: how many are taken of it follows from the others.
    let most = (0..everybody.len()).max_by_key(|point| everybody[*point]).unwrap_or(0);
    let (m, top) = (m as usize, everybody.len() - 1);
    // How many ways there are to take k + 1 of these, over how many to take k, over n: small enough
    // that nothing overflows.
    let choose = |of: u64, k: usize| of.saturating_sub(k as u64) as f64 / ((k + 1) as f64 * n as f64);
    // ways[j][s]: in how many ways the points so far give j people whose points sum up to s.
    let mut ways = vec![vec![0.0f64; m * top + 1]; m + 1];
    ways[0][0] = 1.0;
    for point in (0..=top).filter(|point| *point != most) {
        let before = ways.clone();
        let mut times = 1.0;
        for k in 1..=m {
            times *= choose(everybody[point], k - 1);
            if times == 0.0 {
                break;
            }
            for j in 0..=m - k {
                for s in 0..=j * top {
                    ways[j + k][s + k * point] += times * before[j][s];
                }
            }
        }
    }
    let (mut tail, mut times) = (Tail::default(), 1.0);
    for k in 0..=m {
        for (s, some) in ways[m - k].iter().enumerate().take((m - k) * top + 1) {
            tail.add(times * some, distance((s + k * most) as i128), observed);
        }
        times *= choose(everybody[most], k);
    }
    tail.p()
}

/// The mean of those taken has the mean of everybody, and a variance of σ²/m · (n − m)/(n − 1).
fn of_many(taken: &[u64], everybody: &[u64], m: u64, n: u64) -> f64 {
    let (m, n) = (m as f64, n as f64);
    let mean = sum(everybody) as f64 / n;
    let squares: f64 =
        (0..).zip(everybody).map(|(p, count)| (f64::from(p) - mean).powi(2) * *count as f64).sum();
    let variance = squares / n / m * (n - m) / (n - 1.0);
    if variance > 0.0 {
        tails::normal_two_sided((sum(taken) as f64 / m - mean) / variance.sqrt())
    } else {
        1.0
    }
}
