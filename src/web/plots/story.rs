//! The story of a window in one look: what was announced, what happened, the stages, and when people
//! met problems.

use super::drawing::{Drawing, width, written};
use super::{Cell, Picture};
use crate::domain::instant::Instant;
use crate::domain::timeline::Timeline;
use crate::domain::window::Stage;
use crate::store::insights::Insights;
use crate::web::figures;
use crate::web::times::Times;

const WIDTH: u32 = 960;
const LEFT: f64 = 90.0;
const RIGHT: f64 = 944.0;
/// The lanes of what was announced and of what happened, and how high their bars are.
const ANNOUNCED: f64 = 10.0;
const ACTUAL: f64 = 32.0;
const LANE: f64 = 14.0;
/// The base lines of stage names above the ribbon, the lowest first.
const NAMES: [f64; 4] = [113.0, 96.0, 79.0, 62.0];
const RIBBON: f64 = 121.0;
const RIBBON_HEIGHT: f64 = 14.0;
const TOP: f64 = 165.0;
const BOTTOM: f64 = 339.0;

/// The place of a moment along the axis.
struct Axis {
    from: Instant,
    until: Instant,
}

impl Axis {
    fn x(&self, at: Instant) -> f64 {
        let whole = (self.until.micros() - self.from.micros()).max(1) as f64;
        LEFT + (RIGHT - LEFT) * (at.micros() - self.from.micros()) as f64 / whole
    }

    /// The place of a moment, or of the end of the axis that it lies beyond.
    fn held(&self, at: Instant) -> f64 {
        self.x(at.max(self.from).min(self.until))
    }

    fn holds(&self, at: Instant) -> bool {
        self.from <= at && at <= self.until
    }
}

/// The picture of these figures, in these words and the zone of the window.
pub fn picture(insights: &Insights, times: Times) -> Picture {
    let line = &insights.timeline;
    let words = times.words();
    let (from, until) = line.reach().unwrap_or((insights.as_of, insights.as_of.plus_hours(1)));
    let axis = Axis { from, until };
    let marks_below = !line.updates.is_empty() || !line.workarounds.is_empty();
    let mut drawing = Drawing::new(WIDTH, if marks_below { 413 } else { 379 });
    ground(&mut drawing, insights, &axis, times);
    lanes(&mut drawing, insights, &axis, times);
    stages(&mut drawing, line, &axis, times);
    bars(&mut drawing, insights, &axis, times);
    ticks(&mut drawing, &axis, times);
    if marks_below {
        below(&mut drawing, line, &axis, times);
    }
    let step = times.span(line.step_minutes * 60);
    let zone = times.zone().name().to_owned();
    let caption = words.with("insights-plot-caption", [("step", &step), ("zone", &zone)]);
    let left_out = left_out(insights, times);
    Picture {
        name: "reports".to_owned(),
        title: words.t("insights-plot-title"),
        description: description(insights, times),
        caption: if left_out.is_empty() { caption } else { format!("{caption} {left_out}") },
        columns: vec![
            (words.t("insights-time"), "from"),
            (words.t("insights-plot-until"), "until"),
            (words.t("insights-stage"), "stage"),
            (words.t("insights-count"), "reports"),
        ],
        rows: line
            .steps
            .iter()
            .filter(|s| s.reports > 0)
            .map(|s| {
                let stage = line.stage(s.from).or_else(|| line.stage(s.until.plus_seconds(-1)));
                let said = stage.map(|stage| words.word("stage", stage.code())).unwrap_or_default();
                vec![
                    Cell::time(times.day_and_clock(s.from), Some(s.from)),
                    Cell::time(times.day_and_clock(s.until), Some(s.until)),
                    Cell { text: said, raw: stage.map_or("", |s| s.code()).to_owned(), number: false },
                    Cell::count(s.reports),
                ]
            })
            .collect(),
        drawing,
    }
}

fn description(insights: &Insights, times: Times) -> String {
    let (line, words) = (&insights.timeline, times.words());
    let Some(peak) = line.peak() else { return words.t("insights-plot-empty") };
    let stage = line.stage(peak.from).map(|s| words.word("stage", s.code())).unwrap_or_default();
    let said = [
        ("step", times.span(line.step_minutes * 60)),
        ("when", step_name(times, line, peak.from, peak.until)),
        ("count", figures::count(peak.reports)),
        ("stage", stage),
    ];
    let key = if said[3].1.is_empty() { "insights-plot-peak" } else { "insights-plot-peak-stage" };
    words.said(key, said.iter().map(|(k, v)| (*k, v.as_str())))
}

/// The step in words: `11 月 22 日 02:15–02:30`, `22 Nov`.
fn step_name(times: Times, line: &Timeline, from: Instant, until: Instant) -> String {
    match line.step_minutes {
        0..1_440 => format!("{}–{}", times.day_and_clock(from), times.clock(until)),
        1_440 => times.date(from),
        _ => format!("{} – {}", times.date(from), times.day(until.plus_seconds(-1))),
    }
}

/// What is counted and not drawn.
fn left_out(insights: &Insights, times: Times) -> String {
    let words = times.words();
    let said: Vec<String> = [
        ("insights-plot-unknown", insights.reports.unknown_time),
        ("insights-plot-earlier", insights.timeline.earlier),
        ("insights-plot-later", insights.timeline.later),
    ]
    .into_iter()
    .filter(|(_, n)| *n > 0)
    .map(|(key, n)| words.n(key, n))
    .collect();
    if said.is_empty() {
        return String::new();
    }
    format!("{}{}", said.join(&words.t("insights-between")), words.t("insights-stop"))
}

/// Stages behind the bars, and the time past the announced end.
fn ground(drawing: &mut Drawing, insights: &Insights, axis: &Axis, times: Times) {
    let schedule = &insights.schedule;
    for span in &insights.timeline.stages {
        let (x, end) = (axis.held(span.from), axis.held(span.until));
        drawing.rect(stage_class(span.stage), (x, TOP), ((end - x).max(0.5), BOTTOM - TOP), String::new());
    }
    if let Some((from, until)) = overrun(insights) {
        let (x, end) = (axis.held(from), axis.held(until));
        drawing.rect("plot-late-ground", (x, TOP), ((end - x).max(0.5), BOTTOM - TOP), String::new());
    }
    let words = times.words();
    for (key, at, class) in [
        ("insights-announced-start", Some(schedule.scheduled_start), "plot-mark plot-mark-planned"),
        ("insights-announced-end", schedule.scheduled_end, "plot-mark plot-mark-planned"),
        ("insights-actual-start", schedule.started_at, "plot-mark"),
        ("insights-actual-end", schedule.ended_at, "plot-mark"),
    ] {
        let Some(at) = at.filter(|at| axis.holds(*at)) else { continue };
        let title = format!("{} {}", words.said(key, std::iter::empty()), times.day_and_clock(at));
        let from = if class == "plot-mark" { ACTUAL + LANE } else { ANNOUNCED + LANE };
        drawing.upright(class, axis.x(at), from, BOTTOM, title);
    }
}

/// From when until when the work went on past its announced end.
fn overrun(insights: &Insights) -> Option<(Instant, Instant)> {
    let schedule = &insights.schedule;
    let end = schedule.scheduled_end?;
    let late = schedule.overrun_seconds.filter(|s| *s >= 60)?;
    schedule.started_at.map(|_| (end, end.plus_seconds(late)))
}

/// What was announced above what happened.
fn lanes(drawing: &mut Drawing, insights: &Insights, axis: &Axis, times: Times) {
    let (schedule, words) = (&insights.schedule, times.words());
    let base = |lane: f64| lane + LANE - 2.5;
    drawing.text("plot-label", (LEFT - 10.0, base(ANNOUNCED)), "end", words.t("insights-announced"));
    drawing.text("plot-label", (LEFT - 10.0, base(ACTUAL)), "end", words.t("insights-actual"));
    let from = axis.held(schedule.scheduled_start);
    let until = schedule.scheduled_end.map_or(RIGHT, |end| axis.held(end));
    let planned = |from: Instant, until: Option<Instant>| {
        let until = until.map(|u| times.day_and_clock(u)).unwrap_or_default();
        format!("{} – {until}", times.day_and_clock(from))
    };
    let title = planned(schedule.scheduled_start, schedule.scheduled_end);
    drawing.round("plot-planned", (from, ANNOUNCED), ((until - from).max(2.0), LANE), "3", title);
    let Some(started) = schedule.started_at else { return };
    let running = !insights.window.state.has_ended();
    let ended = schedule.ended_at.or(running.then_some(insights.as_of)).unwrap_or(started);
    let (from, until) = (axis.held(started), axis.held(ended));
    let title = planned(started, Some(ended));
    drawing.round("plot-actual", (from, ACTUAL), ((until - from).max(2.0), LANE), "3", title);
    if let Some((late, end)) = overrun(insights) {
        let (x, end_x) = (axis.held(late), axis.held(end));
        let said = words.with("insights-overrun", [("span", &times.span(end.seconds_since(late)))]);
        drawing.round("plot-over", (x, ACTUAL), ((end_x - x).max(2.0), LANE), "3", said.clone());
        let room = RIGHT + 14.0 - end_x > width(&said) + 8.0;
        let (at, anchor) = if room { (end_x + 8.0, "start") } else { (x - 8.0, "end") };
        // Where there is no room after the end it stands on the bar itself.
        let class = if room { "plot-label plot-worse" } else { "plot-on" };
        drawing.text(class, (at, base(ACTUAL)), anchor, said);
    }
}

/// The class of a stage's colour.
fn stage_class(stage: Stage) -> &'static str {
    match Stage::ALL.iter().position(|s| *s == stage) {
        Some(0) => "plot-stage-1",
        Some(1) => "plot-stage-2",
        Some(2) => "plot-stage-3",
        Some(3) => "plot-stage-4",
        Some(4) => "plot-stage-5",
        _ => "plot-stage-6",
    }
}

/// The ribbon of stages. A name stands above its stage, on the lowest row where it collides with no
/// later one, at a line that leads down; what fits nowhere is left to the table.
fn stages(drawing: &mut Drawing, line: &Timeline, axis: &Axis, times: Times) {
    if line.stages.is_empty() {
        return;
    }
    let words = times.words();
    drawing.text("plot-label", (LEFT - 10.0, RIBBON + 11.5), "end", words.t("insights-plot-stages"));
    let mut later: Vec<(f64, usize)> = Vec::new();
    for span in line.stages.iter().rev() {
        let text = words.word("stage", span.stage.code());
        let (x, until) = (axis.held(span.from), axis.held(span.until));
        let title = format!("{text} {}", times.brief_range(span.from, span.until));
        drawing.rect(stage_class(span.stage), (x, RIBBON), ((until - x).max(1.0), RIBBON_HEIGHT), title);
        drawing.upright("plot-axis", x, RIBBON, RIBBON + RIBBON_HEIGHT, String::new());
        let end = x + 6.0 + width(&text);
        let row = later.iter().filter(|(start, _)| *start < end + 6.0).map(|(_, row)| row + 1).max();
        let row = row.unwrap_or(0);
        let Some(y) = NAMES.get(row).copied().filter(|_| end < RIGHT + 16.0) else { continue };
        later.push((x, row));
        drawing.upright("plot-axis", x, y - 9.0, RIBBON, String::new());
        drawing.text("plot-label", (x + 5.0, y), "start", text);
    }
    drawing.level(
        "plot-axis",
        RIBBON + RIBBON_HEIGHT,
        axis.held(line.stages[0].from),
        RIGHT.min(line.stages.last().map_or(RIGHT, |s| axis.held(s.until))),
    );
}

/// The top of the scale and the distance of its lines: whole numbers, at most five lines.
pub(super) fn scale(peak: u64) -> (u64, u64) {
    let mut unit = 1u64;
    loop {
        for step in [unit, 2 * unit, 5 * unit] {
            if peak <= 4 * step {
                let lines = peak.div_ceil(step).max(2);
                return (lines * step, step);
            }
        }
        unit = unit.saturating_mul(10);
    }
}

fn bars(drawing: &mut Drawing, insights: &Insights, axis: &Axis, times: Times) {
    let (line, words) = (&insights.timeline, times.words());
    let peak = line.peak();
    let top = scale(peak.map_or(0, |p| p.reports));
    let y = |reports: u64| BOTTOM - (BOTTOM - TOP) * reports as f64 / top.0 as f64;
    drawing.text("plot-label", (LEFT - 10.0, TOP - 14.0), "end", words.t("insights-reports-short"));
    for n in (0..=top.0 / top.1).map(|i| i * top.1) {
        if n > 0 {
            drawing.level("plot-grid", y(n), LEFT, RIGHT);
        }
        drawing.text("plot-label", (LEFT - 10.0, y(n) + 4.0), "end", figures::count(n));
    }
    let late = overrun(insights).map(|(end, _)| end);
    for s in line.steps.iter().filter(|s| s.reports > 0) {
        let (x, end) = (axis.x(s.from), axis.x(s.until));
        let gap = ((end - x) / 6.0).min(2.0);
        let said = [("when", step_name(times, line, s.from, s.until)), ("count", figures::count(s.reports))];
        let title = words.said("insights-plot-bar", said.iter().map(|(k, v)| (*k, v.as_str())));
        let class = if late.is_some_and(|end| s.from >= end) { "plot-bar plot-bar-late" } else { "plot-bar" };
        let size = ((end - x - 2.0 * gap).max(0.8), BOTTOM - y(s.reports));
        drawing.rect(class, (x + gap, y(s.reports)), size, title);
    }
    drawing.level("plot-axis", BOTTOM, LEFT, RIGHT);
    let Some(peak) = peak else {
        let middle = ((LEFT + RIGHT) / 2.0, (TOP + BOTTOM) / 2.0);
        drawing.text("plot-label plot-strong", middle, "middle", words.t("insights-plot-empty"));
        return;
    };
    // The highest bar says what it stands for, beside it, where nothing is as high.
    let at = axis.x(peak.from) / 2.0 + axis.x(peak.until) / 2.0;
    let clock = if line.step_minutes < 1_440 { times.clock(peak.from) } else { times.day(peak.from) };
    let said = words.with("insights-plot-most", [("count", &figures::count(peak.reports)), ("when", &clock)]);
    let (x, anchor) =
        if at + width(&said) + 14.0 < RIGHT { (at + 12.0, "start") } else { (at - 12.0, "end") };
    drawing.text("plot-label plot-strong", (x, TOP - 8.0), anchor, said);
    let lead = if anchor == "start" { x - 3.0 } else { x + 3.0 };
    let d = format!(
        "M{} {}V{}H{}",
        written(at),
        written(y(peak.reports) - 2.0),
        written(TOP - 12.0),
        written(lead)
    );
    drawing.path("plot-peak", d, String::new());
}

/// Times at round distances, at most twelve.
fn ticks(drawing: &mut Drawing, axis: &Axis, times: Times) {
    const DISTANCES: [i64; 12] = [5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080];
    let minutes = axis.until.seconds_since(axis.from) / 60;
    let distance = DISTANCES
        .into_iter()
        .find(|d| minutes / d <= 12)
        .unwrap_or_else(|| (minutes / 12 / 10_080 + 1) * 10_080);
    let ahead = i64::from(times.zone().offset_seconds(axis.from));
    let size = distance * 60;
    let first = (axis.from.seconds() + ahead + size - 1).div_euclid(size) * size - ahead;
    let mut last_day = String::new();
    for at in (0..=13).filter_map(|i| Instant::from_seconds(first + i * size)).filter(|at| axis.holds(*at)) {
        let day = times.day(at);
        let new_day = day != last_day;
        last_day.clone_from(&day);
        let x = axis.x(at);
        drawing.upright("plot-axis", x, BOTTOM, BOTTOM + 5.0, String::new());
        if distance >= 1_440 {
            drawing.text("plot-label", (x, BOTTOM + 19.0), "middle", day);
        } else {
            drawing.text("plot-label", (x, BOTTOM + 19.0), "middle", times.clock(at));
            if new_day {
                drawing.text("plot-label plot-strong", (x, BOTTOM + 36.0), "middle", day);
            }
        }
    }
}

/// Updates and workarounds, below the axis.
fn below(drawing: &mut Drawing, line: &Timeline, axis: &Axis, times: Times) {
    let words = times.words();
    let y = BOTTOM + 58.0;
    drawing.text("plot-label", (LEFT - 10.0, y + 4.5), "end", words.t("insights-plot-updates"));
    drawing.level("plot-grid", y, LEFT, RIGHT);
    for update in line.updates.iter().filter(|u| axis.holds(u.posted_at)) {
        let title =
            format!("{} {}", times.day_and_clock(update.posted_at), words.word("stage", update.stage.code()));
        let (x, y) = (written(axis.x(update.posted_at)), written(y - 7.0));
        drawing.path("plot-update", format!("M{x} {y}l6 7-6 7-6-7z"), title);
    }
    for workaround in line.workarounds.iter().filter(|w| axis.holds(w.at)) {
        let said = words.with("insights-plot-workaround", [("title", &workaround.title)]);
        let title = format!("{} {said}", times.day_and_clock(workaround.at));
        let (x, y) = (written(axis.x(workaround.at)), written(y - 8.0));
        drawing.path("plot-workaround", format!("M{x} {y}l8 14h-16z"), title);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_just_above_the_highest_bar() {
        for (peak, expected) in [
            (0, (2, 1)),
            (1, (2, 1)),
            (4, (4, 1)),
            (5, (6, 2)),
            (9, (10, 5)),
            (44, (60, 20)),
            (100, (100, 50)),
            (12_345, (15_000, 5_000)),
        ] {
            assert_eq!(scale(peak), expected, "{peak}");
        }
        assert!(scale(u64::MAX / 100).0 > 0);
    }
}
