//! A form of the public that was not taken: its page again, with what was typed and why.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use askama::Template;

use crate::domain::fields::FieldErrors;
use crate::store::Error;
use crate::store::instance::random_secret;
use crate::web::failure::Failure;
use crate::web::form::Form;
use crate::web::page::{Page, rendered};

/// Why a form was not taken.
pub struct Untaken {
    /// What is wrong with its fields; nothing if it may be sent again as it is.
    pub errors: FieldErrors,
    /// Whoever sent it may have waited for the database already.
    pub has_waited: bool,
    /// The key of the message; empty if the errors say everything.
    trouble: &'static str,
    /// After how many seconds it is worth another try.
    wait: Option<u64>,
    status: StatusCode,
}

impl Untaken {
    /// Reads it out of a failure; one that is neither the form's nor passes is given back. `what` could not
    /// be saved: so says the log.
    pub fn of(failure: Failure, what: &str) -> Result<Untaken, Failure> {
        let mut untaken = Untaken::silent(&failure);
        (untaken.errors, untaken.trouble, untaken.wait) = match failure {
            Failure::Store(Error::Invalid(errors)) => (errors, "", None),
            // Sent, gone back, changed and sent again: that is another one.
            Failure::Store(Error::KeyReused) => (FieldErrors::new(), "reporting-trouble-reused", None),
            Failure::Store(Error::Busy | Error::Locked | Error::KeyRunning) => {
                (FieldErrors::new(), "reporting-trouble-busy", Some(1))
            }
            Failure::Store(error) if error.is_trouble() => {
                tracing::warn!(%error, "{what} could not be saved");
                (FieldErrors::new(), "reporting-trouble-unavailable", Some(5))
            }
            Failure::TooMany(seconds) => (FieldErrors::new(), "reporting-trouble-often", Some(seconds)),
            other => return Err(other),
        };
        Ok(untaken)
    }

    /// With the status of this failure and no word about it: the page says why by what it shows.
    pub fn silent(failure: &Failure) -> Untaken {
        Untaken {
            errors: FieldErrors::new(),
            has_waited: failure.has_waited(),
            trouble: "",
            wait: None,
            status: failure.status_code(),
        }
    }

    /// The form as it is shown again: with a fresh key only if its own is used up or none at all. After any
    /// other failure whoever sends it again must stay the same sender, for the first try may still have been
    /// taken.
    pub fn form(&self, form: Form) -> Form {
        let used_up = self.trouble == "reporting-trouble-reused";
        if used_up || self.errors.of("idempotency_key").next().is_some() {
            form.set("idempotency_key", random_secret())
        } else {
            form
        }
    }

    /// Why it was not taken, in the reader's words; empty if the errors say everything.
    pub fn trouble(&self, page: &Page) -> String {
        if self.trouble.is_empty() { String::new() } else { page.t(self.trouble) }
    }

    /// The page as the answer.
    pub fn answer(&self, shown: &impl Template) -> Result<HttpResponse, Failure> {
        let mut response = HttpResponse::build(self.status);
        if let Some(seconds) = self.wait {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        Ok(response
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(rendered(shown)?))
    }
}
