//! What people are asked after a window, what they answer, and what it says.

pub mod answers;
pub mod asked;
pub mod builtin;
pub mod figures;
pub mod invited;
pub mod key;
pub mod phase;
pub mod template;
pub mod written;

pub use answers::{AnswerValue, Answers, RawAnswers};
pub use figures::{SurveyCounts, SurveyFigures};
pub use key::TemplateKey;
pub use phase::{Opening, SurveyPhase};
pub use template::{Exposure, Question, QuestionKind, Template, Wording};
pub use written::TemplateInput;

#[cfg(test)]
mod tests;
