//! The one error story of the web: what can go wrong, and the one place that turns it into a page
//! or into a problem document (RFC 9457), in the reader's language.

use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use askama::Template;
use serde::Serialize;

use crate::domain::fields::FieldErrors;
use crate::i18n::Words;
use crate::store::Error;
use crate::web::page::Page;
use crate::web::server::RequestId;
use crate::web::unsent::{UnsentPage, has_lost_files};
use crate::web::visitor::Visitor;

/// Why a request could not be answered as asked.
#[derive(Debug)]
pub enum Failure {
    /// The store refused or failed.
    Store(Error),
    /// Somebody has to log in first.
    Unauthenticated,
    /// Somebody is logged in but may not do this.
    Forbidden,
    /// Somebody is logged in, but has to set up a second factor before anything else.
    SecondFactorNeeded,
    /// The request came from another site.
    CrossSite,
    /// Too often from one address; seconds until the next try.
    TooMany(u64),
    /// The body is longer than anything we take.
    TooLarge,
    /// The body did not come in time.
    TooSlow,
    /// The body has a type that this address does not take.
    UnsupportedType,
    /// This address exists, but not with this method.
    MethodNotAllowed,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Store(error)
    }
}

impl From<FieldErrors> for Failure {
    fn from(errors: FieldErrors) -> Failure {
        Failure::Store(Error::Invalid(errors))
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Failure {
        Failure::Store(Error::Internal(format!("a template failed: {error}")))
    }
}

impl Failure {
    /// Nothing here, or nothing that is yours.
    pub const NOT_FOUND: Failure = Failure::Store(Error::NotFound);

    /// Whoever meets it may have waited for the database already.
    pub fn has_waited(&self) -> bool {
        matches!(self, Failure::Store(error) if error.is_trouble() || matches!(error, Error::Busy))
    }

    fn code(&self) -> &'static str {
        match self {
            Failure::Store(error) => match error {
                Error::NotFound => "not-found",
                Error::Invalid(_) => "invalid",
                Error::Conflict { .. } => "conflict",
                Error::Stale => "stale",
                Error::KeyReused => "key-reused",
                Error::KeyRunning => "key-running",
                Error::Busy | Error::Locked => "busy",
                Error::Full(_) => "full",
                Error::Unavailable(_) | Error::Refused(_) => "unavailable",
                Error::Unknown(_) | Error::Internal(_) => "internal",
            },
            Failure::Unauthenticated => "unauthenticated",
            Failure::Forbidden => "forbidden",
            Failure::SecondFactorNeeded => "second-factor-needed",
            Failure::CrossSite => "cross-site",
            Failure::TooMany(_) => "too-many",
            Failure::TooLarge => "too-large",
            Failure::TooSlow => "too-slow",
            Failure::UnsupportedType => "unsupported-type",
            Failure::MethodNotAllowed => "method-not-allowed",
        }
    }

    fn title(&self, words: Words, call: bool) -> String {
        words.t(&self.message("title", call))
    }

    /// The key of a message about it; some are other ones for a `call` of the programming interface, which
    /// knows no pages.
    fn message(&self, part: &str, call: bool) -> String {
        let of_calls = match part {
            "title" => matches!(self.code(), "not-found" | "unauthenticated"),
            _ => matches!(self.code(), "not-found" | "unauthenticated" | "stale" | "key-reused"),
        };
        let call = if call && of_calls { "-call" } else { "" };
        format!("failure-{}-{part}{call}", self.code())
    }

    fn detail(&self, words: Words, call: bool) -> String {
        match self {
            Failure::Store(Error::Conflict { code, params }) => {
                words.said(&format!("conflict-{code}"), params.iter().map(|(k, v)| (*k, v.as_str())))
            }
            Failure::TooMany(seconds) => words.n("failure-too-many-detail", *seconds),
            other => words.t(&other.message("detail", call)),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Failure::Store(Error::Busy | Error::Locked | Error::KeyRunning) => Some(1),
            Failure::Store(Error::Unavailable(_) | Error::Refused(_)) => Some(5),
            Failure::Store(Error::Full(_)) => Some(30),
            Failure::TooMany(seconds) => Some(*seconds),
            _ => None,
        }
    }

    fn log(&self) {
        if self.status_code().is_server_error() {
            metrics::counter!("interlude_failures_total", "code" => self.code()).increment(1);
        }
        match self {
            Failure::Store(Error::Unknown(why) | Error::Internal(why)) => {
                tracing::error!(%why, "a request failed by a mistake of ours")
            }
            Failure::Store(Error::Full(why) | Error::Unavailable(why) | Error::Refused(why)) => {
                tracing::warn!(%why, "the database cannot be used")
            }
            Failure::Store(error @ Error::Locked) => {
                tracing::warn!(why = %error, "the database cannot be used")
            }
            _ => {}
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Failure::Store(error) => match error {
                Error::NotFound => StatusCode::NOT_FOUND,
                Error::Invalid(_) | Error::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
                Error::Conflict { .. } | Error::KeyRunning => StatusCode::CONFLICT,
                Error::Stale => StatusCode::PRECONDITION_FAILED,
                Error::Busy | Error::Locked | Error::Unavailable(_) | Error::Refused(_) => {
                    StatusCode::SERVICE_UNAVAILABLE
                }
                Error::Full(_) => StatusCode::INSUFFICIENT_STORAGE,
                Error::Unknown(_) | Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Failure::Unauthenticated => StatusCode::UNAUTHORIZED,
            Failure::Forbidden | Failure::CrossSite | Failure::SecondFactorNeeded => StatusCode::FORBIDDEN,
            Failure::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Failure::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Failure::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Failure::UnsupportedType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Failure::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    /// A bare answer; [`present`] gives it its face, which depends on the request.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// One wrong field, in a problem document.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemField {
    /// The field.
    pub field: String,
    /// What is wrong, for programs.
    pub code: String,
    /// What is wrong and how to mend it, for people.
    pub message: String,
}

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the code says more than an address would.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The kind of problem, for people.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do, for people.
    pub detail: String,
    /// The kind of problem, for programs.
    pub code: String,
    /// Each wrong field.
    pub errors: Vec<ProblemField>,
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    page: Page,
    status: u16,
    title: String,
    detail: String,
    /// By which the log knows it, if it is ours to look there.
    named: String,
    /// Files came with it, which must be chosen again.
    lost: bool,
    errors: &'a [ProblemField],
}

/// Whether it is a call of the programming interface.
fn is_call(request: &HttpRequest) -> bool {
    request.path().starts_with("/api/")
}

/// Whether a program asks rather than a person: below `/api/`, or a script of a page that says so.
pub fn asks_json(request: &HttpRequest) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok());
    is_call(request) || accepts.is_some_and(|a| a.starts_with("application/json"))
}

/// Says under which id the log speaks of a request that failed by us or our database; nothing if it did
/// not.
pub(super) fn named(request: &HttpRequest, words: Words, failure: &Failure) -> String {
    if !failure.status_code().is_server_error() {
        return String::new();
    }
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
    id.map(|id| words.with("failure-request", [("id", &id)])).unwrap_or_default()
}

/// The face of a failure for this request: a problem document for programs, else a page; with what was
/// sent, if it came with a form that can be sent again.
pub fn present(request: &HttpRequest, failure: &Failure) -> HttpResponse {
    failure.log();
    let visitor = Visitor::of(request);
    let words = Words(visitor.language);
    let status = failure.status_code();
    let call = is_call(request);
    let (title, detail) = (failure.title(words, call), failure.detail(words, call));
    let errors: Vec<ProblemField> = match failure {
        Failure::Store(Error::Invalid(errors)) => problem_fields(words, errors),
        _ => Vec::new(),
    };
    let mut response = if asks_json(request) {
        let problem = Problem {
            kind: "about:blank",
            title,
            status: status.as_u16(),
            detail,
            code: failure.code().replace('-', "_"),
            errors,
        };
        HttpResponse::build(status).content_type("application/problem+json").json(problem)
    } else {
        let rendered = match UnsentPage::of(request, &visitor, failure) {
            Some(unsent) => unsent.render(),
            None => {
                let page = Page::bare(request, &visitor);
                let lost = has_lost_files(request, failure);
                let named = named(request, words, failure);
                FailurePage { page, status: status.as_u16(), title, detail, named, lost, errors: &errors }
                    .render()
            }
        };
        match rendered {
            Ok(html) => HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html),
            Err(_) => HttpResponse::build(status).body(failure.code()),
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = failure.retry_after() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if matches!(failure, Failure::Unauthenticated) {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response.extensions_mut().insert(Presented);
    response
}

/// How long what a form is shown around is looked for once the database has let somebody wait.
const AGAIN: Duration = Duration::from_millis(200);

/// Looks for what a form is shown around after a failure. Whoever has `waited` for the database once gets
/// back what they typed within a second in all: [`Error::Busy`] if it does not answer soon.
pub async fn shown_around<T, E: From<Error>>(
    waited: bool,
    look: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    if !waited {
        return look.await;
    }
    tokio::time::timeout(AGAIN, look).await.unwrap_or_else(|_| Err(Error::Busy.into()))
}

/// Marks an answer that already has its face.
pub struct Presented;

/// What is wrong with each field, as a problem document says it.
pub fn problem_fields(words: Words, errors: &FieldErrors) -> Vec<ProblemField> {
    errors
        .0
        .iter()
        .map(|e| ProblemField {
            field: e.field.clone(),
            code: e.code.replace('-', "_"),
            message: words.error(e),
        })
        .collect()
}
