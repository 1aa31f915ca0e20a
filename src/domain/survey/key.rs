//! What names templates and questions: in the database, the API and the exports.

use std::fmt;

use crate::domain::codes::UnknownCode;
use crate::domain::fields::FieldErrors;

/// Longest key of a template, in characters.
pub const TEMPLATE_KEY_MAX: usize = 40;
/// Longest key of a question, in characters.
pub const QUESTION_KEY_MAX: usize = 40;

/// What names a template: `short` and `full` are built in, all others were made by an operator.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub enum TemplateKey {
    /// Satisfaction, saw the notice, opinions and suggestions: under a minute.
    Short,
    /// The short one, with NPS, CES, announcements, trust and the wish to leave.
    Full,
    /// One that was made here: 1–40 lower-case ASCII letters, digits and hyphens.
    Made(String),
}

impl TemplateKey {
    /// The built-in ones, in the order in which people are shown them.
    pub const BUILT_IN: [TemplateKey; 2] = [TemplateKey::Short, TemplateKey::Full];

    /// The key as it is spelled everywhere.
    pub fn code(&self) -> &str {
        match self {
            TemplateKey::Short => "short",
            TemplateKey::Full => "full",
            TemplateKey::Made(key) => key,
        }
    }

    /// The key with this spelling, if it has the form of one. Whether there is such a template only
    /// the store knows.
    pub fn from_code(code: &str) -> Option<TemplateKey> {
        match code {
            "short" => Some(TemplateKey::Short),
            "full" => Some(TemplateKey::Full),
            made => {
                let fits = made.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                let whole = !made.is_empty() && !made.starts_with('-') && !made.ends_with('-');
                (fits && whole && made.len() <= TEMPLATE_KEY_MAX).then(|| TemplateKey::Made(made.to_owned()))
            }
        }
    }

    /// The key of a new template. Errors: `required`, `too-long` (`max`, `count`), `bad-key`, and
    /// `key-taken` for that of a built-in one and for `new`, which is a page of ours.
    pub fn parse_new(field: &str, text: &str) -> Result<TemplateKey, FieldErrors> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FieldErrors::one(field, "required"));
        }
        let count = text.chars().count();
        if count > TEMPLATE_KEY_MAX {
            let mut errors = FieldErrors::new();
            let params = [("max", TEMPLATE_KEY_MAX.to_string()), ("count", count.to_string())];
            errors.add_with(field, "too-long", params);
            return Err(errors);
        }
        match TemplateKey::from_code(text) {
            Some(key @ TemplateKey::Made(_)) if text != "new" => Ok(key),
            Some(_) => Err(FieldErrors::one(field, "key-taken")),
            None => Err(FieldErrors::one(field, "bad-key")),
        }
    }
}

impl fmt::Display for TemplateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::str::FromStr for TemplateKey {
    type Err = UnknownCode;
    fn from_str(code: &str) -> Result<Self, UnknownCode> {
        TemplateKey::from_code(code).ok_or(UnknownCode)
    }
}

impl serde::Serialize for TemplateKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<DB> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for TemplateKey
where
    DB: diesel::backend::Backend,
    str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
        <str as diesel::serialize::ToSql<diesel::sql_types::Text, DB>>::to_sql(self.code(), out)
    }
}

impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for TemplateKey
where
    DB: diesel::backend::Backend,
    String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        let code = <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(bytes)?;
        TemplateKey::from_code(&code).ok_or_else(|| format!("no template can be called {code:?}").into())
    }
}

/// Whether this can name a question: 1–40 lower-case ASCII letters, digits and underscores,
/// beginning with a letter, so that it can be the name of a column and a field.
pub fn is_question_key(text: &str) -> bool {
    text.len() <= QUESTION_KEY_MAX
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Whether this can name a choice of a question: as a question's key, and it may begin with a digit.
pub fn is_choice_code(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= QUESTION_KEY_MAX
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
