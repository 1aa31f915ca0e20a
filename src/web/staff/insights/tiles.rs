//! The key figures, and the story of a window in one sentence.

use crate::domain::survey::SurveyFigures;
use crate::domain::window::WindowState;
use crate::i18n::Words;
use crate::store::insights::{DurationFigure, Insights, ReportFigures, Totals};
use crate::web::figures::{self, Kind};
use crate::web::times::{self, Times};

/// A key figure.
pub struct Tile {
    pub label: String,
    /// The number; nothing where there is none.
    pub number: String,
    pub unit: String,
    /// How many answers, how sure.
    pub note: String,
    /// There is no number because there are too few answers.
    pub too_few: bool,
}

impl Tile {
    fn new(label: String, number: String, unit: &str, note: String) -> Tile {
        Tile { too_few: number.is_empty(), label, number, unit: unit.to_owned(), note }
    }

    /// The same where a number that is missing is missing for another reason than too few answers.
    fn not_of_answers(self) -> Tile {
        Tile { too_few: false, ..self }
    }
}

/// `n = 182 · 95% 区间 64.5 至 77.5`
fn note(words: Words, n: u64, interval: String) -> String {
    let n = words.with("insights-n", [("n", &figures::count(n))]);
    if interval.is_empty() { n } else { format!("{n} · {interval}") }
}

/// A span that is not torn apart at the end of a line.
fn unbroken(span: String) -> String {
    span.replace(' ', "\u{a0}")
}

fn survey(words: Words, survey: &SurveyFigures) -> Vec<Tile> {
    let (csat, nps, ces, saw) = (&survey.csat, &survey.nps, &survey.ces, &survey.saw_notice);
    let sure = |kind, interval, n| note(words, n, figures::interval(words, kind, interval, n));
    vec![
        Tile::new(
            words.t("insights-csat"),
            csat.value.map(|v| figures::percent(v, csat.n)).unwrap_or_default(),
            "%",
            sure(Kind::Share, csat.interval, csat.n),
        ),
        Tile::new(
            words.t("insights-nps"),
            nps.value.map(|v| figures::score(v, nps.n)).unwrap_or_default(),
            "",
            sure(Kind::Score, nps.interval, nps.n),
        ),
        Tile::new(
            words.t("insights-ces"),
            ces.value.map(|v| figures::mean(v, ces.n)).unwrap_or_default(),
            "",
            sure(Kind::Mean, ces.interval, ces.n),
        ),
        Tile::new(
            words.t("insights-saw-notice"),
            saw.value.map(|v| figures::percent(v, saw.n)).unwrap_or_default(),
            "%",
            sure(Kind::Share, saw.interval, saw.n),
        ),
    ]
}

fn waiting(words: Words, label: &str, figure: DurationFigure) -> Tile {
    let span = |seconds: Option<f64>| seconds.map(|s| unbroken(times::span(words, s.round() as i64)));
    let mut notes: Vec<String> = span(figure.p90_seconds)
        .map(|p90| words.with("insights-p90", [("span", &p90)]))
        .into_iter()
        .collect();
    let target = &figure.within_target;
    if target.n > 0 {
        let (k, n) = (figures::count(target.k), figures::count(target.n));
        notes.push(match target.value {
            Some(value) => {
                let share = figures::percent(value, target.n);
                words.with("insights-in-time", [("share", &share), ("k", &k), ("n", &n)])
            }
            None => words.with("insights-in-time-few", [("k", &k), ("n", &n)]),
        });
    }
    let number = figure.median_seconds.map(|s| times::rough(words, s.round() as i64)).unwrap_or_default();
    Tile::new(words.said(label, std::iter::empty()), number, "", note(words, figure.n, notes.join(" · ")))
}

/// The share of those who said whether it is fixed for whom it is.
fn verified(words: Words, reports: &ReportFigures) -> Tile {
    let figure = &reports.verified;
    Tile::new(
        words.t("known-verified"),
        figure.value.map(|v| figures::percent(v, figure.n)).unwrap_or_default(),
        "%",
        note(words, figure.n, figures::interval(words, Kind::Share, figure.interval, figure.n)),
    )
}

fn reports(words: Words, reports: &ReportFigures) -> Tile {
    let open = words.with("insights-open", [("n", &figures::count(reports.open))]);
    Tile::new(words.t("insights-reports"), figures::count(reports.total), "", open)
}

/// The key figures of a window: of its work and of its survey.
pub fn of_window(times: Times, insights: &Insights) -> Vec<Vec<Tile>> {
    let words = times.words();
    let schedule = &insights.schedule;
    let lasted = schedule.actual_seconds.map(|s| times::rough(words, s)).unwrap_or_default();
    let planned = schedule
        .planned_seconds
        .map(|s| words.with("insights-planned", [("span", &unbroken(times.span(s)))]));
    vec![
        vec![
            reports(words, &insights.reports),
            Tile::new(words.t("insights-lasted"), lasted, "", planned.unwrap_or_default()).not_of_answers(),
            waiting(words, "insights-first-answer", insights.reports.first_answer),
            waiting(words, "insights-resolution", insights.reports.resolution),
            verified(words, &insights.reports),
        ],
        survey(words, &insights.survey),
    ]
}

/// The key figures of all windows: of the work and of the surveys.
pub fn of_all(words: Words, totals: &Totals) -> Vec<Vec<Tile>> {
    let late = &totals.overran;
    let of = [("k", figures::count(late.k)), ("n", figures::count(late.n))];
    vec![
        vec![
            reports(words, &totals.reports),
            Tile::new(
                words.t("insights-overran"),
                late.value.map_or_else(|| figures::count(late.k), |v| figures::percent(v, late.n)),
                if late.value.is_some() { "%" } else { "" },
                words.said("insights-overran-of", of.iter().map(|(k, v)| (*k, v.as_str()))),
            ),
            waiting(words, "insights-first-answer", totals.reports.first_answer),
            waiting(words, "insights-resolution", totals.reports.resolution),
        ],
        survey(words, &totals.survey),
    ]
}

/// The story of a window in one sentence: what came in, when most of it, how it ended, how people
/// took it.
pub fn headline(times: Times, insights: &Insights) -> String {
    let words = times.words();
    let reports = &insights.reports;
    let mut said = Vec::new();
    said.push(match reports.total {
        0 => words.t("insights-headline-none"),
        n => words.n("insights-headline-reports", n),
    });
    let most = reports.by_stage.iter().max_by_key(|p| p.reports);
    if let Some((code, share)) = most.and_then(|p| p.code.as_deref().zip(p.share))
        && share > 0.5
    {
        let (stage, share) = (words.word("stage", code), figures::percent(share, 1));
        said.push(words.with("insights-headline-stage", [("stage", &stage), ("share", &share)]));
    }
    let schedule = &insights.schedule;
    let ended = schedule.ended_at.zip(schedule.scheduled_end);
    let span = |seconds: i64| times.span(seconds);
    match (insights.window.state, ended, schedule.overrun_seconds) {
        (WindowState::Cancelled, ..) => said.push(words.t("insights-headline-cancelled")),
        (WindowState::Completed, Some((end, planned)), _) => {
            let late = end.seconds_since(planned);
            said.push(match late {
                60.. => words.with("insights-headline-late", [("span", &span(late))]),
                ..=-60 => words.with("insights-headline-early", [("span", &span(late))]),
                _ => words.t("insights-headline-on-time"),
            });
        }
        (WindowState::InProgress | WindowState::Verifying, _, Some(late)) if late >= 60 => {
            said.push(words.with("insights-headline-overdue", [("span", &span(late))]));
        }
        (WindowState::InProgress | WindowState::Verifying, ..) => {
            said.push(words.t("insights-headline-running"));
        }
        (WindowState::Draft | WindowState::Scheduled, ..) => {
            said.push(words.t("insights-headline-scheduled"));
        }
        _ => {}
    }
    let csat = &insights.survey.csat;
    if let Some(value) = csat.value {
        let (share, n) = (figures::percent(value, csat.n), figures::count(csat.n));
        said.push(words.with("insights-headline-csat", [("share", &share), ("n", &n)]));
    }
    format!("{}{}", said.join(&words.t("insights-between")), words.t("insights-stop"))
}
