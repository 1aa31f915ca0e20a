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
use crate::web::page::{self, Page, html, private_page};
use crate::web::visitor::Visitor;
use crate::web::{me_too, survey};

/// What pages need to look and work as they do.
const FILES: &[&str] = &[
    "interlude.css",
    "interlude.js",
    "live.js",
    "outbox.js",
    "offline.js",
    "report.js",
    "drafts.js",
    "kept.js",
    "favicon.svg",
    "icon-192.png",
];

/// The media type of the service worker.
pub const SCRIPT: &str = "text/javascript; charset=utf-8";

/// `GET /sw.js`
pub async fn service_worker(app: web::Data<App>) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok()
        .content_type(SCRIPT)
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(worker(&app)?))
}

/// The service worker: another one whenever one of our files or the operator's look is another, so that
/// browsers take all of them anew.
pub fn worker(app: &App) -> Result<String, Failure> {
    let missing = || Failure::from(Error::Internal("the service worker is not in the program".into()));
    let script = assets::text("sw.js").ok_or_else(missing)?;
    let mut files: Vec<String> = FILES.iter().map(|name| format!("/assets/{name}")).collect();
    let mut version = assets::version();
    let look = &app.settings().appearance;
    let accent = look.accent.map(|accent| accent.colour().to_string());
    for (path, set) in [("/brand.css", &accent), ("/logo", &look.logo)] {
        if let Some(set) = set {
            files.push(path.to_owned());
            version.push('-');
            version.push_str(set.trim_start_matches('#'));
        }
    }
    Ok(script.replacen("__VERSION__", &version, 1).replacen("[\"__FILES__\"]", &json!(files).to_string(), 1))
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
            let icon = |name: &str, size: &str, purpose: &str| {
                let src = match &settings.appearance.logo {
                    Some(logo) => format!("/icons/{name}?v={logo}"),
                    None => format!("/assets/icon-{name}"),
                };
                json!({"src": src, "sizes": size, "type": "image/png", "purpose": purpose})
            };
            let manifest = json!({
                "id": "/", "start_url": "/", "scope": "/", "display": "standalone", "dir": words.t("language-direction"),
                "lang": language.code(),
                "name": name,
                "short_name": if settings.service_name.is_empty() { name.clone() } else { settings.service_name.clone() },
                "description": words.t("offline-app-about"),
                "theme_color": page::frame(&settings), "background_color": "#fbfafc",
                "icons": [
                    icon("192.png", "192x192", "any"),
                    icon("512.png", "512x512", "any"),
                    icon("maskable-512.png", "512x512", "maskable"),
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
    /// What the browser was asked to forget is forgotten.
    forgotten: bool,
}

/// `GET /offline`: what works without a network, what waits and what is kept on this device.
pub async fn show(request: HttpRequest, visitor: Visitor) -> Result<HttpResponse, Failure> {
    html(&OfflinePage { page: Page::bare(&request, &visitor), forgotten: false })
}

/// `POST /offline`: takes back the cookies by which this browser is known as one that answered a
/// survey or said "me too", for scripts cannot. The answer is the page itself and not the way to it,
/// so that no browser keeps it in place of the page.
pub async fn forget(
    app: web::Data<App>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse, Failure> {
    let mut response = private_page(&OfflinePage { page: Page::bare(&request, &visitor), forgotten: true })?;
    survey::browser::forget(&app, &mut response)?;
    me_too::forget(&app, &mut response)?;
    Ok(response)
}
