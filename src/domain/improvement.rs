//! What a window taught: what we will do better, who sees to it, and the later window whose figures
//! should show it.

use crate::domain::fields::FieldErrors;
use crate::domain::line::{Block, COMMENT_MAX, Line, TITLE_MAX};
use crate::domain::measure::Measure;
use crate::domain::reference::{ReportReference, ResponseReference};

crate::codes! {
    /// How far an improvement is.
    pub enum ImprovementStatus {
        /// Decided, not begun.
        Planned = "planned",
        /// Somebody is at it.
        InProgress = "in_progress",
        /// Done; the figures of a later window say whether it helped.
        Done = "done",
        /// Given up.
        Dropped = "dropped",
    }
}

impl ImprovementStatus {
    /// Whether there is nothing left to do.
    pub const fn is_over(self) -> bool {
        matches!(self, ImprovementStatus::Done | ImprovementStatus::Dropped)
    }
}

crate::codes! {
    /// What an improvement came from.
    pub enum Origin {
        /// A window as a whole.
        Window = "window",
        /// A figure of a window.
        Figure = "figure",
        /// A comment in a survey.
        Comment = "comment",
        /// A problem report.
        Report = "report",
        /// A known issue.
        KnownIssue = "known_issue",
    }
}

/// What an improvement came from, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What kind of thing.
    pub origin: Origin,
    /// Which one: a measure, `S-…`, `R-…` or the name of a known issue; nothing for a window.
    pub name: Option<String>,
}

impl Source {
    /// Reads `window`, `figure:csat`, `comment:S-…`, `report:R-…` or `known_issue:…`.
    ///
    /// Errors: `unknown-source` at `source`.
    pub fn parse(text: &str) -> Result<Source, FieldErrors> {
        let unknown = || FieldErrors::one("source", "unknown-source");
        let text = text.trim();
        if text.is_empty() {
            return Ok(Source { origin: Origin::Window, name: None });
        }
        let (kind, name) = text.split_once(':').unwrap_or((text, ""));
        let origin = Origin::from_code(kind).ok_or_else(unknown)?;
        let name = match origin {
            Origin::Window if name.is_empty() => None,
            Origin::Window => return Err(unknown()),
            Origin::Figure => Some(Measure::from_code(name).ok_or_else(unknown)?.code().to_owned()),
            Origin::Comment => Some(ResponseReference::parse(name).ok_or_else(unknown)?.to_string()),
            Origin::Report => Some(ReportReference::parse(name).ok_or_else(unknown)?.to_string()),
            Origin::KnownIssue => {
                let plain = name.len() <= 40 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
                Some(name.to_owned())
                    .filter(|name| plain && !name.is_empty())
                    .ok_or_else(unknown)
                    .map(Some)?
            }
        };
        Ok(Source { origin, name })
    }

    /// As [`Source::parse`] reads it.
    pub fn code(&self) -> String {
        match &self.name {
            Some(name) => format!("{}:{name}", self.origin),
            None => self.origin.to_string(),
        }
    }
}

/// What somebody wrote of an improvement, before it is looked up what they named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImprovementInput {
    /// What will be done better.
    pub title: String,
    /// More about it.
    pub detail: String,
    /// Who sees to it, by name.
    pub owner: String,
    /// How far it is.
    pub status: String,
    /// Which measure should show it.
    pub measure: String,
    /// What it came from.
    pub source: String,
    /// The slug of the window it came from.
    pub window: String,
    /// The slug of the later window that should show it.
    pub shown_by: String,
}

/// An improvement as somebody wants it, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImprovementDraft {
    /// What will be done better; one line.
    pub title: Line,
    /// More about it.
    pub detail: Option<Block>,
    /// Who sees to it, by name.
    pub owner: Option<String>,
    /// How far it is.
    pub status: ImprovementStatus,
    /// Which measure should show it.
    pub measure: Option<Measure>,
    /// What it came from.
    pub source: Source,
    /// The slug of the window it came from.
    pub window: Option<String>,
    /// The slug of the later window that should show it.
    pub shown_by: Option<String>,
}

impl ImprovementDraft {
    /// Reads what somebody wrote.
    ///
    /// Errors: `required`, `too-long`, `control-character` at `title`; the latter two at `detail`;
    /// `unknown-code` at `status` and `measure`; `unknown-source` at `source`; `same-window` at
    /// `shown_by` if a window should show its own improvement.
    pub fn parse(input: &ImprovementInput) -> Result<ImprovementDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let title = errors.keep(Line::required("title", &input.title, TITLE_MAX));
        let detail = errors.keep(Block::optional("detail", &input.detail, COMMENT_MAX));
        let status = errors.keep(match input.status.as_str() {
            "" => Ok(ImprovementStatus::Planned),
            code => {
                ImprovementStatus::from_code(code).ok_or_else(|| FieldErrors::one("status", "unknown-code"))
            }
        });
        let measure = errors.keep(match input.measure.as_str() {
            "" => Ok(None),
            code => {
                Measure::from_code(code).map(Some).ok_or_else(|| FieldErrors::one("measure", "unknown-code"))
            }
        });
        let source = errors.keep(Source::parse(&input.source));
        let some = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        let (window, shown_by) = (some(&input.window), some(&input.shown_by));
        if window.is_some() && window == shown_by {
            errors.add("shown_by", "same-window");
        }
        match (title, detail, status, measure, source, errors.is_empty()) {
            (Some(title), Some(detail), Some(status), Some(measure), Some(source), true) => {
                let owner = some(&input.owner);
                Ok(ImprovementDraft { title, detail, owner, status, measure, source, window, shown_by })
            }
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(title: &str) -> ImprovementInput {
        ImprovementInput { title: title.into(), ..ImprovementInput::default() }
    }

    #[test]
    fn an_improvement_needs_a_title_and_nothing_else() {
        let draft = ImprovementDraft::parse(&input(" 提前一周通知 ")).unwrap();
        assert_eq!((draft.title.as_str(), draft.status), ("提前一周通知", ImprovementStatus::Planned));
        assert_eq!(draft.source, Source { origin: Origin::Window, name: None });
        assert_eq!(ImprovementDraft::parse(&input(" ")).unwrap_err().0[0].code, "required");
    }

    #[test]
    fn sources_are_read_back_as_written() {
        let report = ReportReference(7).to_string();
        for text in ["window", "figure:csat", "known_issue:K-7KQ4M2", &format!("report:{report}")] {
            assert_eq!(Source::parse(text).unwrap().code(), text);
        }
        for text in ["x", "figure", "figure:x", "report:R-1", "window:x", "known_issue:", "comment:\0"] {
            assert_eq!(Source::parse(text).unwrap_err().0[0].code, "unknown-source", "{text}");
        }
    }

    #[test]
    fn a_window_does_not_show_its_own_improvement() {
        let both = ImprovementInput { window: "a".into(), shown_by: "a".into(), ..input("t") };
        let errors = ImprovementDraft::parse(&both).unwrap_err();
        assert_eq!((errors.0[0].field.as_str(), errors.0[0].code), ("shown_by", "same-window"));
    }
}
