//! What was typed on a receipt, shown alone while the database cannot be read.

use askama::Template;

use super::Opened;
use crate::web::form::Form;
use crate::web::page::Page;

#[derive(Template)]
#[template(path = "reports/kept.html")]
pub(super) struct KeptPage {
    page: Page,
    form: Form,
    /// Why nothing was saved.
    trouble: String,
    /// Where the page was that it was typed on.
    here: String,
    /// Where it is sent again.
    action: String,
}

impl KeptPage {
    pub(super) fn of(opened: &Opened<'_>, form: Form, trouble: &str) -> KeptPage {
        let page = Page::bare(opened.request, opened.visitor);
        KeptPage {
            trouble: page.t(trouble),
            here: opened.here(),
            action: opened.request.path().to_owned(),
            page,
            form,
        }
    }

    /// The fields that nobody sees, as they were sent.
    fn hidden(&self) -> Vec<(&str, &str)> {
        let shown = ["message", "phone", "email"];
        self.form
            .pairs()
            .iter()
            .filter(|(name, _)| !shown.contains(&name.as_str()))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }
}
