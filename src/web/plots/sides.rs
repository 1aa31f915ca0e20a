//! Two windows side by side: each measure on its own scale, both values with their intervals, and what
//! may be said of the difference.

use super::answers::said;
use super::drawing::Drawing;
use super::{Cell, Picture};
use crate::domain::measure::{Compared, Figure, Measure};
use crate::domain::statistics::{Change, Interval};
use crate::i18n::Words;
use crate::store::insights::Comparison;
use crate::web::figures::{self, Kind};

const WIDTH: u32 = 960;
const LEFT: f64 = 210.0;
const RIGHT: f64 = 740.0;
const ROW: f64 = 62.0;
const TOP: f64 = 34.0;

/// How a measure is written.
pub fn kind(measure: Measure) -> Kind {
    match measure {
        Measure::Nps => Kind::Score,
        Measure::Ces => Kind::Mean,
        _ => Kind::Share,
    }
}

/// The ends of a measure's scale.
pub fn scale(measure: Measure) -> (f64, f64) {
    match measure {
        Measure::Nps => (-100.0, 100.0),
        Measure::Ces => (1.0, 7.0),
        _ => (0.0, 1.0),
    }
}

/// What a measure is called.
pub fn name(words: Words, measure: Measure) -> String {
    words.word("measure", measure.code())
}

/// A difference with its sign and unit: `+12.3`, in percentage points for shares.
pub fn difference(words: Words, compared: &Compared) -> String {
    let Some(d) = compared.difference else { return String::new() };
    let n = compared.base.n.min(compared.window.n);
    match kind(compared.measure) {
        Kind::Share => words.with("insights-points", [("n", &figures::score(100.0 * d.value, n))]),
        _ => figures::score(d.value, n),
    }
}

/// The interval of a difference.
pub fn interval(words: Words, compared: &Compared) -> String {
    let Some(d) = compared.difference else { return String::new() };
    let n = compared.base.n.min(compared.window.n);
    let factor = if matches!(kind(compared.measure), Kind::Share) { 100.0 } else { 1.0 };
    let scaled = Interval { low: factor * d.interval.low, high: factor * d.interval.high, ..d.interval };
    figures::interval(words, Kind::Score, Some(scaled), n)
}

/// The picture of a comparison.
pub fn picture(comparison: &Comparison, words: Words) -> Picture {
    let rows = &comparison.measures;
    let mut drawing = Drawing::new(WIDTH, (TOP + ROW * rows.len() as f64 + 8.0) as u32);
    drawing.dot("plot-point-base", (LEFT + 5.0, 14.0), "5", String::new());
    drawing.text("plot-small", (LEFT + 16.0, 18.0), "start", comparison.base.title.clone());
    drawing.dot("plot-point", (LEFT + 285.0, 14.0), "5", String::new());
    drawing.text("plot-small", (LEFT + 296.0, 18.0), "start", comparison.window.title.clone());
    let mut told = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        draw(&mut drawing, row, comparison.minimum_n, TOP + ROW * at as f64, words);
        told.push(words.with(
            "insights-compared",
            [("measure", &name(words, row.measure)), ("change", &words.word("change", row.change.code()))],
        ));
    }
    Picture {
        name: "comparison".to_owned(),
        title: words.with(
            "insights-comparison-of",
            [("base", &comparison.base.title), ("window", &comparison.window.title)],
        ),
        description: format!("{}{}", told.join(&words.t("insights-between")), words.t("insights-stop")),
        caption: words.t("insights-comparison-caption"),
        columns: vec![
            (words.t("insights-measure"), "measure"),
            (comparison.base.title.clone(), "base"),
            ("n".to_owned(), "base_n"),
            (comparison.window.title.clone(), "window"),
            ("n".to_owned(), "window_n"),
            (words.t("insights-difference"), "difference"),
            (words.t("insights-interval-title"), "low"),
            (String::new(), "high"),
            (words.t("insights-adjusted-p"), "adjusted_p"),
            (words.t("insights-change"), "change"),
        ],
        rows: rows.iter().map(|row| cells(row, words)).collect(),
        drawing,
    }
}

fn cells(row: &Compared, words: Words) -> Vec<Cell> {
    let of = |f: Figure| Cell::number(said(kind(row.measure), f.value, f.n), f.value);
    vec![
        Cell { text: name(words, row.measure), raw: row.measure.code().to_owned(), number: false },
        of(row.base),
        Cell::count(row.base.n),
        of(row.window),
        Cell::count(row.window.n),
        Cell::number(difference(words, row), row.difference.map(|d| d.value)),
        Cell::number(interval(words, row), row.difference.map(|d| d.interval.low)),
        Cell::number(String::new(), row.difference.map(|d| d.interval.high)),
        Cell::number(row.adjusted_p.map(written_p).unwrap_or_default(), row.adjusted_p),
        Cell {
            text: words.word("change", row.change.code()),
            raw: row.change.code().to_owned(),
            number: false,
        },
    ]
}

/// A p as people read it: `0.032`, `< 0.001`.
pub fn written_p(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") }
}

fn draw(drawing: &mut Drawing, row: &Compared, minimum_n: u64, y: f64, words: Words) {
    let (low, high) = scale(row.measure);
    let place = |v: f64| LEFT + (RIGHT - LEFT) * ((v - low) / (high - low)).clamp(0.0, 1.0);
    drawing.text("plot-label plot-strong", (4.0, y + 24.0), "start", name(words, row.measure));
    drawing.level("plot-grid", y + 20.0, LEFT, RIGHT);
    let end = |v: f64| match kind(row.measure) {
        Kind::Share => format!("{}%", (100.0 * v).round()),
        Kind::Score => figures::score(v, 0).replace(".0", ""),
        Kind::Mean => v.to_string(),
    };
    drawing.text("plot-small", (LEFT, y + 49.0), "start", end(low));
    drawing.text("plot-small", (RIGHT, y + 49.0), "end", end(high));
    for (figure, line, dot, at) in [
        (row.base, "plot-interval-base", "plot-point-base", y + 13.0),
        (row.window, "plot-interval", "plot-point", y + 27.0),
    ] {
        let value = said(kind(row.measure), figure.value, figure.n);
        if let Some(i) = figure.interval {
            let sure = figures::interval(words, kind(row.measure), Some(i), figure.n);
            drawing.whisker(line, at, (place(i.low), place(i.high)), format!("{value} {sure}"));
        }
        if let Some(v) = figure.value {
            drawing.dot(dot, (place(v), at), "5", value);
        }
    }
    let (sign, class) = match row.change {
        Change::Better => ("▲", "plot-better"),
        Change::Worse => ("▼", "plot-worse"),
        Change::CannotTell => ("◇", "plot-label"),
    };
    let verdict = format!("{sign} {}", words.word("change", row.change.code()));
    drawing.text(class, (RIGHT + 24.0, y + 17.0), "start", verdict);
    let note = match row.difference {
        Some(_) => difference(words, row),
        // Enough on both sides, and still nothing to judge by.
        None if row.base.n.min(row.window.n) >= minimum_n => words.t("insights-all-alike"),
        None => words.t("insights-too-few"),
    };
    drawing.text("plot-small", (RIGHT + 24.0, y + 35.0), "start", note);
}
