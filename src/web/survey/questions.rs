//! The questions of a template as a form shows them, with what was answered and what is wrong.

use crate::domain::fields::FieldErrors;
use crate::domain::language::Language;
use crate::domain::survey::answers::OTHER_MAX;
use crate::domain::survey::template::Answerable;
use crate::domain::survey::{AnswerValue, Answers, Template};
use crate::i18n::Words;
use crate::web::form::Form;

/// A question of the form.
pub struct QuestionView {
    /// Its key.
    pub key: String,
    /// The field's name; also the id of its first control.
    pub name: String,
    pub text: String,
    pub required: bool,
    pub control: Control,
    pub errors: Vec<String>,
    /// What it depends on: the field of another question, and the answers for which it is asked, with
    /// a blank between them.
    pub condition: Option<(String, String)>,
    /// The answers so far are such that it is asked.
    pub asked: bool,
}

/// How it is answered.
pub enum Control {
    Scale { points: Vec<Choosable>, low: String, high: String, class: String },
    Choices { kind: &'static str, choices: Vec<Choosable>, other: Option<Other> },
    Text { value: String, max: usize },
}

/// One thing that may be chosen.
pub struct Choosable {
    pub id: String,
    pub value: String,
    /// What it means, for the ends of a scale and for choices.
    pub label: String,
    pub checked: bool,
}

/// Words about the choice "other".
pub struct Other {
    pub name: String,
    pub label: String,
    pub value: String,
    pub max: usize,
    pub errors: Vec<String>,
}

/// The questions in their order. What was typed stands in `form` under the names of the fields;
/// `answers` are those of it that fit, which decide what is asked.
pub fn views(
    template: &Template,
    words: Words,
    default: Language,
    form: &Form,
    answers: &Answers,
    errors: &FieldErrors,
) -> Vec<QuestionView> {
    let say = |wording| words.wording(wording, default);
    template
        .questions
        .iter()
        .map(|question| {
            let name = question.field();
            let chosen: Vec<&str> = form.all(&name).collect();
            let option = |index: usize, value: &str, label: String| Choosable {
                id: if index == 0 { name.clone() } else { format!("{name}-{value}") },
                value: value.to_owned(),
                label,
                checked: chosen.contains(&value),
            };
            let other = question.other().map(|choice| {
                let name = question.other_field();
                Other {
                    label: words.with("survey-other", [("choice", &say(&choice.text))]),
                    value: form.get(&name).to_owned(),
                    max: OTHER_MAX,
                    errors: errors.of(&name).map(|e| words.error(e)).collect(),
                    name,
                }
            });
            let several = |kind, choices: Vec<(&str, String)>, other| Control::Choices {
                kind,
                choices: choices
                    .into_iter()
                    .enumerate()
                    .map(|(i, (code, text))| option(i, code, text))
                    .collect(),
                other,
            };
            let control = match &question.answer {
                Answerable::Scale { min, max, low, high } => Control::Scale {
                    points: (*min..=*max)
                        .enumerate()
                        .map(|(i, point)| {
                            let end = if point == *min {
                                say(low)
                            } else if point == *max {
                                say(high)
                            } else {
                                String::new()
                            };
                            option(i, &point.to_string(), end)
                        })
                        .collect(),
                    low: format!("{min} {}", say(low)),
                    high: format!("{max} {}", say(high)),
                    class: format!("scale-{}", max - min + 1),
                },
                Answerable::YesNo => {
                    // Whether one saw something is not answered with "yes" in Chinese.
                    let said = if question.key == "saw_notice" { "survey" } else { "survey-answer" };
                    let answers = ["yes", "no"].map(|a| (a, words.t(&format!("{said}-{a}"))));
                    several("radio", answers.into(), None)
                }
                Answerable::Single { choices } => {
                    let choices = choices.iter().map(|c| (c.code.as_str(), say(&c.text))).collect();
                    several("radio", choices, other)
                }
                Answerable::Multiple { choices } => {
                    let choices = choices.iter().map(|c| (c.code.as_str(), say(&c.text))).collect();
                    several("checkbox", choices, other)
                }
                Answerable::Text { max } => Control::Text { value: form.get(&name).to_owned(), max: *max },
            };
            let condition = question.shown_if.as_ref().and_then(|condition| {
                let on = template.question(&condition.question)?;
                Some((on.field(), condition.answers.join(" ")))
            });
            QuestionView {
                key: question.key.clone(),
                text: say(&question.text),
                required: question.required,
                errors: errors.of(&name).map(|e| words.error(e)).collect(),
                control,
                condition,
                asked: answers.is_asked(question),
                name,
            }
        })
        .collect()
}

/// The form that would have sent these answers.
pub fn filled(template: &Template, answers: &Answers) -> Form {
    let mut form = Form::default();
    for question in &template.questions {
        let values = match answers.get(&question.key) {
            None => Vec::new(),
            Some(AnswerValue::Number(point)) => vec![point.to_string()],
            Some(AnswerValue::Flag(flag)) => vec![if flag { "yes" } else { "no" }.to_owned()],
            Some(AnswerValue::Text(text)) => vec![text],
            Some(AnswerValue::Choices(codes)) => codes,
        };
        for value in values {
            form = form.add(&question.field(), value);
        }
        if let Some(AnswerValue::Text(text)) = answers.get(&question.other_key()) {
            form = form.add(&question.other_field(), text);
        }
    }
    form
}
