//! Whether the process lives and whether it can do its work.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use crate::store::Trouble;
use crate::web::app::App;
use crate::web::metrics::is_local;

/// `GET /healthz`: the process lives.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(json!({"status": "ok"}))
}

/// `GET /readyz`: the database answers and takes what is written; if not, the kind of trouble. Its
/// own words, which may name hosts and folders, are for those on this machine.
pub async fn readyz(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let trouble = app.store.probe().await;
    let mut response =
        if trouble.is_none() { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.insert_header(("Cache-Control", "no-store"));
    match trouble {
        None => response.json(json!({"status": "ready"})),
        Some(trouble) => response.json(unready(&trouble, is_local(&request))),
    }
}

/// What is said about a server that cannot do its work.
pub(super) fn unready(trouble: &Trouble, in_full: bool) -> serde_json::Value {
    let mut said = json!({"status": "not ready", "reason": trouble.kind.code()});
    if in_full {
        said["detail"] = trouble.why.clone().into();
    }
    said
}
