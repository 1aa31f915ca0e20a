//! The rows of answers to surveys.

use std::collections::HashMap;

use serde_json::Value;

use super::cell::{Cell, Column};
use super::{Making, Rows};
use crate::domain::survey::{AnswerValue, Question, QuestionKind, Template, TemplateKey};
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::export_rows;
use crate::store::responses::{self, Filter, Response};
use crate::store::surveys;

/// The columns of the machine style that every export has; a column for each question without one
/// of its own follows.
pub const COLUMNS: [&str; 12] = [
    "window",
    "response",
    "submitted_at",
    "language",
    "invited",
    "exposure",
    "saw_notice",
    "csat",
    "nps",
    "ces",
    "comment",
    "complete",
];

/// Every question as it was asked, by template, version and key.
type AsAsked = HashMap<(TemplateKey, u32), HashMap<String, Question>>;

fn as_asked(connection: &mut Db) -> Result<AsAsked> {
    let by_key = |t: Template| t.questions.into_iter().map(|q| (q.key.clone(), q)).collect();
    let all = surveys::every_version(connection)?.into_iter();
    Ok(all.map(|t| ((t.key.clone(), t.version), by_key(t))).collect())
}

pub(super) fn write(connection: &mut Db, making: &Making<'_>, into: &mut dyn Rows) -> Result<()> {
    let sheet = making.sheet();
    let custom = surveys::custom_questions(connection)?;
    into.begin(&columns(making, &custom))?;
    let titles = if sheet { export_rows::titles(connection)? } else { Default::default() };
    let (language, default) = (making.request.language, making.request.default_language);
    let asked = &making.request.filter;
    let filter = Filter { window: making.window, from: asked.from, to: asked.to, complete: None };
    let asked = as_asked(connection)?;
    responses::each(connection, &filter, |response| {
        let title = titles.get(&response.window_id).map(|t| t.text(language, default));
        into.row(row(making, &asked, &custom, response, title))
    })
}

/// The keys of the columns of a question: its own, and that of the words about "other" behind it.
fn keys(question: &Question) -> Vec<String> {
    let other = question.other().map(|_| question.other_key());
    [question.key.clone()].into_iter().chain(other).collect()
}

fn columns(making: &Making<'_>, custom: &[Question]) -> Vec<Column> {
    let w = making.words;
    if !making.sheet() {
        let own = COLUMNS.iter().map(|c| Column::new(*c, 14));
        return own.chain(custom.iter().flat_map(keys).map(|key| Column::new(key, 14))).collect();
    }
    let own = [
        Column::new(w.t("export-report-window"), 24),
        Column::new(w.t("export-response-reference"), 12),
        Column::new(w.t("export-response-submitted"), 20),
        Column::new(w.t("export-response-language"), 10),
        Column::new(w.t("export-response-invited"), 12),
        Column::new(w.t("export-response-exposure"), 16),
        Column::new(w.t("export-response-saw-notice"), 14),
        Column::new(w.t("export-response-csat"), 12),
        Column::new(w.t("export-response-nps"), 12),
        Column::new(w.t("export-response-ces"), 12),
        Column::new(w.t("export-response-comment"), 60),
        Column::new(w.t("export-response-complete"), 10),
    ];
    let title = |q: &Question| {
        let text = w.wording(&q.text, making.request.default_language);
        let other = q.other().map(|c| {
            let choice = w.wording(&c.text, making.request.default_language);
            Column::new(w.with("export-response-other", [("question", &text), ("choice", &choice)]), 24)
        });
        [Column::new(text, 24)].into_iter().chain(other).collect::<Vec<_>>()
    };
    own.into_iter().chain(custom.iter().flat_map(title)).collect()
}

fn row(
    making: &Making<'_>,
    asked: &AsAsked,
    custom: &[Question],
    response: Response,
    title: Option<&str>,
) -> Vec<Cell> {
    let then = asked.get(&(response.template.clone(), response.version()));
    let answers = response.answers;
    let window = match title {
        Some(title) if making.sheet() && !title.is_empty() => Cell::Text(title.to_owned()),
        _ => Cell::Word(response.window),
    };
    let mut cells = vec![
        window,
        Cell::word(Some(response.reference)),
        Cell::Time(response.submitted_at),
        Cell::word(Some(response.language)),
        making.flag(Some(response.invited)),
        making.code("exposure", Some(response.exposure.code())),
        making.flag(answers.saw_notice),
        Cell::number(answers.csat),
        Cell::number(answers.nps),
        Cell::number(answers.ces),
        Cell::text(answers.comment),
        making.flag(Some(response.complete)),
    ];
    for question in custom {
        // What it meant when it was answered, not what it means now.
        let then = then.and_then(|questions| questions.get(&question.key)).unwrap_or(question);
        cells.push(custom_cell(making, then, answers.custom.get(&question.key)));
        if question.other().is_some() {
            cells.push(match answers.custom.get(&question.other_key()) {
                Some(AnswerValue::Text(text)) => Cell::Text(text.clone()),
                _ => Cell::Empty,
            });
        }
    }
    cells
}

fn custom_cell(making: &Making<'_>, question: &Question, answer: Option<&AnswerValue>) -> Cell {
    let label = |code: &str| {
        let choice = question.choices().iter().find(|c| c.code == code);
        choice.map_or(code.to_owned(), |c| making.words.wording(&c.text, making.request.default_language))
    };
    match answer {
        None => Cell::Empty,
        Some(AnswerValue::Number(point)) => Cell::Number(i64::from(*point)),
        Some(AnswerValue::Flag(flag)) => making.flag(Some(*flag)),
        Some(AnswerValue::Text(text)) if question.kind() == QuestionKind::Text => Cell::Text(text.clone()),
        Some(AnswerValue::Text(code)) if making.sheet() => Cell::Word(label(code)),
        Some(AnswerValue::Text(code)) => Cell::Word(code.clone()),
        Some(AnswerValue::Choices(codes)) if making.sheet() => {
            let labels: Vec<String> = codes.iter().map(|c| label(c)).collect();
            Cell::Word(labels.join(&making.words.t("export-list-separator")))
        }
        Some(AnswerValue::Choices(codes)) => {
            Cell::json(codes.iter().map(|c| Value::from(c.as_str())).collect::<Vec<_>>().into())
        }
    }
}
