//! What is asked: a template and its questions, as they were checked once and are kept.

use std::collections::BTreeMap;

use super::key::TemplateKey;
use crate::codes;
use crate::domain::language::Texts;

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

/// Words of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wording {
    /// Our own, by the key of their message.
    Message(&'static str),
    /// An operator's.
    Written(Texts),
}

/// One of the answers of a single or multiple question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// How it is stored, e.g. `mail`.
    pub code: String,
    /// What it says.
    pub text: Wording,
    /// Nothing else may be chosen beside it, e.g. `none`.
    pub exclusive: bool,
    /// Whoever chooses it may say in their own words what they mean; these are kept under
    /// [`Question::other_key`].
    pub other: bool,
}

/// What may be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answerable {
    /// A whole number from `min` to `max`.
    Scale {
        /// The lowest answer.
        min: u8,
        /// The highest answer.
        max: u8,
        /// What the lowest answer means.
        low: Wording,
        /// What the highest answer means.
        high: Wording,
    },
    /// Exactly one of these.
    Single {
        /// In the order in which they are shown.
        choices: Vec<Choice>,
    },
    /// Any of these.
    Multiple {
        /// In the order in which they are shown.
        choices: Vec<Choice>,
    },
    /// Yes or no.
    YesNo,
    /// Text of at most `max` characters, line breaks allowed.
    Text {
        /// Characters.
        max: usize,
    },
}

/// When a question is asked at all: if the answer to an earlier one is one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The key of a question that stands before.
    pub question: String,
    /// Its answers as they are spelled in a form: points, `yes` or `no`, codes of choices.
    pub answers: Vec<String>,
}

/// A question of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its name in the database, the API and the exports.
    pub key: String,
    /// What it asks.
    pub text: Wording,
    /// What may be answered.
    pub answer: Answerable,
    /// A complete response has an answer to it, if it is asked.
    pub required: bool,
    /// When it is asked; nothing: always.
    pub shown_if: Option<Condition>,
}

/// The questions that have a column of their own; the answers to all others are kept by key.
pub const OWN_COLUMN: [&str; 5] = ["csat", "nps", "ces", "saw_notice", "comment"];

/// What the key of a question has behind it where the words about its choice "other" are kept.
pub const OTHER: &str = ".other";

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
    pub fn choices(&self) -> &[Choice] {
        match &self.answer {
            Answerable::Single { choices } | Answerable::Multiple { choices } => choices,
            _ => &[],
        }
    }

    /// The choice that takes words of one's own, if it has one.
    pub fn other(&self) -> Option<&Choice> {
        self.choices().iter().find(|c| c.other)
    }

    /// Under which key the words about the choice "other" are kept: `announcements.other`.
    pub fn other_key(&self) -> String {
        format!("{}{OTHER}", self.key)
    }

    /// Whether its answers have a column of their own.
    pub fn has_own_column(&self) -> bool {
        OWN_COLUMN.contains(&self.key.as_str())
    }

    /// The field as the API, the forms and the errors name it: `csat`, or `answers.trust` for a
    /// question without a column of its own.
    pub fn field(&self) -> String {
        if self.has_own_column() { self.key.clone() } else { format!("answers.{}", self.key) }
    }

    /// The field of the words about the choice "other".
    pub fn other_field(&self) -> String {
        format!("{}{OTHER}", self.field())
    }

    /// Every answer that another question's condition may name, as it is spelled there; none of a
    /// text.
    pub fn spellings(&self) -> Vec<String> {
        match &self.answer {
            Answerable::Scale { min, max, .. } => (*min..=*max).map(|p| p.to_string()).collect(),
            Answerable::YesNo => vec!["yes".to_owned(), "no".to_owned()],
            Answerable::Single { choices } | Answerable::Multiple { choices } => {
                choices.iter().map(|c| c.code.clone()).collect()
            }
            Answerable::Text { .. } => Vec::new(),
        }
    }

    /// Whether answers to both can be counted together: of the same kind and on the same scale.
    pub fn counts_like(&self, other: &Question) -> bool {
        match (&self.answer, &other.answer) {
            (Answerable::Scale { min, max, .. }, Answerable::Scale { min: low, max: high, .. }) => {
                (min, max) == (low, high)
            }
            _ => self.kind() == other.kind(),
        }
    }

    /// Every wording in it.
    pub fn wordings(&self) -> Vec<&Wording> {
        let mut all = vec![&self.text];
        if let Answerable::Scale { low, high, .. } = &self.answer {
            all.extend([low, high]);
        }
        all.extend(self.choices().iter().map(|c| &c.text));
        all
    }
}

/// A survey as it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Which one.
    pub key: TemplateKey,
    /// Rises with every change. It is kept with the answers, so that old ones always read right.
    pub version: u32,
    /// What operators call it.
    pub name: Wording,
    /// In the order in which they are asked.
    pub questions: Vec<Question>,
}

impl Template {
    /// The question with this key, if it is asked.
    pub fn question(&self, key: &str) -> Option<&Question> {
        self.questions.iter().find(|q| q.key == key)
    }

    /// The same questions by key.
    pub fn by_key(&self) -> BTreeMap<&str, &Question> {
        self.questions.iter().map(|q| (q.key.as_str(), q)).collect()
    }

    /// Whether nothing in it depends on anything: then it can be asked on one page without script.
    pub fn has_conditions(&self) -> bool {
        self.questions.iter().any(|q| q.shown_if.is_some())
    }

    /// Every message that the template needs.
    pub fn message_keys(&self) -> Vec<&'static str> {
        let all = self.questions.iter().flat_map(Question::wordings).chain([&self.name]);
        all.filter_map(|w| match w {
            Wording::Message(key) => Some(*key),
            Wording::Written(_) => None,
        })
        .collect()
    }
}
