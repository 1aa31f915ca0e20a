//! The rows of improvements: what windows taught, and whether a later window shows it.

use super::cell::{Cell, Column};
use super::{Making, Rows};
use crate::domain::instant::Instant;
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::improvements::{self, Filter};
use crate::store::insights::{self, Reader};

/// The columns of the machine style.
pub const COLUMNS: [&str; 12] = [
    "improvement",
    "title",
    "detail",
    "status",
    "owner",
    "source",
    "window",
    "shown_by",
    "measure",
    "shown",
    "created_at",
    "changed_at",
];

/// How many are held at once.
const FEW: i64 = 100;

pub(super) fn write(connection: &mut Db, making: &Making<'_>, into: &mut dyn Rows) -> Result<()> {
    let (language, default) = (making.request.language, making.request.default_language);
    let reader = Reader { language, default, now: Instant::now() };
    into.begin(&columns(making))?;
    let filter = Filter { window: making.window, ..Filter::default() };
    let mut before = None;
    loop {
        let some = improvements::list(connection, &filter, before, FEW)?;
        let names = improvements::names(connection, &some)?;
        let shown = insights::shown(connection, &some, reader)?;
        before = some.last().map(|i| i.id);
        let full = some.len() as i64 == FEW;
        for one in some {
            let window = |id: Option<i64>| {
                let found = names.windows.get(&id?)?;
                Some(if making.sheet() { found.title(language, default) } else { found.slug.to_string() })
            };
            let named = |id: Option<i64>| match window(id) {
                Some(title) if making.sheet() => Cell::Text(title),
                other => Cell::word(other),
            };
            let source = one.came_from().code();
            into.row(vec![
                Cell::word(Some(one.reference())),
                Cell::Text(one.title),
                Cell::text(one.detail),
                making.code("improvement-status", Some(one.status.code())),
                Cell::text(one.owner_id.and_then(|id| names.people.get(&id).cloned())),
                Cell::Word(source),
                named(one.window_id),
                named(one.shown_by),
                making.code("measure", one.measure.map(|m| m.code())),
                making.code("shown", shown.get(&one.id).map(|s| s.code())),
                Cell::Time(one.created_at),
                Cell::Time(one.changed_at),
            ])?;
        }
        if !full {
            return Ok(());
        }
    }
}

fn columns(making: &Making<'_>) -> Vec<Column> {
    let w = making.words;
    if !making.sheet() {
        return COLUMNS.map(|c| Column::new(c, 16)).to_vec();
    }
    vec![
        Column::new(w.t("export-improvement"), 14),
        Column::new(w.t("improvement-title"), 40),
        Column::new(w.t("improvement-detail"), 40),
        Column::new(w.t("improvement-status"), 12),
        Column::new(w.t("improvement-owner"), 16),
        Column::new(w.t("export-improvement-source"), 20),
        Column::new(w.t("improvement-from"), 28),
        Column::new(w.t("improvement-shown-by"), 28),
        Column::new(w.t("improvement-measure"), 18),
        Column::new(w.t("improvement-shown"), 14),
        Column::new(w.t("export-improvement-created"), 20),
        Column::new(w.t("export-improvement-changed"), 20),
    ]
}
