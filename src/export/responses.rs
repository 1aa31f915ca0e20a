//! The rows of answers to surveys.

use serde_json::Value;

use super::cell::{Cell, Column};
use super::{Making, Rows};
use crate::domain::survey::template::OWN_COLUMN;
use crate::domain::survey::{AnswerValue, Question, QuestionKind, TemplateKey};
use crate::store::connection::Db;
use crate::store::error::Result;
use crate::store::export_rows;
use crate::store::responses::{self, Filter, Response};

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

/// The questions that have no column of their own, of every template, each once.
pub fn custom_questions() -> Vec<&'static Question> {
    let mut found: Vec<&'static Question> = Vec::new();
    for template in TemplateKey::ALL {
        for question in template.template().questions {
            if !OWN_COLUMN.contains(&question.key) && found.iter().all(|q| q.key != question.key) {
                found.push(question);
            }
        }
    }
    found
}

pub(super) fn write(connection: &mut Db, making: &Making<'_>, into: &mut dyn Rows) -> Result<()> {
    let sheet = making.sheet();
    let custom = custom_questions();
    into.begin(&columns(making, &custom))?;
    let titles = if sheet { export_rows::titles(connection)? } else { Default::default() };
    let (language, default) = (making.request.language, making.request.default_language);
    let asked = &making.request.filter;
    let filter = Filter { window: making.window, from: asked.from, to: asked.to, complete: None };
    responses::each(connection, &filter, |response| {
        let title = titles.get(&response.window_id).map(|t| t.text(language, default));
        into.row(row(making, &custom, response, title))
    })
}

fn columns(making: &Making<'_>, custom: &[&'static Question]) -> Vec<Column> {
    let w = making.words;
    if !making.sheet() {
        let own = COLUMNS.iter().map(|c| Column::new(*c, 14));
        return own.chain(custom.iter().map(|q| Column::new(q.key, 14))).collect();
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
    own.into_iter().chain(custom.iter().map(|q| Column::new(w.t(q.text), 24))).collect()
}

fn row(
    making: &Making<'_>,
    custom: &[&'static Question],
    response: Response,
    title: Option<&str>,
) -> Vec<Cell> {
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
    cells.extend(custom.iter().map(|q| custom_cell(making, q, answers.custom.get(q.key))));
    cells
}

fn custom_cell(making: &Making<'_>, question: &Question, answer: Option<&AnswerValue>) -> Cell {
    let label = |code: &str| {
        let choice = question.choices().iter().find(|c| c.code == code);
        choice.map_or(code.to_owned(), |c| making.words.t(c.text))
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
