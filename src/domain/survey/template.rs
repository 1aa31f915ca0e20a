//! What is asked: the built-in templates and their questions. The words are messages; here are
//! their keys.

use serde::Serialize;

use crate::codes;
use crate::domain::line::COMMENT_MAX;

codes! {
    /// A built-in survey.
    pub enum TemplateKey {
        /// Satisfaction, saw the notice, opinions and suggestions: under a minute.
        Short = "short",
        /// The short one, with NPS, CES, announcements, trust and the wish to leave.
        Full = "full",
    }
}

codes! {
    /// How a question is answered.
    pub enum QuestionKind {
        /// A whole number on a scale with labelled ends.
        Scale = "scale",
        /// One of several choices.
        Single = "single",
        /// Any number of choices.
        Multiple = "multiple",
        /// Yes or no.
        YesNo = "yes_no",
        /// Free text.
        Text = "text",
    }
}

codes! {
    /// How somebody who answers is known to have met the window: what makes "exposed" people.
    pub enum Exposure {
        /// Filed a report.
        Reporter = "reporter",
        /// Said "me too" to a known issue.
        MeToo = "me_too",
        /// Subscribed to announcements.
        Subscriber = "subscriber",
        /// Stood on an uploaded list.
        Invited = "invited",
        /// Came by the public link; nothing is known.
        Public = "public",
    }
}

/// One of the answers of a single or multiple question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// How it is stored, e.g. `mail`.
    pub code: &'static str,
    /// The message that says it.
    pub text: &'static str,
    /// Nothing else may be chosen beside it, e.g. `none`.
    pub exclusive: bool,
}

/// What may be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answerable {
    /// A whole number from `min` to `max`.
    Scale {
        /// The lowest answer.
        min: u8,
        /// The highest answer.
        max: u8,
        /// The message at the lowest answer.
        low: &'static str,
        /// The message at the highest answer.
        high: &'static str,
    },
    /// Exactly one of these.
    Single {
        /// In the order in which they are shown.
        choices: &'static [Choice],
    },
    /// Any of these.
    Multiple {
        /// In the order in which they are shown.
        choices: &'static [Choice],
    },
    /// Yes or no.
    YesNo,
    /// Text of at most `max` characters, line breaks allowed.
    Text {
        /// Characters.
        max: usize,
    },
}

/// A question of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Question {
    /// Its name in the database, the API and the exports.
    pub key: &'static str,
    /// The message that asks it.
    pub text: &'static str,
    /// What may be answered.
    #[serde(flatten)]
    pub answer: Answerable,
    /// A complete response has an answer to it.
    pub required: bool,
}

/// The questions that have a column of their own; the answers to all others are kept by key.
pub const OWN_COLUMN: [&str; 5] = ["csat", "nps", "ces", "saw_notice", "comment"];

impl Question {
    /// How it is answered.
    pub const fn kind(&self) -> QuestionKind {
        match self.answer {
            Answerable::Scale { .. } => QuestionKind::Scale,
            Answerable::Single { .. } => QuestionKind::Single,
            Answerable::Multiple { .. } => QuestionKind::Multiple,
            Answerable::YesNo => QuestionKind::YesNo,
            Answerable::Text { .. } => QuestionKind::Text,
        }
    }

    /// The choices of a single or multiple question; none of the others.
    pub const fn choices(&self) -> &'static [Choice] {
        match self.answer {
            Answerable::Single { choices } | Answerable::Multiple { choices } => choices,
            _ => &[],
        }
    }

    /// The field as the API, the forms and the errors name it: `csat`, or `answers.trust` for a
    /// question without a column of its own.
    pub fn field(&self) -> String {
        if OWN_COLUMN.contains(&self.key) { self.key.to_owned() } else { format!("answers.{}", self.key) }
    }
}

/// A survey as it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Template {
    /// Which one.
    pub key: TemplateKey,
    /// Rises whenever a question, a choice or the meaning of an answer changes. It is kept with
    /// the answers, so that old ones always read right.
    pub version: u32,
    /// In the order in which they are asked.
    pub questions: &'static [Question],
}

const fn choice(code: &'static str, text: &'static str) -> Choice {
    Choice { code, text, exclusive: false }
}

const fn question(key: &'static str, text: &'static str, answer: Answerable) -> Question {
    Question { key, text, answer, required: false }
}

const CSAT: Question = Question {
    required: true,
    ..question(
        "csat",
        "survey-question-csat",
        Answerable::Scale { min: 1, max: 5, low: "survey-csat-low", high: "survey-csat-high" },
    )
};

const NPS: Question = question(
    "nps",
    "survey-question-nps",
    Answerable::Scale { min: 0, max: 10, low: "survey-nps-low", high: "survey-nps-high" },
);

const CES: Question = question(
    "ces",
    "survey-question-ces",
    Answerable::Scale { min: 1, max: 7, low: "survey-ces-low", high: "survey-ces-high" },
);

const SAW_NOTICE: Question = question("saw_notice", "survey-question-saw-notice", Answerable::YesNo);

const ANNOUNCEMENTS: Question = question(
    "announcements",
    "survey-question-announcements",
    Answerable::Multiple {
        choices: &[
            choice("mail", "survey-announcements-mail"),
            choice("chat", "survey-announcements-chat"),
            choice("banner", "survey-announcements-banner"),
            choice("website", "survey-announcements-website"),
            choice("colleague", "survey-announcements-colleague"),
            choice("other", "survey-announcements-other"),
            Choice { code: "none", text: "survey-announcements-none", exclusive: true },
        ],
    },
);

const TRUST: Question = question(
    "trust",
    "survey-question-trust",
    Answerable::Scale { min: 1, max: 5, low: "survey-trust-low", high: "survey-trust-high" },
);

const SWITCH: Question = question(
    "switch",
    "survey-question-switch",
    Answerable::Single {
        choices: &[
            choice("no", "survey-switch-no"),
            choice("maybe", "survey-switch-maybe"),
            choice("yes", "survey-switch-yes"),
        ],
    },
);

const COMMENT: Question =
    question("comment", "survey-question-comment", Answerable::Text { max: COMMENT_MAX });

static SHORT: Template =
    Template { key: TemplateKey::Short, version: 1, questions: &[CSAT, SAW_NOTICE, COMMENT] };

static FULL: Template = Template {
    key: TemplateKey::Full,
    version: 1,
    questions: &[CSAT, SAW_NOTICE, NPS, CES, ANNOUNCEMENTS, TRUST, SWITCH, COMMENT],
};

impl TemplateKey {
    /// The survey with this key.
    pub fn template(self) -> &'static Template {
        match self {
            TemplateKey::Short => &SHORT,
            TemplateKey::Full => &FULL,
        }
    }
}

impl Template {
    /// The question with this key, if it is asked.
    pub fn question(&self, key: &str) -> Option<&'static Question> {
        self.questions.iter().find(|q| q.key == key)
    }

    /// Every message that the template needs.
    pub fn message_keys(&self) -> Vec<&'static str> {
        let of = |q: &'static Question| {
            let ends = match q.answer {
                Answerable::Scale { low, high, .. } => vec![low, high],
                _ => Vec::new(),
            };
            [q.text].into_iter().chain(ends).chain(q.choices().iter().map(|c| c.text))
        };
        self.questions.iter().flat_map(of).collect()
    }
}
