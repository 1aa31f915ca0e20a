//! The plot of a window's reports over time: where everything stands in a picture of 960 by 300.

use crate::domain::instant::Instant;
use crate::domain::timeline::Timeline;
use crate::domain::window::Stage;
use crate::store::insights::Insights;
use crate::web::figures;
use crate::web::times::Times;

const LEFT: f64 = 44.0;
const RIGHT: f64 = 944.0;
const TOP: f64 = 70.0;
const BOTTOM: f64 = 260.0;

/// A plot, ready for its template. All lengths are written already.
pub struct Plot {
    pub title: String,
    pub description: String,
    pub bands: Vec<Band>,
    pub labels: Vec<Label>,
    pub grid: Vec<Grid>,
    pub bars: Vec<Bar>,
    pub ticks: Vec<Tick>,
    pub marks: Vec<Mark>,
    pub updates: Vec<Dot>,
    /// What stands in the middle of a plot without bars.
    pub nothing: Option<String>,
    /// What the picture means, below it.
    pub caption: String,
    /// Reports that are not in it, as a sentence.
    pub left_out: String,
    /// The same data as a table: time, stage, count; steps without reports left out.
    pub table: Vec<(String, String, String)>,
}

/// A stage behind the bars.
pub struct Band {
    pub stage: usize,
    pub x: String,
    pub width: String,
}

/// A stage's name above them; `leader` is where a line leads down from it.
pub struct Label {
    pub x: String,
    pub y: u32,
    pub leader: Option<String>,
    pub text: String,
}

/// A horizontal line.
pub struct Grid {
    pub y: String,
    pub label_y: String,
    pub text: String,
}

/// A step.
pub struct Bar {
    pub x: String,
    pub y: String,
    pub width: String,
    pub height: String,
    pub title: String,
}

/// A time below the axis, and the date below it where a day begins.
pub struct Tick {
    pub x: String,
    pub text: String,
    pub day: String,
}

/// A start or an end: as announced, or as it was.
pub struct Mark {
    pub x: String,
    pub planned: bool,
    pub title: String,
}

/// An update.
pub struct Dot {
    pub x: String,
    pub title: String,
}

fn written(length: f64) -> String {
    format!("{length:.1}")
}

/// How wide a text of the plot is at most, in its units: a Chinese character takes a whole em.
fn width(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 7.2 } else { 13.5 }).sum()
}

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

    fn holds(&self, at: Instant) -> bool {
        self.from <= at && at <= self.until
    }
}

impl Plot {
    /// The plot of these figures, in these words and the zone of the window.
    pub fn new(insights: &Insights, times: Times) -> Plot {
        let line = &insights.timeline;
        let words = times.words();
        let (from, until) = line.reach().unwrap_or((insights.as_of, insights.as_of.plus_hours(1)));
        let axis = Axis { from, until };
        let peak = line.peak();
        let top = scale(peak.map_or(0, |p| p.reports));
        let y = |reports: u64| BOTTOM - (BOTTOM - TOP) * reports as f64 / top.0 as f64;
        let step = times.span(line.step_minutes * 60);
        let description = match peak {
            Some(peak) => {
                let stage = line.stage(peak.from).map(|s| words.word("stage", s.code()));
                let said = [
                    ("step", step.clone()),
                    ("when", step_name(times, line, peak.from, peak.until)),
                    ("count", figures::count(peak.reports)),
                    ("stage", stage.unwrap_or_default()),
                ];
                let key =
                    if said[3].1.is_empty() { "insights-plot-peak" } else { "insights-plot-peak-stage" };
                words.said(key, said.iter().map(|(k, v)| (*k, v.as_str())))
            }
            None => words.t("insights-plot-empty"),
        };
        let zone = times.zone().name().to_owned();
        Plot {
            title: words.t("insights-plot-title"),
            description,
            bands: bands(line, &axis),
            labels: labels(line, &axis, times),
            grid: (0..=top.0 / top.1)
                .map(|i| i * top.1)
                .map(|n| Grid { y: written(y(n)), label_y: written(y(n) + 4.0), text: figures::count(n) })
                .collect(),
            bars: bars(line, &axis, times, &y),
            ticks: ticks(&axis, times),
            marks: marks(insights, &axis, times),
            updates: line
                .updates
                .iter()
                .filter(|u| axis.holds(u.posted_at))
                .map(|u| Dot {
                    x: written(axis.x(u.posted_at)),
                    title: format!(
                        "{} {}",
                        times.day_and_clock(u.posted_at),
                        words.word("stage", u.stage.code())
                    ),
                })
                .collect(),
            nothing: peak.is_none().then(|| words.t("insights-plot-empty")),
            caption: words.with("insights-plot-caption", [("step", &step), ("zone", &zone)]),
            left_out: left_out(insights, times),
            table: line
                .steps
                .iter()
                .filter(|s| s.reports > 0)
                .map(|s| {
                    let stage = line.stage(s.from).or_else(|| line.stage(s.until.plus_seconds(-1)));
                    let stage = stage.map(|stage| words.word("stage", stage.code())).unwrap_or_default();
                    (step_name(times, line, s.from, s.until), stage, figures::count(s.reports))
                })
                .collect(),
        }
    }
}

/// The step in words: `11 月 22 日 02:15–02:30`, `22 Nov`.
fn step_name(times: Times, line: &Timeline, from: Instant, until: Instant) -> String {
    match line.step_minutes {
        0..1_440 => format!("{}–{}", times.day_and_clock(from), times.clock(until)),
        1_440 => times.date(from),
        _ => format!("{} – {}", times.date(from), times.day(until.plus_seconds(-1))),
    }
}

/// What is counted and not plotted.
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
    said.join(&words.t("insights-between"))
}

/// The top of the scale and the distance of its lines: whole numbers, at most five lines.
fn scale(peak: u64) -> (u64, u64) {
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

fn bands(line: &Timeline, axis: &Axis) -> Vec<Band> {
    line.stages
        .iter()
        .map(|span| {
            let (x, end) = (axis.x(span.from.max(axis.from)), axis.x(span.until.min(axis.until)));
            Band { stage: place(span.stage), x: written(x), width: written((end - x).max(0.5)) }
        })
        .collect()
}

/// Which of the six colours a stage has.
fn place(stage: Stage) -> usize {
    Stage::ALL.iter().position(|s| *s == stage).map_or(1, |i| i + 1)
}

/// Names of stages where they collide with nothing: on the band where it is wide enough, else in a
/// row above, at a line that leads down to it. A row lies above those of all later names that it
/// reaches, so that no line crosses a name. What fits nowhere is left to the table.
fn labels(line: &Timeline, axis: &Axis, times: Times) -> Vec<Label> {
    const ROWS: [u32; 3] = [62, 42, 22];
    let mut labels = Vec::new();
    let mut later: Vec<(f64, usize)> = Vec::new();
    for span in line.stages.iter().rev() {
        let text = times.words().word("stage", span.stage.code());
        let x = axis.x(span.from.max(axis.from));
        let end = x + 4.0 + width(&text);
        let row = later.iter().filter(|(start, _)| *start < end + 6.0).map(|(_, row)| row + 1).max();
        let row = row.unwrap_or(0);
        let Some(y) = ROWS.get(row).copied().filter(|_| end < RIGHT + 14.0) else { continue };
        later.push((x, row));
        let leader = (row > 0).then(|| format!("M{} {}V{TOP}", written(x), y - 10));
        labels.push(Label { x: written(x + if row > 0 { 4.0 } else { 2.0 }), y, leader, text });
    }
    labels
}

fn bars(line: &Timeline, axis: &Axis, times: Times, y: &dyn Fn(u64) -> f64) -> Vec<Bar> {
    line.steps
        .iter()
        .filter(|s| s.reports > 0)
        .map(|s| {
            let (x, end) = (axis.x(s.from), axis.x(s.until));
            let gap = ((end - x) / 6.0).min(2.0);
            let name = step_name(times, line, s.from, s.until);
            let count = figures::count(s.reports);
            Bar {
                x: written(x + gap),
                y: written(y(s.reports)),
                width: written((end - x - 2.0 * gap).max(0.8)),
                height: written(BOTTOM - y(s.reports)),
                title: times.words().with("insights-plot-bar", [("when", &name), ("count", &count)]),
            }
        })
        .collect()
}

/// Times at round distances, at most twelve.
fn ticks(axis: &Axis, times: Times) -> Vec<Tick> {
    const DISTANCES: [i64; 12] = [5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080];
    let minutes = axis.until.seconds_since(axis.from) / 60;
    let distance = DISTANCES
        .into_iter()
        .find(|d| minutes / d <= 12)
        .unwrap_or_else(|| (minutes / 12 / 10_080 + 1) * 10_080);
    let ahead = i64::from(times.zone().offset_seconds(axis.from));
    let size = distance * 60;
    let first = (axis.from.seconds() + ahead + size - 1).div_euclid(size) * size - ahead;
    let mut ticks = Vec::new();
    let mut last_day = String::new();
    for at in (0..=13).filter_map(|i| Instant::from_seconds(first + i * size)).filter(|at| axis.holds(*at)) {
        let day = times.day(at);
        let new_day = day != last_day;
        last_day.clone_from(&day);
        let (text, day) = if distance >= 1_440 {
            (day, String::new())
        } else {
            (times.clock(at), if new_day { day } else { String::new() })
        };
        ticks.push(Tick { x: written(axis.x(at)), text, day });
    }
    ticks
}

fn marks(insights: &Insights, axis: &Axis, times: Times) -> Vec<Mark> {
    let words = times.words();
    let schedule = &insights.schedule;
    [
        ("insights-announced-start", Some(schedule.scheduled_start), true),
        ("insights-announced-end", schedule.scheduled_end, true),
        ("insights-actual-start", schedule.started_at, false),
        ("insights-actual-end", schedule.ended_at, false),
    ]
    .into_iter()
    .filter_map(|(key, at, planned)| {
        let at = at.filter(|at| axis.holds(*at))?;
        let title = format!("{} {}", words.said(key, std::iter::empty()), times.day_and_clock(at));
        Some(Mark { x: written(axis.x(at)), planned, title })
    })
    .collect()
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
