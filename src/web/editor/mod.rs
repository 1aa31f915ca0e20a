//! The pages on which operators write windows, publish them and take them through the work.

pub mod appearance;
pub mod components;
pub mod edit;
pub mod help;
mod list;
pub mod one;
mod typed;

pub use list::list;

use crate::domain::fields::FieldErrors;
use crate::store::Error;
use crate::web::form::Form;

/// What was wrong with a form, if that is what happened; everything else is a failure of its own.
fn wrong(error: Error) -> Result<FieldErrors, Error> {
    match error {
        Error::Invalid(errors) => Ok(errors),
        other => Err(other),
    }
}

/// Whether it must be asked which of two equal local times is meant: it was asked before, or the
/// time just typed occurs twice.
fn asks_fold(form: &Form, errors: &FieldErrors, name: &str) -> bool {
    !form.get(&fold_field(name)).is_empty() || errors.of(name).any(|e| e.code == "time-ambiguous")
}

/// The name of a field's text in a language, or of a part of it.
pub(crate) fn field_of(name: &str, part: &str) -> String {
    format!("{name}.{part}")
}

/// The field that says which of two equal local times a field of times means.
pub(crate) fn fold_field(name: &str) -> String {
    format!("{name}_fold")
}
