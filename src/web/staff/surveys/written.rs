//! The form of a template, read as it is written.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::language::Language;
use crate::domain::survey::key::{QUESTION_KEY_MAX, is_question_key};
use crate::domain::survey::written::{
    CHOICES_MAX, ChoiceInput, ConditionInput, QUESTIONS_MAX, QuestionInput, TemplateInput,
};
use crate::domain::survey::{Question, QuestionKind};
use crate::web::form::Form;

fn by_language(form: &Form, field: &str) -> BTreeMap<Language, String> {
    Language::ALL.iter().map(|l| (*l, form.get(&format!("{field}.{l}")).to_owned())).collect()
}

/// What a condition names: answers with commas between them; `1-3` stands for all points from 1 to 3.
fn answers(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let typed = text.split(|c: char| c == ',' || c == '，' || c == '、' || c == ';' || c.is_whitespace());
    for piece in typed.map(str::trim).filter(|p| !p.is_empty()) {
        let range = piece.split_once(['-', '–']).and_then(|(from, to)| {
            let (from, to) = (from.parse::<u8>().ok()?, to.parse::<u8>().ok()?);
            (from <= to).then_some(from..=to)
        });
        match range {
            Some(range) => found.extend(range.map(|n| n.to_string())),
            None => found.push(match piece {
                "是" => "yes".to_owned(),
                "否" => "no".to_owned(),
                other => other.to_lowercase(),
            }),
        }
    }
    found
}

/// Letters, digits and underscores made of English words.
fn slug(text: &str) -> String {
    let mut made = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            made.push(c.to_ascii_lowercase());
        } else if !made.is_empty() && !made.ends_with('_') {
            made.push('_');
        }
    }
    made.truncate(QUESTION_KEY_MAX - 4);
    made.trim_end_matches('_').to_owned()
}

fn choices(form: &Form, field: &str) -> Vec<ChoiceInput> {
    let count = form.get(&format!("{field}.choices")).parse::<usize>().unwrap_or(0).min(CHOICES_MAX + 5);
    let mut kept: Vec<ChoiceInput> = Vec::new();
    for i in 0..count {
        let named = format!("{field}.choices.{i}");
        let text = by_language(form, &format!("{named}.text"));
        let code = form.get(&format!("{named}.code")).trim().to_lowercase();
        if code.is_empty() && text.values().all(|t| t.trim().is_empty()) {
            continue;
        }
        kept.push(ChoiceInput {
            code,
            text,
            exclusive: form.has(&format!("{named}.exclusive")),
            other: form.has(&format!("{named}.other")),
        });
    }
    // Nobody has to think of codes; those that are there stay, for there may be answers with them.
    for i in 0..kept.len() {
        if !kept[i].code.is_empty() {
            continue;
        }
        let english = kept[i].text.get(&Language::En).map(|t| slug(t)).unwrap_or_default();
        let wished = if english.is_empty() { format!("c{}", i + 1) } else { english };
        let taken: BTreeSet<&str> = kept.iter().map(|c| c.code.as_str()).collect();
        let free = (1..).map(|n| if n == 1 { wished.clone() } else { format!("{wished}_{n}") });
        let code = free.into_iter().find(|code| !taken.contains(code.as_str())).unwrap_or(wished);
        kept[i].code = code;
    }
    kept
}

/// Reads the form as it is written, whatever is wrong with it.
pub(super) fn read(form: &Form) -> TemplateInput {
    let count = form.get("count").parse::<usize>().unwrap_or(0).min(QUESTIONS_MAX + 5);
    let questions = (0..count).map(|i| {
        let field = format!("questions.{i}");
        let get = |part: &str| form.get(&format!("{field}.{part}")).trim().to_owned();
        let on = get("if");
        QuestionInput {
            key: get("key").to_lowercase(),
            text: by_language(form, &format!("{field}.text")),
            kind: get("kind"),
            required: form.has(&format!("{field}.required")),
            min: get("min").parse().ok(),
            max: get("max").parse().ok(),
            low: by_language(form, &format!("{field}.low")),
            high: by_language(form, &format!("{field}.high")),
            choices: choices(form, &field),
            shown_if: (!on.is_empty()).then(|| ConditionInput { question: on, answers: answers(&get("is")) }),
        }
    });
    TemplateInput { name: by_language(form, "name"), questions: questions.collect() }
}

/// A new question of this kind; its key is one that no question has or had.
pub(super) fn blank(kind: QuestionKind, template: &str, known: &BTreeSet<String>) -> QuestionInput {
    let mut base = slug(template);
    if !is_question_key(&base) {
        base = format!("t_{base}");
    }
    base.truncate(QUESTION_KEY_MAX - 6);
    let key = (1..).map(|n| format!("{base}_q{n}")).find(|key| !known.contains(key)).unwrap_or(base);
    let scale = kind == QuestionKind::Scale;
    QuestionInput {
        key,
        kind: kind.code().to_owned(),
        min: scale.then_some(1),
        max: scale.then_some(5),
        choices: match kind {
            QuestionKind::Single | QuestionKind::Multiple => vec![ChoiceInput::default(); 3],
            _ => Vec::new(),
        },
        ..QuestionInput::default()
    }
}

/// A standard question as every template asks it, with its words in every language.
pub(super) fn standard(question: &Question, say: impl Fn(&str, Language) -> String) -> QuestionInput {
    let alone = crate::domain::survey::Template {
        key: crate::domain::survey::TemplateKey::Full,
        version: 1,
        name: question.text.clone(),
        questions: vec![Question { shown_if: None, ..question.clone() }],
    };
    alone.written(say).questions.pop().unwrap_or_default()
}
