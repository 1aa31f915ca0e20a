//! What was answered: from JSON or a form to values that fit the questions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::template::{Answerable, OTHER, OWN_COLUMN, Question, Template};
use crate::domain::fields::{FieldError, FieldErrors};
use crate::domain::line::text_problem;

/// Longest words about a choice "other", in characters.
pub const OTHER_MAX: usize = 200;

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
    /// Answers by the key of their question; also taken for those above, each of which is answered in
    /// one place only. The words about a choice "other" stand under the key with `.other` behind it.
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
            if let Some(question) = key.strip_suffix(OTHER).and_then(|k| template.question(k)) {
                raw.answers.insert(question.other_key(), Value::from(value.as_str()));
                continue;
            }
            match template.question(key).map(|q| &q.answer) {
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

    /// Everything answered, by key of the question; what is answered in two places is an error at the
    /// second of them.
    fn into_values(self, errors: &mut FieldErrors) -> BTreeMap<String, Value> {
        let mut values = self.answers;
        values.retain(|_, value| !value.is_null());
        let own = [
            ("csat", self.csat.map(Value::from)),
            ("nps", self.nps.map(Value::from)),
            ("ces", self.ces.map(Value::from)),
            ("saw_notice", self.saw_notice.map(Value::from)),
            ("comment", self.comment.map(Value::from)),
        ];
        for (key, value) in own {
            if let Some(value) = value
                && values.insert(key.to_owned(), value).is_some()
            {
                errors.add(format!("answers.{key}"), "answered-twice");
            }
        }
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
    /// `exclusive-choice` (one that stands alone beside others), `hidden-question` (answered, though
    /// the other answers are such that it is not asked), `other-not-chosen` (words about a choice
    /// that was not taken), `answered-twice`, `required` (complete, without an answer that must be there), `not-text`,
    /// `too-long` and `control-character` as for any text, and `nothing-answered`, told for the first
    /// question.
    pub fn parse(template: &Template, raw: RawAnswers) -> Result<Answers, FieldErrors> {
        let (answers, errors) = Answers::read(template, raw);
        errors.or(answers)
    }

    /// The answers that fit, whatever is wrong with the others: what is asked next depends on them.
    pub fn fitting(template: &Template, raw: RawAnswers) -> Answers {
        Answers::read(template, raw).0
    }

    fn read(template: &Template, raw: RawAnswers) -> (Answers, FieldErrors) {
        let mut errors = FieldErrors::new();
        let complete = raw.complete;
        let mut values = raw.into_values(&mut errors);
        let mut answers = Answers { complete, ..Answers::default() };
        let mut answered = false;
        let mut unsure: Vec<&str> = Vec::new();
        for question in &template.questions {
            let given = values.remove(&question.key);
            let other = values.remove(&question.other_key());
            // What depends on an answer that is wrong cannot be judged before that one is mended.
            let depends = question.shown_if.as_ref().is_some_and(|c| unsure.contains(&c.question.as_str()));
            if !depends && !answers.is_asked(question) {
                let said = |v: &Value| v.as_str().is_none_or(|t| !t.trim().is_empty());
                if given.as_ref().is_some_and(said) || other.as_ref().is_some_and(said) {
                    errors.add(question.field(), "hidden-question");
                }
                continue;
            }
            let (value, other) = match with_other(question, given, other) {
                Ok(pair) => pair,
                Err(error) => {
                    errors.0.push(error);
                    unsure.push(&question.key);
                    continue;
                }
            };
            let value = match value.map(|value| check(question, value)) {
                None => None,
                Some(Ok(value)) => value,
                Some(Err(error)) => {
                    errors.0.push(error);
                    unsure.push(&question.key);
                    continue;
                }
            };
            if let Some(other) = other {
                answers.custom.insert(question.other_key(), AnswerValue::Text(other));
            }
            match value {
                Some(value) => {
                    answered = true;
                    answers.put(&question.key, value);
                }
                None if complete && question.required && !depends => {
                    errors.add(question.field(), "required");
                }
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
        (answers, errors)
    }

    /// Whether the question is asked, given these answers to those before it.
    pub fn is_asked(&self, question: &Question) -> bool {
        let Some(condition) = &question.shown_if else { return true };
        let any = |said: &str| condition.answers.iter().any(|a| a == said);
        match self.get(&condition.question) {
            None => false,
            Some(AnswerValue::Number(point)) => any(&point.to_string()),
            Some(AnswerValue::Flag(flag)) => any(if flag { "yes" } else { "no" }),
            Some(AnswerValue::Text(code)) => any(&code),
            Some(AnswerValue::Choices(codes)) => codes.iter().any(|code| any(code)),
        }
    }

    /// The keys of the questions that are answered, in the order in which they are asked.
    pub fn answered<'a>(&self, template: &'a Template) -> Vec<&'a str> {
        template.questions.iter().filter(|q| self.get(&q.key).is_some()).map(|q| q.key.as_str()).collect()
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

/// The value of a question and the words about its choice "other", which go together: whoever wrote
/// some means that choice, and whoever took another one must be asked what they mean.
fn with_other(
    question: &Question,
    given: Option<Value>,
    other: Option<Value>,
) -> Result<(Option<Value>, Option<String>), FieldError> {
    let wrong = |code: &'static str, params| Err(FieldError { field: question.other_field(), code, params });
    let text = match other {
        None => return Ok((given, None)),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok((given, None)),
        Some(Value::String(text)) => text,
        Some(_) => return wrong("not-text", BTreeMap::new()),
    };
    let Some(choice) = question.other() else {
        return wrong("unknown-question", BTreeMap::new());
    };
    if let Some((code, params)) = text_problem(&text, OTHER_MAX, false) {
        return wrong(code, params);
    }
    let code = Value::from(choice.code.as_str());
    let value = match (&question.answer, given) {
        (Answerable::Multiple { .. }, None) => Value::Array(vec![code]),
        (Answerable::Multiple { .. }, Some(Value::Array(mut list))) => {
            if !list.contains(&code) {
                list.push(code);
            }
            Value::Array(list)
        }
        (_, None) => code,
        (_, Some(value)) if value == code => value,
        (_, Some(_)) => return wrong("other-not-chosen", BTreeMap::new()),
    };
    Ok((Some(value), Some(text)))
}

/// The value as an answer to the question; nothing if it is blank or empty.
fn check(question: &Question, value: Value) -> Result<Option<AnswerValue>, FieldError> {
    let wrong = |code: &'static str, params: BTreeMap<&'static str, String>| {
        Err(FieldError { field: question.field(), code, params })
    };
    match &question.answer {
        Answerable::Scale { min, max, .. } => {
            let point =
                value.as_i64().and_then(|n| u8::try_from(n).ok()).filter(|n| (min..=max).contains(&n));
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
            let known = |v: &Value| choices.iter().any(|c| v.as_str() == Some(c.code.as_str()));
            if !list.iter().all(known) {
                return wrong("unknown-choice", BTreeMap::new());
            }
            let chosen: Vec<_> =
                choices.iter().filter(|c| list.iter().any(|v| v.as_str() == Some(c.code.as_str()))).collect();
            if chosen.len() > 1 && chosen.iter().any(|c| c.exclusive) {
                return wrong("exclusive-choice", BTreeMap::new());
            }
            let codes: Vec<String> = chosen.iter().map(|c| c.code.clone()).collect();
            Ok((!codes.is_empty()).then_some(AnswerValue::Choices(codes)))
        }
        Answerable::Text { max } => match value {
            Value::String(text) => match text_problem(&text, *max, true) {
                Some((code, params)) => wrong(code, params),
                None => Ok((!text.trim().is_empty()).then_some(AnswerValue::Text(text))),
            },
            _ => wrong("not-text", BTreeMap::new()),
        },
    }
}
