//! Text as typed: what is refused in it, and how long it may be.

use std::collections::BTreeMap;

use crate::domain::fields::{FieldError, FieldErrors};

/// Longest description of a report, in characters.
pub const DESCRIPTION_MAX: usize = 4_000;
/// Longest error message of a report, in characters.
pub const ERROR_MESSAGE_MAX: usize = 1_000;
/// Longest account or order number, in characters.
pub const ACCOUNT_MAX: usize = 100;
/// Longest survey comment, note, answer or message, in characters.
pub const COMMENT_MAX: usize = 2_000;
/// Longest body of a notice or an update, in characters.
pub const BODY_MAX: usize = 20_000;
/// Longest title or name, in characters.
pub const TITLE_MAX: usize = 200;

/// What is wrong with a text of at most `max` characters, if anything: the message's code and
/// parameters. `multiline` allows line breaks and tabs.
pub fn text_problem(
    text: &str,
    max: usize,
    multiline: bool,
) -> Option<(&'static str, BTreeMap<&'static str, String>)> {
    let allowed = |c: char| !c.is_control() || (multiline && matches!(c, '\n' | '\r' | '\t'));
    if let Some(bad) = text.chars().find(|c| !allowed(*c)) {
        return Some(("control-character", [("code", format!("U+{:04X}", bad as u32))].into()));
    }
    let count = text.chars().count();
    if count > max {
        return Some(("too-long", [("max", max.to_string()), ("count", count.to_string())].into()));
    }
    None
}

fn check(field: &str, text: &str, max: usize, multiline: bool) -> Result<(), FieldErrors> {
    match text_problem(text, max, multiline) {
        Some((code, params)) => Err(FieldErrors(vec![FieldError { field: field.to_owned(), code, params }])),
        None => Ok(()),
    }
}

/// A single line without control characters, trimmed, not empty.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Line(String);

impl Line {
    /// The line, or nothing if only blanks were typed.
    pub fn optional(field: &str, text: &str, max: usize) -> Result<Option<Line>, FieldErrors> {
        let text = text.trim();
        check(field, text, max, false)?;
        Ok((!text.is_empty()).then(|| Line(text.to_owned())))
    }

    /// The line; blank is refused.
    pub fn required(field: &str, text: &str, max: usize) -> Result<Line, FieldErrors> {
        Self::optional(field, text, max)?.ok_or_else(|| FieldErrors::one(field, "required"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Text of several lines without other control characters, kept exactly as it came, not blank.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Block(String);

impl Block {
    /// The text, or nothing if only blanks were typed.
    pub fn optional(field: &str, text: &str, max: usize) -> Result<Option<Block>, FieldErrors> {
        check(field, text, max, true)?;
        Ok((!text.trim().is_empty()).then(|| Block(text.to_owned())))
    }

    /// The text; blank is refused.
    pub fn required(field: &str, text: &str, max: usize) -> Result<Block, FieldErrors> {
        Self::optional(field, text, max)?.ok_or_else(|| FieldErrors::one(field, "required"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text.
    pub fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters() {
        assert!(Block::required("d", &"登".repeat(4_000), DESCRIPTION_MAX).is_ok());
        let errors = Block::required("d", &"登".repeat(4_001), DESCRIPTION_MAX).unwrap_err();
        assert_eq!(errors.0[0].code, "too-long");
        assert_eq!(errors.0[0].params["max"], "4000");
    }

    #[test]
    fn control_characters_are_named() {
        assert_eq!(Line::required("t", "a\u{0}b", 10).unwrap_err().0[0].params["code"], "U+0000");
        assert_eq!(Line::required("t", "a\nb", 10).unwrap_err().0[0].code, "control-character");
        assert_eq!(Block::required("t", "a\r\nb\tc", 10).unwrap().as_str(), "a\r\nb\tc");
    }

    #[test]
    fn blanks_are_nothing() {
        assert_eq!(Block::optional("d", " \r\n ", 10), Ok(None));
        assert_eq!(Line::required("d", "  ", 10).unwrap_err().0[0].code, "required");
    }
}
