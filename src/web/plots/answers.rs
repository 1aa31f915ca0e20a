//! How people took it: the answers to each question as one bar from best to worst, with the figure
//! that is made of them and its interval.

use super::drawing::{Drawing, width};
use super::{Cell, Picture};
use crate::domain::measure::Measure;
use crate::domain::statistics::{Distribution, Interval};
use crate::store::insights::Insights;
use crate::web::figures::{self, Kind};
use crate::web::times::Times;

const WIDTH: u32 = 960;
const LEFT: f64 = 196.0;
const RIGHT: f64 = 750.0;
const VALUE: f64 = 778.0;
const ROW: f64 = 86.0;
const TOP: f64 = 14.0;

/// One question.
struct Row {
    measure: Measure,
    label: String,
    /// Parts from best to worst: what they are called, how many, class.
    parts: Vec<(String, u64, &'static str)>,
    n: u64,
    value: Option<f64>,
    interval: Option<Interval>,
    kind: Kind,
    /// The ends of the figure's own scale.
    scale: (f64, f64),
}

/// The class of the `at`-th of `of` points of a scale, from the best on.
fn class(at: usize, of: usize) -> &'static str {
    const FIVE: [&str; 5] = ["plot-best", "plot-good", "plot-mid", "plot-poor", "plot-bad"];
    FIVE[(at * 5 / of).min(4)]
}

fn scale(answers: &Distribution) -> Vec<(String, u64, &'static str)> {
    let all: Vec<(u8, u64)> = answers.iter().collect();
    let of = all.len();
    all.into_iter().rev().enumerate().map(|(at, (point, n))| (point.to_string(), n, class(at, of))).collect()
}

fn rows(insights: &Insights, times: Times) -> Vec<Row> {
    let (survey, words) = (&insights.survey, times.words());
    let (csat, nps, ces, saw) = (&survey.csat, &survey.nps, &survey.ces, &survey.saw_notice);
    let groups = vec![
        (words.t("insights-promoters"), nps.promoters, "plot-best"),
        (words.t("insights-passives"), nps.passives, "plot-mid"),
        (words.t("insights-detractors"), nps.detractors, "plot-bad"),
    ];
    let saw_parts = vec![
        (words.t("survey-yes"), saw.k, "plot-best"),
        (words.t("survey-no"), saw.n - saw.k.min(saw.n), "plot-poor"),
    ];
    let row = |measure, label: &str, parts, n, value, interval, kind, scale| Row {
        measure,
        label: words.said(label, std::iter::empty()),
        parts,
        n,
        value,
        interval,
        kind,
        scale,
    };
    let all = vec![
        row(
            Measure::Csat,
            "insights-csat",
            scale(&csat.distribution),
            csat.n,
            csat.value,
            csat.interval,
            Kind::Share,
            (0.0, 1.0),
        ),
        row(
            Measure::Nps,
            "insights-nps",
            groups,
            nps.n,
            nps.value,
            nps.interval,
            Kind::Score,
            (-100.0, 100.0),
        ),
        row(
            Measure::Ces,
            "insights-ces",
            scale(&ces.distribution),
            ces.n,
            ces.value,
            ces.interval,
            Kind::Mean,
            (1.0, 7.0),
        ),
        row(
            Measure::SawNotice,
            "insights-saw-notice",
            saw_parts,
            saw.n,
            saw.value,
            saw.interval,
            Kind::Share,
            (0.0, 1.0),
        ),
    ];
    all.into_iter().filter(|r| r.n > 0).collect()
}

/// The value of a figure with its unit, or a dash.
pub fn said(kind: Kind, value: Option<f64>, n: u64) -> String {
    match (kind, value) {
        (_, None) => "–".to_owned(),
        (Kind::Share, Some(v)) => format!("{}%", figures::percent(v, n)),
        (Kind::Score, Some(v)) => figures::score(v, n),
        (Kind::Mean, Some(v)) => figures::mean(v, n),
    }
}

/// The picture of the survey's answers; nothing if nobody has answered.
pub fn picture(insights: &Insights, times: Times) -> Option<Picture> {
    let words = times.words();
    let rows = rows(insights, times);
    if rows.is_empty() {
        return None;
    }
    let mut drawing = Drawing::new(WIDTH, (2.0 * TOP + ROW * rows.len() as f64 - 16.0) as u32);
    let mut table = Vec::new();
    let mut told = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let y = TOP + ROW * at as f64;
        draw(&mut drawing, row, y, times);
        let value = said(row.kind, row.value, row.n);
        let sure = figures::interval(words, row.kind, row.interval, row.n);
        told.push(format!("{} {value}", row.label));
        for (part, n, _) in &row.parts {
            table.push(vec![
                Cell { text: row.label.clone(), raw: row.measure.code().to_owned(), number: false },
                Cell::text(part.clone()),
                Cell::count(*n),
                Cell::number(value.clone(), row.value),
                Cell::number(sure.clone(), row.interval.map(|i| i.low)),
                Cell::number(String::new(), row.interval.map(|i| i.high)),
            ]);
        }
    }
    Some(Picture {
        name: "answers".to_owned(),
        title: words.t("insights-answers-title"),
        description: format!("{}{}", told.join(&words.t("insights-between")), words.t("insights-stop")),
        caption: words.t("insights-answers-caption"),
        columns: vec![
            (words.t("insights-measure"), "measure"),
            (words.t("insights-value"), "answer"),
            (words.t("insights-count"), "count"),
            (words.t("insights-figure"), "value"),
            (words.t("insights-interval-title"), "low"),
            (String::new(), "high"),
        ],
        rows: table,
        drawing,
    })
}

fn draw(drawing: &mut Drawing, row: &Row, y: f64, times: Times) {
    let words = times.words();
    let (bar, height) = (y + 2.0, 28.0);
    drawing.text("plot-label plot-strong", (4.0, y + 15.0), "start", row.label.clone());
    drawing.text(
        "plot-small",
        (4.0, y + 33.0),
        "start",
        words.with("insights-n", [("n", &figures::count(row.n))]),
    );
    let whole = row.parts.iter().map(|p| p.1).sum::<u64>().max(1) as f64;
    let mut x = LEFT;
    for (label, n, class) in row.parts.iter().filter(|p| p.1 > 0) {
        let long = (RIGHT - LEFT) * *n as f64 / whole;
        let count = figures::count(*n);
        let title = words.with("insights-plot-bar", [("when", label), ("count", &count)]);
        drawing.rect(class, (x, bar), ((long - 1.0).max(0.8), height), title);
        let light = matches!(*class, "plot-mid" | "plot-good" | "plot-poor");
        let on = if light { "plot-on-light" } else { "plot-on" };
        // What it is called and how many; where that is too wide, which point it is; else nothing.
        let both = format!("{label} · {count}");
        let fits = |text: &str| width(text) + 8.0 < long;
        let text = if fits(&both) { both } else { label.clone() };
        if fits(&text) {
            drawing.text(on, (x + long / 2.0, bar + 18.5), "middle", text);
        }
        x += long;
    }
    // The figure on its own scale, below its answers.
    let (low, high) = row.scale;
    let place = |v: f64| LEFT + (RIGHT - LEFT) * (v - low) / (high - low);
    let axis = y + 46.0;
    drawing.level("plot-grid", axis, LEFT, RIGHT);
    let end = |v: f64| match row.kind {
        Kind::Share => format!("{}%", (100.0 * v).round()),
        Kind::Score => figures::score(v, 0).replace(".0", ""),
        Kind::Mean => v.to_string(),
    };
    drawing.text("plot-small", (LEFT, axis + 16.0), "start", end(low));
    drawing.text("plot-small", (RIGHT, axis + 16.0), "end", end(high));
    let sure = figures::interval(words, row.kind, row.interval, row.n);
    if let Some(i) = row.interval {
        drawing.whisker("plot-interval", axis, (place(i.low), place(i.high)), sure.clone());
    }
    if let Some(v) = row.value {
        drawing.dot("plot-point", (place(v), axis), "5", said(row.kind, row.value, row.n));
        drawing.text("plot-value", (VALUE, y + 28.0), "start", said(row.kind, row.value, row.n));
        drawing.text("plot-small", (VALUE, y + 50.0), "start", sure);
    } else {
        drawing.text("plot-label", (VALUE, y + 22.0), "start", words.t("insights-too-few"));
    }
}
