//! What was answered: from JSON or a form to values that fit the questions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::template::{Answerable, OWN_COLUMN, Question, Template};
use crate::domain::fields::{FieldError, FieldErrors};
use crate::domain::line::text_problem;

/// The answer to a question without a column of its own. In JSON a bare number, boolean, string or
/// list, as the API takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum AnswerValue {
    /// A point on a scale.
    Number(u8),
    /// Yes or no.
    Flag(bool),
    /// The code of a single choice, or free text: the question says which.
    Text(String),
    /// The codes of multiple choices, in the order of the question, each once.
    Choices(Vec<String>),
}

/// A response as it came, nothing checked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RawAnswers {
    /// Satisfaction.
    pub csat: Option<i64>,
    /// Recommendation.
    pub nps: Option<i64>,
    /// Ease.
    pub ces: Option<i64>,
    /// Saw the notice beforehand.
    pub saw_notice: Option<bool>,
    /// Opinions and suggestions.
    pub comment: Option<String>,
    /// Answers by the key of their question; also taken for those above, if they are not answered
    /// there.
    pub answers: BTreeMap<String, Value>,
    /// The person is done.
    pub complete: bool,
}

impl RawAnswers {
    /// Reads a form. A field is named after its question, `answers.` before it or not, fields of
    /// multiple questions repeat, and an empty one is not answered. `complete` is true unless it is
    /// there as `false` or `0`. Fields that are no question's are the form's own, except those that
    /// begin with `answers.`: they are kept, so that [`Answers::parse`] refuses them.
    ///
    /// What does not look like an answer (`csat=x`) is kept as text for the same reason.
    pub fn from_form(template: &Template, pairs: &[(String, String)]) -> RawAnswers {
        let mut raw = RawAnswers { complete: true, ..RawAnswers::default() };
        for (name, value) in pairs {
            if name == "complete" {
                raw.complete = !matches!(value.as_str(), "false" | "0");
                continue;
            }
            if value.trim().is_empty() {
                continue;
            }
            let key = name.strip_prefix("answers.").unwrap_or(name);
            match template.question(key).map(|q| q.answer) {
                Some(Answerable::Scale { .. }) => {
                    let number =
                        value.trim().parse::<i64>().map_or_else(|_| Value::from(value.as_str()), Value::from);
                    raw.answers.insert(key.to_owned(), number);
                }
                Some(Answerable::YesNo) => {
                    let flag = match value.as_str() {
                        "yes" | "true" | "1" | "on" => Value::Bool(true),
                        "no" | "false" | "0" => Value::Bool(false),
                        other => Value::from(other),
                    };
                    raw.answers.insert(key.to_owned(), flag);
                }
                Some(Answerable::Multiple { .. }) => {
                    let list = raw.answers.entry(key.to_owned()).or_insert_with(|| Value::Array(Vec::new()));
                    if let Value::Array(list) = list {
                        list.push(Value::from(value.as_str()));
                    }
                }
                Some(Answerable::Single { .. } | Answerable::Text { .. }) => {
                    raw.answers.insert(key.to_owned(), Value::from(value.as_str()));
                }
                None if name.starts_with("answers.") => {
                    raw.answers.insert(key.to_owned(), Value::from(value.as_str()));
                }
                None => {}
            }
        }
        raw
    }

    /// Everything answered, by key of the question, with the field that errors name.
    fn into_values(self) -> BTreeMap<String, Value> {
        let mut values = self.answers;
        let own = [
            ("csat", self.csat.map(Value::from)),
            ("nps", self.nps.map(Value::from)),
            ("ces", self.ces.map(Value::from)),
            ("saw_notice", self.saw_notice.map(Value::from)),
            ("comment", self.comment.map(Value::from)),
        ];
        for (key, value) in own {
            if let Some(value) = value {
                values.insert(key.to_owned(), value);
            }
        }
        values.retain(|_, value| !value.is_null());
        values
    }
}

/// A checked response: every answer fits its question, and there is at least one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Answers {
    /// Satisfaction, 1 to 5.
    pub csat: Option<u8>,
    /// Recommendation, 0 to 10.
    pub nps: Option<u8>,
    /// Ease, 1 very difficult to 7 very easy.
    pub ces: Option<u8>,
    /// Saw the notice beforehand.
    pub saw_notice: Option<bool>,
    /// Opinions and suggestions, as typed, not blank.
    pub comment: Option<String>,
    /// The answers to the other questions, by key.
    pub custom: BTreeMap<String, AnswerValue>,
    /// The person is done, and every required question is answered.
    pub complete: bool,
}

impl Answers {
    /// Checks a response against the survey that was asked.
    ///
    /// Codes: `out-of-scale` (`min`, `max`), `unknown-question`, `unknown-choice`,
    /// `exclusive-choice` (one that stands alone beside others), `required` (complete, without an
    /// answer that must be there), `not-text`, `too-long` and `control-character` as for any text,
    /// and `nothing-answered`, told for the first question.
    pub fn parse(template: &Template, raw: RawAnswers) -> Result<Answers, FieldErrors> {
        let mut errors = FieldErrors::new();
        let complete = raw.complete;
        let mut values = raw.into_values();
        let mut answers = Answers { complete, ..Answers::default() };
        let mut answered = false;
        for question in template.questions {
            let value = match values.remove(question.key).map(|value| check(question, value)) {
                None => None,
                Some(Ok(value)) => value,
                Some(Err(error)) => {
                    errors.0.push(error);
                    continue;
                }
            };
            match value {
                Some(value) => {
                    answered = true;
                    answers.put(question.key, value);
                }
                None if complete && question.required => errors.add(question.field(), "required"),
                None => {}
            }
        }
        for key in values.into_keys() {
            let own = OWN_COLUMN.contains(&key.as_str());
            errors.add(if own { key } else { format!("answers.{key}") }, "unknown-question");
        }
        if errors.is_empty() && !answered {
            let first = template.questions.first().map(Question::field).unwrap_or_default();
            errors.add(first, "nothing-answered");
        }
        errors.or(answers)
    }

    fn put(&mut self, key: &str, value: AnswerValue) {
        match (key, value) {
            ("csat", AnswerValue::Number(n)) => self.csat = Some(n),
            ("nps", AnswerValue::Number(n)) => self.nps = Some(n),
            ("ces", AnswerValue::Number(n)) => self.ces = Some(n),
            ("saw_notice", AnswerValue::Flag(b)) => self.saw_notice = Some(b),
            ("comment", AnswerValue::Text(text)) => self.comment = Some(text),
            (key, value) => {
                self.custom.insert(key.to_owned(), value);
            }
        }
    }

    /// The answer to the question with this key, for showing a form again.
    pub fn get(&self, key: &str) -> Option<AnswerValue> {
        match key {
            "csat" => self.csat.map(AnswerValue::Number),
            "nps" => self.nps.map(AnswerValue::Number),
            "ces" => self.ces.map(AnswerValue::Number),
            "saw_notice" => self.saw_notice.map(AnswerValue::Flag),
            "comment" => self.comment.clone().map(AnswerValue::Text),
            key => self.custom.get(key).cloned(),
        }
    }
}

/// The value as an answer to the question; nothing if it is blank or empty.
fn check(question: &Question, value: Value) -> Result<Option<AnswerValue>, FieldError> {
    let wrong = |code: &'static str, params: BTreeMap<&'static str, String>| {
        Err(FieldError { field: question.field(), code, params })
    };
    match question.answer {
        Answerable::Scale { min, max, .. } => {
            let point = value.as_i64().and_then(|n| u8::try_from(n).ok()).filter(|n| (min..=max).contains(n));
            match point {
                Some(n) => Ok(Some(AnswerValue::Number(n))),
                None => wrong("out-of-scale", [("min", min.to_string()), ("max", max.to_string())].into()),
            }
        }
        Answerable::YesNo => match value {
            Value::Bool(flag) => Ok(Some(AnswerValue::Flag(flag))),
            _ => wrong("unknown-choice", BTreeMap::new()),
        },
        Answerable::Single { choices } => match value {
            Value::String(code) if choices.iter().any(|c| c.code == code) => {
                Ok(Some(AnswerValue::Text(code)))
            }
            _ => wrong("unknown-choice", BTreeMap::new()),
        },
        Answerable::Multiple { choices } => {
            let Value::Array(list) = value else { return wrong("unknown-choice", BTreeMap::new()) };
            let known = |v: &Value| choices.iter().any(|c| v.as_str() == Some(c.code));
            if !list.iter().all(known) {
                return wrong("unknown-choice", BTreeMap::new());
            }
            let chosen: Vec<_> =
                choices.iter().filter(|c| list.iter().any(|v| v.as_str() == Some(c.code))).collect();
            if chosen.len() > 1 && chosen.iter().any(|c| c.exclusive) {
                return wrong("exclusive-choice", BTreeMap::new());
            }
            let codes: Vec<String> = chosen.iter().map(|c| c.code.to_owned()).collect();
            Ok((!codes.is_empty()).then_some(AnswerValue::Choices(codes)))
        }
        Answerable::Text { max } => match value {
            Value::String(text) => match text_problem(&text, max, true) {
                Some((code, params)) => wrong(code, params),
                None => Ok((!text.trim().is_empty()).then_some(AnswerValue::Text(text))),
            },
            _ => wrong("not-text", BTreeMap::new()),
        },
    }
}
