//! What is wrong with something typed: which field, why, and the numbers a message needs to say it.
//!
//! Nothing here is a sentence. A code names a message (`error-{code}`) that exists in every language.

use std::collections::BTreeMap;

/// One thing wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field as the API and the forms name it, e.g. `occurred_at` or `contact.phone`.
    pub field: String,
    /// Which message says it: the key is `error-{code}`.
    pub code: &'static str,
    /// What the message needs, e.g. `max` → `4000`.
    pub params: BTreeMap<&'static str, String>,
}

/// Everything wrong with what was typed, in the order in which it was found. Never empty when it is
/// the `Err` of something.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
#[error("{} invalid field(s)", .0.len())]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    /// Nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Exactly one thing wrong.
    pub fn one(field: impl Into<String>, code: &'static str) -> Self {
        let mut errors = Self::new();
        errors.add(field, code);
        errors
    }

    /// Adds a thing wrong that needs no numbers to be said.
    pub fn add(&mut self, field: impl Into<String>, code: &'static str) {
        self.add_with(field, code, []);
    }

    /// Adds a thing wrong together with what its message needs.
    pub fn add_with<const N: usize>(
        &mut self,
        field: impl Into<String>,
        code: &'static str,
        params: [(&'static str, String); N],
    ) {
        self.0.push(FieldError { field: field.into(), code, params: params.into_iter().collect() });
    }

    /// Keeps the value, or notes what was wrong with it and gives nothing.
    pub fn keep<T>(&mut self, result: Result<T, FieldErrors>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(errors) => {
                self.0.extend(errors.0);
                None
            }
        }
    }

    /// Nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `value` if nothing is wrong, else what is.
    pub fn or<T>(self, value: T) -> Result<T, FieldErrors> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }

    /// What is wrong with this field.
    pub fn of<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a FieldError> {
        self.0.iter().filter(move |e| e.field == field)
    }
}
