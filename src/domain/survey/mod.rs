//! What people are asked after a window, what they answer, and what it says.

pub mod answers;
pub mod figures;
pub mod template;

pub use answers::{AnswerValue, Answers, RawAnswers};
pub use figures::{SurveyCounts, SurveyFigures};
pub use template::{Exposure, Question, QuestionKind, Template, TemplateKey};

#[cfg(test)]
mod tests;
