//! A known issue: one cause behind several reports, and what to do meanwhile.

use crate::domain::fields::FieldErrors;
use crate::domain::language::{Language, Texts};
use crate::domain::line::{COMMENT_MAX, TITLE_MAX};
use crate::domain::report::{Status, Verdict};

/// Longest public text of a known issue, in characters.
pub const TEXT_MAX: usize = 4_000;

crate::codes! {
    /// Where a known issue stands.
    pub enum IssueStatus {
        /// Nobody knows the cause yet.
        Investigating = "investigating",
        /// The cause is known, and it is being worked on.
        Identified = "identified",
        /// It seems to be gone and is watched.
        Monitoring = "monitoring",
        /// It is gone; everybody who met it is told.
        Resolved = "resolved",
    }
}

impl IssueStatus {
    /// The statuses in which it is still there.
    pub const OPEN: &'static [IssueStatus] =
        &[IssueStatus::Investigating, IssueStatus::Identified, IssueStatus::Monitoring];

    /// Whether it is still there.
    pub const fn is_open(self) -> bool {
        !matches!(self, IssueStatus::Resolved)
    }
}

/// What people read of a known issue, in the languages in which it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct IssueTexts {
    /// What it is called.
    pub title: Texts,
    /// What is known of it.
    pub body: Texts,
    /// What to do meanwhile.
    pub workaround: Texts,
}

impl IssueTexts {
    /// Checks every text. A title in at least one language is required; its error is told for
    /// `title.{default}`.
    pub fn checked(self, default: Language) -> Result<IssueTexts, FieldErrors> {
        let mut errors = FieldErrors::new();
        let title = errors.keep(self.title.checked("title", TITLE_MAX));
        if title.as_ref().is_some_and(Texts::is_empty) {
            errors.add(format!("title.{default}"), "required");
        }
        let body = errors.keep(self.body.checked("body", TEXT_MAX));
        let workaround = errors.keep(self.workaround.checked("workaround", COMMENT_MAX));
        match (title, body, workaround) {
            (Some(title), Some(body), Some(workaround)) => errors.or(IssueTexts { title, body, workaround }),
            _ => Err(errors),
        }
    }
}

/// What everybody who met a known issue is told when it is resolved. Needed in at least one
/// language; its error is told for `answer.{default}`.
pub fn answer(texts: Texts, default: Language) -> Result<Texts, FieldErrors> {
    let texts = texts.checked("answer", COMMENT_MAX)?;
    if texts.is_empty() { Err(FieldErrors::one(format!("answer.{default}"), "required")) } else { Ok(texts) }
}

/// Where a me-too stands, in the words of reports: it has no life of its own but follows its known
/// issue, until its holder says that the resolution did not help.
pub const fn me_too_status(issue: IssueStatus, told: bool, verdict: Option<Verdict>) -> Status {
    match (told, verdict, issue) {
        (true, Some(Verdict::NotFixed), _) => Status::InProgress,
        (true, _, _) => Status::Resolved,
        (false, _, IssueStatus::Investigating) => Status::Acknowledged,
        (false, _, _) => Status::InProgress,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_in_one_language_is_enough() {
        let only =
            |title: &str| IssueTexts { title: Texts::single(Language::En, title), ..IssueTexts::default() };
        assert!(only("Log-in fails").checked(Language::ZhCn).is_ok());
        let errors = only("  ").checked(Language::ZhCn).unwrap_err();
        assert_eq!((errors.0[0].field.as_str(), errors.0[0].code), ("title.zh-CN", "required"));
        let errors = only(&"x".repeat(201)).checked(Language::ZhCn).unwrap_err();
        assert_eq!((errors.0[0].field.as_str(), errors.0[0].code), ("title.en", "too-long"));
    }

    #[test]
    fn a_me_too_follows_its_known_issue() {
        use IssueStatus::{Identified, Investigating, Monitoring, Resolved};
        assert_eq!(me_too_status(Investigating, false, None), Status::Acknowledged);
        assert_eq!(me_too_status(Identified, false, None), Status::InProgress);
        assert_eq!(me_too_status(Monitoring, false, Some(Verdict::Fixed)), Status::InProgress);
        // Resolved, but the job has not come to this one yet.
        assert_eq!(me_too_status(Resolved, false, None), Status::InProgress);
        assert_eq!(me_too_status(Resolved, true, None), Status::Resolved);
        assert_eq!(me_too_status(Resolved, true, Some(Verdict::NotFixed)), Status::InProgress);
    }
}
