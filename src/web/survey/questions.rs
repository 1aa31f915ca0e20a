//! The questions of a template as a form shows them, with what was answered and what is wrong.

use crate::domain::fields::FieldErrors;
use crate::domain::survey::template::Answerable;
use crate::domain::survey::{AnswerValue, Answers, Template};
use crate::i18n::Words;
use crate::web::form::Form;

/// A question of the form.
pub struct QuestionView {
    /// The field's name; also the id of its first control.
    pub name: String,
    pub text: String,
    pub required: bool,
    pub control: Control,
    pub errors: Vec<String>,
}

/// How it is answered.
pub enum Control {
    Scale { points: Vec<Choosable>, low: String, high: String, class: String },
    Choices { kind: &'static str, choices: Vec<Choosable> },
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

/// The questions in their order. What was typed stands in `form` under the names of the fields.
pub fn views(template: &Template, words: Words, form: &Form, errors: &FieldErrors) -> Vec<QuestionView> {
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
            let several = |kind, choices: Vec<(&str, &str)>| Control::Choices {
                kind,
                choices: choices
                    .into_iter()
                    .enumerate()
                    .map(|(i, (code, text))| option(i, code, words.t(text)))
                    .collect(),
            };
            let control = match question.answer {
                Answerable::Scale { min, max, low, high } => Control::Scale {
                    points: (min..=max)
                        .enumerate()
                        .map(|(i, point)| {
                            let end = if point == min {
                                words.t(low)
                            } else if point == max {
                                words.t(high)
                            } else {
                                String::new()
                            };
                            option(i, &point.to_string(), end)
                        })
                        .collect(),
                    low: format!("{min} {}", words.t(low)),
                    high: format!("{max} {}", words.t(high)),
                    class: format!("scale-{}", max - min + 1),
                },
                Answerable::YesNo => several("radio", vec![("yes", "survey-yes"), ("no", "survey-no")]),
                Answerable::Single { choices } => {
                    several("radio", choices.iter().map(|c| (c.code, c.text)).collect())
                }
                Answerable::Multiple { choices } => {
                    several("checkbox", choices.iter().map(|c| (c.code, c.text)).collect())
                }
                Answerable::Text { max } => Control::Text { value: form.get(&name).to_owned(), max },
            };
            QuestionView {
                text: words.t(question.text),
                required: question.required,
                errors: errors.of(&name).map(|e| words.error(e)).collect(),
                control,
                name,
            }
        })
        .collect()
}

/// The form that would have sent these answers.
pub fn filled(template: &Template, answers: &Answers) -> Form {
    let mut form = Form::default();
    for question in template.questions {
        let values = match answers.get(question.key) {
            None => Vec::new(),
            Some(AnswerValue::Number(point)) => vec![point.to_string()],
            Some(AnswerValue::Flag(flag)) => vec![if flag { "yes" } else { "no" }.to_owned()],
            Some(AnswerValue::Text(text)) => vec![text],
            Some(AnswerValue::Choices(codes)) => codes,
        };
        for value in values {
            form = form.add(&question.field(), value);
        }
    }
    form
}
