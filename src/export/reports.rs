//! The rows of problem reports.

use serde_json::json;

use super::cell::{Cell, Column};
use super::{Making, Rows};
use crate::domain::instant::Instant;
use crate::domain::report::{Precision, Verdict};
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::export_rows::{self, ReportRow};
use crate::store::known_issues::KnownIssue;
use crate::store::reports::ReportContent;

/// The columns of the machine style, in their order. Only ever added to, at the end.
pub const COLUMNS: [&str; 26] = [
    "reference",
    "window",
    "stage",
    "occurred_at",
    "time_precision",
    "received_at",
    "component",
    "category",
    "impact",
    "severity",
    "status",
    "known_issue",
    "assignee",
    "me_too_count",
    "language",
    "source",
    "contact",
    "description",
    "public_answers",
    "first_answer_at",
    "resolved_at",
    "verified",
    "time_zone",
    "written_at",
    "error_message",
    "account",
];

pub(super) fn write(connection: &mut Db, making: &Making<'_>, into: &mut dyn Rows) -> Result<()> {
    let sheet = making.sheet();
    into.begin(&if sheet { titles(making) } else { COLUMNS.map(|c| Column::new(c, 16)).to_vec() })?;
    export_rows::each_report(connection, &making.found, making.request.sort, |row| {
        into.row(if sheet { for_people(making, row) } else { for_programs(making, row) })
    })
}

fn for_programs(making: &Making<'_>, row: ReportRow) -> Vec<Cell> {
    let ReportRow { listed, answers, known_issue, .. } = row;
    let report = &listed.report;
    let content = listed.content.as_ref();
    let contacts = making.request.contacts;
    let answers: Vec<_> =
        answers.iter().map(|(at, text)| json!({"at": at.rfc3339(), "text": text})).collect();
    vec![
        Cell::word(Some(report.reference())),
        Cell::word(listed.window.as_ref().map(|w| &w.slug)),
        Cell::word(report.stage),
        Cell::time(report.occurred_at),
        Cell::word(Some(report.precision)),
        Cell::Time(report.received_at),
        Cell::word(listed.component.as_ref().map(|c| &c.key)),
        Cell::word(Some(report.category)),
        Cell::word(Some(report.impact)),
        Cell::word(report.severity),
        Cell::word(Some(report.status)),
        Cell::word(known_issue.as_ref().map(|issue| issue.fact.id)),
        Cell::text(listed.assignee),
        Cell::Number(me_toos(known_issue.as_ref())),
        Cell::word(Some(report.language)),
        Cell::word(Some(report.source)),
        Cell::text(content.filter(|_| contacts).and_then(contact)),
        Cell::text(content.map(|c| c.description.as_str())),
        Cell::json(answers.into()),
        Cell::time(report.first_answer_at),
        Cell::time(report.resolved_at),
        Cell::word(report.verdict),
        Cell::word(report.time_zone.as_ref()),
        Cell::time(report.written_at),
        Cell::text(content.and_then(|c| c.error_message.as_deref())),
        Cell::text(content.filter(|_| contacts).and_then(|c| c.account.as_deref())),
    ]
}

/// Telephone and e-mail in one cell: `138 0013 8000; name@example.com`.
fn contact(content: &ReportContent) -> Option<String> {
    let parts: Vec<&str> =
        [&content.phone, &content.email].into_iter().flatten().map(String::as_str).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// How many said "me too" to the known issue behind a report. They belong to the known issue, so the
/// column is not to be summed.
fn me_toos(issue: Option<&KnownIssue>) -> i64 {
    issue.map_or(0, |issue| issue.fact.me_toos)
}

fn titles(making: &Making<'_>) -> Vec<Column> {
    let w = making.words;
    let mut columns = vec![
        Column::new(w.t("export-report-reference"), 12),
        Column::new(w.t("export-report-window"), 24),
        Column::new(w.t("export-report-stage"), 14),
        Column::new(w.t("export-report-occurred"), 20),
        Column::new(w.t("export-report-received"), 20),
        Column::new(w.t("export-report-since-start"), 16),
        Column::new(w.t("export-report-component"), 16),
        Column::new(w.t("export-report-category"), 12),
        Column::new(w.t("export-report-impact"), 14),
        Column::new(w.t("export-report-severity"), 10),
        Column::new(w.t("export-report-status"), 12),
        Column::new(w.t("export-report-known-issue"), 16),
        Column::new(w.t("export-report-me-too"), 14),
        Column::new(w.t("export-report-description"), 60),
        Column::new(w.t("export-report-error-message"), 30),
        Column::new(w.t("export-report-latest-answer"), 40),
        Column::new(w.t("export-report-answer-minutes"), 20),
        Column::new(w.t("export-report-resolution-minutes"), 16),
        Column::new(w.t("export-report-verified"), 12),
        Column::new(w.t("export-report-assignee"), 12),
        Column::new(w.t("export-report-source"), 10),
    ];
    if making.request.contacts {
        columns.push(Column::new(w.t("export-report-account"), 20));
        columns.push(Column::new(w.t("export-report-contact"), 28));
    }
    columns
}

fn minutes(from: Option<Instant>, to: Option<Instant>) -> Cell {
    match (from, to) {
        (Some(from), Some(to)) => Cell::Number(to.seconds_since(from).div_euclid(60)),
        _ => Cell::Empty,
    }
}

fn for_people(making: &Making<'_>, row: ReportRow) -> Vec<Cell> {
    let ReportRow { listed, window_start, answers, known_issue } = row;
    let report = &listed.report;
    let content = listed.content.as_ref();
    let (language, default) = (making.request.language, making.request.default_language);
    let occurred = match report.occurred_at {
        Some(at) => Cell::Time(at),
        None => making.code("precision", Some(Precision::Unknown.code())),
    };
    let mut cells = vec![
        Cell::word(Some(report.reference())),
        Cell::text(listed.window.as_ref().map(|w| w.label(language, default))),
        making.code("stage", report.stage.map(|s| s.code())),
        occurred,
        Cell::Time(report.received_at),
        minutes(window_start, report.occurred_at),
        Cell::text(listed.component.as_ref().map(|c| c.label(language, default))),
        making.code("category", Some(report.category.code())),
        making.code("impact", Some(report.impact.code())),
        making.code("severity", report.severity.map(|s| s.code())),
        making.code("status", Some(report.status.code())),
        Cell::text(known_issue.as_ref().map(|issue| issue.title(language, default))),
        Cell::Number(me_toos(known_issue.as_ref())),
        Cell::text(content.map(|c| c.description.as_str())),
        Cell::text(content.and_then(|c| c.error_message.as_deref())),
        Cell::text(answers.into_iter().next_back().map(|(_, text)| text)),
        minutes(Some(report.received_at), report.first_answer_at),
        minutes(Some(report.received_at), report.resolved_at),
        making.code("verdict", report.verdict.map(Verdict::code)),
        Cell::text(listed.assignee),
        making.code("source", Some(report.source.code())),
    ];
    if making.request.contacts {
        cells.push(Cell::text(content.and_then(|c| c.account.as_deref())));
        cells.push(Cell::text(content.and_then(contact)));
    }
    cells
}
