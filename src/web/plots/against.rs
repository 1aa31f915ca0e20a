//! Satisfaction against what is known exactly of a window: how long ahead it was announced, how long
//! past its end it went on.

use super::answers::said;
use super::drawing::Drawing;
use super::{Cell, Picture};
use crate::domain::measure::Measure;
use crate::i18n::Words;
use crate::store::insights::Insights;
use crate::web::figures::{self, Kind};
use crate::web::times;

const WIDTH: u32 = 470;
const HEIGHT: u32 = 236;
const LEFT: f64 = 50.0;
const RIGHT: f64 = 446.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 178.0;

/// The most of the axis and the distance of its marks, in seconds: at most six marks.
fn axis(most: i64) -> (i64, i64) {
    const STEPS: [i64; 15] = [
        600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400, 172_800, 345_600, 604_800, 1_209_600,
        2_419_200, 7_257_600,
    ];
    let step =
        STEPS.into_iter().find(|s| most <= 5 * s).unwrap_or_else(|| (most / 5 / 604_800 + 1) * 604_800);
    (((most + step - 1) / step).max(1) * step, step)
}

/// The picture of satisfaction against `fact` ([`Measure::Lead`] or [`Measure::Overrun`]); nothing if
/// fewer than two windows have both.
pub fn picture(fact: Measure, windows: &[&Insights], words: Words) -> Option<Picture> {
    let points: Vec<(&Insights, i64, crate::domain::measure::Figure)> = windows
        .iter()
        .filter_map(|w| Some((*w, w.fact(fact)?, w.figure(Measure::Csat)?)))
        .filter(|(_, _, f)| f.value.is_some())
        .collect();
    if points.len() < 2 {
        return None;
    }
    // A notice that came after the start is none ahead.
    let (most, step) = axis(points.iter().map(|p| p.1).max().unwrap_or(0));
    let mut drawing = Drawing::new(WIDTH, HEIGHT);
    let y = |v: f64| BOTTOM - (BOTTOM - TOP) * v;
    let x = |seconds: i64| LEFT + (RIGHT - LEFT) * seconds.clamp(0, most) as f64 / most as f64;
    for v in [0.0, 0.25, 0.5, 0.75, 1.0] {
        drawing.level(if v == 0.0 { "plot-axis" } else { "plot-grid" }, y(v), LEFT, RIGHT + 10.0);
        drawing.text("plot-small", (LEFT - 8.0, y(v) + 4.0), "end", format!("{}%", 100.0 * v));
    }
    for at in 0..=most / step {
        drawing.upright("plot-axis", x(at * step), BOTTOM, BOTTOM + 4.0, String::new());
        drawing.text("plot-small", (x(at * step), BOTTOM + 18.0), "middle", times::rough(words, at * step));
    }
    let below = words.word("measure", fact.code());
    drawing.text("plot-small", ((LEFT + RIGHT) / 2.0, BOTTOM + 42.0), "middle", below);
    let mut table = Vec::new();
    for (window, seconds, figure) in &points {
        let value = said(Kind::Share, figure.value, figure.n);
        let sure = figures::interval(words, Kind::Share, figure.interval, figure.n);
        let span = times::span(words, (*seconds).max(0));
        let title = [window.window.title.as_str(), &span, &value, &sure].join(" ");
        if let Some(i) = figure.interval {
            drawing.upright_whisker("plot-interval-base", x(*seconds), (y(i.low), y(i.high)), title.clone());
        }
        drawing.dot("plot-point", (x(*seconds), y(figure.value.unwrap_or(0.0))), "5", title);
        table.push(vec![
            Cell { text: window.window.title.clone(), raw: window.window.slug.clone(), number: false },
            Cell::number(span, Some(*seconds as f64)),
            Cell::count(figure.n),
            Cell::number(value, figure.value),
            Cell::number(sure, figure.interval.map(|i| i.low)),
            Cell::number(String::new(), figure.interval.map(|i| i.high)),
        ]);
    }
    Some(Picture {
        name: format!("csat-{}", fact.code()),
        title: words.word("insights-against", fact.code()),
        description: words.n("insights-against-description", points.len() as i64),
        caption: String::new(),
        columns: vec![
            (words.t("insights-window"), "window"),
            (words.word("measure", fact.code()), "seconds"),
            ("n".to_owned(), "n"),
            (words.t("insights-csat"), "csat"),
            (words.t("insights-interval-title"), "low"),
            (String::new(), "high"),
        ],
        rows: table,
        drawing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_reaches_the_last_point_in_few_steps() {
        for most in [0, 1, 599, 3_600, 100_000, 700_000, 50_000_000, i64::MAX / 4] {
            let (end, step) = axis(most);
            assert!(end >= most && end / step <= 7 && step > 0, "{most}: {end} by {step}");
        }
    }
}
