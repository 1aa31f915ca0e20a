//! The rows of figures: the same numbers as on the pages, each with how many it is made from and its
//! 95 % interval.

use std::collections::HashMap;

use super::cell::{Cell, Column};
use super::{Making, Rows};
use crate::domain::instant::Instant;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::insights::{self, Reader, Row};
use crate::store::{components, export_rows, windows};

/// The columns of the machine style.
pub const COLUMNS: [&str; 8] = ["window", "measure", "part", "value", "unit", "n", "low", "high"];

pub(super) fn write(connection: &mut Db, making: &Making<'_>, into: &mut dyn Rows) -> Result<()> {
    let (language, default) = (making.request.language, making.request.default_language);
    let reader = Reader { language, default, now: Instant::now() };
    let only = match making.window {
        Some(id) => Some(windows::by_id(connection, id)?),
        None => None,
    };
    into.begin(&columns(making))?;
    let names = if making.sheet() { Names::load(connection, making)? } else { Names::default() };
    insights::each(connection, only.as_ref(), reader, |row| {
        into.row(if making.sheet() { for_people(making, &names, row) } else { for_programs(row) })
    })
}

fn columns(making: &Making<'_>) -> Vec<Column> {
    let w = making.words;
    if !making.sheet() {
        return COLUMNS.map(|c| Column::new(c, 16)).to_vec();
    }
    vec![
        Column::new(w.t("export-report-window"), 30),
        Column::new(w.t("export-insight-measure"), 28),
        Column::new(w.t("export-insight-part"), 20),
        Column::new(w.t("export-insight-value"), 12),
        Column::new(w.t("export-insight-unit"), 12),
        Column::new(w.t("export-insight-n"), 10),
        Column::new(w.t("export-insight-low"), 14),
        Column::new(w.t("export-insight-high"), 14),
    ]
}

fn number(value: Option<f64>) -> Cell {
    value.map_or(Cell::Empty, Cell::Decimal)
}

fn count(n: Option<u64>) -> Cell {
    n.map_or(Cell::Empty, |n| Cell::Number(i64::try_from(n).unwrap_or(i64::MAX)))
}

fn for_programs(row: Row) -> Vec<Cell> {
    vec![
        Cell::Word(row.window),
        Cell::Word(row.measure),
        Cell::word(Some(row.part)),
        number(row.value),
        Cell::word(Some(row.unit)),
        count(row.n),
        number(row.low),
        number(row.high),
    ]
}

/// How windows and components are called in the reader's language.
#[derive(Default)]
struct Names {
    windows: HashMap<String, String>,
    components: HashMap<String, String>,
}

impl Names {
    fn load(connection: &mut Db, making: &Making<'_>) -> Result<Names> {
        let (language, default) = (making.request.language, making.request.default_language);
        let titles = export_rows::titles_by_slug(connection)?;
        let windows = titles.into_iter().map(|(slug, t)| (slug, t.text(language, default).to_owned()));
        let list = components::list(connection)?;
        let components = list.into_iter().map(|c| (c.key.clone(), c.label(language, default).to_owned()));
        Ok(Names { windows: windows.collect(), components: components.collect() })
    }
}

fn for_people(making: &Making<'_>, names: &Names, row: Row) -> Vec<Cell> {
    let title = names.windows.get(&row.window).filter(|t| !t.is_empty()).cloned();
    let part = match row.measure.as_str() {
        "reports.component" | "reports.component.severe" => {
            Cell::text(Some(names.components.get(&row.part).unwrap_or(&row.part)))
        }
        "reports.stage" => making.code("stage", Some(&row.part)),
        "reports.category" => making.code("category", Some(&row.part)),
        "reports.impact" => making.code("impact", Some(&row.part)),
        "reports.status" => making.code("status", Some(&row.part)),
        "survey.nps.group" => making.code("export-nps", Some(&row.part)),
        measure if measure.starts_with("survey.informed.") || measure.starts_with("survey.exposed.") => {
            making.code("export-group", Some(&row.part))
        }
        _ => Cell::word(Some(row.part)),
    };
    vec![
        Cell::Text(title.unwrap_or(row.window)),
        making.code("export-measure", Some(&row.measure.replace(['.', '_'], "-"))),
        part,
        number(row.value),
        making.code("export-unit", Some(row.unit.code())),
        count(row.n),
        number(row.low),
        number(row.high),
    ]
}
