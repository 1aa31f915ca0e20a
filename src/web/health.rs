//! Whether the process lives and whether it can do its work.

use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::store::changes;
use crate::web::app::App;

/// `GET /healthz`: the process lives.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(json!({"status": "ok"}))
}

/// `GET /readyz`: the database answers; if not, why.
pub async fn readyz(app: web::Data<App>) -> HttpResponse {
    let answer = app.store.read(changes::latest).await;
    let mut response = if answer.is_ok() { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.insert_header(("Cache-Control", "no-store"));
    match answer {
        Ok(_) => response.json(json!({"status": "ready"})),
        Err(error) => response.json(json!({"status": "not ready", "reason": error.to_string()})),
    }
}
