//! Pictures to take away: `GET /admin/insights/{slug}/plots/{file}`, `GET /admin/plots/{file}`.

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use super::between::{self, Between};
use crate::export::content_disposition;
use crate::store::{insights, windows};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::plots::{self, Picture};
use crate::web::times::Times;
use crate::web::visitor::{Viewer, Visitor};

/// A picture as a file; its ending says which.
fn file(pictures: Vec<Picture>, name: &str, prefix: &str, times: Times) -> Result<HttpResponse, Failure> {
    let (stem, ending) = name.rsplit_once('.').ok_or(Failure::NOT_FOUND)?;
    let picture = pictures.into_iter().find(|p| p.name == stem).ok_or(Failure::NOT_FOUND)?;
    let (kind, body) = match ending {
        "svg" => ("image/svg+xml", picture.svg(times)?),
        "csv" => ("text/csv; charset=utf-8", picture.csv()?),
        _ => return Err(Failure::NOT_FOUND),
    };
    let name = format!("{prefix}{stem}.{ending}");
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CONTENT_DISPOSITION, content_disposition(&name, &name)))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body))
}

/// `GET /admin/insights/{slug}/plots/{file}`
pub async fn of_window(
    app: web::Data<App>,
    _staff: Viewer,
    visitor: Visitor,
    path: web::Path<(String, String)>,
    query: Query,
) -> Result<HttpResponse, Failure> {
    query.only(&[])?;
    let (slug, name) = path.into_inner();
    let reader = app.reader(visitor.language);
    let insights = app
        .store
        .read(move |c| {
            let window = windows::by_slug(c, &slug)?;
            insights::one(c, &window, reader)
        })
        .await?;
    let times = Times::new(crate::i18n::Words(visitor.language), insights.window.time_zone);
    file(plots::of_window(&insights, times), &name, &format!("{}-", insights.window.slug), times)
}

/// `GET /admin/plots/{file}`: those over several windows.
pub async fn between_windows(
    app: web::Data<App>,
    _staff: Viewer,
    visitor: Visitor,
    path: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let query = query.only(&["windows"])?;
    let words = crate::i18n::Words(visitor.language);
    let reader = app.reader(visitor.language);
    let slugs = between::slugs(&query)?;
    let found = app.store.read(move |c| Between::load(c, slugs.as_deref(), reader)).await?;
    let times = Times::new(words, app.settings().time_zone);
    file(found.pictures(words), &path, "", times)
}
