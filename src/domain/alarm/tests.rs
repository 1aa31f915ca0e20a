//! How often an alarm is false, and how soon one comes: by simulation, with numbers that are the same
//! every time.

use std::collections::VecDeque;

use super::*;

/// Knuth's MMIX generator; its high bits are good enough for gaps between people.
struct Dice(u64);

impl Dice {
    /// Between 0 and 1, both excluded.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }
}

const DAY: f64 = 1_440.0;

/// The alarms in so many days of people who report by chance, `peak` an hour at most. `daily`: ten times as many at
/// noon as at midnight. `young`: from the first day on; else after 28 days of history.
fn false_alarms(peak: f64, daily: bool, young: bool, days: f64, seed: u64) -> usize {
    let mut dice = Dice(seed);
    let history = HISTORY_DAYS as f64 * DAY;
    let (same, span) = (SAME_HOURS_MINUTES as f64, SPAN_MINUTES as f64);
    let shape = |minute: f64| {
        if !daily {
            return 1.0;
        }
        0.55 - 0.45 * (2.0 * std::f64::consts::PI * minute / DAY).cos()
    };
    // The people of the history, and in each of its quarter hours of the day how many.
    let mut past: VecDeque<f64> = VecDeque::new();
    let mut by_quarter = [0i64; 96];
    let quarter = |minute: f64| ((minute.rem_euclid(DAY)) / 15.0) as usize % 96;
    let reach = (same / 15.0) as usize;
    let from = if young { 0.0 } else { history };
    let (mut now, mut alarms, mut quiet_from) = (0.0, 0, f64::NEG_INFINITY);
    loop {
        now -= dice.share().ln() / (peak / 60.0);
        if now > from + days * DAY {
            return alarms;
        }
        if dice.share() > shape(now) {
            continue;
        }
        while past.front().is_some_and(|at| *at < now - history) {
            let at = past.pop_front().unwrap();
            by_quarter[quarter(at)] -= 1;
        }
        if now > from {
            let since = |minutes: f64| past.iter().rev().take_while(|at| **at > now - minutes).count() as i64;
            let within = since(span);
            // What is looked at is no history yet.
            let near: i64 = (0..=2 * reach).map(|i| by_quarter[(quarter(now) + 96 + i - reach) % 96]).sum();
            let minutes = (now - span).clamp(0.0, history);
            let share = (2 * reach + 1) as f64 * 15.0 / DAY;
            let rate = usual_rate(
                Observed { people: past.len() as i64 - within, minutes },
                Observed { people: near - within, minutes: minutes * share },
                since(span + RECENT_MINUTES as f64) - within,
            );
            if unusual(1 + within, rate).is_some() {
                if now > quiet_from {
                    alarms += 1;
                }
                quiet_from = now + QUIET_MINUTES as f64;
            }
        }
        past.push_back(now);
        by_quarter[quarter(now)] += 1;
    }
}

#[test]
fn false_alarms_are_rare() {
    // People an hour, years of one component. docs/triage.md shows the counts.
    let mut all = 0;
    for (rate, years) in [(0.01, 50.0), (0.1, 50.0), (1.0, 20.0), (10.0, 4.0), (30.0, 1.0)] {
        for daily in [false, true] {
            let alarms = false_alarms(rate, daily, false, years * 365.0, 20_261_127);
            println!("{rate} an hour, daily pattern {daily}: {alarms} in {years} years");
            assert!(alarms as f64 <= 0.1 * years + 1.0, "{rate} an hour, {daily}: {alarms} in {years} years");
            all += alarms;
        }
    }
    assert!(all <= 3, "{all} in 250 years");
}

#[test]
fn a_young_function_is_no_alarm_either() {
    // The first 14 days of so many functions each.
    for (rate, functions, at_most) in [(0.1, 200, 0), (1.0, 200, 1), (3.0, 200, 8), (10.0, 100, 90)] {
        for daily in [false, true] {
            let alarms: usize =
                (0..functions).map(|n| false_alarms(rate, daily, true, 14.0, 7 + 1_000 * n)).sum();
            println!(
                "{rate} an hour, daily pattern {daily}: {alarms} in the first 14 days of {functions} functions"
            );
            assert!(alarms <= at_most, "{rate} an hour, {daily}: {alarms}");
        }
    }
}

#[test]
fn so_many_people_within_a_quarter_of_an_hour_are_an_alarm() {
    let needed = |an_hour: f64| (1..).find(|people| unusual(*people, an_hour / 60.0).is_some()).unwrap();
    let table: Vec<i64> = [0.01, 0.1, 1.0, 10.0, 30.0].map(needed).to_vec();
    assert_eq!(table, [3, 5, 7, 17, 28]);
    // Without any history: one person in two days.
    let none = Observed::default();
    assert_eq!(unusual(3, usual_rate(none, none, 0)), None);
    assert!(unusual(4, usual_rate(none, none, 0)).is_some());
}

#[test]
fn a_busy_hour_is_not_an_alarm() {
    let all = Observed { people: 280, minutes: 28.0 * DAY };
    let noon = Observed { people: 250, minutes: 28.0 * 180.0 };
    assert!(
        usual_rate(all, noon, 0) > usual_rate(all, Observed { people: 0, minutes: 28.0 * 180.0 }, 0) * 3.0
    );
    assert!(unusual(6, usual_rate(all, Observed::default(), 0)).is_some());
    assert_eq!(unusual(6, usual_rate(all, noon, 0)), None);
}
