//! The templates that every server has. Their words are messages; here are the keys. A version
//! never changes once it was released, for there are answers to it: another one is added.

use std::sync::LazyLock;

use super::key::TemplateKey;
use super::template::{Answerable, Choice, Question, Template, Wording};
use crate::domain::line::COMMENT_MAX;

fn choice(code: &str, text: &'static str) -> Choice {
    Choice { code: code.to_owned(), text: Wording::Message(text), exclusive: false, other: false }
}

fn question(key: &str, text: &'static str, answer: Answerable) -> Question {
    let (text, required, shown_if) = (Wording::Message(text), false, None);
    Question { key: key.to_owned(), text, answer, required, shown_if }
}

fn scale(
    key: &str,
    text: &'static str,
    (min, max): (u8, u8),
    low: &'static str,
    high: &'static str,
) -> Question {
    question(
        key,
        text,
        Answerable::Scale { min, max, low: Wording::Message(low), high: Wording::Message(high) },
    )
}

fn csat() -> Question {
    let asked = scale("csat", "survey-question-csat", (1, 5), "survey-csat-low", "survey-csat-high");
    Question { required: true, ..asked }
}

fn nps() -> Question {
    scale("nps", "survey-question-nps", (0, 10), "survey-nps-low", "survey-nps-high")
}

fn ces() -> Question {
    scale("ces", "survey-question-ces", (1, 7), "survey-ces-low", "survey-ces-high")
}

fn saw_notice() -> Question {
    question("saw_notice", "survey-question-saw-notice", Answerable::YesNo)
}

/// `other` since version 2: the other way in their own words.
fn announcements(other: bool) -> Question {
    let choices = vec![
        choice("mail", "survey-announcements-mail"),
        choice("chat", "survey-announcements-chat"),
        choice("banner", "survey-announcements-banner"),
        choice("website", "survey-announcements-website"),
        choice("colleague", "survey-announcements-colleague"),
        Choice { other, ..choice("other", "survey-announcements-other") },
        Choice { exclusive: true, ..choice("none", "survey-announcements-none") },
    ];
    question("announcements", "survey-question-announcements", Answerable::Multiple { choices })
}

fn trust() -> Question {
    scale("trust", "survey-question-trust", (1, 5), "survey-trust-low", "survey-trust-high")
}

fn switch() -> Question {
    let choices = vec![
        choice("no", "survey-switch-no"),
        choice("maybe", "survey-switch-maybe"),
        choice("yes", "survey-switch-yes"),
    ];
    question("switch", "survey-question-switch", Answerable::Single { choices })
}

fn comment() -> Question {
    question("comment", "survey-question-comment", Answerable::Text { max: COMMENT_MAX })
}

static SHORT: LazyLock<Vec<Template>> = LazyLock::new(|| {
    vec![Template {
        key: TemplateKey::Short,
        version: 1,
        name: Wording::Message("survey-template-short"),
        questions: vec![csat(), saw_notice(), comment()],
    }]
});

static FULL: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let version = |version, other| Template {
        key: TemplateKey::Full,
        version,
        name: Wording::Message("survey-template-full"),
        questions: vec![
            csat(),
            saw_notice(),
            nps(),
            ces(),
            announcements(other),
            trust(),
            switch(),
            comment(),
        ],
    };
    vec![version(1, false), version(2, true)]
});

impl TemplateKey {
    /// Every version of a built-in template, oldest first; none of one that was made here.
    pub fn built_in_versions(&self) -> &'static [Template] {
        match self {
            TemplateKey::Short => &SHORT,
            TemplateKey::Full => &FULL,
            TemplateKey::Made(_) => &[],
        }
    }

    /// A built-in template as it is asked now; nothing for one that was made here.
    pub fn built_in(&self) -> Option<&'static Template> {
        self.built_in_versions().last()
    }
}

/// The questions with a column of their own, as every template must ask them so that they count.
pub fn standard(key: &str) -> Option<&'static Question> {
    FULL.last()?.question(key).filter(|q| q.has_own_column())
}
