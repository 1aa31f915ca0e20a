//! What makes the site work without a network: the service worker, what an installed page is
//! called, and the page that stands in for those that were never seen.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::json;

use crate::i18n::Words;
use crate::store::Error;
use crate::store::instance;
use crate::web::app::App;
use crate::web::assets;
use crate::web::failure::Failure;
use crate::web::page::{Page, html};
use crate::web::visitor::Visitor;

/// What pages need to look and work as they do.
const FILES: &[&str] = &[
    "interlude.css",
    "interlude.js",
    "live.js",
    "outbox.js",
    "offline.js",
    "drafts.js",
    "favicon.svg",
    "icon-192.png",
];

/// `GET /sw.js`: another one whenever one of our files is another, so that browsers take all of
/// them anew.
pub async fn service_worker() -> Result<HttpResponse, Failure> {
    let missing = || Failure::from(Error::Internal("the service worker is not in the program".into()));
    let script = assets::text("sw.js").ok_or_else(missing)?;
    let files: Vec<String> = FILES.iter().map(|name| format!("/assets/{name}")).collect();
    let script = script.replacen("__VERSION__", &assets::version(), 1).replacen(
        "[\"__FILES__\"]",
        &json!(files).to_string(),
        1,
    );
    Ok(HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(script))
}

/// `GET /manifest.webmanifest`
pub async fn manifest(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse, Failure> {
    let language = visitor.language;
    let render = || {
        let app = app.clone();
        async move {
            let settings = app.store.read(instance::settings).await?;
            let words = Words(language);
            let name = match settings.service_name.as_str() {
                "" => words.t("product-name"),
                service => words.with("offline-app-name", [("service", service)]),
            };
            let icon = |name: &str, size: &str, purpose: &str| json!({"src": format!("/assets/{name}"), "sizes": size, "type": "image/png", "purpose": purpose});
            let manifest = json!({
                "id": "/", "start_url": "/", "scope": "/", "display": "standalone", "dir": "ltr",
                "lang": language.code(),
                "name": name,
                "short_name": if settings.service_name.is_empty() { name.clone() } else { settings.service_name },
                "description": words.t("offline-app-about"),
                "theme_color": "#5c214a", "background_color": "#fbfafc",
                "icons": [
                    icon("icon-192.png", "192x192", "any"),
                    icon("icon-512.png", "512x512", "any"),
                    icon("icon-maskable-512.png", "512x512", "maskable"),
                ],
                "shortcuts": [{"name": words.t("reporting-title"), "url": "/report"}],
            });
            Ok(manifest.to_string())
        }
    };
    let kind = "application/manifest+json";
    app.pages.file(&request, "/manifest.webmanifest", language, kind, render).await
}

#[derive(Template)]
#[template(path = "offline/page.html")]
struct OfflinePage {
    page: Page,
}

/// `GET /offline`: what works without a network, what waits and what is kept on this device.
pub async fn page(request: HttpRequest, visitor: Visitor) -> Result<HttpResponse, Failure> {
    html(&OfflinePage { page: Page::bare(&request, &visitor) })
}
