//! What the holder of a receipt sees and does by program. `{secret}` is the last part of
//! `receipt_url`, or the receipt's code, which is throttled.

use actix_web::http::header::EntityTag;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::not_kept;
use super::reports_submit::ContactBody;
use crate::domain::language::Language;
use crate::domain::line::{Block, COMMENT_MAX};
use crate::domain::report::{Contact, Verdict};
use crate::domain::secret::Receipt;
use crate::store::connection::Db;
use crate::store::reports::{self, events::EventKind};
use crate::store::{Error, Result as StoreResult, me_toos};
use crate::web::app::App;
use crate::web::etag;
use crate::web::failure::Failure;
use crate::web::form::{Idempotency, Json};
use crate::web::limits::Limited;
use crate::web::receipt_view::{HeldEvent, HeldMeToo, HeldReport, link_behind};
use crate::web::visitor::Visitor;

/// What the holder writes.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageBody {
    /// At most 2,000 characters.
    pub message: String,
}

/// What the holder says of the outcome.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerdictBody {
    /// It works again. If not, a resolved report is taken up again.
    pub fixed: bool,
}

/// What a receipt can belong to.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum HeldThing {
    /// A report.
    Report(Box<HeldReport>),
    /// A me-too.
    MeToo(Box<HeldMeToo>),
}

fn held(connection: &mut Db, link: &str, default: Language) -> StoreResult<HeldThing> {
    if Receipt::is_link_to_me_too(link) {
        let held = HeldMeToo::of(&me_toos::held(connection, link)?, default);
        return Ok(HeldThing::MeToo(Box::new(held)));
    }
    let held = HeldReport::of(&reports::held(connection, link)?, default);
    Ok(HeldThing::Report(Box::new(held)))
}

/// Fails if what the holder looked at is not what is there now. Looked at in the transaction that changes it.
fn as_seen(
    connection: &mut Db,
    link: &str,
    default: Language,
    seen: Option<&[EntityTag]>,
) -> StoreResult<()> {
    // Most do not say what they looked at.
    if seen.is_none() || etag::is_stated(seen, 0, &held(connection, link, default)?) {
        return Ok(());
    }
    Err(Error::Stale)
}

async fn answer(app: &App, request: &HttpRequest, link: String) -> Result<HttpResponse, Failure> {
    let default = app.settings().default_language;
    let held = app.store.read(move |c| held(c, &link, default)).await?;
    Ok(etag::json(request, not_kept(HttpResponse::Ok()), 0, &held))
}

async fn submission(app: &App, visitor: &Visitor, secret: web::Path<String>) -> Result<String, Failure> {
    app.limits.check(Limited::Submission, visitor.address).map_err(Failure::TooMany)?;
    link_behind(app, visitor, secret.into_inner()).await
}

/// `GET /api/v1/receipts/{secret}`
#[utoipa::path(get, path = "/api/v1/receipts/{secret}", tag = "reports",
    description = "The report, or the me-too, as its holder may see it. A wrong secret and an unknown one are alike: 404.",
    params(("secret" = String, Path, description = "The last part of `receipt_url`, or the code")),
    responses((status = 200, body = inline(HeldThing)), (status = 304, description = "As `If-None-Match` knows it")))]
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let link = link_behind(&app, &visitor, secret.into_inner()).await?;
    answer(&app, &request, link).await
}

/// `POST /api/v1/receipts/{secret}/messages`
#[utoipa::path(post, path = "/api/v1/receipts/{secret}/messages", tag = "reports",
    description = "Writes to support about the report. One that waited for this is taken up again.",
    params(
        ("secret" = String, Path, description = "The last part of `receipt_url`, or the code"),
        ("Idempotency-Key" = String, Header, description = "22 to 128 letters, digits or - _ . ~"),
    ),
    request_body = MessageBody,
    responses((status = 201, body = HeldEvent)))]
pub async fn message(
    app: web::Data<App>,
    visitor: Visitor,
    secret: web::Path<String>,
    key: Idempotency,
    body: Json<MessageBody>,
) -> Result<HttpResponse, Failure> {
    let link = submission(&app, &visitor, secret).await?;
    let text = Block::required("message", &body.0.message, COMMENT_MAX)?;
    let said = text.as_str().to_owned();
    let at = app
        .store
        .write(move |w| {
            if Receipt::is_link_to_me_too(&link) {
                me_toos::reply(w, &link, &key.0, &text)
            } else {
                reports::reply(w, &link, &key.0, &text)
            }
        })
        .await?;
    let event = HeldEvent { at, kind: EventKind::Message, became: None, text: Some(said) };
    Ok(not_kept(HttpResponse::Created()).json(event))
}

/// `POST /api/v1/receipts/{secret}/verdict`
#[utoipa::path(post, path = "/api/v1/receipts/{secret}/verdict", tag = "reports",
    description = "Says whether it works again. `fixed: false` takes a resolved or closed report up again, and a duplicate \
        whose reporter was told what became of the report that it repeats.",
    params(
        ("secret" = String, Path, description = "The last part of `receipt_url`, or the code"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the receipt as it was looked at; 412 if it is another now"),
    ),
    request_body = VerdictBody,
    responses((status = 200, body = HeldReport)))]
pub async fn verdict(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    body: Json<VerdictBody>,
) -> Result<HttpResponse, Failure> {
    let link = submission(&app, &visitor, secret).await?;
    let (seen, default) = (etag::stated_tags(&request)?, app.settings().default_language);
    let verdict = if body.0.fixed { Verdict::Fixed } else { Verdict::NotFixed };
    let open = link.clone();
    app.store
        .write(move |w| {
            as_seen(w.connection, &open, default, seen.as_deref())?;
            if Receipt::is_link_to_me_too(&open) {
                me_toos::judge(w, &open, verdict)
            } else {
                reports::judge(w, &open, verdict)
            }
        })
        .await?;
    answer(&app, &request, link).await
}

/// `POST /api/v1/receipts/{secret}/contact`
#[utoipa::path(post, path = "/api/v1/receipts/{secret}/contact", tag = "reports",
    description = "Replaces how the reporter can be reached; what is left out is taken away.",
    params(
        ("secret" = String, Path, description = "The last part of `receipt_url`, or the code"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the receipt as it was looked at; 412 if it is another now"),
    ),
    request_body = ContactBody,
    responses((status = 200, body = HeldReport)))]
pub async fn contact(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
    body: Json<ContactBody>,
) -> Result<HttpResponse, Failure> {
    let link = submission(&app, &visitor, secret).await?;
    let (seen, default) = (etag::stated_tags(&request)?, app.settings().default_language);
    let (phone, email) = (body.0.phone.unwrap_or_default(), body.0.email.unwrap_or_default());
    let mut contact = Contact::parse(&phone, &email);
    if let Err(errors) = &mut contact {
        // Here the contact is the whole body.
        for error in &mut errors.0 {
            error.field = error.field.trim_start_matches("contact.").to_owned();
        }
    }
    let (contact, open) = (contact?, link.clone());
    app.store
        .write(move |w| {
            as_seen(w.connection, &open, default, seen.as_deref())?;
            if Receipt::is_link_to_me_too(&open) {
                me_toos::set_contact(w, &open, &contact)
            } else {
                reports::set_contact(w, &open, &contact)
            }
        })
        .await?;
    answer(&app, &request, link).await
}

/// `DELETE /api/v1/receipts/{secret}`
#[utoipa::path(delete, path = "/api/v1/receipts/{secret}", tag = "reports",
    description = "Erases what was said, the contact and the receipt for good. The counted fact stays.",
    params(
        ("secret" = String, Path, description = "The last part of `receipt_url`, or the code"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the receipt as it was looked at; 412 if it is another now"),
    ),
    responses((status = 204, description = "Erased")))]
pub async fn erase(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    secret: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let link = submission(&app, &visitor, secret).await?;
    let (seen, default) = (etag::stated_tags(&request)?, app.settings().default_language);
    app.store
        .write(move |w| {
            as_seen(w.connection, &link, default, seen.as_deref())?;
            if Receipt::is_link_to_me_too(&link) {
                me_toos::erase(w, &link)
            } else {
                reports::erase(w, &link)
            }
        })
        .await?;
    Ok(not_kept(HttpResponse::NoContent()).finish())
}
