//! Pictures of a report by program: for the holder of its receipt, and for support.

use actix_web::{HttpResponse, web};

use super::not_kept;
use crate::domain::reference::ReportReference;
use crate::store::reports::{by_reference, images};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::limits::Limited;
use crate::web::pictures;
use crate::web::receipt_view::{HeldImage, link_behind};
use crate::web::visitor::{Support, Visitor};

/// `POST /api/v1/receipts/{secret}/images`
#[utoipa::path(post, path = "/api/v1/receipts/{secret}/images", operation_id = "addImage", tag = "reports",
    description = "Adds a picture: PNG, JPEG or WebP of at most 12 MiB, the whole body of the request. It is \
                   encoded afresh, so that nothing but its pixels is kept, and made smaller if it is larger than \
                   1 MiB. A report has at most three. The same picture again is answered as the first time.",
    params(("secret" = String, Path, description = "The last part of `receipt_url`, or the code")),
    request_body(content = String, content_type = "application/octet-stream", description = "The file"),
    responses((status = 201, body = HeldImage)))]
pub async fn add(
    app: web::Data<App>,
    visitor: Visitor,
    secret: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    app.limits.check(Limited::Submission, visitor.address).map_err(Failure::TooMany)?;
    let link = link_behind(&app, &visitor, secret.into_inner()).await?;
    let open = link.clone();
    app.store.read(move |c| images::room(c, &open)).await?;
    let shot = pictures::tidied(pictures::body(payload.into_inner()).await?).await?;
    let image = app.store.write(move |w| images::add(w, &link, &shot)).await?;
    Ok(not_kept(HttpResponse::Created()).json(HeldImage::of(&image)))
}

/// `GET /api/v1/receipts/{secret}/images/{id}`
#[utoipa::path(get, path = "/api/v1/receipts/{secret}/images/{id}", operation_id = "showImage", tag = "reports",
    description = "A picture of the report.",
    params(("secret" = String, Path, description = "The last part of `receipt_url`, or the code"),
        ("id" = i64, Path, description = "The picture's number")),
    responses((status = 200, description = "The picture", content_type = "image/png")))]
pub async fn show(
    app: web::Data<App>,
    visitor: Visitor,
    path: web::Path<(String, i64)>,
) -> Result<HttpResponse, Failure> {
    let (secret, id) = path.into_inner();
    let link = link_behind(&app, &visitor, secret).await?;
    let (kind, content) = app.store.read(move |c| images::of_link(c, &link, id)).await?;
    Ok(pictures::answer(id, kind, content))
}

/// `DELETE /api/v1/receipts/{secret}/images/{id}`
#[utoipa::path(delete, path = "/api/v1/receipts/{secret}/images/{id}", operation_id = "removeImage", tag = "reports",
    description = "Removes a picture for good. One that is gone already is no error.",
    params(("secret" = String, Path, description = "The last part of `receipt_url`, or the code"),
        ("id" = i64, Path, description = "The picture's number")),
    responses((status = 204, description = "Removed")))]
pub async fn remove(
    app: web::Data<App>,
    visitor: Visitor,
    path: web::Path<(String, i64)>,
) -> Result<HttpResponse, Failure> {
    app.limits.check(Limited::Submission, visitor.address).map_err(Failure::TooMany)?;
    let (secret, id) = path.into_inner();
    let link = link_behind(&app, &visitor, secret).await?;
    app.store.write(move |w| images::remove(w, &link, id)).await?;
    Ok(not_kept(HttpResponse::NoContent()).finish())
}

/// `GET /api/v1/reports/{reference}/images/{id}`
#[utoipa::path(get, path = "/api/v1/reports/{reference}/images/{id}", operation_id = "showReportImage", tag = "reports",
    description = "A picture of a report, for support.",
    params(("reference" = String, Path, description = "The report's name"),
        ("id" = i64, Path, description = "The picture's number, as `images` of the report gives it")),
    responses((status = 200, description = "The picture", content_type = "image/png")))]
pub async fn of_report(
    app: web::Data<App>,
    path: web::Path<(String, i64)>,
    _guard: Support,
) -> Result<HttpResponse, Failure> {
    let (reference, id) = path.into_inner();
    let reference = ReportReference::parse(&reference).ok_or(Failure::NOT_FOUND)?;
    let (kind, content) = app
        .store
        .read(move |c| {
            let report = by_reference(c, reference)?;
            images::of_report(c, report.id, id)
        })
        .await?;
    Ok(pictures::answer(id, kind, content))
}
