//! The words that name windows and components in addresses and in the programming interface.

use std::fmt;

use chrono::NaiveDate;

use crate::domain::fields::FieldErrors;

/// Longest slug of a window, in characters.
pub const SLUG_MAX: usize = 80;
/// Longest key of a component, in characters.
pub const COMPONENT_KEY_MAX: usize = 60;

fn parse_key(field: &str, text: &str, max: usize, code: &'static str) -> Result<String, FieldErrors> {
    let text = text.trim();
    if text.is_empty() {
        return Err(FieldErrors::one(field, "required"));
    }
    let count = text.chars().count();
    if count > max {
        let mut errors = FieldErrors::new();
        errors.add_with(field, "too-long", [("max", max.to_string()), ("count", count.to_string())]);
        return Err(errors);
    }
    let fits = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !fits || text.starts_with('-') || text.ends_with('-') {
        return Err(FieldErrors::one(field, code));
    }
    Ok(text.to_owned())
}

/// ASCII letters and digits of a text in lower case, each run of anything else one hyphen.
fn hyphenated(text: &str, max: usize) -> String {
    let mut made = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            made.push(c.to_ascii_lowercase());
        } else if matches!(c, '\'' | '’') {
            // "What's new" is `whats-new`.
        } else if !made.is_empty() && !made.ends_with('-') {
            made.push('-');
        }
    }
    made.truncate(max);
    made.trim_end_matches('-').to_owned()
}

/// What names a window in addresses: 1–80 lower-case ASCII letters, digits and hyphens, neither
/// beginning nor ending with a hyphen.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct Slug(String);

impl Slug {
    /// The slug, without blanks around it. Errors: `required`, `too-long` (`max`, `count`), `bad-slug`.
    pub fn parse(field: &str, text: &str) -> Result<Slug, FieldErrors> {
        parse_key(field, text, SLUG_MAX, "bad-slug").map(Slug)
    }

    /// A slug for a window with this title on this date: the title's words if it has at least three
    /// ASCII letters, else, as for a Chinese title, `window-20261122`.
    pub fn suggest(title: &str, date: NaiveDate) -> Slug {
        let words = hyphenated(title, SLUG_MAX);
        if words.bytes().filter(u8::is_ascii_alphabetic).count() >= 3 {
            return Slug(words);
        }
        let dated = hyphenated(&format!("window-{}", date.format("%Y%m%d")), SLUG_MAX);
        Slug(dated)
    }

    /// The same with a number behind it, shortened to fit, for when a slug is taken: `upgrade-2`.
    pub fn numbered(&self, number: u32) -> Slug {
        let tail = format!("-{number}");
        Slug(format!("{}{tail}", hyphenated(&self.0, SLUG_MAX - tail.len())))
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

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What names a component in the API: 1–60 characters, otherwise as a [`Slug`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct ComponentKey(String);

impl ComponentKey {
    /// The key, without blanks around it. Errors: `required`, `too-long` (`max`, `count`), `bad-key`.
    pub fn parse(field: &str, text: &str) -> Result<ComponentKey, FieldErrors> {
        parse_key(field, text, COMPONENT_KEY_MAX, "bad-key").map(ComponentKey)
    }

    /// A key for a component with this name, or nothing if it has no ASCII letter or digit.
    pub fn suggest(name: &str) -> Option<ComponentKey> {
        let words = hyphenated(name, COMPONENT_KEY_MAX);
        (!words.is_empty()).then_some(ComponentKey(words))
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

impl fmt::Display for ComponentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
