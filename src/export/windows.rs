//! The rows of windows, and those of what was posted about them.

use serde_json::{Value, json};

use super::cell::{Cell, Column};
use super::{Making, Rows};
use crate::domain::instant::Instant;
use crate::domain::language::{Language, Texts};
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::export_rows;
use crate::store::windows::Window;

/// The texts of a notice; each has a column for each language, `title.zh-CN` and `title.en`.
pub const TEXTS: [&str; 5] = ["title", "body", "audience", "advice", "backup_statement"];
const BEFORE: [&str; 3] = ["slug", "state", "sequence"];
const AFTER: [&str; 19] = [
    "scheduled_start",
    "scheduled_end",
    "time_zone",
    "announced_at",
    "started_at",
    "completed_at",
    "cancelled_at",
    "finish_before",
    "backup_finished_at",
    "data_checked_at",
    "follow_up_hours",
    "start_by_clock",
    "complete_by_clock",
    "survey_template",
    "survey_days",
    "support",
    "components",
    "updates",
    "moves",
];

/// The columns of the machine style of windows.
pub fn columns() -> Vec<String> {
    let texts = TEXTS.iter().flat_map(|t| Language::ALL.iter().map(move |l| format!("{t}.{l}")));
    let before = BEFORE.iter().map(|c| (*c).to_owned());
    before.chain(texts).chain(AFTER.iter().map(|c| (*c).to_owned())).collect()
}

fn moment(at: Option<Instant>) -> Value {
    at.map_or(Value::Null, |at| at.rfc3339().into())
}

fn by_language(texts: &Texts) -> Value {
    texts
        .0
        .iter()
        .map(|(l, t)| (l.code().to_owned(), Value::from(t.as_str())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn components(window: &Window) -> Cell {
    let list: Vec<Value> = window
        .components
        .iter()
        .map(|c| {
            json!({
                "key": c.component.key,
                "name": by_language(&c.component.name),
                "impact": c.impact,
                "interruption_start": moment(c.interruption.start),
                "interruption_end": moment(c.interruption.end),
                "tested_at": moment(c.tested_at),
            })
        })
        .collect();
    Cell::json(list.into())
}

fn updates(window: &Window) -> Cell {
    let list: Vec<Value> = window
        .updates
        .iter()
        .map(|u| {
            json!({
                "stage": u.stage,
                "state": u.state,
                "posted_at": u.posted_at.rfc3339(),
                "body": by_language(&u.body),
            })
        })
        .collect();
    Cell::json(list.into())
}

fn moves(window: &Window) -> Cell {
    let list: Vec<Value> = window
        .moves
        .iter()
        .map(|m| {
            json!({
                "scheduled_start": m.schedule.start.rfc3339(),
                "scheduled_end": moment(m.schedule.end),
                "time_zone": m.schedule.zone,
                "moved_at": m.moved_at.rfc3339(),
            })
        })
        .collect();
    Cell::json(list.into())
}

pub(super) fn write(connection: &mut Db, making: &Making<'_>, into: &mut dyn Rows) -> Result<()> {
    let sheet = making.sheet();
    into.begin(&if sheet {
        titles(making)
    } else {
        columns().into_iter().map(|c| Column::new(c, 16)).collect()
    })?;
    let filter = &making.request.filter;
    export_rows::each_window(connection, making.window, filter.from, filter.to, |window| {
        into.row(if sheet { for_people(making, &window) } else { for_programs(&window) })
    })
}

fn for_programs(window: &Window) -> Vec<Cell> {
    let mut cells =
        vec![Cell::word(Some(&window.slug)), Cell::word(Some(window.state)), Cell::Number(window.sequence)];
    for field in TEXTS {
        let texts = window.texts.field(field);
        cells.extend(Language::ALL.iter().map(|l| Cell::text(Some(texts.exactly(*l)))));
    }
    let support = serde_json::from_str(&window.support.to_json()).unwrap_or(Value::Null);
    cells.extend([
        Cell::Time(window.schedule.start),
        Cell::time(window.schedule.end),
        Cell::word(Some(window.schedule.zone)),
        Cell::time(window.announced_at),
        Cell::time(window.started_at),
        Cell::time(window.completed_at),
        Cell::time(window.cancelled_at),
        Cell::time(window.finish_before),
        Cell::time(window.backup_finished_at),
        Cell::time(window.data_checked_at),
        Cell::Number(i64::from(window.follow_up_hours)),
        Cell::Flag(window.start_by_clock),
        Cell::Flag(window.complete_by_clock),
        Cell::word(Some(&window.survey_template)),
        Cell::Number(i64::from(window.survey_days)),
        Cell::json(support),
        components(window),
        updates(window),
        moves(window),
    ]);
    cells
}

fn titles(making: &Making<'_>) -> Vec<Column> {
    let w = making.words;
    vec![
        Column::new(w.t("export-report-window"), 30),
        Column::new(w.t("export-window-state"), 12),
        Column::new(w.t("export-window-start"), 20),
        Column::new(w.t("export-window-end"), 20),
        Column::new(w.t("export-window-zone"), 18),
        Column::new(w.t("export-window-announced"), 20),
        Column::new(w.t("export-window-started"), 20),
        Column::new(w.t("export-window-ended"), 20),
        Column::new(w.t("export-window-components"), 40),
        Column::new(w.t("export-window-audience"), 40),
        Column::new(w.t("export-window-body"), 60),
        Column::new(w.t("export-window-updates"), 10),
        Column::new(w.t("export-window-slug"), 24),
    ]
}

fn for_people(making: &Making<'_>, window: &Window) -> Vec<Cell> {
    let (language, default) = (making.request.language, making.request.default_language);
    let affected: Vec<String> = window
        .components
        .iter()
        .map(|c| {
            let name = c.component.label(language, default);
            making.words.with(
                "export-window-component",
                [("name", name), ("impact", &making.words.word("component-impact", c.impact.code()))],
            )
        })
        .collect();
    vec![
        Cell::text(Some(window.title(language, default))),
        making.code("state", Some(window.state.code())),
        Cell::Time(window.schedule.start),
        Cell::time(window.schedule.end),
        Cell::word(Some(window.schedule.zone)),
        Cell::time(window.announced_at),
        Cell::time(window.started_at),
        Cell::time(window.ended_at()),
        Cell::text(Some(affected.join(&making.words.t("export-list-separator")))),
        Cell::text(Some(window.text("audience", language, default))),
        Cell::text(Some(window.text("body", language, default))),
        Cell::Number(window.updates.len() as i64),
        Cell::word(Some(&window.slug)),
    ]
}

/// The columns of the machine style of updates.
fn update_columns() -> Vec<String> {
    let before = ["window", "stage", "state", "posted_at"].map(str::to_owned).into_iter();
    before.chain(Language::ALL.iter().map(|l| format!("body.{l}"))).collect()
}

pub(super) fn write_updates(connection: &mut Db, making: &Making<'_>, into: &mut dyn Rows) -> Result<()> {
    let w = making.words;
    let (language, default) = (making.request.language, making.request.default_language);
    into.begin(&if making.sheet() {
        vec![
            Column::new(w.t("export-report-window"), 30),
            Column::new(w.t("export-update-posted"), 20),
            Column::new(w.t("export-report-stage"), 14),
            Column::new(w.t("export-window-state"), 12),
            Column::new(w.t("export-update-body"), 60),
        ]
    } else {
        update_columns().into_iter().map(|c| Column::new(c, 16)).collect()
    })?;
    // The filter's times are those of posting, so any window may have some.
    let filter = &making.request.filter;
    export_rows::each_window(connection, making.window, None, None, |window| {
        for update in &window.updates {
            let at = update.posted_at;
            if filter.from.is_some_and(|from| at < from) || filter.to.is_some_and(|to| at >= to) {
                continue;
            }
            into.row(if making.sheet() {
                vec![
                    Cell::text(Some(window.title(language, default))),
                    Cell::Time(at),
                    making.code("stage", Some(update.stage.code())),
                    making.code("state", Some(update.state.code())),
                    Cell::text(Some(update.body.text(language, default))),
                ]
            } else {
                let facts = [
                    Cell::word(Some(&window.slug)),
                    Cell::word(Some(update.stage)),
                    Cell::word(Some(update.state)),
                    Cell::Time(at),
                ];
                let bodies = Language::ALL.iter().map(|l| Cell::text(Some(update.body.exactly(*l))));
                facts.into_iter().chain(bodies).collect()
            })?;
        }
        Ok(())
    })
}
