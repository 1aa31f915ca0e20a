//! Figures through the programming interface: the numbers of the page, unrounded.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::domain::fields::FieldErrors;
use crate::store::insights::{self, Insights, Reader, Totals};
use crate::store::{Error, windows};
use crate::web::app::App;
use crate::web::failure::Failure;
use crate::web::form::Query;
use crate::web::listing::{self, Cursor};
use crate::web::visitor::{Viewer, Visitor};

/// Most windows that may be named in one call.
pub const NAMED_MAX: usize = 200;

/// A piece of the list of figures, and all of them taken together.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InsightsList {
    /// Of each window; the named ones in the order in which they were named, else the latest start
    /// first.
    pub items: Vec<Insights>,
    /// What `cursor` must be to go on; null at the end.
    pub next_cursor: Option<String>,
    /// All windows that were named taken together, or all published ones, whatever the piece.
    pub totals: Totals,
}

fn reader(app: &App, visitor: &Visitor) -> Reader {
    Reader { language: visitor.language, default: app.settings().default_language, now: app.now() }
}

/// The figures of a window.
///
/// Every figure comes with its n and, where there is one, its 95 % interval.
#[utoipa::path(
    get, path = "/api/v1/windows/{slug}/insights",
    params(
        ("slug" = String, Path, description = "The window"),
        ("lang" = Option<String>, Query, description = "The language of the names"),
    ),
    responses((status = 200, body = Insights)),
)]
pub async fn show(
    app: web::Data<App>,
    _staff: Viewer,
    visitor: Visitor,
    slug: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, Failure> {
    query.only(&[])?;
    let reader = reader(&app, &visitor);
    let found = app
        .store
        .read(move |c| {
            let window = windows::by_slug(c, &slug)?;
            insights::one(c, &window, reader)
        })
        .await?;
    Ok(HttpResponse::Ok().json(found))
}

/// The figures of several windows, and of all of them taken together.
#[utoipa::path(
    get, path = "/api/v1/insights",
    params(
        ("windows" = Option<String>, Query, description = "Slugs with commas between them, at most 200; all published windows if left out"),
        ("limit" = Option<i64>, Query, description = "1–200, 50 if left out; not together with `windows`"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the piece before; not together with `windows`"),
        ("lang" = Option<String>, Query, description = "The language of the names"),
    ),
    responses((status = 200, body = InsightsList)),
)]
pub async fn list(
    app: web::Data<App>,
    _staff: Viewer,
    visitor: Visitor,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let reader = reader(&app, &visitor);
    if query.has("windows") {
        let query = query.only(&["windows"])?;
        let mut slugs: Vec<String> = Vec::new();
        for slug in query.get("windows").split(',').map(str::trim).filter(|s| !s.is_empty()) {
            if !slugs.iter().any(|known| known == slug) {
                slugs.push(slug.to_owned());
            }
        }
        if slugs.len() > NAMED_MAX {
            let mut errors = FieldErrors::new();
            let count = slugs.len().to_string();
            errors.add_with("windows", "too-many", [("max", NAMED_MAX.to_string()), ("count", count)]);
            return Err(errors.into());
        }
        let found = app
            .store
            .read(move |c| {
                let mut named = Vec::new();
                for slug in &slugs {
                    let window = windows::by_slug(c, slug).map_err(|e| match e {
                        Error::NotFound => Error::field("windows", "no-such-window"),
                        other => other,
                    })?;
                    named.push(window);
                }
                let items = insights::of(c, &named, reader)?;
                Ok(InsightsList {
                    items,
                    next_cursor: None,
                    totals: insights::totals(c, Some(&named), reader)?,
                })
            })
            .await?;
        return Ok(HttpResponse::Ok().json(found));
    }
    let query = query.only(&["limit", "cursor"])?;
    let mut errors = FieldErrors::new();
    let limit = errors.keep(listing::limit(query.get("limit")));
    let after = errors.keep(Cursor::parse(query.get("cursor")));
    let (Some(limit), Some(after)) = (limit, after) else { return Err(errors.into()) };
    let found = app
        .store
        .read(move |c| {
            let (items, next) = insights::page(c, after.map(Cursor::pair), limit, reader)?;
            let next_cursor = next.map(|(at, id)| Cursor { at, id }.to_string());
            Ok(InsightsList { items, next_cursor, totals: insights::totals(c, None, reader)? })
        })
        .await?;
    Ok(HttpResponse::Ok().json(found))
}
