//! The rows of figures: one for each figure of each window, with how many it is made from and its 95 %
//! interval.

use std::collections::BTreeMap;

use super::cell::{Cell, Column};
use super::{Making, Rows};
use crate::domain::statistics::{Distribution, Interval};
use crate::domain::window::ReportStage;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::export_rows::{self, Counted};
use crate::store::windows::Window;
use crate::store::{components, responses};

/// The columns of the machine style.
pub const COLUMNS: [&str; 7] = ["window", "figure", "key", "value", "n", "low", "high"];

/// One figure of a window.
struct Figure {
    figure: &'static str,
    /// What of it: a code, a point of a scale, a component's key; empty for all.
    key: String,
    /// How the key is called for people; nothing: as it is.
    label: Option<String>,
    value: Option<f64>,
    n: Option<u64>,
    interval: Option<Interval>,
}

pub(super) fn write(connection: &mut Db, making: &Making<'_>, into: &mut dyn Rows) -> Result<()> {
    let w = making.words;
    into.begin(&if making.sheet() {
        vec![
            Column::new(w.t("export-report-window"), 30),
            Column::new(w.t("export-insight-figure"), 24),
            Column::new(w.t("export-insight-key"), 20),
            Column::new(w.t("export-insight-value"), 12),
            Column::new(w.t("export-insight-n"), 10),
            Column::new(w.t("export-insight-low"), 12),
            Column::new(w.t("export-insight-high"), 12),
        ]
    } else {
        COLUMNS.map(|c| Column::new(c, 16)).to_vec()
    })?;
    let (language, default) = (making.request.language, making.request.default_language);
    let filter = &making.request.filter;
    export_rows::each_window(connection, making.window, filter.from, filter.to, |connection, window| {
        for figure in figures(connection, making, &window)? {
            let number = |n: Option<f64>| n.map_or(Cell::Empty, Cell::Decimal);
            let name = if making.sheet() {
                Cell::text(Some(window.title(language, default)))
            } else {
                Cell::word(Some(&window.slug))
            };
            let key = match figure.label {
                Some(label) if making.sheet() => Cell::text(Some(label)),
                _ => Cell::word(Some(figure.key)),
            };
            into.row(vec![
                name,
                making.code("export-figure", Some(figure.figure)),
                key,
                number(figure.value),
                figure.n.map_or(Cell::Empty, |n| Cell::Number(i64::try_from(n).unwrap_or(i64::MAX))),
                number(figure.interval.map(|i| i.low)),
                number(figure.interval.map(|i| i.high)),
            ])?;
        }
        Ok(())
    })
}

fn count(figure: &'static str, key: impl ToString, label: Option<String>, n: u64) -> Figure {
    Figure { figure, key: key.to_string(), label, value: Some(n as f64), n: None, interval: None }
}

fn figures(connection: &mut Db, making: &Making<'_>, window: &Window) -> Result<Vec<Figure>> {
    let counted = export_rows::counted(connection, window.id)?;
    let mut found = reports(connection, making, &counted)?;
    let survey = responses::counts(connection, window.id)?.figures(1);
    found.push(count("responses", "complete", None, survey.complete));
    found.push(count("responses", "partial", None, survey.partial));
    let mut measure = |figure, n, value, interval| {
        found.push(Figure { figure, key: String::new(), label: None, value, n: Some(n), interval });
    };
    measure("csat", survey.csat.n, survey.csat.value, survey.csat.interval);
    measure("nps", survey.nps.n, survey.nps.value, survey.nps.interval);
    measure("ces", survey.ces.n, survey.ces.value, survey.ces.interval);
    measure("saw_notice", survey.saw_notice.n, survey.saw_notice.value, survey.saw_notice.interval);
    let mut points = |figure, answers: &Distribution| {
        found.extend(answers.iter().map(|(point, n)| count(figure, point, None, n)));
    };
    points("csat_answers", &survey.csat.distribution);
    points("nps_answers", &survey.nps.distribution);
    points("ces_answers", &survey.ces.distribution);
    Ok(found)
}

fn reports(connection: &mut Db, making: &Making<'_>, counted: &[Counted]) -> Result<Vec<Figure>> {
    let number = |n: i64| u64::try_from(n).unwrap_or(0);
    let all = number(counted.iter().map(|c| c.reports).sum());
    let mut found = vec![count("reports", "", None, all)];
    let mut by = |figure: &'static str, noun: &str, key: &dyn Fn(&Counted) -> (usize, &'static str)| {
        let mut sums: BTreeMap<(usize, &'static str), i64> = BTreeMap::new();
        for one in counted {
            *sums.entry(key(one)).or_default() += one.reports;
        }
        for ((_, code), n) in sums {
            let label = (!code.is_empty()).then(|| making.words.word(noun, code));
            found.push(count(figure, code, label, number(n)));
        }
    };
    by("reports_by_stage", "stage", &|c| match ReportStage::from_code(&c.stage) {
        Some(stage) => (stage as usize, stage.code()),
        None => (usize::MAX, ""),
    });
    by("reports_by_category", "category", &|c| (c.category as usize, c.category.code()));
    by("reports_by_impact", "impact", &|c| (c.impact as usize, c.impact.code()));
    by("reports_by_status", "status", &|c| (c.status as usize, c.status.code()));
    let mut sums: BTreeMap<i64, i64> = BTreeMap::new();
    for one in counted {
        *sums.entry(one.component).or_default() += one.reports;
    }
    let ids: Vec<i64> = sums.keys().copied().collect();
    let known = components::with_ids(connection, &ids)?;
    let (language, default) = (making.request.language, making.request.default_language);
    let mut rows: Vec<Figure> = sums
        .into_iter()
        .map(|(id, n)| {
            let component = known.iter().find(|c| c.id == id);
            let label = component.map(|c| c.label(language, default).to_owned());
            count("reports_by_component", component.map_or("", |c| c.key.as_str()), label, number(n))
        })
        .collect();
    // Rows differ between databases, keys do not.
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    found.extend(rows);
    Ok(found)
}
