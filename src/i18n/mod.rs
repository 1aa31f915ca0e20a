//! Every visible word, by key, in every language. The words themselves stand in `locales/`, one
//! file for each area of the product, the same files and keys in each language.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{Loader, static_loader};
use unic_langid::LanguageIdentifier;

use crate::domain::fields::FieldError;
use crate::domain::language::Language;
use crate::domain::survey::Wording;

static_loader! {
    static LOCALES = {
        locales: "./src/i18n/locales",
        fallback_language: "en",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// In the order of [`Language::ALL`].
static IDS: LazyLock<Vec<LanguageIdentifier>> =
    LazyLock::new(|| Language::ALL.iter().map(|l| l.code().parse().unwrap_or_default()).collect());

/// The words of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words(pub Language);

type Arguments = HashMap<Cow<'static, str>, FluentValue<'static>>;

impl Words {
    fn id(self) -> &'static LanguageIdentifier {
        &IDS[self.0 as usize]
    }

    fn look_up(self, key: &str, arguments: Option<&Arguments>) -> String {
        LOCALES.try_lookup_complete(self.id(), key, arguments).unwrap_or_else(|| {
            tracing::error!(key, language = %self.0, "a message is missing");
            key.to_owned()
        })
    }

    /// The message with this key.
    pub fn t(self, key: &str) -> String {
        self.look_up(key, None)
    }

    /// The message with this key about `n` things; the message chooses its plural by `$n`.
    pub fn n(self, key: &str, n: impl TryInto<i64>) -> String {
        let n: i64 = n.try_into().unwrap_or(i64::MAX);
        self.look_up(key, Some(&HashMap::from([(Cow::Borrowed("n"), FluentValue::from(n))])))
    }

    /// The message with this key and these texts in it; whole numbers among them choose plurals.
    pub fn with<const N: usize>(self, key: &str, arguments: [(&'static str, &str); N]) -> String {
        self.said(key, arguments.into_iter())
    }

    /// The word for a code: `word("impact", "data_loss")` is the message `impact-data-loss`.
    pub fn word(self, noun: &str, code: &str) -> String {
        self.t(&format!("{noun}-{}", code.replace('_', "-")))
    }

    /// Words of a survey: our own, or an operator's, who may not have written this language.
    pub fn wording(self, wording: &Wording, default: Language) -> String {
        match wording {
            Wording::Message(key) => self.t(key),
            Wording::Written(texts) => texts.text(self.0, default).to_owned(),
        }
    }

    /// What is wrong with a field, said to the person who typed it.
    pub fn error(self, error: &FieldError) -> String {
        let key = match error.code {
            // Whoever writes a program has no list before them.
            "unknown-code" if error.params.contains_key("codes") => "error-unknown-code-of".to_owned(),
            code => format!("error-{code}"),
        };
        self.said(&key, error.params.iter().map(|(k, v)| (*k, v.as_str())))
    }

    /// The message with this key and texts that are only known at run time.
    pub fn said<'a>(self, key: &str, params: impl Iterator<Item = (&'static str, &'a str)>) -> String {
        let arguments: Arguments = params
            .map(|(name, value)| {
                // Whole numbers choose plurals; everything else is text.
                let value = match value.parse::<i64>() {
                    Ok(number) if number.to_string() == value => FluentValue::from(number),
                    _ => FluentValue::String(Cow::Owned(value.to_owned())),
                };
                (Cow::Borrowed(name), value)
            })
            .collect();
        self.look_up(key, Some(&arguments))
    }
}

#[cfg(test)]
mod tests;
