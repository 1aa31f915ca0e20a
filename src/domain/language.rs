//! The languages that people are spoken to in, and texts written in several of them.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize as _;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};

use crate::domain::fields::FieldErrors;
use crate::domain::line::text_problem;

include!(concat!(env!("OUT_DIR"), "/languages.rs"));

impl Language {
    /// The language that a tag such as `zh`, `zh-Hans-CN` or `en-GB` stands for, if it is one of ours.
    pub fn from_tag(tag: &str) -> Option<Language> {
        fn primary(tag: &str) -> &str {
            tag.split(['-', '_']).next().unwrap_or_default()
        }
        let exactly = Language::ALL.iter().find(|l| l.code().eq_ignore_ascii_case(tag));
        let alike = || Language::ALL.iter().find(|l| primary(l.code()).eq_ignore_ascii_case(primary(tag)));
        exactly.or_else(alike).copied()
    }

    /// The first of ours that an `Accept-Language` header prefers (RFC 9110 section 12.5.4).
    pub fn from_accept_language(header: &str) -> Option<Language> {
        let mut best: Option<(u32, Language)> = None;
        for part in header.split(',') {
            let mut pieces = part.split(';');
            let Some(language) = pieces.next().map(str::trim).and_then(Language::from_tag) else { continue };
            let quality = pieces
                .find_map(|p| p.trim().strip_prefix("q="))
                .map_or(1000, |q| q.trim().parse::<f32>().map_or(0, |q| (q.clamp(0.0, 1.0) * 1000.0) as u32));
            if quality > 0 && best.is_none_or(|(q, _)| quality > q) {
                best = Some((quality, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

/// One text in one or more languages; a missing language falls back to the default one, then to
/// whatever there is.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Texts(pub BTreeMap<Language, String>);

impl Texts {
    /// A text in a single language; nothing if it is empty.
    pub fn single(language: Language, text: impl Into<String>) -> Texts {
        let text = text.into();
        Texts(if text.is_empty() { BTreeMap::new() } else { [(language, text)].into() })
    }

    /// The text to show to somebody who reads `language`, with the language it is really in.
    pub fn get(&self, language: Language, default: Language) -> Option<(&str, Language)> {
        [language, default]
            .into_iter()
            .chain(Language::ALL.iter().copied())
            .find_map(|l| self.0.get(&l).map(|text| (text.as_str(), l)))
    }

    /// The text to show to somebody who reads `language`, or nothing at all.
    pub fn text(&self, language: Language, default: Language) -> &str {
        self.get(language, default).map_or("", |(text, _)| text)
    }

    /// The text in exactly this language, or nothing.
    pub fn exactly(&self, language: Language) -> &str {
        self.0.get(&language).map_or("", String::as_str)
    }

    /// No text in any language.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks each language's text as a block of at most `max` characters and drops the empty ones.
    /// Errors are told for `{field}` (default language) or `{field}.{language}`.
    pub fn checked(self, field: &str, max: usize) -> Result<Texts, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut kept = BTreeMap::new();
        for (language, text) in self.0 {
            if let Some((code, params)) = text_problem(&text, max, true) {
                errors.0.push(crate::domain::fields::FieldError {
                    field: format!("{field}.{language}"),
                    code,
                    params,
                });
            } else if !text.trim().is_empty() {
                kept.insert(language, text);
            }
        }
        errors.or(Texts(kept))
    }
}

/// A text as the API takes it: one string in the default language, or an object by language.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum TextsInput {
    /// In the default language.
    One(String),
    /// By language.
    Many(BTreeMap<Language, String>),
}

impl TextsInput {
    /// What is to stand in its place, for readers.
    pub const EXPECTED: &str = "text, or an object with a text by language";

    /// The texts meant, a bare string being in `default`.
    pub fn texts(self, default: Language) -> Texts {
        match self {
            TextsInput::One(text) => Texts::single(default, text),
            TextsInput::Many(texts) => Texts(texts),
        }
    }
}

/// By hand, so that what is wrong inside of it is known with its language. (It is serialised for the
/// attribute alone, from which the document of the interface learns its form.)
impl<'de> serde::Deserialize<'de> for TextsInput {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<TextsInput, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = TextsInput;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(TextsInput::EXPECTED)
            }

            fn visit_str<E>(self, text: &str) -> Result<TextsInput, E> {
                Ok(TextsInput::One(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TextsInput, A::Error> {
                BTreeMap::deserialize(MapAccessDeserializer::new(map)).map(TextsInput::Many)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_of_our_languages_is_chosen() {
        assert_eq!(Language::from_accept_language("fr, en-GB;q=0.8, zh;q=0.9"), Some(Language::ZhCn));
        assert_eq!(Language::from_accept_language("zh-TW;q=0, en"), Some(Language::En));
        assert_eq!(Language::from_accept_language("fr"), None);
        assert_eq!(Language::from_accept_language(";;q=x,,"), None);
    }

    #[test]
    fn a_missing_language_falls_back() {
        let texts = Texts::single(Language::ZhCn, "维护");
        assert_eq!(texts.get(Language::En, Language::En), Some(("维护", Language::ZhCn)));
        assert_eq!(Texts::default().text(Language::En, Language::En), "");
    }
}
