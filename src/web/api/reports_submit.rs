//! Sending a problem report by program.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::not_kept;
use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::person::Role;
use crate::domain::reference::ReportReference;
use crate::domain::report::{Occurrence, Precision, ReportInput, Sender, Source, Status, When};
use crate::domain::window::ReportStage;
use crate::store::people::Actor;
use crate::store::reports::{self, NewReport};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Idempotency, Json};
use crate::web::limits::Limited;
use crate::web::visitor::{MaybeStaff, Visitor};

/// A problem report as it is sent.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportBody {
    /// When it happened, RFC 3339 with an offset; just now if left out.
    #[schema(example = "2026-11-22T02:31:00+08:00")]
    pub occurred_at: Option<String>,
    /// How exactly that is known; `exact` if a time is given, else `about`. `unknown` goes with no time.
    #[schema(value_type = Option<Precision>)]
    pub precision: Option<String>,
    /// The slug of the window that it is filed under; found by the time if left out.
    pub window: Option<String>,
    /// The key of the component that it is about.
    pub component: Option<String>,
    /// What kind of problem it is; `other` if left out.
    #[schema(value_type = Option<crate::domain::report::Category>)]
    pub category: Option<String>,
    /// What it stops the reporter from doing.
    #[schema(value_type = crate::domain::report::Impact, required = true)]
    pub impact: Option<String>,
    /// What happened, at most 4,000 characters.
    #[schema(value_type = String, required = true)]
    pub description: Option<String>,
    /// The message that the service showed, at most 1,000 characters.
    pub error_message: Option<String>,
    /// Account or order number, at most 100 characters.
    pub account: Option<String>,
    /// How the reporter can be reached.
    pub contact: Option<ContactBody>,
    /// The language that the reporter reads; that of the request if left out.
    #[schema(value_type = Option<Language>)]
    pub language: Option<String>,
    /// `api`; `offline` for one that was kept on a device until it could be sent; or `phone` for one
    /// entered on behalf of a caller with a token of role support.
    #[schema(example = "api")]
    pub source: Option<String>,
    /// When it was written, RFC 3339 with an offset, if that was before it could be sent. Without
    /// `occurred_at` it happened about then.
    #[schema(example = "2026-11-22T02:33:00+08:00")]
    pub written_at: Option<String>,
}

/// How a reporter can be reached; what is left out is none.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactBody {
    /// A telephone number.
    pub phone: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
}

/// What a reporter gets. The receipt is told to nobody else, and opens the report.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReportReceipt {
    /// The report's name; it opens nothing.
    #[schema(value_type = String, example = "R-7KQ4M2")]
    pub reference: ReportReference,
    /// The code to write down.
    #[schema(example = "R-7KQ4M2-9TXE-4WZB-HN3P-6C2D")]
    pub receipt_code: String,
    /// The private link.
    pub receipt_url: String,
    /// The window that it belongs to; null outside of all.
    pub window: Option<String>,
    /// The stage in which it occurred; null outside, and where the time is not known.
    pub stage: Option<ReportStage>,
    /// Where it stands.
    pub status: Status,
}

/// Reads a code that may be left out.
pub fn code<T>(
    field: &str,
    given: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, FieldErrors> {
    given.map(|code| read(code).ok_or_else(|| FieldErrors::one(field, "unknown-code"))).transpose()
}

impl ReportBody {
    fn parse(self, language: Language, now: Instant) -> Result<(NewReport, Source), FieldErrors> {
        let mut errors = FieldErrors::new();
        let contact = self.contact.unwrap_or_default();
        let input = ReportInput {
            description: self.description.unwrap_or_default(),
            impact: self.impact.unwrap_or_default(),
            category: self.category.unwrap_or_default(),
            error_message: self.error_message.unwrap_or_default(),
            account: self.account.unwrap_or_default(),
            phone: contact.phone.unwrap_or_default(),
            email: contact.email.unwrap_or_default(),
            device: String::new(),
        };
        let text = errors.keep(input.parse(false));
        let language = errors
            .keep(code("language", self.language.as_deref(), Language::from_code))
            .map(|l| l.unwrap_or(language));
        let source = errors.keep(code("source", self.source.as_deref(), |s| {
            Source::from_code(s).filter(|s| matches!(s, Source::Api | Source::Offline | Source::Phone))
        }));
        let precision = errors.keep(code("precision", self.precision.as_deref(), Precision::from_code));
        let at = errors.keep(
            self.occurred_at
                .as_deref()
                .map(|text| {
                    Instant::parse_rfc3339(text).ok_or_else(|| FieldErrors::one("occurred_at", "bad-moment"))
                })
                .transpose(),
        );
        let written = errors.keep(written(self.written_at.as_deref(), now)).flatten();
        let when = match (at, precision) {
            (Some(at), Some(precision)) => {
                let when = match (at, precision) {
                    (Some(at), precision) => When::At(at, precision.unwrap_or(Precision::Exact)),
                    (None, Some(Precision::Unknown)) => When::Unknown,
                    (None, None | Some(Precision::About)) if written.is_some() => {
                        When::Written(written.unwrap_or(now), 0)
                    }
                    (None, precision) => When::Now(precision.unwrap_or(Precision::About)),
                };
                errors.keep(when.resolve(now)).map(|_| when)
            }
            _ => None,
        };
        match (text, language, source, when) {
            (Some(text), Some(language), Some(source), Some(when)) => {
                let source = source.unwrap_or(Source::Api);
                let new = NewReport {
                    text,
                    when,
                    window: self.window.filter(|w| !w.is_empty()),
                    component: self.component.filter(|c| !c.is_empty()),
                    sender: Sender { language, source },
                    time_zone: None,
                    written_at: written,
                    kept: false,
                    entered_by: None,
                };
                errors.or((new, source))
            }
            _ => Err(errors),
        }
    }
}

/// Reads when a report was written; a device's clock may be a little fast.
fn written(given: Option<&str>, now: Instant) -> Result<Option<Instant>, FieldErrors> {
    let Some(text) = given else { return Ok(None) };
    let at = Instant::parse_rfc3339(text).ok_or_else(|| FieldErrors::one("written_at", "bad-moment"))?;
    if at > now.plus_seconds(Occurrence::CLOCK_SKEW) {
        return Err(FieldErrors::one("written_at", "in-the-future"));
    }
    Ok(Some(at))
}

/// Whoever may enter what was told by phone.
fn entering(staff: Option<Actor>) -> Result<Actor, Failure> {
    match staff {
        Some(actor) if actor.role().may(Role::Support) => Ok(actor),
        Some(_) => Err(Failure::Forbidden),
        None => Err(Failure::Unauthenticated),
    }
}

/// `POST /api/v1/reports`
#[utoipa::path(post, path = "/api/v1/reports", tag = "reports",
    description = "Reports a problem. Anyone may; `source: \"phone\"` needs a token of role support. Sent \
        again with the same `Idempotency-Key` and the same content it gives the first answer again, \
        byte for byte; with other content it is refused with 422. Keys are remembered for 30 days.",
    params(("Idempotency-Key" = String, Header, description = "22 to 128 letters, digits or - _ . ~")),
    request_body = ReportBody,
    responses((status = 201, body = ReportReceipt)))]
pub async fn submit(
    app: web::Data<App>,
    visitor: Visitor,
    staff: MaybeStaff,
    key: Idempotency,
    body: Json<ReportBody>,
) -> Result<HttpResponse, Failure> {
    if staff.0.is_none() {
        app.limits.check(Limited::Submission, visitor.address).map_err(Failure::TooMany)?;
    }
    let (mut new, source) = body.0.parse(visitor.language, app.now())?;
    if source == Source::Phone {
        new.entered_by = Some(entering(staff.0)?);
    }
    let (instance, key) = (app.key.clone(), key.0);
    let (again, by) = (key.clone(), instance.clone());
    let done = app.store.write(move |w| reports::submit(w, &instance, &key, &new)).await?;
    let receipt = done.receipt(&by, &again);
    let answer = ReportReceipt {
        reference: done.reference(),
        receipt_code: receipt.code,
        receipt_url: format!("{}/receipts/{}", app.public_url(), receipt.link),
        window: done.window,
        stage: done.stage,
        status: done.status,
    };
    Ok(not_kept(HttpResponse::Created()).json(answer))
}
