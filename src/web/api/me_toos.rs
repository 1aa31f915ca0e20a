//! "Me too" by program: one more person with a known issue. Anyone may say it.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::known_issues::number;
use super::not_kept;
use super::reports_submit::{ContactBody, ReportReceipt, code};
use crate::domain::fields::FieldErrors;
use crate::domain::language::Language;
use crate::domain::report::{Contact, Source, Status};
use crate::store::me_toos::{self, NewMeToo, Person};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::{Idempotency, Json};
use crate::web::limits::Limited;
use crate::web::me_too::cookie_of;
use crate::web::visitor::Visitor;

/// What may be said together with "me too".
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeTooBody {
    /// How the person can be reached.
    contact: Option<ContactBody>,
    /// The language that they read; that of the request if left out.
    #[schema(value_type = Option<Language>)]
    language: Option<String>,
}

/// `POST /api/v1/known-issues/{id}/me-too`
#[utoipa::path(post, path = "/api/v1/known-issues/{id}/me-too", operation_id = "meToo", tag = "known issues",
    description = "Counts one more person with a known issue that is public and open. Anyone may. The same key \
        is the same person, and so is the same cookie of a browser; whoever was counted before is not counted \
        again and gets the same receipt, with 200.",
    params(
        ("id" = i64, Path, description = "Its number"),
        ("Idempotency-Key" = String, Header, description = "22 to 128 letters, digits or - _ . ~"),
    ),
    request_body = MeTooBody,
    responses((status = 201, body = ReportReceipt), (status = 200, body = ReportReceipt, description = "Counted before")))]
pub async fn say(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    id: web::Path<String>,
    key: Idempotency,
    body: Json<MeTooBody>,
) -> Result<HttpResponse, Failure> {
    app.limits.check(Limited::Submission, visitor.address).map_err(Failure::TooMany)?;
    let issue = number(&id)?;
    let mut errors = FieldErrors::new();
    let contact = body.0.contact.unwrap_or_default();
    let contact =
        errors.keep(Contact::parse(&contact.phone.unwrap_or_default(), &contact.email.unwrap_or_default()));
    let language = errors.keep(code("language", body.0.language.as_deref(), Language::from_code));
    let (Some(contact), Some(language)) = (contact, language) else { return Err(errors.into()) };
    let new =
        NewMeToo { issue, contact, language: language.unwrap_or(visitor.language), source: Source::Api };
    let person = cookie_of(&request, &app).unwrap_or_else(|| Person::new(&app.key, &key.0));
    let (instance, who) = (app.key.clone(), person.clone());
    let done = app.store.write(move |w| me_toos::say(w, &instance, &key.0, &who, &new)).await?;
    let receipt = person.receipt(&app.key, done.reference());
    let out = MeTooReceipt {
        reference: done.reference().to_string(),
        receipt_code: receipt.code,
        receipt_url: format!("{}/receipts/{}", app.public_url(), receipt.link),
        window: done.window,
        stage: None,
        status: done.status,
    };
    let response = if done.first { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(not_kept(response).json(out))
}

/// A receipt, field for field as a report's.
#[derive(Serialize)]
struct MeTooReceipt {
    reference: String,
    receipt_code: String,
    receipt_url: String,
    window: Option<String>,
    /// A me-too belongs to no stage.
    stage: Option<()>,
    status: Status,
}
