//! Style sheet, script and pictures, inside the program; read from the disk while developing.

use std::borrow::Cow;

use actix_web::http::header::{self, ETag, EntityTag, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, http::header::Header, web};
use rust_embed::RustEmbed;

use crate::web::failure::Failure;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Assets;

/// `GET /assets/{name}`
pub async fn show(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Failure> {
    let file = Assets::get(&name).ok_or(Failure::NOT_FOUND)?;
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        _ => return Err(Failure::NOT_FOUND),
    };
    let tag =
        EntityTag::new_strong(file.metadata.sha256_hash()[..8].iter().map(|b| format!("{b:02x}")).collect());
    let fresh = matches!(IfNoneMatch::parse(&request), Ok(IfNoneMatch::Items(tags)) if tags.iter().any(|t| t.weak_eq(&tag)));
    let mut response = if fresh { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(ETag(tag)).insert_header((header::CACHE_CONTROL, "public, max-age=300"));
    if fresh {
        return Ok(response.finish());
    }
    response.content_type(kind);
    Ok(match file.data {
        Cow::Borrowed(bytes) => response.body(bytes),
        Cow::Owned(bytes) => response.body(bytes),
    })
}

/// `GET /favicon.ico`: browsers ask for it whatever the page says.
pub async fn favicon(request: HttpRequest) -> Result<HttpResponse, Failure> {
    show(request, web::Path::from("favicon.svg".to_owned())).await
}
