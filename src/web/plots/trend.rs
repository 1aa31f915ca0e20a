//! One measure over many windows, each with its interval.

use super::answers::said;
use super::drawing::{Drawing, written};
use super::sides::{kind, name, scale};
use super::{Cell, Picture};
use crate::domain::measure::Measure;
use crate::i18n::Words;
use crate::store::insights::Insights;
use crate::web::figures::{self, Kind};
use crate::web::times::Times;

const WIDTH: u32 = 470;
const HEIGHT: u32 = 236;
const LEFT: f64 = 50.0;
const RIGHT: f64 = 456.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 186.0;

/// The picture of a measure over these windows, the earliest first; nothing if none of them has it.
pub fn picture(measure: Measure, windows: &[&Insights], words: Words) -> Option<Picture> {
    let points: Vec<(&Insights, crate::domain::measure::Figure)> =
        windows.iter().filter_map(|w| Some((*w, w.figure(measure)?))).collect();
    if points.iter().all(|(_, f)| f.n == 0) {
        return None;
    }
    let kind = kind(measure);
    let (low, high) = scale(measure);
    let mut drawing = Drawing::new(WIDTH, HEIGHT);
    let y = |v: f64| BOTTOM - (BOTTOM - TOP) * ((v - low) / (high - low)).clamp(0.0, 1.0);
    let lines: Vec<f64> = match kind {
        Kind::Share => vec![0.0, 0.25, 0.5, 0.75, 1.0],
        Kind::Score => vec![-100.0, -50.0, 0.0, 50.0, 100.0],
        Kind::Mean => vec![1.0, 3.0, 5.0, 7.0],
    };
    for v in lines {
        let text = match kind {
            Kind::Share => format!("{}%", 100.0 * v),
            Kind::Score => figures::score(v, 0).replace(".0", ""),
            Kind::Mean => v.to_string(),
        };
        drawing.level(if v == low { "plot-axis" } else { "plot-grid" }, y(v), LEFT, RIGHT);
        drawing.text("plot-small", (LEFT - 8.0, y(v) + 4.0), "end", text);
    }
    let step = (RIGHT - LEFT) / points.len() as f64;
    let x = |at: usize| LEFT + step * (at as f64 + 0.5);
    let mut line = String::new();
    let every = points.len().div_ceil(7).max(1);
    let mut table = Vec::new();
    for (at, (window, figure)) in points.iter().enumerate() {
        let times = Times::new(words, window.window.time_zone);
        let start = window.schedule.started_at.unwrap_or(window.schedule.scheduled_start);
        let value = said(kind, figure.value, figure.n);
        let sure = figures::interval(words, kind, figure.interval, figure.n);
        let n = words.with("insights-n", [("n", &figures::count(figure.n))]);
        let title = [window.window.title.as_str(), &value, &n, &sure].join(" ");
        if let Some(i) = figure.interval {
            drawing.upright_whisker("plot-interval", x(at), (y(i.low), y(i.high)), title.clone());
        }
        if let Some(v) = figure.value {
            let sign = if line.is_empty() { 'M' } else { 'L' };
            line.push_str(&format!("{sign}{} {}", written(x(at)), written(y(v))));
            drawing.dot("plot-point", (x(at), y(v)), "4.5", title);
        } else {
            drawing.dot("plot-point-base", (x(at), BOTTOM), "3.5", title);
        }
        drawing.upright("plot-axis", x(at), BOTTOM, BOTTOM + 4.0, String::new());
        if at % every == 0 {
            drawing.text("plot-small", (x(at), BOTTOM + 18.0), "middle", times.day(start));
            drawing.text(
                "plot-small",
                (x(at), BOTTOM + 34.0),
                "middle",
                format!("n={}", figures::count(figure.n)),
            );
        }
        table.push(vec![
            Cell { text: window.window.title.clone(), raw: window.window.slug.clone(), number: false },
            Cell::time(times.date(start), Some(start)),
            Cell::count(figure.n),
            Cell::number(value, figure.value),
            Cell::number(sure, figure.interval.map(|i| i.low)),
            Cell::number(String::new(), figure.interval.map(|i| i.high)),
        ]);
    }
    // Below the dots, so that it only leads the eye.
    let at = drawing.marks.iter().position(|m| matches!(m, super::Mark::Dot { .. })).unwrap_or(0);
    let mut lead = Drawing::new(0, 0);
    lead.path("plot-line", line, String::new());
    drawing.marks.splice(at..at, lead.marks).for_each(drop);
    let told: Vec<f64> = points.iter().filter_map(|(_, f)| f.value).collect();
    let description = match (told.first(), told.last()) {
        (Some(first), Some(last)) => words.with(
            "insights-trend-description",
            [("first", &said(kind, Some(*first), 0)), ("last", &said(kind, Some(*last), 0))],
        ),
        _ => words.t("insights-too-few"),
    };
    Some(Picture {
        name: format!("trend-{}", measure.code().replace('_', "-")),
        title: name(words, measure),
        description,
        caption: String::new(),
        columns: vec![
            (words.t("insights-window"), "window"),
            (words.t("insights-when"), "start"),
            ("n".to_owned(), "n"),
            (words.t("insights-figure"), "value"),
            (words.t("insights-interval-title"), "low"),
            (String::new(), "high"),
        ],
        rows: table,
        drawing,
    })
}
