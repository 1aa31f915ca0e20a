//! A template as an operator writes it and as its versions are kept: read at the door, checked
//! whole, and trusted from then on.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::builtin::standard;
use super::key::{TemplateKey, is_choice_code, is_question_key};
use super::template::{Answerable, Choice, Condition, Question, QuestionKind, Template, Wording};
use crate::domain::fields::FieldErrors;
use crate::domain::language::{Language, Texts};
use crate::domain::line::{COMMENT_MAX, text_problem};

/// Most questions of a template.
pub const QUESTIONS_MAX: usize = 30;
/// Most choices of a question.
pub const CHOICES_MAX: usize = 20;
/// Longest wording of a question or a choice, in characters.
pub const WORDING_MAX: usize = 300;
/// Highest point of a scale.
pub const SCALE_MAX: u8 = 10;

/// A template as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateInput {
    /// What operators call it, by language.
    pub name: BTreeMap<Language, String>,
    /// In the order in which they are asked.
    pub questions: Vec<QuestionInput>,
}

/// A question as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionInput {
    /// Its name in the database, the API and the exports.
    pub key: String,
    /// What it asks, by language.
    pub text: BTreeMap<Language, String>,
    /// A code of [`QuestionKind`].
    pub kind: String,
    /// A complete response has an answer to it.
    #[serde(default)]
    pub required: bool,
    /// The lowest point of a scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// The highest point of a scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// What the lowest point means, by language.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub low: BTreeMap<Language, String>,
    /// What the highest point means, by language.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub high: BTreeMap<Language, String>,
    /// The choices of a single or multiple question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<ChoiceInput>,
    /// When it is asked; always if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_if: Option<ConditionInput>,
}

/// A choice as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceInput {
    /// How it is stored.
    pub code: String,
    /// What it says, by language.
    pub text: BTreeMap<Language, String>,
    /// Nothing else may be chosen beside it.
    #[serde(default)]
    pub exclusive: bool,
    /// Takes words of one's own.
    #[serde(default)]
    pub other: bool,
}

/// A condition as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionInput {
    /// The key of an earlier question.
    pub question: String,
    /// Its answers, as a form spells them.
    pub answers: Vec<String>,
}

impl TemplateInput {
    /// What was written before a language was added says there what it says in another one.
    #[must_use]
    pub fn in_every_language(mut self) -> TemplateInput {
        fn fill(words: &mut BTreeMap<Language, String>) {
            let Some(any) = words.values().find(|w| !w.trim().is_empty()).cloned() else { return };
            for language in Language::ALL {
                words.entry(*language).or_insert_with(|| any.clone());
            }
        }
        fill(&mut self.name);
        for question in &mut self.questions {
            fill(&mut question.text);
            fill(&mut question.low);
            fill(&mut question.high);
            question.choices.iter_mut().for_each(|c| fill(&mut c.text));
        }
        self
    }
}

/// The words in every language: none may be missing, for whoever reads it must be able to answer.
fn wording(errors: &mut FieldErrors, field: &str, typed: BTreeMap<Language, String>) -> Wording {
    let mut texts = Texts::default();
    for language in Language::ALL {
        let text = typed.get(language).map(|t| t.trim()).unwrap_or_default();
        let named = format!("{field}.{language}");
        match text_problem(text, WORDING_MAX, false) {
            Some((code, params)) => {
                errors.0.push(crate::domain::fields::FieldError { field: named, code, params });
            }
            None if text.is_empty() => errors.add(named, "required"),
            None => drop(texts.0.insert(*language, text.to_owned())),
        }
    }
    Wording::Written(texts)
}

fn choices(
    errors: &mut FieldErrors,
    field: &str,
    kind: QuestionKind,
    typed: Vec<ChoiceInput>,
) -> Vec<Choice> {
    if typed.len() < 2 {
        errors.add(format!("{field}.choices"), "too-few-choices");
    }
    if typed.len() > CHOICES_MAX {
        errors.add_with(format!("{field}.choices"), "too-many", [("max", CHOICES_MAX.to_string())]);
        return Vec::new();
    }
    let mut codes = BTreeSet::new();
    let mut others = 0;
    let mut kept = Vec::with_capacity(typed.len());
    for (i, choice) in typed.into_iter().enumerate() {
        let named = format!("{field}.choices.{i}");
        if !is_choice_code(&choice.code) {
            errors.add(format!("{named}.code"), "bad-choice-code");
        } else if !codes.insert(choice.code.clone()) {
            errors.add(format!("{named}.code"), "duplicate-choice");
        }
        others += usize::from(choice.other);
        if others > 1 && choice.other {
            errors.add(format!("{named}.other"), "one-other");
        }
        let text = wording(errors, &format!("{named}.text"), choice.text);
        // Of a question with one answer every choice stands alone anyway.
        let exclusive = choice.exclusive && kind == QuestionKind::Multiple;
        kept.push(Choice { code: choice.code, text, exclusive, other: choice.other });
    }
    kept
}

fn answerable(errors: &mut FieldErrors, field: &str, typed: &mut QuestionInput) -> Option<Answerable> {
    let Some(kind) = QuestionKind::from_code(&typed.kind) else {
        errors.add(format!("{field}.kind"), "unknown-code");
        return None;
    };
    Some(match kind {
        QuestionKind::Scale => {
            let point = |n: Option<i64>| n.and_then(|n| u8::try_from(n).ok()).filter(|n| *n <= SCALE_MAX);
            let bounds = [("min", "0".to_owned()), ("max", SCALE_MAX.to_string())];
            let (min, max) = (point(typed.min), point(typed.max));
            if min.is_none() {
                errors.add_with(format!("{field}.min"), "out-of-range", bounds.clone());
            }
            if max.is_none() {
                errors.add_with(format!("{field}.max"), "out-of-range", bounds);
            }
            let (min, max) = (min.unwrap_or(0), max.unwrap_or(SCALE_MAX));
            if min >= max {
                errors.add(format!("{field}.max"), "scale-upside-down");
            }
            let low = wording(errors, &format!("{field}.low"), std::mem::take(&mut typed.low));
            let high = wording(errors, &format!("{field}.high"), std::mem::take(&mut typed.high));
            Answerable::Scale { min, max, low, high }
        }
        QuestionKind::Single => {
            Answerable::Single { choices: choices(errors, field, kind, std::mem::take(&mut typed.choices)) }
        }
        QuestionKind::Multiple => {
            Answerable::Multiple { choices: choices(errors, field, kind, std::mem::take(&mut typed.choices)) }
        }
        QuestionKind::YesNo => Answerable::YesNo,
        QuestionKind::Text => Answerable::Text { max: COMMENT_MAX },
    })
}

/// A condition may only name a question that stands before, so that there are no circles.
fn condition(
    errors: &mut FieldErrors,
    field: &str,
    typed: ConditionInput,
    before: &[Question],
    keys: &[String],
) -> Option<Condition> {
    let named = format!("{field}.shown_if");
    let Some(asked) = before.iter().find(|q| q.key == typed.question) else {
        let later = keys.contains(&typed.question);
        errors.add(named, if later { "condition-on-later" } else { "condition-on-unknown" });
        return None;
    };
    let known = asked.spellings();
    if known.is_empty() {
        errors.add(named, "condition-on-text");
        return None;
    }
    let answers: Vec<String> = known.iter().filter(|a| typed.answers.contains(a)).cloned().collect();
    let unknown: Vec<&str> =
        typed.answers.iter().filter(|a| !known.contains(a)).map(String::as_str).take(5).collect();
    if !unknown.is_empty() {
        let params = [("answers", unknown.join(", ")), ("known", known.join(", "))];
        errors.add_with(named, "condition-unknown-answer", params);
        return None;
    }
    if answers.is_empty() {
        errors.add_with(named, "condition-empty", [("known", known.join(", "))]);
        return None;
    }
    if answers.len() == known.len() && asked.required && asked.shown_if.is_none() {
        errors.add(named, "condition-always");
        return None;
    }
    Some(Condition { question: typed.question, answers })
}

impl Template {
    /// Reads a template as it is written.
    ///
    /// Errors, at `name.en`, `questions.0.text.zh-CN`, `questions.1.choices.0.code` and so on:
    /// `required`, `too-long`, `control-character` at texts; at `questions` `no-questions`, `too-many`;
    /// at `…key` `bad-question-key`, `duplicate-question`; at `…kind` `unknown-code`, and
    /// `standard-question` for one of the questions with a column of their own that would be counted
    /// wrongly; at `…min`, `…max` `out-of-range`, `scale-upside-down`; at `…choices` `too-few-choices`,
    /// `too-many`; at a choice `bad-choice-code`, `duplicate-choice`, `one-other`; at `…shown_if`
    /// `condition-on-later`, `condition-on-unknown`, `condition-on-text`, `condition-unknown-answer`,
    /// `condition-empty`, `condition-always`.
    pub fn parse(key: TemplateKey, version: u32, input: TemplateInput) -> Result<Template, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = wording(&mut errors, "name", input.name);
        if input.questions.is_empty() {
            errors.add("questions", "no-questions");
        }
        if input.questions.len() > QUESTIONS_MAX {
            errors.add_with("questions", "too-many", [("max", QUESTIONS_MAX.to_string())]);
            return Err(errors);
        }
        let keys: Vec<String> = input.questions.iter().map(|q| q.key.clone()).collect();
        let mut questions: Vec<Question> = Vec::with_capacity(input.questions.len());
        for (i, mut typed) in input.questions.into_iter().enumerate() {
            let field = format!("questions.{i}");
            if !is_question_key(&typed.key) {
                errors.add(format!("{field}.key"), "bad-question-key");
            } else if keys[..i].contains(&typed.key) {
                errors.add(format!("{field}.key"), "duplicate-question");
            }
            let text = wording(&mut errors, &format!("{field}.text"), std::mem::take(&mut typed.text));
            let answer = answerable(&mut errors, &field, &mut typed);
            let shown_if =
                typed.shown_if.take().and_then(|c| condition(&mut errors, &field, c, &questions, &keys));
            let Some(answer) = answer else { continue };
            let question = Question { key: typed.key, text, answer, required: typed.required, shown_if };
            if standard(&question.key).is_some_and(|s| !s.counts_like(&question)) {
                errors.add(format!("{field}.kind"), "standard-question");
            }
            questions.push(question);
        }
        errors.or(Template { key, version, name, questions })
    }

    /// The template as it would be written; `say` gives the words of messages in a language.
    pub fn written(&self, say: impl Fn(&str, Language) -> String) -> TemplateInput {
        let words = |wording: &Wording| -> BTreeMap<Language, String> {
            match wording {
                Wording::Message(key) => Language::ALL.iter().map(|l| (*l, say(key, *l))).collect(),
                Wording::Written(texts) => texts.0.clone(),
            }
        };
        let question = |q: &Question| {
            let (mut min, mut max, mut low, mut high) = (None, None, BTreeMap::new(), BTreeMap::new());
            if let Answerable::Scale { min: from, max: to, low: least, high: most } = &q.answer {
                (min, max) = (Some(i64::from(*from)), Some(i64::from(*to)));
                (low, high) = (words(least), words(most));
            }
            QuestionInput {
                key: q.key.clone(),
                text: words(&q.text),
                kind: q.kind().code().to_owned(),
                required: q.required,
                min,
                max,
                low,
                high,
                choices: q
                    .choices()
                    .iter()
                    .map(|c| ChoiceInput {
                        code: c.code.clone(),
                        text: words(&c.text),
                        exclusive: c.exclusive,
                        other: c.other,
                    })
                    .collect(),
                shown_if: q
                    .shown_if
                    .as_ref()
                    .map(|c| ConditionInput { question: c.question.clone(), answers: c.answers.clone() }),
            }
        };
        TemplateInput { name: words(&self.name), questions: self.questions.iter().map(question).collect() }
    }
}
