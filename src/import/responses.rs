//! Survey responses from files.

use serde_json::Value;

use super::fields::Fields;
use super::lookup::{Lookup, no_template};
use super::{Named, OwnName, Plan};
use crate::domain::fields::FieldErrors;
use crate::domain::language::Language;
use crate::domain::reference::ResponseReference;
use crate::domain::survey::template::{Answerable, OWN_COLUMN};
use crate::domain::survey::{Answers, Exposure, Question, RawAnswers, TemplateKey};
use crate::store::error::Result;
use crate::store::responses::Imported;

/// Our columns that are read; the custom questions' are read as well.
pub const COLUMNS: [&str; 13] = [
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
    "template",
];

/// The columns of a question: its own, and that of the words about its choice "other".
pub fn keys(question: &Question) -> Vec<String> {
    let other = question.other().map(|_| question.other_key());
    [question.key.clone()].into_iter().chain(other).collect()
}

/// Reads a row. `named` is what the file calls it; what has no time arrived when the plan was made.
pub fn read(
    fields: &mut Fields<'_>,
    lookup: &mut Lookup<'_>,
    named: &Named,
    plan: &Plan,
) -> Result<Option<Imported>> {
    let (default, now) = (plan.here.language, plan.now);
    let reference = named.own::<ResponseReference>();
    let window = match fields.word("window") {
        Some(slug) => {
            let found = lookup.window(&slug)?;
            fields.keep(found)
        }
        None => {
            fields.errors.add("window", "required");
            None
        }
    };
    let submitted_at = fields.time("submitted_at").unwrap_or(now);
    if submitted_at > now.plus_seconds(crate::domain::report::Occurrence::CLOCK_SKEW) {
        fields.errors.add("submitted_at", "in-the-future");
    }
    let language = match fields.word("language") {
        Some(tag) => Language::from_tag(&tag),
        None => Some(default),
    };
    if language.is_none() {
        fields.errors.add("language", "unknown-code");
    }
    let exposure = fields.code::<Exposure>("exposure").unwrap_or(Exposure::Public);
    let invited = fields.flag("invited").unwrap_or(exposure == Exposure::Invited);
    let said = fields.code::<TemplateKey>("template");
    let template = match (&said, window) {
        (Some(said), _) => said.clone(),
        // The full one asks all that the short one asks.
        (None, Some(window)) => match lookup.template_of(window)? {
            made @ TemplateKey::Made(_) => made,
            _ => TemplateKey::Full,
        },
        (None, None) => TemplateKey::Full,
    };
    let Some(mut asked) = lookup.template(&template)? else {
        no_template(&mut fields.errors, "template", &template);
        return Ok(None);
    };
    if said.is_none() {
        // A file of ours does not say which template was asked, and may hold answers to questions that
        // it no longer asks.
        for question in &plan.custom {
            if asked.question(&question.key).is_none() {
                asked.questions.push(question.clone());
            }
        }
        asked.questions.iter_mut().for_each(|q| q.shown_if = None);
    }
    let complete = fields.flag("complete").unwrap_or(true);
    let raw = raw_answers(fields, &plan.custom);
    // Somebody else's survey did not have to ask what ours must: whether it was finished is said by
    // the file alone.
    let parsed = Answers::parse(&asked, raw);
    let answers = fields.keep(parsed);
    let (Some(window), Some(language), Some(mut answers), true) =
        (window, language, answers, fields.errors.is_empty())
    else {
        return Ok(None);
    };
    answers.complete = complete;
    Ok(Some(Imported {
        reference,
        imported_as: Some(named.name()),
        window,
        template,
        submitted_at,
        language,
        invited,
        exposure,
        answers,
        demonstration: false,
    }))
}

fn raw_answers(fields: &mut Fields<'_>, custom: &[Question]) -> RawAnswers {
    let mut raw = RawAnswers {
        csat: fields.number("csat"),
        nps: fields.number("nps"),
        ces: fields.number("ces"),
        saw_notice: fields.flag("saw_notice"),
        comment: fields.text("comment"),
        ..RawAnswers::default()
    };
    for question in custom {
        let key = question.key.as_str();
        if question.other().is_some()
            && let Some(other) = fields.text(&question.other_key())
        {
            raw.answers.insert(question.other_key(), other.into());
        }
        let Some(text) = fields.text(key) else { continue };
        let value = match &question.answer {
            Answerable::Scale { .. } => fields.number(key).map(Value::from),
            Answerable::YesNo => fields.flag(key).map(Value::from),
            Answerable::Multiple { .. } if text.starts_with('[') => fields.json::<Value>(key),
            Answerable::Multiple { .. } => {
                Some(text.split([';', ',']).map(|c| Value::from(c.trim())).collect::<Vec<_>>().into())
            }
            Answerable::Single { .. } => Some(text.trim().into()),
            Answerable::Text { .. } => Some(text.into()),
        };
        if let Some(value) = value {
            raw.answers.insert(key.to_owned(), value);
        }
    }
    raw
}

impl OwnName for ResponseReference {
    fn read(text: &str) -> Option<Self> {
        ResponseReference::parse(text).filter(|r| r.to_string() == text)
    }
}

/// What every file of responses must say. Error: `column-needed`.
pub fn must_say(custom: &[Question], says: impl Fn(&str) -> bool) -> std::result::Result<(), FieldErrors> {
    let mut errors = FieldErrors::new();
    if !says("window") {
        errors.add("window", "column-needed");
    }
    let asked = custom.iter().map(|q| q.key.as_str());
    if !OWN_COLUMN.into_iter().chain(asked).any(says) {
        errors.add("csat", "answer-column-needed");
    }
    errors.or(())
}
