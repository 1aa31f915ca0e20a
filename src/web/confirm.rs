//! The step before what cannot be taken back: a page that says what will happen to what, and asks for
//! a word to be typed. It has no address of its own: what was sent is sent again, with the word in it.

use actix_web::HttpResponse;
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::page::{Page, form_again, private_page};

/// The field that the word is typed in.
const FIELD: &str = "confirm";

/// An act that is final once it is done.
pub struct Final {
    /// What is done to what, as a heading.
    pub title: String,
    /// What that means, a sentence each.
    pub says: Vec<String>,
    /// What people will read because of it.
    pub quotes: Vec<String>,
    /// What is to be typed: the name of what the act is about, where it has one that can be typed.
    pub word: String,
    /// What the button says.
    pub button: String,
    /// Where the act was asked for.
    pub back: String,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    page: Page,
    form: Form,
    errors: FieldErrors,
    act: Final,
    /// Where the form goes again.
    to: String,
    /// What was sent with the press that asked for the act.
    sent: Vec<(String, String)>,
}

/// As a hurried reader compares: blanks and capitals make no difference.
fn read(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// What is wrong with the word that was typed in a form of its own; nothing if it is this one.
pub fn wrong_word(form: &Form, word: &str) -> Option<FieldErrors> {
    if read(form.get(FIELD)) == read(word) {
        return None;
    }
    let mut errors = FieldErrors::new();
    errors.add_with(FIELD, "confirm-word", [("word", word.to_owned())]);
    Some(errors)
}

impl Final {
    /// The word for what has no name that could be typed.
    pub fn plain_word(page: &Page) -> String {
        page.t("confirm-plain-word")
    }

    /// Nothing if the word was typed, so that the act is done now; else the page that asks for it. A
    /// wrong word comes back as it was typed, with what is wrong with it.
    pub fn unless_typed(self, page: Page, form: &Form) -> Result<Option<HttpResponse>, Failure> {
        let Some(wrong) = wrong_word(form, &self.word) else { return Ok(None) };
        let errors = if form.has(FIELD) { wrong } else { FieldErrors::new() };
        let typed = form.get(FIELD).to_owned();
        let to = page.path.clone();
        // Nothing answers a reader who comes to this address by a link, as the choice of language is.
        let page = Page { path: self.back.clone(), rest_of_query: String::new(), ..page };
        let sent = form.pairs().iter().filter(|(name, _)| name != FIELD).cloned().collect();
        let first = errors.is_empty();
        let shown =
            ConfirmPage { page, form: Form::default().set(FIELD, typed), errors, act: self, to, sent };
        if first { private_page(&shown).map(Some) } else { form_again(&shown).map(Some) }
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn blanks_and_capitals_make_no_difference() {
        assert_eq!(read("  Nightly  Build "), read("nightly build"));
        assert_ne!(read("nightly"), read("nightly build"));
        assert_ne!(read(""), read("1"));
    }
}
